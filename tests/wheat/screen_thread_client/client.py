"""A thread that alone writes to the screen, fed by a queue; receiver thread; input() in main.

Here because a queue replaces the lock, and the screen's thread is also the one that ends it all.
"""

import argparse
import os
import queue
import signal
import socket
import sys
import threading
from dataclasses import dataclass


@dataclass(frozen=True)
class Prompt:
    text: str


@dataclass(frozen=True)
class Answered:
    pass


@dataclass(frozen=True)
class Arrived:
    line: str


@dataclass(frozen=True)
class End:
    status: int
    sentence: str


def draw(events):
    """The screen thread."""
    erase = "\r\x1b[2K" if sys.stdout.isatty() else ""
    prompt = ""
    while True:
        match events.get():
            case Prompt(text):
                prompt = text
                print(erase, prompt, sep="", end="", flush=True)
            case Answered():
                prompt = ""
            case Arrived(line):
                print(erase, line, "\n", prompt, sep="", end="", flush=True)
            case End(0, sentence):
                print(sentence, flush=True)
                os._exit(0)
            case End(status, sentence):
                print(erase, sentence, sep="", flush=True)
                os._exit(status)


def receive(sock, events, handshake, leaving):
    """The receiver thread."""
    buffer = bytearray()
    is_in = False
    while True:
        try:
            data = sock.recv(32768)
        except OSError:
            data = b""
        if not data:
            break
        buffer += data
        while (length := buffer.find(b"\n") + 1) > 0:
            line = buffer[: length - 1].removesuffix(b"\r").decode("utf-8", "replace")
            del buffer[:length]
            match line:
                case "NICK" | "OK" if not is_in:
                    is_in = line == "OK"
                    handshake.put(line)
                case _ if is_in or not line.startswith("ERR"):
                    events.put(Arrived(line))
                case _:
                    events.put(Arrived(f"Ditolak: {line[4:]}"))
    if not leaving.is_set():
        events.put(End(1, "Server menutup koneksi."))


class User:
    """The main thread: asks and sends."""

    def __init__(self, sock, events):
        self.sock, self.events = sock, events

    def says(self, prompt):
        self.events.put(Prompt(prompt))
        text = input()
        self.events.put(Answered())
        try:
            self.sock.sendall(text.encode("utf-8", "replace") + b"\n")
        except OSError:
            self.events.put(End(1, "Server tidak dapat dihubungi lagi."))

    def chats(self, handshake):
        while handshake.get() == "NICK":
            self.says("Masukkan username: ")
        while True:
            self.says(">> ")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=55555)
    options = parser.parse_args()
    sys.stdin.reconfigure(encoding="utf-8", errors="replace")
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    try:
        sock = socket.create_connection((options.host, options.port), timeout=5)
    except (OSError, OverflowError) as problem:
        sys.exit(f"Sambungan ke {options.host}:{options.port} gagal: {problem}")
    except KeyboardInterrupt:
        sys.exit(0)
    sock.settimeout(None)

    events, handshake, leaving = queue.SimpleQueue(), queue.SimpleQueue(), threading.Event()
    threading.Thread(target=draw, args=(events,), daemon=True).start()
    receiver = threading.Thread(
        target=receive, args=(sock, events, handshake, leaving), daemon=True
    )
    try:
        receiver.start()
        User(sock, events).chats(handshake)
    except (EOFError, KeyboardInterrupt):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        events.put(Answered())
        leaving.set()
        try:
            sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        receiver.join(1)
        events.put(End(0, "\nSampai jumpa."))
        threading.Event().wait()  # the screen's thread ends the process


if __name__ == "__main__":
    main()
