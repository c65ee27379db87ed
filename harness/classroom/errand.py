"""One submission graded on another machine: what is sent there, what is done, what comes back.

The other machine needs this kit at the same path, and the same version of Python: a grade must not
depend on who gave it. Nothing on a shared disk is needed; the files travel as bytes.
"""

from __future__ import annotations

import functools
import hashlib
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

from harness.classroom import box, parcel
from harness.classroom.one import SUBMISSION, Running, Terms
from harness.classroom.workplace import workplace
from harness.contract.rubric import Language
from harness.grading.judge import REPO

# What of the kit a grade depends on.
PARTS, KINDS = ("harness", "solutions"), (".py", ".toml", ".jinja", ".css", ".js")
WORK = "modul4-errand-"
# By batch: the gradings that run in this process.
_RUNNING: dict[str, Running] = {}
_LOCK = threading.Lock()


@dataclass(frozen=True, slots=True)
class WorkerFacts:
    """What a grade depends on where it is made.

    ``boxes``: what each kind of box does there, for those that can be made.
    """

    kit: str
    python: str
    boxes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Errand:
    """A submission to grade, whose it is, and on which terms.

    ``facts``: what must be so where it is done.
    """

    batch: str
    whose: str
    submission: bytes
    seed: int
    lang: Language
    box: str
    hidden: tuple[str, ...]
    checks: str
    facts: WorkerFacts


@dataclass(frozen=True, slots=True)
class GradedThere:
    """What came of it: the files of the grading, and a key of `problems.PROBLEMS` or nothing."""

    files: bytes = b""
    excess: str = ""


@functools.cache
def facts_here() -> WorkerFacts:
    """Those of this process."""
    possible = [name for name in box.NAMES if name != box.AUTO and box.is_possible(name)]
    boxes = tuple((name, box.Box(name).described) for name in possible)
    return WorkerFacts(_digest_of_kit(), sys.version.split()[0], boxes)


def _digest_of_kit() -> str:
    whole = hashlib.sha256()
    for part in PARTS:
        for path in sorted((REPO / part).rglob("*")):
            if path.suffix in KINDS and path.is_file():
                whole.update(path.relative_to(REPO).as_posix().encode() + b"\0")
                whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def run_errand(errand: Errand) -> GradedThere:
    """Grade it here. Raises `OSError`, `parcel.BadParcel`."""
    here, asked = facts_here(), errand.facts
    is_same = (here.kit, here.python) == (asked.kit, asked.python)
    if not is_same or dict(here.boxes).get(errand.box) != dict(asked.boxes).get(errand.box):
        return GradedThere(excess="other_kit")
    with _LOCK:
        running = _RUNNING.setdefault(errand.batch, Running())
    hidden = tuple(path for path in map(Path, errand.hidden) if path.exists())
    around = box.Box(errand.box, hidden)
    around.hide()
    terms = Terms(errand.seed, errand.lang, around, checks=errand.checks)
    with workplace(Path(tempfile.gettempdir()), WORK) as work:
        # The page is called so. It comes over the network: no way out of the folder.
        submission = work / "graded" / (Path(errand.whose).name or "-") / SUBMISSION
        parcel.unpacked(errand.submission, submission)
        excess = running.grade(submission, submission.parent, terms)
        return GradedThere(parcel.packed(submission.parent), excess)


def stop_errands(batch: str) -> None:
    """End all of a batch that run in this process, and begin no other of it."""
    with _LOCK:
        running = _RUNNING.setdefault(batch, Running())
    running.end()
