"""`python -m harness pythons [PYTHON ...]`: the kit on every Python that this machine has.

Each gets a copy of the kit, which sets itself up as it does for a student. Then it grades the
reference, the skeleton, a faulty program and a racy one. What is printed is Markdown, made to be
published: a row for each Python. With names, only those Pythons are tried.
"""

from __future__ import annotations

import glob
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from harness import command_line, commands
from harness.command_line import Misuse
from harness.contract.rubric import Rubric, load
from harness.setup.installed import OLDEST
from harness.setup.messages import SENTENCES
from tests import own_network
from tests.proof.cases import EXPLORATION, REFERENCE, SERVER, Case, all_cases
from tests.proof.expectations import differences
from tests.proof.grade_case import TRIES, read

ROOT = Path(__file__).resolve().parents[2]
AGREES, DIFFERS, NOT_JUDGED, MISUSED = 0, 1, 3, 4
SKELETON, CHAFF, RACE = "modul4/1.contoh", "names-not-compared", "name_checked_then_taken_list"
FOUND_BY = f"{EXPLORATION}.schedules"
COPIED = ("harness", "modul4", "solutions", "pyproject.toml")
LEFT_OUT = (".venv*", ".modul4", "__pycache__", ".*_cache")
SEED = 7
# Seconds; only what hangs takes longer.
SET_UP_WITHIN, GRADED_WITHIN, ANSWERED_WITHIN = 900, 900, 60
NAMED = re.compile(r"python3(\.\d+)?t?$")
QUESTION = (
    "import json, sys; gil = getattr(sys, '_is_gil_enabled', lambda: True)(); "
    "base = getattr(sys, '_base_executable', '') or sys.executable; "
    "print(json.dumps([base, sys.version.split()[0], gil, list(sys.version_info[:2])]))"
)
SET_UP = "from harness.setup import environment; environment.prepare(['--lang=en', '--help'])"
NO_VENV = SENTENCES["no venv"]["en"].partition(":")[0]
HEAD = ("Python", "GIL", "set-up", "reference", "skeleton", CHAFF, "the race", "not run")


@dataclass(frozen=True, slots=True)
class OnePython:
    """An interpreter of this machine."""

    program: str
    version: str
    has_gil: bool


@dataclass(frozen=True, slots=True)
class GivenProgram:
    """One program to grade: ``word`` chooses its checks, ``case`` says what must come out."""

    name: str
    write: Callable[[Path], object]
    word: str
    case: Case
    groups: tuple[str, ...]


def main(arguments: Sequence[str], lang: str = "en") -> int:
    """Do it; returns 0 where every Python gives what must come out."""
    takes = commands.COMMANDS["pythons"].arguments or ()
    try:
        asked = command_line.read("pythons ", takes, arguments, lang)
    except Misuse as error:
        sys.stderr.write(f"{error}\n")
        return MISUSED
    pythons = [each for each in map(asked_of, tuple(asked.pythons) or candidates()) if each]
    if not (different := without_twins(pythons)):
        sys.stderr.write("No Python that the kit runs on was found.\n")
        return NOT_JUDGED
    with tempfile.TemporaryDirectory(prefix="modul4-pythons-") as folder:
        return _all_tried(different, Path(folder))


def candidates() -> Iterator[str]:
    """What may be an interpreter: on PATH, and pyenv's."""
    yield sys.executable
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        names = os.listdir(folder) if os.path.isdir(folder) else []
        yield from (os.path.join(folder, name) for name in sorted(names) if NAMED.match(name))
    yield from sorted(glob.glob(os.path.expanduser("~/.pyenv/versions/3.*/bin/python3")))


def asked_of(program: str) -> OnePython | None:
    """What an interpreter says of itself; None where it cannot run or is too old for the kit."""
    try:
        done = subprocess.run(
            [program, "-I", "-c", QUESTION], stdin=subprocess.DEVNULL, capture_output=True,
            text=True, timeout=ANSWERED_WITHIN, check=True,
        )  # fmt: skip
        # Not an environment's: its packages are not to be seen.
        base, version, has_gil, numbers = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return OnePython(base, version, has_gil) if tuple(numbers) >= OLDEST else None


def without_twins(pythons: Sequence[OnePython]) -> list[OnePython]:
    """One of each version, with and without GIL; in the order of the versions."""
    found = {(each.version, each.has_gil): each for each in reversed(pythons)}

    def order(each: OnePython) -> tuple[list[int], bool]:
        return [int(number) for number in re.findall(r"\d+", each.version)], not each.has_gil

    return sorted(found.values(), key=order)


def trials(rubric: Rubric) -> list[GivenProgram]:
    """What is graded with each Python."""
    (chaff,) = [each for each in all_cases(ROOT, rubric) if each.name == CHAFF]
    race = Case(
        RACE, SERVER, RACE, must=frozenset((FOUND_BY,)), may=frozenset((f"{EXPLORATION}.sessions",))
    )
    every = tuple(dict.fromkeys(check.group for check in rubric))
    reference = Case(REFERENCE, SERVER, REFERENCE)
    return [
        GivenProgram("reference", partial(reference.write, ROOT), "", reference, every),
        GivenProgram(CHAFF, partial(chaff.write, ROOT), "nickname", chaff, ("nickname",)),
        GivenProgram("the race", _racy(), EXPLORATION, race, (EXPLORATION,)),
    ]


