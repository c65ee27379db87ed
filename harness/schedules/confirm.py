"""`confirm`: run a failure again before it counts, then shorten its schedule."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

from harness.schedules.conflict import Conflict, conflict_in, stopped_after_reading
from harness.schedules.counterexample import Counterexample, ExecutedLine
from harness.schedules.cycles import CALM, EVERYTHING, Aim
from harness.schedules.lanes import died_at, essential, expired_of, sends_of, steps_of
from harness.schedules.launch import Find, Launch, first_find
from harness.schedules.meeting import (
    Lost,
    Meeting,
    Touched,
    hurried,
    in_turns,
    listed_late,
    struck_off,
    told_late,
)
from harness.schedules.oracle import Violation, deadlock, judge, violations
from harness.schedules.shrink import Choices, shrink
from harness.schedules.touches import touched_in

# Candidates tried while shrinking, at most, and fewer when each takes many steps; how many share a
# process.
SHRINK_BUDGET = 160
SHRINK_STEPS = 400_000
FEWEST_CANDIDATES = 30
ROW = 10


def confirm(launch: Launch, seed: int, find: Find, aim: Aim = EVERYTHING) -> Counterexample | None:
    """The failure again, alone if possible, and shortened. None if it does not come again."""
    last = find.cycles[-1]
    for before in ([], find.cycles[:-1]):
        again = first_find([*before, last], launch.run([*before, last]), aim)
        if again is not None and again.index == len(before):
            return _explain(launch, seed, before, last, again, aim)
        if again is not None:
            return _explain(launch, seed, before[: again.index], before[again.index], again, aim)
    return None


def recorded(
    launch: Launch, example: Counterexample, aim: Aim = EVERYTHING
) -> Counterexample | None:
    """The shortened schedule of ``example`` on today's program; None if it breaks nothing now."""
    cycle = {**example.shrunk, "record": True}
    done = launch.run([*example.before, cycle]).cycles
    report = done[-1] if len(done) == len(example.before) + 1 else None
    if report is None or not any(map(aim.wants, violations(report))):
        return None
    return _example(
        launch,
        example.seed,
        example.before,
        example.found,
        cycle,
        report,
        example.choices_found,
        aim.wants,
    )


def is_mixture(violation: Violation) -> bool:
    """Whether it may come of two threads that sent to one client in turns."""
    if violation.kind == "wrong_name":
        # The whole text under another name was not mixed on its way.
        seen, expected = (text.partition(": ")[2] for text in (violation.seen, violation.expected))
        return seen != expected
    return violation.kind == "garbled"


def meeting_in(
    report: dict[str, Any],
    folder: Path,
    violation: Violation,
    steps: list[ExecutedLine],
    whole: list[ExecutedLine],
    touched: Touched,
    until: int,
) -> Meeting | None:
    """Where two threads met over the client that the violation is about, if that is shown.

    ``whole``: the steps also behind those that broke the promise.
    """
    sends, who = sends_of(report, folder), violation.who
    if violation.kind == "dropped":
        return hurried(expired_of(report, folder), who, until)
    if is_mixture(violation):
        return in_turns(sends, who, until)
    rows = list(enumerate(report["journal"]))
    ok_at = next((at for at, row in rows if row[1:4] == [who, "got", "OK"]), -1)
    if violation.kind == "not_joined":
        return told_late(sends, whole, touched, who, until, ok_at)
    text = violation.expected.partition(": ")[2]
    said = next(((at, row[1]) for at, row in rows if row[2:4] == ["say", text]), None)
    if violation.kind == "lost" and said is not None:
        claims = {row[1]: row[3] for _, row in rows if row[2] == "claim"}
        former = {each for each, name in claims.items() if name == claims.get(who)} - {who}
        lost = Lost(who, said[1], ok_at, said[0], former)
        return listed_late(sends, steps, touched, lost) or struck_off(steps, touched, lost)
    return None


# Violations about names. Another kind of violation must not take their place while shrinking.
ABOUT_NAMES = frozenset({"two_holders", "nobody"})


def is_as_good(kind: str, wanted: str) -> bool:
    """Whether a shorter schedule may show the fault by this other violation."""
    return kind == wanted or not ABOUT_NAMES & {kind, wanted}


