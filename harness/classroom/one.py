"""One submission of a class, graded in a process of its own and kept in a folder of its own.

The folder appears in one step, when all in it is there: after a break in the middle, whatever the
cause, either it is whole or it is not there.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

from harness.classroom import limits
from harness.classroom.box import Box
from harness.classroom.handed_in import HandedIn
from harness.classroom.overrides import TOTAL, Override, overridden
from harness.classroom.programs import Problem, lay_out
from harness.classroom.teams import Student
from harness.contract.rubric import Language
from harness.contract.version import VERSION
from harness.grading import results_file
from harness.grading.results import State
from harness.reports import page
from harness.schedules.controlled_process import end_process
from harness.setup.environment import HARNESS

RESULTS, PAGE, CONSOLE, RECEIPT = "results.json", "report.html", "console.txt", "receipt.json"
SUBMISSION = "submission"
# The process that grades one submission.
SELF_CHECK = os.path.join(HARNESS, "self_check.py")
# Seconds after which a grading is ended: the checks have 180 at the most, what follows a minute.
LONGEST = 300.0
# Variables that a grading needs.
KEPT = ("PATH", "SYSTEMROOT", "COMSPEC", "PATHEXT", "TEMP", "TMP", "TMPDIR", "LANG", "LC_ALL", "TZ")


@dataclass(frozen=True, slots=True)
class Terms:
    """What a grade depends on beside the submission: the same terms give the same grade.

    ``known``: the SHA-256 of files that students were given. ``checks``: only those, as pytest's
    ``-k`` names them; all of them without. ``isolation``: what the box does where it is made, if
    that is not here.
    """

    seed: int
    lang: Language
    box: Box
    known: Collection[str] = ()
    checks: str = ""
    isolation: str = ""

    def receipt(self, digest: str) -> dict[str, Any]:
        """What is kept of them with a grade."""
        return {
            "schema": "modul4-receipt/1",
            "submission": digest,
            "kit": VERSION,
            "python": sys.version.split()[0],
            "seed": self.seed,
            "lang": self.lang,
            "isolation": self.isolation or self.box.described,
        }

    def differences(self, folder: Path) -> dict[str, str]:
        """What was otherwise when the grade in ``folder`` was made, such as ``lang``: `en -> id`.

        Each of them makes that submission be graded again; that it has changed is not among them.
        """
        before, now = read(folder / RECEIPT) or {}, self.receipt("")
        names = [name for name in now if name not in ("schema", "submission") and name in before]
        return {
            name: f"{before[name]} -> {now[name]}" for name in names if before[name] != now[name]
        }


@dataclass(frozen=True, slots=True)
class ClassEntry:
    """What came of one submission: its results document, or why there is none.

    ``is_new``: it was graded just now, and not before. ``changes``: what the teacher gave by hand.
    ``team``: who gets the grade, where that is not the one who sent it.
    """

    sent: HandedIn
    results: dict[str, Any] | None = None
    problem: Problem | None = None
    is_new: bool = False
    changes: tuple[Override, ...] = ()
    team: tuple[Student, ...] = ()

    @property
    def students(self) -> tuple[Student, ...]:
        """Who gets the grade."""
        return self.team or (Student(self.sent.name, self.sent.number),)

    @property
    def has_grade(self) -> bool:
        """Whether there is a grade to hand back: of the grader, or of the teacher."""
        is_graded = self.is_complete and self.problem is None
        return is_graded or any(each.check == TOTAL for each in self.changes)

    @property
    def undecided(self) -> list[str]:
        """The checks that the grader could not judge, and the teacher has not decided either."""
        given = {each.check for each in self.changes}
        if TOTAL in given or self.results is None:
            return []
        rows = self.results.get("checks", ())
        unsure = [str(row["id"]) for row in rows if row["outcome"] == "inconclusive"]
        return [check for check in unsure if check not in given]

    @property
    def can_be_handed_back(self) -> bool:
        """Whether its grade is one that a platform may be given: nothing in it is undecided."""
        return self.has_grade and not self.undecided

    @property
    def score(self) -> float:
        """The points, with what was changed by hand."""
        found = self.results if self.is_complete and self.results else {}
        earned = {str(row["id"]): float(row["points"]) for row in found.get("checks", ())}
        return overridden(float(found.get("score", 0)), earned, self.changes)

    @property
    def most(self) -> float:
        """The points that could be earned."""
        return float(self.results["max_score"]) if self.is_complete and self.results else 100.0

    @property
    def is_complete(self) -> bool:
        """Whether every check came to its end."""
        return self.results is not None and self.results.get("state") == State.COMPLETE


class Gradings(Protocol):
    """Where gradings run: here (`Running`), or on other machines."""

    def grade(self, submission: Path, folder: Path, terms: Terms) -> str:
        """Grade into ``folder``; returns as `Running.run` does. Raises `OSError`."""

    def end(self) -> None:
        """End them all, and begin no other."""


class Running:
    """The gradings that run now, so that all can be ended from another thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._processes: set[subprocess.Popen[bytes]] = set()
        self._is_over = False

    def grade(self, submission: Path, folder: Path, terms: Terms) -> str:
        """Run the grader on ``submission``; its results, page and console go to ``folder``.

        The page calls it by the name of ``folder``. Returns as `run` does.
        """
        options = [f"--submission={submission}", f"--results={folder / RESULTS}"]
        options += [f"--seed={terms.seed}", f"--lang={terms.lang}", "--modul4-batch"]
        options += ["--modul4-all", *terms.box.options]
        if page.is_possible():
            options += [f"--report={folder / PAGE}", f"--modul4-whose={folder.name}"]
        if terms.checks:
            options += ["-k", terms.checks]
        words = [sys.executable, "-P", SELF_CHECK, *options]
        with open(folder / CONSOLE, "wb") as console:
            return self.run(terms.box.command(words, submission, folder), console, LONGEST)

    def run(self, command: Sequence[str], console: IO[bytes], seconds: float) -> str:
        """Run ``command`` for so long at the most; returns what it used too much of, if anything.

        That is a key of `problems.PROBLEMS`. Raises `OSError`.
        """
        with self._lock:
            if self._is_over:
                return ""
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                env=variables(),
                start_new_session=True,
            )
            self._processes.add(process)
        until = time.monotonic() + seconds
        try:
            while time.monotonic() < until:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(limits.LOOK)
                    return ""
                if excess := limits.usage(process.pid).excess:
                    return excess
            return "long_time"
        finally:
            end_process(process)
            with self._lock:
                self._processes.discard(process)

    def end(self) -> None:
        """End them all, and begin no other."""
        with self._lock:
            self._is_over = True
            for process in self._processes:
                end_process(process)


