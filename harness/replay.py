"""`python -m harness replay CHECK|FILE`: run a saved failing story again, and show it live.

A session is played step by step on a fresh server; a schedule is run under the launcher, its
interleaving shown as the lines of each thread; a game by hand is played move by move. Exit status:
0 it passes now, 1 it fails again, 3 this machine got in the way, 4 the file is no story.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness import command_line, commands
from harness.actors.known_facts import KnownFacts
from harness.actors.patience import Patience
from harness.actors.server_program import FILE
from harness.actors.stage import Setting
from harness.by_hand import hand_story, view
from harness.by_hand.hand_words import SAID
from harness.by_hand.table import Table
from harness.command_line import Misuse
from harness.contract import sentences
from harness.contract.rubric import LANGUAGES, Language, load
from harness.contract.symptoms import Failure, Inconclusive, Symptom
from harness.grading import last_run
from harness.grading.judge import REPO
from harness.grading.submission import NoSubmission, folder_of
from harness.options import DEFAULT_SUBMISSION, as_words
from harness.program.inheritance import restore_interrupt
from harness.program.sandbox import Sandbox
from harness.record.journal import WRONG, Event, What
from harness.record.transcript import told, transcript
from harness.reports.paint import paint_for
from harness.saves import unreadable
from harness.schedules import in_sandbox
from harness.schedules.counterexample import SCHEMA as SCHEDULE
from harness.schedules.counterexample import Counterexample
from harness.schedules.cycles import EVERYTHING
from harness.schedules.search import UNDECIDED
from harness.schedules.sessions import SCHEMA as SESSION
from harness.schedules.sessions import Explorer, session_from
from harness.screen import Screen

PASSES, FAILS, UNSURE, MISUSED = 0, 1, 3, 4

_SAID: dict[str, dict[Language, str]] = {
    "unreadable": {
        "id": "'{file}' tidak bisa dibaca: {why}.",
        "en": "'{file}' cannot be read: {why}.",
    },
    "not_saved": {
        "id": "Untuk {file} tidak ada cerita yang disimpan: yang disimpan hanya urutan thread yang "
        "gagal. Cerita pemeriksaan lain dimainkan oleh: python -m harness show {file}{more}",
        "en": "No story of {file} was saved: only orders of threads that failed are. The story of "
        "any other check is played by: python -m harness show {file}{more}",
    },
    "no_story": {
        "id": "'{file}' bukan cerita yang disimpan oleh penilai ini ({why}).",
        "en": "'{file}' is no story that this grader saved ({why}).",
    },
    "no_folder": {
        "id": "Tidak ada server.py di folder '{file}'.",
        "en": "There is no server.py in the folder '{file}'.",
    },
    "playing": {
        "id": "menjalankan lagi urutan thread yang disimpan",
        "en": "running the saved order of the threads again",
    },
    "passes": {
        "id": "Kali ini cerita itu berakhir baik.",
        "en": "This time the story ends well.",
    },
    "changed": {
        "id": "Apakah sudah beres seluruhnya? server.py sudah berubah sejak urutan itu disimpan; "
        "urutan lain diperiksa oleh: python -m harness -k {check}{more}",
        "en": "Is it mended for good? server.py has changed since that order was saved; this tries "
        "other orders: python -m harness -k {check}{more}",
    },
    "other": {
        "id": "Yang disimpan sudah beres; dalam urutan itu sekarang gagal yang lain: {seen}.",
        "en": "What was saved is mended; in that order something else fails now: {seen}.",
    },
    "fails": {"id": "Gagal lagi: {seen}.", "en": "It fails again: {seen}."},
    "unreadable_program": {
        "id": "Python tidak bisa membaca programnya: {why}. Perbaiki itu dulu.",
        "en": "Python cannot read the program: {why}. Mend that first.",
    },
    "unsure": {"id": "Tidak bisa diputuskan: {why}.", "en": "It cannot be decided: {why}."},
}


def main(arguments: Sequence[str], lang: str = "id") -> int:
    """Play the story; returns the exit status."""
    language: Language = "en" if lang == "en" else LANGUAGES[0]
    try:
        file, source = _understood(arguments, language)
        document = _read(file, source, language)
        play = {
            SESSION: _session,
            SCHEDULE: _schedule,
            hand_story.SCHEMA: _by_hand,
        }.get(str(document.get("schema")))
        if play is None:
            raise Misuse(_SAID["no_story"][language].format(file=file, why="schema"))
        return _played(play, document, source, file, language)
    except Misuse as error:
        sys.stderr.write(f"{error}\n")
        return MISUSED


Player = Callable[[dict[str, Any], Sandbox, Path, Language], Failure | None]


def _played(
    play: Player, document: dict[str, Any], source: Path, file: Path, lang: Language
) -> int:
    if broken := unreadable(source, [FILE]):
        print(_SAID["unreadable_program"][lang].format(why=broken[0]))
        return FAILS
    restore_interrupt()
    sandbox = Sandbox()
    try:
        failure = play(document, sandbox, sandbox.fresh(source), lang)
    except (ValueError, KeyError, TypeError) as error:
        raise Misuse(_SAID["no_story"][lang].format(file=file, why=error)) from None
    except OSError as error:
        raise Misuse(_SAID["unreadable"][lang].format(file=source, why=error)) from None
    except Inconclusive as error:
        why = sentences.reason(error.reason, error.facts, lang)
        print(_SAID["unsure"][lang].format(why=why.rstrip(".")))
        return UNSURE
    finally:
        sandbox.close()
    if failure is None:
        print(_SAID["passes"][lang])
        if is_changed(document, source):
            print(_SAID["changed"][lang].format(check=file.stem, more=as_words(source)))
        return PASSES
    key = "other" if failure.facts.get("is_other") else "fails"
    print(_SAID[key][lang].format(seen=sentences.seen(failure, lang).rstrip(".")))
    return FAILS


def is_changed(document: dict[str, Any], source: Path) -> bool:
    """Whether a line that the saved order of the threads ran is another one today."""
    try:
        lines = (source / FILE).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    steps = [each for each in document.get("steps", ()) if each.get("file") == FILE]
    return any(
        not 0 < int(each["line"]) <= len(lines)
        or lines[int(each["line"]) - 1].strip() != each["source"]
        for each in steps
        if each.get("source")
    )


def _session(
    document: dict[str, Any], sandbox: Sandbox, source: Path, lang: Language
) -> Failure | None:
    setting = Setting(sandbox, source, Patience(), KnownFacts())
    explorer = Explorer(setting, int(document["seed"]))
    found = explorer.play(session_from(document), watch=lambda event: _show(event, lang))
    return found.failed.failure if found else None


def _schedule(
    document: dict[str, Any], sandbox: Sandbox, source: Path, lang: Language
) -> Failure | None:
    example = Counterexample.from_json(document)
    page = Screen()
    page.progress(_SAID["playing"][lang])
    # One order of the threads may break several promises: first the one that was saved.
    kind = example.violation.kind
    verdict = in_sandbox.again(sandbox, source, example, EVERYTHING.after(kind))
    if verdict.outcome == "passed":
        verdict = in_sandbox.again(sandbox, source, example)
    page.progress("")
    if verdict.outcome in ("inconclusive", "not_explorable"):
        raise Inconclusive("not_explored", why=verdict.reason)
    if verdict.outcome == "passed":
        return None
    # What breaks in today's program, and not what broke when the story was saved.
    now = verdict.counterexample or example
    print("\n".join(transcript(in_sandbox.story(now), lang)))
    failure = in_sandbox.failure(now)
    is_other = now.violation.kind != kind
    return replace(failure, facts={**failure.facts, "is_other": is_other})


def _by_hand(
    document: dict[str, Any], sandbox: Sandbox, source: Path, lang: Language
) -> Failure | None:
    """A game that was saved: its moves, then everybody goes on until all is at rest."""
    moves, grain = hand_story.moves_from(document)
    table = Table(source / FILE, sandbox.python, in_sandbox.processes(sandbox))
    try:
        position = table.position(moves, grain)
        if position.broken is None and not position.trouble:
            position = table.position([*moves, ["rest"]], grain)
    finally:
        table.close()
    if position.trouble:
        raise Inconclusive("not_explored", why=UNDECIDED)
    print("\n".join(view.log_lines(position.log, lang)))
    if position.skipped:
        print(SAID["skipped"][lang].format(n=position.skipped))
    if position.broken is None:
        return None
    print("\n".join(view.fault(position, lang)))
    return Failure(FILE, Symptom.SCHEDULE_BREAKS, {"seen": in_sandbox.in_words(position.broken)})


def _show(event: Event, lang: Language) -> None:
    if event.what is not What.END:
        wrong = event.what in WRONG
        line = f"{event.t:8.3f}  {told(event, lang)}"
        print(paint_for(sys.stdout)("bad", line) if wrong else line, flush=True)


def _understood(arguments: Sequence[str], lang: Language) -> tuple[Path, Path]:
    """The story file and the submission's folder."""
    takes = commands.COMMANDS["replay"].arguments or ()
    found = command_line.read("replay ", takes, arguments, lang)
    given = found.submission or str(REPO / DEFAULT_SUBMISSION)
    try:
        source = folder_of(given, lang)
    except NoSubmission as error:
        raise Misuse(str(error)) from None
    if not (source / "server.py").is_file():
        raise Misuse(_SAID["no_folder"][lang].format(file=given))
    return _story_of(found.file, source), source.resolve()


def _story_of(named: str, source: Path) -> Path:
    """The file called ``named``; or what was saved of the check of that name."""
    file = Path(named).expanduser()
    saved = last_run.memory_of(source) / f"{named}.json"
    return saved if named in load().checks and not file.exists() and saved.is_file() else file


def _read(file: Path, source: Path, lang: Language) -> dict[str, Any]:
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        if str(file) in load().checks:
            more = as_words(source)
            raise Misuse(_SAID["not_saved"][lang].format(file=file, more=more)) from None
        why = error.strerror
    except (ValueError, RecursionError) as error:
        why = str(error)
    else:
        if isinstance(document, dict):
            return document
        why = "JSON"
    raise Misuse(_SAID["unreadable"][lang].format(file=file, why=why)) from None
