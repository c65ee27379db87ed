"""A person at the student's client: types, looks at the screen, presses Ctrl-C.

What counts as seen is read leniently (SPEC section 6.1): a message is shown once its drawn text
was on the screen, whatever stands around it; a prompt in other words, or none, is waited out until
the program rests. The exact form is judged in one check each.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from harness.actors.patience import GRACE
from harness.actors.scripted_server import A_MOMENT, FILE, ScriptedServer
from harness.actors.stage import Stage
from harness.contract import protocol
from harness.contract.message import Message
from harness.contract.symptoms import Failure, NotRunHere, StoryFailed, Symptom
from harness.program import display
from harness.program.idle import IdleWatch
from harness.program.process import Program
from harness.program.terminal import Terminal, terminal_for
from harness.record.journal import What

NAME_PROMPT, CHAT_PROMPT = "Masukkan username: ", ">> "
LOOKBACK = 12


class Person:
    """One person. ``name`` is the nickname; the first act that needs the program starts it."""

    def __init__(
        self, stage: Stage, name: str, source: Path, address: Callable[[], tuple[str, int]]
    ) -> None:
        self.name = name
        self.terminal: Terminal = terminal_for(name)
        self.screen = self.terminal.display
        self.prompts = {NAME_PROMPT: NAME_PROMPT, CHAT_PROMPT: CHAT_PROMPT}
        self._stage = stage
        self._source = source
        self._address = address
        self._program: Program | None = None
        self._has_given_name = False
        # Bytes on the screen when Enter was pressed last, and when the program waited for typing.
        self._entered_at = 0
        self._waited_at = 0
        self._seen_since_enter: set[str] = set()
        self._half = ""
        stage.closing.callback(self._vanishes)

    # -- the program

    def starts(self) -> None:
        """Start the client."""
        setting = self._stage.setting
        if not (self._source / FILE).is_file():
            raise StoryFailed(Failure(FILE, Symptom.NO_FILE, {"file": FILE}))
        host, port = self._address()
        arguments = ["--host", host, "--port", str(port)]
        folder = setting.sandbox.fresh(self._source)
        self._program = Program(
            setting.sandbox,
            folder,
            FILE,
            arguments,
            self._stage.journal,
            self._stage.wake,
            self.terminal,
        )
        self._stage.attends(self._program)

    @property
    def program(self) -> Program | None:
        """The client, if it was started."""
        return self._program

    @property
    def running(self) -> Program:
        """The client, started now if nobody did."""
        if self._program is None:
            self.starts()
        assert self._program is not None
        return self._program

    def rest(self) -> IdleWatch:
        """Begin to watch whether the program rests."""
        return IdleWatch(self.running)

    def _vanishes(self) -> None:
        if self._program is not None:
            self._program.end()

    def _waits(self, condition: Callable[[], bool], bound: float | None = None) -> bool:
        """Whether ``condition`` came to hold; a program that has ended is not waited for."""
        self._stage.wait_until(lambda: condition() or self.has_ended, bound, is_passive=False)
        return condition()

    @property
    def has_ended(self) -> bool:
        """Whether the program is gone, and all that it wrote is here."""
        return self.running.status is not None and self.running.has_ended_output

    def must_run(self) -> None:
        """It goes on; one that has ended says why."""
        program = self.running
        if program.status is None:
            return
        self._stage.wait_until(lambda: program.has_ended_output)
        if error := program.syntax_error:
            raise StoryFailed(Failure(FILE, Symptom.SYNTAX_ERROR, {"error": error}))
        facts = {"status": program.status, "last": self.last_row()}
        raise StoryFailed(Failure(FILE, Symptom.CLIENT_ENDED, facts))

    # -- typing

    def _comes_to(self, prompt: str) -> None:
        """Wait until the program waits for typing: it shows ``prompt``, or rests without it."""
        known = self._stage.setting.known_facts
        rest, patience = self.rest(), self._stage.patience
        is_strange = prompt in known.own_prompts
        quiet, bound = (A_MOMENT, GRACE) if is_strange else (GRACE, patience.start)
        self._waits(lambda: self._shows(prompt) or rest.has_lasted(quiet), bound)
        self._waited_at = len(self.screen.raw)
        if self._shows(prompt):
            return
        self.must_run()
        known.own_prompts.add(prompt)
        if self.terminal.is_real and display.CAN_DRAW:
            self.prompts[prompt] = self.screen.picture().before_cursor

    def _shows(self, prompt: str) -> bool:
        """Whether ``prompt`` was shown since Enter was pressed last."""
        return prompt in self.screen.since(self._entered_at)

    def _enters(self, text: str) -> None:
        self._stage.note(self.name, FILE, What.TYPE, text)
        self._entered_at = self._waited_at = len(self.screen.raw)
        self._seen_since_enter.clear()
        self.terminal.presses((text + self.terminal.enter).encode())

    def gives_name(self, role: str | None = None) -> str:
        """Asked for a username, type the one that stands for ``role`` (its own when None)."""
        if role is not None:
            self.name = self._stage.draw.name(role)
        elif self._has_given_name:
            return self.name
        self._comes_to(NAME_PROMPT)
        self._has_given_name = True
        self._enters(self.name)
        return self.name

    def is_asked_for_its_name(self) -> None:
        """The program waits for the username to be typed."""
        self._comes_to(NAME_PROMPT)

    def is_ready(self) -> None:
        """The program waits for a message to be typed."""
        self._comes_to(CHAT_PROMPT)

    def types(self, role: str) -> Message:
        """Type the message that stands for ``role``."""
        return self.types_exactly(self._stage.draw.text(role))

    def types_exactly(self, text: str) -> Message:
        """Type ``text`` and press Enter."""
        self.is_ready()
        self._enters(text)
        return Message(self.name, text)

    def types_ahead_if_it_gave_its_name(self, role: str) -> None:
        """Type a first message without waiting for the prompt, unless a name is still wanted."""
        if self._has_given_name:
            self._enters(self._stage.draw.text(role))

    def presses_enter(self) -> None:
        """Press Enter on an empty line."""
        self.is_ready()
        self._enters("")

    def begins_to_type(self, role: str) -> None:
        """Type the first half of a message and stop to think; returns once it is on the screen."""
        self.is_ready()
        text = self._stage.draw.text(role)
        self._half, typed = text, text[: len(text) // 2]
        self._stage.note(self.name, FILE, What.TYPE, typed + " (…)")
        rest = self.rest()
        self.terminal.presses(typed.encode())
        self._waits(lambda: typed in self.screen.text or rest.has_lasted(A_MOMENT))

    def finishes_the_line(self) -> Message:
        """Type the other half and press Enter."""
        text = self._half
        self._stage.note(self.name, FILE, What.TYPE, "(…) " + text[len(text) // 2 :])
        self._entered_at = len(self.screen.raw)
        self.terminal.presses((text[len(text) // 2 :] + self.terminal.enter).encode())
        return Message(self.name, text)

    # -- looking at the screen

    @property
    def name_prompt(self) -> str:
        """How the program asks for the username, as far as another check has judged its words."""
        return self.prompts[NAME_PROMPT]

    @property
    def chat_prompt(self) -> str:
        """How the program asks for a message."""
        return self.prompts[CHAT_PROMPT]

    def last_row(self) -> str:
        """The last row on which something was shown, for the sentence about what came instead."""
        rows = [row for row in self.screen.text.split("\n") if row.strip()]
        return rows[-1].strip() if rows else ""

    def _was_shown(self, text: str) -> bool:
        if text in self.screen.text:
            return True
        # A program that draws with cursor moves shows it all the same.
        return self.terminal.is_real and display.CAN_DRAW and text in self.screen.picture().text

    def sees(self, *messages: Message) -> None:
        """Every one of ``messages`` is shown."""
        for said in messages:
            self.sees_text(said.text, said.line)
            self._seen_since_enter.add(said.text)
        # One may have been shown in passing; several, with nothing typed between, were not.
        if len(self._seen_since_enter) > 2:
            self._stage.setting.known_facts.saw("client.receive")

    def sees_text(self, text: str, whole: str | None = None) -> None:
        """``text`` is shown; ``whole`` is the line that it stands for."""
        if not self._waits(lambda: self._was_shown(text)):
            raise StoryFailed(self._misses(whole or text))

    def sees_from(self, said: Message) -> None:
        """The message is shown, and who said it."""
        self.sees(said)
        self.sees_speaker_of(said)

    def sees_speaker_of(self, said: Message) -> None:
        """The row on which the message is shown names who said it."""
        row = next((row for row in self.screen.text.split("\n") if said.text in row), "")
        if row and said.speaker not in row:
            facts = {"line": said.line, "seen": row}
            raise StoryFailed(Failure(FILE, Symptom.LINE_NOT_SHOWN, facts))

    def _misses(self, line: str) -> Failure:
        self.must_run()
        self._stage.note(self.name, "", What.MISSING, line)
        facts = {"line": line, "seen": self.last_row()}
        return Failure(FILE, Symptom.LINE_NOT_SHOWN, facts, by_clock=True)

    def sees_in_order(self, messages: list[Message]) -> None:
        """All of many messages are shown, one after the other."""
        wanted = [display.squeezed(said.text) for said in messages]
        # How rows and prompts fall between them is judged elsewhere.
        prompts = {prompt.strip() for prompt in self.prompts.values()} - {""}

        def shown() -> str:
            return display.squeezed(self.screen.text, *prompts)

        last = messages[-1].text.encode()
        bound = self._stage.patience.start * 2
        if not self._waits(lambda: last in self.screen.raw[-1000:], bound):
            self.must_run()
        text, place = shown(), 0
        for number, each in enumerate(wanted):
            found = text.find(each, place)
            if found < 0:
                line = messages[number].line
                symptom = Symptom.WRONG_ORDER if each in text else Symptom.LINE_NOT_SHOWN
                self._stage.note(self.name, "", What.MISSING, line)
                facts = {"line": line, "seen": self.last_row()}
                raise StoryFailed(Failure(self.name, symptom, facts, by_clock=True))
            place = found + len(each)

    def is_asked_exactly(self, prompt: str) -> None:
        """``prompt`` is shown, to the letter, and the program waits behind it."""
        shows = self._waits(lambda: self._shows(prompt), self._stage.patience.start)
        if not shows and not self._shows_at_last(prompt):
            self.must_run()
            self._stage.note(self.name, "", What.MISSING, prompt)
            seen = self.screen.since(self._entered_at).rpartition("\n")[2]
            facts = {"line": prompt, "seen": seen}
            raise StoryFailed(Failure(FILE, Symptom.NO_PROMPT, facts, by_clock=True))

    def _shows_at_last(self, prompt: str) -> bool:
        """Whether there is another way to bring the program to show ``prompt``."""
        return False

    def sits_at_a_real_terminal(self) -> None:
        """Nothing but a terminal will do for this story, drawn as a person sees it."""
        if not (self.terminal.is_real and display.CAN_DRAW):
            raise NotRunHere("no_terminal")

    def has_on_screen(self, *rows: str) -> None:
        """The screen comes to hold just these rows; the cursor stands at the end of the last."""
        *above, last = rows
        wanted = "\n".join([*(row.rstrip() for row in above), last])
        if not self._waits(lambda: self.screen.picture().text == wanted):
            seen = self.screen.picture().text
            self._stage.note(self.name, "", What.MISSING, wanted)
            facts = {"line": wanted, "seen": seen}
            raise StoryFailed(Failure(FILE, Symptom.SCREEN_DIFFERS, facts, by_clock=True))

    # -- the end

    def presses_ctrl_d(self) -> None:
        """End the input."""
        self._stage.note(self.name, FILE, What.TYPE, "Ctrl-D")
        self.terminal.ends_input()

    def presses_ctrl_c(self) -> None:
        """Press Ctrl-C, once the program has come to rest: just before input() begins to wait, a
        Ctrl-C is lost in Python itself."""
        rest = self.rest()
        self._waits(lambda: rest.has_lasted(A_MOMENT))
        if self.terminal.presses_ctrl_c():
            self._stage.note("", FILE, What.INTERRUPT)
        elif not self.running.interrupt():
            raise NotRunHere("no_interrupt")

    def ends(self, within: float, status: int) -> None:
        """The program ends within ``within`` seconds with ``status``, and without a traceback."""
        program = self.running
        bound = self._stage.patience.seconds(within)
        if not self._stage.wait_until(lambda: program.status is not None, bound):
            facts: dict[str, object] = {"seconds": round(bound, 1)}
            raise StoryFailed(Failure(FILE, Symptom.NOT_ENDED, facts, by_clock=True))
        self._stage.wait_until(lambda: program.has_ended_output)
        if error := program.syntax_error:
            raise StoryFailed(Failure(FILE, Symptom.SYNTAX_ERROR, {"error": error}))
        if program.has_traceback:
            raise StoryFailed(Failure(FILE, Symptom.TRACEBACK, {"last": self.last_row()}))
        if program.open_todo is not None:
            raise StoryFailed(Failure(FILE, Symptom.TODO_OPEN, {"todo": program.open_todo}))
        if program.status != status:
            facts = {"line": status, "seen": program.status}
            raise StoryFailed(Failure(FILE, Symptom.WRONG_STATUS, facts))

    def was_told_why(self) -> None:
        """A sentence was shown since it waited for typing, not only the prompt again."""
        prompts = filter(None, map(str.strip, self.prompts.values()))
        told = display.squeezed(self.screen.since(self._waited_at), self.name, *prompts)
        if not any(character.isalpha() for character in told):
            facts = {"seen": self.last_row()}
            raise StoryFailed(Failure(FILE, Symptom.NO_SENTENCE, facts))

    def last_words(self) -> str:
        """The end of what it wrote, from its last traceback on, for the report."""
        text = protocol.plain(self.running.stderr.text())
        _, found, rest = text.rpartition("Traceback (most recent call last)")
        rows = (found + rest).replace("\r", "").rstrip().splitlines() if found else []
        return "\n".join(rows[:1] + rows[1:][-LOOKBACK:])


class User(Person):
    """A person whose client talks to a scripted server of its own, ``server``."""

    def __init__(self, stage: Stage, name: str, source: Path) -> None:
        self.server = ScriptedServer(stage, self)
        super().__init__(stage, name, source, lambda: self.server.address)

    def types_its_name_if_asked(self) -> None:
        """A program may ask before it is asked for a nickname itself; one that does not, rests."""
        rest, screen = self.rest(), self.screen
        self._waits(
            lambda: (
                self._shows(NAME_PROMPT)
                or (self.server.is_called and rest.has_lasted(A_MOMENT))
                or rest.has_lasted(GRACE)
            ),
            self._stage.patience.start,
        )
        if self.running.status is not None:
            return
        if self._shows(NAME_PROMPT) or screen.text.rpartition("\n")[2].strip():
            self.gives_name()

    def joins(self) -> None:
        """Give the name, be accepted, and come to the prompt."""
        self.running  # noqa: B018  (starts it)
        self.server.accepts(self.gives_name())
        self.is_ready()

    def _shows_at_last(self, prompt: str) -> bool:
        """A program may ask nobody only because it takes a whole ``recv`` for the word NICK."""
        if not self.server.asks_barely() or not self._waits(lambda: self._shows(prompt), GRACE):
            return False
        self._stage.setting.known_facts.wants_bare_words = True
        return True
