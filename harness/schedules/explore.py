"""`explore`: look for a schedule that breaks the server; `replay`: run one again."""

from __future__ import annotations

import contextlib
import dataclasses
import sys
from collections.abc import Callable
from pathlib import Path

from harness.schedules.confirm import confirm, recorded
from harness.schedules.controlled_process import Processes
from harness.schedules.counterexample import Counterexample, Exploration
from harness.schedules.cycles import EVERYTHING, Aim
from harness.schedules.launch import Find, Launch, first_find
from harness.schedules.oracle import is_judgeable
from harness.schedules.search import UNDECIDED, search


def explore(
    server: Path,
    seed: int,
    cycles: int | None = None,
    *,
    python: str = sys.executable,
    workers: int = 2,
    processes: Processes | None = None,
    aim: Aim = EVERYTHING,
    counts: Callable[[int, int], object] | None = None,
) -> Exploration:
    """Look for a schedule, among `cycles` of them, under which the server breaks a promise.

    ``counts`` hears how many are done, and how many there are at the most.
    """
    with contextlib.closing(Launch(server, python, workers, processes, counts)) as launch:
        return _explored(launch, seed, cycles, aim)


def _explored(launch: Launch, seed: int, cycles: int | None, aim: Aim) -> Exploration:
    unconfirmed = 0
    past = -1
    while True:
        result = search(launch, seed, cycles, past, aim)
        if result.find is None:
            break
        example = confirm(launch, seed, result.find, aim)
        if example is not None:
            example = dataclasses.replace(example, tried=result.cycles)
            return Exploration("failed", result.cycles, example, unconfirmed=unconfirmed)
        unconfirmed += 1
        past = result.session
    if result.reason:
        outcome = result.outcome
        return Exploration(
            outcome,
            result.cycles,
            reason=result.reason,
            unconfirmed=unconfirmed,
            is_beyond_control=result.is_beyond_control,
        )
    return Exploration("passed", result.cycles, unconfirmed=unconfirmed)


def replay(
    example: Counterexample,
    server: Path,
    *,
    python: str = sys.executable,
    processes: Processes | None = None,
    aim: Aim = EVERYTHING,
) -> Exploration:
    """Run a saved counterexample again: the shrunk schedule, then the one that was found.

    What breaks is told anew where the program is no longer the one that was explored: it may have
    other lines by now, or break something else.
    """
    with contextlib.closing(Launch(server, python, processes=processes)) as launch:
        return _replayed(launch, example, aim)


def _replayed(launch: Launch, example: Counterexample, aim: Aim) -> Exploration:
    undecided = False
    for cycle in (example.shrunk, example.found):
        plan = [*example.before, cycle]
        report = launch.run(plan)
        find = first_find(plan, report, aim)
        told = _told_today(launch, example, find, aim) if find is not None else None
        if told is not None:
            return Exploration("failed", len(report.cycles), told)
        undecided = undecided or find is not None or len(report.cycles) < len(plan)
        undecided = undecided or bool(report.trouble)
        undecided = undecided or not all(is_judgeable(done) for done in report.cycles)
    if undecided:
        return Exploration("inconclusive", reason=UNDECIDED)
    return Exploration("passed", 2 * (1 + len(example.before)))


def _told_today(
    launch: Launch, example: Counterexample, find: Find, aim: Aim
) -> Counterexample | None:
    """The saved example, if the program still runs as it tells; else what breaks today.

    None if what broke does not break again.
    """
    as_saved = recorded(launch, example, aim)
    if as_saved is not None and _tells_the_same(as_saved, example):
        return example
    return confirm(launch, example.seed, find, aim)


def _tells_the_same(one: Counterexample, other: Counterexample) -> bool:
    return (one.violation, one.steps, one.waits) == (other.violation, other.steps, other.waits)
