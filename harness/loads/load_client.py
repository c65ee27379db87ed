"""One simulated client under load: its connection, how far its handshake is, and what it got."""

from __future__ import annotations

import contextlib
import socket
from enum import IntEnum

# Bytes that are read at once. A server that floods is heard no faster than that.
PIECE = 65_536


class Joining(IntEnum):
    """How far a client has come."""

    UNASKED = 0
    NAMED = 1
    JOINED = 2
    GONE = 3


class LoadClient:
    """One of thousands, so that it holds no more than it needs.

    ``places``: the place that must come next, by speaker; ``gaps``: those that were passed over;
    ``said`` and ``got`` count its own messages and the others' that came. ``rest`` is the beginning
    of a line whose end has not come, ``unsent`` what the system has not taken yet.
    """

    __slots__ = (
        "gaps", "got", "joining", "name", "number", "opened", "places", "rest", "said", "sock",
        "speaks_as", "unsent",
    )  # fmt: skip

    def __init__(self, number: int, name: str, sock: socket.socket, opened: float) -> None:
        self.number, self.name, self.sock, self.opened = number, name, sock, opened
        self.joining = Joining.UNASKED
        self.rest = self.unsent = b""
        self.places: list[int] = []
        self.gaps: set[tuple[int, int]] = set()
        self.said = self.got = 0
        self.speaks_as = -1
        # Nagle would hold a second small line back until the first has been acknowledged.
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def sends(self, data: bytes) -> bool:
        """Send as much as the system takes; returns whether some is left. Raises `OSError`."""
        self.unsent += data
        with contextlib.suppress(BlockingIOError):
            sent = self.sock.send(self.unsent)
            self.unsent = self.unsent[sent:]
        return bool(self.unsent)

    def reads(self) -> list[bytes] | None:
        """The lines that have become whole, without their ends; None at the end of the connection.

        A ``\\r`` before the end stays: most lines have none, and looking costs time in each.
        """
        try:
            data = self.sock.recv(PIECE)
        except (BlockingIOError, InterruptedError):
            return []
        except OSError:
            return None
        if not data:
            return None
        lines = (self.rest + data).split(b"\n") if self.rest else data.split(b"\n")
        self.rest = lines.pop()
        return lines
