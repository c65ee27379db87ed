"""Grades one submission at Gradescope: `python -m harness.exports.gradescope_grading ROOT LANG`.

`given/run_autograder` starts it as root. Three things are kept apart: this process, which alone can
write ROOT/results; the grading, as a user who may do little; and the student's programs, which
Landlock keeps from the grading where the kernel has it. What the grading has found is published
after each check, so a time-out leaves all of it.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from harness.classroom.exercises import known_digests
from harness.classroom.one import RESULTS, SELF_CHECK, variables
from harness.classroom.programs import lay_out
from harness.contract.rubric import LANGUAGES, Language
from harness.exports.fitness import is_exportable
from harness.exports.gradescope_results import gradescope, without_grade
from harness.grading import results_file
from harness.program import confinement
from harness.program.unprivileged import Unprivileged, content_of, for_good, somebody
from harness.schedules.controlled_process import end_process

# Seconds for a grading: Gradescope ends it after ten minutes.
LONGEST = 480.0
# Seconds between two looks at what was found.
LOOK = 0.5
# Bytes that results may have: each of 50 checks keeps 4,000 events at most.
LARGEST = 100_000_000
STOPPED = 143


def main(arguments: Sequence[str]) -> int:
    """Do it; returns 0 whatever the grade. Raises `OSError` where results cannot be written."""
    root, lang = Path(arguments[0]), LANGUAGES[1] if "en" in arguments[1:] else LANGUAGES[0]
    target = str(root / "results" / RESULTS)
    user = somebody()
    confines = confinement.is_possible()
    # Printed for instructors alone.
    print(f"as another user: {user is not None}; programs confined: {confines}", flush=True)
    with _workplace(user) as work:
        submission = work / "submission"
        problem = lay_out(root / "submission", submission, known_digests())
        if problem is not None:
            results_file.write_text(target, without_grade(problem.key, problem.facts, lang))
            return 0
        options = [f"--submission={submission}", f"--results={work / RESULTS}", f"--lang={lang}"]
        options += ["--modul4-batch", "--modul4-all", *(["--modul4-confine"] * confines)]
        words = [*for_good(), sys.executable, "-P", SELF_CHECK, *options]
        published = _follow(words, work, target, lang, user)
    if not published:
        results_file.write_text(target, without_grade("could not", {}, lang))
    return 0


@contextlib.contextmanager
def _workplace(user: Unprivileged | None) -> Iterator[Path]:
    """A folder of that user, gone afterwards."""
    work = Path(tempfile.mkdtemp(prefix="modul4-"))
    try:
        (work / "tmp").mkdir()
        if user is not None:
            user.own(work)
            user.own(work / "tmp")
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _follow(
    words: Sequence[str], work: Path, target: str, lang: Language, user: Unprivileged | None
) -> bool:
    """Run the grading and publish what it finds as it finds it; returns whether there was any."""
    environment = variables() | {"HOME": str(work), "TMPDIR": str(work / "tmp")}
    process = subprocess.Popen(
        words,
        stdin=subprocess.DEVNULL,
        env=environment,
        start_new_session=True,
        **(user.settings if user else {}),
    )
    until = time.monotonic() + LONGEST
    last: bytes | None = None
    try:
        while process.poll() is None and time.monotonic() < until:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(LOOK)
            last = _publish(work / RESULTS, last, target, lang)
    finally:
        end_process(process)
    return last is not None


def _publish(source: Path, last: bytes | None, target: str, lang: Language) -> bytes | None:
    """Write what ``source`` holds to ``target``, if it is new; returns what was written last."""
    content = content_of(source, LARGEST)
    if content is None or content == last or (found := _document(content)) is None:
        return last
    results_file.write_text(target, gradescope(found, lang))
    return content


def _document(content: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and is_exportable(found) else None


def _stop(*_: object) -> None:
    sys.exit(STOPPED)


if __name__ == "__main__":
    # What is copied here must be readable for the grading; nothing of that stays when we go.
    os.umask(0o022)
    signal.signal(signal.SIGTERM, _stop)
    sys.exit(main(sys.argv[1:]))
