"""Mailboxes: a Condition, a deque and a postman thread for each guest. POSIX.

Here because it greets right behind `NICK` and advises between `ERR` and `NICK`: a notice may stand
wherever a line may. Who takes no letter for a second is dropped by SO_SNDTIMEO.
"""

import argparse
import socket
import sys
import threading
from collections import deque
from unicodedata import category


class Mailbox:
    def __init__(self, sock: socket.socket):
        self.sock = sock
        self.cond = threading.Condition()
        self.letters: deque[bytes] = deque()
        self.closed = False
        self.postman = threading.Thread(target=self.deliver, daemon=True)

    def post(self, *lines):
        with self.cond:
            if self.closed:
                return
            for line in lines:
                self.letters.append((line + "\n").encode())
            if len(self.letters) > 50_000:
                self.closed = True
                hang_up(self.sock)
            self.cond.notify()

    def close(self):
        with self.cond:
            self.closed = True
            self.cond.notify()

    def deliver(self):
        while True:
            with self.cond:
                self.cond.wait_for(lambda: self.letters or self.closed)
                if self.closed:
                    return
                batch = b"".join(self.letters)
                self.letters.clear()
            try:
                self.push(batch)
            except OSError:
                self.close()
                hang_up(self.sock)
                return

    def push(self, data):
        view = memoryview(data)
        while view:
            view = view[self.sock.send(view) :]


def hang_up(sock):
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


class Hall:
    def __init__(self):
        self.guard = threading.Condition()
        self.boxes: dict[str, Mailbox] = {}
        self.guests = 0

    def enter(self, name, box, ip):
        with self.guard:
            if name in self.boxes:
                return False
            self.boxes[name] = box
            box.post("OK")
            print(f"Client {ip} terhubung dengan nickname: {name}\n", end="", flush=True)
            for other in self.boxes.values():
                if other is not box:
                    other.post(f"* {name} datang")
        return True

    def leave(self, name):
        with self.guard:
            del self.boxes[name]
            for other in self.boxes.values():
                other.post(f"* {name} keluar")

    def say(self, name, text):
        line = f"{name}: {text}"
        with self.guard:
            print(line + "\n", end="", flush=True)
            for who, box in self.boxes.items():
                if who != name:
                    box.post(line)


def lawful(name):
    return (
        1 <= len(name) <= 20
        and name[:1] != "*"
        and ":" not in name
        and not any(map(str.isspace, name))
        and "Cc" not in map(category, name)
    )


def guest(hall, sock, ip):
    box = Mailbox(sock)
    box.postman.start()
    name = None
    pending = b""
    try:
        sock.setsockopt(
            socket.SOL_SOCKET,
            socket.SO_SNDTIMEO,
            (1).to_bytes(8, sys.byteorder) + (0).to_bytes(8, sys.byteorder),
        )
        box.post("NICK", "* halo, ini server chat modul 4")
        while data := sock.recv(333):
            *full, pending = (pending + data).split(b"\n")
            for raw in full:
                text = raw.removesuffix(b"\r").decode("utf-8")
                if name is None:
                    if not lawful(text):
                        box.post("ERR nama tidak boleh begitu", "NICK")
                    elif hall.enter(text, box, ip):
                        name = text
                    else:
                        box.post("ERR nama telah terpakai", "* coba nama lain", "NICK")
                elif text:
                    hall.say(name, text)
            if len(pending) > 20_000:
                break
    except (OSError, UnicodeError):
        pass
    finally:
        if name is not None:
            hall.leave(name)
        box.close()
        hang_up(sock)
        box.postman.join()
        sock.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=55555)
    ns = parser.parse_args()
    try:
        lobby = socket.create_server((ns.host, ns.port))
    except OSError as e:
        print(f"Gagal: {ns.host}:{ns.port} sudah dipakai ({e.strerror}).", file=sys.stderr)
        sys.exit(1)
    hall = Hall()
    socks = []
    with lobby:
        print("Server menunggu koneksi...", flush=True)
        try:
            while True:
                sock, (ip, _port) = lobby.accept()
                socks[:] = [(s, t) for s, t in socks if t.is_alive()]
                t = threading.Thread(target=guest, args=(hall, sock, ip), daemon=True)
                socks.append((sock, t))
                t.start()
        except KeyboardInterrupt:
            for s, t in socks:
                hang_up(s)
            for s, t in socks:
                if t.ident:
                    t.join(1)
    print("selesai")


if __name__ == "__main__":
    main()
