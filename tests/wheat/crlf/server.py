"""Ends its lines with CR LF; each client's thread is a small loop that alone touches its socket.

Here because telnet habits are legal (CR is dropped), and threads may also be woken through a pipe.
"""

import argparse
import contextlib
import os
import selectors
import socket
import sys
import threading
import time
import unicodedata

READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
CRLF = b"\r\n"
TOO_MUCH = 32_000_000


class Hall:
    def __init__(self):
        self.lock = threading.Lock()
        self.callers = {}
        self.print_lock = threading.Lock()

    def print(self, text):
        with self.print_lock:
            print(text, flush=True)

    def enter(self, nickname, caller):
        with self.lock:
            if nickname in self.callers:
                return False
            self.callers[nickname] = caller
            caller.post("OK")  # only puts it in a list, so it may be done under the lock
            return True

    def leave(self, nickname, caller):
        with self.lock:
            if self.callers.get(nickname) is caller:
                del self.callers[nickname]

    def others(self, caller):
        with self.lock:
            return [other for other in self.callers.values() if other is not caller]


class Caller(threading.Thread):
    def __init__(self, conn, ip, hall):
        super().__init__(daemon=True)
        self.conn, self.ip, self.hall = conn, ip, hall
        self.nickname = None
        self.heard = b""
        self.leaving = bytearray()  # on its way out, this thread's own
        self.bell, self.button = socket.socketpair()
        self.selector = selectors.DefaultSelector()
        for sock in (conn, self.bell, self.button):
            sock.setblocking(False)
        self.lock = threading.Lock()  # for what follows
        self.posted = bytearray()
        self.is_over = False

    def post(self, line):
        """Any thread: leave a line for this caller and wake its thread."""
        with self.lock:
            if self.is_over:
                return
            self.posted += line.encode() + CRLF
            with contextlib.suppress(BlockingIOError):  # full: it will wake anyway
                self.button.send(b"!")

    def run(self):
        with self.selector:
            self.selector.register(self.bell, READ)
            self.selector.register(self.conn, READ)
            try:
                self.post("NICK")
                while self.turn():
                    pass
            except (OSError, UnicodeDecodeError):
                pass
            self.hall.leave(self.nickname, self)
            with contextlib.suppress(OSError):
                self.write()
        with self.lock:  # nobody rings a descriptor that is someone else's by now
            self.is_over = True
            self.bell.close()
            self.button.close()
        self.conn.close()

    def turn(self):
        """Waits for one thing to happen and reacts. False: the connection is over."""
        for key, events in self.selector.select():
            if key.fileobj is self.bell:
                self.bell.recv(4096)
            elif events & READ and not self.read():
                return False
        behind = self.write()
        self.selector.modify(self.conn, READ | WRITE if behind else READ)
        return behind < TOO_MUCH

    def write(self):
        """Sends what the system takes now; how many bytes are left."""
        with self.lock:
            self.leaving += self.posted
            self.posted.clear()
        with contextlib.suppress(BlockingIOError):
            while self.leaving:
                del self.leaving[: self.conn.send(self.leaving)]
        return len(self.leaving)

    def read(self):
        try:
            chunk = self.conn.recv(16384)
        except BlockingIOError:
            return True
        *lines, self.heard = (self.heard + chunk).split(b"\n")
        for line in lines:
            self.understand(line.removesuffix(b"\r").decode())
        return chunk != b"" and len(self.heard) <= 4097

    def understand(self, line):
        if self.nickname is None:
            self.choose_name(line)
        elif line:
            self.hall.print(f"{self.nickname}: {line}")
            for other in self.hall.others(self):
                other.post(f"{self.nickname}: {line}")

    def choose_name(self, name):
        strange = any(c == ":" or c.isspace() or unicodedata.category(c) == "Cc" for c in name)
        if strange or not 1 <= len(name) <= 20 or name.startswith("*"):
            self.post("ERR nama tidak memenuhi syarat")
            self.post("NICK")
        elif not self.hall.enter(name, self):
            self.post("ERR nama itu milik orang lain")
            self.post("NICK")
        else:
            self.nickname = name
            self.hall.print(f"Client {self.ip} terhubung dengan nickname: {name}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=55555)
    options = parser.parse_args()
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    try:
        door = socket.create_server((options.host, options.port), backlog=256)
    except (OSError, OverflowError) as problem:
        print(f"{options.host}:{options.port} tidak bisa dipakai: {problem}", file=sys.stderr)
        return 1
    hall = Hall()
    try:
        hall.print("Server menunggu koneksi...")
        while True:
            try:
                conn, address = door.accept()
                Caller(conn, address[0], hall).start()
            except OSError:  # out of descriptors
                time.sleep(0.1)
    except KeyboardInterrupt:
        sys.stdout.flush()
        os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
