"""Correct twin: whoever cannot be reached is struck off at once, by whoever noticed."""
# ruff: noqa: SIM105

import argparse
import os
import socket
import sys
import threading

members = {}
lock = threading.Lock()


def valid(name):
    return (
        1 <= len(name) <= 20
        and not name.startswith("*")
        and name.isprintable()
        and not any(ch == ":" or ch.isspace() for ch in name)
    )


def say(text):
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def push(conn, text):
    """Kirim tanpa menunggu; OSError bila penerima hilang atau penuh."""
    payload = text.encode() + b"\n"
    if conn.send(payload, socket.MSG_DONTWAIT) != len(payload):
        raise OSError("penuh")


def drop(name, conn):
    """Dipanggil dengan lock di tangan."""
    if members.get(name) is conn:
        del members[name]
    try:
        conn.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


def broadcast(text, sender, own):
    with lock:
        if members.get(sender) is not own:
            raise OSError("sudah dikeluarkan")
        for name, conn in list(members.items()):
            if name == sender:
                continue
            try:
                push(conn, text)
            except OSError:
                drop(name, conn)


def register(name, conn):
    with lock:
        if name in members:
            return False
        members[name] = conn
        try:
            push(conn, "OK")
        except OSError:
            drop(name, conn)
        return True


def unregister(name, conn):
    with lock:
        drop(name, conn)


def lines_of(conn):
    reader = conn.makefile("rb")
    while True:
        raw = reader.readline(4098)
        if not raw.endswith(b"\n"):
            return
        yield raw.rstrip(b"\r\n").decode("utf-8")


def handle(conn, ip):
    name = None
    try:
        push(conn, "NICK")
        for line in lines_of(conn):
            if name is None:
                if not valid(line):
                    push(conn, "ERR nickname tidak valid")
                    push(conn, "NICK")
                elif register(line, conn):
                    name = line
                    say(f"Client {ip} terhubung dengan nickname: {name}")
                else:
                    push(conn, "ERR nickname sudah dipakai")
                    push(conn, "NICK")
            elif line:
                say(f"{name}: {line}")
                broadcast(f"{name}: {line}", name, conn)
    except (OSError, UnicodeDecodeError):
        pass
    if name is not None:
        unregister(name, conn)
    conn.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=55555)
    opts = parser.parse_args()
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        server.bind((opts.host, opts.port))
    except OSError as err:
        sys.exit(f"tidak bisa memakai port {opts.port}: {err}")
    server.listen()
    say("Server menunggu koneksi...")
    try:
        while True:
            conn, addr = server.accept()
            threading.Thread(target=handle, args=(conn, addr[0]), daemon=True).start()
    except KeyboardInterrupt:
        os._exit(0)
