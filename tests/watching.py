"""What several tests look at: a fact that is about to hold, and what a run has left behind."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

# Seconds. Only a broken program, or a machine that hardly runs at all, takes so long.
LONG = 60.0


def eventually(fact: Callable[[], object], bound: float = LONG) -> bool:
    """Whether `fact` comes to hold; looked at again and again, as nothing tells when it does."""
    deadline = time.monotonic() + bound
    while not fact():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True


def processes_of(folder: Path) -> list[int]:
    """The processes that have to do with `folder`: it is in their environment or command line.

    Every program under test has its folder in HOME, and a guardian has it as an argument.
    """
    return [pid for pid in _pids() if os.fsencode(folder) in _known_of(pid)]


def _pids() -> Iterator[int]:
    return (
        int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) != os.getpid()
    )


def _known_of(pid: int) -> bytes:
    told = b""
    for name in ("environ", "cmdline"):
        try:
            told += Path(f"/proc/{pid}/{name}").read_bytes()
        except OSError:
            continue  # it has just ended, or belongs to somebody else
    return told
