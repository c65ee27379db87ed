"""The kit finds the way to a fault: a search as `exploration.schedules` makes it, over few clients.

What is found is shortened there and comes back as moves that can be made one after the other.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from harness.by_hand.position import Move, Position
from harness.by_hand.table import Table
from harness.schedules.confirm import confirm
from harness.schedules.controlled_process import Report
from harness.schedules.counterexample import Counterexample
from harness.schedules.cycles import CALM, EVERYTHING, FINE, HASTE, HELD
from harness.schedules.explore import explore
from harness.schedules.launch import Launch, first_find

Phase = dict[str, list[list[Any]]]

ASK = [["connect"], ["asked"]]


def _joins(name: str) -> list[list[Any]]:
    return [["connect"], ["claim", name]]


def _says(text: str) -> list[list[Any]]:
    return [["say", text]]


LEAVES, RESETS = [["leave"]], [["reset"]]
_THREE: list[Phase] = [{who: _joins(who)} for who in ("ani", "budi", "citra")]
_LAST: Phase = {"citra": _says("akhirnya")}

# Stories of two to four clients that call themselves as they are called; a phase ends at rest.
STORIES: tuple[list[Phase], ...] = (
    [
        {"ani": ASK, "budi": ASK},
        {"ani": [["try", "ani"]], "budi": [["try", "ani", "budi"]]},
        {"ani": _says("halo"), "budi": _says("hai")},
    ],
    [{"citra": _joins("citra")}, {"ani": _joins("ani"), "budi": _joins("budi")}, _LAST],
    [{"budi": _joins("budi")}, {"budi": _says("halo"), "ani": _joins("ani")}],
    [*_THREE, {"citra": _says("pagi"), "ani": LEAVES}, _LAST],
    [*_THREE, {"ani": _says("halo"), "budi": _says("hai")}, _LAST],
    [*_THREE, {"ani": LEAVES, "dewi": _joins("ani")}, {"dewi": _says("siang")}, _LAST],
    [*_THREE, {"ani": LEAVES, "budi": RESETS, "citra": _says("pagi")}, _LAST],
)
# Each thread is stopped at one line, once, until the others rest.
STOP = {"kind": "stop", "grain": "line", "parks": 1}
# Then what may happen within a line: so many orders, under these policies, by weight.
FINER = [(35, FINE), (50, HELD), (15, HASTE)]
FINER_ORDERS, A_PROCESS = 96, 12


@dataclass(frozen=True)
class LaunchAtTable(Launch):
    """Sessions in the table's own process, which costs a tenth of one of their own."""

    table: Table | None = None

    def run(self, cycles: list[dict[str, Any]]) -> Report:
        """Tell these cycles to a fresh copy of the server."""
        return self.table.run(cycles) if self.table is not None else super().run(cycles)


@dataclass(frozen=True, slots=True)
class Way:
    """The moves that lead to a fault, none if none was found in ``tried`` orders of the threads."""

    moves: tuple[Move, ...]
    grain: str
    tried: int
    position: Position | None = None
    reason: dict[str, str] | None = None


def find_way(table: Table, seed: int, progress: Callable[[int], None] = lambda tried: None) -> Way:
    """Look for an order of the threads that breaks a promise; ``progress`` hears how many so far.

    First small stories, then those of the grading.
    """
    launch = LaunchAtTable(table.server, table.python, 1, table.processes, table=table)
    tried = 0
    for plan in _plans(launch, seed):
        report = launch.run(plan)
        tried += len(report.cycles)
        progress(tried)
        find = first_find(plan, report)
        example = confirm(launch, seed, find) if find is not None else None
        way = _as_moves(table, launch, example, tried) if example is not None else None
        if way is not None:
            return way
    aim = EVERYTHING.without("slow")  # by hand nobody stops reading
    verdict = explore(table.server, seed, python=table.python, processes=table.processes, aim=aim)
    tried += verdict.cycles
    progress(tried)
    example = verdict.counterexample
    way = _as_moves(table, launch, example, tried) if example is not None else None
    return way or Way((), "line", tried, reason=verdict.reason or None)


def _plans(launch: Launch, seed: int) -> Iterator[list[dict[str, Any]]]:
    calm = [{**_cycle(phases, seed, CALM), "record": True} for phases in STORIES]
    yield calm
    lines = [{row[3] for row in told["lines"] or ()} for told in launch.run(calm).cycles]
    draw = random.Random(f"by hand:{seed}")
    cycles = [
        _cycle(phases, seed, {**STOP, "line": line, "reversed": last_first})
        for phases, run in zip(STORIES, lines, strict=False)
        for line in sorted(run)
        for last_first in (False, True)
    ]
    draw.shuffle(cycles)
    weights = [weight for weight, _ in FINER]
    for at in range(FINER_ORDERS):
        policy = draw.choices([policy for _, policy in FINER], weights=weights)[0]
        cycles.append(_cycle(STORIES[at % len(STORIES)], draw.randrange(1 << 31), policy))
    for first in range(0, len(cycles), A_PROCESS):
        yield cycles[first : first + A_PROCESS]


def _cycle(phases: list[Phase], seed: int, policy: dict[str, Any]) -> dict[str, Any]:
    # At the end those who are there go, so that the next story in the same process finds nobody.
    there = dict.fromkeys(who for phase in phases for who in phase)
    gone = {who for phase in phases for who, steps in phase.items() if steps in (LEAVES, RESETS)}
    told = [*phases, {who: [["half_close"]] for who in there if who not in gone}]
    return {"storm": "small", "seed": seed, "policy": policy, "phases": told, "polite": False}


def _as_moves(table: Table, launch: Launch, example: Counterexample, tried: int) -> Way | None:
    """The schedule as moves, if by hand it leads to a broken promise too."""
    if example.before:
        return None
    for cycle in (example.shrunk, example.found):
        report = launch.run([{**cycle, "record": True}])
        if not report.cycles or not report.cycles[-1]["stints"]:
            continue
        moves = joined(report.cycles[-1]["stints"])
        grain = str(cycle["policy"]["grain"])
        position = table.position(moves, grain)
        if position.broken is not None:
            moves = _up_to_the_fault(table, moves, grain)
            return Way(tuple(moves), grain, tried, table.position(moves, grain))
    return None


def joined(stints: Sequence[Move]) -> list[Move]:
    """Who ran up to where, without the places at which nobody else went."""
    moves: list[Move] = []
    for stint in stints:
        if moves and stint[0] == "until" and moves[-1][:2] == stint[:2]:
            moves.pop()
        moves.append(list(stint))
    return moves


def _up_to_the_fault(table: Table, moves: list[Move], grain: str) -> list[Move]:
    """The moves up to the first after which the screen shows a broken promise.

    Each is looked at: that something is lost shows while all is at rest, and not in between.
    """
    for length in range(len(moves)):
        if table.position(moves[:length], grain).broken is not None:
            return moves[:length]
    return moves
