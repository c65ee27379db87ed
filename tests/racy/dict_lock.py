"""Functions, one dict, one lock; sends happen on a snapshot, outside the lock."""
# ruff: noqa: SIM105

import argparse
import select
import socket
import threading

clients = {}
lock = threading.Lock()
slow_lock = threading.Lock()
online = 0


def read_lines(conn):
    rest = b""
    while True:
        data = conn.recv(1024)
        if not data:
            return
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            yield line.decode().rstrip("\r")


def is_valid(name):
    return (
        1 <= len(name) <= 20
        and ":" not in name
        and not name.startswith("*")
        and all(letter.isprintable() and not letter.isspace() for letter in name)
    )


def send_line(conn, text):
    try:
        if select.select([], [conn], [], 0)[1]:
            conn.sendall(f"{text}\n".encode())
        else:
            conn.shutdown(socket.SHUT_RDWR)
    except (OSError, ValueError):
        pass


def broadcast(text, sender):
    with lock:
        targets = [conn for name, conn in clients.items() if name != sender]
    for conn in targets:
        send_line(conn, text)


def join(name, conn):
    global online
    with lock:
        if name in clients:
            return False
        clients[name] = conn
        online += 1
        send_line(conn, "OK")
    return True


def leave(name):
    global online
    with lock:
        clients.pop(name)
        online -= 1


def serve(conn, address):
    name = None
    try:
        lines = read_lines(conn)
        send_line(conn, "NICK")
        for want in lines:
            if is_valid(want) and join(want, conn):
                name = want
                break
            send_line(conn, "ERR coba nama lain")
            send_line(conn, "NICK")
        if name is None:
            return
        print(f"Client {address[0]} terhubung dengan nickname: {name}", flush=True)
        for line in lines:
            if line:
                print(f"{name}: {line}", flush=True)
                broadcast(f"{name}: {line}", name)
    except (OSError, UnicodeDecodeError):
        pass
    finally:
        if name is not None:
            leave(name)
        conn.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=55555)
    options = parser.parse_args()
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((options.host, options.port))
    listener.listen(100)
    print("Server menunggu koneksi...", flush=True)
    while True:
        conn, address = listener.accept()
        threading.Thread(target=serve, args=(conn, address), daemon=True).start()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
