"""A simulated client: one participant of a story about the server, from connecting to leaving.

It is put together from its `Endpoint` (the connection), its `Handshake` and its `Speech`. What it
claims to have seen, or not, is judged in `claims`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain

from harness.actors import claims
from harness.actors.chat_count import ChatCount
from harness.actors.claims import Fault
from harness.actors.endpoint import Endpoint
from harness.actors.handshake import Handshake
from harness.actors.server import Server
from harness.actors.speech import Speech
from harness.actors.stage import Stage
from harness.contract import protocol, replies
from harness.contract.message import Message
from harness.contract.symptoms import Failure, StoryFailed, Symptom
from harness.record.journal import What


class Client:
    """One simulated client. ``name`` is its nickname; ``said``: its messages so far."""

    def __init__(self, stage: Stage, server: Server, name: str) -> None:
        self.name = name
        self._stage = stage
        self._server = server
        end = self.end = Endpoint(stage, server, name)
        handshake = self.handshake = Handshake(stage, end)
        speech = Speech(stage, end, handshake)
        self.said = speech.said
        self._chat_count = ChatCount()
        # What a story says of its connection, of its way into the room, and of its messages.
        self.connects = end.connects
        self.is_still_there = end.is_still_there
        self.is_read_so_far = end.is_read_so_far
        self.sends = end.sends
        self.was_told_last = end.last_refusal
        self.is_asked = handshake.is_asked
        self.is_asked_exactly = handshake.is_asked_exactly
        self.answers = handshake.answers
        self.answers_in_pieces = handshake.answers_in_pieces
        self.answers_from_windows = handshake.answers_from_windows
        self.gets_answer = handshake.gets_answer
        self.is_accepted = handshake.is_accepted
        self.was_accepted_exactly = handshake.was_accepted_exactly
        self.is_refused = handshake.is_refused
        self.was_refused_exactly = handshake.was_refused_exactly
        self.must_be_refused = handshake.must_be_refused
        self.joins = handshake.joins
        self.joins_again = handshake.joins_again
        self.joins_after_all = handshake.joins_after_all
        self.steps_aside = handshake.steps_aside
        self.says = speech.says
        self.says_exactly = speech.says_exactly
        self.says_alone = speech.says_alone
        self.says_together = speech.says_together
        self.says_together_in_pieces = speech.says_together_in_pieces
        self.says_in_pieces = speech.says_in_pieces
        self.says_half = speech.says_half
        self.says_bytes = speech.says_bytes
        self.finishes = speech.finishes
        self.sends_bytes = speech.sends_bytes
        self.answers_and_says = speech.answers_and_says
        self.answers_with_a_message = speech.answers_with_a_message

    # -- its connection

    @property
    def address(self) -> tuple[str, int]:
        """Its own address as the server sees it."""
        return self.end.connection.ours

    @property
    def raw(self) -> bytearray:
        """Every byte that came."""
        return self.end.raw

    @property
    def is_closed(self) -> bool:
        """Whether its connection has been ended, by either side."""
        return self.end.is_closed

    @property
    def is_joined(self) -> bool:
        """Whether it is in the room."""
        return self.handshake.is_joined

    def forgets(self) -> None:
        """Let go of what it has read so far, where a story floods it."""
        self.end.forgets()
        self.handshake.forgets()

    def starts_over(self) -> None:
        """Forget a connection that has ended and open a new one."""
        self.end.vanishes()
        self.handshake.forgets()
        self.handshake.is_joined = False
        self.connects()

    # -- what it saw

    def takes_note(self) -> int:
        """How much has come so far, to judge only what comes later."""
        return len(self.raw)

    def _chat(self) -> list[protocol.Line]:
        return replies.chat(bytes(self.raw), self.handshake.chat_at)

    def chat_since_joining(self) -> tuple[list[str], str]:
        """The whole lines after the acceptance that are no notices, and the unfinished rest."""
        lines = self._chat()
        rest = "".join(line.text for line in lines if not line.is_whole)
        return [line.text for line in lines if line.is_whole], rest

    def chat_count(self) -> int:
        """The whole lines since it joined that are no notices, the acceptance not counted."""
        return self._chat_count.of(self.raw, self.handshake.chat_at)

    def has_seen(self, said: Message) -> bool:
        """Whether the message has arrived, whatever stands around it."""
        return claims.is_here(said, self.raw)

    def sees(self, *messages: Message) -> None:
        """Every one of ``messages`` arrives."""
        for said in messages:
            self._stage.wait_until(partial(self._has_seen_or_ended, said))
            if not self.has_seen(said):
                if not self.is_closed and said.speaker in self._stage.cut_off:
                    # Who was cut off before could say nothing more.
                    self._stage.cut_off[said.speaker]()
                self._must_not(self._misses(said))
        self._stage.setting.known_facts.saw("broadcast.delivers")

    def _has_seen_or_ended(self, said: Message) -> bool:
        return self.is_closed or self.has_seen(said)

    def _misses(self, said: Message) -> Fault:
        facts = {"line": said.line, "seen": self.end.last_line(), **self._stage.waited}
        symptom = Symptom.HUNG_UP if self.is_closed else Symptom.NOTHING_CAME
        return Fault(symptom, facts, missing=said.line, by_clock=not self.is_closed)

    def sees_from(self, *messages: Message) -> None:
        """Every one of ``messages`` arrives, each in a line that names who said it."""
        self.sees(*messages)
        self._must_not(claims.misnamed(messages, bytes(self.raw), self._stage.said))

    def sees_what_came_with_the_name(self, said: Message) -> None:
        """The same of a message that its sender sent in one segment with its name."""
        try:
            self.sees_from(said)
        except StoryFailed as stopped:
            if stopped.failure.symptom is Symptom.NOTHING_CAME:
                raise StoryFailed(replace(stopped.failure, symptom=Symptom.REST_LOST)) from None
            raise

    def has_all_in_turn(self, said: Mapping[bytes, tuple[str, int]]) -> bool:
        """Whether since it joined just these lines came, but for its own (`claims.all_in_turn`)."""
        raw = bytes(self.raw)
        chat = raw[protocol.next_line(raw, self.handshake.chat_at) :]
        return claims.all_in_turn(said, chat, self.name)

    def sees_each_in_order(self, said: Mapping[str, Sequence[Message]]) -> None:
        """What each of the others said arrives: every line, once, and in that speaker's order."""
        others = {name: messages for name, messages in said.items() if name != self.name}
        chat = self._chat()
        if self._stage.setting.known_facts.frames_chat:
            self._must_not(claims.mixed(chain.from_iterable(others.values()), chat))
        self._must_not(claims.out_of_order(others, chat, self.name))
        # Looking for each of them in all the bytes would take long in a large crowd.
        came = {line.text for line in chat}
        due = (one for messages in others.values() for one in messages)
        self.sees(*(one for one in due if one.line not in came))

    def was_left_alone(self, since: int | None = None) -> None:
        """It is still connected, and nothing but notices came since it joined, or took note."""
        self.is_still_there()
        start = self.handshake.chat_at if since is None else since
        self._must_not(claims.disturbed(bytes(self.raw), start, self.name))

    def got_no_echo_of(self, said: Message) -> None:
        """Its own message did not come back; ask when all that could come is here."""
        self._must_not(claims.came(said, bytes(self.raw), Symptom.ECHO, self.name))

    def never_saw(self, said: Message) -> None:
        """A message that was not for it has not come; ask when all that could come is here."""
        self._must_not(claims.came(said, bytes(self.raw), Symptom.UNWANTED_LINE, self.name))

    def never_saw_half(self, said: Message) -> None:
        """A line that its sender never finished has not come."""
        self._must_not(claims.came(said, bytes(self.raw), Symptom.HALF_LINE, self.name))

    def never_saw_chat(self, said: Message) -> None:
        """No chat line with this text has come; a name or a notice may hold it."""
        self._must_not(claims.came_as_chat(said, bytes(self.raw), self.name))

    def has_seen_no_piece_of(self, *messages: Message) -> None:
        """No line that came holds a part of one of ``messages`` and none of them whole."""
        self._must_not(claims.torn(messages, self._chat()))

    def has_seen_no_stray_line(self, names: Sequence[str]) -> None:
        """All that came since it joined was chat or a notice. ``names``: of everybody."""
        self._must_not(
            claims.stray(
                self._chat(), names, self._stage.said, self._stage.halves, self._stage.refused
            )
        )

    def has_seen_no_empty_line(self, names: Sequence[str] = ()) -> None:
        """Nothing that looks like an empty message has come since it joined.

        ``names``: of those who may not be seen to have sent one; without any, all who spoke.
        """
        said = self._stage.said
        self._must_not(claims.empty(self._chat(), said, names or list(said.values())))

    def has_seen_exactly(self, *messages: Message) -> None:
        """Since it joined just these lines came, to the letter, each ended by a line feed."""
        expected = {said.line for said in messages}

        def is_decided() -> bool:
            came = set(self.chat_since_joining()[0])
            return self.is_closed or came >= expected or bool(came - expected)

        self._stage.wait_until(is_decided)
        fault = claims.not_exact(messages, self._chat())
        if fault is not None and fault.symptom is Symptom.CHAT_UNFRAMED:
            self._stage.setting.known_facts.frames_chat = False
        self._must_not(fault)

    def _must_not(self, fault: Fault | None) -> None:
        """Raises `StoryFailed` where there is a fault, once it is marked in the journal."""
        if fault is None:
            return
        if fault.symptom is Symptom.HUNG_UP:
            self.end.marks_end()
        if fault.missing is not None:
            self.end.marks_missing(fault.missing)
        if fault.at is not None:
            self.end.marks(fault.at)
        raise StoryFailed(Failure(self.name, fault.symptom, fault.facts, fault.by_clock))

    # -- leaving

    def leaves(self) -> None:
        """An orderly end (FIN), as when a person quits the client; once the program rests.

        What was said or answered last may still be on its way to others, to this client too. Who
        goes in the middle of that is the matter of the checks that say ``at_once``.
        """
        self._server.notices()
        self.leaves_at_once()

    def leaves_at_once(self) -> None:
        """An orderly end, whatever the program does at this moment."""
        self.end.notes(What.LEAVE)
        self.handshake.is_joined = False
        self.end.connection.finishes()

    def resets(self) -> None:
        """A reset (RST), as when a laptop's network or program breaks down; once it rests."""
        self._server.notices()
        self.resets_at_once()

    def resets_at_once(self) -> None:
        """A reset, whatever the program does at this moment."""
        self.end.notes(What.RESET)
        self.handshake.is_joined = False
        self.end.connection.resets()

    def half_closes(self) -> None:
        """Say nothing more, but read on: the server must then end the connection."""
        self.end.notes(What.HALF_CLOSE)
        self.end.connection.half_closes()

    def reads_to_the_end(self) -> bool:
        """Half-close and read until the server ends the connection; whether it does.

        Then every byte it will ever send is here. A server known not to close is not waited for.
        """
        self._server.notices()
        self.half_closes()
        known = self._stage.setting.known_facts
        bound = None if known.closes else 0.0
        closed = self._stage.wait_until(lambda: self.is_closed, bound)
        known.closes = known.closes and closed
        return closed

    def stops_reading(self) -> None:
        """Leave what comes in the socket: its buffers fill, then the server's."""
        self.end.notes(What.STOP_READING)
        self.end.connection.stops_reading()
