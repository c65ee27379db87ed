"""A program and all that it started: its process tree.

Linux tells through /proc (proc_pid_task_children(5)); elsewhere psutil does, and without it the
tree is the one process that we started.
"""

from __future__ import annotations

import contextlib
import os
import sys


def tree(pid: int) -> list[int]:
    """Process ``pid``, its children and theirs, and what it left behind; itself first."""
    if sys.platform == "linux":
        found = [pid]
        # An orphan of its session has come to us, the nearest subreaper.
        found += [c for c in children(os.getpid()) if c != pid and session(c) == pid]
        for each in found:
            found += [child for child in children(each) if child not in found]
        return [pid, *(each for each in found[1:] if not is_dead(each))]
    try:
        import psutil
    except ImportError:
        return [pid]
    try:
        below = psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return [pid]
    return [pid, *(process.pid for process in below)]


def children(pid: int) -> list[int]:
    """The children of process ``pid``, of all its threads (Linux)."""
    found: list[int] = []
    try:
        tasks = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return found
    for task in tasks:
        with (
            contextlib.suppress(OSError, ValueError),
            open(f"/proc/{pid}/task/{task}/children", "rb") as told,
        ):
            found += map(int, told.read().split())
    return found


def session(pid: int) -> int:
    """The session of process ``pid``, 0 when it is gone (Linux)."""
    return int((_stat(pid) or [b"0"] * 4)[3])


def is_dead(pid: int) -> bool:
    """Whether process ``pid`` has ended and is only waited for, or is gone (Linux)."""
    stat = _stat(pid)
    return stat is None or stat[0] in (b"Z", b"X")


def _stat(pid: int) -> list[bytes] | None:
    """What /proc/PID/stat tells, from the state on."""
    with contextlib.suppress(OSError), open(f"/proc/{pid}/stat", "rb") as stat:
        # The name may hold blanks and brackets: the state stands after the last one.
        return stat.read().rpartition(b")")[2].split()
    return None
