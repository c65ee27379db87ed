"""Notices a call that really blocks, and so stops everything; ends the run undecided."""

from __future__ import annotations

import _thread
import time
from collections.abc import Callable
from typing import Any

from .world import scheduler

_sleep = time.sleep
_start = _thread.start_new_thread
LOOK_EVERY = 0.5
# Seconds without a single point. A starved machine looks the same: that, too, is undecided.
SILENCE = 6.0


def watch(over: Callable[[str], Any]) -> None:
    def look() -> None:
        before, quiet = (-1, -1), 0.0
        while True:
            _sleep(LOOK_EVERY)
            now = (scheduler.steps, scheduler.clock)
            quiet = quiet + LOOK_EVERY if now == before else 0.0
            before = now
            if quiet >= SILENCE:
                task = scheduler.current
                over(f"stalled:{task.file}:{task.line}")

    _start(look, ())
