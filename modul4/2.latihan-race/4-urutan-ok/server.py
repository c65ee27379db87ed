"""Latihan 4: obrolan datang sebelum OK.

Server latihan, bukan server praktikum: nickname tidak diperiksa, tidak ada yang dicetak,
alamatnya tetap. Ada satu race di dalamnya. Cara memainkannya: docs/id/latihan-4-urutan-ok.md
"""

import socket
import threading
from contextlib import suppress

members = {}  # socket -> nickname
lock = threading.Lock()


def send(conn, line):
    with suppress(OSError):  # Kalau ia sudah pergi, thread-nya sendiri yang membereskan.
        conn.sendall((line + "\n").encode())


def enter(conn, name):
    with lock:
        if name in members.values():
            send(conn, "ERR nickname sudah dipakai")
            return False
        members[conn] = name
    send(conn, "OK")
    return True


def say(sender, text):
    with lock:
        line = f"{members[sender]}: {text}"
        for conn in members:
            if conn is not sender:
                send(conn, line)


def serve(conn):
    reader = conn.makefile(encoding="utf-8", newline="\n")
    try:
        send(conn, "NICK")
        name = reader.readline().strip()
        while name and not enter(conn, name):
            send(conn, "NICK")
            name = reader.readline().strip()
        while name and (line := reader.readline()):
            say(conn, line.strip())
    except OSError:
        pass
    finally:
        with lock:
            members.pop(conn, None)
        conn.close()


listener = socket.create_server(("127.0.0.1", 55555))
while True:
    guest, address = listener.accept()
    threading.Thread(target=serve, args=(guest,), daemon=True).start()
