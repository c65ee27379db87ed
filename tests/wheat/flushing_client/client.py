"""Greets, and reads key by key: sets the terminal once the prompt is out. POSIX.

Here because what is typed before that is dropped, and because lines of its own are allowed.
"""

import argparse
import os
import queue
import socket
import sys
import termios
import threading
import tty

answers = queue.Queue()
leaving = threading.Event()
state = {"prompt": "", "joined": False}
is_terminal = sys.stdout.isatty()


def write(text):
    sys.stdout.write(text)
    sys.stdout.flush()


def show(line):
    if is_terminal:
        write("\r\033[K" + line + "\n" + state["prompt"])
    else:
        write(line + "\n")


def newline():
    write("\n")
    return ""


def key():
    byte = os.read(0, 1)
    while True:
        try:
            text = byte.decode()
            break
        except UnicodeDecodeError:
            byte += os.read(0, 1)
    if text == "\x04":
        raise EOFError
    if text != "\n":
        write(text)
    return text


def read_line(prompt):
    state["prompt"] = prompt
    if not os.isatty(0):
        return input(prompt)
    write(prompt)
    before = termios.tcgetattr(0)
    tty.setcbreak(0)
    try:
        return "".join(iter(key, "\n")) + newline()
    finally:
        termios.tcsetattr(0, termios.TCSADRAIN, before)


def receive(sock):
    try:
        for raw in sock.makefile("rb"):
            line = raw.rstrip(b"\r\n").decode("utf-8", "replace")
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
        write("\nServer memutus koneksi.\n")
        os._exit(1)


def send(sock, text):
    sock.sendall((text + "\n").encode())


def talk(sock):
    while answers.get() == "NICK":
        send(sock, read_line("Masukkan username: "))
    print("Selamat datang!")
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
    print("=" * 30 + "\n  OBROLAN\n" + "=" * 30)
    sock = connect()
    print("Terhubung ke", sock.getpeername()[0])
    receiver = threading.Thread(target=receive, args=(sock,), daemon=True)
    receiver.start()
    try:
        talk(sock)
    except (EOFError, KeyboardInterrupt):
        leaving.set()
        sock.shutdown(socket.SHUT_WR)
        write("\n")
        os._exit(0)


if __name__ == "__main__":
    main()
