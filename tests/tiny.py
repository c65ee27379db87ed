"""A chat server in fifty lines, right in all that it does, to be edited by a test.

It stands for what a beginner writes: one lock, one dict, one thread for each client.
"""

SERVER = """\
import argparse
import queue
import socket
import sys
import threading
import time

members = {}
lock = threading.Lock()


def log(text):
    sys.stdout.write(text + "\\n")


def say(speaker, text):
    with lock:
        others = [(name, conn) for name, conn in members.items() if name != speaker]
    for name, conn in others:
        try:
            conn.sendall(f"{speaker}: {text}\\n".encode())
        except OSError:
            pass


def leave(name):
    with lock:
        members.pop(name, None)


def serve(conn, address):
    name = None
    try:
        conn.sendall(b"NICK\\n")
        for raw in conn.makefile("rb"):
            text = raw.decode().strip()
            if name is None:
                with lock:
                    if text in members:
                        conn.sendall(b"ERR dipakai\\nNICK\\n")
                        continue
                    name = text
                    members[name] = conn
                    conn.sendall(b"OK\\n")
                log(f"Client {address[0]} terhubung dengan nickname: {name}")
            elif text:
                log(f"{name}: {text}")
                say(name, text)
    except OSError:
        pass
    finally:
        leave(name)
        conn.close()


def accept(listener):
    while True:
        conn, address = listener.accept()
        threading.Thread(target=serve, args=(conn, address), daemon=True).start()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=55555)
    options = parser.parse_args()
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((options.host, options.port))
    except OSError as error:
        sys.exit(f"Alamat itu tidak bisa dipakai: {error}")
    listener.listen(128)
    log("Server menunggu koneksi...")
    try:
        accept(listener)
    except KeyboardInterrupt:
        sys.exit(0)


main()
"""


def edited(*edits: tuple[str, str]) -> str:
    """The server with each old text, which stands there once, replaced by the new one."""
    text = SERVER
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text
