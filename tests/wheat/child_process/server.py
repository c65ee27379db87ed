"""Chat server whose parent only watches: a child process listens and serves."""

import argparse
import multiprocessing
import os
import signal
import socket
import sys
import threading
import unicodedata

# Windows does not have it; there a full reader would be waited for.
AT_ONCE = getattr(socket, "MSG_DONTWAIT", 0)
LONGEST = 64 * 1024

room = {}
room_lock = threading.Lock()
screen_lock = threading.Lock()


def show(text):
    with screen_lock:
        print(text, flush=True)


def tell(conn, text):
    data = text.encode() + b"\n"
    try:
        if conn.send(data, AT_ONCE) == len(data):
            return
    except OSError:
        pass
    # It does not read: wake its own thread, which then takes it away.
    try:
        conn.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


def is_good(name):
    if not 1 <= len(name) <= 20 or name.startswith("*"):
        return False
    return not any(c == ":" or c.isspace() or unicodedata.category(c) == "Cc" for c in name)


def come_in(conn, name):
    with room_lock:
        if name in room:
            return False
        room[name] = conn
        tell(conn, "OK")
    return True


def pass_on(speaker, text):
    with room_lock:
        for name, conn in room.items():
            if name != speaker:
                tell(conn, f"{speaker}: {text}")


def lines_of(conn):
    rest = b""
    while data := conn.recv(4096):
        *whole, rest = (rest + data).split(b"\n")
        for line in whole:
            yield line.removesuffix(b"\r").decode("utf-8", "replace")
        if len(rest) > LONGEST:
            return


def serve(conn, ip):
    name = None
    try:
        tell(conn, "NICK")
        for line in lines_of(conn):
            if name is None:
                if is_good(line) and come_in(conn, line):
                    name = line
                    show(f"Client {ip} terhubung dengan nickname: {name}")
                else:
                    tell(conn, "ERR nama itu tidak bisa dipakai\nNICK")
            elif line:
                show(f"{name}: {line}")
                pass_on(name, line)
    except OSError:
        pass
    finally:
        if name is not None:
            with room_lock:
                del room[name]
        conn.close()


def keep_the_door(listener):
    while True:
        conn, address = listener.accept()
        threading.Thread(target=serve, args=(conn, address[0]), daemon=True).start()


def work(host, port):
    """In the child: listen and serve, until Ctrl-C."""
    signal.signal(signal.SIGINT, lambda *_: os._exit(0))
    listener = socket.socket()
    if os.name == "posix":  # on Windows the option would let two servers share the port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as problem:
        sys.exit(f"{host}:{port} tidak bisa dipakai: {problem}")
    listener.listen(128)
    show("Server menunggu koneksi...")
    keep_the_door(listener)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=55555)
    chosen = parser.parse_args()
    # The worker hears Ctrl-C, too, and ends. An exception here could lose the worker's exit code.
    signal.signal(signal.SIGINT, lambda *_: None)
    worker = multiprocessing.Process(target=work, args=(chosen.host, chosen.port))
    worker.start()
    worker.join()
    sys.exit(worker.exitcode)


if __name__ == "__main__":
    main()
