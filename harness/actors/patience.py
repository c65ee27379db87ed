"""How long to wait here: bounds scaled to this machine, and time counted only while it was fair.

Two ideas. *Calibration*: before grading, the reference runs a short story here; every bound is a
multiple of what it needed, with a floor. *Fair time*: a wait is charged only for the time in which
the program could run. While it is stopped, waits for memory, or stands in the queue of a busy
processor, the clock of the wait stands still; so does it while the grader itself was stopped.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

# One look at the world lasts at most this long (s); a longer one means that we were not running.
TICK = 0.02

# Words of the program's own are taken as the request, the acceptance or the prompt when nothing
# better came for this long (s). It decides how leniently to read on, never whether a check passes.
GRACE = 0.5

# Between two questions how the program fares, this many times as long as the question took.
ASKING = 5

# A wait may take this many times its bound by the wall clock before the machine is called unfit.
WALL_FACTOR = 20.0


@dataclass(frozen=True, slots=True)
class Patience:
    """Bounds in seconds of fair time.

    ``step``: for one answer of the program; ``start``: until it listens; ``scale``: how much
    slower than a calm laptop this machine is (1 or more), for bounds that SPEC gives in seconds.
    """

    step: float = 2.5
    start: float = 10.0
    scale: float = 1.0

    def hurried(self) -> Patience:
        """For what was seen not to work before: it is not waited for so long again."""
        return replace(self, step=self.step * HURRY)

    def seconds(self, given: float) -> float:
        """A bound that SPEC gives as ``given`` seconds, on this machine."""
        return given * self.scale


# The part of a wait that is given to what was seen not to work.
HURRY = 0.4
# What the calibration story (start, two joins, one line) needs on a calm two-core laptop (s).
CALM = 0.12


def calibrated(took: float) -> Patience:
    """The patience of a machine on which the reference needed ``took`` seconds for the story."""
    scale = min(max(1.0, took / CALM), 8.0)
    return Patience(step=2.5 * scale, start=10.0 * scale, scale=scale)


class FairClock:
    """Charges a wait with the time that the program had.

    ``starved()`` says whether, since it was last asked, the program wanted to run and could not.
    """

    def __init__(self, starved: Callable[[], bool]) -> None:
        self._starved = starved
        self._pending = 0.0
        self._enough = TICK

    def charge(self, took: float) -> float:
        """The seconds to charge, now that a look took ``took`` seconds; small ones are gathered.

        A look that took much longer than it asked for means that the grader was not running.
        """
        self._pending += min(took, TICK * 2)
        if self._pending < self._enough:
            return 0.0
        gathered, self._pending = self._pending, 0.0
        began = time.monotonic()
        is_starved = self._starved()
        # A program of a thousand threads takes long to look at: then ask less often.
        self._enough = max(TICK, ASKING * (time.monotonic() - began))
        return 0.0 if is_starved else gathered
