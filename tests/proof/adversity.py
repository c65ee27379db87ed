"""Trouble made on purpose beside gradings: busy processes, and processes that are stopped."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

# Busy processes for --load: with so many, other graders were seen to fail.
BUSY = 8
# It ends with whoever started it, also when that was killed.
_BURN = """import os, sys
while os.getppid() == int(sys.argv[1]):
    for _ in range(1_000_000):
        pass
"""

# Seconds: between two pauses, and how long one process is stopped.
CALM, STOPPED = (0.5, 2.0), (1.0, 4.0)


@contextlib.contextmanager
def busy(count: int) -> Iterator[None]:
    """``count`` processes that burn processor time meanwhile."""
    command = [sys.executable, "-S", "-c", _BURN, str(os.getpid())]
    burning = [subprocess.Popen(command) for _ in range(count)]
    try:
        yield
    finally:
        for process in burning:
            process.kill()
            process.wait()


class CannotPause(Exception):
    """This system has no SIGSTOP or no /proc."""


class Pauses:
    """Stops the processes below this one, one at a time, for some seconds, as a closed laptop does.

    Who is stopped, when and for how long is drawn from ``seed``; which processes there are at that
    moment is not ours to choose. ``count`` is how many were stopped so far.
    """

    def __init__(self, seed: int) -> None:
        self.count = 0
        self._random = random.Random(seed)
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._go_on, daemon=True)
        if sys.platform == "win32" or not Path("/proc/self/stat").exists():
            raise CannotPause("--pause stops programs by SIGSTOP and /proc: it needs Linux")

    def __enter__(self) -> Pauses:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _go_on(self) -> None:
        # Only the pace of the trouble: no verdict waits for it or rests on it.
        while not self._is_over.wait(self._random.uniform(*CALM)):
            some = sorted(below(os.getpid(), parents()))
            if some:
                self._stop(self._random.choice(some), self._random.uniform(*STOPPED))

    def _stop(self, pid: int, seconds: float) -> None:
        if sys.platform == "win32":
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGSTOP)
            self.count += 1
            try:
                self._is_over.wait(seconds)
            finally:
                os.kill(pid, signal.SIGCONT)


def parents() -> dict[int, int]:
    """The parent of every process there is now (Linux)."""
    found: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            # The name stands in brackets and may itself hold any character.
            after = path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            found[int(path.parent.name)] = int(after[1])
    return found


def below(root: int, parent_of: dict[int, int]) -> Iterable[int]:
    """The children of ``root``, theirs, and so on."""
    children: dict[int, list[int]] = {}
    for child, parent in parent_of.items():
        children.setdefault(parent, []).append(child)
    found: list[int] = []
    waiting = [root]
    while waiting:
        fresh = children.get(waiting.pop(), [])
        found += fresh
        waiting += fresh
    return found
