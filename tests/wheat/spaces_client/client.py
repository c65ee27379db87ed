"""Covers the row with spaces and "\\r", no ANSI at all; input() is given the prompt.

Here because it works on every terminal, also where escape codes are printed as they are, and
because it receives with a limit of time, over and over.
"""

import argparse
import os
import shutil
import signal
import socket
import sys
import threading


class ChatClient:
    USERNAME_PROMPT = "\rMasukkan username: "  # \r: show() may have drawn it on this row already
    PROMPT = "\r>> "

    def __init__(self, sock):
        self.sock = sock
        self.output_lock = threading.Lock()
        self.prompt = ""
        self.news = threading.Condition()
        self.questions = 0
        self.accepted = False
        self.leaving = False
        self.thread = threading.Thread(target=self.receive_loop, daemon=True)

    # -- receiver thread

    def receive_loop(self):
        pending = b""
        try:
            while data := self.next_bytes():
                pending += data
                while (at := pending.find(b"\n")) != -1:
                    self.take(pending[:at].removesuffix(b"\r").decode("utf-8", "replace"))
                    pending = pending[at + 1 :]
        except OSError:
            pass
        if not self.leaving:
            self.quit(1, "Server berhenti. Program ditutup.")

    def next_bytes(self):
        while True:
            try:
                return self.sock.recv(4096)
            except TimeoutError:
                pass  # nobody has said anything for a second

    def take(self, line):
        if self.accepted:
            self.show(line)
        elif line == "NICK":
            with self.news:
                self.questions += 1
                self.news.notify()
        elif line == "OK":
            with self.news:
                self.accepted = True
                self.news.notify()
        elif line.split(" ")[0] == "ERR":
            self.show("Username tidak diterima: " + line[4:])
        else:
            self.show(line)

    def show(self, line):
        with self.output_lock:
            self.cover()
            sys.stdout.write(line + "\n" + self.prompt.lstrip("\r"))
            sys.stdout.flush()

    def cover(self):
        """Needs the lock. Spaces over prompt and typed text, and back to the first column."""
        if sys.stdout.isatty():
            width = shutil.get_terminal_size().columns - 1
            sys.stdout.write("\r" + " " * width + "\r")

    # -- main thread

    def ask(self, prompt):
        with self.output_lock:
            self.prompt = prompt
        typed = input(prompt)
        with self.output_lock:
            self.prompt = ""
        self.send(typed)

    def send(self, text):
        try:
            self.sock.sendall(text.encode("utf-8", "replace") + b"\n")
        except OSError:
            self.quit(1, "Server tidak menerima lagi. Program ditutup.")

    def wait_for_news(self, seen):
        with self.news:
            self.news.wait_for(lambda: self.accepted or self.questions > seen)
            return self.questions

    def run(self):
        self.thread.start()
        seen = self.wait_for_news(0)
        while not self.accepted:
            self.ask(self.USERNAME_PROMPT)
            seen = self.wait_for_news(seen)
        while True:
            self.ask(self.PROMPT)

    def leave(self):
        self.leaving = True
        self.prompt = ""
        try:
            self.sock.shutdown(socket.SHUT_WR)
            self.thread.join(1)
        except OSError:
            pass
        self.quit(0, "\nSampai jumpa.")

    def quit(self, status, sentence):
        self.output_lock.acquire()  # and keep it: this is the last thing written
        if status:
            self.cover()
        sys.stdout.write(sentence + "\n")
        sys.stdout.flush()
        os._exit(status)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=55555)
    options = parser.parse_args()
    sys.stdin.reconfigure(encoding="utf-8", errors="replace")
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    try:
        sock = socket.create_connection((options.host, options.port), timeout=5)
        sock.settimeout(1)
    except (OSError, OverflowError) as problem:
        print(f"Gagal terhubung ke {options.host}:{options.port}, apakah server jalan? {problem}")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(0)
    client = ChatClient(sock)
    try:
        client.run()
    except (EOFError, KeyboardInterrupt):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        client.leave()


if __name__ == "__main__":
    main()
