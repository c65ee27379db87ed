"""`python -m harness grade SOURCE --out OUT`: grade a whole class.

What was graded stays in a folder for each submission; run again after a break, it goes on where it
stopped, and grades only what has changed.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from pathlib import Path

from harness.classroom import box, canvas, moodle, problems, similar
from harness.classroom.class_page import CLASS_PAGE, ClassFacts, class_page
from harness.classroom.cluster import Cluster, Elsewhere
from harness.classroom.exercises import SKELETONS, known_digests
from harness.classroom.handed_in import HandedIn, collected
from harness.classroom.one import SUBMISSION, ClassEntry, Gradings, Running, Terms, graded, read
from harness.classroom.overrides import OVERRIDES
from harness.classroom.spreadsheet import FILE, LOCALES, table
from harness.classroom.unpack import NotUnpacked
from harness.classroom.workplace import workplace
from harness.contract.rubric import LANGUAGES, load
from harness.contract.version import VERSION
from harness.grade_machines import machines
from harness.grade_options import (
    SAID,
    ClassOptions,
    by_hand,
    gradebook,
    misuse,
    understood,
    worksheet,
)
from harness.grading import results_file
from harness.reports import page
from harness.screen import Screen

ALL_GRADED, INTERRUPTED, UNJUDGED = 0, 2, 3
# What is kept of the class itself: the seed, so that a second run gives the same grades.
CLASS = "class.json"
WORK = ".work-"
# Seconds between two looks at the clock, so that Ctrl-C is noticed on every system.
LOOK = 0.5


def main(arguments: Sequence[str], lang: str = LANGUAGES[0]) -> int:
    """Do it; returns the exit status. Raises `Misuse`, `OSError`."""
    asked = understood(arguments, LANGUAGES[1] if lang == LANGUAGES[1] else LANGUAGES[0])
    asked.out.mkdir(parents=True, exist_ok=True)
    with machines(asked) as (asked, cluster), workplace(asked.out, WORK) as work:
        try:
            sent = collected(asked.source, work)
        except NotUnpacked as error:
            why = problems.sentence(str(error), {}, asked.lang)
            raise misuse("unreadable", asked.lang, path=asked.source, why=why) from None
        if not sent:
            raise misuse("nothing", asked.lang, path=asked.source)
        return Batch(asked, sent, work, cluster).run()


class Batch:
    """The state of one run over a class."""

    def __init__(
        self,
        asked: ClassOptions,
        sent: Sequence[HandedIn],
        work: Path,
        cluster: Cluster | None = None,
    ) -> None:
        """``cluster``: whose machines grade; without one this machine does."""
        self._asked = asked
        self._sent = sent
        # Read now: a mistake in them is told before an hour of grading, and not after.
        self._changes, self._teams = by_hand(asked.out, sent, asked.lang)
        self._work = work / "graded"
        self._work.mkdir()
        hidden = box.Box(asked.isolation, (asked.source.resolve(), asked.out))
        if cluster is None:
            hidden.hide()
        isolation = dict(cluster.facts.boxes)[asked.isolation] if cluster else hidden.described
        self._terms = Terms(self._seed(), asked.lang, hidden, known_digests(), isolation=isolation)
        self._running: Gradings = Elsewhere(cluster) if cluster else Running()
        self._screen = Screen()
        self._began = time.monotonic()

    def _seed(self) -> int:
        """The seed asked for, else that of the last run, else a new one; it is kept."""
        kept = (read(self._asked.out / CLASS) or {}).get("seed")
        seed = self._asked.seed
        if seed is None:
            seed = kept if isinstance(kept, int) else random.SystemRandom().randrange(1_000_000)
        results_file.write(str(self._asked.out / CLASS), {"schema": "modul4-class/1", "seed": seed})
        return seed

    def run(self) -> int:
        """Grade them, several at once; write the table whatever happens."""
        facts = {
            "count": len(self._sent),
            "seed": self._terms.seed,
            "box": self._terms.isolation,
        }
        self._screen.say(SAID["head"][self._asked.lang].format(**facts) + "\n")
        self._tell_other_terms()
        rows: dict[str, ClassEntry] = {}
        begun = {"done": 0, "all": len(self._sent)}
        self._screen.progress(SAID["first"][self._asked.lang].format(**begun))
        pool = ThreadPoolExecutor(self._asked.jobs)
        left = {pool.submit(self._grade, each) for each in self._sent}
        is_whole = False
        try:
            while left:
                done, left = wait(left, LOOK, FIRST_COMPLETED)
                self._keep(done, rows)
            is_whole = True
        except KeyboardInterrupt:
            pass
        finally:
            for future in left:
                future.cancel()
            self._running.end()
            pool.shutdown()
        if not is_whole:
            # What came to its end meanwhile counts; what was stopped does not.
            ended = [each for each in left if not each.cancelled() and each.exception() is None]
            whole = {each for each in ended if not _was_stopped(each.result())}
            self._keep(whole, rows)
        return self._close(rows, is_whole)

    def _tell_other_terms(self) -> None:
        """Say why they are graded again: an option may be forgotten, and their grades go."""
        out, lang = self._asked.out, self._asked.lang
        found = [each for row in self._sent if (each := self._terms.differences(out / row.key))]
        if not found or self._asked.again:
            return
        what = sorted({f"{name} {values}" for each in found for name, values in each.items()})
        facts = {"count": len(found), "what": ", ".join(what)}
        self._screen.say(SAID["other terms"][lang].format(**facts) + "\n")

    def _grade(self, sent: HandedIn) -> ClassEntry:
        again, asked = self._asked.again, self._asked
        return graded(sent, asked.out, self._work, self._terms, self._running, again=again)

    def _keep(self, done: set[Future[ClassEntry]], rows: dict[str, ClassEntry]) -> None:
        lang = self._asked.lang
        for future in done:
            row = future.result()
            rows[row.sent.key] = row
            self._screen.progress("")
            self._screen.say(self._told(self._with_changes(row)) + "\n")
            if len(rows) == len(self._sent):
                continue
            new = sum(each.is_new for each in rows.values())
            each = (time.monotonic() - self._began) / max(new, 1)
            minutes = max(1, round(each * (len(self._sent) - len(rows)) / 60))
            facts = {"done": len(rows), "all": len(self._sent), "left": minutes}
            self._screen.progress(SAID["progress" if new else "first"][lang].format(**facts))

    def _told(self, row: ClassEntry) -> str:
        """One line about a submission."""
        lang = self._asked.lang
        if row.problem is not None or row.results is None:
            problem = row.problem
            why = problems.sentence(problem.key, problem.facts, lang) if problem else ""
            return f"{row.sent.key}: {why}"
        told = SAID["row"][lang].format(name=row.sent.key, score=row.score, most=row.most)
        if row.undecided:
            told += SAID["undecided"][lang].format(checks=", ".join(row.undecided))
        if row.changes:
            told += SAID["changed"][lang]
        return told if row.is_new else told + SAID["kept"][lang]

    def _close(self, rows: dict[str, ClassEntry], is_whole: bool) -> int:
        """Write the table; returns the exit status."""
        asked, lang = self._asked, self._asked.lang
        ordered = [self._with_changes(rows[each.key]) for each in self._sent if each.key in rows]
        text = table(load(), ordered, lang, LOCALES[asked.locale])
        path = asked.out / FILE
        results_file.write_text(str(path), text)
        self._screen.progress("")
        self._hand_back(ordered)
        self._look_at_all(ordered)
        if not is_whole:
            self._screen.say(SAID["stopped"][lang] + "\n")
            return INTERRUPTED
        with_one = sum(row.problem is not None for row in ordered)
        by_hand = sum(bool(row.changes) for row in ordered)
        if by_hand:
            said = SAID["all changed"][lang].format(count=by_hand, file=OVERRIDES)
            self._screen.say(said + "\n")
        if unsure := [row.sent.key for row in ordered if row.undecided]:
            said = SAID["open"][lang].format(names=", ".join(unsure), path=asked.out)
            self._screen.say(said + "\n")
        facts = {"count": len(ordered) - with_one, "problems": with_one, "path": path}
        self._screen.say(SAID["end"][lang].format(**facts) + "\n")
        return UNJUDGED if any(_is_open(row) for row in ordered) else ALL_GRADED

    def _with_changes(self, row: ClassEntry) -> ClassEntry:
        """The same with what the teacher's files say about it."""
        key = row.sent.key
        changes = tuple(each for each in self._changes if each.who == key)
        return replace(row, changes=changes, team=tuple(self._teams.get(key, ())))

    def _hand_back(self, rows: Sequence[ClassEntry]) -> None:
        """Write what goes back into Moodle, where the class came from there, and into Canvas."""
        asked, lang = self._asked, self._asked.lang
        if packed := moodle.feedback_zip(rows, asked.out):
            (asked.out / moodle.FEEDBACK).write_bytes(packed)
        if asked.worksheet is not None:
            text, count = worksheet(asked.worksheet, rows, lang)
            path = asked.out / asked.worksheet.name
            results_file.write_text(str(path), text)
            self._screen.say(
                problems.WORKSHEET["written"][lang].format(count=count, path=path) + "\n"
            )

        if asked.gradebook is not None:
            filled = gradebook(asked.gradebook, rows, asked.assignment, lang)
            path = asked.out / asked.gradebook.name
            results_file.write_text(str(path), filled.text)
            facts = {"count": filled.count, "path": path, "column": filled.column}
            self._screen.say(canvas.GRADEBOOK["written"][lang].format(**facts) + "\n")

    def _look_at_all(self, rows: Sequence[ClassEntry]) -> None:
        """Write the page about the class, and what shows copies to other programs."""
        out = self._asked.out
        files = {row.sent.key: _programs(out / row.sent.key / SUBMISSION) for row in rows}
        names = {row.sent.key: (row.sent.name, files[row.sent.key]) for row in rows}
        (out / similar.EXPORT).write_bytes(similar.export(names, SKELETONS))
        if not page.is_possible():
            return
        facts = ClassFacts(self._terms.seed, self._terms.isolation, VERSION)
        pairs = similar.similar_pairs(files, SKELETONS)
        text = class_page(load(), rows, pairs, facts, out, self._asked.lang)
        results_file.write_text(str(out / CLASS_PAGE), text)


def _programs(folder: Path) -> list[Path]:
    """The Python files of a submission."""
    return sorted(folder.glob("*.py"))


def _was_stopped(row: ClassEntry) -> bool:
    return row.problem is not None and row.problem.key in ("not_graded", "other_kit")


def _is_open(row: ClassEntry) -> bool:
    """Whether the grader could not judge all of it."""
    if row.results is None:
        return _was_stopped(row)
    return not row.is_complete or bool(row.undecided)
