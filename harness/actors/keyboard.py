"""When a person types: not before the program waits for it, and never right behind a prompt.

A program may write its prompt in several pieces, or set the terminal once the prompt is out and
drop what was typed before (TCSAFLUSH). So a key is pressed when the prompt stands on the screen
below all that was shown before, and the program is idle. A program without that prompt is taken to
wait once it has been idle for longer.
"""

from __future__ import annotations

from harness.actors.client_program import A_MOMENT, FILE, ClientProgram
from harness.actors.known_facts import MOST_RESTLESS
from harness.actors.patience import GRACE
from harness.actors.stage import Stage
from harness.contract import protocol
from harness.program import display
from harness.record.journal import What

NAME_PROMPT, CHAT_PROMPT = "Masukkan username: ", ">> "
# Seconds for a program to become idle behind its prompt, on a calm machine; some never are.
NOTICE = 0.5


class Keyboard:
    """The keys of one terminal. ``prompts`` says what stands there for each prompt of SPEC."""

    def __init__(self, stage: Stage, owner: str, client: ClientProgram) -> None:
        self.owner = owner
        self.prompts = {NAME_PROMPT: NAME_PROMPT, CHAT_PROMPT: CHAT_PROMPT}
        # Bytes on the screen when Enter was pressed last, and when the program waited for typing.
        self.entered_at = 0
        self.waited_at = 0
        # Bytes on the screen up to the end of the message that was seen last.
        self._seen_to = 0
        self._half = ""
        self._stage = stage
        self._client = client
        self._terminal = client.terminal
        self._screen = client.screen

    def has_seen(self, text: str) -> None:
        """``text`` is on the screen: the prompt to wait for is the one below it."""
        place = self._screen.raw.rfind(text.encode())
        self._seen_to = max(self._seen_to, place + len(text.encode()))

    def shows(self, prompt: str) -> bool:
        """Whether ``prompt`` was shown since Enter was pressed last."""
        return prompt in self._screen.since(self.entered_at)

    @property
    def row(self) -> str:
        """What stands left of the cursor; where nothing draws, what was shown last on a row."""
        if self._can_draw:
            return self._screen.picture().before_cursor
        return self._screen.since(self.entered_at).rpartition("\n")[2]

    @property
    def asks_in_its_own_words(self) -> bool:
        """Whether the program rests behind something that it wrote on the row of the cursor, which
        is no word of the protocol."""
        self.settles()
        is_idle = self._stage.setting.known_facts.client_restless == 0
        return is_idle and self.row.strip() not in ("", protocol.REQUEST, protocol.ACCEPTED)

    def _stands_below(self, prompt: str) -> bool:
        """Whether ``prompt`` was shown below all that was seen."""
        if prompt in self._screen.since(max(self.entered_at, self._seen_to)):
            return True
        return self._can_draw and self._screen.picture().before_cursor == self.prompts[prompt] != ""

    @property
    def _can_draw(self) -> bool:
        return self._terminal.is_real and display.CAN_DRAW

    def comes_to(self, prompt: str) -> None:
        """Wait until the program waits for typing: idle behind ``prompt``, or idle without it."""
        known = self._stage.setting.known_facts
        rest, patience = self._client.rest(), self._stage.patience
        is_strange = prompt in known.own_prompts
        quiet, bound = (A_MOMENT, GRACE) if is_strange else (GRACE, patience.start)
        self._client.waits(lambda: self._stands_below(prompt) or rest.has_lasted(quiet), bound)
        self.settles()
        self.waited_at = len(self._screen.raw)
        if not self.shows(prompt):
            self._client.must_run()
            known.own_prompts.add(prompt)
        if self._can_draw and self._seen_to <= self.entered_at:
            self.prompts[prompt] = self._screen.picture().before_cursor

    def settles(self) -> None:
        """Wait until the program is idle; one that never is, is not waited for any more."""
        known = self._stage.setting.known_facts
        if known.client_restless < MOST_RESTLESS:
            rest = self._client.rest()
            bound = self._stage.patience.seconds(NOTICE)
            idle = self._client.waits(lambda: rest.has_lasted(A_MOMENT), bound)
            known.client_restless = 0 if idle else known.client_restless + 1

    def enters(self, text: str) -> None:
        """Type ``text`` and press Enter."""
        self._stage.note(self.owner, FILE, What.TYPE, text)
        self.entered_at = self.waited_at = len(self._screen.raw)
        self._terminal.presses((text + self._terminal.enter).encode())

    def begins(self, text: str) -> None:
        """Type the first half of ``text``; returns once it is on the screen."""
        self._half, typed = text, text[: len(text) // 2]
        self._stage.note(self.owner, FILE, What.TYPE, typed + " (…)")
        rest = self._client.rest()
        self._terminal.presses(typed.encode())
        self._client.waits(lambda: typed in self._screen.text or rest.has_lasted(A_MOMENT))

    def finishes(self) -> str:
        """Type the other half and press Enter; returns the whole line."""
        text = self._half
        rest = text[len(text) // 2 :]
        self.settles()
        self._stage.note(self.owner, FILE, What.TYPE, "(…) " + rest)
        self.entered_at = len(self._screen.raw)
        self._terminal.presses((rest + self._terminal.enter).encode())
        return text
