"""A submission of more than one file: this one imports chatroom.py, which lies beside it.

Here because nobody said that a program is one file; the folder must travel with it.
"""

import argparse
import os
import socket
import sys
import threading
import time

from chatroom import ChatRoom, Participant, Refused

MAX_LINE = 4096


class Server:
    def __init__(self, listener):
        self.listener = listener
        self.room = ChatRoom()
        self.print_lock = threading.Lock()

    def print(self, text):
        with self.print_lock:
            print(text, flush=True)

    def accept_forever(self):
        self.print("Server menunggu koneksi...")
        while True:
            try:
                connection, address = self.listener.accept()
            except OSError:
                time.sleep(0.1)
                continue
            participant = Participant(connection, address[0])
            threading.Thread(target=self.serve, args=(participant,), daemon=True).start()

    def serve(self, participant):
        try:
            participant.send("NICK")
            for line in self.lines(participant.connection):
                if participant.nickname is None:
                    self.introduce(participant, line)
                elif line:
                    self.print(f"{participant.nickname}: {line}")
                    self.room.broadcast(participant, line)
        except (OSError, UnicodeDecodeError):
            pass
        finally:
            self.room.leave(participant)
            participant.close()

    def introduce(self, participant, nickname):
        try:
            self.room.join(participant, nickname)
        except Refused as reason:
            participant.send(f"ERR {reason}", "NICK")
        else:
            self.print(f"Client {participant.ip} terhubung dengan nickname: {nickname}")

    @staticmethod
    def lines(connection):
        buffer = bytearray()
        while True:
            start = 0
            while (end := buffer.find(b"\n", start)) != -1:
                yield buffer[start:end].removesuffix(b"\r").decode("utf-8")
                start = end + 1
            del buffer[:start]
            if len(buffer) > MAX_LINE + 1:
                return
            try:
                received = connection.recv(32768)
            except TimeoutError:
                continue
            if not received:
                return
            buffer += received


def main():
    parser = argparse.ArgumentParser(description="Server obrolan")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=55555)
    options = parser.parse_args()
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    try:
        listener = socket.create_server((options.host, options.port), backlog=256)
    except (OSError, OverflowError) as problem:
        print(f"Tidak bisa memakai port {options.port}: {problem}", file=sys.stderr)
        return 1
    try:
        Server(listener).accept_forever()
    except KeyboardInterrupt:
        sys.stdout.flush()
        os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
