"""A simulated client on its way into the room: asked for a nickname, accepted or refused.

Read leniently: what the program *means* counts. Only the methods called exactly judge the form.

Longer than 300 lines because request, reply and refusal are read from one stream of bytes.
"""

from __future__ import annotations

from typing import Protocol

from harness.actors.endpoint import Endpoint
from harness.actors.patience import GRACE
from harness.actors.stage import Stage
from harness.contract import protocol, replies
from harness.contract.message import Message
from harness.contract.nickname_rules import why_odd, why_refused
from harness.contract.replies import Answer
from harness.contract.symptoms import Failure, NotReached, StoryFailed, Symptom
from harness.record.journal import What

# Of these lines nothing is wrong but that they have no end.
_UNENDED = (Symptom.REQUEST_UNFRAMED, Symptom.REPLY_UNFRAMED)
# The first words of what a nickname is answered with.
_ANSWERS = (protocol.ACCEPTED, protocol.REFUSED, protocol.REQUEST)


class Holder(Protocol):
    """The client that holds a name."""

    def is_still_there(self) -> None:
        """Raises `StoryFailed` if it was thrown out."""


class Handshake:
    """What one client and the server say to each other until the client is in the room.

    ``joined_at`` and ``chat_at``: the bytes at which the acceptance and, behind it, the chat begin.
    """

    def __init__(self, stage: Stage, end: Endpoint) -> None:
        self.is_joined = False
        self.joined_at = self.chat_at = 0
        self._stage = stage
        self._end = end
        self._answered_at = 0
        self._is_request_due = False
        self._answer = ""

    def forgets(self) -> None:
        """What came so far is not kept any more: all that is counted in bytes begins anew."""
        self.joined_at = self.chat_at = self._answered_at = 0

    @property
    def _raw(self) -> bytes:
        return bytes(self._end.raw)

    @property
    def reply(self) -> bytes:
        """Every byte since the last answer, but for a request that ends an earlier refusal."""
        reply = self._since(self._answered_at)
        return replies.without_request(reply) if self._is_request_due else reply

    def _since(self, offset: int) -> bytes:
        return self._raw[protocol.next_line(self._raw, offset) :]

    def _seen_since_answer(self) -> str:
        return protocol.decode(self.reply)

    def _fails(
        self,
        symptom: Symptom,
        facts: dict[str, object],
        by_clock: bool = False,
        at: int | None = None,
        missing: str | None = None,
    ) -> StoryFailed:
        """What to raise, once the first line from ``at`` on or the ``missing`` one is marked."""
        if at is not None:
            what = What.UNENDED if symptom in _UNENDED else What.UNWANTED
            for line in replies.chat(self._raw, at)[:1]:
                self._end.marks(line.at, what)
        if missing is not None:
            self._end.marks_missing(missing)
        return StoryFailed(Failure(self._end.name, symptom, facts, by_clock))

    # -- the request

    def is_asked(self) -> None:
        """Wait for the nickname request, in whatever words the program is known to use."""
        stage, end, known = self._stage, self._end, self._stage.setting.known_facts
        _ = end.connection  # opened now if it was not
        if not known.asks:
            return

        def is_asked() -> bool:
            return replies.is_request(self._raw) or end.is_closed

        def has_other_words() -> bool:
            return bool(replies.meant_lines(self._raw))

        stage.wait_until(lambda: is_asked() or has_other_words())
        if has_other_words() and not known.asks_otherwise:
            stage.wait_until(is_asked, GRACE)
        if replies.is_request(self._raw):
            known.saw("nickname.request")
            return
        end.is_still_there()
        if not has_other_words():
            facts: dict[str, object] = {"line": "NICK", **stage.waited}
            raise self._fails(Symptom.NO_REQUEST, facts, by_clock=True, missing="NICK")
        known.asks_otherwise = True
        known.saw("nickname.request")

    def is_asked_exactly(self) -> None:
        """The first line of the connection is ``NICK``, to the letter."""
        try:
            self.is_asked()
        except StoryFailed as failed:
            self._speaks_first(failed)
        if replies.exact_request(self._raw):
            return
        # A request without its line feed is proven by what follows it: so answer, and look.
        self._stage.wait_until(
            lambda: replies.exact_request(self._raw) or self._end.is_closed, GRACE
        )
        before = self._raw
        self.answers()
        self._stage.wait_until(lambda: self._end.is_closed or replies.exact_request(self._raw))
        if replies.exact_request(self._raw):
            return
        seen = protocol.decode(self._raw)
        # Right behind it stands nothing, or what the program says next.
        words = (protocol.ACCEPTED, protocol.REFUSED, protocol.REQUEST, "* ")
        unframed = protocol.REQUEST in (seen, protocol.decode(before)) or seen.startswith(
            tuple(protocol.REQUEST + word for word in words)
        )
        symptom = Symptom.REQUEST_UNFRAMED if unframed else Symptom.OTHER_REQUEST
        self._stage.setting.known_facts.frames_request = not unframed
        raise self._fails(symptom, {"line": "NICK", "seen": seen}, at=0)

    def _speaks_first(self, failed: StoryFailed) -> None:
        """It does not ask. Does it answer all the same? Then the other checks can go on."""
        if failed.failure.symptom is Symptom.NO_REQUEST:
            self.answers()
            if self.gets_answer() is not None:
                self._stage.setting.known_facts.asks = False
        raise failed

    # -- the nickname

    def answers(self, name: str | None = None) -> None:
        """Answer the request with ``name`` (its own when None)."""
        name = self._end.name if name is None else name
        self.begins_to_answer()
        self._end.notes(What.SAY, name)
        self._answer = name
        self._end.sends(protocol.encode(name))

    def answers_in_pieces(self, *cuts: int) -> None:
        """Answer with its name in several segments."""
        self.begins_to_answer()
        self._end.sends_in_pieces(protocol.encode(self._end.name), *cuts)

    def answers_from_windows(self) -> None:
        """Answer with its name and the line end of Windows."""
        self.begins_to_answer()
        self._end.sends_in_pieces(f"{self._end.name}\r\n".encode())

    def begins_to_answer(self) -> None:
        """From here on what comes is the reply; after a refusal the request is let come first."""
        end = self._end
        if replies.answer(self.reply) is Answer.REFUSED:
            self._stage.wait_until(lambda: replies.asks_again(self.reply) or end.is_closed, GRACE)
            self._is_request_due = not replies.asks_again(self.reply)
        end.shows_rest()
        self._answered_at = len(end.raw)

    # -- the reply

    def _is_answered(self) -> bool:
        meant = replies.answer(self.reply)
        if meant is Answer.OTHER:
            return self._stage.setting.known_facts.accepts_otherwise or self._end.is_closed
        return meant is not None or self._end.is_closed

    def gets_answer(self) -> Answer | None:
        """How the program answered, leniently read; None when nothing came."""
        stage, known = self._stage, self._stage.setting.known_facts
        if not stage.wait_until(
            lambda: self._is_answered() or bool(replies.meant_lines(self.reply))
        ):
            return None
        if not self._is_answered():
            stage.wait_until(self._is_answered, GRACE)
        meant = replies.answer(self.reply)
        if meant is Answer.OTHER and not self._end.is_closed:
            known.accepts_otherwise = True
            meant = Answer.ACCEPTED
        if meant is not None:
            known.saw("nickname.request")
        if meant is Answer.REFUSED:
            stage.refused.add(self._answer)
        if meant is Answer.ACCEPTED:
            known.saw("nickname.accept")
            stage.joined.add(self._answer)
            self.is_joined = True
            self.joined_at = self._answered_at
            self.chat_at = self._end_of_acceptance()
        return meant

    def _end_of_acceptance(self) -> int:
        """Where the chat begins: behind the line, or the words without an end, that accepted."""
        raw = self._raw
        for line in protocol.lines(raw, self._answered_at):
            if line.text.strip() and not protocol.is_notice(line.text):
                end = raw.find(b"\n", line.at)
                return end + 1 if line.is_whole else len(raw)
        return len(raw)

    def is_accepted(self) -> None:
        """Its answer was accepted: it is in the room from here on."""
        meant = self.gets_answer()
        if meant is Answer.ACCEPTED:
            return
        self._end.is_still_there()
        if meant is Answer.REFUSED:
            facts: dict[str, object] = {"seen": self._seen_since_answer()}
            facts["name"] = name = self._end.name
            joined = sorted(self._stage.joined - {name})
            twin = next((each for each in joined if each.casefold() == name.casefold()), None)
            # Somebody with an ordinary name is in already: it is about this name.
            odd = why_odd(name) if joined else None
            symptom = Symptom.VALID_REFUSED
            if twin is not None:
                symptom, facts["twin"] = Symptom.TWIN_REFUSED, twin
            elif odd is not None:
                symptom, facts["odd"] = Symptom.ODD_REFUSED, odd
            raise self._fails(symptom, facts, at=self._answered_at)
        facts = {"line": "OK", **self._stage.waited}
        raise self._fails(Symptom.NO_REPLY, facts, by_clock=True, missing="OK")

    def was_accepted_exactly(self) -> None:
        """The line after its nickname was ``OK``, to the letter."""
        since = self.joined_at

        def is_exact() -> bool:
            return replies.exact_acceptance(self._since(since))

        self._stage.wait_until(lambda: self._end.is_closed or is_exact())
        if not is_exact():
            seen = protocol.decode(self._since(since))
            unframed = seen.startswith(protocol.ACCEPTED) and "\n" not in seen
            symptom = Symptom.REPLY_UNFRAMED if unframed else Symptom.OTHER_REPLY
            raise self._fails(symptom, {"line": "OK", "seen": seen}, by_clock=True, at=since)

    # -- the refusal

    def is_refused(self, name: str, holder: Holder | None = None) -> None:
        """Answer with ``name``: it is refused, in whatever form.

        Accepted because its ``holder`` was thrown out, that is the news.
        """
        self.answers(name)
        meant = self.gets_answer()
        facts: dict[str, object] = {"name": name, "seen": self._seen_since_answer()}
        if meant is Answer.ACCEPTED:
            if holder is not None:
                holder.is_still_there()
            facts["why"] = why_refused(name)
            raise self._fails(Symptom.NOT_REFUSED, facts, at=self._answered_at)
        if meant is not Answer.REFUSED and not replies.meant_lines(self.reply):
            raise self._not_refused_at_all(facts)
        if meant is not Answer.REFUSED:
            raise self._not_asked_again(facts)

    def _not_refused_at_all(self, facts: dict[str, object]) -> StoryFailed:
        self._end.marks_end()
        is_over = self._end.is_closed
        symptom = Symptom.ENDED_UNREFUSED if is_over else Symptom.NO_REFUSAL
        facts = facts if is_over else {**facts, **self._stage.waited}
        return self._fails(symptom, facts, by_clock=not is_over, missing="ERR …")

    def _not_asked_again(self, facts: dict[str, object]) -> StoryFailed:
        self._end.marks_end()
        by_clock = not self._end.is_closed
        return self._fails(Symptom.NOT_ASKED_AGAIN, facts, by_clock, missing="NICK")

    def was_refused_exactly(self, name: str) -> None:
        """The refusal was one line ``ERR <reason>``, then the line ``NICK``, to the letter."""

        def is_exact() -> bool:
            frames_request = self._stage.setting.known_facts.frames_request
            return replies.exact_refusal(self.reply, frames_request)

        self._stage.wait_until(lambda: is_exact() or self._end.is_closed)
        if not is_exact():
            facts: dict[str, object] = {"name": name, "seen": self._seen_since_answer()}
            if not replies.asks_again(self.reply):
                raise self._not_asked_again(facts)
            by_clock = not self._end.is_closed
            self._marks_the_odd_line()
            raise self._fails(Symptom.REFUSED_OTHERWISE, facts, by_clock)

    def _marks_the_odd_line(self) -> None:
        """Of a refusal, the first line that is not as it must be, or that is one too many."""
        lines = replies.chat(self._raw, self._answered_at)
        if self._is_request_due and lines and lines[0].text == protocol.REQUEST:
            del lines[0]
        odd = replies.odd_in_refusal(lines)
        if odd is not None:
            is_cut = not odd.is_whole and odd.text == protocol.REQUEST
            self._end.marks(odd.at, What.UNENDED if is_cut else What.UNWANTED)

    def must_be_refused(self, name: str, about: str) -> None:
        """Answer with ``name`` to be refused; a story about something else ends where it is not."""
        self.answers(name)
        if self.gets_answer() is not Answer.REFUSED:
            facts: dict[str, object] = {"name": name, "why": why_refused(name)}
            facts["seen"] = self._seen_since_answer()
            # That it was not refused may be no more than that no answer came in time.
            let_in = self._fails(Symptom.NOT_REFUSED, facts, by_clock=True).failure
            raise NotReached(about, let_in)

    # -- once it has joined

    def is_asked_no_more(self, said: Message, since: int, listener: str) -> None:
        """Nothing that came from byte ``since`` on answers its message ``said`` as a nickname.

        Asked where ``listener`` did not see the message.
        """
        for line in replies.chat(self._raw, since):
            if line.text.split(" ")[0] in _ANSWERS:
                facts: dict[str, object] = {"line": said.line, "said": said.text}
                facts |= {"seen": line.as_sent, "name": listener}
                raise self._fails(Symptom.MESSAGE_TAKEN_FOR_NAME, facts, at=line.at)

    # -- all of it

    def joins(self) -> None:
        """Connect, be asked, answer, be accepted."""
        self.is_asked()
        self.joins_again()

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

    def steps_aside(self) -> None:
        """Answer with its own name, so that it does not stay half joined; nothing is judged.

        A program that asks one at a time would not get to the next one.
        """
        self.answers()
