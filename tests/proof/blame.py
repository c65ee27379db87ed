"""`python -m harness blame`: how often grafting names the TODO that is at fault, and no other.

Each program is judged on the checks that its chaff must fail. Then the TODOs to blame are looked
for as after a grading, but without its limit of time.
"""

from __future__ import annotations

import multiprocessing
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from harness import command_line, commands
from harness.command_line import Misuse
from harness.contract.rubric import load
from harness.grading.grafting import Grafter
from harness.grading.judge import Grading
from harness.grading.results import Outcome, Run
from harness.grading.story_files import STORIES, load_stories
from harness.grading.telling import Story, roles
from harness.schedules.fixtures import FIXTURES
from tests.proof.blame_cases import BlameCase, blame_cases
from tests.proof.chaff import ChaffError

ROOT = Path(__file__).resolve().parents[2]
GOOD, BAD, MISUSED = 0, 1, 4
# What must be right of a hundred.
ENOUGH = 0.95


@dataclass(frozen=True, slots=True)
class Blamed:
    """What was found for one program: by failed check, the TODOs that a graft has shown.

    ``judging`` and ``grafting`` are seconds.
    """

    case: BlameCase
    found: dict[str, tuple[int, ...]]
    judging: float
    grafting: float

    @property
    def right(self) -> int:
        """Failed checks for which the TODO at fault was named alone."""
        return sum(numbers == (self.case.number,) for numbers in self.found.values())

    @property
    def silent(self) -> int:
        """Failed checks for which the rubric's list stays."""
        return sum(not numbers for numbers in self.found.values())

    @property
    def wrong(self) -> int:
        """Failed checks for which something else was named."""
        return len(self.found) - self.right - self.silent

    def __str__(self) -> str:
        told = ", ".join(
            f"{check} {'+'.join(map(str, numbers)) or '-'}" for check, numbers in self.found.items()
        )
        seconds = f"{self.judging:.1f} s, grafts {self.grafting:.1f} s"
        at = self.case.number or "no"
        return f"{self.case.name:<48} TODO {at!s:<3}: {told or 'nothing failed'} ({seconds})"


def main(arguments: Sequence[str], lang: str = "en") -> int:
    """Measure; returns 0 when enough is right and nothing is wrong."""
    try:
        takes = commands.COMMANDS["blame"].arguments or ()
        asked = command_line.read("blame ", takes, arguments, lang)
        cases = [
            case
            for case in blame_cases(ROOT, load())
            if not asked.names or {case.name, case.chaff.name, case.rest} & set(asked.names)
        ]
        if not cases:
            raise Misuse(f"no chaff on the skeleton is called {' or '.join(asked.names)}")
    except (Misuse, ChaffError) as error:
        sys.stderr.write(f"{error}\n")
        return MISUSED
    rows = []
    # Each in a process of its own: signals and children belong to one grading.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max(asked.j, 1), context, max_tasks_per_child=1) as pool:
        for row in pool.map(look, cases, [asked.seed] * len(cases)):
            rows.append(row)
            _say(str(row))
    _say("", *conclusion(rows))
    return GOOD if is_good(rows) else BAD


def conclusion(rows: Sequence[Blamed]) -> list[str]:
    """The figures as lines."""
    lines = []
    for what, some in (
        ("with one TODO at fault", [row for row in rows if row.case.number]),
        ("with the fault elsewhere", [row for row in rows if not row.case.number]),
    ):
        checks = sum(len(row.found) for row in some)
        right, silent, wrong = (
            sum(getattr(r, k) for r in some) for k in ("right", "silent", "wrong")
        )
        if some:
            lines.append(
                f"{len(some)} programs {what}, {checks} failed checks: "
                f"{right} right, {silent} left to the rubric, {wrong} wrong."
            )
    return lines


def is_good(rows: Sequence[Blamed]) -> bool:
    """Whether nothing is wrong, and enough of what a TODO is to blame for is right."""
    some = [row for row in rows if row.case.number]
    checks, right = sum(len(row.found) for row in some), sum(row.right for row in some)
    return not any(row.wrong for row in rows) and right >= ENOUGH * checks


def look(case: BlameCase, seed: int) -> Blamed:
    """Judge one program on the checks it must fail, and look for the TODOs to blame."""
    rubric = load()
    with tempfile.TemporaryDirectory(prefix="modul4-blame-") as folder:
        submission = Path(folder, "submission")
        case.write(ROOT, submission)
        run = Run(str(submission), {}, seed, "en")
        with Grading(rubric, run, submission, fixtures=FIXTURES) as grading:
            grading.calibrate()
            began = time.monotonic()
            stories = {
                check: _story(check) for check in rubric.checks if check in case.chaff.expected
            }
            for check, story in stories.items():
                grading.judge(rubric.checks[check], story)
            judged = time.monotonic()
            grafter = Grafter(grading, stories)
            grafter.blame()
            grafter.close()
            ended = time.monotonic()
            found = {
                check: verdict.blamed
                for check, verdict in grading.verdicts.items()
                if verdict.outcome is Outcome.FAILED
            }
    return Blamed(case, found, judged - began, ended - judged)


def _story(check: str) -> Story:
    group, _, name = check.partition(".")
    return roles(getattr(load_stories(STORIES / f"{group}.py"), f"test_{name}"))


def _say(*lines: str) -> None:
    for each in lines:
        sys.stdout.write(each + "\n")
    sys.stdout.flush()
