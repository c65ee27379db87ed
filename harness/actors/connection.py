"""One end of a TCP connection on the stage's selector, and the ways to open and to end one.

The simulated client and the scripted server each hold one. What the bytes mean is not known here.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import sys
import time
from collections.abc import Callable
from itertools import pairwise

from harness.actors.stage import Stage
from harness.program import observe

Address = tuple[str, int]
# Bytes read at once; after less than MORE nothing else is likely to be there yet.
CHUNK, MORE = 262_144, 4096
# No story has more for one client: what comes beyond it is a flood.
MOST_LINES, MOST_BYTES = 200_000, 20_000_000


# Seconds for the other side to end a connection that we have ended (Windows).
FINISHED_WITHIN = 0.3
# Bytes in a segment to a reader that is soon to be full.
SMALL_SEGMENT = 1000


class Connection:
    """One end. ``raw`` is every byte that came; ``on_news`` is called after each change of it.

    ``is_closed``: nothing more will come, since either side ended it; ``was_reset``: by an RST.
    """

    def __init__(self, stage: Stage, sock: socket.socket, on_news: Callable[[], None]) -> None:
        self.raw = bytearray()
        self._lines = 0
        self.is_closed = False
        self.was_reset = False
        self.has_half_closed = False
        self.sock = sock
        self.ours: Address = ("", 0)
        self.theirs: Address = ("", 0)
        self._stage = stage
        self._on_news = on_news
        self._unsent = bytearray()
        self._is_read = True
        # It may have been reset already: then macOS tells no address (ENOTCONN, getpeername(2)) and
        # takes no option (EINVAL "the socket has been shut down", setsockopt(2)).
        with contextlib.suppress(OSError):
            self.ours = sock.getsockname()[:2]
            self.theirs = sock.getpeername()[:2]
            # Nagle would hold the second of two small writes back for 40 ms.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setblocking(False)
        self._watch()

    # -- bytes in

    def on_readable(self) -> None:
        """The selector says that there is something to read."""
        while self._is_read and not self.is_closed:
            try:
                data = self.sock.recv(CHUNK)
            except BlockingIOError:
                return
            except OSError:
                data, self.was_reset = b"", True
            if data:
                self._keep(data)
            else:
                self._is_over()
            self._on_news()
            if len(data) < MORE:
                return

    def _keep(self, data: bytes) -> None:
        """Add what came, but for a flood: that is read, so that it goes on, and forgotten."""
        if not self.raw:
            self._lines = 0
        self._lines += data.count(b"\n")
        if self._lines <= MOST_LINES and len(self.raw) <= MOST_BYTES:
            self.raw += data

    def stops_reading(self) -> None:
        """Leave what comes in the socket: its buffers fill, then those of the other end."""
        self._is_read = False
        self._watch()

    # -- bytes out

    def sends(self, data: bytes) -> None:
        """Hand bytes to the system, as one segment where it takes them whole."""
        if self.is_closed:
            return
        self._unsent += data
        if len(self._unsent) == len(data):
            self.on_writable()
        self._watch()

    def on_writable(self) -> None:
        """The selector says that the socket takes more."""
        if not self.is_closed:
            try:
                del self._unsent[: self.sock.send(self._unsent)]
            except BlockingIOError:
                pass
            except OSError:
                self._unsent.clear()
            self._watch()

    def sends_in_pieces(
        self,
        data: bytes,
        *cuts: int,
        notes: Callable[[bytes], object],
        waits_until_read: Callable[[], object],
    ) -> None:
        """Send ``data`` cut at ``cuts``; a piece goes out once the one before was read.

        Sent too early, the pieces would become one segment again. Each is given to ``notes``.
        """
        for start, end in pairwise((0, *cuts, len(data))):
            notes(data[start:end])
            self.sends(data[start:end])
            if end < len(data):
                waits_until_read()

    @property
    def has_unsent(self) -> bool:
        """Whether the system has not taken everything yet."""
        return bool(self._unsent)

    def is_consumed(self) -> bool | None:
        """Whether the other end's program has read all that was sent; None if unknown."""
        return observe.is_consumed(self.theirs, self.ours)

    # -- the end

    def half_closes(self) -> None:
        """Send nothing more, but read on."""
        self.has_half_closed = True
        with contextlib.suppress(OSError):  # the other side may have been faster
            self.sock.shutdown(socket.SHUT_WR)

    def finishes(self) -> None:
        """End it in order (FIN)."""
        self._is_over()
        finish(self.sock)

    def resets(self) -> None:
        """End it with a reset (RST)."""
        self._is_over()
        reset(self.sock)

    def _is_over(self) -> None:
        """Nobody reads or writes any more; the socket is off the selector before it is closed."""
        self.is_closed = True
        self._unsent.clear()
        self._watch()

    def _watch(self) -> None:
        if self.sock.fileno() < 0:
            return
        is_open = not self.is_closed
        self._stage.watch(
            self.sock, self, reads=is_open and self._is_read, writes=is_open and self.has_unsent
        )


def connect(
    address: Address, timeout: float, bind_to: str | None = None, receive_buffer: int = 0
) -> socket.socket | None:
    """A non-blocking connection to ``address``, or None when it is refused or takes too long.

    ``bind_to``: the address to come from; ``receive_buffer``: bytes, for a reader soon to be full.
    """
    is_ipv6 = ":" in address[0]
    sock = socket.socket(socket.AF_INET6 if is_ipv6 else socket.AF_INET, socket.SOCK_STREAM)
    try:
        if receive_buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            # Linux gives the other end a send buffer of some twenty segments: of megabytes where
            # a segment may have 64 KiB, as it may on the loopback.
            with contextlib.suppress(OSError, AttributeError):
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, SMALL_SEGMENT)
        if bind_to and not is_ipv6:
            sock.bind((bind_to, 0))
        # Only a full backlog makes a connection on the loopback wait; this bounds it.
        sock.settimeout(timeout)
        sock.connect(address)
        if sock.getsockname() == sock.getpeername():
            # The kernel joined the socket with itself: nobody listens there.
            raise ConnectionRefusedError
        sock.setblocking(False)
    except OSError:
        sock.close()
        return None
    return sock


def reset(sock: socket.socket) -> None:
    """Close with a reset (RST) instead of an orderly end (FIN)."""
    pair = "hh" if sys.platform == "win32" else "ii"
    # The other side may have been faster: macOS then says EINVAL (setsockopt(2)).
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack(pair, 1, 0))
    sock.close()


def finish(sock: socket.socket) -> None:
    """Close with an orderly end (FIN), also where something has come that nobody read.

    Closed alone, the kernel would turn the end into a reset for those bytes: the FIN goes first.
    """
    # The other side may have been faster: macOS then says ENOTCONN (shutdown(2)).
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_WR)
    if sys.platform == "win32":
        read_to_the_end(sock, FINISHED_WITHIN)
    sock.close()


def read_to_the_end(sock: socket.socket, bound: float) -> None:
    """Read until the other side ends, too, at most ``bound`` seconds.

    Windows resets a connection that is closed with something unread, though the FIN has gone: the
    other side then reads an error in place of the end (Microsoft, closesocket).
    """
    deadline = time.monotonic() + bound
    with contextlib.suppress(OSError):
        while (left := deadline - time.monotonic()) > 0:
            sock.settimeout(left)
            if not sock.recv(CHUNK):
                return
