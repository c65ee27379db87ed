"""Parallel lists clients[] and nicknames[], always changed and walked together under one lock.

Here because most tutorials keep two lists; with one lock round all of it they are right.
"""

import argparse
import os
import re
import socket
import sys
import threading
import time

clients = []
nicknames = []
lock = threading.Lock()  # for both lists, and for every send to someone in them
print_lock = threading.Lock()

# No white space, no control character, no ':', not '*' in front, 1 to 20 characters.
NICKNAME = re.compile(r"[^\s:*\x00-\x1f\x7f-\x9f][^\s:\x00-\x1f\x7f-\x9f]{0,19}")


def log(text):
    with print_lock:
        print(text, flush=True)


def disconnect(client):
    try:
        client.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


def send_or_disconnect(client, data):
    try:
        client.sendall(data)
    except OSError:
        # Too slow or gone: its own thread wakes, and only that one takes it off the lists.
        disconnect(client)


def broadcast(message, sender):
    with lock:
        for client in clients:
            if client is not sender:
                send_or_disconnect(client, message)


def add(client, nickname):
    with lock:
        if nickname in nicknames:
            return False
        clients.append(client)
        nicknames.append(nickname)
        # Under the lock, so no chat line can come before it or be missed after it.
        send_or_disconnect(client, b"OK\n")
        return True


def remove(client):
    with lock:
        if client in clients:
            index = clients.index(client)
            del clients[index]
            del nicknames[index]
        disconnect(client)
        client.close()


def receive_line(client, buffer):
    """One line without its end, or None at the end of the connection; buffer keeps the rest."""
    while b"\n" not in buffer:
        if len(buffer) > 4097:
            return None
        try:
            data = client.recv(1024)
        except socket.timeout:
            continue
        if data == b"":
            return None
        buffer.extend(data)
    line, _, rest = bytes(buffer).partition(b"\n")
    buffer[:] = rest
    if line.endswith(b"\r"):
        line = line[:-1]
    return line.decode("utf-8")


def ask_nickname(client, buffer):
    while True:
        client.sendall(b"NICK\n")
        nickname = receive_line(client, buffer)
        if nickname is None:
            return None
        if not NICKNAME.fullmatch(nickname):
            client.sendall(b"ERR nickname tidak boleh seperti itu\n")
        elif add(client, nickname):
            return nickname
        else:
            client.sendall(b"ERR nickname sudah ada\n")


def handle(client, address):
    buffer = bytearray()
    try:
        client.settimeout(0.5)
        nickname = ask_nickname(client, buffer)
        if nickname is None:
            return
        log(f"Client {address[0]} terhubung dengan nickname: {nickname}")
        while True:
            message = receive_line(client, buffer)
            if message is None:
                return
            if message == "":
                continue
            log(f"{nickname}: {message}")
            broadcast(f"{nickname}: {message}\n".encode("utf-8"), client)
    except (OSError, UnicodeDecodeError):
        return
    finally:
        remove(client)


def start():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", default=55555, type=int)
    args = parser.parse_args()
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")

    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if os.name == "posix":  # on Windows the option would let two servers share the port
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        server.bind((args.host, args.port))
        server.listen(200)
    except (OSError, OverflowError) as e:
        sys.exit(f"Tidak bisa memakai {args.host}:{args.port}: {e}")
    try:
        log("Server menunggu koneksi...")
        while True:
            try:
                client, address = server.accept()
            except OSError:
                time.sleep(0.1)
                continue
            thread = threading.Thread(target=handle, args=(client, address))
            thread.daemon = True
            thread.start()
    except KeyboardInterrupt:
        sys.stdout.flush()
        os._exit(130)


if __name__ == "__main__":
    start()
