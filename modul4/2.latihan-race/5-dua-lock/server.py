"""Latihan 5: dua lock, diambil dalam dua urutan.

Server latihan, bukan server praktikum: nickname tidak diperiksa, tidak ada yang dicetak,
alamatnya tetap. Ada satu race di dalamnya. Cara memainkannya: docs/id/latihan-5-dua-lock.md
"""

import socket
import threading
from contextlib import suppress

names = set()  # nickname yang sedang dipakai
room = []  # pasangan (nickname, socket)
names_lock = threading.Lock()
room_lock = threading.Lock()


def send(conn, line):
    with suppress(OSError):  # Kalau ia sudah pergi, thread-nya sendiri yang membereskan.
        conn.sendall((line + "\n").encode())


def enter(pair):
    name, conn = pair
    with room_lock:
        with names_lock:
            if name in names:
                return False
            names.add(name)
        room.append(pair)
        send(conn, "OK")
    return True


def leave(pair):
    with names_lock:
        with room_lock:
            room.remove(pair)
        names.discard(pair[0])


def say(pair, text):
    with room_lock:
        for other in room:
            if other is not pair:
                send(other[1], f"{pair[0]}: {text}")


def serve(conn):
    reader = conn.makefile(encoding="utf-8", newline="\n")
    pair = None
    try:
        while pair is None:
            send(conn, "NICK")
            name = reader.readline().strip()
            if not name:
                return
            if enter(wanted := (name, conn)):
                pair = wanted
            else:
                send(conn, "ERR nickname sudah dipakai")
        for line in reader:
            say(pair, line.strip())
    except OSError:
        pass
    finally:
        if pair is not None:
            leave(pair)
        conn.close()


listener = socket.create_server(("127.0.0.1", 55555))
while True:
    guest, address = listener.accept()
    threading.Thread(target=serve, args=(guest,), daemon=True).start()
