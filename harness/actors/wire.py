"""One end of a connection on the room's selector: bytes in, bytes out, and how it ended."""

from __future__ import annotations

import socket
from collections.abc import Callable

from harness.actors.connection import reset
from harness.actors.stage import Stage


class Wire:
    """``raw`` is every byte that came. ``told`` is called whenever something did, the end too."""

    def __init__(self, stage: Stage, sock: socket.socket, told: Callable[[], None]) -> None:
        self.raw = bytearray()
        self.is_closed = False
        self.was_reset = False
        self._stage = stage
        self._sock = sock
        self._told = told
        self._unsent = bytearray()
        # Nagle would hold the second of two small writes back for 40 ms.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setblocking(False)
        self.mine: tuple[str, int] = sock.getsockname()
        self.theirs: tuple[str, int] = sock.getpeername()
        self._listen()

    def sends(self, data: bytes) -> None:
        """Hand bytes to the system, as one segment where it takes them whole."""
        if self.is_closed:
            return
        self._unsent += data
        if len(self._unsent) == len(data):
            self.can_speak()
        self._listen()

    @property
    def has_sent_all(self) -> bool:
        """Whether the system has taken everything."""
        return not self._unsent

    def hears(self) -> None:
        """The selector says that there is something to read."""
        try:
            data = self._sock.recv(262_144)
        except BlockingIOError:
            return
        except OSError:
            data, self.was_reset = b"", True
        if data:
            self.raw += data
        else:
            self._ends(socket.socket.close)
        self._told()

    def can_speak(self) -> None:
        """The selector says that the socket takes more."""
        try:
            del self._unsent[: self._sock.send(self._unsent)]
        except BlockingIOError:
            pass
        except OSError:
            self._unsent.clear()
        self._listen()

    def hangs_up(self) -> None:
        """An orderly end (FIN)."""
        self._ends(socket.socket.close)

    def resets(self) -> None:
        """A reset (RST)."""
        self._ends(reset)

    def _ends(self, how: Callable[[socket.socket], None]) -> None:
        if not self.is_closed:
            self.is_closed = True
            self._unsent.clear()
            self._listen()
            how(self._sock)

    def _listen(self) -> None:
        is_open = not self.is_closed
        self._stage.watch(self._sock, self, reads=is_open, writes=is_open and bool(self._unsent))
