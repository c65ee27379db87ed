"""Slow to start (1.5 s before it listens) and slow at work (50 ms for every line it is given).

Here because slow is not wrong: it answers late, and loses, doubles and reorders nothing.
"""

import argparse
import os
import re
import socket
import sys
import threading
import time
from contextlib import suppress

TOKEN = re.compile(r"[^\s:\x00-\x1f\x7f-\x9f]{1,20}")

online = {}  # socket -> nickname
locks = {}  # socket -> the lock for sending to it
guard = threading.Lock()  # for both dicts
screen = threading.Lock()


def think():
    """The work that every line costs here. Never done with a lock in hand."""
    time.sleep(0.05)


def output(text):
    with screen:
        print(text, flush=True)


def put(sock, text):
    """Needs the lock of the socket. All of it, or the end of the connection."""
    try:
        sock.sendall((text + "\n").encode())
    except OSError:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
        raise


def transmit(sock, lock, text):
    with lock:
        put(sock, text)


def claim(sock, lock, nickname):
    with lock:
        with guard:
            if nickname in online.values():
                return False
            online[sock] = nickname
            locks[sock] = lock
        put(sock, "OK")
    return True


def relay(sender, text):
    with guard:
        targets = [(sock, locks[sock]) for sock in online if sock is not sender]
    for sock, lock in targets:
        with suppress(OSError):
            transmit(sock, lock, text)


def incoming(sock):
    data = bytearray()
    while len(data) < 4098:
        try:
            piece = sock.recv(4096)
        except TimeoutError:
            continue
        if not piece:
            return
        data.extend(piece)
        while True:
            line, newline, rest = data.partition(b"\n")
            if not newline:
                break
            data = rest
            think()
            yield line.removesuffix(b"\r").decode("utf-8")


def attend(sock, ip):
    lock = threading.Lock()
    nickname = None
    try:
        sock.settimeout(0.5)
        transmit(sock, lock, "NICK")
        for text in incoming(sock):
            if nickname is None:
                if not TOKEN.fullmatch(text) or text.startswith("*"):
                    transmit(sock, lock, "ERR nickname salah bentuk\nNICK")
                elif not claim(sock, lock, text):
                    transmit(sock, lock, "ERR nickname sudah dipakai\nNICK")
                else:
                    nickname = text
                    output(f"Client {ip} terhubung dengan nickname: {nickname}")
            elif text != "":
                output(f"{nickname}: {text}")
                relay(sock, f"{nickname}: {text}")
    except (OSError, UnicodeDecodeError):
        pass
    finally:
        with guard:
            online.pop(sock, None)
            locks.pop(sock, None)
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
        with lock:
            sock.close()


def run():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=55555)
    options = parser.parse_args()
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    time.sleep(1.5)  # large imports, a database, an old laptop
    try:
        listener = socket.create_server((options.host, options.port), backlog=128)
    except (OSError, OverflowError) as error:
        print(f"Port {options.port} tidak bisa dipakai: {error}", file=sys.stderr)
        return 1
    output("Server menunggu koneksi...")
    while True:
        try:
            sock, address = listener.accept()
        except OSError:
            time.sleep(0.1)
            continue
        threading.Thread(target=attend, args=(sock, address[0]), daemon=True).start()


if __name__ == "__main__":
    try:
        sys.exit(run())
    except KeyboardInterrupt:
        sys.stdout.flush()
        os._exit(0)
