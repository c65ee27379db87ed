"""Where a program listens, whatever it was told: the listening sockets of its process tree.

Linux shows them in /proc/net/tcp and tcp6 (proc_net_tcp(5)), whose socket numbers stand among the
open files of the process; elsewhere psutil does, where it is there.
"""

from __future__ import annotations

import contextlib
import functools
import os
import socket
import sys

from harness.program import sight, sockdiag
from harness.program.tree import tree

# Addresses that stand for all of the machine's.
EVERYWHERE = frozenset(("0.0.0.0", "::"))


def listening(pid: int) -> list[sockdiag.Address] | None:
    """The addresses at which process ``pid`` and its children accept; None if nothing tells."""
    if sys.platform == "linux":
        numbers = set().union(*map(sockets_of, tree(pid)))
        return sorted({place for number, place in _listeners() if number in numbers})
    try:
        import psutil
    except ImportError:
        return None
    if not tells_owners():
        return None
    found: set[sockdiag.Address] = set()
    for each in tree(pid):
        with contextlib.suppress(psutil.NoSuchProcess):
            connections = psutil.Process(each).net_connections("tcp")
            found |= {(c.laddr.ip, c.laddr.port) for c in connections if c.status == "LISTEN"}
    return sorted(found)


@functools.cache
def tells_owners() -> bool:
    """Whether psutil says here whose a socket is, asked once about one of our own.

    Under wine it does not, and for each socket the open files of all processes are looked through:
    asked at every start of a program, wine would do little else.
    """
    import psutil

    with socket.create_server(("127.0.0.1", 0)):
        return bool(psutil.Process().net_connections("tcp"))


def reachable(place: sockdiag.Address) -> sockdiag.Address:
    """Where a client of this machine finds who listens at ``place``."""
    host, port = place
    return ("127.0.0.1", port) if host in EVERYWHERE else place


def shown(place: sockdiag.Address) -> str:
    """``host:port``, with brackets round what has colons of its own."""
    host, port = place
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def sockets_of(pid: int) -> set[str]:
    """The numbers of the sockets that process ``pid`` has open; empty when it is gone (Linux)."""
    found: set[str] = set()
    with sight.as_user_of(pid), contextlib.suppress(OSError):
        for fd in os.listdir(f"/proc/{pid}/fd"):
            with contextlib.suppress(OSError):  # closed between the two looks
                link = os.readlink(f"/proc/{pid}/fd/{fd}")
                if link.startswith("socket:["):
                    found.add(link[8:-1])
    return found


def _listeners() -> list[tuple[str, sockdiag.Address]]:
    """Every listening socket of this machine: its number and its address."""
    wanted = f"{sockdiag.LISTEN:02X}"
    rows = [*sockdiag.rows("tcp"), *sockdiag.rows("tcp6")]
    return [(row[5].split()[4], _address(row[1])) for row in rows if row[3] == wanted]


def _address(told: str) -> sockdiag.Address:
    """An address as /proc/net writes it: words of four bytes in the machine's own order."""
    host, _, port = told.partition(":")
    words = [int(host[at : at + 8], 16) for at in range(0, len(host), 8)]
    packed = b"".join(word.to_bytes(4, sys.byteorder) for word in words)
    family = socket.AF_INET if len(packed) == 4 else socket.AF_INET6
    return socket.inet_ntop(family, packed).removeprefix("::ffff:"), int(port, 16)
