"""How long all checks of a run may take together, and how a check that takes too long is ended."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from harness.program import ports

# Seconds for all checks on a calm machine of two cores, and on any machine.
CALM, MOST = 90.0, 180.0
# The part of it that a single check may take: one that hangs costs the others nothing.
PART = 0.4
# Seconds after which the work is stopped once more, should it have gone on all the same.
AGAIN = 20.0
# Seconds of waiting for a port that are not worth giving back.
SLIGHT = 0.01
# Seconds for the work to end by itself after Ctrl-C; a story may have taken it for something else.
SOON = 2.0


@dataclass
class Budget:
    """The time of one run. ``scale`` is how much slower than a calm laptop this machine is.

    Waiting for a port that others have is not counted.
    """

    scale: float = 1.0
    began: float = field(default_factory=time.monotonic)
    waited: float = field(default_factory=ports.waited)

    @property
    def limit(self) -> float:
        """Seconds that all checks together may take."""
        return min(CALM * self.scale, MOST)

    @property
    def spent(self) -> float:
        """Seconds since the run began, without those in which it waited for a port."""
        return time.monotonic() - self.began - (ports.waited() - self.waited)

    @property
    def for_one_check(self) -> float:
        """Seconds that the next check may take."""
        return min(self.left, self.limit * PART)

    @property
    def for_measuring(self) -> float:
        """Seconds to measure this machine in: how slow it is, is not known before."""
        return min(MOST - self.spent, MOST * PART)

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return self.limit - self.spent


class OutOfTime(BaseException):
    """Stops the work at hand. No `Exception`, so that no story takes it for a fault of its own."""


def stop_soon() -> None:
    """Let what is done inside `bounded` have `SOON` seconds more (POSIX, main thread)."""
    if sys.platform != "win32" and signal.getitimer(signal.ITIMER_REAL)[0]:
        signal.setitimer(signal.ITIMER_REAL, SOON, AGAIN)


def disarm() -> None:
    """No bound is left, also where `bounded` was stopped in its last moment."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, 0)


@contextlib.contextmanager
def bounded(seconds: float, give_up: Callable[[], None]) -> Iterator[None]:
    """Raise `OutOfTime` in what is done inside once it takes more than so many seconds.

    So long as it waits for a port that others have, its time stands still. Where the main thread
    cannot be stopped (Windows has no such signals), ``give_up`` is called in another thread; it
    must end the process.
    """
    seconds = max(seconds, 0.001)
    granted = ports.waited()

    def owed() -> float:
        """Seconds to give back since they were last asked for; 0 if the time is over."""
        nonlocal granted
        more = ports.waited() - granted
        if more <= SLIGHT:
            return 0.0
        granted += more
        return more

    is_main = threading.current_thread() is threading.main_thread()
    if sys.platform == "win32" or not is_main:
        with _watched(seconds, owed, give_up):
            yield
        return

    def stop(*_: object) -> None:
        if not (more := owed()):
            raise OutOfTime
        signal.setitimer(signal.ITIMER_REAL, more, AGAIN)

    before = signal.signal(signal.SIGALRM, stop)
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def _watched(
    seconds: float, owed: Callable[[], float], give_up: Callable[[], None]
) -> Iterator[None]:
    """Call ``give_up`` in another thread if what is done inside takes longer, and ``owed`` is 0."""
    is_over = threading.Event()

    def watch() -> None:
        left = seconds
        while not is_over.wait(left):
            left = owed()
            if not left:
                give_up()
                return

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        is_over.set()
