"""Virtual time: sleeping takes no real time, and every clock shows the scheduler's time."""

from __future__ import annotations

import signal
import time
from typing import Any

from .world import scheduler

# A program that asks for the time again and again must see it pass.
TICK = 0.00005
EPOCH = 1_700_000_000.0


def sleep(seconds: float) -> None:
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    scheduler.block(lambda: False, ("sleep", seconds), seconds)


def monotonic() -> float:
    scheduler.now += TICK
    return scheduler.now


def wall() -> float:
    return EPOCH + monotonic()


def monotonic_ns() -> int:
    return int(monotonic() * 1e9)


def wall_ns() -> int:
    return int(wall() * 1e9)


def pause(*signals: Any) -> None:
    """signal.pause() and sigwait(): Ctrl-C is never pressed here."""
    scheduler.block(lambda: False, ("pause", None), None)


def timed_pause(signals: Any, seconds: float) -> None:
    scheduler.block(lambda: False, ("pause", None), seconds)


def no_wakeup_fd(number: int, **options: Any) -> int:
    """What asyncio sets for its signal handlers; the real one wants a file that never blocks."""
    return -1


def install() -> None:
    import threading

    clocks: Any = time
    clocks.sleep = sleep
    clocks.monotonic = clocks.perf_counter = monotonic
    clocks.monotonic_ns = clocks.perf_counter_ns = monotonic_ns
    clocks.time = wall
    clocks.time_ns = wall_ns
    threads: Any = threading
    threads._time = monotonic
    signals: Any = signal
    signals.set_wakeup_fd = no_wakeup_fd
    for name in ("pause", "sigwait", "sigwaitinfo"):
        if hasattr(signal, name):
            setattr(signals, name, pause)
    if hasattr(signal, "sigtimedwait"):
        signals.sigtimedwait = timed_pause