def graded(
    sent: HandedIn, out: Path, work: Path, terms: Terms, running: Gradings, *, again: bool = False
) -> ClassEntry:
    """Grade ``sent`` into a folder in ``out``, unless that holds its grade on these terms already.

    ``work``: a folder on the same disk as ``out``, to build it in; ``again``: grade it in any case.
    Raises `OSError` when something cannot be written.
    """
    building = work / sent.key
    shutil.rmtree(building, ignore_errors=True)
    submission = building / SUBMISSION
    problem = sent.problem or lay_out(sent.folder, submission, terms.known)
    if problem is not None:
        shutil.rmtree(building, ignore_errors=True)
        return ClassEntry(sent, problem=problem)
    receipt = terms.receipt(digest_of(submission))
    kept = out / sent.key
    if not again and read(kept / RECEIPT) == receipt and (found := read(kept / RESULTS)):
        shutil.rmtree(building)
        return ClassEntry(sent, found)
    excess = running.grade(submission, building, terms)
    if excess:
        return ClassEntry(sent, problem=Problem(excess), is_new=True)
    found = read(building / RESULTS)
    if found is None or found.get("state") != State.COMPLETE:
        # Nothing that stands: it is graded anew the next time.
        return ClassEntry(sent, found, Problem("not_graded"), is_new=True)
    results_file.write(str(building / RECEIPT), receipt)
    shutil.rmtree(kept, ignore_errors=True)
    building.rename(kept)
    return ClassEntry(sent, found, is_new=True)


def variables() -> dict[str, str]:
    """Nothing that the teacher's own programs keep there: a program could look for it."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return kept | {"NO_COLOR": "1", "PYTHONUTF8": "1"}


def digest_of(folder: Path) -> str:
    """The SHA-256 of all files of a submission and their names."""
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            # A name may be no text: what was sent by another system is kept byte by byte.
            name = path.relative_to(folder).as_posix().encode("utf-8", "surrogatepass")
            whole.update(name + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def read(path: Path) -> dict[str, Any] | None:
    """The document in a file, None where there is none that can be read."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
