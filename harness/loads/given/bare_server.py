"""The bare loop: a chat server that does nothing but pass lines on, to measure the driver with.

One thread, no lock, no check of anything: whoever gives a name has joined. Where a program
`fan_out` lies beside it (the same loop, compiled), it becomes that. It is started as any server is.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import selectors
import socket
from dataclasses import dataclass
from pathlib import Path

FAN_OUT = Path(__file__).with_name("fan_out")


@dataclass
class Guest:
    """A connection: what came and has no end yet, and its name once it has one."""

    sock: socket.socket
    rest: bytes = b""
    name: bytes = b""


def main() -> None:
    """Serve until it is ended from outside."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=55555)
    asked = parser.parse_args()
    if FAN_OUT.exists():
        FAN_OUT.chmod(0o700)
        os.execv(FAN_OUT, [str(FAN_OUT), asked.host, str(asked.port)])
    serve(asked.host, asked.port)


def serve(host: str, port: int) -> None:
    """Pass every line on to everybody else, for ever."""
    selector = selectors.DefaultSelector()
    listener = socket.create_server((host, port), backlog=socket.SOMAXCONN)
    selector.register(listener, selectors.EVENT_READ)
    members: dict[socket.socket, Guest] = {}
    print("Server menunggu koneksi...", flush=True)
    while True:
        for key, _ in selector.select():
            if key.data is None:
                sock = listener.accept()[0]
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                selector.register(sock, selectors.EVENT_READ, Guest(sock))
                sock.sendall(b"NICK\n")
                continue
            guest: Guest = key.data
            data = b""
            with contextlib.suppress(OSError):
                data = guest.sock.recv(65536)
            if not data:
                selector.unregister(guest.sock)
                members.pop(guest.sock, None)
                guest.sock.close()
                continue
            *lines, guest.rest = (guest.rest + data).split(b"\n")
            for line in lines:
                take(guest, line, members)


def take(guest: Guest, line: bytes, members: dict[socket.socket, Guest]) -> None:
    """One line of ``guest``: a name first, and then messages."""
    with contextlib.suppress(OSError):
        if not guest.name:
            guest.name = line
            members[guest.sock] = guest
            guest.sock.sendall(b"OK\n")
            return
    said = guest.name + b": " + line + b"\n"
    for sock in members:
        if sock is not guest.sock:
            with contextlib.suppress(OSError):
                sock.sendall(said)


if __name__ == "__main__":
    main()
