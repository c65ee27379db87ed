"""Asks for the username first and connects then; print() for prompts, sys.stdin.readline() to read.

Here because half of all beginners ask before they connect; the answer still waits for NICK.
"""

import argparse
import os
import signal
import socket
import sys
import threading
from contextlib import suppress

printing = threading.RLock()
turn = threading.Condition(printing)  # something has come from the server
requests = 0  # how many times NICK came
joined = False
leaving = False
current_prompt = ""


def say(text, end="\n"):
    print(text, end=end, flush=True)


def start_of_row():
    return "\r\x1b[K" if sys.stdout.isatty() else ""


def read_line(prompt):
    """What the user typed, without its end; None at the end of input."""
    global current_prompt
    with printing:
        current_prompt = prompt
        say(start_of_row() + prompt, end="")
    line = sys.stdin.readline()
    with printing:
        current_prompt = ""
    return line.removesuffix("\n") if line else None


def send_line(sock, text):
    with suppress(OSError):  # the receiver sees the same and ends the program
        sock.sendall((text + "\n").encode("utf-8", "replace"))


def show(line):
    say(f"{start_of_row()}{line}\n{current_prompt}", end="")


def receiver(sock):
    global requests, joined
    with sock.makefile("rb") as incoming, suppress(OSError):
        for raw in incoming:
            line = raw.rstrip(b"\n").removesuffix(b"\r").decode("utf-8", "replace")
            with turn:
                if joined:
                    show(line)
                elif line == "NICK":
                    requests += 1
                elif line == "OK":
                    joined = True
                elif line.startswith("ERR"):
                    show(f"Maaf, {line[3:].strip()}.")
                else:
                    show(line)
                turn.notify_all()
    with printing:
        if leaving:
            return
        say(f"{start_of_row()}Koneksi terputus: server berhenti.")
        os._exit(1)  # the main thread waits in readline(), and nothing else ends that


def introduce(sock, username):
    """True once the server says OK; False at the end of input."""
    answered = 0
    while True:
        with turn:
            turn.wait_for(lambda: joined or requests > answered)
            if joined:
                return True
            answered = requests
        if answered > 1:  # the first name was asked for before connecting
            username = read_line("Masukkan username: ")
            if username is None:
                return False
        send_line(sock, username)


def converse(sock, username):
    if introduce(sock, username):
        while (text := read_line(">> ")) is not None:
            send_line(sock, text)


def main():
    global leaving, current_prompt
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=55555)
    options = parser.parse_args()
    sys.stdin.reconfigure(encoding="utf-8", errors="replace")
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")

    username = read_line("Masukkan username: ")
    if username is None:
        say("")
        return 0
    try:
        sock = socket.create_connection((options.host, options.port), timeout=5)
        sock.settimeout(None)
    except (OSError, OverflowError) as problem:
        say(f"Server tidak ditemukan di {options.host} port {options.port}: {problem}")
        return 1
    thread = threading.Thread(target=receiver, args=(sock,), daemon=True)
    try:
        thread.start()
        converse(sock, username)
    except KeyboardInterrupt:
        pass
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    leaving, current_prompt = True, ""
    with suppress(OSError):
        sock.shutdown(socket.SHUT_WR)
    thread.join(1)
    say("")
    os._exit(0)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(0)
