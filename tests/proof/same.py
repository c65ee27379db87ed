"""`python -m harness soak --same`: one program, one grade (SPEC fairness 8).

Each wheat, chaff and racy program is graded again and again, each time under a seed of its own,
every second round beside busy processes. Printed is every program whose score moved, with the
checks that moved it, and how far each round was from an exact matrix. Only racy programs may move,
and only by the checks that look for races.
"""

from __future__ import annotations

import contextlib
import random
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from harness.contract.rubric import Rubric
from tests.proof import picture, points
from tests.proof.adversity import BUSY, busy
from tests.proof.cases import SERVER, Case
from tests.proof.expectations import differences
from tests.proof.grade_case import Seen, grade
from tests.racy import faults

ROUNDS = 10
RACY = "racy: "
# The checks that look for races: a racy program may lose them, and nothing else may move it.
FOR_RACES = frozenset(
    ("nickname.race", "broadcast.crowd", "disconnect.mid_broadcast", "exploration.schedules")
)


@dataclass
class Grades:
    """All gradings of one program."""

    case: Case
    seen: list[Seen] = field(default_factory=list)

    def scores(self, rubric: Rubric) -> list[float]:
        """The points of each grading in which every check could be judged."""
        whole = [s for s in self.seen if s.outcomes and "inconclusive" not in s.outcomes.values()]
        return [points.earned(rubric, each) for each in whole]

    def is_one(self, rubric: Rubric) -> bool:
        """Whether it had one score in all of them."""
        return len(set(self.scores(rubric))) <= 1


def racy_cases(folder: Path) -> list[Case]:
    """The racy programs, written below ``folder``."""
    found = []
    for name in faults.FAULTS:
        faults.write(name, folder / name)
        found.append(Case(f"{RACY}{name}", SERVER, str(folder / name)))
    return found


def is_allowed(rubric: Rubric, grades: Grades) -> bool:
    """Whether what moved may move: the checks that look for races, of a racy program."""
    moved = {each.split(" ")[0] for each in points.moved(rubric, grades.seen)}
    return grades.case.name.startswith(RACY) and moved <= FOR_RACES


def told(rubric: Rubric, grades: Grades) -> str:
    """One program whose score moved, as a row of a Markdown table."""
    scores = sorted(set(grades.scores(rubric)))
    shown = ", ".join(f"{score:g}" for score in scores)
    checks = ", ".join(points.moved(rubric, grades.seen))
    return f"| {grades.case.name} | {shown} | {checks} |"


def same(
    rubric: Rubric,
    root: Path,
    cases: Sequence[Case],
    rounds: int,
    jobs: int,
    seed: int,
    page: Path | None = None,
) -> int:
    """Grade them all ``rounds`` times and print what moved; the number of those that must not.

    The matrix of each exact round is written to ``page``.
    """
    order = random.Random(seed)
    rounds = rounds or ROUNDS
    with tempfile.TemporaryDirectory(prefix="modul4-racy-") as folder:
        every = [Grades(case) for case in [*cases, *racy_cases(Path(folder))]]
        for number in range(rounds):
            with busy(BUSY) if number % 2 else contextlib.nullcontext():
                _one_round(root, every, jobs, order)
            moved = sum(not grades.is_one(rubric) for grades in every)
            inexact = _differences(every)
            if page is not None and not inexact:
                rows = [(grades.case, grades.seen[-1]) for grades in _fixed(every)]
                seeds = f"a seed each, drawn from {seed}, round {number + 1}"
                page.write_text(picture.page(rubric, rows, seeds), encoding="utf-8")
            judged = sum(len(grades.seen[-1].outcomes) for grades in every)
            spoilt = sum(grades.seen[-1].spoilt for grades in every)
            print(
                f"round {number + 1} of {rounds}{' beside busy processes' * (number % 2)}: "
                f"{moved} of {len(every)} moved, {len(inexact) or 'no'} differences, "
                f"{judged} verdicts, {spoilt} more that the machine spoilt",
            )
            # All that is known by now: whoever ends this early loses one round.
            _close(rubric, every, number + 1, seed)
    return sum(not is_allowed(rubric, each) for each in every if not each.is_one(rubric))


def _one_round(root: Path, every: Sequence[Grades], jobs: int, order: random.Random) -> None:
    seeds = [order.randrange(1_000_000) for _ in every]
    with ThreadPoolExecutor(jobs) as pool:
        gradings = pool.map(
            lambda pair: grade(root, pair[0].case, pair[1]), zip(every, seeds, strict=True)
        )
        for grades, seed, seen in zip(every, seeds, gradings, strict=True):
            grades.seen.append(seen)
            for each in _differences([grades]):
                print(f"--seed {seed}  {each}", flush=True)


def _differences(every: Sequence[Grades]) -> list[str]:
    """What came out otherwise than it must in the last round."""
    return [each for grades in _fixed(every) for each in differences(grades.case, grades.seen[-1])]


def _fixed(every: Sequence[Grades]) -> list[Grades]:
    """Those of which is known how they must come out: no racy program is among them."""
    return [grades for grades in every if not grades.case.name.startswith(RACY)]


def _close(rubric: Rubric, every: Sequence[Grades], rounds: int, seed: int) -> None:
    moved = [grades for grades in every if not grades.is_one(rubric)]
    wrong = [grades for grades in moved if not is_allowed(rubric, grades)]
    print(f"\n{len(every)} programs, {rounds} gradings each, --seed {seed}:")
    print(f"{len(moved)} had more than one score, {len(wrong)} of them must not.")
    if moved:
        print("\n| program | scores | checks that moved |\n|---|---|---|")
        print("\n".join(told(rubric, grades) for grades in moved))
    print(flush=True)
