"""One thread: a selector over stdin and the socket. POSIX only (select() on stdin).

Here because nothing can interleave; what is typed ahead waits for its turn in a deque.
"""

import argparse
import collections
import os
import selectors
import signal
import socket
import sys
import time

STDIN = 0


class Client:
    def __init__(self, sock):
        self.sock = sock
        # Not epoll: that one refuses a plain file as standard input.
        self.selector = selectors.SelectSelector()
        self.selector.register(STDIN, selectors.EVENT_READ, self.read_keyboard)
        self.selector.register(sock, selectors.EVENT_READ, self.read_server)
        self.from_server = b""
        self.from_keyboard = b""
        self.typed = collections.deque()
        self.input_has_ended = False
        self.prompt = ""  # "" while the server has to speak
        self.is_joined = False
        self.status = None
        self.clear = "\r\33[K" if os.isatty(1) else ""

    def run(self):
        try:
            while self.status is None:
                for key, _ in self.selector.select():
                    if self.status is None:
                        key.data()
        except KeyboardInterrupt:
            self.status = 0
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        if self.status == 0:
            self.leave()
        return self.status

    def write(self, text):
        data = memoryview(text.encode("utf-8", "replace"))
        while data:
            data = data[os.write(1, data) :]

    def read_keyboard(self):
        data = os.read(STDIN, 4096)
        self.from_keyboard += data
        *lines, self.from_keyboard = self.from_keyboard.split(b"\n")
        if not data:
            self.input_has_ended = True
            self.selector.unregister(STDIN)
            if self.from_keyboard:
                lines.append(self.from_keyboard)
        self.typed.extend(lines)
        self.use_typed()

    def use_typed(self):
        """Sends what was typed, as far as it is the user's turn."""
        while self.prompt and self.typed and self.status is None:
            line = self.typed.popleft().decode("utf-8", "replace")
            if not self.is_joined:
                self.prompt = ""  # the next one only when the server asks again
            self.send(line)
            if self.prompt and self.status is None:
                self.write(self.clear + self.prompt)
        if self.input_has_ended and not self.typed and self.status is None:
            self.status = 0

    def send(self, line):
        try:
            self.sock.sendall(line.encode("utf-8", "replace") + b"\n")
        except OSError:
            self.lost()

    def read_server(self):
        try:
            data = self.sock.recv(65536)
        except OSError:
            data = b""
        *lines, self.from_server = (self.from_server + data).split(b"\n")
        for line in lines:
            self.react(line.removesuffix(b"\r").decode("utf-8", "replace"))
        if not data:
            self.lost()
            return
        self.use_typed()

    def react(self, line):
        if self.is_joined:
            self.write(f"{self.clear}{line}\n{self.prompt}")
        elif line == "NICK":
            self.prompt = "Masukkan username: "
            self.write(self.clear + self.prompt)
        elif line == "OK":
            self.is_joined = True
            self.prompt = ">> "
            self.write(self.clear + self.prompt)
        else:
            self.write(f"{self.clear}{line.removeprefix('ERR ')}\n{self.prompt}")

    def lost(self):
        if self.status is None:
            self.status = 1
            self.write(f"{self.clear}Server sudah tidak ada, program selesai.\n")

    def leave(self):
        """Says goodbye with a FIN and waits up to a second for the server to do the same."""
        self.write("\n")
        until = time.monotonic() + 1
        try:
            self.sock.shutdown(socket.SHUT_WR)
            while (left := until - time.monotonic()) > 0:
                self.sock.settimeout(left)
                if not self.sock.recv(65536):
                    break
        except OSError:
            pass
        self.sock.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=55555)
    options = parser.parse_args()
    try:
        sock = socket.create_connection((options.host, options.port), timeout=5)
    except (OSError, OverflowError) as problem:
        print(f"Tidak bisa terhubung ke {options.host}:{options.port}: {problem}")
        return 1
    sock.settimeout(None)
    return Client(sock).run()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:  # before there was a session
        sys.exit(0)
