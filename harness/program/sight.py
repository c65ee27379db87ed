"""Lets root look at a process of another user where root may not look at everything (Linux).

In a container root has no CAP_SYS_PTRACE as a rule, and what files, sockets and system calls a
process has is shown to its own user alone. The one that the kernel asks for is the file-system user
of the thread that looks (setfsuid(2)), which plays no part in signals or in who may look at us.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
import sys
from collections.abc import Iterator

# The bit in CapEff of /proc/self/status (capabilities(7)).
CAP_SYS_PTRACE = 19


@functools.cache
def is_enough() -> bool:
    """Whether nothing is to be gained: we may look at everything, or may become nobody."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return True
    with open("/proc/self/status", encoding="utf-8") as told:
        line = next((each for each in told if each.startswith("CapEff:")), "CapEff: 0")
    return bool(int(line.split()[1], 16) >> CAP_SYS_PTRACE & 1)


@contextlib.contextmanager
def as_user_of(pid: int) -> Iterator[None]:
    """What is opened inside, by this thread, is opened as the user of process ``pid``."""
    if sys.platform == "win32" or is_enough():
        yield
        return
    try:
        owner = os.stat(f"/proc/{pid}")
    except OSError:
        yield
        return
    libc = ctypes.CDLL(None)
    libc.setfsgid(owner.st_gid)
    libc.setfsuid(owner.st_uid)
    try:
        yield
    finally:
        libc.setfsuid(0)
        libc.setfsgid(0)