def _racy() -> Callable[[Path], object]:
    sys.path.insert(0, str(ROOT))
    try:
        return partial(importlib.import_module("tests.racy.faults").write, RACE)
    finally:
        sys.path.remove(str(ROOT))


class KitCopy:
    """A copy of the kit below ``folder`` that ``python`` runs."""

    def __init__(self, python: OnePython, folder: Path) -> None:
        self.python = python
        self._folder = folder
        self._kit = folder / "kit"
        self._kit.mkdir(parents=True)
        for name in COPIED:
            source, target = ROOT / name, self._kit / name
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns(*LEFT_OUT))
            else:
                shutil.copy(source, target)

    def sets_up(self) -> tuple[str, str]:
        """Set it up: how long it took, and what went wrong, if anything did."""
        began = time.monotonic()
        status, said = self._run(SET_UP_WITHIN, "-c", SET_UP)
        return f"{time.monotonic() - began:.0f} s", said if status else ""

    def grades(self, trial: GivenProgram) -> tuple[str, list[str], list[str]]:
        """The score, what differs, and the checks that were not run."""
        submission = self._folder / trial.name.replace(" ", "-")
        trial.write(submission)
        for _ in range(TRIES):
            document, said = self._graded(submission, trial.word)
            if document is None:
                return "—", [f"{trial.name}: {said}"], []
            seen, points = read(document, trial.groups), document["score"]
            if "inconclusive" not in seen.outcomes.values():
                break
        not_run = [check for check, outcome in seen.outcomes.items() if outcome == "not_run"]
        told = [each for each in differences(trial.case, seen) if "(not_run)" not in each]
        score = f"{points:g}" if not trial.word else "found" if not told else "differs"
        return score, told, not_run

    def grades_skeleton(self) -> tuple[str, list[str]]:
        """Its score, and what differs: a student who has done nothing yet gets 0."""
        document, said = self._graded(self._kit / SKELETON, "")
        if document is None:
            return "—", [f"skeleton: {said}"]
        score = f"{document['score']:g}"
        return score, [] if score == "0" else [f"skeleton: {score} points, not 0"]

    def _graded(self, submission: Path, word: str) -> tuple[dict[str, Any] | None, str]:
        results = self._folder / "results.json"
        results.unlink(missing_ok=True)
        words = ["-m", "harness", "--lang=en", f"--submission={submission}", f"--seed={SEED}"]
        words += [f"--results={results}", *(["-k", word] if word else [])]
        status, said = self._run(GRADED_WITHIN, *words)
        if status not in (0, 1, 3) or not results.is_file():
            return None, f"status {status}: {said}"
        return json.loads(results.read_text(encoding="utf-8")), said

    def _run(self, within: float, *words: str) -> tuple[int | None, str]:
        """Its status and last words; of the variables for Python and the kit it gets none."""
        hidden = ("PYTHON", "PYTEST_", "MODUL4_", "VIRTUAL_ENV")
        settings = {k: v for k, v in os.environ.items() if not k.startswith(hidden)}
        try:
            done = subprocess.run(
                [self.python.program, *words], cwd=self._kit, env=settings,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                encoding="utf-8", errors="replace", timeout=within,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return None, f"not done within {within:.0f} s"
        return done.returncode, "\n".join(done.stdout.rstrip().splitlines()[-3:])


def _all_tried(pythons: Sequence[OnePython], folder: Path) -> int:
    """A row for each Python, then each difference. The packages first: they need the network."""
    copies = [KitCopy(each, folder / str(number)) for number, each in enumerate(pythons)]
    set_up = [each.sets_up() for each in copies]
    # No other program has the port there.
    own_network.enter()
    wrong: list[str] = []
    _row(HEAD)
    _row(["---"] * len(HEAD))
    for copy, (took, why) in zip(copies, set_up, strict=True):
        row, told = _tried(copy) if not why else (["—"] * (len(HEAD) - 3), [f"set-up: {why}"])
        if NO_VENV in why:
            took, told = "has no venv", []  # as the set-up rightly says
        _row([copy.python.version, "yes" if copy.python.has_gil else "no", took, *row])
        wrong += [f"{copy.python.version}: {each}" for each in told]
    sys.stdout.write("\n" + "".join(f"{each}\n" for each in wrong))
    sys.stdout.write(f"{len(pythons)} Pythons, {len(wrong) or 'no'} differences.\n")
    return DIFFERS if wrong else AGREES


def _tried(copy: KitCopy) -> tuple[list[str], list[str]]:
    """The cells of a row, and what differs."""
    first, *others = trials(load())
    score, wrong, not_run = copy.grades(first)
    zero, more = copy.grades_skeleton()
    cells, wrong = [score, zero], [*wrong, *more]
    for trial in others:
        score, more, _ = copy.grades(trial)
        cells.append(score)
        wrong += more
    return [*cells, ", ".join(not_run) or "—"], wrong


def _row(cells: Sequence[str]) -> None:
    sys.stdout.write(f"| {' | '.join(cells)} |\n")
    sys.stdout.flush()
