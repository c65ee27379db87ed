"""Somebody who starts the student's client and types: the keys of a person, without the eyes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from harness.actors import calling
from harness.actors.calling import Address
from harness.actors.client_program import A_MOMENT, FILE, ClientProgram
from harness.actors.keyboard import CHAT_PROMPT, NAME_PROMPT, Keyboard
from harness.actors.patience import GRACE
from harness.actors.scripted_server import ScriptedServer
from harness.actors.stage import Stage
from harness.contract.message import Message
from harness.contract.symptoms import Failure, Inconclusive, StoryFailed, Symptom
from harness.program import display
from harness.record.journal import CALLS_NOT


class Typist:
    """One who types. ``name`` is the nickname; the first act that needs the program starts it.

    ``address`` is asked where the client is to connect; without it, to a scripted server of its
    own, ``server``.
    """

    def __init__(
        self, stage: Stage, name: str, source: Path, address: Callable[[], Address] | None = None
    ) -> None:
        self.name = name
        # Whoever sits there stays the same person under another nickname.
        self._sits_as = name
        self.client = ClientProgram(stage, name, source, address or (lambda: self.server.address))
        self.server = ScriptedServer(stage, self.client)
        self.screen = self.client.screen
        self.keyboard = Keyboard(stage, name, self.client)
        self._stage = stage
        self._has_given_name = False
        # The row on which it was asked for its name first.
        self._asked_with = ""
        self._seen_since_enter: set[str] = set()

    def starts(self) -> None:
        """Start the client."""
        self.client.starts()

    def connects_where_it_is_told(self) -> None:
        """Told an address that nobody guesses, the client connects there."""
        self.server.is_where_nobody_guesses()
        self.client.starts_as(calling.USUAL, self.server.address)
        self._connects()

    def connects_by_default(self) -> None:
        """Without arguments the client connects to the address of SPEC section 1.

        Where another program has that port, nobody can say: then it is not asked.
        """
        try:
            self.server.is_at_the_default_address()
        except Inconclusive as taken:
            self._stage.not_asked = taken
            return
        self.client.starts_with()
        self._connects()

    def finds_nobody(self) -> None:
        """The client is started where nobody listens, and given a name if it asks for one."""
        self.server.is_not_there()
        self.client.starts_as(calling.USUAL, self.server.address)
        self.types_its_name_if_asked()

    def _connects(self) -> None:
        self.types_its_name_if_asked()
        program, server = self.client.running, self.server
        bound = self._stage.patience.start
        if self.client.waits(lambda: server.has_client, bound, is_passive=True):
            return
        if wrong := program.why_not_started():
            raise StoryFailed(wrong)
        host, port = server.address
        facts = {"address": f"{host}:{port}", "seen": self.client.last_row()}
        by_clock = program.status is None
        raise self.client.fails(Failure(FILE, Symptom.OTHER_ADDRESS, facts, by_clock), CALLS_NOT)

    # -- typing

    def gives_name(self, role: str | None = None) -> str:
        """Asked for a username, type the one that stands for ``role`` (its own when None)."""
        if role is not None:
            self.name = self._stage.draw.name(role)
        elif self._has_given_name:
            return self.name
        self.is_asked_for_its_name()
        self._asked_with = self._asked_with or self.keyboard.row
        self._has_given_name = True
        self.server.expects_its_client()
        self._enters(self.name)
        return self.name

    def types_its_name_if_asked(self) -> None:
        """A program may ask before it is asked for a nickname itself; if not, it is idle."""
        rest, screen = self.client.rest(), self.screen
        self.client.waits(
            lambda: (
                self.keyboard.shows(NAME_PROMPT)
                or (self.server.has_client and rest.has_lasted(A_MOMENT))
                or rest.has_lasted(GRACE)
            ),
            self._stage.patience.start,
        )
        if self.client.running.status is not None:
            return
        if self.keyboard.shows(NAME_PROMPT) or display.is_question(screen.text):
            self.gives_name()

    def joins(self) -> None:
        """Give the name, be accepted, and come to the prompt."""
        self.client.running  # noqa: B018  (starts it)
        self.server.accepts(self.gives_name())
        self.is_ready()

    def takes_name(self, name: str) -> None:
        """From now on the nickname is ``name``."""
        self.name = name

    def is_asked_for_its_name(self) -> None:
        """The program waits for the username to be typed."""
        self.keyboard.comes_to(NAME_PROMPT)

    def is_ready(self) -> None:
        """The program waits for a message to be typed."""
        self.keyboard.comes_to(CHAT_PROMPT)

    def _enters(self, text: str) -> None:
        self._seen_since_enter.clear()
        self.keyboard.enters(text)

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
            self.keyboard.settles()
            self._enters(self._stage.draw.text(role))

    def presses_enter(self) -> None:
        """Press Enter on an empty line."""
        self.is_ready()
        self._enters("")

    def begins_to_type(self, role: str) -> None:
        """Type the first half of a message and stop to think; returns once it is on the screen."""
        self.is_ready()
        self.keyboard.begins(self._stage.draw.text(role))

    def finishes_the_line(self) -> Message:
        """Type the other half and press Enter."""
        return Message(self.name, self.keyboard.finishes())
