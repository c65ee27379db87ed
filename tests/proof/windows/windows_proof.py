"""`python -m harness windows [--short] [--folder DIR]`: the kit on a Windows Python under wine.

Sets up wine and a CPython for Windows, grades known programs there, compares, runs the kit's own
tests, and says what differs. The short form grades the reference, the skeleton and one chaff. Where
wine cannot be had, that is said in a line: the short form goes on, as it has found no fault.

What could not be judged, as the machine was busy or the time over, is told, and is no difference:
then the status is 3. On a busy machine give more `--minutes`, or a command to each `--part`.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from harness import command_line, commands
from harness.command_line import Misuse
from harness.contract.rubric import load
from tests import own_network
from tests.proof.windows.windows_cases import SKELETON, programs
from tests.proof.windows.windows_grading import WindowsGrading
from tests.proof.windows.windows_python import WindowsPython
from tests.proof.windows.windows_tests import (
    TestsThere,
    read_tests,
    slices,
    told_of_tests,
    too_many_left_out,
    words,
)
from tests.proof.windows.wine import NoWine, Ran, Wine, install
from tests.proof.windows.wine_faults import blamed

ROOT = Path(__file__).resolve().parents[3]
AGREES, DIFFERS, NOT_JUDGED, MISUSED = 0, 1, 3, 4
GRADED_WITHIN = 400.0  # seconds, for the skeleton
PROGRAMS = "0"
# A part of the tests may take so many times its share of the time that is left: some take longer
# than others, and one that hangs must leave time for those after it.
SHARES = 1.5
# Gradings at once. Of tests two for each core and one more, as `selftest` has it.
AT_ONCE = os.cpu_count() or 1
TESTS_AT_ONCE = 2 * AT_ONCE + 1


def main(arguments: Sequence[str], lang: str = "en") -> int:
    """Do it; returns 0 where nothing differs that is not explained."""
    takes = commands.COMMANDS["windows"].arguments or ()
    try:
        asked = command_line.read("windows ", takes, arguments, lang)
    except Misuse as error:
        sys.stderr.write(f"{error}\n")
        return MISUSED
    deadline = time.monotonic() + 60 * asked.minutes if asked.short else math.inf
    with tempfile.TemporaryDirectory(prefix="modul4-windows-") as folder:
        wine = Wine(Path(asked.folder or folder).resolve())
        try:
            python = _set_up(wine)
        except NoWine as error:
            _say(f"Windows was not tried: {error}.")
            return AGREES if asked.short else NOT_JUDGED
        try:
            wrong, unjudged = _proven(python, asked, deadline)
        finally:
            wine.ends()
    _say("", *wrong, *(f"Not judged here: {each}" for each in unjudged))
    _say(f"Windows (wine): {len(wrong) or 'no'} differences, {len(unjudged)} not judged.")
    return DIFFERS if wrong else NOT_JUDGED if unjudged else AGREES


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


def _proven(
    python: WindowsPython, asked: Namespace, deadline: float
) -> tuple[list[str], list[str]]:
    """All that differs from what must come out and is not explained; and what was not judged."""
    parts = slices(ROOT, asked.tests)
    if asked.tests:
        return list(_tested(python, parts, asked.minutes)), []
    wrong: list[str] = []
    grading = WindowsGrading(python, _say, AT_ONCE, deadline)
    if asked.part in (None, PROGRAMS):
        shutil.rmtree(python.wine.disk / "graded", ignore_errors=True)
        wrong += _skeleton(python, deadline, grading.unjudged)
        wrong += grading.differences(programs(ROOT, load(), asked.short))
    if not asked.short and asked.part != PROGRAMS:
        chosen = parts if asked.part is None else {asked.part: parts[asked.part]}
        wrong += _tested(python, chosen, asked.minutes)
    return wrong, grading.unjudged


def _skeleton(python: WindowsPython, deadline: float, unjudged: list[str]) -> Iterator[str]:
    """The way of a student who has done nothing yet: the self-check, 0 points, status 1."""
    results = python.kit / "results.json"
    path = python.wine.path(results)
    within = min(GRADED_WITHIN, max(0, deadline - time.monotonic()))
    ran = _timed(python, SKELETON, within, "-m", "harness", "--lang=en", f"--results={path}")
    if ran.status is None and within < GRADED_WITHIN:
        unjudged.append(f"{SKELETON}: no time was left")
        return
    score = json.loads(results.read_text(encoding="utf-8"))["score"] if results.is_file() else None
    if (ran.status, score) != (1, 0.0):
        yield f"{SKELETON}: status {ran.status} and {score} points, not 1 and 0\n{ran.last}"
    elif "TODO 1" not in ran.said:
        yield f"{SKELETON}: the report does not name TODO 1\n{ran.last}"


def _tested(
    python: WindowsPython, parts: Mapping[str, Sequence[str]], minutes: float
) -> Iterator[str]:
    """The kit's own tests; what fails is told by its name, what is left out with the reason."""
    every, deadline = TestsThere(), time.monotonic() + 60 * minutes
    for done, (name, part) in enumerate(parts.items()):
        left = deadline - time.monotonic()
        if left <= 0:
            yield f"no time was left for part {name}: {' '.join(part)}"
            continue
        within = left * min(1, SHARES / (len(parts) - done))
        asked = words(part, TESTS_AT_ONCE)
        ran = _timed(python, f"selftest, part {name}", within, "-m", "harness", "selftest", *asked)
        (python.wine.folder / f"selftest-{name}.txt").write_text(ran.said, encoding="utf-8")
        tests = read_tests(ran.said)
        yield from told_of_tests(tests, ran)
        every.add(tests)
    _say(every.in_a_line)
    for reason, count in every.reasons.most_common():
        _say(f"  left out: {count:4} {reason}")
    for name in every.failed:
        if why := blamed(name):
            _say(f"  {name} fails, as {why}")
    if parts.keys() == slices(ROOT, ()).keys():
        yield from too_many_left_out(every)


def _timed(python: WindowsPython, name: str, within: float, *words: str) -> Ran:
    began = time.monotonic()
    ran = python.runs(*words, within=within)
    _say(f"{name}: status {ran.status} in {time.monotonic() - began:.0f} s")
    return ran


def _say(*lines: str) -> None:
    for each in lines:
        sys.stdout.write(each + "\n")
    sys.stdout.flush()
