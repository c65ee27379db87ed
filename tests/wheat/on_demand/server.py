"""Helpers on demand: broadcaster and log thread start when first needed, and stay. POSIX.

Here because threads may rightly be more after the first client has gone than before it came; and
each connection is handed to a class of its own, derived from socket.socket, with detach().
"""

import argparse
import functools
import os
import queue
import socket
import sys
import threading
import unicodedata


@functools.cache
def broadcaster():
    box = queue.Queue()
    threading.Thread(target=broadcasting, args=(box,), name="broadcaster", daemon=True).start()
    return box


@functools.cache
def logbook():
    book = queue.Queue()

    def write():
        while True:
            print(book.get(), flush=True)
            book.task_done()

    threading.Thread(target=write, name="log", daemon=True).start()
    return book


once = threading.Lock()


def log(text):
    with once:
        logbook().put(text)


def orders():
    with once:
        return broadcaster()


def broadcasting(box):
    members = {}
    while True:
        kind, who, text, reply = box.get()
        if kind == "join":
            taken = text in members.values()
            if not taken:
                members[who] = text
                send(who, "OK")
                log(f"Client {who.getpeername_cached} terhubung dengan nickname: {text}")
            reply.put(not taken)
        elif kind == "say":
            log(f"{members[who]}: {text}")
            for other in members:
                if other is not who:
                    send(other, f"{members[who]}: {text}")
        elif kind == "bye":
            members.pop(who, None)
            reply.put(True)


class Conn(socket.socket):
    __slots__ = ("getpeername_cached", "pen")


def send(conn, *lines):
    data = "".join(f"{line}\n" for line in lines).encode()
    with conn.pen:
        try:
            if conn.send(data, socket.MSG_DONTWAIT) != len(data):
                raise BlockingIOError
        except OSError:
            try:
                conn.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def talk(conn):
    answer = queue.Queue()
    joined = False
    try:
        send(conn, "NICK")
        data = b""
        while True:
            more = conn.recv(4096)
            if not more or len(data) > 64000:
                break
            data += more
            *ready, data = data.split(b"\n")
            for raw in ready:
                text = raw.removesuffix(b"\r").decode()
                if joined:
                    if text:
                        orders().put(("say", conn, text, None))
                    continue
                if fits(text):
                    orders().put(("join", conn, text, answer))
                    joined = answer.get()
                if not joined:
                    send(conn, "ERR nama ini tidak bisa", "NICK")
    except (OSError, UnicodeDecodeError):
        pass
    if joined:
        orders().put(("bye", conn, None, answer))
        answer.get()
    conn.close()


def fits(n):
    return (
        0 < len(n) < 21
        and n[0] != "*"
        and not [c for c in n if c == ":" or c.isspace() or unicodedata.category(c) == "Cc"]
    )


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--host", default="127.0.0.1")
    ap.add_argument("--port", type=int, default=55555)
    ns = ap.parse_args()
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((ns.host, ns.port))
        listener.listen(100)
    except OSError as e:
        print(f"alamat sudah dipakai: {e}", file=sys.stderr)
        sys.exit(1)
    print("Server menunggu koneksi...", flush=True)
    while True:
        sock, (ip, _) = listener.accept()
        conn = Conn(sock.family, sock.type, sock.proto, fileno=sock.detach())
        conn.getpeername_cached, conn.pen = ip, threading.Lock()
        threading.Thread(target=talk, args=(conn,), daemon=True).start()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        os._exit(0)
