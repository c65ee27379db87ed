"""A network in memory: connections between the submission and the actors of the story.

It behaves as loopback TCP on Linux does where a server can tell: a reset leaves what was queued
readable, the first send to a peer that has gone succeeds, closing with unread bytes resets.
Bytes arrive at once and whole; a peer that does not read has room for `space()` bytes only.
"""

from __future__ import annotations

import errno
import os
from collections import deque
from typing import Protocol

Address = tuple[str, int]

# select() calls a connection writable only while there is room for several whole lines, as a
# kernel does; whoever asks first and then sends a line does not block.
SELECT_ROOM = 3000


class Peer(Protocol):
    """The other end of a connection, as the submission's end sees it."""

    def deliver(self, data: bytes) -> None: ...
    def space(self) -> int: ...
    def hung_up(self, reset: bool) -> None: ...

    @property
    def gone(self) -> bool: ...


def failure(code: int) -> OSError:
    """The OSError (of the right subclass) for an errno."""
    return OSError(code, os.strerror(code))


class Stream:
    """The submission's end of one connection."""

    def __init__(self, peer: Peer | None, local: Address, remote: Address, owner: str) -> None:
        self.peer = peer
        self.local = local
        self.remote = remote
        self.owner = owner
        self.received = bytearray()
        self.ended = False
        self.dead = False
        self.error = 0
        self.deaf = False
        self.mute = False
        self.closed = False
        # After close() while another call is under way: whether to reset the connection then.
        self.closing: bool | None = None
        self.waiting = 0
        self.empty_reads = 0

    # What comes from the other end.

    def deliver(self, data: bytes) -> None:
        if not (self.closed or self.deaf or self.dead):
            self.received += data

    def end(self) -> None:
        self.ended = True

    def reset(self) -> None:
        self.dead = True
        self.error = errno.EPIPE if self.ended else errno.ECONNRESET

    def hung_up(self, reset: bool) -> None:
        if reset:
            self.reset()
        else:
            self.end()

    def space(self) -> int:
        return 1 << 20

    @property
    def gone(self) -> bool:
        return self.closed

    # What the submission does with it.

    def readable(self) -> bool:
        return bool(self.received or self.ended or self.dead or self.error or self.deaf)

    def writable(self) -> bool:
        if self.dead or self.error or self.mute or self.peer is None or self.peer.gone:
            return True
        return self.peer.space() > 0

    def looks_writable(self) -> bool:
        """What select() says."""
        if not self.writable():
            return False
        peer = self.peer
        if self.dead or self.error or self.mute or peer is None or peer.gone:
            return True
        return peer.space() >= SELECT_ROOM

    def take(self, size: int, peek: bool = False) -> bytes:
        """Up to `size` bytes of what is there; only when readable()."""
        if self.received:
            data = bytes(self.received[:size])
            if not peek:
                del self.received[:size]
            return data
        if self.error and not self.ended:
            code, self.error = self.error, 0
            raise failure(code)
        self.empty_reads += 1
        return b""

    def put(self, data: bytes) -> int:
        """Send what there is room for; only when writable()."""
        if self.error:
            code, self.error = self.error, 0
            raise failure(code)
        if self.dead or self.mute or self.peer is None:
            raise failure(errno.EPIPE)
        if self.peer.gone:
            # The bytes are sent; the reset that answers them arrives before the next call.
            self.reset()
            return len(data)
        room = data[: self.peer.space()]
        self.peer.deliver(room)
        return len(room)

    def shut(self, how: int) -> None:
        """shutdown(): 0 no more reading, 1 no more writing, 2 neither."""
        if self.dead:
            raise failure(errno.ENOTCONN)
        if how in (0, 2):
            self.deaf = True
        if how in (1, 2) and not self.mute:
            self.mute = True
            if self.peer is not None:
                self.peer.hung_up(False)

    def close(self, abort: bool) -> None:
        if self.closed:
            return
        self.closed = True
        if self.dead or self.peer is None:
            return
        if abort or self.received:
            self.peer.hung_up(True)
        elif not self.mute:
            self.peer.hung_up(False)


class Port:
    """A listening address and the connections that wait to be accepted."""

    def __init__(self, address: Address, backlog: int) -> None:
        self.address = address
        self.backlog = max(backlog, 1)
        self.pending: deque[Stream] = deque()
        self.open = True

    def has_room(self) -> bool:
        return self.open and len(self.pending) < self.backlog


class Network:
    """All listening ports, and the numbers that are given out."""

    def __init__(self) -> None:
        self.ports: list[Port] = []
        self.next_port = 40000

    def fresh_port(self) -> int:
        self.next_port += 1
        return self.next_port

    def listen(self, address: Address, backlog: int) -> Port:
        if any(port.open and port.address[1] == address[1] for port in self.ports):
            raise failure(errno.EADDRINUSE)
        port = Port(address, backlog)
        self.ports.append(port)
        return port

    def front_door(self) -> Port | None:
        """Where the actors connect: the first open port."""
        for port in self.ports:
            if port.open:
                return port
        return None

    def call(self, port: Port, peer: Peer, owner: str) -> Stream:
        remote = ("127.0.0.1", self.fresh_port())
        stream = Stream(peer, ("127.0.0.1", port.address[1]), remote, owner)
        port.pending.append(stream)
        return stream
