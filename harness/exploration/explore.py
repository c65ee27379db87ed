"""`explore`: look for a schedule that breaks the server; `replay`: run one again."""

from __future__ import annotations

import sys
from pathlib import Path

from .explain import confirm
from .lab import Lab, first_find
from .mix import EVERYTHING, Aim
from .oracle import Violation, is_judgeable
from .search import UNDECIDED, search
from .session import Processes
from .verdict import Counterexample, Verdict


def explore(
    server: Path,
    seed: int,
    cycles: int | None = None,
    *,
    python: str = sys.executable,
    workers: int = 2,
    processes: Processes | None = None,
    aim: Aim = EVERYTHING,
) -> Verdict:
    """Look for a schedule, among `cycles` of them, under which the server breaks a promise."""
    lab = Lab(server, python, workers, processes)
    unconfirmed = 0
    past = -1
    while True:
        result = search(lab, seed, cycles, past, aim)
        if result.find is None:
            break
        example = confirm(lab, seed, result.find, aim)
        if example is not None:
            return Verdict("failed", result.cycles, example, unconfirmed=unconfirmed)
        unconfirmed += 1
        past = result.session
    if result.reason:
        outcome = result.outcome
        return Verdict(
            outcome,
            result.cycles,
            reason=result.reason,
            unconfirmed=unconfirmed,
            is_beyond_control=result.is_beyond_control,
        )
    return Verdict("passed", result.cycles, unconfirmed=unconfirmed)


def replay(
    example: Counterexample,
    server: Path,
    *,
    python: str = sys.executable,
    processes: Processes | None = None,
) -> tuple[Verdict, Violation | None]:
    """Run a saved counterexample again: the shrunk schedule, then the one that was found."""
    lab = Lab(server, python, processes=processes)
    undecided = False
    for cycle in (example.shrunk, example.found):
        plan = [*example.before, cycle]
        report = lab.run(plan)
        find = first_find(plan, report)
        if find is not None:
            return Verdict("failed", len(report.cycles), example), find.violation
        undecided = undecided or len(report.cycles) < len(plan) or bool(report.trouble)
        undecided = undecided or not all(is_judgeable(done) for done in report.cycles)
    if undecided:
        return Verdict("inconclusive", reason=UNDECIDED), None
    return Verdict("passed", 2 * (1 + len(example.before))), None
