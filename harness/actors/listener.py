"""A listening socket on the stage's selector: hands each connection to one of those who wait."""

from __future__ import annotations

import socket
from typing import Protocol

from harness.actors.calling import Address
from harness.actors.stage import Stage
from harness.program import ports


class Waits(Protocol):
    """Somebody who waits for a connection."""

    calls: int

    def takes(self, sock: socket.socket) -> None:
        """Somebody has connected: ``sock`` is this end."""


class Listener:
    """Listens at ``address``. Raises `Inconclusive` where another program has it.

    A connection goes to the first in line who has none yet, else to whoever was
    expected last: a client that connects again.
    """

    def __init__(self, stage: Stage, address: Address) -> None:
        try:
            self._sock = socket.create_server(address)
        except OSError as error:
            raise ports.taken(address[1], error) from None
        self._sock.setblocking(False)
        self._stage = stage
        self._line: list[Waits] = []
        self.address: Address = self._sock.getsockname()
        stage.closing.callback(self.closes)
        stage.watch(self._sock, self, reads=True, writes=False)

    def serves(self, somebody: Waits) -> None:
        """``somebody`` waits here for a connection."""
        self._line.append(somebody)

    def expects(self, somebody: Waits) -> None:
        """The next connection is likely to be for ``somebody``, who is in line."""
        self._line.remove(somebody)
        self._line.insert(0, somebody)

    def on_readable(self) -> None:
        """The selector says that somebody connects."""
        try:
            sock, _ = self._sock.accept()
        except OSError:
            return
        next((each for each in self._line if not each.calls), self._line[0]).takes(sock)

    def on_writable(self) -> None:
        """The listening socket never has anything to send."""

    def closes(self) -> None:
        """Nobody listens here any more. May be called again."""
        if self._sock.fileno() >= 0:
            self._stage.watch(self._sock, self, reads=False, writes=False)
            self._sock.close()
