"""`python -m harness grade SOURCE --out OUT`: grade a whole class.

What was graded stays in a folder for each submission; run again after a break, it goes on where it
stopped, and grades only what has changed.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from harness import command_line, commands
from harness.classroom import box, moodle, words
from harness.classroom.handed_in import HandedIn, collected
from harness.classroom.one import Graded, Running, Terms, graded, read
from harness.classroom.table import FILE, LOCALES, table
from harness.classroom.unpack import NotUnpacked
from harness.command_line import Misuse
from harness.contract.rubric import LANGUAGES, Bilingual, Language, load
from harness.grading import results_file
from harness.grading.judge import REPO
from harness.screen import Screen

ALL_GRADED, INTERRUPTED, UNJUDGED = 0, 2, 3
# What is kept of the class itself: the seed, so that a second run gives the same grades.
CLASS = "class.json"
WORK = ".work-"
# Seconds between two looks at the clock, so that Ctrl-C is noticed on every system.
LOOK = 0.5
# What students were given that has the names of the programs: no submission of theirs.
HANDED_OUT = ("modul4/2.latihan-race",)

_SAID: dict[str, Bilingual] = {
    "no source": {
        "id": "'{path}' tidak ada. Berikan folder atau zip yang berisi kiriman mahasiswa.",
        "en": "There is no '{path}'. Give the folder or the zip that holds what students sent.",
    },
    "no out": {
        "id": "Yang kurang: --out FOLDER, tempat hasilnya ditulis.",
        "en": "Missing: --out FOLDER, where the results are written.",
    },
    "inside": {
        "id": "--out tidak boleh berada di dalam folder kiriman: pilih folder lain.",
        "en": "--out must not lie in the folder of what was sent: choose another one.",
    },
    "no box": {
        "id": "Kotak '{name}' tidak bisa dibuat di sini; yang bisa: {possible}.",
        "en": "The box '{name}' cannot be made here; what can: {possible}.",
    },
    "unprotected": {
        "id": "Program mahasiswa tidak bisa dikurung di sini (tidak ada bubblewrap atau Landlock). "
        "Program itu bisa membaca dan mengubah semua file milikmu. Pasang bubblewrap; atau pakai "
        "komputer yang isinya boleh hilang dan tambahkan --isolation process.",
        "en": "Students' programs cannot be confined here (no bubblewrap and no Landlock). "
        "They can read and change all files of yours. Install bubblewrap; or use a machine with "
        "nothing on it to lose and add --isolation process.",
    },
    "nothing": {
        "id": "Di '{path}' tidak ada kiriman: tidak ada folder, zip, atau file mahasiswa.",
        "en": "Nothing was handed in in '{path}': there is no folder, zip or file of a student.",
    },
    "unreadable": {
        "id": "'{path}' tidak bisa dibaca: {why}",
        "en": "'{path}' cannot be read: {why}",
    },
    "head": {
        "id": "{count} kiriman · --seed {seed} · kotak: {box}",
        "en": "{count} submissions · --seed {seed} · box: {box}",
    },
    "row": {"id": "{name}: {score:g} dari {most:g}", "en": "{name}: {score:g} of {most:g}"},
    "kept": {"id": " (dari penilaian lalu)", "en": " (graded before)"},
    "progress": {
        "id": "[{done}/{all}] sisa kira-kira {left} menit",
        "en": "[{done}/{all}] about {left} min left",
    },
    "end": {
        "id": "{count} dinilai, {problems} bermasalah. Tabelnya: {path}",
        "en": "{count} graded, {problems} with a problem. The table: {path}",
    },
    "stopped": {
        "id": "Dihentikan. Perintah yang sama melanjutkan dari sini.",
        "en": "Stopped. The same command goes on from here.",
    },
}


@dataclass(frozen=True, slots=True)
class ClassOptions:
    """What is graded, where to, and how."""

    source: Path
    out: Path
    jobs: int
    seed: int | None
    isolation: str
    locale: str
    again: bool
    worksheet: Path | None
    lang: Language


def options(arguments: Sequence[str], lang: Language) -> ClassOptions:
    """The command line understood. Raises `Misuse`."""
    takes = commands.COMMANDS["grade"].arguments or ()
    asked = command_line.read("grade ", takes, arguments, lang)
    source = Path(asked.source).expanduser()
    if not source.exists():
        raise _misuse("no source", lang, path=asked.source)
    if not asked.out:
        raise _misuse("no out", lang)
    out = Path(asked.out).expanduser().resolve()
    if source.is_dir() and out.is_relative_to(source.resolve()):
        raise _misuse("inside", lang)
    isolation = _isolation(asked.isolation, lang)
    locale = asked.locale or lang
    worksheet = Path(asked.worksheet).expanduser() if asked.worksheet else None
    if worksheet is not None:
        _sheet(worksheet, (), lang)  # Told now, and not after an hour.
    return ClassOptions(
        source, out, max(asked.j, 1), asked.seed, isolation, locale, asked.regrade, worksheet, lang
    )


def _sheet(path: Path, rows: Sequence[Graded], lang: Language) -> tuple[str, int]:
    """The teacher's worksheet with the grades, and how many. Raises `Misuse`."""
    try:
        return moodle.filled_in(path.read_text(encoding="utf-8"), rows, lang)
    except moodle.NoWorksheet as error:
        raise Misuse(words.WORKSHEET[str(error)][lang].format(path=path)) from None
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "UTF-8?"
        raise Misuse(words.WORKSHEET["unreadable"][lang].format(path=path, why=why)) from None


