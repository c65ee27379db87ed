"""One game: the moves so far, what a key does to them, and what is said about it.

A key is one character, from a terminal or from a line that somebody typed. What needs more keys
(`r` and a number, `c` and a client and an act, a text) is kept in `pending` until it is whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from harness.by_hand import hand_story
from harness.by_hand.hand_words import SAID
from harness.by_hand.position import ClientView, Move, Position
from harness.by_hand.table import Table
from harness.by_hand.way import Way, find_way
from harness.contract.rubric import Language

CLIENTS = ("ani", "budi", "citra", "dewi", "eka")
ENTER, BACK, ESCAPE = "\r", "\x7f", "\x1b"
LEAVE, RESET, OWN_TEXT = "8", "9", "0"
HELP, FIND, SAVE, UNDO, RUN, CLIENT, REST, TIME, QUIT = "?fsurcatq"
MOST_TEXT = 60


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that a client could do now: the key, and the move that it makes."""

    key: str
    move: Move


def acts_of(
    client: ClientView | None, key: str, others: tuple[str, ...], number: int
) -> list[Choice]:
    """What the client called ``key`` could do; ``number`` makes its next text one of its own.

    The text of the act for `OWN_TEXT` is typed.
    """
    if client is None:
        return [Choice("1", ["act", key, "connect", ""])]
    acts: list[Choice] = []
    if client.state == "asked":
        names = [key, *(name for name in others if name != key)][:3]
        acts = [
            Choice(str(at), ["act", key, "claim", name]) for at, name in enumerate(names, start=1)
        ]
        acts.append(Choice(OWN_TEXT, ["act", key, "claim", ""]))
    elif client.state == "joined":
        acts = [Choice("1", ["act", key, "say", f"halo {number}"])]
        acts.append(Choice(OWN_TEXT, ["act", key, "say", ""]))
    if client.state not in ("left", "cut"):
        acts.append(Choice(LEAVE, ["act", key, "leave", ""]))
        acts.append(Choice(RESET, ["act", key, "reset", ""]))
    return acts


