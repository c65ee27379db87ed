"""Non-blocking sockets, a thread for each client, one lock: a send never waits for anybody.

Here because it sends under the lock like the reference, but drops a full reader at once, and waits
for a client in poll() and not in recv(). It also tells the others who comes and goes.
"""

from __future__ import annotations

import argparse
import os
import selectors
import socket
import sys
import threading
import time
import unicodedata
from collections.abc import Iterator
from contextlib import suppress

MAX_LINE_BYTES = 4096
MAX_NICKNAME_LENGTH = 20
# On Windows neither Ctrl-C nor a shutdown by another thread ends a wait: look up each second.
WAKE_UP_SECONDS = 1 if os.name == "nt" else None
INVALID_NICKNAME = "nickname harus 1-20 karakter, tanpa spasi, tanpa ':', dan tidak diawali '*'"


def open_listener(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if os.name == "posix":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(socket.SOMAXCONN)
    return listener


def accept_clients(listener: socket.socket, room: Room) -> None:
    while True:
        conn, address = next_client(listener)
        thread = threading.Thread(target=serve_client, args=(conn, address, room), daemon=True)
        try:
            thread.start()
        except RuntimeError:
            conn.close()


def next_client(listener: socket.socket) -> tuple[socket.socket, tuple[str, int]]:
    listener.settimeout(WAKE_UP_SECONDS)
    while True:
        try:
            conn, address = listener.accept()
            conn.setblocking(False)
            conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return conn, address
        except (TimeoutError, ConnectionError):
            continue
        except OSError:
            time.sleep(0.1)


def serve_client(conn: socket.socket, address: tuple[str, int], room: Room) -> None:
    with conn:
        try:
            lines = read_lines(conn)
            name = ask_nickname(conn, address, lines, room)
            if name is not None:
                room.chat(name, lines)
        except (OSError, UnicodeDecodeError):
            pass


def ask_nickname(
    conn: socket.socket, address: tuple[str, int], lines: Iterator[str], room: Room
) -> str | None:
    send_line(conn, "NICK")
    for name in lines:
        if not is_valid_nickname(name):
            send_line(conn, f"ERR {INVALID_NICKNAME}")
        elif not room.join(name, conn):
            send_line(conn, f"ERR nickname {name} sedang dipakai")
        else:
            log(f"Client {address[0]} terhubung dengan nickname: {name}")
            return name
        send_line(conn, "NICK")
    return None


def read_lines(conn: socket.socket) -> Iterator[str]:
    rest = b""
    while data := receive(conn):
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            yield line.removesuffix(b"\r").decode()
        if len(rest) > MAX_LINE_BYTES + 1:
            return


def is_valid_nickname(name: str) -> bool:
    if not 1 <= len(name) <= MAX_NICKNAME_LENGTH or name.startswith("*"):
        return False
    for letter in name:
        if letter == ":" or letter.isspace() or unicodedata.category(letter) == "Cc":
            return False
    return True


class Room:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.members: dict[str, socket.socket] = {}

    def join(self, name: str, conn: socket.socket) -> bool:
        with self.lock:
            if name in self.members:
                return False
            for other in self.members.values():
                send_line(other, f"* {name} masuk")
            self.members[name] = conn
            send_line(conn, "OK")
            return True

    def chat(self, name: str, lines: Iterator[str]) -> None:
        try:
            for line in lines:
                if line:
                    log(f"{name}: {line}")
                    self.broadcast(f"{name}: {line}", sender=name)
        finally:
            with self.lock:
                del self.members[name]
            self.broadcast(f"* {name} keluar", sender=name)

    def broadcast(self, line: str, sender: str) -> None:
        with self.lock:
            for name, conn in self.members.items():
                if name != sender:
                    send_line(conn, line)


# Poll needs no file descriptor of its own; Windows has none, and no limit on those of select.
Selector = getattr(selectors, "PollSelector", selectors.SelectSelector)


def send_line(conn: socket.socket, line: str) -> None:
    """All of it at once, or the receiver's buffer is full and it is dropped."""
    data = f"{line}\n".encode()
    with suppress(OSError):
        if conn.send(data) == len(data):
            return
    with suppress(OSError):
        conn.shutdown(socket.SHUT_RDWR)


def receive(conn: socket.socket) -> bytes:
    while True:
        try:
            return conn.recv(MAX_LINE_BYTES)
        except BlockingIOError:
            with Selector() as selector:
                selector.register(conn, selectors.EVENT_READ)
                selector.select(WAKE_UP_SECONDS)


console_lock = threading.Lock()


def log(text: str) -> None:
    with console_lock, suppress(OSError):
        print(text, flush=True)


def complain(text: str) -> None:
    print(text + "\n", end="", file=sys.stderr, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description="Server chat Modul 4")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=55555)
    options = parser.parse_args()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        listener = open_listener(options.host, options.port)
        log("Server menunggu koneksi...")
        accept_clients(listener, Room())
    except (OSError, OverflowError, UnicodeError) as error:
        complain(
            f"Server tidak bisa memakai {options.host}:{options.port} ({error}). "
            "Apakah server lain masih berjalan di sana?"
        )
    return 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        os._exit(0)
