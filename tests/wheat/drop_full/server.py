"""Sends without waiting, under the room's RLock; a reader whose buffer is full is dropped. POSIX.

Here because it is short, quick and right: no send ever blocks, so one lock may guard everything.
"""

import argparse
import os
import signal
import socket
import sys
import threading
import time
import unicodedata


class Room:
    def __init__(self):
        self.lock = threading.RLock()
        self.nickname_of = {}  # socket -> nickname

    def send(self, sock, line):
        """All of it or nothing at all: with half a line in the buffer the client must go."""
        data = f"{line}\n".encode()
        with self.lock:
            try:
                whole = sock.send(data, socket.MSG_DONTWAIT) == len(data)
            except OSError:  # BlockingIOError (full) is one of them
                whole = False
            if not whole:
                self.kick(sock)

    def kick(self, sock):
        """Its thread wakes from recv(), frees the name and closes the socket."""
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def join(self, sock, nickname):
        with self.lock:
            if nickname in self.nickname_of.values():
                return False
            self.nickname_of[sock] = nickname
            self.send(sock, "OK")
            return True

    def say(self, sock, text):
        with self.lock:
            for other in self.nickname_of:
                if other is not sock:
                    self.send(other, f"{self.nickname_of[sock]}: {text}")

    def leave(self, sock):
        with self.lock:
            self.nickname_of.pop(sock, None)
            self.kick(sock)
            sock.close()


class Connection:
    def __init__(self, room, sock, ip, output):
        self.room, self.sock, self.ip, self.output = room, sock, ip, output

    def run(self):
        try:
            lines = self.lines()
            nickname = self.ask_nickname(lines)
            for text in lines:
                if text:
                    self.output(f"{nickname}: {text}")
                    self.room.say(self.sock, text)
        except (OSError, UnicodeDecodeError):
            pass
        finally:
            self.room.leave(self.sock)

    def ask_nickname(self, lines):
        self.room.send(self.sock, "NICK")
        for wanted in lines:
            problem = self.problem_with(wanted)
            if problem is None:
                if self.room.join(self.sock, wanted):
                    self.output(f"Client {self.ip} terhubung dengan nickname: {wanted}")
                    return wanted
                problem = "nickname sudah dipakai"
            self.room.send(self.sock, f"ERR {problem}\nNICK")
        return None

    @staticmethod
    def problem_with(wanted):
        if not wanted:
            return "nickname kosong"
        if len(wanted) > 20:
            return "nickname terlalu panjang"
        if wanted.startswith("*") or ":" in wanted:
            return "nickname berisi tanda yang dilarang"
        if any(c.isspace() for c in wanted):
            return "nickname berisi spasi"
        if any(unicodedata.category(c) == "Cc" for c in wanted):
            return "nickname berisi karakter kendali"
        return None

    def lines(self):
        received = bytearray()
        while True:
            end = received.find(b"\n")
            if end >= 0:
                line = bytes(received[:end])
                del received[: end + 1]
                yield line.removesuffix(b"\r").decode("utf-8")
            elif len(received) > 4097:
                return
            elif chunk := self.sock.recv(4096):
                received += chunk
            else:
                return


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=55555)
    options = parser.parse_args()
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    output_lock = threading.Lock()

    def output(text):
        with output_lock:
            print(text, flush=True)

    def interrupted(signum, frame):
        os._exit(0)  # every line was flushed as it was printed

    try:
        listener = socket.create_server((options.host, options.port), backlog=256)
    except (OSError, OverflowError) as problem:
        print(f"Tidak bisa memakai {options.host}:{options.port}: {problem}", file=sys.stderr)
        return 1
    signal.signal(signal.SIGINT, interrupted)
    room = Room()
    output("Server menunggu koneksi...")
    while True:
        try:
            sock, (ip, _) = listener.accept()
        except OSError:
            time.sleep(0.1)
            continue
        connection = Connection(room, sock, ip, output)
        threading.Thread(target=connection.run, daemon=True).start()


if __name__ == "__main__":
    sys.exit(main())