@dataclass
class Game:
    """The state of one game. ``press`` takes a key; everything else is for whoever shows it."""

    table: Table
    lang: Language
    save_to: Path
    # What `replay` needs besides the file: the option that names the submission, if it is another.
    submission: str = ""
    seed: int = 1
    progress: Callable[[int], None] = lambda tried: None
    moves: list[Move] = field(default_factory=list)
    # The rest of a way that was found, and how many of the moves are from it.
    way: list[Move] = field(default_factory=list)
    from_way: int = 0
    grain: str = "line"
    pending: str = ""
    text: str = ""
    message: str = ""
    shows_help: bool = False
    is_over: bool = False
    position: Position = field(default_factory=Position)

    def begin(self) -> None:
        """Look at the table for the first time."""
        self.position = self.table.position([], self.grain)

    @property
    def chosen(self) -> str:
        """The client whose acts are offered; empty when none is chosen."""
        return (
            CLIENTS[int(self.pending[1]) - 1]
            if self.pending[:1] == CLIENT and self.pending[1:]
            else ""
        )

    @property
    def wants_text(self) -> bool:
        """Whether a text is being typed."""
        return self.pending[2:] == OWN_TEXT

    def acts(self) -> list[Choice]:
        """What the chosen client could do now."""
        others = tuple(each.name for each in self.position.clients if each.name)
        said = sum(move[:1] == ["act"] and move[2] == "say" for move in self.moves)
        return acts_of(self.position.client(self.chosen), self.chosen, others, said + 1)

    def press_all(self, keys: str) -> None:
        """Every key of a line; a text that it ends in is taken as if Enter had been pressed."""
        for key in keys:
            if not self.is_over:
                self.press(key)
        if self.wants_text and self.text:
            self.press(ENTER)

    def press(self, key: str) -> None:
        """Do what ``key`` says."""
        if self.wants_text:
            self._type(key)
            return
        self.message = ""
        if self.shows_help:
            self.shows_help = False
            return
        if key == ESCAPE:
            self.pending = ""
        elif self.pending:
            self._second(key)
        elif key.isdigit():
            self._go("step", key)
        elif key in (RUN, CLIENT):
            self.pending = key
        elif key in "\r\n":
            self._follow()
        elif not key.isspace():
            self._command(key)

    def _command(self, key: str) -> None:
        if key == REST:
            self._move(["rest"])
        elif key == TIME:
            self._time()
        elif key == UNDO:
            self._undo()
        elif key == FIND:
            self._find()
        elif key == SAVE:
            self._save()
        elif key == HELP:
            self.shows_help = True
        elif key == QUIT:
            self.is_over = True
        else:
            self._say("unknown", key=key if key.isprintable() else "?")

    def _second(self, key: str) -> None:
        if self.pending == RUN:
            self.pending = ""
            self._go("run", key)
            return
        if self.pending == CLIENT:
            if not key.isdigit() or not 1 <= int(key) <= len(CLIENTS):
                self.pending = ""
                self._say("no client", key=key, most=len(CLIENTS))
                return
            self.pending += key
            acts = self.acts()
            if not acts:
                self._say("no acts", who=self.chosen)
                self.pending = ""
            elif acts[0].move[2] == "connect":
                self.pending = ""
                self._move(acts[0].move)
            return
        if key == OWN_TEXT and any(act.key == OWN_TEXT for act in self.acts()):
            self.pending += OWN_TEXT
            self.text = ""
            return
        move = next((act.move for act in self.acts() if act.key == key), None)
        who, self.pending = self.chosen, ""
        if move is None:
            self._say("no act", who=who, key=key)
        else:
            self._move(move)

    def _type(self, key: str) -> None:
        if key in "\r\n":
            move = next(act.move for act in self.acts() if act.key == OWN_TEXT)
            text, self.text, self.pending = self.text.strip(), "", ""
            if text:
                self._move([*move[:3], text])
        elif key in (BACK, "\b"):
            self.text = self.text[:-1]
        elif key == ESCAPE:
            self.text = self.pending = ""
        elif key.isprintable() and len(self.text) < MOST_TEXT:
            self.text += key

    def _go(self, how: str, key: str) -> None:
        thread = self.position.thread(int(key)) if key.isdigit() else None
        if thread is None:
            self._say("no thread", key=key)
        elif not thread.can_go:
            self._say("waits", who=thread.name)
        else:
            self._move([how, thread.key])

    def _time(self) -> None:
        if self.position.has_deadline:
            self._move(["time"])
        else:
            self._say("no time")

    def _move(self, move: Move) -> None:
        if self.way:
            self.way = []
            self._say("off the way")
        self._play([*self.moves, move])

    def _play(self, moves: list[Move]) -> None:
        position = self.table.position(moves, self.grain)
        if position.trouble:
            self._say("trouble", why=position.trouble)
            return
        self.moves, self.position = moves, position

    def _follow(self) -> None:
        if self.way:
            self._play([*self.moves, self.way.pop(0)])
            self.from_way = len(self.moves)
        else:
            self._say("no way")

    def _undo(self) -> None:
        if not self.moves:
            self._say("nothing to undo")
            return
        last = self.moves[-1]
        if self.from_way == len(self.moves):
            self.way.insert(0, last)
            self.from_way -= 1
        self._play(self.moves[:-1])

    def _find(self) -> None:
        way = find_way(self.table, self.seed, self.progress)
        if not way.moves:
            self._say_not_found(way)
            return
        self.moves, self.way, self.grain, self.from_way = [], list(way.moves), way.grain, 0
        self.position = self.table.position([], self.grain)
        self._say("found", tried=way.tried, steps=len(way.moves))

    def _say_not_found(self, way: Way) -> None:
        if way.reason:
            self.message = way.reason[self.lang]
        else:
            self._say("not found", tried=way.tried)

    def _save(self) -> None:
        if not self.moves:
            self._say("nothing to save")
            return
        try:
            hand_story.save(self.save_to, self.moves, self.grain, self.position)
        except OSError as error:
            self._say("not saved", file=self.save_to, why=error.strerror or error)
            return
        self._say("saved", file=self.save_to, submission=self.submission)

    def _say(self, name: str, /, **facts: object) -> None:
        self.message = SAID[name][self.lang].format(**facts)


def keys_in(text: str) -> Iterator[str]:
    """The keys that a page or a line names, such as `c1`, `r 2`, `Enter`."""
    for word in text.split():
        if word.lower() == "enter":
            yield ENTER
        else:
            yield from word
