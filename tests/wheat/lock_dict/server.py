"""Lock + dict name -> socket: a snapshot under the lock, sendall outside it, with a send timeout.

Here because it is the textbook answer; a gate for each socket keeps two senders from mixing.
"""

import argparse
import contextlib
import os
import socket
import sys
import threading
import time
import unicodedata

LONGEST_LINE = 4096
SEND_TIMEOUT = 0.5  # seconds a reader may hold up a sender, once; then it is dropped

members = {}  # name -> (socket, gate)
members_lock = threading.Lock()
console_lock = threading.Lock()


def show(text):
    # print() writes the text and the line end apart: two threads could mix them.
    with console_lock:
        print(text, flush=True)


def is_valid(name):
    return (
        1 <= len(name) <= 20
        and not name.startswith("*")
        and not any(c == ":" or c.isspace() or unicodedata.category(c) == "Cc" for c in name)
    )


def lines(conn):
    rest = b""
    while True:
        *whole, rest = rest.split(b"\n")
        for line in whole:
            yield line.removesuffix(b"\r").decode()
        if len(rest) > LONGEST_LINE + 1:
            return
        try:
            chunk = conn.recv(65536)
        except TimeoutError:  # the timeout is meant for sends; a silent client is welcome
            continue
        if not chunk:
            return
        rest += chunk


def hang_up(conn):
    with contextlib.suppress(OSError):
        conn.shutdown(socket.SHUT_RDWR)


def write(conn, data):
    """Needs the gate. Half a line may be out when it fails, so nothing may follow it."""
    try:
        conn.sendall(data)
    except OSError:
        hang_up(conn)  # its own thread wakes from recv() and cleans up
        raise


def send(member, data):
    conn, gate = member
    with gate:
        write(conn, data)


def join(name, member):
    conn, gate = member
    with gate:  # whoever sees the new member waits here until its OK is out
        with members_lock:
            if name in members:
                return False
            members[name] = member
        write(conn, b"OK\n")
    return True


def broadcast(author, text):
    data = f"{author}: {text}\n".encode()
    with members_lock:
        others = [member for name, member in members.items() if name != author]
    for member in others:
        with contextlib.suppress(OSError):
            send(member, data)


def serve(conn, ip):
    conn.settimeout(SEND_TIMEOUT)
    member = (conn, threading.Lock())
    name = None
    try:
        send(member, b"NICK\n")
        for line in lines(conn):
            if name is not None:
                if line:
                    show(f"{name}: {line}")
                    broadcast(name, line)
            elif not is_valid(line):
                send(member, b"ERR nama tidak sah\nNICK\n")
            elif not join(line, member):
                send(member, b"ERR nama sudah dipakai\nNICK\n")
            else:
                name = line
                show(f"Client {ip} terhubung dengan nickname: {name}")
    except (OSError, UnicodeDecodeError):
        pass
    finally:
        with members_lock:
            for key in [key for key, value in members.items() if value is member]:
                del members[key]
        hang_up(conn)
        with member[1]:  # nobody is inside sendall when the descriptor goes
            conn.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=55555)
    options = parser.parse_args()
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    try:
        listener = socket.create_server((options.host, options.port), backlog=256)
    except (OSError, OverflowError) as problem:
        print(f"Port {options.port} tidak dapat dipakai: {problem}", file=sys.stderr)
        return 1
    try:
        show("Server menunggu koneksi...")
        while True:
            try:
                conn, address = listener.accept()
            except OSError:  # out of descriptors, or gone before it was accepted
                time.sleep(0.1)
                continue
            threading.Thread(target=serve, args=(conn, address[0]), daemon=True).start()
    except KeyboardInterrupt:
        sys.stdout.flush()
        os._exit(0)  # the threads are in recv(); the system closes their sockets


if __name__ == "__main__":
    sys.exit(main())
