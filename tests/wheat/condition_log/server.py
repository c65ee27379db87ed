"""One shared log and a Condition over an RLock: every client's writer reads it from its own place.

Here because nothing is handed to anybody: talkers append and notify, each writer follows alone.
"""

import argparse
import os
import socket
import sys
import threading
import time
import unicodedata

KEPT = 20_000  # lines; a reader further behind than that holds up the talkers...
MERCY = 0.5  # ...for so many seconds, once, and is then dropped


class Member:
    def __init__(self, conn, ip):
        self.conn = conn
        self.ip = ip
        self.name = None
        self.place = 0  # number of the next log entry to send
        self.ended = threading.Event()
        self.writer = None

    def hang_up(self):
        self.ended.set()
        try:
            self.conn.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


class Log:
    def __init__(self):
        self.changed = threading.Condition(threading.RLock())
        self.entries = []  # (author, line)
        self.start = 0  # number of entries[0]
        self.members = {}
        self.waiting = 0  # talkers that wait for a reader far behind

    @property
    def end(self):
        return self.start + len(self.entries)

    def join(self, name, member):
        with self.changed:
            if name in self.members:
                return False
            self.members[name] = member
            member.name = name
            member.place = self.end  # everything from here on, nothing from before
            return True

    def leave(self, member):
        with self.changed:
            member.ended.set()
            if self.members.get(member.name) is member:
                del self.members[member.name]
            self.changed.notify_all()

    def far_behind(self):
        return [m for m in self.members.values() if self.end - m.place >= KEPT]

    def append(self, author, line):
        with self.changed:
            if self.far_behind():
                self.waiting += 1
                self.changed.wait_for(lambda: not self.far_behind(), MERCY)
                self.waiting -= 1
                for member in self.far_behind():
                    member.hang_up()
                    self.leave(member)
            self.entries.append((author, line))
            if len(self.entries) > 2 * KEPT:
                del self.entries[:KEPT]  # nobody's place is in there
                self.start += KEPT
            self.changed.notify_all()

    def after(self, member):
        """What the member has not had yet, without its own lines; None when it has left."""
        with self.changed:
            self.changed.wait_for(lambda: member.place < self.end or member.ended.is_set())
            if member.place >= self.end or member.place < self.start:
                return None
            fresh = self.entries[member.place - self.start :]
            member.place = self.end
            if self.waiting:
                self.changed.notify_all()
        return b"".join(line for author, line in fresh if author is not member)


def write(member, log):
    try:
        member.conn.sendall(b"OK\n")
        while (data := log.after(member)) is not None:
            member.conn.sendall(data)
    except OSError:
        member.hang_up()


def read_lines(conn):
    half = b""
    while chunk := conn.recv(8192):
        *lines, half = (half + chunk).split(b"\n")
        for line in lines:
            yield line.removesuffix(b"\r").decode()
        if len(half) > 4097:
            break


def reason_against(name):
    if not 0 < len(name) <= 20:
        return "panjangnya harus 1-20"
    if name[0] == "*" or ":" in name:
        return "tanda * di depan dan : tidak boleh"
    if any(c.isspace() or unicodedata.category(c) == "Cc" for c in name):
        return "spasi dan karakter kendali tidak boleh"
    return None


def attend(member, log, show):
    member.conn.sendall(b"NICK\n")
    for line in read_lines(member.conn):
        if member.name is None:
            reason = reason_against(line)
            if reason is None and not log.join(line, member):
                reason = "sudah dipakai"
            if reason is not None:
                # Not in yet, so this thread is still the only one that sends.
                member.conn.sendall(f"ERR nama itu {reason}\nNICK\n".encode())
                continue
            member.writer = threading.Thread(target=write, args=(member, log), daemon=True)
            member.writer.start()
            show(f"Client {member.ip} terhubung dengan nickname: {line}")
        elif line:
            show(f"{member.name}: {line}")
            log.append(member, f"{member.name}: {line}\n".encode())


def serve(conn, ip, log, show):
    member = Member(conn, ip)
    try:
        attend(member, log, show)
    except (OSError, UnicodeDecodeError):
        pass
    finally:
        log.leave(member)
        if member.writer:
            member.writer.join(1)  # it may still be sending what was said before
        member.hang_up()
        if member.writer:
            member.writer.join()
        conn.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=55555)
    options = parser.parse_args()
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    console = threading.RLock()

    def show(text):
        with console:
            print(text, flush=True)

    try:
        listener = socket.create_server((options.host, options.port), backlog=256)
    except (OSError, OverflowError) as problem:
        print(f"Tidak bisa memakai port {options.port}: {problem}", file=sys.stderr)
        return 1
    log = Log()
    listener.settimeout(0.5)  # accept() misses a Ctrl-C that a thread starting its writer took
    try:
        show("Server menunggu koneksi...")
        while True:
            try:
                conn, (ip, _) = listener.accept()
            except TimeoutError:
                continue
            except OSError:
                time.sleep(0.1)
                continue
            threading.Thread(target=serve, args=(conn, ip, log, show), daemon=True).start()
    except KeyboardInterrupt:
        sys.stdout.flush()
        os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
