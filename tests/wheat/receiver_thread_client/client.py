"""input() in the main thread, a receiver thread beside it; the row is erased with an ANSI code.

Here because it is the usual shape; the receiver ends the process, as nothing wakes input().
"""

import argparse
import os
import queue
import signal
import socket
import sys
import threading

PROMPT = ">> "
ASK_NAME = "Masukkan username: "


class Screen:
    def __init__(self):
        self.lock = threading.Lock()
        self.prompt = ""  # what stands on the last row
        self.erase = "\r\33[K" if sys.stdout.isatty() else ""

    def write(self, text):
        sys.stdout.write(text)
        sys.stdout.flush()

    def show(self, line):
        """The line takes the place of the prompt, and the prompt comes again below it."""
        with self.lock:
            self.write(f"{self.erase}{line}\n{self.prompt}")

    def ask(self, prompt):
        with self.lock:
            self.prompt = prompt
            # Erased first: show() may just have drawn an old prompt on this row.
            self.write(self.erase + prompt)
        typed = input()
        with self.lock:
            self.prompt = ""
        return typed


class Session:
    def __init__(self, sock):
        self.sock = sock
        self.screen = Screen()
        self.answers = queue.SimpleQueue()  # from the receiver: "NICK" or "OK"
        self.is_leaving = threading.Event()
        self.ending = threading.Lock()  # taken once and never given back
        self.receiver = threading.Thread(target=self.receive, daemon=True)

    def end(self, status, sentence=""):
        self.ending.acquire()
        with self.screen.lock:
            self.screen.write(sentence)
            os._exit(status)

    def lost(self):
        self.end(1, f"{self.screen.erase}Server memutus koneksi.\n")

    def lines(self):
        rest = b""
        while True:
            try:
                chunk = self.sock.recv(65536)
            except OSError:
                return
            if not chunk:
                return
            *whole, rest = (rest + chunk).split(b"\n")
            for line in whole:
                yield line.removesuffix(b"\r").decode("utf-8", "replace")

    def receive(self):
        is_joined = False
        for line in self.lines():
            if is_joined:
                self.screen.show(line)
            elif line in ("NICK", "OK"):
                is_joined = line == "OK"
                self.answers.put(line)
            else:
                self.screen.show(line.removeprefix("ERR "))
        if not self.is_leaving.is_set():
            self.lost()

    def send(self, text):
        try:
            self.sock.sendall(text.encode("utf-8", "replace") + b"\n")
        except OSError:
            self.lost()

    def talk(self):
        while self.answers.get() == "NICK":
            self.send(self.screen.ask(ASK_NAME))
        while True:
            self.send(self.screen.ask(PROMPT))

    def leave(self):
        self.is_leaving.set()
        self.screen.prompt = ""
        try:
            self.sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        # close() with something unread would reset, and could cost our own last line.
        self.receiver.join(1)
        self.end(0, "\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=55555)
    options = parser.parse_args()
    sys.stdin.reconfigure(encoding="utf-8", errors="replace")
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    try:
        sock = socket.create_connection((options.host, options.port), timeout=5)
        sock.settimeout(None)
    except (OSError, OverflowError) as problem:
        print(f"Tidak ada server di {options.host}:{options.port} ({problem}).", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    session = Session(sock)
    try:
        session.receiver.start()
        session.talk()
    except (EOFError, KeyboardInterrupt):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        session.leave()


if __name__ == "__main__":
    sys.exit(main())
