"""Correct twin: socketserver, a handler object per client, one room on the server."""
# ruff: noqa: SIM105

import argparse
import os
import socket
import socketserver
import sys
import threading


class Room:
    def __init__(self):
        self.guard = threading.Lock()
        self.people = {}

    def enter(self, name, person):
        with self.guard:
            if name in self.people:
                return False
            self.people[name] = person
            person.send("OK")
            return True

    def leave(self, name):
        with self.guard:
            del self.people[name]

    def others(self, name):
        with self.guard:
            return [p for n, p in self.people.items() if n != name]


class ChatServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64
    room = Room()


class Handler(socketserver.StreamRequestHandler):
    def setup(self):
        super().setup()
        self.name = None
        self.room = self.server.room

    def send(self, text):
        payload = f"{text}\n".encode()
        try:
            if self.request.send(payload, socket.MSG_DONTWAIT) == len(payload):
                return
        except OSError:
            pass
        try:
            self.request.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def next_line(self):
        raw = self.rfile.readline(4098)
        if not raw.endswith(b"\n"):
            raise EOFError
        return raw[:-1].removesuffix(b"\r").decode()

    def login(self):
        while self.name is None:
            self.send("NICK")
            want = self.next_line()
            ok = 1 <= len(want) <= 20 and not want.startswith("*") and want.isprintable()
            if not ok or any(c.isspace() or c == ":" for c in want):
                self.send("ERR bad nickname")
            elif self.room.enter(want, self):
                self.name = want
            else:
                self.send("ERR taken")

    def handle(self):
        try:
            self.login()
            print(
                f"Client {self.client_address[0]} terhubung dengan nickname: {self.name}",
                flush=True,
            )
            while True:
                self.relay(self.next_line())
        except (OSError, EOFError, UnicodeDecodeError):
            pass

    def relay(self, text):
        if not text:
            return
        print(f"{self.name}: {text}", flush=True)
        for person in self.room.others(self.name):
            person.send(f"{self.name}: {text}")

    def finish(self):
        if self.name is not None:
            self.room.leave(self.name)
        try:
            super().finish()
        except OSError:
            pass


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--host", default="127.0.0.1")
    ap.add_argument("--port", type=int, default=55555)
    args = ap.parse_args()
    try:
        srv = ChatServer((args.host, args.port), Handler)
    except OSError as e:
        print(f"cannot listen: {e}", file=sys.stderr)
        sys.exit(1)
    print("Server menunggu koneksi...", flush=True)
    try:
        srv.serve_forever()
    except KeyboardInterrupt:
        os._exit(0)
