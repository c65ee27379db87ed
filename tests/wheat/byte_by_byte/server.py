"""Reads with recv(1), and sends its lines byte by byte, each byte in a segment of its own.

Here because TCP promises nothing about pieces: a fair reader must put them together again.
"""

import argparse
import os
import socket
import sys
import threading
import time
import unicodedata

SHORT = 128  # longer lines go out in one piece between their first and last bytes
LIMIT = 4096
STALL = 0.5

room = {}
room_lock = threading.RLock()
stdout_lock = threading.Lock()


def console(text):
    with stdout_lock:
        print(text, flush=True)


class Wire:
    """One connection, a byte at a time. Any thread may write; only its own reads and closes."""

    def __init__(self, sock):
        self.sock = sock
        self.turn = threading.RLock()
        sock.settimeout(STALL)

    def read_byte(self):
        while True:
            try:
                return self.sock.recv(1)
            except TimeoutError:
                pass  # only a send may be too slow

    def read_line(self):
        """One line, or None: the end, half a line at the end, too long, or not UTF-8."""
        collected = bytearray()
        while len(collected) <= LIMIT + 1:
            byte = self.read_byte()
            if not byte:
                return None
            if byte == b"\n":
                try:
                    return collected.removesuffix(b"\r").decode("utf-8")
                except UnicodeDecodeError:
                    return None
            collected += byte
        return None

    def write_line(self, text):
        data = text.encode("utf-8") + b"\n"
        with self.turn:
            try:
                if len(data) <= SHORT:
                    pieces = [data[i : i + 1] for i in range(len(data))]
                else:
                    pieces = [data[:1], data[1:2], data[2:-2], data[-2:-1], data[-1:]]
                for piece in pieces:
                    self.sock.sendall(piece)
            except OSError:
                self.cut()
                raise

    def cut(self):
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def close(self):
        self.cut()
        with self.turn:
            self.sock.close()


def acceptable(name):
    if len(name) == 0 or len(name) > 20 or name[0] == "*":
        return False
    for character in name:
        if character == ":" or character.isspace() or unicodedata.category(character) == "Cc":
            return False
    return True


def register(wire, ip):
    """Asks until a name is free and good. None: the connection ended before."""
    while True:
        wire.write_line("NICK")
        name = wire.read_line()
        if name is None:
            return None
        if not acceptable(name):
            wire.write_line("ERR nama tidak dapat diterima")
            continue
        with wire.turn:
            with room_lock:
                taken = name in room
                if not taken:
                    room[name] = wire
            if not taken:
                wire.write_line("OK")  # still holding the turn: it is the first thing out
        if not taken:
            console(f"Client {ip} terhubung dengan nickname: {name}")
            return name
        wire.write_line("ERR nama sudah terpakai")


def talk(wire, ip):
    try:
        wire.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        name = register(wire, ip)
        while name is not None and (message := wire.read_line()) is not None:
            if message == "":
                continue
            console(f"{name}: {message}")
            with room_lock:
                others = [other for other in room.values() if other is not wire]
            for other in others:
                try:
                    other.write_line(f"{name}: {message}")
                except OSError:
                    pass
    except OSError:
        pass
    finally:
        with room_lock:
            for name, other in list(room.items()):
                if other is wire:
                    del room[name]
        wire.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=55555)
    options = parser.parse_args()
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    listener = socket.socket()
    if os.name == "posix":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((options.host, options.port))
        listener.listen(256)
    except (OSError, OverflowError) as problem:
        print(f"Gagal memakai {options.host}:{options.port}: {problem}", file=sys.stderr)
        return 1
    try:
        console("Server menunggu koneksi...")
        while True:
            try:
                sock, (ip, _) = listener.accept()
            except OSError:
                time.sleep(0.1)
                continue
            threading.Thread(target=talk, args=(Wire(sock), ip), daemon=True).start()
    except KeyboardInterrupt:
        sys.stdout.flush()
        os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