def _misuse(key: str, lang: Language, **facts: object) -> Misuse:
    return Misuse(_SAID[key][lang].format(**facts))


def _isolation(asked: str, lang: Language) -> str:
    """The name of the box to use; none at all only where that is asked for. Raises `Misuse`."""
    if asked != box.AUTO:
        if not box.is_possible(asked):
            possible = ", ".join(n for n in box.NAMES if n != box.AUTO and box.is_possible(n))
            raise _misuse("no box", lang, name=asked, possible=possible)
        return asked
    if (found := box.strongest()) == box.PROCESS:
        raise _misuse("unprotected", lang)
    return found


def main(arguments: Sequence[str], lang: str = LANGUAGES[0]) -> int:
    """Do it; returns the exit status. Raises `Misuse`, `OSError`."""
    asked = options(arguments, LANGUAGES[1] if lang == LANGUAGES[1] else LANGUAGES[0])
    asked.out.mkdir(parents=True, exist_ok=True)
    with _workplace(asked.out) as work:
        try:
            sent = collected(asked.source, work)
        except NotUnpacked as error:
            why = words.sentence(str(error), {}, asked.lang)
            raise _misuse("unreadable", asked.lang, path=asked.source, why=why) from None
        if not sent:
            raise _misuse("nothing", asked.lang, path=asked.source)
        return Batch(asked, sent, work).run()


