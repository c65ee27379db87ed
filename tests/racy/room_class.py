"""Classes: a Room with two locks (names, members), Member objects, a Thread subclass."""
# ruff: noqa: SIM105

import argparse
import select
import socket
import threading


class Member:
    def __init__(self, conn):
        self.conn = conn
        self.name = ""
        self.rest = b""
        self.sending = threading.Lock()

    def tell(self, *words):
        try:
            with self.sending:
                if select.select([], [self.conn], [], 0)[1]:
                    self.conn.sendall(" ".join(words).encode() + b"\n")
                else:
                    self.conn.shutdown(socket.SHUT_RDWR)
        except (OSError, ValueError):
            pass

    def line(self):
        while b"\n" not in self.rest:
            data = self.conn.recv(2048)
            if not data:
                raise ConnectionError("pergi")
            self.rest += data
        line, self.rest = self.rest.split(b"\n", 1)
        return line.decode().removesuffix("\r")


class Room:
    def __init__(self):
        self.members = []
        self.names = set()
        self.members_lock = threading.RLock()
        self.names_lock = threading.Lock()

    def enter(self, member, name):
        with self.members_lock:
            with self.names_lock:
                if name in self.names:
                    return False
                self.names.add(name)
            member.name = name
            self.members.append(member)
            member.tell("OK")
        return True

    def exit(self, member):
        with self.members_lock:
            with self.names_lock:
                self.names.discard(member.name)
            if member in self.members:
                self.members.remove(member)

    def say(self, speaker, text):
        with self.members_lock:
            for member in self.members:
                if member is not speaker:
                    member.tell(f"{speaker.name}:", text)


class Service(threading.Thread):
    def __init__(self, room, conn, address):
        super().__init__(daemon=True)
        self.room = room
        self.conn = conn
        self.address = address

    def run(self):
        member = Member(self.conn)
        try:
            self.talk(member)
        except (OSError, UnicodeDecodeError):
            pass
        finally:
            if member.name:
                self.room.exit(member)
            self.conn.close()

    def talk(self, member):
        while True:
            member.tell("NICK")
            name = member.line()
            if self.allowed(name) and self.room.enter(member, name):
                break
            member.tell("ERR", "nama itu tidak bisa")
        print(f"Client {self.address[0]} terhubung dengan nickname: {name}", flush=True)
        while True:
            text = member.line()
            if text:
                print(f"{name}: {text}", flush=True)
                self.room.say(member, text)

    @staticmethod
    def allowed(name):
        plain = name.isprintable() and " " not in name and not name.startswith("*")
        return plain and 0 < len(name) <= 20 and ":" not in name


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=55555)
    options = parser.parse_args()
    room = Room()
    with socket.create_server((options.host, options.port), backlog=100) as listener:
        print("Server menunggu koneksi...", flush=True)
        while True:
            conn, address = listener.accept()
            Service(room, conn, address).start()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
