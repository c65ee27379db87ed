"""Thousands of debug lines on stdout and never a flush; a subclass of Thread for each client.

Here because more lines are allowed, and print() without flush is what most programs do.
"""

import argparse
import signal
import socket
import sys
import threading
import time
import unicodedata
from contextlib import suppress


class Chatter:
    """Prints whole lines, with a lot of debugging before and after the required ones."""

    def __init__(self):
        self.lock = threading.Lock()
        self.count = 0

    def debug(self, times, text):
        with self.lock:
            for _ in range(times):
                self.count += 1
                print(f"DEBUG {self.count:06d} {threading.current_thread().name}: {text}")

    def required(self, text):
        self.debug(5, "mau mencetak satu baris")
        with self.lock:
            print(text)
        self.debug(5, "sudah mencetak satu baris")


class Registry:
    def __init__(self):
        self.lock = threading.Lock()
        self.names = {}
        self.threads = []

    def joined(self):
        with self.lock:
            return list(self.names.values())

    def free(self, thread):
        with self.lock:
            self.names = {name: t for name, t in self.names.items() if t is not thread}

    def started(self, thread):
        with self.lock:
            self.threads.append(thread)

    def ended(self, thread):
        with self.lock:
            self.threads.remove(thread)

    def everyone(self):
        with self.lock:
            return list(self.threads)


class ClientThread(threading.Thread):
    def __init__(self, sock, address, registry, chatter):
        super().__init__(name=f"klien-{address[1]}", daemon=True)
        self.sock, self.ip = sock, address[0]
        self.registry, self.chatter = registry, chatter
        self.sending = threading.Lock()
        self.username = None
        self.sock.settimeout(0.5)

    def run(self):
        self.registry.started(self)
        self.chatter.debug(40, "koneksi baru")
        try:
            self.send("NICK\n")
            self.read()
        except (OSError, UnicodeDecodeError) as problem:
            self.chatter.debug(3, f"koneksi berakhir: {problem!r}")
        finally:
            self.registry.free(self)
            self.hang_up()
            with self.sending:
                self.sock.close()
            self.chatter.debug(20, "selesai")
            self.registry.ended(self)

    def read(self):
        data = b""
        while len(data) <= 4097:
            try:
                more = self.sock.recv(2048)
            except TimeoutError:
                continue
            if not more:
                return
            self.chatter.debug(1, f"{len(more)} byte diterima")
            data += more
            while b"\n" in data:
                line, data = data.split(b"\n", 1)
                self.line(line.removesuffix(b"\r").decode())

    def line(self, text):
        if self.username is None:
            self.introduce(text)
        elif text:
            self.chatter.required(f"{self.username}: {text}")
            for other in self.registry.joined():
                if other is not self:
                    with suppress(OSError):
                        other.send(f"{self.username}: {text}\n")

    def introduce(self, name):
        wrong = not 1 <= len(name) <= 20 or name[0] == "*" or ":" in name
        if wrong or any(c.isspace() or unicodedata.category(c) == "Cc" for c in name):
            self.send("ERR bukan nama yang sah\nNICK\n")
            return
        with self.sending:
            with self.registry.lock:
                if free := name not in self.registry.names:
                    self.registry.names[name] = self
            self.write("OK\n" if free else "ERR nama sudah ada\nNICK\n")
        if free:
            self.username = name
            self.chatter.required(f"Client {self.ip} terhubung dengan nickname: {name}")

    def send(self, text):
        with self.sending:
            self.write(text)

    def write(self, text):
        try:
            self.sock.sendall(text.encode())
        except OSError:
            self.hang_up()  # nothing may follow half a line
            raise

    def hang_up(self):
        with suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)


def accept(server, registry, chatter, stop):
    while not stop.is_set():
        try:
            sock, address = server.accept()
        except TimeoutError:
            continue
        except OSError:
            time.sleep(0.1)
            continue
        ClientThread(sock, address, registry, chatter).start()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=55555)
    options = parser.parse_args()
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    registry, chatter, stop = Registry(), Chatter(), threading.Event()
    chatter.debug(1500, "server sedang disiapkan")
    try:
        server = socket.create_server((options.host, options.port), backlog=256)
    except (OSError, OverflowError) as problem:
        print(f"Port {options.port} tidak dapat dibuka: {problem}", file=sys.stderr)
        sys.exit(1)
    server.settimeout(0.3)
    chatter.debug(1500, "soket sudah siap")
    acceptor = threading.Thread(
        target=accept, args=(server, registry, chatter, stop), name="penerima", daemon=True
    )
    try:
        acceptor.start()
        chatter.required("Server menunggu koneksi...")
        while acceptor.is_alive():
            time.sleep(0.4)  # a join without an end could miss a Ctrl-C that another thread took
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        stop.set()
        acceptor.join(1)
        for thread in registry.everyone():
            thread.hang_up()
        until = time.monotonic() + 0.7
        for thread in registry.everyone():
            thread.join(max(0, until - time.monotonic()))


if __name__ == "__main__":
    main()
