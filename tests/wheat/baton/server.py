"""Leader and followers: the thread that accepts starts the next to accept, and serves. POSIX.

Here because nobody is "the acceptor": main only waits for Ctrl-C, and one thread more than there
are clients waits for its turn.
"""

import argparse
import os
import signal
import socket
import sys
import threading
import unicodedata

finished = threading.Event()
signal.signal(signal.SIGINT, lambda *_: finished.set())


class Relay:
    def __init__(self, listener):
        self.listener = listener
        self.baton = threading.Lock()
        self.table = {}

    def lead(self):
        try:
            sock, addr = self.listener.accept()
        except OSError:
            return
        self.new_leader()
        with sock:
            self.serve(sock, addr[0])

    def new_leader(self):
        threading.Thread(target=self.lead, daemon=True).start()

    def serve(self, sock, ip):
        name = None
        try:
            with self.baton:
                self.tell(sock, "NICK")
            stream = sock.makefile("rb")
            with stream:
                for raw in iter(lambda: stream.readline(8192), b""):
                    if raw[-1] != 10:
                        break
                    text = raw[:-1].removesuffix(b"\r").decode("utf-8")
                    with self.baton:
                        name = self.understand(sock, ip, name, text)
        except (OSError, UnicodeDecodeError):
            pass
        finally:
            with self.baton:
                self.table.pop(name, None)
                sock.close()

    def understand(self, sock, ip, name, text):
        if name is None:
            if self.wrong(text):
                self.tell(sock, "ERR itu bukan nama yang boleh\nNICK")
                return None
            if text in self.table:
                self.tell(sock, "ERR maaf, sudah ada\nNICK")
                return None
            self.table[text] = sock
            self.tell(sock, "OK")
            print(f"Client {ip} terhubung dengan nickname: {text}", flush=True)
            return text
        if text:
            print(f"{name}: {text}", flush=True)
            for other, its in self.table.items():
                if other != name:
                    self.tell(its, f"{name}: {text}")
        return name

    @staticmethod
    def tell(sock, text):
        data = (text + "\n").encode()
        try:
            if sock.send(data, socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL) == len(data):
                return
        except OSError:
            pass
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    @staticmethod
    def wrong(name):
        return not (0 < len(name) <= 20 and name[0] != "*") or any(
            c in ":" or c.isspace() or unicodedata.category(c) == "Cc" for c in name
        )


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--host", default="127.0.0.1")
    ap.add_argument("--port", type=int, default=55555)
    ns = ap.parse_args()
    try:
        listener = socket.create_server((ns.host, ns.port))
    except OSError as e:
        sys.exit(f"Port {ns.port} tidak bebas ({e.strerror}).")
    Relay(listener).new_leader()
    print("Server menunggu koneksi...", flush=True)
    while not finished.wait(3600):
        pass
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
