"""`search`: a row of sessions under schedules of their own, until one breaks a promise.

Nothing here is decided by a clock. Each session is a fresh process with a few cycles; the first
failure in the row counts.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from harness.schedules.controlled_process import Report
from harness.schedules.counterexample import ExplorationOutcome
from harness.schedules.cycles import (
    CALM,
    EVERYTHING,
    MOST_SWEPT,
    Aim,
    calm_cycles,
    mixed_cycle,
    swept_cycles,
)
from harness.schedules.launch import Find, Launch, first_find
from harness.schedules.oracle import CERTAIN, Violation, is_judgeable, is_over_reading

# The budget in steps for all cycles together, as measured in the calm cycles, and the least cycles.
STEPS = 700_000
FEWEST_CYCLES = 48


@dataclass(frozen=True)
class Search:
    """The result of a search: the first failure after session `past`, or why there is none."""

    cycles: int
    session: int = -1
    find: Find | None = None
    outcome: ExplorationOutcome = "passed"
    reason: dict[str, str] = field(default_factory=dict)
    is_beyond_control: bool = False


def search(
    launch: Launch, seed: int, cycles: int | None = None, past: int = -1, aim: Aim = EVERYTHING
) -> Search:
    """The first session, in order, in which a promise was broken; session 0 is the calm one."""
    plan = calm_cycles(seed, aim)
    calm = launch.run(plan)
    find = first_find(plan, calm, aim.everything)
    while aim.only_races and find is not None and _is_known(find):
        aim = aim.without(find.cycles[-1]["storm"])
        if not aim.storms:
            return Search(1, outcome="not_explorable", reason=_baseline(find.violation))
        plan = calm_cycles(seed, aim)
        calm = launch.run(plan)
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
    swept = swept_cycles(seed, calm.seen, aim, affordable(2 * MOST_SWEPT, calm) // 2)
    cycles += len(swept)
    decided = restless = 0
    known: Find | None = None
    sessions = _sessions(launch, seed, cycles, calm.seen, aim, swept)
    for number, (plan, report) in enumerate(sessions, start=1):
        done += len(report.cycles)
        if launch.counts is not None:
            launch.counts(done - len(calm.cycles), cycles)
        decided += sum(is_judgeable(cycle) for cycle in report.cycles)
        restless += sum(cycle["end"] == "budget" for cycle in report.cycles)
        find = first_find(plan, report, aim)
        if find is None or number <= past:
            continue
        if aim.only_races and not _is_race(launch, find):
            known = find
            continue
        return Search(done, number, find)
    if 2 * decided >= cycles:
        return Search(done)
    if known is not None:
        return Search(done, outcome="not_explorable", reason=_baseline(known.violation))
    if restless:
        return Search(done, outcome="not_explorable", reason=RESTLESS)
    return Search(done, outcome="inconclusive", reason=UNDECIDED)


def _is_known(find: Find) -> bool:
    """Whether it happens without switches too: then it is no race, and another check reports it."""
    return find.index > 0 and not _is_told_here(find.violation)


def _is_race(launch: Launch, find: Find) -> bool:
    """Whether it needs this order of the threads: without switches the same stories end well.

    The last story is also told with each actor in turn the first: which of the rivals for a name
    gets to speak depends on the schedule, and what one of them says may be what goes wrong.
    """
    if _is_told_here(find.violation):
        return True
    plan = [{**cycle, "policy": CALM} for cycle in find.cycles]
    most = max(len(phase) for phase in plan[-1]["phases"])
    plan += [_rotated(plan[-1], by) for by in range(1, most)]
    return first_find(plan, launch.run(plan)) is None


def _rotated(cycle: dict[str, Any], by: int) -> dict[str, Any]:
    """The same story with other actors first."""
    phases = []
    for phase in cycle["phases"]:
        whose = deque(phase.items())
        whose.rotate(by)
        phases.append(dict(whose))
    return {**cycle, "phases": phases}


def _is_told_here(violation: Violation) -> bool:
    """A deadlock always counts: no other check says which thread holds which lock.

    But who waits for a client while holding a lock makes newcomers wait: that check names it.
    """
    return violation.kind == "deadlock" and not is_over_reading(violation)


def _is_worth_exploring(find: Find, aim: Aim) -> bool:
    """Whether a failure of the calm session is already the result, and no reason to stop."""
    if not aim.wants(find.violation):
        return False
    if find.index > 0:
        return True
    if not find.report["journal"]:
        return False  # nobody came
    if aim.only_races:
        return _is_told_here(find.violation)
    return aim.calm_counts or find.violation.kind in CERTAIN


def affordable(cycles: int, calm: Report) -> int:
    """Fewer cycles for a program whose cycles take many steps; counted in steps, never in time."""
    steps: int = sum(cycle["steps"] for cycle in calm.cycles) // max(len(calm.cycles), 1)
    return min(cycles, max(FEWEST_CYCLES, STEPS // max(int(steps), 1)))


def _sessions(
    launch: Launch,
    seed: int,
    cycles: int,
    lines: list[int],
    aim: Aim,
    swept: list[dict[str, Any]],
) -> Iterator[tuple[list[dict[str, Any]], Report]]:
    """All sessions of the run, in order, `workers` of them at a time.

    A few wait ready behind those: no worker stands still while the first one in order takes long.
    """
    plans = [swept[at : at + aim.a_session] for at in range(0, len(swept), aim.a_session)]
    plans += [
        [mixed_cycle(seed, index, lines, aim) for index in range(start, start + aim.a_session)]
        for start in range(0, cycles - len(swept), aim.a_session)
    ]
    with ThreadPoolExecutor(launch.workers) as pool:
        begun: deque[tuple[list[dict[str, Any]], Future[Report]]] = deque()
        waiting = deque(plans)
        try:
            while begun or waiting:
                while waiting and len(begun) < 2 * launch.workers:
                    plan = waiting.popleft()
                    begun.append((plan, pool.submit(launch.run, plan)))
                plan, report = begun.popleft()
                yield plan, report.result()
        finally:
            for _, report in begun:
                report.cancel()


UNDECIDED = {
    "id": "Mesin ini terlalu sibuk, sehingga urutan thread belum dapat diperiksa. Ini bukan "
    "salahmu.",
    "en": "This machine was too busy, so thread schedules could not be judged. This is not your "
    "fault.",
}
RESTLESS = {
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
        return Search(0, outcome="inconclusive", reason=UNDECIDED)
    if all(cycle["end"] == "budget" for cycle in calm.cycles):
        return Search(0, outcome="not_explorable", reason=RESTLESS)
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
