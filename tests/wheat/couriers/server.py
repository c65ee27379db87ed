"""No thread waits to write: a courier thread is started when there is mail and ends with the last.

Here because "a thread for each send" is a natural idea; a queue and a flag keep the order right.
"""

import argparse
import os
import re
import socket
import sys
import threading
import time
from collections import deque

SACK = 64_000_000  # bytes waiting for one reader; with more it is dropped
NAME = re.compile(r"[^\s:\x00-\x1f\x7f-\x9f]{1,20}")


class Mailbox:
    def __init__(self, sock):
        self.sock = sock
        self.mail = deque()
        self.weight = 0
        self.courier_is_out = False
        self.is_shut = False
        self.state = threading.Condition()  # guards all of the above but sock.recv()

    def drop_in(self, text):
        letter = (text + "\n").encode()
        with self.state:
            if self.is_shut:
                return
            self.mail.append(letter)
            self.weight += len(letter)
            if self.weight > SACK:
                self.shut()
            elif not self.courier_is_out:
                self.courier_is_out = True
                threading.Thread(target=self.deliver, daemon=True).start()

    def deliver(self):
        """One letter after another; at most one courier is under way for one mailbox."""
        while True:
            with self.state:
                if not self.mail:
                    self.courier_is_out = False
                    self.state.notify_all()
                    return
                letter = self.mail.popleft()
                self.weight -= len(letter)
            try:
                self.sock.sendall(letter)
            except OSError:
                with self.state:
                    self.shut()

    def shut(self):
        """Needs the state. Nothing more goes out; the reader and a waiting courier wake."""
        self.is_shut = True
        self.mail.clear()
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def close(self):
        with self.state:
            self.state.wait_for(lambda: not self.courier_is_out, timeout=1)
            self.shut()
            self.state.wait_for(lambda: not self.courier_is_out)
            self.sock.close()


class PostOffice:
    def __init__(self):
        self.lock = threading.Lock()
        self.boxes = {}

    def open_box(self, name, mailbox):
        with self.lock:
            if self.boxes.setdefault(name, mailbox) is not mailbox:
                return False
            mailbox.drop_in("OK")
            return True

    def give_up_box(self, name, mailbox):
        with self.lock:
            if self.boxes.get(name) is mailbox:
                self.boxes.pop(name)

    def send_round(self, sender, text):
        with self.lock:
            addressees = [box for name, box in self.boxes.items() if name != sender]
        for box in addressees:
            box.drop_in(f"{sender}: {text}")


office = PostOffice()
paper = threading.Lock()


def write_down(text):
    with paper:
        print(text, flush=True)


def letters(sock):
    pile = b""
    while True:
        try:
            piece = sock.recv(8192)
        except OSError:
            return
        if not piece:
            return
        pile += piece
        while b"\n" in pile:
            letter, pile = pile.split(b"\n", maxsplit=1)
            if letter[-1:] == b"\r":
                letter = letter[:-1]
            try:
                yield str(letter, "utf-8")
            except UnicodeDecodeError:
                return
        if len(pile) > 4097:
            return


def counter(sock, ip):
    mailbox = Mailbox(sock)
    name = None
    mailbox.drop_in("NICK")
    for text in letters(sock):
        if name is not None:
            if len(text) > 0:
                write_down(f"{name}: {text}")
                office.send_round(name, text)
        elif text[:1] == "*" or NAME.fullmatch(text) is None:
            mailbox.drop_in("ERR bukan nama yang baik\nNICK")
        elif office.open_box(text, mailbox):
            name = text
            write_down(f"Client {ip} terhubung dengan nickname: {name}")
        else:
            mailbox.drop_in("ERR nama ini sudah ada yang punya\nNICK")
    office.give_up_box(name, mailbox)
    mailbox.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=55555)
    options = parser.parse_args()
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    try:
        listener = socket.create_server((options.host, options.port), backlog=256)
    except (OSError, OverflowError) as problem:
        print(f"Tidak mungkin membuka port {options.port}: {problem}", file=sys.stderr)
        return 1
    # A thread just starting another may be the one to take Ctrl-C: then accept() would not notice.
    listener.settimeout(0.3)
    try:
        write_down("Server menunggu koneksi...")
        while True:
            try:
                sock, address = listener.accept()
            except TimeoutError:
                continue
            except OSError:
                time.sleep(0.1)
                continue
            threading.Thread(target=counter, args=(sock, address[0]), daemon=True).start()
    except KeyboardInterrupt:
        sys.stdout.flush()
        os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
