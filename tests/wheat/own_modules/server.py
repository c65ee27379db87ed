"""Chat server with modules of its own whose names the standard library has, too."""

import argparse
import os
import queue
import socket
import sys
import threading
import unicodedata

# Windows does not have it; there a full reader would be waited for.
AT_ONCE = getattr(socket, "MSG_DONTWAIT", 0)
LONGEST = 64 * 1024

heard = queue.History(50)

inside = {}
inside_lock = threading.Lock()
screen_lock = threading.Lock()


def show(text):
    with screen_lock:
        print(text, flush=True)


def pass_to(conn, text):
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


def let_in(conn, name):
    with inside_lock:
        if name in inside:
            return False
        inside[name] = conn
        pass_to(conn, "OK")
    return True


def pass_on(speaker, text):
    with inside_lock:
        for name, conn in inside.items():
            if name != speaker:
                pass_to(conn, f"{speaker}: {text}")


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
        pass_to(conn, "NICK")
        for line in lines_of(conn):
            if name is None:
                if is_good(line) and let_in(conn, line):
                    name = line
                    show(f"Client {ip} terhubung dengan nickname: {name}")
                else:
                    pass_to(conn, "ERR nama itu tidak bisa dipakai\nNICK")
            elif line:
                show(f"{name}: {line}")
                heard.add(line)
                pass_on(name, line)
    except OSError:
        pass
    finally:
        if name is not None:
            with inside_lock:
                del inside[name]
        conn.close()


def keep_the_door(listener):
    while True:
        conn, address = listener.accept()
        threading.Thread(target=serve, args=(conn, address[0]), daemon=True).start()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=55555)
    chosen = parser.parse_args()
    listener = socket.socket()
    if os.name == "posix":  # on Windows the option would let two servers share the port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((chosen.host, chosen.port))
    except OSError as problem:
        sys.exit(f"{chosen.host}:{chosen.port} tidak bisa dipakai: {problem}")
    listener.listen(128)
    show("Server menunggu koneksi...")
    try:
        keep_the_door(listener)
    except KeyboardInterrupt:
        pass
    os._exit(0)


main()
