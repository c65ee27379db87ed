"""Where sessions run, and the first thing that went wrong in one."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.schedules.controlled_process import Processes, Report
from harness.schedules.cycles import EVERYTHING, Aim
from harness.schedules.oracle import Violation, violations
from harness.schedules.standing import Standing


@dataclass(frozen=True)
class Launch:
    """Where and with what the sessions run."""

    server: Path
    python: str = sys.executable
    workers: int = 2
    processes: Processes | None = None
    # Hears how many cycles are done, and how many there will be at the most.
    counts: Callable[[int, int], object] | None = None
    _idle: list[Standing] = field(default_factory=list, repr=False, compare=False)

    def run(self, cycles: list[dict[str, Any]]) -> Report:
        """Tell these cycles to a fresh process of the server; any thread may."""
        try:
            standing = self._idle.pop()
        except IndexError:
            standing = Standing(self.server, self.python, self.processes, is_traced=True)
        try:
            report = standing.run(cycles)
        except BaseException:
            # Its report may still come: nobody must take it for the next one.
            standing.close()
            raise
        self._idle.append(standing)
        return report

    def close(self) -> None:
        """End the processes, once no session runs any more."""
        while self._idle:
            self._idle.pop().close()


@dataclass(frozen=True)
class Find:
    """The first cycle of a session that broke a promise."""

    cycles: list[dict[str, Any]]
    index: int
    violation: Violation
    report: dict[str, Any]


def first_find(plan: list[dict[str, Any]], report: Report, aim: Aim = EVERYTHING) -> Find | None:
    """The first violation in a report, with the plan that led to it.

    One that the search is not after ends the look: what comes behind may be its consequence.
    """
    for index, cycle in enumerate(report.cycles):
        found = list(violations(cycle))
        if any(each.kind in aim.told_elsewhere for each in found):
            # What else goes wrong there may follow from it.
            return None
        if found:
            if aim.only_races:
                # Only a deadlock: everything else that went wrong is reported by another check.
                found.sort(key=lambda each: each.kind != "deadlock")
            wanted = next(filter(aim.wants, found), None)
            return Find(plan[: index + 1], index, wanted, cycle) if wanted else None
    return None
