"""class Client with a reader thread, a writer thread and a bounded queue between room and socket.

Here because it is the engineer's cure for the slow reader: two threads a client, later delivery.
"""

import argparse
import contextlib
import queue
import signal
import socket
import sys
import threading
import time
import unicodedata


class Console:
    def __init__(self):
        self._lock = threading.Lock()

    def show(self, text):
        with self._lock:
            print(text, flush=True)


class Client:
    def __init__(self, sock, ip, room):
        self.sock, self.ip, self.room = sock, ip, room
        self.outbox = queue.Queue(maxsize=10_000)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.writer = threading.Thread(target=self._write, daemon=True)

    def send(self, text):
        try:
            self.outbox.put(text.encode() + b"\n", timeout=0.5)
        except queue.Full:
            self.hang_up()

    def hang_up(self):
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)

    def _write(self):
        try:
            while (data := self.outbox.get()) is not None:
                self.sock.sendall(data)
        except OSError:
            self.hang_up()
            while self.outbox.get() is not None:
                pass  # go on emptying, so that nobody waits for room in it

    def _lines(self):
        waiting = bytearray()
        while chunk := self.sock.recv(8192):
            waiting += chunk
            while (end := waiting.find(b"\n")) >= 0:
                yield waiting[:end].removesuffix(b"\r").decode()
                del waiting[: end + 1]
            if len(waiting) > 4097:
                return

    def _read(self):
        self.writer.start()
        name = ""
        try:
            self.send("NICK")
            for line in self._lines():
                if not name:
                    name = self.room.admit(line, self)
                elif line:
                    self.room.say(name, self, line)
        except (OSError, UnicodeDecodeError, queue.Full):
            pass
        finally:
            self.room.forget(self)
            self._close()
            self.room.connected.discard(self)

    def _close(self):
        # What was said before it left is still delivered, within a second.
        try:
            self.outbox.put(None, timeout=1)
        except queue.Full:
            self.hang_up()  # now the writer fails and empties the queue
            self.outbox.put(None)
        self.writer.join(1)
        self.hang_up()
        self.writer.join()
        self.sock.close()


class Room:
    def __init__(self, console):
        self.console = console
        self.lock = threading.Lock()
        self.members = {}
        self.connected = set()  # single operations only: add, discard, copy

    def admit(self, name, client):
        """Gives the name back if the client is in now, else ''."""
        bad = any(c == ":" or c.isspace() or unicodedata.category(c) == "Cc" for c in name)
        if bad or not 1 <= len(name) <= 20 or name[0] == "*":
            client.send("ERR nama tidak boleh begitu\nNICK")
            return ""
        with self.lock:
            free = name not in self.members
            if free:
                self.members[name] = client
                # Into the queue before anybody can find the client in the dict.
                client.outbox.put_nowait(b"OK\n")
        if not free:
            client.send("ERR nama itu sudah ada\nNICK")
            return ""
        self.console.show(f"Client {client.ip} terhubung dengan nickname: {name}")
        return name

    def say(self, name, author, text):
        self.console.show(f"{name}: {text}")
        with self.lock:
            others = [client for client in self.members.values() if client is not author]
        for client in others:
            client.send(f"{name}: {text}")

    def forget(self, client):
        with self.lock:
            self.members = {n: c for n, c in self.members.items() if c is not client}


def accept(listener, room, stop):
    while not stop.is_set():
        try:
            sock, address = listener.accept()
        except TimeoutError:
            continue
        except OSError:
            time.sleep(0.1)
            continue
        client = Client(sock, address[0], room)
        room.connected.add(client)
        client.reader.start()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=55555)
    options = parser.parse_args()
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    try:
        listener = socket.create_server((options.host, options.port), backlog=256)
    except (OSError, OverflowError) as problem:
        print(f"Alamat {options.host}:{options.port} gagal: {problem}", file=sys.stderr)
        sys.exit(1)
    listener.settimeout(0.3)
    room, stop = Room(Console()), threading.Event()
    acceptor = threading.Thread(target=accept, args=(listener, room, stop), daemon=True)
    try:
        acceptor.start()
        room.console.show("Server menunggu koneksi...")
        while acceptor.is_alive():  # no other work: Ctrl-C finds this thread holding no lock
            time.sleep(0.5)  # join() for ever may miss a signal that another thread took
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        stop.set()
        acceptor.join(1)
        leaving, until = room.connected.copy(), time.monotonic() + 0.7
        for client in leaving:
            client.hang_up()
        for client in leaving:
            client.reader.join(max(0, until - time.monotonic()))


if __name__ == "__main__":
    main()