def _explain(
    launch: Launch,
    seed: int,
    before: list[dict[str, Any]],
    found: dict[str, Any],
    find: Find,
    aim: Aim,
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

    def fails_alone(choices: Choices) -> bool:
        report = launch.run([*before, scripted(choices)])
        return len(report.cycles) == len(before) + 1 and fails(report.cycles[-1])

    def first_in_row(row: list[Choices]) -> int | None:
        """A process runs candidates until one fails; those after it need a fresh process.

        What broke counts if it breaks alone too, without what the ones before left behind.
        """
        tried = 0
        while tried < len(row):
            report = launch.run([*before, *map(scripted, row[tried:])])
            done = report.cycles[len(before) :]
            for index, cycle in enumerate(done):
                if fails(cycle) and (index == 0 or fails_alone(row[tried])):
                    return tried
                tried += 1
                if judge(cycle) is not None:
                    break
            if not done:
                return None
        return None

    def first_failing(candidates: list[Choices]) -> int | None:
        rows = [candidates[start : start + ROW] for start in range(0, len(candidates), ROW)]
        with ThreadPoolExecutor(launch.workers) as pool:
            for start in range(0, len(rows), launch.workers):
                together = rows[start : start + launch.workers]
                for number, at in enumerate(pool.map(first_in_row, together)):
                    if at is not None:
                        return (start + number) * ROW + at
        return None

    # What the stories before leave behind they may leave behind without a switch as well.
    calm = [{**each, "policy": CALM} for each in before]
    if before and (done := launch.run([*calm, scripted([])]).cycles)[len(before) :]:
        before = calm if fails(done[-1]) else before
    whole: Choices = find.report["choices"]
    shrunk = whole
    if first_failing([whole]) == 0:
        steps = max(int(find.report["steps"]), 1)
        budget = min(SHRINK_BUDGET, max(FEWEST_CANDIDATES, SHRINK_STEPS // steps))
        shrunk = shrink(whole, first_failing, budget)
    for choices in (shrunk, whole):
        cycle = scripted(choices, record=True)
        final = launch.run([*before, cycle])
        report = final.cycles[-1] if len(final.cycles) == len(before) + 1 else None
        if report is not None and fails(report):
            return _example(launch, seed, before, found, cycle, report, len(whole), counts)
    # The recorded list does not repeat the failure: keep the seed instead.
    cycle = {**found, "record": True}
    final = launch.run([*before, cycle])
    report = final.cycles[-1] if len(final.cycles) == len(before) + 1 else None
    if report is None or not fails(report):
        return None
    return _example(launch, seed, before, found, cycle, report, len(whole), counts)


def _conflict(violation: Violation, steps: list[ExecutedLine], touched: Touched) -> Conflict | None:
    """Which uses of something shared explain the violation; None where none is claimed to."""
    if violation.kind == "not_joined":
        return None  # Only the order of the list and of OK explains that: see `told_late`.
    found = conflict_in(steps, touched, violation.who)
    if found is None and violation.kind == "two_holders":
        return stopped_after_reading(steps, touched, violation.who)
    return found


def _example(
    launch: Launch,
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
    folder = launch.server.resolve().parent
    touched = touched_in(folder, {row[2] for row in report["lines"]})
    shared = {place for place, touch in touched.items() if touch.matters}
    grain = cycle["policy"]["grain"]
    steps = steps_of(report, folder, until, grain, shared)
    steps += died_at(violation, steps, folder)
    whole = steps_of(report, folder, len(report["journal"]), grain, shared)
    meeting = meeting_in(report, folder, violation, steps, whole, touched, until)
    conflict = _conflict(violation, steps, touched)
    return Counterexample(
        seed=seed,
        storm=found["storm"],
        before=before,
        found=found,
        shrunk={**cycle, "record": False},
        violation=violation,
        preemptions=report["preemptions"],
        choices_found=choices_found,
        steps=steps,
        waits=essential(deadlock(report["waiting"])) if violation.kind == "deadlock" else [],
        errors=report["errors"],
        journal=report["journal"],
        conflict=asdict(meeting) if meeting else asdict(conflict) if conflict else None,
    )
