"""Correct twin: every event goes through one queue; only the dispatcher touches the room."""
# ruff: noqa: SIM105

import argparse
import os
import queue
import socket
import sys
import threading

events = queue.Queue()
room = {}  # nama -> conn, milik dispatcher


def send(conn, text):
    data = (text + "\n").encode()
    try:
        if conn.send(data, socket.MSG_DONTWAIT) == len(data):
            return
    except OSError:
        pass
    try:
        conn.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


def dispatcher():
    while True:
        handle_event(events.get())


def handle_event(event):
    kind, name, conn, extra = event
    if kind == "join":
        if name in room:
            extra.put(False)
        else:
            room[name] = conn
            send(conn, "OK")
            extra.put(True)
    elif kind == "line":
        print(f"{name}: {extra}", flush=True)
        for other, c in room.items():
            if other != name:
                send(c, f"{name}: {extra}")
    elif kind == "leave":
        del room[name]
        extra.set()


def post(*event):
    events.put(event)


def good(name):
    return (
        name != ""
        and len(name) <= 20
        and name[0] != "*"
        and ":" not in name
        and name.isprintable()
        and not any(c.isspace() for c in name)
    )


def read_lines(conn):
    rest = b""
    while True:
        chunk = conn.recv(4096)
        if not chunk:
            return
        *full, rest = (rest + chunk).split(b"\n")
        for line in full:
            yield line.removesuffix(b"\r").decode()
        if len(rest) > 4097:
            return


def ask(conn, lines):
    send(conn, "NICK")
    for want in lines:
        if good(want):
            answer = queue.Queue()
            post("join", want, conn, answer)
            if answer.get():
                return want
            send(conn, "ERR sudah dipakai")
        else:
            send(conn, "ERR tidak sah")
        send(conn, "NICK")
    return None


def client(conn, ip):
    name = None
    try:
        lines = read_lines(conn)
        name = ask(conn, lines)
        if name:
            print(f"Client {ip} terhubung dengan nickname: {name}", flush=True)
        for text in lines:
            if text:
                post("line", name, conn, text)
    except (OSError, UnicodeDecodeError):
        pass
    if name:
        gone = threading.Event()
        post("leave", name, conn, gone)
        gone.wait()
    conn.close()


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--host", default="127.0.0.1")
    ap.add_argument("--port", type=int, default=55555)
    args = ap.parse_args()
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((args.host, args.port))
    except OSError as problem:
        print(f"port {args.port} tidak bisa dipakai: {problem}", file=sys.stderr)
        return 1
    listener.listen(50)
    print("Server menunggu koneksi...", flush=True)
    threading.Thread(target=dispatcher, daemon=True).start()
    while True:
        conn, addr = listener.accept()
        threading.Thread(target=client, args=(conn, addr[0]), daemon=True).start()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        os._exit(0)
