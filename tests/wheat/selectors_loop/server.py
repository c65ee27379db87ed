"""One thread and a selector: non-blocking sockets, a bytearray in and one out for each client.

Here because it is the classic without threads: it lacks concurrency.thread_per_client alone.
"""

import argparse
import re
import selectors
import socket
import sys
import time

LINE_LIMIT = 4096
OUT_LIMIT = 32 * 1024 * 1024  # one that stopped reading is dropped beyond this

selector = selectors.DefaultSelector()
members = {}  # name -> Connection


class Connection:
    def __init__(self, sock, ip):
        self.sock, self.ip = sock, ip
        self.inp, self.out = bytearray(), bytearray()
        self.name = ""
        self.is_open = True
        selector.register(sock, selectors.EVENT_READ, self)
        self.send("NICK")

    def send(self, line):
        if self.is_open:
            self.out += line.encode("utf-8") + b"\n"
            self.flush()

    def flush(self):
        try:
            while self.out:
                del self.out[: self.sock.send(self.out)]
        except BlockingIOError:
            pass
        except OSError:
            self.close()
            return
        if len(self.out) > OUT_LIMIT:
            self.close()
            return
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if self.out else 0)
        if selector.get_key(self.sock).events != wanted:
            selector.modify(self.sock, wanted, self)

    def receive(self):
        try:
            data = self.sock.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.close()
            return
        self.inp += data
        *whole, self.inp = self.inp.split(b"\n")
        for raw in whole:
            if self.is_open:  # an answer to an earlier line may have ended it
                self.take(raw.removesuffix(b"\r"))
        if len(self.inp) > LINE_LIMIT + 1:
            self.close()

    def take(self, raw):
        try:
            line = raw.decode("utf-8")
        except UnicodeDecodeError:
            self.close()
            return
        if not self.name:
            self.choose(line)
        elif line:
            print(f"{self.name}: {line}", flush=True)
            # A copy: a send that fails closes that member and takes it out of the dict.
            for other in list(members.values()):
                if other is not self:
                    other.send(f"{self.name}: {line}")

    def choose(self, name):
        valid = re.fullmatch(r"(?!\*)[^\s:\0-\x1f\x7f-\x9f]{1,20}", name)
        if not valid or name in members:
            reason = "sudah dipakai" if valid else "tidak sah"
            self.send(f"ERR nama {reason}\nNICK")
            return
        members[name] = self
        self.name = name
        print(f"Client {self.ip} terhubung dengan nickname: {name}", flush=True)
        self.send("OK")

    def close(self):
        if self.is_open:
            self.is_open = False
            members.pop(self.name, None)
            selector.unregister(self.sock)
            self.sock.close()


def loop(listener):
    selector.register(listener, selectors.EVENT_READ)
    while True:
        for key, events in selector.select():
            connection = key.data
            if connection is None:
                try:
                    sock, address = listener.accept()
                except BlockingIOError:
                    continue
                except OSError:
                    time.sleep(0.05)  # out of descriptors: do not spin until one is free
                    continue
                sock.setblocking(False)
                Connection(sock, address[0])
                continue
            # An earlier event of the same round may have closed it.
            if events & selectors.EVENT_READ and connection.is_open:
                connection.receive()
            if events & selectors.EVENT_WRITE and connection.is_open:
                connection.flush()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=55555)
    options = parser.parse_args()
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    try:
        listener = socket.create_server((options.host, options.port), backlog=512)
    except (OSError, OverflowError) as problem:
        print(f"Tidak dapat membuka {options.host}:{options.port}: {problem}", file=sys.stderr)
        raise SystemExit(1) from None
    listener.setblocking(False)
    try:
        print("Server menunggu koneksi...", flush=True)
        loop(listener)
    except KeyboardInterrupt:
        pass  # the system closes every socket with the process


if __name__ == "__main__":
    main()
