"""`python -m harness races`: how surely races are found, and nothing in correct programs.

Each racy program is explored under many seeds, then hammered over real sockets in the same run, as
is its correct twin; each correct program is explored under many seeds as well. What is printed is
Markdown, made to be published. Seeds are numbered, so that a run can be repeated. `--check` takes
one of the checks that look for one thing only: a fault that is about something else is never found
then, and one that is found now and then gives two verdicts to one program.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

from harness import command_line, commands
from harness.command_line import Misuse
from harness.program.sandbox import Sandbox
from harness.schedules.cycles import (
    CALM,
    EVERYTHING,
    LEAVERS,
    RIVALS,
    TALKERS,
    Aim,
    mixed_cycle,
)
from harness.schedules.explore import explore
from harness.schedules.in_sandbox import processes
from harness.schedules.launch import Launch, first_find
from harness.schedules.search import search
from tests.proof.adversity import BUSY, busy
from tests.proof.hammer import hammer
from tests.proof.measurements import Record

ROOT = Path(__file__).resolve().parents[2]
FILE = "server.py"
# Seconds that a whole check may take on two calm cores, its explanation included.
LONGEST = 10.0
ALL = "exploration.schedules"
AIMS: Mapping[str, Aim] = {
    ALL: EVERYTHING,
    "nickname.race": RIVALS,
    "broadcast.crowd": TALKERS,
    "disconnect.mid_broadcast": LEAVERS,
}
FOUND, MISSED, UNSURE = "found", "missed", "unsure"


@dataclass(frozen=True)
class Graded:
    """One exploration under one seed: what came out, in how many cycles and seconds.

    ``again``: the session that failed failed in the same way once more, in a fresh process.
    """

    outcome: str
    cycles: int
    seconds: float
    again: bool = False


@dataclass
class Row:
    """All explorations of one program."""

    name: str
    gradings: list[Graded] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    hammered: str = ""

    def count(self, outcome: str) -> int:
        """How many came out so."""
        return sum(each.outcome == outcome for each in self.gradings)

    @property
    def again(self) -> int:
        """How many failed again under the same seed."""
        return sum(each.again for each in self.gradings)

    @property
    def seconds(self) -> float:
        """Of all explorations together."""
        return sum(each.seconds for each in self.gradings)


def graded(launch: Launch, seed: int, aim: Aim = EVERYTHING) -> Graded:
    """Explore once, without the shrinking; a find is run again before it counts."""
    began = time.perf_counter()
    result = search(launch, seed, aim=aim)
    find = result.find
    if find is None:
        outcome = MISSED if result.outcome == "passed" else UNSURE
        return Graded(outcome, result.cycles, time.perf_counter() - began)
    took = time.perf_counter() - began
    again = first_find(find.cycles, launch.run(find.cycles), aim)
    same = again is not None and (again.index, again.violation) == (find.index, find.violation)
    return Graded(FOUND if same else MISSED, result.cycles, took, same)


def whole(launch: Launch, seed: int, aim: Aim = EVERYTHING) -> float:
    """Seconds that the whole check takes: exploring, shrinking, explaining."""
    began = time.perf_counter()
    explore(
        launch.server, seed, python=launch.python, workers=2, processes=launch.processes, aim=aim
    )
    return time.perf_counter() - began


def hammered(server: Path, seconds: float, python: str) -> str:
    """Stories told over real sockets for so long: how many of them broke something for certain."""
    began = time.perf_counter()
    found = told = 0
    while time.perf_counter() - began < seconds:
        cycle = {**mixed_cycle(0, told, []), "policy": CALM}
        found += hammer(server, cycle, python) is not None
        told += 1
    return f"{found} of {told}"


# -- the programs


def racy(folder: Path) -> tuple[dict[str, Path], dict[str, Path], Mapping[str, str]]:
    """All racy chaff and their twins, written below ``folder``, and the twin of each chaff."""
    sys.path.insert(0, str(ROOT))
    try:
        faults = importlib.import_module("tests.racy.faults")
    finally:
        sys.path.remove(str(ROOT))
    write: Callable[[str, Path], Path] = faults.write
    chaff = {name: write(name, folder / name) for name in faults.FAULTS}
    twins = {name: write(name, folder / name) for name in faults.TWINS}
    return chaff, twins, {name: fault.twin for name, fault in faults.FAULTS.items()}


def wheat(taken: Collection[str] = ()) -> dict[str, Path]:
    """The reference and all correct servers, by folder; `wheat/FOLDER` where the name is taken."""
    folders = [ROOT / "solutions" / "1.contoh", *sorted((ROOT / "tests" / "wheat").iterdir())]
    servers = {each.name: each / FILE for each in folders if (each / FILE).is_file()}
    return {f"wheat/{name}" if name in taken else name: file for name, file in servers.items()}


# -- measuring


@contextlib.contextmanager
def launches() -> Iterator[Callable[[Path, int], Launch]]:
    """Makes launches in which programs run as they do when they are graded."""
    sandbox = Sandbox()
    try:
        yield lambda server, workers: Launch(server, sandbox.python, workers, processes(sandbox))
    finally:
        sandbox.close()


def measured(
    programs: Mapping[str, Path],
    seeds: Sequence[tuple[str, int]],
    make: Callable[[Path, int], Launch],
    jobs: int,
    record: Record,
    check: str,
) -> dict[str, Row]:
    """Each program explored under its seeds, ``jobs`` at a time, each in one lane."""

    def one(name: str, seed: int) -> Graded:
        with contextlib.closing(make(programs[name], 1)) as launch:
            measure = partial(graded, launch, seed, AIMS[check])
            return Graded(**record.kept((check, name, seed), lambda: asdict(measure())))

    rows = {name: Row(name) for name in programs}
    with ThreadPoolExecutor(jobs) as pool:
        work = [(name, pool.submit(one, name, seed)) for name, seed in seeds]
        for name, job in work:
            rows[name].gradings.append(job.result())
    return rows


def in_turn(names: Iterable[str], count: int, first: int = 0) -> list[tuple[str, int]]:
    """``count`` pairs of name and seed in all, the names in turn, the seeds from ``first`` on."""
    order = list(names)
    return [(order[at % len(order)], first + at // len(order)) for at in range(count)]


# -- printing


def racy_table(rows: Iterable[Row]) -> Iterator[str]:
    """The Markdown table of racy programs."""
    yield "| fault | found | same again | cycles | a find, s | whole check, s | hammered |"
    yield "|---|---|---|---|---|---|---|"
    for row in rows:
        yield (
            f"| {row.name} | {row.count(FOUND)} of {len(row.gradings)} | {row.again} | "
            f"{statistics.median(each.cycles for each in row.gradings):.0f} | "
            f"{row.seconds / max(row.count(FOUND), 1):.2f} | {spread(row.whole)} | "
            f"{row.hammered or '-'} |"
        )


def wheat_table(rows: Iterable[Row]) -> Iterator[str]:
    """The Markdown table of correct programs."""
    yield "| correct program | gradings | false alarms | undecided | s each | hammered |"
    yield "|---|---|---|---|---|---|"
    for row in rows:
        count = len(row.gradings)
        alarms = count - row.count(MISSED) - row.count(UNSURE)
        each = row.seconds / max(count, 1)
        yield (
            f"| {row.name} | {count} | {alarms} | {row.count(UNSURE)} | {each:.2f} | "
            f"{row.hammered or '-'} |"
        )


def spread(seconds: Sequence[float]) -> str:
    """Median and maximum."""
    if not seconds:
        return "-"
    return f"{statistics.median(seconds):.1f} / {max(seconds):.1f}"


def main(arguments: Sequence[str] = (), lang: str = "en") -> int:
    """Measure and print; 1 when a race was missed in over 1 % or a correct program was failed."""
    takes = commands.COMMANDS["races"].arguments or ()
    try:
        options = command_line.read("races ", takes, arguments, lang)
    except Misuse as error:
        sys.stderr.write(f"{error}\n")
        return 4
    try:
        record = Record(Path(options.record) if options.record else None)
    except OSError as error:
        sys.stderr.write(f"{options.record} cannot be used: {error.strerror}\n")
        return 4
    with tempfile.TemporaryDirectory(prefix="modul4-races-") as folder, launches() as make:
        chaff, twins, twin_of = racy(Path(folder))
        correct = wheat(taken=twins) | twins
        unknown = set(options.names) - chaff.keys() - correct.keys()
        if unknown:
            sys.stderr.write(f"no fault and no program is called {', '.join(sorted(unknown))}\n")
            return 4
        if options.n < 1:
            chaff = {}
        if options.names:
            chaff = {name: path for name, path in chaff.items() if name in options.names}
            correct = {name: path for name, path in correct.items() if name in options.names}
        with busy(BUSY if options.load else 0):
            return _measure(options, chaff, correct, set(twin_of.values()), make, record)


def _measure(
    options: argparse.Namespace,
    chaff: Mapping[str, Path],
    correct: Mapping[str, Path],
    twins: set[str],
    make: Callable[[Path, int], Launch],
    record: Record,
) -> int:
    began = time.perf_counter()
    how = (make, options.j, record, options.check)
    seeds = in_turn(chaff, options.n * len(chaff), options.seed) if chaff else []
    racy_rows = measured(chaff, seeds, *how)

    def beside(name: str, server: Path) -> str:
        if not options.hammer:
            return ""
        return str(
            record.kept(
                ("hammered", name, 0), lambda: hammered(server, options.hammer, sys.executable)
            )
        )

    aim = AIMS[options.check]
    for name, row in racy_rows.items():
        launch = make(chaff[name], 2)
        row.whole = [
            record.kept((f"whole {options.check}", name, seed), partial(whole, launch, seed, aim))
            for seed in range(options.seed, options.seed + options.whole)
        ]
        row.hammered = beside(name, chaff[name])
    print(*racy_table(racy_rows.values()), "", sep="\n", flush=True)
    seeds = in_turn(correct, options.wheat, options.seed) if correct else []
    right_rows = measured(correct, seeds, *how)
    for name, row in right_rows.items():
        if name in twins:
            row.hammered = beside(name, correct[name])
    print(*wheat_table(right_rows.values()), "", sep="\n", flush=True)
    return _close(options, list(racy_rows.values()), list(right_rows.values()), began)


def _close(options: argparse.Namespace, racy: list[Row], right: list[Row], began: float) -> int:
    """The sums, and whether they are as good as they must be."""
    gradings = sum(len(row.gradings) for row in racy)
    found = sum(row.count(FOUND) for row in racy)
    alarms = sum(row.count(FOUND) for row in right)
    correct = sum(len(row.gradings) for row in right)
    late = [row.name for row in racy if row.whole and max(row.whole) > LONGEST]
    # A check that looks for one thing is not asked to find what is about another.
    asked = [row for row in racy if options.check == ALL or row.count(FOUND)]
    rare = [row.name for row in asked if row.count(FOUND) < 0.99 * len(row.gradings)]
    beside = f", {BUSY} busy processes beside" if options.load else ""
    minutes = (time.perf_counter() - began) / 60
    print(f"{gradings} gradings of {len(racy)} racy programs: {found} found, each failed again.")
    print(f"{correct} gradings of {len(right)} correct programs: {alarms} false alarms.")
    print(f"{minutes:.0f} minutes, -j {options.j}{beside}.")
    if rare:
        print(f"Found in fewer than 99 of 100: {', '.join(rare)}.")
    if late:
        print(f"A whole check took longer than {LONGEST:.0f} s: {', '.join(late)}.")
    return 1 if rare or alarms else 0
