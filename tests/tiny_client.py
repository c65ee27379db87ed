"""A chat client in seventy lines, right in all that it does, to be edited by a test. POSIX.

It stands for what a beginner writes: a receiver thread, input() in the main thread.
"""

CLIENT = """\
import argparse
import os
import queue
import socket
import sys
import threading

answers = queue.Queue()
leaving = threading.Event()
state = {"prompt": "", "joined": False}
tty = sys.stdout.isatty()


def write(text):
    sys.stdout.write(text)
    sys.stdout.flush()


def show(line):
    if tty:
        write("\\r\\033[K" + line + "\\n" + state["prompt"])
    else:
        write(line + "\\n")


def read_line(prompt):
    state["prompt"] = prompt
    return input(prompt)


def receive(sock):
    try:
        for raw in sock.makefile("rb"):
            line = raw.rstrip(b"\\r\\n").decode("utf-8", "replace")
            if state["joined"]:
                show(line)
            elif line in ("NICK", "OK"):
                state["joined"] = line == "OK"
                answers.put(line)
            else:
                show(line.removeprefix("ERR "))
    except OSError:
        pass
    if not leaving.is_set():
        write("\\nServer memutus koneksi.\\n")
        os._exit(1)


def send(sock, text):
    sock.sendall((text + "\\n").encode())


def talk(sock):
    while answers.get() == "NICK":
        send(sock, read_line("Masukkan username: "))
    while True:
        text = read_line(">> ")
        if text:
            send(sock, text)


def connect():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=55555)
    args = parser.parse_args()
    address = (args.host, args.port)
    try:
        return socket.create_connection(address)
    except OSError as error:
        sys.exit(f"Tidak ada server: {error}")


def main():
    sock = connect()
    receiver = threading.Thread(target=receive, args=(sock,), daemon=True)
    receiver.start()
    try:
        talk(sock)
    except (EOFError, KeyboardInterrupt):
        leaving.set()
        sock.shutdown(socket.SHUT_WR)
        write("\\n")
        os._exit(0)


main()
"""


def edited(*edits: tuple[str, str]) -> str:
    """The client with each old text, which stands there once, replaced by the new one."""
    text = CLIENT
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text
