"""`explore`: look for a schedule that breaks the server; `replay`: run one again.

Nothing here is decided by a clock. A run of a seed is a row of sessions, each a fresh process
with a few cycles; the first failure in that row counts, and only after it failed again.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .lanes import essential, steps_of
from .mix import CALM, CYCLES_A_SESSION, EVERYTHING, Aim, calm_cycles, mixed_cycle
from .oracle import CERTAIN, Violation, deadlock, is_judgeable, judge, violations
from .session import Processes, Report, run_session
from .shrink import Choices, shrink
from .verdict import Counterexample, Outcome, Verdict

CYCLES = EVERYTHING.cycles
# Steps for all cycles together, by the calm cycles' measure; and the cycles there are in any case.
STEPS = 700_000
FEWEST_CYCLES = 48
# Candidates tried while shrinking, at most, and fewer when each takes many steps; how many share a
# process.
SHRINK_BUDGET = 160
SHRINK_STEPS = 400_000
FEWEST_CANDIDATES = 30
ROW = 10


@dataclass(frozen=True)
class Lab:
    """Where and with what the sessions run."""

    server: Path
    python: str = sys.executable
    workers: int = 2
    processes: Processes | None = None

    def run(self, cycles: list[dict[str, Any]], cpu: int = 0) -> Report:
        return run_session(
            self.server, cycles, python=self.python, cpu=cpu, processes=self.processes
        )


@dataclass(frozen=True)
class Find:
    """The first cycle of a session that broke a promise."""

    cycles: list[dict[str, Any]]
    index: int
    violation: Violation
    report: dict[str, Any]


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


@dataclass(frozen=True)
class Search:
    """How far a search came: the first failure after session `past`, or why there is none."""

    cycles: int
    session: int = -1
    find: Find | None = None
    outcome: Outcome = "passed"
    reason: dict[str, str] = field(default_factory=dict)
    is_beyond_control: bool = False


def search(
    lab: Lab, seed: int, cycles: int | None = None, past: int = -1, aim: Aim = EVERYTHING
) -> Search:
    """The first session, in order, in which a promise was broken; session 0 is the calm one."""
    plan = calm_cycles(seed, aim)
    calm = lab.run(plan)
    find = first_find(plan, calm, aim.everything)
    while aim.only_races and find is not None and _is_known(find):
        aim = aim.without(find.cycles[-1]["storm"])
        if not aim.storms:
            return Search(1, outcome="not_explorable", reason=_baseline(find.violation))
        plan = calm_cycles(seed, aim)
        calm = lab.run(plan)
        find = first_find(plan, calm, aim.everything)
    unable = _unable(calm)
    if unable is not None:
        return unable
    done = len(calm.cycles)
    if find is not None and not _is_worth_exploring(find, aim):
        return Search(1, outcome="not_explorable", reason=_baseline(find.violation))
    if find is not None and past < 0:
        return Search(done, 0, find)
    cycles = affordable(cycles or aim.cycles, calm)
    decided = restless = 0
    sessions = _sessions(lab, seed, cycles, calm.seen, aim)
    for number, (plan, report) in enumerate(sessions, start=1):
        done += len(report.cycles)
        decided += sum(is_judgeable(cycle) for cycle in report.cycles)
        restless += sum(cycle["end"] == "budget" for cycle in report.cycles)
        find = first_find(plan, report, aim)
        if find is None or number <= past or (aim.only_races and not _is_race(lab, find)):
            continue
        return Search(done, number, find)
    if 2 * decided >= cycles:
        return Search(done)
    if restless:
        return Search(done, outcome="not_explorable", reason=_RESTLESS)
    return Search(done, outcome="inconclusive", reason=_UNDECIDED)


def _is_known(find: Find) -> bool:
    """Whether it is no race, as it happens in the calm: then the check that failed tells of it.

    A deadlock is told here in any case: no other check names who holds what.
    """
    return find.index > 0 and find.violation.kind != "deadlock"


def _is_race(lab: Lab, find: Find) -> bool:
    """Whether it takes this order of the threads: the same story told calmly ends well."""
    if find.violation.kind == "deadlock":
        return True
    plan = [{**find.cycles[-1], "policy": CALM}]
    return first_find(plan, lab.run(plan)) is None


def _is_worth_exploring(find: Find, aim: Aim) -> bool:
    """Whether what went wrong in the calm session is already the answer, not an obstacle."""
    if not aim.wants(find.violation):
        return False
    if find.index > 0:
        return True
    certain = {"deadlock"} if aim.only_races else CERTAIN
    somebody_came = bool(find.report["journal"])
    return somebody_came and find.violation.kind in certain


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
        return Verdict("inconclusive", reason=_UNDECIDED), None
    return Verdict("passed", 2 * (1 + len(example.before))), None


def affordable(cycles: int, calm: Report) -> int:
    """Fewer cycles for a program that takes many steps for each; counted, so the same each time."""
    steps: int = sum(cycle["steps"] for cycle in calm.cycles) // max(len(calm.cycles), 1)
    return min(cycles, max(FEWEST_CYCLES, STEPS // max(int(steps), 1)))


def first_find(plan: list[dict[str, Any]], report: Report, aim: Aim = EVERYTHING) -> Find | None:
    """The first violation in a report, with the plan that led to it.

    One that the search is not after ends the look: what comes behind may be its consequence.
    """
    for index, cycle in enumerate(report.cycles):
        found = list(violations(cycle))
        if found:
            if aim.only_races:
                # Who holds what is told here only; what else went wrong another check has told.
                found.sort(key=lambda each: each.kind != "deadlock")
            wanted = next(filter(aim.wants, found), None)
            return Find(plan[: index + 1], index, wanted, cycle) if wanted else None
    return None


def _sessions(
    lab: Lab, seed: int, cycles: int, lines: list[int], aim: Aim
) -> Iterator[tuple[list[dict[str, Any]], Report]]:
    """All sessions of the run, in order, `workers` of them at a time."""
    plans = [
        [mixed_cycle(seed, index, lines, aim) for index in range(start, start + CYCLES_A_SESSION)]
        for start in range(0, cycles, CYCLES_A_SESSION)
    ]
    with ThreadPoolExecutor(lab.workers) as pool:
        running: list[tuple[list[dict[str, Any]], Future[Report]]] = []
        waiting = list(enumerate(plans))
        while running or waiting:
            while waiting and len(running) < lab.workers:
                number, plan = waiting.pop(0)
                running.append((plan, pool.submit(lab.run, plan, number)))
            plan, report = running.pop(0)
            yield plan, report.result()


def confirm(lab: Lab, seed: int, find: Find, aim: Aim = EVERYTHING) -> Counterexample | None:
    """The failure once more, alone if it can be; then as small as it gets. None if it is gone."""
    last = find.cycles[-1]
    for before in ([], find.cycles[:-1]):
        again = first_find([*before, last], lab.run([*before, last]), aim)
        if again is not None and again.index == len(before):
            return _explain(lab, seed, before, last, again, aim)
        if again is not None:
            return _explain(lab, seed, before[: again.index], before[again.index], again, aim)
    return None


# Kinds that say what went wrong with a name, which no other kind can stand for.
ABOUT_NAMES = frozenset({"two_holders", "nobody"})


def is_as_good(kind: str, wanted: str) -> bool:
    """A fault shows in several ways: the smaller schedule may show it in another one."""
    return kind == wanted or not ABOUT_NAMES & {kind, wanted}


def _explain(
    lab: Lab, seed: int, before: list[dict[str, Any]], found: dict[str, Any], find: Find, aim: Aim
) -> Counterexample | None:
    """Shrink the schedule, run the result once more on its own, and record its lines."""
    grain = found["policy"]["grain"]

    def scripted(choices: Choices, record: bool = False) -> dict[str, Any]:
        policy = {**CALM, "grain": grain, "choices": choices}
        return {**found, "policy": policy, "record": record}

    def counts(violation: Violation) -> bool:
        return aim.wants(violation) and is_as_good(violation.kind, find.violation.kind)

    def fails(report: dict[str, Any]) -> bool:
        return any(counts(each) for each in violations(report))

    def fails_alone(choices: Choices, cpu: int) -> bool:
        report = lab.run([*before, scripted(choices)], cpu)
        return len(report.cycles) == len(before) + 1 and fails(report.cycles[-1])

    def first_in_row(row: list[Choices], cpu: int) -> int | None:
        """Each process goes on until something breaks; what comes after needs a fresh one.

        What broke counts if it breaks alone too, without what the ones before left behind.
        """
        tried = 0
        while tried < len(row):
            report = lab.run([*before, *map(scripted, row[tried:])], cpu)
            done = report.cycles[len(before) :]
            for index, cycle in enumerate(done):
                if fails(cycle) and (index == 0 or fails_alone(row[tried], cpu)):
                    return tried
                tried += 1
                if judge(cycle) is not None:
                    break
            if not done:
                return None
        return None

    def first_failing(candidates: list[Choices]) -> int | None:
        rows = [candidates[start : start + ROW] for start in range(0, len(candidates), ROW)]
        with ThreadPoolExecutor(lab.workers) as pool:
            for start in range(0, len(rows), lab.workers):
                together = rows[start : start + lab.workers]
                for number, at in enumerate(pool.map(first_in_row, together, range(len(together)))):
                    if at is not None:
                        return (start + number) * ROW + at
        return None

    whole: Choices = find.report["choices"]
    shrunk = whole
    if first_failing([whole]) == 0:
        steps = max(int(find.report["steps"]), 1)
        budget = min(SHRINK_BUDGET, max(FEWEST_CANDIDATES, SHRINK_STEPS // steps))
        shrunk = shrink(whole, first_failing, budget)
    for choices in (shrunk, whole):
        cycle = scripted(choices, record=True)
        final = lab.run([*before, cycle])
        report = final.cycles[-1] if len(final.cycles) == len(before) + 1 else None
        if report is not None and fails(report):
            return _example(lab, seed, before, found, cycle, report, len(whole), counts)
    # The list does not do what the seed did: keep the seed.
    cycle = {**found, "record": True}
    final = lab.run([*before, cycle])
    report = final.cycles[-1] if len(final.cycles) == len(before) + 1 else None
    if report is None or not fails(report):
        return None
    return _example(lab, seed, before, found, cycle, report, len(whole), counts)


def _example(
    lab: Lab,
    seed: int,
    before: list[dict[str, Any]],
    found: dict[str, Any],
    cycle: dict[str, Any],
    report: dict[str, Any],
    choices_found: int,
    counts: Callable[[Violation], bool],
) -> Counterexample:
    violation = next(filter(counts, violations(report)))
    until = violation.at if violation.at else len(report["journal"])
    return Counterexample(
        seed=seed,
        storm=found["storm"],
        before=before,
        found=found,
        shrunk={**cycle, "record": False},
        violation=violation,
        preemptions=report["preemptions"],
        choices_found=choices_found,
        steps=steps_of(report, lab.server.resolve().parent, until, cycle["policy"]["grain"]),
        waits=essential(deadlock(report["waiting"])) if violation.kind == "deadlock" else [],
        errors=report["errors"],
        journal=report["journal"],
    )


_UNDECIDED = {
    "id": "Mesin ini terlalu sibuk, sehingga urutan thread belum dapat diperiksa. Ini bukan "
    "salahmu.",
    "en": "This machine was too busy, so thread schedules could not be judged. This is not your "
    "fault.",
}
_RESTLESS = {
    "id": "Programnya tidak pernah diam: ada thread yang berputar terus tanpa menunggu apa-apa. "
    "Selama begitu urutan thread tidak dapat dijelajahi.",
    "en": "The program never comes to rest: a thread goes round and round and waits for nothing. "
    "While it does, thread schedules cannot be explored.",
}


def _baseline(violation: Violation) -> dict[str, str]:
    return {
        "id": "Urutan thread belum dijelajahi: cerita tenang, satu client demi satu, belum "
        f"berjalan seperti yang diminta ({violation.kind}).",
        "en": "Thread schedules were not explored: a calm story, one client after the other, "
        f"does not work as asked yet ({violation.kind}).",
    }


def _unable(calm: Report) -> Search | None:
    """The answer when the program cannot be put under control, None when it can."""
    if not calm.cycles:
        return Search(0, outcome="inconclusive", reason=_UNDECIDED)
    if all(cycle["end"] == "budget" for cycle in calm.cycles):
        return Search(0, outcome="not_explorable", reason=_RESTLESS)
    end = str(calm.cycles[-1]["end"])
    what, _, rest = end.partition(":")
    if what == "unsupported":
        return Search(
            0,
            outcome="not_explorable",
            is_beyond_control=True,
            reason={
                "id": f"Program ini memakai {rest}, sehingga urutan thread-nya tidak dapat diatur.",
                "en": f"This program uses {rest}, so its thread schedule cannot be controlled.",
            },
        )
    if what == "stalled":
        return Search(
            0,
            outcome="not_explorable",
            is_beyond_control=True,
            reason={
                "id": f"Program ini menunggu sesuatu yang tidak dapat diatur ({rest}), sehingga "
                "urutan thread-nya tidak dapat dijelajahi.",
                "en": f"This program waits for something that cannot be controlled ({rest}), so "
                "its thread schedules cannot be explored.",
            },
        )
    return None


__all__ = ["CYCLES", "Counterexample", "Verdict", "confirm", "explore", "replay", "search"]
