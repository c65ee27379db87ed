"""Latihan 3: dua thread menaikkan satu hitungan.

Server latihan, bukan server praktikum: nickname tidak diperiksa, tidak ada yang dicetak,
alamatnya tetap. Ada satu race di dalamnya. Cara memainkannya: docs/id/latihan-3-nomor-kembar.md
"""

import socket
import threading
from contextlib import suppress

members = {}  # nomor -> (nickname, socket)
next_number = 1
lock = threading.Lock()


def send(conn, line):
    with suppress(OSError):  # Kalau ia sudah pergi, thread-nya sendiri yang membereskan.
        conn.sendall((line + "\n").encode())


def enter(name, conn):
    """Nomor anggota baru; 0 kalau nickname-nya sudah dipakai."""
    global next_number
    number = next_number
    next_number = number + 1
    with lock:
        for other, _ in members.values():
            if other == name:
                return 0
        members[number] = (name, conn)
        send(conn, "OK")
    return number


def say(number, name, text):
    with lock:
        for other, (_, conn) in members.items():
            if other != number:
                send(conn, f"{name}: {text}")


def serve(conn):
    reader = conn.makefile(encoding="utf-8", newline="\n")
    number = 0
    try:
        while not number:
            send(conn, "NICK")
            name = reader.readline().strip()
            if not name:
                return
            number = enter(name, conn)
            if not number:
                send(conn, "ERR nickname sudah dipakai")
        for line in reader:
            say(number, name, line.strip())
    except OSError:
        pass
    finally:
        with lock:
            members.pop(number, None)
        conn.close()


listener = socket.create_server(("127.0.0.1", 55555))
while True:
    guest, address = listener.accept()
    threading.Thread(target=serve, args=(guest,), daemon=True).start()
