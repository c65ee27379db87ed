"""The server's side of a story about the client: it says what the story wants, in any pieces.

Reading is lenient, as on the other side: a name or a message counts as heard once its drawn text
has come. What it must look like to the letter is judged in one check each.
"""

from __future__ import annotations

from harness.actors.client_program import A_MOMENT, FILE, ClientProgram
from harness.actors.patience import GRACE
from harness.actors.stage import Stage
from harness.actors.waiting_server import WHO, WaitingServer
from harness.contract import protocol
from harness.contract.message import Message
from harness.contract.symptoms import Failure, StoryFailed, Symptom
from harness.record.journal import CALLS_AGAIN, STAYS, What


class ScriptedServer(WaitingServer):
    """A server that speaks as the story says."""

    def __init__(self, stage: Stage, client: ClientProgram) -> None:
        super().__init__(stage, client)
        self._asks_at_once = True
        self._asked_at = self._accepted_at = 0
        self._refused_as_heard = ""

    def _welcomes(self) -> None:
        self._asked_at = self._accepted_at = 0
        if self._asks_at_once:
            self.asks()

    # -- the handshake

    def holds_back_its_request(self) -> None:
        """It will not ask for a nickname until the story says so."""
        self._asks_at_once = False

    def asks(self) -> None:
        """It asks for a nickname, in the form in which the program is known to understand it."""
        self._asked_at = len(self.connection.raw)
        self._says_word(protocol.REQUEST)

    def asks_exactly(self) -> None:
        """It asks for a nickname, to the letter."""
        self._asked_at = len(self.connection.raw)
        self._stage.note(WHO, FILE, What.SAY, protocol.REQUEST)
        self.connection.sends(protocol.encode(protocol.REQUEST))

    def asks_in_pieces(self, request: str, *cuts: int) -> None:
        """It asks with ``request``, its line end included, cut after so many bytes."""
        self._asked_at = len(self.connection.raw)
        self._sends_in_pieces(request.encode(), *cuts)

    def asks_barely(self) -> bool:
        """To a program that did not answer: ask without a line feed; whether that could be done.

        It would spoil the next line for any other program, so it comes when nothing else helped.
        """
        known = self._stage.setting.known_facts
        if known.wants_bare_words or not self.has_client or self._is_left:
            return False
        self.connection.sends(protocol.REQUEST.encode())
        return True

    def _says_word(self, word: str) -> None:
        self._stage.note(WHO, FILE, What.SAY, word)
        bare = self._stage.setting.known_facts.wants_bare_words
        self.connection.sends(word.encode() if bare else protocol.encode(word))

    @property
    def answer(self) -> bytes:
        """Every byte since it asked last."""
        return bytes(self.connection.raw[self._asked_at :])

    def accepts(self, name: str) -> None:
        """It hears ``name`` and says ``OK``: the client is in the room."""
        self._is_answered_with(name)
        self._accepted_at = len(self.connection.raw)
        self._says_word(protocol.ACCEPTED)

    def accepts_and_says(self, name: str, *roles: str) -> list[Message]:
        """The same, and messages follow in the same segment."""
        self._is_answered_with(name)
        self._accepted_at = len(self.connection.raw)
        said = [Message(self.somebody, self._stage.draw.text(role)) for role in roles]
        lines = [protocol.ACCEPTED, *(one.line for one in said)]
        self._sends_in_pieces(b"".join(map(protocol.encode, lines)))
        return said

    def refuses(self, name: str, role: str) -> str:
        """It hears ``name``, refuses it and asks again; returns the reason it gave."""
        self._is_answered_with(name)
        reason = self._stage.draw.reason(role)
        self._refused_as_heard = protocol.decode(self.answer).strip()
        self._asked_at = len(self.connection.raw)
        refusal = f"{protocol.REFUSED} {reason}"
        self._stage.note(WHO, FILE, What.SAY, refusal)
        self.connection.sends(protocol.encode(refusal))
        # Two lines in one segment are another check's matter.
        self._is_read_so_far()
        self._says_word(protocol.REQUEST)
        return reason

    def _is_answered_with(self, name: str) -> None:
        """Something comes for an answer; other words than ``name`` are for `was_given` to judge."""
        wanted = name.encode()

        def is_answered() -> bool:
            return bool(self.answer)

        self._waits(is_answered, is_passive=True)
        if not self.answer and self.asks_barely():
            is_helped = self._waits(is_answered, GRACE, is_passive=True)
            self._stage.setting.known_facts.wants_bare_words = is_helped
        self._waits(lambda: wanted in self.answer, GRACE, is_passive=True)
        if not self.answer.strip():
            raise StoryFailed(self._misses_name(name))
        self._stage.setting.known_facts.saw("client.nickname")

    def was_given(self, name: str) -> None:
        """The answer was ``name`` on a line of its own, to the letter."""
        wanted = protocol.encode(name)

        def is_exact() -> bool:
            return self.answer.replace(b"\r\n", b"\n").startswith(wanted)

        if not self._waits(is_exact, is_passive=True):
            known = self._stage.setting.known_facts
            known.changes_names = wanted.rstrip() not in self.answer
            raise StoryFailed(self._misses_name(name))

    def has_heard_of(self, name: str) -> None:
        """What was accepted had ``name`` in it, in whatever form.

        Of a program that is known to change names: it was not the name refused last. What it makes
        of two names may be the same by chance, so not all those refused before are compared.
        """
        accepted = protocol.decode(bytes(self.connection.raw[self._asked_at : self._accepted_at]))
        if self._stage.setting.known_facts.changes_names:
            is_heard = accepted.strip() != self._refused_as_heard
        else:
            is_heard = name in accepted
        if not is_heard:
            raise StoryFailed(self._misses_name(name))

    def was_called_once(self) -> None:
        """The client has kept to its first connection."""
        if self.calls > 1:
            facts = {"count": self.calls}
            raise self._client.fails(Failure(WHO, Symptom.CALLED_AGAIN, facts), CALLS_AGAIN)

    def _misses_name(self, name: str) -> Failure:
        self._client.must_run()
        self._stage.note(FILE, WHO, What.MISSING, name)
        return self._unheard(Symptom.NICKNAME_NOT_SENT, name, protocol.decode(self.answer))

    def _unheard(
        self, symptom: Symptom, text: str, seen: str, by_clock: bool | None = None
    ) -> Failure:
        """Not a line ``text``; where only its end is missing, that is what is told."""
        by_clock = not self._is_left if by_clock is None else by_clock
        if "\n" not in seen and seen.strip() == text:
            symptom = Symptom.SENT_UNFRAMED
        return Failure(WHO, symptom, {"line": f"{text}\n", "seen": seen}, by_clock)

    def has_heard_nothing(self) -> None:
        """The client has sent nothing yet. Asked when it rests: then it is not on its way."""
        rest = self._client.rest()
        self._waits(lambda: rest.has_lasted(A_MOMENT))
        if self.has_client and self.connection.raw:
            seen = protocol.decode(bytes(self.connection.raw))
            assert self._received is not None
            self._received.marks(0)
            raise StoryFailed(Failure(WHO, Symptom.NAME_TOO_EARLY, {"seen": seen}))

    def is_not_answered_yet(self) -> None:
        """Nothing has come since it refused a name. Asked when the client rests."""
        rest = self._client.rest()
        self._waits(lambda: rest.has_lasted(A_MOMENT))
        raw = bytes(self.connection.raw)
        # The refused name's own line end may come in a segment of its own.
        came = protocol.lines(raw, protocol.next_line(raw, self._asked_at))
        if line := next((line for line in came if line.text.strip()), None):
            assert self._received is not None
            self._received.marks(line.at)
            raise StoryFailed(Failure(WHO, Symptom.ANSWERED_UNASKED, {"seen": line.text}))

    # -- hearing

    def hears_message(self, said: Message) -> None:
        """The message comes, whatever stands around it."""
        connection, wanted = self.connection, said.text.encode()
        if not self._waits(lambda: wanted in connection.raw, is_passive=True):
            raise StoryFailed(self._misses(said, self._last_heard()))

    def hears_exactly(self, *messages: Message) -> None:
        """The client has sent its name and then each of ``messages`` once, on a line of its own.

        Judged when the client is idle: then nothing more is on its way. Empty lines count for
        nothing, and white space at the two ends of a message may be gone.
        """
        for said in messages:
            self.hears_message(said)
        self._waits(lambda: len(self._lines()) >= len(messages), is_passive=True)
        rest = self._client.rest()
        self._waits(lambda: rest.has_lasted(A_MOMENT))
        heard = self._lines()
        for number, said in enumerate(messages):
            if number == len(heard):
                raise StoryFailed(self._misses(said, self._unfinished()))
            if heard[number] in (said.text, said.text.strip()):
                continue
            if said.text in heard[number:]:
                raise StoryFailed(self._had_no_need_of(heard[number]))
            raise StoryFailed(self._misses(said, heard[number] + "\n", by_clock=False))
        if extra := [*heard[len(messages) :], *filter(None, [self._unfinished()])]:
            raise StoryFailed(self._had_no_need_of(extra[0]))

    def _lines(self) -> list[str]:
        """The whole lines behind the name that are not empty.

        A name without its line end is another check's matter: it ends where it was accepted.
        """
        raw = bytes(self.connection.raw)
        answer = protocol.lines(raw[self._asked_at : self._accepted_at])
        rest = [line for line in protocol.lines(raw, self._accepted_at) if line.is_whole]
        return [line.text for line in [*answer[1:], *rest] if line.text.strip()]

    def _unfinished(self) -> str:
        """What came behind the last line end since the name was accepted."""
        return protocol.decode(bytes(self.connection.raw[self._accepted_at :]).rpartition(b"\n")[2])

    def _had_no_need_of(self, line: str) -> Failure:
        self._stage.note(FILE, WHO, What.UNWANTED, line)
        return Failure(WHO, Symptom.SENT_UNTYPED, {"seen": line})

    def _misses(self, said: Message, seen: str, by_clock: bool = True) -> Failure:
        self._client.must_run()
        self._stage.note(FILE, WHO, What.MISSING, said.text)
        by_clock = by_clock and not self._is_left
        return self._unheard(Symptom.LINE_NOT_SENT, said.text, seen, by_clock)

    def _last_heard(self) -> str:
        lines = protocol.lines(bytes(self.connection.raw))
        return lines[-1].text + "\n" * lines[-1].is_whole if lines else ""

    def sees_the_end(self) -> None:
        """The client ended its connection."""
        if not self._waits(lambda: self._is_left, is_passive=True):
            raise self._client.fails(Failure(WHO, Symptom.NOT_POLITE, {}, by_clock=True), STAYS)

    # -- speaking

    @property
    def somebody(self) -> str:
        """Another member, whose messages it passes on."""
        return self._stage.draw.name("orang lain")

    def _is_about_to_say(self, text: str) -> Message:
        said = Message(self.somebody, text)
        self._stage.note(WHO, FILE, What.SAY, said.line)
        return said

    def says(self, role: str) -> Message:
        """It passes on the message that stands for ``role``."""
        return self.says_exactly(self._stage.draw.text(role))

    def says_exactly(self, text: str) -> Message:
        """It passes on ``text``."""
        return self.says_together(text)[0]

    def says_together(self, *texts: str, line_end: str = "\n") -> list[Message]:
        """It passes on several messages in one segment."""
        said = [self._is_about_to_say(text) for text in texts]
        self.connection.sends("".join(one.line + line_end for one in said).encode())
        return said

    def says_in_pieces(self, text: str, *cuts: int) -> Message:
        """It passes on ``text`` in several segments, cut after so many bytes of the text."""
        said = Message(self.somebody, text)
        start = len(said.line.encode()) - len(text.encode())
        self._sends_in_pieces(protocol.encode(said.line), *(start + cut for cut in cuts))
        return said

    def gives_notice(self, role: str) -> str:
        """It gives a notice, a line that begins with ``* ``; returns what stands behind that."""
        text = self._stage.draw.text(role)
        self._stage.note(WHO, FILE, What.SAY, f"* {text}")
        self.connection.sends(protocol.encode(f"* {text}"))
        return text
