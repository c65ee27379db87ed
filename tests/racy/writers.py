"""A queue and a writer thread for each client; ids for members, copied list of members."""
# ruff: noqa: RUF005, SIM105

import argparse
import queue
import socket
import threading

members = []
taken = {}
next_id = 0
guard = threading.Lock()


class Member:
    def __init__(self, conn, address):
        self.conn = conn
        self.address = address
        self.name = None
        self.number = None
        self.outbox = queue.Queue(maxsize=1000)

    def send(self, text):
        try:
            self.outbox.put_nowait(text)
        except queue.Full:
            self.hang_up()

    def hang_up(self):
        try:
            self.conn.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def write(self):
        try:
            while True:
                text = self.outbox.get()
                if text is None:
                    break
                self.conn.sendall((text + "\n").encode())
        except OSError:
            self.hang_up()


def register(member, name):
    global next_id, members
    with guard:
        if name in taken.values():
            return False
        number = next_id
        next_id = number + 1
        taken[number] = name
        member.name, member.number = name, number
        member.send("OK")
        members = members + [member]
        return True


def unregister(member):
    global members
    with guard:
        members = [other for other in members if other is not member]
        del taken[member.number]


def broadcast(text, sender):
    # Whoever has its OK is in the list by the time the guard is free.
    with guard:
        everybody = members
    for member in everybody:
        if member is not sender:
            member.send(text)


def valid(name):
    return (
        0 < len(name) < 21
        and name.isprintable()
        and not name.startswith("*")
        and not set(name) & set(" :\t\u00a0")
    )


def read(member):
    stream = member.conn.makefile("rb")
    member.send("NICK")
    for raw in stream:
        if not raw.endswith(b"\n"):
            break
        line = raw.rstrip(b"\r\n").decode()
        if member.name is None:
            if valid(line) and register(member, line):
                print(f"Client {member.address[0]} terhubung dengan nickname: {line}", flush=True)
            else:
                member.send("ERR tidak bisa")
                member.send("NICK")
        elif line:
            print(f"{member.name}: {line}", flush=True)
            broadcast(f"{member.name}: {line}", member)


def serve(conn, address):
    member = Member(conn, address)
    writer = threading.Thread(target=member.write, daemon=True)
    writer.start()
    try:
        read(member)
    except (OSError, UnicodeDecodeError):
        pass
    finally:
        if member.name is not None:
            unregister(member)
        member.send(None)
        writer.join(1)
        member.hang_up()
        writer.join()
        conn.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=55555)
    options = parser.parse_args()
    listener = socket.create_server((options.host, options.port), backlog=100)
    print("Server menunggu koneksi...", flush=True)
    while True:
        conn, address = listener.accept()
        threading.Thread(target=serve, args=(conn, address), daemon=True).start()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
