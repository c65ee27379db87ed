"""concurrent.futures: an executor for each connection, so that its one thread ends with the client.

Here because of the futures, and of a room that is never changed, only replaced (copy on write).
One large pool for all would be wrong: its idle threads stay after the clients have left.
"""

import argparse
import concurrent.futures
import os
import selectors
import signal
import socket
import sys
import threading
import time
import types
import unicodedata

LIMIT = 4096
PATIENCE = 0.5


class Room:
    """members is an immutable mapping: whoever holds one may walk it at leisure."""

    def __init__(self):
        self.members = types.MappingProxyType({})
        self.changing = threading.Lock()
        self.printing = threading.Lock()

    def add(self, name, link):
        with self.changing:
            if name in self.members:
                return False
            self.members = types.MappingProxyType({**self.members, name: link})
            return True

    def remove(self, link):
        with self.changing:
            rest = {name: other for name, other in self.members.items() if other is not link}
            self.members = types.MappingProxyType(rest)

    def print(self, text):
        with self.printing:
            print(text, flush=True)


class Link:
    def __init__(self, sock):
        self.sock = sock
        self.sock.setblocking(False)
        self.lock = threading.Lock()  # for sending and for closing

    def wait(self, event, timeout=None):
        with selectors.DefaultSelector() as selector:
            selector.register(self.sock, event)
            return bool(selector.select(timeout))

    def receive(self):
        while True:
            try:
                return self.sock.recv(4096)
            except BlockingIOError:
                self.wait(selectors.EVENT_READ)

    def lines(self):
        buffer = b""
        while len(buffer) <= LIMIT + 1 and (received := self.receive()):
            *lines, buffer = (buffer + received).split(b"\n")
            yield from (line.removesuffix(b"\r").decode() for line in lines)

    def send(self, text):
        with self.lock:
            self.write(text)

    def write(self, text):
        """Needs the lock. Raises OSError when it could not be sent whole; nothing follows then."""
        data = text.encode() + b"\n"
        until = time.monotonic() + PATIENCE
        try:
            while data:
                try:
                    data = data[self.sock.send(data) :]
                except BlockingIOError:
                    if not self.wait(selectors.EVENT_WRITE, max(0, until - time.monotonic())):
                        raise TimeoutError("tidak membaca") from None
        except OSError:
            self.hang_up()
            raise

    def hang_up(self):
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def is_allowed(name):
    letters = [c for c in name if not c.isspace() and unicodedata.category(c) != "Cc"]
    return 1 <= len(name) == len(letters) <= 20 and name[0] != "*" and ":" not in name


def converse(room, link, ip):
    name = None
    link.send("NICK")
    for line in link.lines():
        if name is None:
            if not is_allowed(line):
                link.send("ERR nama tidak diperbolehkan\nNICK")
                continue
            with link.lock:  # a message for the newcomer waits here for the OK
                if room.add(line, link):
                    name = line
                    link.write("OK")
                else:
                    link.write("ERR nama telah dipakai\nNICK")
            if name:
                room.print(f"Client {ip} terhubung dengan nickname: {name}")
        elif line:
            room.print(f"{name}: {line}")
            for other in room.members.values():
                if other is not link:
                    try:
                        other.send(f"{name}: {line}")
                    except OSError:
                        pass


def serve(room, link, ip):
    try:
        converse(room, link, ip)
    except (OSError, UnicodeDecodeError):
        pass
    finally:
        room.remove(link)
        link.hang_up()
        with link.lock:
            link.sock.close()


def accept(listener, room):
    while True:
        try:
            sock, address = listener.accept()
        except OSError:
            time.sleep(0.1)
            continue
        executor = concurrent.futures.ThreadPoolExecutor(1, thread_name_prefix="klien")
        executor.submit(serve, room, Link(sock), address[0])
        executor.shutdown(wait=False)  # its thread ends when serve() does


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=55555)
    options = parser.parse_args()
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    try:
        listener = socket.create_server((options.host, options.port), backlog=256)
    except (OSError, OverflowError) as problem:
        print(f"Gagal membuka port {options.port}: {problem}", file=sys.stderr)
        return 1
    room = Room()
    try:
        threading.Thread(target=accept, args=(listener, room), daemon=True).start()
        room.print("Server menunggu koneksi...")
        while True:
            time.sleep(0.5)  # again and again: another thread may be the one that took Ctrl-C
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        sys.stdout.flush()
        os._exit(0)  # the interpreter would wait for the executors' threads


if __name__ == "__main__":
    sys.exit(main())
