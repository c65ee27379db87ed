"""One TCP connection of a simulated client: opened, and ended the way the story wants it."""

from __future__ import annotations

import contextlib
import socket
import struct
import sys


def connect(
    address: tuple[str, int], timeout: float, bind_to: str | None = None, receive_buffer: int = 0
) -> socket.socket | None:
    """A non-blocking connection to ``address``, or None when it is refused or takes too long.

    ``bind_to``: the address to come from; ``receive_buffer``: bytes, for a reader soon to be full.
    """
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if receive_buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        if bind_to:
            sock.bind((bind_to, 0))
        # Only a full backlog makes a connection on the loopback wait; this bounds it.
        sock.settimeout(timeout)
        sock.connect(address)
        if sock.getsockname() == sock.getpeername():
            # The kernel joined the socket with itself: nobody listens there.
            raise ConnectionRefusedError
        # Nagle would hold the second of two small writes back for 40 ms.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setblocking(False)
    except OSError:
        sock.close()
        return None
    return sock


def reset(sock: socket.socket) -> None:
    """Close with a reset (RST) instead of an orderly end (FIN)."""
    pair = "hh" if sys.platform == "win32" else "ii"
    with contextlib.suppress(OSError):  # the other side may have been faster
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack(pair, 1, 0))
    sock.close()


def finish(sock: socket.socket) -> None:
    """Close with an orderly end (FIN), also where something has come that nobody read.

    Closed alone, the kernel would turn the end into a reset for those bytes: the FIN goes first.
    """
    with contextlib.suppress(OSError):  # the other side may have been faster
        sock.shutdown(socket.SHUT_WR)
    sock.close()
