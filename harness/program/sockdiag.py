"""One TCP connection of this machine as the kernel sees it (Linux): what waits in its two queues.

Asked by its four-part address over netlink (sock_diag(7)), which takes microseconds however many
sockets there are; /proc/net/tcp, the fallback, is read from the beginning each time.
"""

from __future__ import annotations

import socket
import struct
import sys
from dataclasses import dataclass

if sys.platform != "win32":
    import fcntl
    import termios

Address = tuple[str, int]

_SOCK_DIAG_BY_FAMILY, _REQUEST = 20, 1
_NETLINK_SOCK_DIAG = 4
_HEADER = struct.Struct("=IHHII")
_ALL_STATES = 0xFFFFFFFF
_NO_COOKIE = 0xFFFFFFFF
# In the answer: header, four bytes (family, state, ...), the 48-byte identity, one timer.
_STATE_AT = _HEADER.size + 1
_QUEUES_AT = _HEADER.size + 4 + 48 + 4

# States of a connection, as the kernel numbers them (tcp_states.h).
ESTABLISHED, FIN_WAIT2, TIME_WAIT, CLOSE, CLOSE_WAIT, LAST_ACK, LISTEN = 1, 5, 6, 7, 8, 9, 10


@dataclass(frozen=True, slots=True)
class Queues:
    """Bytes not yet read by the program, bytes not yet taken by the peer, and the TCP state.

    For a listening socket ``unread`` is the number of connections that nobody has accepted.
    """

    unread: int
    unsent: int
    state: int


def queues(local: Address, remote: Address = ("0.0.0.0", 0)) -> Queues | None:
    """The queues of the socket at ``local`` connected to ``remote``; None if there is none.

    Without ``remote``: of whoever listens at ``local``. Always None on other systems.
    """
    if sys.platform != "linux" or ":" in local[0]:
        return None  # of IPv6 nothing is told here
    try:
        return _ask(local, remote)
    except OSError:
        return _look_up(local, remote)


def own(sock: socket.socket) -> Queues | None:
    """The queues of a socket of ours. Always None on other systems. Raises `OSError`."""
    if sys.platform == "linux":
        state = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]
        unread, unsent = (_count(sock, what) for what in (termios.FIONREAD, termios.TIOCOUTQ))
        return Queues(unread, unsent, state)
    return None


def _count(sock: socket.socket, what: int) -> int:
    if sys.platform != "win32":
        return int(struct.unpack("i", fcntl.ioctl(sock, what, bytes(4)))[0])
    raise OSError


def _ask(local: Address, remote: Address) -> Queues | None:
    if sys.platform != "linux":
        return None
    identity = struct.pack(
        ">HH4s12x4s12x", local[1], remote[1], _packed(local), _packed(remote)
    ) + struct.pack("=III", 0, _NO_COOKIE, _NO_COOKIE)
    body = struct.pack("=BBBBI", socket.AF_INET, socket.IPPROTO_TCP, 0, 0, _ALL_STATES) + identity
    head = _HEADER.pack(_HEADER.size + len(body), _SOCK_DIAG_BY_FAMILY, _REQUEST, 1, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_SOCK_DIAG) as kernel:
        kernel.settimeout(1)
        kernel.send(head + body)
        answer = kernel.recv(4096)
    if _HEADER.unpack_from(answer)[1] != _SOCK_DIAG_BY_FAMILY:
        return None  # an error: no such socket
    if remote[1] and answer[_STATE_AT] == LISTEN:
        return None  # for a connection that is gone the kernel shows the one who listens there
    unread, unsent = struct.unpack_from("=II", answer, _QUEUES_AT)
    return Queues(unread, unsent, answer[_STATE_AT])


def _look_up(local: Address, remote: Address) -> Queues | None:
    places = {_hexed(local)} | ({_hexed(("0.0.0.0", local[1]))} if not remote[1] else set())
    for row in rows():
        if row[1] in places and row[2] == _hexed(remote):
            unsent, _, unread = row[4].partition(":")
            return Queues(int(unread, 16), int(unsent, 16), int(row[3], 16))
    return None


def rows(table_of: str = "tcp") -> list[list[str]]:
    """The rows of /proc/net/tcp (or tcp6), split at white space as far as queues and the rest."""
    try:
        with open(f"/proc/net/{table_of}", encoding="ascii") as table:
            return [row.split(None, 5) for row in table][1:]
    except OSError:
        return []


def _packed(address: Address) -> bytes:
    return socket.inet_aton(address[0])


def _hexed(address: Address) -> str:
    number = int.from_bytes(_packed(address), sys.byteorder)
    return f"{number:08X}:{address[1]:04X}"