class Batch:
    """The state of one run over a class."""

    def __init__(self, asked: ClassOptions, sent: Sequence[HandedIn], work: Path) -> None:
        self._asked = asked
        self._sent = sent
        self._work = work / "graded"
        self._work.mkdir()
        hidden = box.Box(asked.isolation, (asked.source.resolve(), asked.out))
        self._terms = Terms(self._seed(), asked.lang, hidden, _handed_out())
        self._running = Running()
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
            "box": self._terms.box.described,
        }
        self._screen.say(_SAID["head"][self._asked.lang].format(**facts) + "\n")
        rows: dict[str, Graded] = {}
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

    def _grade(self, sent: HandedIn) -> Graded:
        again, asked = self._asked.again, self._asked
        return graded(sent, asked.out, self._work, self._terms, self._running, again=again)

    def _keep(self, done: set[Future[Graded]], rows: dict[str, Graded]) -> None:
        lang = self._asked.lang
        for future in done:
            row = future.result()
            rows[row.sent.key] = row
            self._screen.progress("")
            self._screen.say(self._told(row) + "\n")
            new = sum(each.is_new for each in rows.values())
            if new and len(rows) < len(self._sent):
                each = (time.monotonic() - self._began) / new
                minutes = max(1, round(each * (len(self._sent) - len(rows)) / 60))
                facts = {"done": len(rows), "all": len(self._sent), "left": minutes}
                self._screen.progress(_SAID["progress"][lang].format(**facts))

    def _told(self, row: Graded) -> str:
        """One line about a submission."""
        lang = self._asked.lang
        if row.problem is not None or row.results is None:
            problem = row.problem
            why = words.sentence(problem.key, problem.facts, lang) if problem else ""
            return f"{row.sent.key}: {why}"
        facts = {"score": row.results["score"], "most": row.results["max_score"]}
        told = _SAID["row"][lang].format(name=row.sent.key, **facts)
        return told if row.is_new else told + _SAID["kept"][lang]

    def _close(self, rows: dict[str, Graded], is_whole: bool) -> int:
        """Write the table; returns the exit status."""
        asked, lang = self._asked, self._asked.lang
        ordered = [rows[each.key] for each in self._sent if each.key in rows]
        text = table(load(), ordered, lang, LOCALES[asked.locale])
        path = asked.out / FILE
        results_file.write_text(str(path), text)
        self._screen.progress("")
        self._hand_back(ordered)
        if not is_whole:
            self._screen.say(_SAID["stopped"][lang] + "\n")
            return INTERRUPTED
        problems = sum(row.problem is not None for row in ordered)
        facts = {"count": len(ordered) - problems, "problems": problems, "path": path}
        self._screen.say(_SAID["end"][lang].format(**facts) + "\n")
        return UNJUDGED if any(_is_open(row) for row in ordered) else ALL_GRADED

    def _hand_back(self, rows: Sequence[Graded]) -> None:
        """Write what goes back into Moodle, where the class came from there."""
        asked, lang = self._asked, self._asked.lang
        if packed := moodle.feedback_zip(rows, asked.out):
            (asked.out / moodle.FEEDBACK).write_bytes(packed)
        if asked.worksheet is not None:
            text, count = _sheet(asked.worksheet, rows, lang)
            path = asked.out / asked.worksheet.name
            results_file.write_text(str(path), text)
            self._screen.say(words.WORKSHEET["written"][lang].format(count=count, path=path) + "\n")


def _was_stopped(row: Graded) -> bool:
    return row.problem is not None and row.problem.key == "not_graded"


def _is_open(row: Graded) -> bool:
    """Whether the grader could not judge all of it."""
    if row.results is None:
        return _was_stopped(row)
    outcomes = [each["outcome"] for each in row.results["checks"]]
    return not row.is_complete or "inconclusive" in outcomes


def _handed_out() -> frozenset[str]:
    """The SHA-256 of the programs that students were given beside the skeleton."""
    files = [path for folder in HANDED_OUT for path in (REPO / folder).rglob("*.py")]
    return frozenset(hashlib.sha256(path.read_bytes()).hexdigest() for path in files)


@contextlib.contextmanager
def _workplace(out: Path) -> Iterator[Path]:
    """A folder on the disk of ``out``, gone afterwards with those of runs that were killed."""
    for old in out.glob(f"{WORK}*"):
        if not _is_running(old.name.removeprefix(WORK).partition("-")[0]):
            shutil.rmtree(old, ignore_errors=True)
    work = Path(tempfile.mkdtemp(prefix=f"{WORK}{os.getpid()}-", dir=out))
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _is_running(pid: str) -> bool:
    """Whether there may still be a process with this number."""
    if sys.platform == "win32" or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
