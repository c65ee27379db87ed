"""Latihan 2: daftar ditelusuri sementara thread lain mengubahnya.

Server latihan, bukan server praktikum: nickname tidak diperiksa, tidak ada yang dicetak,
alamatnya tetap. Ada satu race di dalamnya. Cara memainkannya: docs/id/latihan-2-daftar-berubah.md
"""

import socket
import threading
from contextlib import suppress

names = []  # nickname, urut masuk
conns = []  # socket masing-masing, pada tempat yang sama
lock = threading.Lock()


def send(conn, line):
    with suppress(OSError):  # Kalau ia sudah pergi, thread-nya sendiri yang membereskan.
        conn.sendall((line + "\n").encode())


def enter(name, conn):
    with lock:
        if name in names:
            return False
        names.append(name)
        conns.append(conn)
        send(conn, "OK")
        return True


def leave(conn):
    with lock:
        if conn in conns:
            at = conns.index(conn)
            names.pop(at)
            conns.pop(at)


def say(name, sender, text):
    for conn in conns:
        if conn is not sender:
            send(conn, f"{name}: {text}")


def serve(conn):
    reader = conn.makefile(encoding="utf-8", newline="\n")
    try:
        send(conn, "NICK")
        name = reader.readline().strip()
        while name and not enter(name, conn):
            send(conn, "ERR nickname sudah dipakai")
            send(conn, "NICK")
            name = reader.readline().strip()
        while name and (line := reader.readline()):
            say(name, conn, line.strip())
    except OSError:
        pass
    finally:
        leave(conn)
        conn.close()


listener = socket.create_server(("127.0.0.1", 55555))
while True:
    guest, address = listener.accept()
    threading.Thread(target=serve, args=(guest,), daemon=True).start()
