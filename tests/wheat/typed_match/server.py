"""Type hints, frozen dataclasses, match statements, and the logging module on stdout.

Here because it is how the same program looks in today's Python: what happened is a value.
"""

from __future__ import annotations

import argparse
import logging
import queue
import signal
import socket
import sys
import threading
import time
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

MAX_LINE: Final = 4096
MAX_BACKLOG: Final = 64 * 1024 * 1024

console: Final = logging.getLogger("chat")


@dataclass(frozen=True, slots=True)
class Line:
    text: str


@dataclass(frozen=True, slots=True)
class Ended:
    why: str


@dataclass(frozen=True, slots=True)
class Accepted:
    name: str


@dataclass(frozen=True, slots=True)
class Refused:
    reason: str


@dataclass(eq=False)
class Session:
    sock: socket.socket
    ip: str
    outbox: queue.SimpleQueue[bytes | None] = field(default_factory=queue.SimpleQueue)
    backlog: int = 0
    counting: threading.Lock = field(default_factory=threading.Lock)

    def post(self, *lines: str) -> None:
        data = "".join(f"{line}\n" for line in lines).encode()
        with self.counting:
            self.backlog += len(data)
            too_much = self.backlog > MAX_BACKLOG
        if too_much:
            self.hang_up()
        else:
            self.outbox.put(data)

    def write(self) -> None:
        """The writer thread: ends at the None, or at the first send that fails."""
        with suppress(OSError):
            while (data := self.outbox.get()) is not None:
                self.sock.sendall(data)
                with self.counting:
                    self.backlog -= len(data)
        self.hang_up()

    def hang_up(self) -> None:
        with suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)

    def events(self) -> Iterator[Line | Ended]:
        rest = b""
        while True:
            try:
                chunk = self.sock.recv(16 * 1024)
            except OSError as problem:
                yield Ended(f"reset: {problem}")
                return
            if not chunk:
                yield Ended("closed" if not rest else "closed within a line")
                return
            *whole, rest = (rest + chunk).split(b"\n")
            for raw in whole:
                try:
                    yield Line(raw.removesuffix(b"\r").decode())
                except UnicodeDecodeError:
                    yield Ended("not UTF-8")
                    return
            if len(rest) > MAX_LINE + 1:
                yield Ended("line too long")
                return


@dataclass
class Room:
    members: dict[str, Session] = field(default_factory=dict)
    sessions: dict[threading.Thread, Session] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def admit(self, session: Session, name: str) -> Accepted | Refused:
        match name:
            case "":
                return Refused("nama kosong")
            case _ if len(name) > 20:
                return Refused("nama lebih dari 20 karakter")
            case _ if name.startswith("*") or ":" in name:
                return Refused("nama berisi ':' atau diawali '*'")
            case _ if any(c.isspace() or unicodedata.category(c) == "Cc" for c in name):
                return Refused("nama berisi spasi atau karakter kendali")
        with self.lock:
            if name in self.members:
                return Refused("nama sudah dipakai")
            self.members[name] = session
            session.post("OK")
        return Accepted(name)

    def broadcast(self, author: str, text: str) -> None:
        with self.lock:
            for name, session in self.members.items():
                if name != author:
                    session.post(f"{author}: {text}")

    def release(self, name: str | None) -> None:
        if name is not None:
            with self.lock:
                del self.members[name]

    def converse(self, session: Session) -> None:
        name: str | None = None
        session.post("NICK")
        for event in session.events():
            match event, name:
                case Ended(why), _:
                    console.debug("[DEBUG] %s %s", session.ip, why)
                case Line(wanted), None:
                    match self.admit(session, wanted):
                        case Accepted(name):
                            console.info(
                                "Client %s terhubung dengan nickname: %s", session.ip, name
                            )
                        case Refused(reason):
                            session.post(f"ERR {reason}", "NICK")
                case Line(""), _:
                    pass
                case Line(text), str(author):
                    console.info("%s: %s", author, text)
                    self.broadcast(author, text)
        self.release(name)

    def serve(self, session: Session) -> None:
        me = threading.current_thread()
        with self.lock:
            self.sessions[me] = session
        writer = threading.Thread(target=session.write, daemon=True)
        writer.start()
        self.converse(session)
        session.outbox.put(None)
        writer.join(1)
        session.hang_up()
        writer.join()
        session.sock.close()
        with self.lock:
            del self.sessions[me]


def accept(listener: socket.socket, room: Room) -> None:
    while True:
        try:
            sock, (ip, *_) = listener.accept()
        except OSError:
            time.sleep(0.1)
            continue
        threading.Thread(target=room.serve, args=(Session(sock, ip),), daemon=True).start()


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=55555)
    options = parser.parse_args()
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    logging.basicConfig(stream=sys.stdout, level=logging.DEBUG, format="%(message)s")
    try:
        listener = socket.create_server((options.host, options.port), backlog=256)
    except (OSError, OverflowError) as problem:
        print(f"Alamat {options.host}:{options.port} gagal: {problem}", file=sys.stderr)
        return 1
    room = Room()
    try:
        threading.Thread(target=accept, args=(listener, room), daemon=True).start()
        console.info("Server menunggu koneksi...")
        forever = threading.Event()
        while not forever.wait(0.5):
            pass  # wakes for a Ctrl-C that another thread took while it started one
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        with room.lock:
            leaving = dict(room.sessions)
        for session in leaving.values():
            session.hang_up()
        until = time.monotonic() + 1
        for thread in leaving:
            thread.join(max(0.0, until - time.monotonic()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
