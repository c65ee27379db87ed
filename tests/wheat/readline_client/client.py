"""`import readline` on purpose: history and editing, and what was half typed is drawn again. POSIX.

Here because os._exit() would leave the terminal without echo: a signal wakes input() instead.
"""

import argparse
import os
import queue
import readline
import signal
import socket
import sys
import threading
import time
from contextlib import suppress

IS_TERMINAL = os.isatty(0) and os.isatty(1)


class ServerGone(Exception):
    pass


class Display:
    def __init__(self):
        self.lock = threading.Lock()
        self.prompt = None

    def show(self, line):
        with self.lock:
            if IS_TERMINAL:
                # readline knows nothing of this; what it had on the row comes back below the line.
                row = "" if self.prompt is None else self.prompt + readline.get_line_buffer()
                sys.stdout.write(f"\r\33[K{line}\n{row}")
            else:
                sys.stdout.write(f"{line}\n")
            sys.stdout.flush()

    def ask(self, prompt):
        with self.lock:
            self.prompt = prompt
        try:
            if IS_TERMINAL:
                # Between \1 and \2: takes no room on the row. It clears what show() may have drawn.
                return input(f"\1\r\33[K\2{prompt}")
            return input(prompt)
        finally:
            with self.lock:
                self.prompt = None


class Link(threading.Thread):
    """Receives; wakes the main thread by SIGUSR1 when the server is gone."""

    def __init__(self, sock, display):
        super().__init__(daemon=True)
        self.sock, self.display = sock, display
        self.verdicts = queue.SimpleQueue()
        self.is_leaving = threading.Event()
        self.main_thread = threading.get_ident()

    def run(self):
        rest, joined = b"", False
        while chunk := self.receive():
            *lines, rest = (rest + chunk).split(b"\n")
            for line in (raw.removesuffix(b"\r").decode("utf-8", "replace") for raw in lines):
                if not joined and line in ("NICK", "OK"):
                    joined = line == "OK"
                    self.verdicts.put(joined)
                else:
                    self.display.show(line if joined else line.removeprefix("ERR "))
        while not self.is_leaving.is_set():
            # Again and again: a signal just before input() begins to wait would not wake it.
            signal.pthread_kill(self.main_thread, signal.SIGUSR1)
            time.sleep(0.1)

    def receive(self):
        try:
            return self.sock.recv(65536)
        except OSError:
            return b""

    def send(self, text):
        try:
            self.sock.sendall(text.encode("utf-8", "replace") + b"\n")
        except OSError:
            raise ServerGone from None

    def leave(self):
        self.is_leaving.set()
        with suppress(OSError):
            self.sock.shutdown(socket.SHUT_WR)
        self.join(1)


def on_server_gone(signum, frame):
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    raise ServerGone


def converse(link, display):
    while not link.verdicts.get():
        link.send(display.ask("Masukkan username: "))
    while True:
        link.send(display.ask(">> "))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=55555)
    options = parser.parse_args()
    sys.stdin.reconfigure(encoding="utf-8", errors="replace")
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    readline.parse_and_bind("set enable-bracketed-paste off")
    try:
        sock = socket.create_connection((options.host, options.port), timeout=5)
        sock.settimeout(None)
    except (OSError, OverflowError) as problem:
        print(f"Tidak ada server di {options.host}:{options.port}: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    display = Display()
    link = Link(sock, display)
    signal.signal(signal.SIGUSR1, on_server_gone)
    try:
        try:
            link.start()
            converse(link, display)
        except (EOFError, KeyboardInterrupt):
            signal.signal(signal.SIGUSR1, signal.SIG_IGN)
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            link.leave()
            print()
            return 0
    except ServerGone:  # also when it goes in the moment the user leaves
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)
        link.is_leaving.set()
        print("\r\33[K" if IS_TERMINAL else "", "Server memutus koneksi.", sep="", flush=True)
        return 1


if __name__ == "__main__":
    sys.exit(main())
