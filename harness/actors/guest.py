"""A simulated client at the door: asked for a nickname, accepted or refused.

Read leniently: what the program *means* counts. Only the methods called exactly judge the form.
"""

from __future__ import annotations

from harness.actors.line import Line
from harness.actors.server import FILE
from harness.contract import protocol, replies
from harness.contract.replies import Answer
from harness.contract.symptoms import Failure, NotReached, StoryFailed, Symptom
from harness.record.journal import What

# Words of the program's own are taken as the request or the acceptance when nothing better came
# for this long (s): it decides how leniently to read on, never whether a check passes.
GRACE = 0.5


class Guest(Line):
    """A client on its way into the room."""

    def is_asked(self) -> None:
        """Wait for the nickname request, in whatever words the program is known to use."""
        stage, known = self._stage, self._stage.setting.known_facts
        self.sock  # noqa: B018  (connects)
        if not known.asks:
            return

        def is_asked() -> bool:
            return replies.is_request(bytes(self.raw)) or self.is_closed

        def has_other_words() -> bool:
            return bool(replies.meant_lines(bytes(self.raw)))

        stage.wait_until(lambda: is_asked() or has_other_words())
        if has_other_words() and not known.asks_otherwise:
            stage.wait_until(is_asked, GRACE)
        if replies.is_request(bytes(self.raw)):
            known.saw("nickname.request")
            return
        self._must_be_open()
        if not has_other_words():
            facts: dict[str, object] = {"line": "NICK", **stage.waited}
            raise StoryFailed(Failure(self.name, Symptom.NO_REQUEST, facts, by_clock=True))
        known.asks_otherwise = True
        known.saw("nickname.request")

    def answers(self, name: str | None = None) -> None:
        """Answer the request with ``name`` (its own when None)."""
        name = self.name if name is None else name
        self._begins_to_answer(name)
        self.sends(protocol.encode(name))

    def answers_in_pieces(self, *cuts: int) -> None:
        """Answer with its name in several segments."""
        self._begins_to_answer(self.name)
        self.sends_in_pieces(protocol.encode(self.name), *cuts)

    def _begins_to_answer(self, name: str) -> None:
        """From here on what comes is the reply; after a refusal the request is let come first."""
        if replies.answer(self.reply) is Answer.REFUSED:
            self._stage.wait_until(lambda: replies.asks_again(self.reply) or self.is_closed, GRACE)
            self._is_request_due = not replies.asks_again(self.reply)
        self._show_rest()
        self._answered_at = len(self.raw)
        self._stage.note(self.name, FILE, What.SAY, name)

    @property
    def reply(self) -> bytes:
        """Every byte since the last answer, but for a request that ends an earlier refusal."""
        reply = self._since(self._answered_at)
        return replies.without_request(reply) if self._is_request_due else reply

    def _since(self, offset: int) -> bytes:
        """The bytes from ``offset`` on, without the end of a line that began before it."""
        raw = bytes(self.raw[offset:])
        if offset and self.raw[offset - 1 : offset] != b"\n":
            return raw.removeprefix(b"\r").removeprefix(b"\n")
        return raw

    def _is_answered(self) -> bool:
        meant = replies.answer(self.reply)
        if meant is Answer.OTHER:
            return self._stage.setting.known_facts.accepts_otherwise or self.is_closed
        return meant is not None or self.is_closed

    def gets_answer(self) -> Answer | None:
        """How the program answered, leniently read; None when nothing came."""
        stage, known = self._stage, self._stage.setting.known_facts

        def some_words() -> bool:
            return bool(replies.meant_lines(self.reply))

        if not stage.wait_until(lambda: self._is_answered() or some_words()):
            return None
        if not self._is_answered():
            stage.wait_until(self._is_answered, GRACE)
        meant = replies.answer(self.reply)
        if meant is Answer.ACCEPTED:
            known.saw("nickname.accept")
        elif meant is Answer.OTHER and not self.is_closed:
            known.accepts_otherwise = True
            known.saw("nickname.accept")
            meant = Answer.ACCEPTED
        if meant is not None:
            known.saw("nickname.request")
        if meant is Answer.ACCEPTED:
            self.is_joined = True
            self.joined_at = self._answered_at
            self._chat_at = self._end_of_acceptance()
        return meant

    def _end_of_acceptance(self) -> int:
        """Where the chat begins: behind the line, or the words without an end, that accepted."""
        end = self._answered_at
        for line in bytes(self.raw[end:]).splitlines(keepends=True):
            end += len(line)
            text = protocol.decode(line)
            if text.strip() and not protocol.is_notice(text):
                break
        return end

    def is_accepted(self) -> None:
        """Its answer was accepted: it is in the room from here on."""
        meant = self.gets_answer()
        if meant is Answer.ACCEPTED:
            return
        self._must_be_open()
        if meant is Answer.REFUSED:
            facts: dict[str, object] = {"name": self.name, "seen": self._seen_since_answer()}
            raise StoryFailed(Failure(self.name, Symptom.VALID_REFUSED, facts))
        facts = {"line": "OK", **self._stage.waited}
        raise StoryFailed(Failure(self.name, Symptom.NO_REPLY, facts, by_clock=True))

    def joins(self) -> None:
        """Connect, be asked, answer, be accepted."""
        self.is_asked()
        self.answers()
        self.is_accepted()

    def joins_again(self) -> None:
        """Answer with its own name and be accepted."""
        self.answers()
        self.is_accepted()

    def joins_after_all(self) -> None:
        """Answer properly, unless the program has taken it in already; what it says is not judged.

        Accepted, or hung up on: whatever came before that is here.
        """
        if replies.answer(self.reply) is not Answer.ACCEPTED:
            self.answers()
            self.gets_answer()

    def starts_over(self) -> None:
        """Forget a connection that has ended and open a new one."""
        if self._sock is not None:
            self._vanishes()
        self.is_closed = self.was_reset = self.is_joined = False
        self.forgets()
        self.connects()

    def steps_aside(self) -> None:
        """Answer with its own name, so that nobody stays at the door; what comes is not judged.

        A program that asks one at a time would not get to the next one.
        """
        self.answers()

    def is_still_there(self) -> None:
        """Nobody has ended its connection."""
        self._must_be_open()

    def is_asked_exactly(self) -> None:
        """The first line of the connection is ``NICK``, to the letter."""
        try:
            self.is_asked()
        except StoryFailed as failed:
            self._speaks_first(failed)
        if replies.exact_request(bytes(self.raw)):
            return
        # A request without its line feed is proven by what follows it: so answer, and look.
        self.answers()
        self._stage.wait_until(lambda: self.is_closed or replies.exact_request(bytes(self.raw)))
        if replies.exact_request(bytes(self.raw)):
            return
        seen = protocol.decode(bytes(self.raw))
        # Right behind it stands nothing, or what the program says next.
        words = (protocol.ACCEPTED, protocol.REFUSED, protocol.REQUEST, "* ")
        unframed = seen == protocol.REQUEST or seen.startswith(
            tuple(protocol.REQUEST + word for word in words)
        )
        symptom = Symptom.REQUEST_UNFRAMED if unframed else Symptom.OTHER_REQUEST
        self._stage.setting.known_facts.frames_request = not unframed
        raise StoryFailed(Failure(self.name, symptom, {"line": "NICK", "seen": seen}))

    def _speaks_first(self, failed: StoryFailed) -> None:
        """It does not ask. Does it answer all the same? Then the other checks can go on."""
        if failed.failure.symptom is Symptom.NO_REQUEST:
            self.answers()
            if self.gets_answer() is not None:
                self._stage.setting.known_facts.asks = False
        raise failed

    def was_accepted_exactly(self) -> None:
        """The line after its nickname was ``OK``, to the letter."""
        since = self.joined_at

        def is_exact() -> bool:
            return replies.exact_acceptance(self._since(since))

        if not self._stage.wait_until(lambda: self.is_closed or is_exact()) or not is_exact():
            seen = protocol.decode(self._since(since))
            unframed = seen.startswith(protocol.ACCEPTED) and "\n" not in seen
            symptom = Symptom.REPLY_UNFRAMED if unframed else Symptom.OTHER_REPLY
            raise StoryFailed(Failure(self.name, symptom, {"line": "OK", "seen": seen}, True))

    def is_refused(self, name: str, holder: Guest | None = None) -> None:
        """Answer with ``name``: it is refused, in whatever form.

        Accepted because its ``holder`` was thrown out, that is the news.
        """
        self.answers(name)
        meant = self.gets_answer()
        facts: dict[str, object] = {"name": name, "seen": self._seen_since_answer()}
        if meant is Answer.ACCEPTED:
            if holder is not None and holder.is_closed:
                holder.is_still_there()
            raise StoryFailed(Failure(self.name, Symptom.NOT_REFUSED, facts))
        if meant is not Answer.REFUSED:
            by_clock = not self.is_closed
            raise StoryFailed(Failure(self.name, Symptom.NOT_ASKED_AGAIN, facts, by_clock))

    def is_refused_exactly(self, name: str) -> None:
        """Answer with ``name``: it is refused, to the letter."""
        self.is_refused(name)
        self.was_refused_exactly(name)

    def was_refused_exactly(self, name: str) -> None:
        """The refusal was one line ``ERR <reason>``, then the line ``NICK``, to the letter."""

        def is_exact() -> bool:
            frames_request = self._stage.setting.known_facts.frames_request
            return replies.exact_refusal(self.reply, frames_request)

        self._stage.wait_until(lambda: is_exact() or self.is_closed)
        if not is_exact():
            is_asked = replies.asks_again(self.reply)
            symptom = Symptom.REFUSED_OTHERWISE if is_asked else Symptom.NOT_ASKED_AGAIN
            facts: dict[str, object] = {"name": name, "seen": self._seen_since_answer()}
            raise StoryFailed(Failure(self.name, symptom, facts, by_clock=not self.is_closed))

    def must_be_refused(self, name: str, about: str) -> None:
        """Answer with ``name`` to be refused; a story about something else ends where it is not."""
        self.answers(name)
        if self.gets_answer() is not Answer.REFUSED:
            raise NotReached(about)

    def _seen_since_answer(self) -> str:
        return protocol.decode(self.reply)
