"""Whether a program rests: every thread asleep, no processor time used."""

from __future__ import annotations

import time

from harness.program import observe
from harness.program.process import Program

# Nanoseconds of processor time that a resting program may use between two looks: a poll, say.
IDLE_CPU_NS = 500_000


class IdleWatch:
    """Watches one program. Where the system does not show it, being watched counts as resting."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._last: observe.Snapshot | None = None
        self._since = time.monotonic()

    def has_lasted(self, seconds: float) -> bool:
        """Whether it has rested for so long, as seen from look to look; or has ended."""
        if self._program.status is not None:
            return True
        now, last = observe.snapshot(self._program.pid), self._last
        self._last = now
        if now is not None:
            was_calm = (
                last is not None and last.is_waiting and now.ran_ns - last.ran_ns < IDLE_CPU_NS
            )
            if not (now.is_waiting and was_calm):
                self._since = time.monotonic()
        return time.monotonic() - self._since >= seconds
