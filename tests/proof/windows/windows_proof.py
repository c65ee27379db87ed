"""`python -m harness windows [--short] [--folder DIR]`: the kit on a Windows Python under wine.

Sets up wine and a CPython for Windows, grades known programs there, compares, runs the kit's own
tests, and says what differs. The short form grades the reference, the skeleton and one chaff. Where
wine cannot be had, that is said in a line: the short form goes on, as it has found no fault.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from harness import command_line, commands
from harness.command_line import Misuse
from harness.contract.rubric import load
from tests import own_network
from tests.proof.expectations import differences
from tests.proof.grade_case import Seen, read
from tests.proof.windows.windows_cases import SKELETON, WindowsProgram, programs
from tests.proof.windows.windows_python import WindowsPython
from tests.proof.windows.wine import NoWine, Ran, Wine, install
from tests.proof.windows.wine_faults import explained

ROOT = Path(__file__).resolve().parents[3]
AGREES, DIFFERS, NOT_JUDGED, MISUSED = 0, 1, 3, 4
SEED = 7
# A grading that the machine spoilt is made again, once; the numbers of such folders begin here.
AGAIN = 100
# Seconds: a grading is bounded by the kit itself, the tests by pytest.
GRADED_WITHIN, TESTED_WITHIN = 400.0, 1500.0


def main(arguments: Sequence[str], lang: str = "en") -> int:
    """Do it; returns 0 where nothing differs that is not explained."""
    takes = commands.COMMANDS["windows"].arguments or ()
    try:
        asked = command_line.read("windows ", takes, arguments, lang)
    except Misuse as error:
        sys.stderr.write(f"{error}\n")
        return MISUSED
    with tempfile.TemporaryDirectory(prefix="modul4-windows-") as folder:
        wine = Wine(Path(asked.folder or folder).resolve())
        try:
            python = _set_up(wine)
        except NoWine as error:
            _say(f"Windows was not tried: {error}.")
            return AGREES if asked.short else NOT_JUDGED
        try:
            wrong = _proven(python, asked.short, tuple(asked.tests))
        finally:
            wine.ends()
    _say("", *wrong, f"Windows (wine): {len(wrong) or 'no'} differences.")
    return DIFFERS if wrong else AGREES


def _set_up(wine: Wine) -> WindowsPython:
    """Everything that needs the network, then wine in a network of its own. Raises `NoWine`."""
    began = time.monotonic()
    install()
    python = WindowsPython(wine)
    python.is_made(wine.folder / "packages")
    python.has_packages()
    python.has_kit(ROOT)
    # No other program's port, and no other program's connections: wine looks long at all of them.
    own_network.enter()
    wine.begins()
    python.has_environment()
    _say(f"Wine and a Windows Python were set up in {time.monotonic() - began:.0f} s.")
    return python


def _proven(python: WindowsPython, is_short: bool, tests: Sequence[str]) -> list[str]:
    """All that differs from what must come out and is not explained."""
    if tests:
        return list(_tested(python, tests))
    wrong = [*_skeleton(python)]
    for number, program in enumerate(programs(ROOT, load(), is_short)):
        wrong += _graded(python, number, program)
    return wrong if is_short else [*wrong, *_tested(python, ())]


def _skeleton(python: WindowsPython) -> Iterator[str]:
    """The way of a student who has done nothing yet: the self-check, 0 points, status 1."""
    results = python.kit / "results.json"
    path = python.wine.path(results)
    ran = _timed(python, SKELETON, "-m", "harness", "--lang=en", f"--results={path}")
    score = json.loads(results.read_text(encoding="utf-8"))["score"] if results.is_file() else None
    if (ran.status, score) != (1, 0.0):
        yield f"{SKELETON}: status {ran.status} and {score} points, not 1 and 0\n{ran.last}"
    elif "TODO 1" not in ran.said:
        yield f"{SKELETON}: the report does not name TODO 1\n{ran.last}"


def _graded(python: WindowsPython, number: int, program: WindowsProgram) -> Iterator[str]:
    case, folder = program.case, python.wine.disk / "graded" / str(number)
    submission, results = folder / "submission", folder / "results.json"
    folder.mkdir(parents=True, exist_ok=True)
    program.write(submission)
    ran = _timed(
        python, f"{case.name} ({case.file})", "-m", "pytest", "harness", "-q",
        f"--submission={python.wine.path(submission)}", f"--results={python.wine.path(results)}",
        f"--seed={SEED}", "--lang=en", "-k", " or ".join(f"{group}." for group in program.groups),
    )  # fmt: skip
    if ran.status not in (0, 1, 3) or not results.is_file():
        yield f"{case.name}: status {ran.status}\n{ran.last}"
        return
    seen = read(json.loads(results.read_text(encoding="utf-8")), program.groups)
    if "inconclusive" in seen.outcomes.values() and number < AGAIN:
        _say("  the machine got in the way: once more")
        yield from _graded(python, number + AGAIN, program)
    else:
        yield from _differences(program, seen)


def _differences(program: WindowsProgram, seen: Seen) -> Iterator[str]:
    """As in the matrix, without what wine alone is to blame for; that is said."""
    for check, outcome in seen.outcomes.items():
        if why := explained(check, outcome):
            _say(f"  {check}: {outcome}, as {why}")
    judged = {
        check: outcome for check, outcome in seen.outcomes.items() if not explained(check, outcome)
    }
    yield from differences(program.case, Seen(judged, seen.evidence, seen.seconds))


def _tested(python: WindowsPython, words: Sequence[str]) -> Iterator[str]:
    """The kit's own tests; what fails is told by its name."""
    ran = _timed(python, "selftest", "-m", "harness", "selftest", "-q", *words)
    failed = [line for line in ran.said.splitlines() if line.startswith(("FAILED", "ERROR"))]
    _say(ran.last)
    if ran.status != 0:
        yield from failed or [f"selftest: status {ran.status}\n{ran.last}"]


def _timed(python: WindowsPython, name: str, *words: str) -> Ran:
    began = time.monotonic()
    is_test = "selftest" in words
    within = TESTED_WITHIN if is_test else GRADED_WITHIN
    ran = python.wine.runs([python.program, *words], python.kit, within)
    _say(f"{name}: status {ran.status} in {time.monotonic() - began:.0f} s")
    return ran


def _say(*lines: str) -> None:
    for each in lines:
        sys.stdout.write(each + "\n")
    sys.stdout.flush()
