"""`python -m harness matrix`: grade all chaff and all wheat, and say whether all is as it must."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from harness import command_line, commands
from harness.command_line import Misuse
from harness.contract.rubric import Rubric, RubricError, load
from tests.proof import picture, points
from tests.proof.cases import Case, all_cases, chosen
from tests.proof.chaff import ChaffError
from tests.proof.expectations import differences, unproven
from tests.proof.grade_case import Seen, Unjudged, grade

ROOT = Path(__file__).resolve().parents[2]
PAGE = "docs/matrix.md"
EXACT, INEXACT, MISUSED = 0, 1, 4
# Longer than this a grading keeps a student waiting: it is named.
SLOW = 15.0


@dataclass(frozen=True, slots=True)
class MatrixOptions:
    """What the command line asks for: names of chaff or wheat or checks, all without."""

    names: tuple[str, ...]
    jobs: int
    seed: int


def options(arguments: Sequence[str], lang: str = "en") -> MatrixOptions:
    """The command line understood. Raises `Misuse`."""
    takes = commands.COMMANDS["matrix"].arguments or ()
    found = command_line.read("matrix ", takes, arguments, lang)
    return MatrixOptions(tuple(found.names), max(found.j, 1), found.seed)


def main(arguments: Sequence[str], lang: str = "en") -> int:
    """Do it; returns 0 when every program came out exactly as it must."""
    try:
        asked = options(arguments, lang)
        rubric = load()
        cases = all_cases(ROOT, rubric)
        mine = chosen(cases, asked.names)
        if not mine:
            raise Misuse(f"no chaff, wheat or check is called {' or '.join(asked.names)}")
        rows = _graded(rubric, mine, asked)
    except (Misuse, ChaffError, RubricError) as error:
        sys.stderr.write(f"{error}\n")
        return MISUSED
    wrong = [each for row in rows for each in differences(*row)]
    if not asked.names:
        judged = {group for case in cases for group in case.groups if case.chaff}
        wrong += unproven(rubric, cases, judged)
    _close(rubric, rows, wrong, asked)
    return INEXACT if wrong else EXACT


def _graded(rubric: Rubric, cases: Sequence[Case], asked: MatrixOptions) -> list[tuple[Case, Seen]]:
    """Grade them side by side; each is shown as soon as all before it are there."""
    rows: list[tuple[Case, Seen]] = []
    width = max(len(case.name) for case in cases)
    with ThreadPoolExecutor(asked.jobs) as pool:
        # Wheat first: the slowest of all is among it, and nobody should wait for it at the end.
        order = sorted(range(len(cases)), key=lambda at: cases[at].chaff is not None)
        gradings = {at: pool.submit(grade, ROOT, cases[at], asked.seed) for at in order}
        try:
            for at, case in enumerate(cases):
                grading = gradings[at]
                groups = picture.columns(rubric, case.file)
                if not rows or rows[-1][0].file != case.file:
                    _say(*picture.header(groups, width))
                rows.append((case, _result(grading)))
                _say(picture.line(*rows[-1], groups, width) + f" {rows[-1][1].seconds:6.1f} s")
        finally:
            for grading in gradings.values():
                grading.cancel()
    return rows


def _result(grading: Future[Seen]) -> Seen:
    """What was seen; a grading without results is a difference, and no reason to stop."""
    try:
        return grading.result()
    except Unjudged as error:
        _say(str(error))
        return Seen({}, {}, 0.0)


def _close(
    rubric: Rubric, rows: list[tuple[Case, Seen]], wrong: list[str], asked: MatrixOptions
) -> None:
    _say("", picture.LEGEND, "")
    slow = [f"{case.name} {seen.seconds:.0f} s" for case, seen in rows if seen.seconds > SLOW]
    if slow:
        _say(f"Longer than {SLOW:.0f} s: {', '.join(slow)}.")
    _say(*wrong)
    chaff = sum(case.chaff is not None for case, _ in rows)
    _say(f"{chaff} chaff and {len(rows) - chaff} wheat: {len(wrong) or 'no'} differences.")
    _say(*points.charged(rubric, rows))
    if asked.names:
        return
    if wrong:
        _say(f"{PAGE} is left as it was: it holds exact matrices only.")
    else:
        text = picture.page(rubric, rows, f"seed {asked.seed}")
        (ROOT / PAGE).write_text(text, encoding="utf-8")
        _say(f"Written: {PAGE}.")


def _say(*lines: str) -> None:
    for each in lines:
        sys.stdout.write(each + "\n")
    sys.stdout.flush()
