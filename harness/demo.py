"""`python -m harness demo`: the sample conversation of the course, on one screen.

The submission's server is started, and three of its clients, each at a terminal of its own. Two of
them talk as in the course's text, the third reads along. On a terminal the three screens and the
server's console are drawn anew after each step; elsewhere each step is a line, and the screens come
at the end. Exit status: 0 the conversation came to its end, 1 the programs do not get that far,
2 Ctrl-C, 3 the machine got in the way, 4 there is no such folder.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness import command_line, commands
from harness.actors.known_facts import KnownFacts
from harness.actors.patience import Patience
from harness.actors.person import Person
from harness.actors.server import Server
from harness.actors.stage import Setting, Stage
from harness.command_line import Misuse
from harness.contract import sentences
from harness.contract.rubric import LANGUAGES, Language
from harness.contract.symptoms import Failure, Inconclusive, StoryFailed, Symptom
from harness.grading.crossplay import is_listened_to
from harness.grading.judge import REPO
from harness.grading.submission import NoSubmission, folder_of
from harness.grading.telling import refusal
from harness.options import DEFAULT_SUBMISSION
from harness.program import display
from harness.program.inheritance import restore_interrupt
from harness.program.sandbox import Sandbox
from harness.record.draw import Draw
from harness.record.journal import Journal
from harness.reports.panels import Panel, below_each_other, side_by_side
from harness.screen import Screen

DONE, FAILED, UNJUDGED, MISUSED = 0, 1, 3, 4
# The course's own words: who says what.
NAMES = ("user1", "user2", "user3")
CONVERSATION = (("user1", "Hello everyone!"), ("user2", "Hi there!"))
# How fast this machine is has not been measured, so a slow one is waited for.
UNMEASURED = Patience(step=10.0, start=20.0)
# Seconds that each step is left to be seen, on a terminal.
PACE = 1.2
# Rows of a client's screen and of the server's console, and the narrowest place for three screens.
SCREEN_ROWS, CONSOLE_ROWS, NARROWEST = 9, 6, 60

_SAID: dict[str, dict[Language, str]] = {
    "server": {"id": "server.py mulai dan menunggu", "en": "server.py starts and waits"},
    "starts": {"id": "{who} menjalankan client.py", "en": "{who} starts client.py"},
    "joins": {"id": "{who} mengetik namanya", "en": "{who} types the name"},
    "types": {"id": "{who} mengetik '{text}'", "en": "{who} types '{text}'"},
    "sees": {"id": "{who} melihat '{text}'", "en": "{who} sees '{text}'"},
    "console": {"id": "server.py mencetak", "en": "server.py prints"},
    "done": {
        "id": "Selesai: percakapan contoh berjalan sampai akhir.",
        "en": "Done: the sample conversation came to its end.",
    },
    "failed": {
        "id": "Percakapan berhenti di sini. Seharusnya: {expected}. Yang terjadi: {seen}.",
        "en": "The conversation stops here. Expected: {expected}. Seen: {seen}.",
    },
    "check": {
        "id": "Apa yang harus diperbaiki dulu: python -m harness",
        "en": "What to mend first: python -m harness",
    },
    "unjudged": {"id": "Tidak bisa dimainkan di sini: {why}", "en": "It cannot be played: {why}"},
}


def main(arguments: Sequence[str], lang: str = "id") -> int:
    """Play the conversation; returns the exit status."""
    language: Language = "en" if lang == "en" else LANGUAGES[0]
    restore_interrupt()
    try:
        takes = commands.COMMANDS["demo"].arguments or ()
        found = command_line.read("demo ", takes, arguments, language)
        source = folder_of(found.submission or str(REPO / DEFAULT_SUBMISSION), language)
    except (Misuse, NoSubmission) as error:
        sys.stderr.write(f"{error}\n")
        return MISUSED
    screen = Screen()
    try:
        with contextlib.closing(Sandbox()) as sandbox:
            return _play(sandbox, sandbox.fresh(source.resolve()), language, screen)
    except Inconclusive as stopped:
        why = sentences.reason(stopped.reason, stopped.facts, language)
    except (OSError, RuntimeError) as error:
        key = refusal(error)
        why = sentences.reason(key, {}, language) if key else str(error)
    screen.say(_SAID["unjudged"][language].format(why=why) + "\n")
    return UNJUDGED


def _play(sandbox: Sandbox, source: Path, lang: Language, screen: Screen) -> int:
    stage = Stage(Setting(sandbox, source, UNMEASURED, KnownFacts()), Draw(0, "demo"), Journal())
    scene = Scene(stage, source, lang, screen)
    failure = None
    try:
        for key, facts in scene.steps():
            scene.show(_SAID[key][lang].format(**facts))
    except StoryFailed as failed:
        failure = scene.why(failed.failure)
    finally:
        stage.close()
    scene.end()
    if failure is None:
        screen.say(_SAID["done"][lang] + "\n")
        return DONE
    expected = sentences.expected(failure, lang)
    seen = sandbox.as_handed_in(sentences.seen(failure, lang))
    screen.say(_SAID["failed"][lang].format(expected=expected, seen=seen) + "\n")
    screen.say(_SAID["check"][lang] + "\n")
    return FAILED


@dataclass
class Scene:
    """The server, the three people, and what there is to see of them."""

    stage: Stage
    source: Path
    lang: Language
    screen: Screen
    people: list[Person] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.host = Server(self.stage)
        size = shutil.get_terminal_size((80, 24))
        self.columns = min(size.columns, 120)
        is_terminal = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
        self.is_drawn = is_terminal and self.columns >= NARROWEST

    def steps(self) -> Iterator[tuple[str, dict[str, str]]]:
        """Play, and after each step say what it was. Raises `StoryFailed`, `Inconclusive`."""
        self.host.starts()
        is_listened_to(self.stage, self.host)
        yield "server", {}
        # One after the other: a beginner's server asks one at a time.
        for name in NAMES:
            person = Person(self.stage, name, self.source, lambda: self.host.address)
            self.people.append(person)
            person.starts()
            person.is_asked_for_its_name()
            yield "starts", {"who": name}
            person.gives_name()
            person.is_ready()
            yield "joins", {"who": name}
        for who, text in CONVERSATION:
            said = self.people[NAMES.index(who)].types_exactly(text)
            yield "types", {"who": who, "text": text}
            for other in self.people:
                if other.name != who:
                    other.sees_from(said)
                    yield "sees", {"who": other.name, "text": said.line}

    def why(self, failure: Failure) -> Failure:
        """The failure, or the open TODO that is its cause."""
        programs = [self.host.program, *(person.client.program for person in self.people)]
        for program in programs:
            if program is not None:
                program.end()
        todos = [p.open_todo for p in programs if p is not None and p.open_todo is not None]
        return Failure("", Symptom.TODO_OPEN, {"todo": min(todos)}) if todos else failure

    # -- what there is to see

    def show(self, step: str) -> None:
        """Tell of one step: on a terminal by drawing all anew."""
        if not self.is_drawn:
            self.screen.say(step + "\n")
            return
        self.stage.look(0)
        rows = [step, "", *self._rows(side_by_side)]
        # From the top of an empty screen, so that every frame stands at the same place.
        self.screen.say("\x1b[2J\x1b[H" + "\n".join(rows) + "\n\n")
        # The time to look at it, and no wait for anything.
        threading.Event().wait(PACE)

    def end(self) -> None:
        """Where nothing is drawn, the screens as they were at last."""
        if not self.is_drawn and self.people:
            self.screen.say("\n" + "\n".join(self._rows(below_each_other)) + "\n\n")

    def _rows(self, arrange: Callable[[Sequence[Panel], int, int], list[str]]) -> list[str]:
        panels = [Panel(person.name, _rows_of(person)) for person in self.people]
        program = self.host.program
        text = program.stdout.text() if program is not None else ""
        printed = self.stage.setting.sandbox.as_handed_in(text).splitlines()
        console = Panel(_SAID["console"][self.lang], printed)
        above = arrange(panels, self.columns, SCREEN_ROWS) if panels else []
        # So many rows from the first frame on that the console stays where it is.
        if self.is_drawn:
            above += [""] * (SCREEN_ROWS + 2 - len(above))
        return [*above, "", *below_each_other([console], self.columns, CONSOLE_ROWS)]


def _rows_of(person: Person) -> list[str]:
    """What a person has on the screen."""
    if person.client.terminal.is_real and display.CAN_DRAW:
        return list(person.screen.picture().rows)
    return person.screen.text.split("\n")
