"""A loopback of the suite's own, so that no other program on the machine can hold its ports.

Some tests start programs on the port of SPEC section 1, which is one and the same for every
grader. Linux can give a process a network of its own (a network namespace, see unshare(2)); its
child processes inherit it. Elsewhere, or where the system forbids it, the tests use the machine's
loopback and wait for their turn, as graders do.
"""

from __future__ import annotations

import ctypes
import os
import socket
import struct
import subprocess
import sys
from pathlib import Path

# <linux/sched.h>, <linux/if.h>, <linux/sockios.h>
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
IFF_UP, SIOCSIFFLAGS = 0x1, 0x8914


def enter() -> bool:
    """Give this process a network of its own; whether the system let it.

    Call it from the main thread and before anything else opens a socket. A child process tries it
    first: an attempt that fails half-way would leave this process without its user.
    """
    if sys.platform != "linux":
        return False
    rehearsal = [sys.executable, "-S", __file__]
    if subprocess.run(rehearsal, stderr=subprocess.DEVNULL).returncode != 0:
        return False
    return _entered()


def _entered() -> bool:
    """The same without the attempt. Raises `OSError` where it fails half-way."""
    if sys.platform != "linux":
        return False
    users = {Path("/proc/self/uid_map"): os.getuid(), Path("/proc/self/gid_map"): os.getgid()}
    unshare = ctypes.CDLL(None).unshare
    if unshare(CLONE_NEWNET) != 0:
        # Without the right to do so, in a user namespace where the process has that right. The
        # system refuses this to a process with threads: a worker of xdist keeps the network that
        # it has inherited.
        if unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0:
            return False
        Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
        for path, number in users.items():
            path.write_text(f"{number} {number} 1", encoding="ascii")
    _bring_up_the_loopback()
    return True


def _bring_up_the_loopback() -> None:
    """A new network has a loopback, but it is down."""
    if sys.platform == "linux":
        import fcntl

        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            fcntl.ioctl(sock, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))


if __name__ == "__main__":
    sys.exit(0 if _entered() else 1)
