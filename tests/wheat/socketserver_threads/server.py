"""socketserver.ThreadingTCPServer with a StreamRequestHandler: lines come from self.rfile. POSIX.

Here because the standard library offers it: another structure, another console order at the end.
"""

import argparse
import os
import re
import selectors
import socket
import socketserver
import sys
import threading
import time

MAX_LINE = 4096
GRACE = 0.5  # seconds a full reader gets

BAD_NAME = re.compile(r"|\*.*|.*[\s:\x00-\x1f\x7f-\x9f].*|.{21,}", re.DOTALL)


class Deaf(OSError):
    """Somebody does not read what it is sent."""


class ChatServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 256
    allow_reuse_address = os.name == "posix"

    def __init__(self, address):
        super().__init__(address, ChatHandler)
        self.room = {}
        self.room_lock = threading.Lock()
        self.log_lock = threading.Lock()

    def log(self, text):
        with self.log_lock:
            sys.stdout.write(text + "\n")
            sys.stdout.flush()


class ChatHandler(socketserver.StreamRequestHandler):
    def setup(self):
        super().setup()
        self.gate = threading.Lock()
        self.name = None

    def handle(self):
        try:
            self.chat()
        except (OSError, UnicodeDecodeError):
            pass  # reset, deaf, or not UTF-8: all of them just end this one connection

    def chat(self):
        self.deliver("NICK")
        while (line := self.read_line()) is not None:
            if self.name is None:
                self.introduce(line)
            elif line:
                self.server.log(f"{self.name}: {line}")
                self.tell_others(f"{self.name}: {line}")

    def read_line(self):
        raw = self.rfile.readline(MAX_LINE + 2)
        if not raw.endswith(b"\n"):
            return None  # the end, half a line at the end, or one that is too long
        return raw[:-1].removesuffix(b"\r").decode("utf-8")

    def introduce(self, wanted):
        if BAD_NAME.fullmatch(wanted):
            self.deliver("ERR nama tidak diizinkan\nNICK")
            return
        with self.gate:  # others may find us at once, but nobody writes before the OK
            with self.server.room_lock:
                mine = self.server.room.setdefault(wanted, self) is self
            if mine:
                self.name = wanted
                self.write("OK")
        if not mine:
            self.deliver("ERR nama sudah digunakan\nNICK")
            return
        self.server.log(f"Client {self.client_address[0]} terhubung dengan nickname: {wanted}")

    def tell_others(self, text):
        with self.server.room_lock:
            present = list(self.server.room.values())
        for other in present:
            if other is not self:
                try:
                    other.deliver(text)
                except OSError:
                    pass

    def deliver(self, text):
        with self.gate:
            self.write(text)

    def write(self, text):
        """Needs the gate. Whole, or the connection ends: never a torn line with more after it."""
        left = memoryview(text.encode("utf-8") + b"\n")
        until = time.monotonic() + GRACE
        try:
            while left:
                try:
                    left = left[self.request.send(left, socket.MSG_DONTWAIT) :]
                except BlockingIOError:
                    self.await_room(until - time.monotonic())
        except OSError:
            try:
                self.request.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            raise

    def await_room(self, seconds):
        with selectors.DefaultSelector() as selector:
            selector.register(self.request, selectors.EVENT_WRITE)
            if seconds <= 0 or not selector.select(seconds):
                raise Deaf

    def finish(self):
        with self.server.room_lock:
            if self.server.room.get(self.name) is self:
                del self.server.room[self.name]
        with self.gate:  # a teller who still has us in hand must not meet a reused descriptor
            super().finish()
            self.server.shutdown_request(self.request)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=55555)
    options = parser.parse_args()
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    try:
        server = ChatServer((options.host, options.port))
    except (OSError, OverflowError) as problem:
        print(f"Tidak bisa membuka port {options.port}: {problem}", file=sys.stderr)
        return 1
    try:
        server.log("Server menunggu koneksi...")
        server.serve_forever()
    except KeyboardInterrupt:
        sys.stdout.flush()
        os._exit(0)
    return 0


if __name__ == "__main__":
    sys.exit(main())
