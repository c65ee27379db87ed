"""`python -m harness schedule`: the student is the scheduler of their own server.

On a terminal each key does something at once; on a pipe, on a terminal that cannot move its cursor
and for a screen reader (TERM=dumb) a line of keys is read after each prompt. Exit status: 0, 3 when
the server cannot be played, 4 for a command line that makes no sense.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from harness import command_line, commands
from harness.by_hand import keys, view
from harness.by_hand.game import Game, keys_in
from harness.by_hand.hand_words import SAID
from harness.by_hand.position import Position
from harness.by_hand.table import Table
from harness.command_line import Misuse
from harness.contract.rubric import LANGUAGES, Language
from harness.grading.judge import REPO
from harness.grading.submission import NoSubmission, folder_of
from harness.options import DEFAULT_SUBMISSION, as_words, from_here
from harness.program.inheritance import restore_interrupt
from harness.program.sandbox import Sandbox
from harness.reports.paint import Paint, paint_for
from harness.schedules import in_sandbox

PLAYED, UNABLE, MISUSED = 0, 3, 4
EXERCISES = REPO / "modul4" / "2.latihan-race"
STORY = Path(".modul4") / "schedule.json"
COLUMNS, ROWS = 80, 24


def main(arguments: Sequence[str], lang: str = "id") -> int:
    """Play; returns the exit status."""
    language: Language = "en" if lang == "en" else LANGUAGES[0]
    try:
        source, title = _understood(arguments, language)
        return _played(source, title, language)
    except Misuse as error:
        sys.stderr.write(f"{error}\n")
        return MISUSED


def exercises() -> dict[str, Path]:
    """The folders of the exercises by their names, in order."""
    return {path.parent.name: path.parent for path in sorted(EXERCISES.glob("*/server.py"))}


def exercise(asked: str, lang: Language) -> Path:
    """The folder of the exercise with this number or name. Raises `Misuse`."""
    known = exercises()
    for name, folder in known.items():
        number, _, word = name.partition("-")
        if asked.lower() in (name, number, word):
            return folder
    names = ", ".join(known)
    raise Misuse(SAID["no exercise"][lang].format(name=asked, names=names or "-"))


def page_of(folder: Path) -> Path:
    """The page in docs/id/ that leads through an exercise."""
    return REPO / "docs" / "id" / f"latihan-{folder.name}.md"


def _understood(arguments: Sequence[str], lang: Language) -> tuple[Path, str]:
    """The folder of the server, and what it is called on the screen."""
    takes = commands.COMMANDS["schedule"].arguments or ()
    found = command_line.read("schedule ", takes, arguments, lang)
    if found.exercise and found.submission:
        raise Misuse(SAID["both"][lang])
    if found.exercise:
        folder = exercise(found.exercise, lang)
        return folder, folder.name
    given = found.submission or str(REPO / DEFAULT_SUBMISSION)
    try:
        source = folder_of(given, lang).resolve()
    except NoSubmission as error:
        raise Misuse(str(error)) from None
    if not (source / "server.py").is_file():
        raise Misuse(SAID["no server"][lang].format(folder=given))
    return source, found.submission or DEFAULT_SUBMISSION


def _played(source: Path, title: str, lang: Language) -> int:
    restore_interrupt()
    sandbox = Sandbox()
    table = None
    try:
        server = sandbox.fresh(source) / "server.py"
        table = Table(server, sandbox.python, in_sandbox.processes(sandbox))
        game = Game(table, lang, from_here(source) / STORY, as_words(source))
        game.begin()
        why = _unable(game.position, lang)
        if why:
            sys.stderr.write(SAID["cannot play"][lang].format(why=why) + "\n")
            return UNABLE
        if keys.can_read_keys():
            _on_a_terminal(game, title)
        else:
            _line_by_line(game, title, source)
        return PLAYED
    finally:
        if table is not None:
            table.close()
        sandbox.close()


def _unable(position: Position, lang: Language) -> str:
    """Why nothing can be played, in words; empty when it can."""
    if position.trouble:
        return view.trouble_in_words(position.trouble, lang)
    listens = any(thread.waits in ("accept", "select") for thread in position.threads)
    if listens or position.has_deadline:
        return ""
    if position.broken is not None:
        return in_sandbox.in_words(position.broken)[lang]
    return SAID["never listens"][lang]


def _on_a_terminal(game: Game, title: str) -> None:
    paint = paint_for(sys.stdout)

    def progress(tried: int) -> None:
        game.message = SAID["searching"][game.lang].format(tried=tried)
        _show(game, title, paint)
        game.message = ""

    game.progress = progress
    with keys.raw_terminal():
        while not game.is_over:
            _show(game, title, paint)
            key = keys.read_key()
            if not key:
                return
            game.press(key)


def _show(game: Game, title: str, paint: Paint) -> None:
    size = shutil.get_terminal_size((COLUMNS, ROWS))
    keys.show(view.screen(game, title, paint, min(size.columns, 120), size.lines))


def _line_by_line(game: Game, title: str, source: Path) -> None:
    page = page_of(source)
    if page.is_file():
        print(SAID["page"][game.lang].format(page=page.relative_to(REPO)))
    print(SAID["keys"][game.lang])
    while not game.is_over:
        print("\n".join(view.plain(game, title)))
        print(SAID["prompt"][game.lang], end="", flush=True)
        line = sys.stdin.readline()
        if not line:
            print()
            return
        before = game.pending
        if game.wants_text:
            game.press_all(line.rstrip("\n"))
            game.press("\r")
        else:
            game.press_all("".join(keys_in(line)) or ("" if before else "\r"))
