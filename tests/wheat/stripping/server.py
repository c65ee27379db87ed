"""socket.makefile() in text mode for reading; a deque, a Condition and a writer thread for sending.

Here because a file is the short way to lines: newline="\\n" and a size limit make it a safe one.
"""

import argparse
import collections
import os
import socket
import sys
import threading
import time
import unicodedata

LIMIT = 4096
OUTBOX_BYTES = 64_000_000


class Outbox:
    """Lines for one client, written by a thread of its own. put() never waits for the network."""

    def __init__(self, conn):
        self.conn = conn
        self.lines = collections.deque()
        self.size = 0
        self.ending = False
        self.changed = threading.Condition()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def put(self, line):
        data = f"{line}\n".encode()
        with self.changed:
            if self.ending:
                return
            self.lines.append(data)
            self.size += len(data)
            self.changed.notify()
            if self.size > OUTBOX_BYTES:
                self.fail()

    def take(self):
        """What there is, in one piece; None once it is over."""
        with self.changed:
            self.changed.wait_for(lambda: self.lines or self.ending)
            if not self.lines:
                return None
            data = b"".join(self.lines)
            self.lines.clear()
            self.size = 0
            return data

    def run(self):
        try:
            while (data := self.take()) is not None:
                self.conn.sendall(data)
        except OSError:
            with self.changed:
                self.fail()

    def fail(self):
        """Needs the condition. Wakes the reader and a blocked writer; both see the end."""
        self.ending = True
        self.lines.clear()
        self.changed.notify()
        try:
            self.conn.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def close(self):
        with self.changed:
            self.ending = True
            self.changed.notify()
        self.thread.join(1)  # a last chance for what is still to be said
        with self.changed:
            self.fail()
        self.thread.join()


class Room:
    def __init__(self):
        self.outboxes = {}
        self.lock = threading.Lock()
        self.stdout = threading.Lock()

    def log(self, text):
        with self.stdout:
            print(text, flush=True)

    def enter(self, name, outbox):
        with self.lock:
            if name in self.outboxes:
                return False
            self.outboxes[name] = outbox
            outbox.put("OK")  # queued before anyone can queue anything else
            return True

    def tell_others(self, name, text):
        with self.lock:
            # Queuing takes no time, so it is done under the lock: one order for everybody.
            for other, outbox in self.outboxes.items():
                if other != name:
                    outbox.put(f"{name}: {text}")

    def exit(self, name):
        with self.lock:
            del self.outboxes[name]


def objection(name):
    if any(c in ":\ufffd" or c.isspace() or unicodedata.category(c) == "Cc" for c in name):
        return "karakter itu tidak boleh ada di nama"
    if name.startswith("*"):
        return "nama tidak boleh diawali *"
    return None if 1 <= len(name) <= 20 else "nama harus 1 sampai 20 karakter"


def converse(room, reader, outbox, ip):
    name = None
    outbox.put("NICK")
    try:
        # readline() gives half a line at the end of the connection, or of the limit.
        while (line := reader.readline(LIMIT + 2)).endswith("\n"):
            text = line.strip()
            if name is not None:
                if text:
                    room.log(f"{name}: {text}")
                    room.tell_others(name, text)
                continue
            refusal = objection(text)
            if refusal is None and not room.enter(text, outbox):
                refusal = "nama sedang dipakai"
            if refusal is not None:
                outbox.put(f"ERR {refusal}")
                outbox.put("NICK")
                continue
            name = text
            room.log(f"Client {ip} terhubung dengan nickname: {name}")
    finally:
        if name is not None:
            room.exit(name)


def serve(room, conn, ip):
    outbox = Outbox(conn)
    outbox.thread.start()
    # errors="replace": what is not UTF-8 becomes a question mark and goes on.
    with conn, conn.makefile("r", encoding="utf-8", errors="replace", newline="\n") as reader:
        try:
            converse(room, reader, outbox, ip)
        except OSError:
            pass
        finally:
            outbox.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=55555)
    options = parser.parse_args()
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    try:
        listener = socket.create_server((options.host, options.port), backlog=256)
    except (OSError, OverflowError) as problem:
        sys.exit(f"Server tidak bisa memakai {options.host}:{options.port}: {problem}")
    room = Room()
    listener.settimeout(0.4)  # Ctrl-C may reach a thread that starts its writer, and not accept()
    try:
        room.log("Server menunggu koneksi...")
        while True:
            try:
                conn, address = listener.accept()
            except TimeoutError:
                continue
            except OSError:
                time.sleep(0.1)
                continue
            thread = threading.Thread(target=serve, args=(room, conn, address[0]), daemon=True)
            thread.start()
    except KeyboardInterrupt:
        sys.stdout.flush()
        os._exit(0)


if __name__ == "__main__":
    main()
