"""Which threads of a program wait for input only for some time (Linux).

`syscall` in /proc/PID/task/TID (proc_pid_syscall(5)) tells in which call a thread waits. Two kinds
of call have their limit of time among the arguments, in milliseconds: poll, in which Python waits
for a socket after `settimeout`, and epoll_wait. A limit behind a pointer (select, ppoll) is not
seen, nor is any on another system: then no thread is said to have one.
"""

from __future__ import annotations

import contextlib
import os
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from harness.program import sight
from harness.program.tree import tree

# By machine: the calls, and which of their arguments is the limit.
_LIMIT_AT: Mapping[str, Mapping[int, int]] = {
    "x86_64": {7: 2, 232: 3, 281: 3},
    "aarch64": {22: 3},
}
# Its highest bit, as an int: a negative limit is none.
_NONE = 0x80000000


@dataclass(frozen=True, slots=True)
class LimitedWait:
    """A thread that waits for ``seconds`` at most, and how often it had run when it was seen.

    ``thread`` is its folder in /proc.
    """

    thread: str
    seconds: float
    runs: int


def limited_waits(pid: int) -> list[LimitedWait]:
    """The threads of process ``pid`` and its children that wait so at this moment."""
    limit_at = _LIMIT_AT.get(platform.machine())
    if sys.platform != "linux" or limit_at is None:
        return []
    found = []
    with sight.as_user_of(pid):
        for each in tree(pid):
            with contextlib.suppress(OSError):
                for task in os.listdir(f"/proc/{each}/task"):
                    found += _seen(f"/proc/{each}/task/{task}", limit_at)
    return found


def _seen(thread: str, limit_at: Mapping[int, int]) -> list[LimitedWait]:
    with contextlib.suppress(OSError, ValueError, IndexError):
        runs = _times_run(thread)
        with open(f"{thread}/syscall", encoding="utf-8") as told:
            call, *arguments = (int(word, 0) for word in told.read().split()[:7])
        limit = arguments[limit_at[call]] & 0xFFFFFFFF if call in limit_at else 0
        # Where it ran in between, the arguments may be another call's.
        if 0 < limit < _NONE and _times_run(thread) == runs:
            return [LimitedWait(thread, limit / 1000, runs)]
    return []


def still_lasts(wait: LimitedWait) -> bool:
    """Whether the thread has been asleep in the same call ever since."""
    try:
        return _times_run(wait.thread) == wait.runs
    except (OSError, ValueError, IndexError):
        return False  # it has ended


def _times_run(thread: str) -> int:
    with open(f"{thread}/schedstat", encoding="utf-8") as told:
        return int(told.read().split()[2])
