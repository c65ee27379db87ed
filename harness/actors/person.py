"""A person at the student's client: types, looks at the screen, presses Ctrl-C.

What counts as seen is read leniently (SPEC section 6.1): a message is shown once its drawn text
was on the screen, whatever stands around it; a prompt in other words, or none, is waited out until
the program is idle. The exact form is judged in one check each.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from harness.actors.client_program import A_MOMENT, FILE
from harness.actors.keyboard import CHAT_PROMPT, NAME_PROMPT
from harness.actors.patience import GRACE
from harness.actors.typist import Typist
from harness.contract.message import Message
from harness.contract.symptoms import Failure, Inconclusive, NotRunHere, StoryFailed, Symptom
from harness.program import display
from harness.record.journal import TELLS_NOT, What


class Person(Typist):
    """One person, who types and looks at the screen."""

    # -- looking at the screen

    @property
    def name_prompt(self) -> str:
        """How the program asks for the username, as far as another check has judged its words."""
        return self.keyboard.prompts[NAME_PROMPT]

    @property
    def chat_prompt(self) -> str:
        """How the program asks for a message."""
        return self.keyboard.prompts[CHAT_PROMPT]

    @property
    def _prompts(self) -> set[str]:
        return {prompt.strip() for prompt in self.keyboard.prompts.values()} - {""}

    def _was_shown(self, text: str) -> bool:
        if text in self.screen.text:
            return True
        # A program that draws with cursor moves shows it all the same.
        return (
            self.client.terminal.is_real and display.CAN_DRAW and text in self.screen.picture().text
        )

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
        if not self.client.waits(lambda: self._was_shown(text), is_passive=True):
            self.client.must_run()
            raise StoryFailed(self._misses(Symptom.LINE_NOT_SHOWN, whole or text))
        self.keyboard.has_seen(text)

    def sees_on_one_line(self, said: Message) -> None:
        """The message, which has a character inside that ends a line elsewhere, is shown uncut.

        What a screen makes of that character is open, so the bytes are looked at that the program
        wrote: behind the first part comes the rest, with no line end and no prompt in between.
        """
        first, rest = (part.encode() for part in said.text.splitlines())
        screen = self.screen

        def gap() -> bytes | None:
            return display.between(bytes(screen.raw), first, rest)

        self.client.waits(lambda: gap() is not None, is_passive=True)
        came = gap()
        if came is None:
            self.client.must_run()
            raise StoryFailed(self._misses(Symptom.LINE_NOT_SHOWN, said.line))
        self.keyboard.has_seen(rest.decode())
        if b"\n" in came or any(prompt.encode() in came for prompt in self._prompts):
            rows = display.plain(first + came + rest).split("\n")
            shown = [row for row in rows if row.strip() not in {"", *self._prompts}]
            self._stage.note(self._sits_as, "", What.MISSING, said.line)
            facts = {"line": said.line, "seen": "\n".join(shown)}
            raise StoryFailed(Failure(FILE, Symptom.LINE_CUT, facts))

    def sees_from(self, said: Message) -> None:
        """The message is shown, and who said it."""
        self.sees(said)
        self.sees_speaker_of(said)

    def sees_after_silence(self, role: str) -> None:
        """The message that stands for ``role`` is shown after nobody said or typed anything: as
        long as the client's own limits of time last, where it waits with any."""
        self.is_ready()
        seconds = self.client.waits_out_its_limits()
        said = self.server.says(role)
        if not seconds:
            self.sees(said)
        elif not self.client.waits(lambda: self._was_shown(said.text), is_passive=True):
            self._stage.note(self._sits_as, "", What.MISSING, said.line)
            facts = {"seconds": f"{seconds:g}", "last": self.client.last_row()}
            raise StoryFailed(Failure(FILE, Symptom.SILENCE_ENDS_IT, facts, by_clock=True))

    def sees_speaker_of(self, said: Message) -> None:
        """The row on which the message is shown names who said it."""
        row = next((row for row in self.screen.text.split("\n") if said.text in row), "")
        if row and said.speaker not in row:
            self._stage.note(self._sits_as, "", What.MISSING, said.line)
            facts = {"line": said.line, "seen": row}
            raise StoryFailed(Failure(FILE, Symptom.LINE_NOT_SHOWN, facts))

    def sees_in_order(self, messages: list[Message]) -> None:
        """All of many messages are shown, one after the other."""
        last = messages[-1].text.encode()
        bound = self._stage.patience.start * 2
        if not self.client.waits(lambda: last in self.screen.raw[-1000:], bound, is_passive=True):
            self.client.must_run()
        # How rows and prompts fall between them is judged elsewhere.
        text = display.squeezed(self.screen.text, *self._prompts)
        texts = [display.squeezed(said.text) for said in messages]
        number = display.first_out_of_order(text, texts)
        if number is not None:
            symptom = Symptom.WRONG_ORDER if texts[number] in text else Symptom.LINE_NOT_SHOWN
            raise StoryFailed(self._misses(symptom, messages[number].line, self.name))

    def is_asked_exactly(self, prompt: str) -> None:
        """``prompt`` is shown, to the letter, with nothing before it and the cursor behind it."""
        keyboard = self.keyboard

        def is_asked() -> bool:
            return keyboard.shows(prompt) and keyboard.row == prompt

        # Only the first one has to wait for the start of a program.
        patience = self._stage.patience
        bound = patience.start if prompt == NAME_PROMPT else patience.step
        has_come = self.client.waits(is_asked, bound, is_passive=True)
        if not has_come and not self._can_be_asked_barely(is_asked):
            self.client.must_run()
            is_worded = keyboard.asks_in_its_own_words
            symptom = Symptom.PROMPT_DIFFERS if is_worded else Symptom.NO_PROMPT
            seen = keyboard.row or self.client.last_row()
            raise StoryFailed(self._misses(symptom, prompt, seen=seen))

    def is_asked_again(self) -> None:
        """After a refusal its name is asked for again, in whatever words; not a message."""
        self.is_asked_for_its_name()
        self.server.is_not_answered_yet()
        row = self.keyboard.row
        asks_for_a_message = row.strip() == CHAT_PROMPT.strip() != self._asked_with.strip()
        if asks_for_a_message and not self.keyboard.shows(NAME_PROMPT):
            raise StoryFailed(self._misses(Symptom.NO_PROMPT, NAME_PROMPT, seen=row))

    def is_asked_for_messages(self, unlike: Person) -> None:
        """Accepted, it is not asked for its name once more, in the words in which it was before.

        A program may ask for messages in just these words: then ``unlike``, who starts it as well
        and is refused nothing, reads them too, and another check is about that.
        """
        self.is_ready()
        row = self.keyboard.row
        if not row.strip() or row.strip() != self._asked_with.strip():
            return
        shown = self._stage.note(self._sits_as, "", What.SHOW, row)
        unlike.joins()
        if unlike.keyboard.row.strip() != row.strip():
            self._stage.journal.mark(shown)
            self.client.is_at_fault = True
            facts = {"line": CHAT_PROMPT, "seen": row}
            raise StoryFailed(Failure(FILE, Symptom.ASKED_AFTER_OK, facts))

    def _can_be_asked_barely(self, is_asked: Callable[[], bool]) -> bool:
        """A program may ask nobody only because it takes a whole ``recv`` for the word NICK."""
        # Not one that has answered: it knows the word as it is, and would show this one.
        has_answered = self.server.has_client and bool(self.server.answer)
        if has_answered or not self.server.asks_barely():
            return False
        if not self.client.waits(is_asked, GRACE, is_passive=True):
            return False
        self._stage.setting.known_facts.wants_bare_words = True
        return True

    def sits_at_a_real_terminal(self) -> None:
        """Nothing but a terminal will do for this story, drawn as a person sees it."""
        if not self.client.terminal.is_real:
            if sys.platform == "win32":
                raise NotRunHere("no_pty_on_windows")
            raise NotRunHere("no_pty")
        if not display.CAN_DRAW:
            raise NotRunHere("no_pyte")

    def has_on_screen(self, *rows: str) -> None:
        """The screen comes to hold these rows; the cursor stands at the end of the last.

        Lines of the client's own before the first prompt, or between the name and the first chat
        prompt, are its own affair.
        """
        wanted = "\n".join([*(row.rstrip() for row in rows[:-1]), rows[-1]])

        def is_so() -> bool:
            shown = self.screen.picture().text
            return display.without_greeting(shown, rows[0], self.chat_prompt or rows[1]) == wanted

        if not self.client.waits(is_so, is_passive=True):
            shown = self.screen.picture().text
            seen = display.without_greeting(shown, rows[0], self.chat_prompt or rows[1])
            pair = display.from_the_difference(wanted, seen)
            raise StoryFailed(self._misses(Symptom.SCREEN_DIFFERS, pair[0], seen=pair[1]))
        if not self.chat_prompt.strip():
            self._stage.not_asked = Inconclusive("no_chat_prompt")

    def _misses(
        self, symptom: Symptom, line: str, who: str = FILE, seen: str | None = None
    ) -> Failure:
        """``line`` did not come to stand on the screen."""
        self._stage.note(self._sits_as, "", What.MISSING, line)
        facts = {"line": line, "seen": self.client.last_row() if seen is None else seen}
        return Failure(who, symptom, facts, by_clock=True)

    # -- the end

    def presses_ctrl_d(self) -> None:
        """End the input, once the program is idle."""
        self.keyboard.settles()
        self._stage.note(self._sits_as, FILE, What.TYPE, "Ctrl-D")
        self.client.terminal.ends_input()

    def presses_ctrl_c(self) -> None:
        """Press Ctrl-C, once the program is idle: just before input() begins to wait, a Ctrl-C is
        lost in Python itself."""
        rest = self.client.rest()
        self.client.waits(lambda: rest.has_lasted(A_MOMENT))
        if self.client.terminal.presses_ctrl_c():
            self._stage.note(self._sits_as, FILE, What.INTERRUPT)
        elif not self.client.running.interrupt():
            raise NotRunHere("no_interrupt")

    def ends(self, within: float, status: int) -> None:
        """The program ends within ``within`` seconds with ``status``, and without a traceback."""
        self.client.ends(within, status)

    def was_told_why(self, unlike: Person | None = None) -> None:
        """A sentence was shown since it waited for typing, not only the prompt again.

        What the client shows ``unlike`` another person too, who has no trouble, is no answer.
        """
        shown = self.screen.since(self.keyboard.waited_at)
        for prompt in self._prompts:
            shown = shown.replace(prompt, "\n")
        ordinary = display.sentences(unlike.screen.text if unlike else "")
        if not display.sentences(shown.replace(self.name, "")) - ordinary:
            facts = {"seen": self.client.last_row()}
            raise self.client.fails(Failure(FILE, Symptom.NO_SENTENCE, facts), TELLS_NOT)
