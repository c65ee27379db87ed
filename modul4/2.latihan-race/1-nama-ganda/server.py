"""Latihan 1: dua client meminta nickname yang sama.

Server latihan, bukan server praktikum: nickname tidak diperiksa, tidak ada yang dicetak,
alamatnya tetap. Ada satu race di dalamnya. Cara memainkannya: docs/id/latihan-1-nama-ganda.md
"""

import socket
import threading
from contextlib import suppress

members = {}  # nickname -> socket
lock = threading.Lock()


def send(conn, line):
    with suppress(OSError):  # Kalau ia sudah pergi, thread-nya sendiri yang membereskan.
        conn.sendall((line + "\n").encode())


def enter(name, conn):
    """True kalau nickname itu bebas; sejak itu ia milik conn."""
    if name in members:
        return False
    with lock:
        members[name] = conn
        send(conn, "OK")
    return True


def say(name, text):
    with lock:
        for other, conn in members.items():
            if other != name:
                send(conn, f"{name}: {text}")


def serve(conn):
    reader = conn.makefile(encoding="utf-8", newline="\n")
    name = ""
    try:
        while not name:
            send(conn, "NICK")
            wanted = reader.readline().strip()
            if not wanted:
                return
            if enter(wanted, conn):
                name = wanted
            else:
                send(conn, "ERR nickname sudah dipakai")
        for line in reader:
            say(name, line.strip())
    except OSError:
        pass
    finally:
        with lock:
            members.pop(name, None)
        conn.close()


listener = socket.create_server(("127.0.0.1", 55555))
while True:
    guest, address = listener.accept()
    threading.Thread(target=serve, args=(guest,), daemon=True).start()
