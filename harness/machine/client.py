"""A simulated client as an actor: what it does, and what it says it sees.

Reading is lenient (SPEC section 6.1): a message counts as seen once its drawn, unique text has
arrived, however it is framed or decorated. The checks that judge the exact form look at
`Client.raw`, every byte since the connection began.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from harness.ground import protocol
from harness.ground.journal import What
from harness.ground.symptom import Failure, NotReached, StoryFailed, Symptom
from harness.machine import vitals
from harness.machine.connection import reset
from harness.machine.room import Room
from harness.machine.server import FILE, Server
from harness.pure import replies
from harness.pure.replies import Answer

# Words of the program's own are taken as the request or the acceptance when nothing better came
# for this long (s): it decides how leniently to read on, never whether a check passes.
GRACE = 0.5


@dataclass(frozen=True, slots=True)
class Said:
    """A message that somebody said: the wire line that every other joined client must see."""

    speaker: str
    text: str

    @property
    def line(self) -> str:
        """``{username}: {message}``."""
        return protocol.chat_line(self.speaker, self.text)


class Client:
    """One simulated client. ``name`` is its nickname on the wire."""

    def __init__(self, room: Room, server: Server, name: str) -> None:
        self.name = name
        self.raw = bytearray()
        self.is_closed = False
        self.was_reset = False
        self.is_joined = False
        self._room = room
        self._server = server
        self._sock: socket.socket | None = None
        self._unsent = bytearray()
        self._reading = True
        self._shown = 0
        self._answered_at = 0
        self._is_request_due = False
        self.joined_at = 0
        self._chat_at = 0
        self.said: list[Said] = []
        room.closing.callback(self._vanishes)

    # -- the socket

    def connects(self, bind_to: str | None = None, receive_buffer: int = 0) -> None:
        """Open the connection; the program may still be starting."""
        self._sock = self._server.reach(bind_to, receive_buffer)
        self._room.note(self.name, FILE, What.CONNECT)
        self._listen()

    @property
    def sock(self) -> socket.socket:
        """The open socket; connects first where the story did not."""
        if self._sock is None:
            self.connects()
        assert self._sock is not None
        return self._sock

    @property
    def address(self) -> tuple[str, int]:
        """Its own address as the server sees it."""
        host, port = self.sock.getsockname()
        return host, port

    @property
    def is_listening(self) -> bool:
        """Whether its connection is open and it reads what comes."""
        return self._reading and self._sock is not None and not self.is_closed

    def hears(self) -> None:
        """The selector says that there is something to read."""
        while self.is_listening:
            try:
                data = self.sock.recv(262_144)
            except BlockingIOError:
                return
            except OSError:
                self._hung_up(was_reset=True)
                return
            if not data:
                self._hung_up(was_reset=False)
                return
            self.raw += data
            self._show()
            if len(data) < 4096:
                return

    def can_speak(self) -> None:
        """The selector says that the socket takes more."""
        if self._sock is None or self.is_closed:
            self._unsent.clear()
            return
        try:
            sent = self._sock.send(self._unsent)
            del self._unsent[:sent]
        except BlockingIOError:
            pass
        except OSError:
            self._unsent.clear()
        if not self._unsent:
            self._listen()

    def _listen(self) -> None:
        if self._sock is not None:
            reads = self._reading and not self.is_closed
            self._room.watch(self._sock, self, reads=reads, writes=bool(self._unsent))

    def _hung_up(self, was_reset: bool) -> None:
        self.is_closed, self.was_reset = True, was_reset
        self._unsent.clear()
        self._listen()
        self._show(at_end=True)
        self._room.note(FILE, self.name, What.CLOSED)

    def _show(self, at_end: bool = False) -> None:
        """Note the lines that have become whole; at the end of a connection the rest as well."""
        end = len(self.raw) if at_end else self.raw.rfind(b"\n") + 1
        if end > self._shown:
            if not self._room.journal.is_full:
                for line in protocol.decode(bytes(self.raw[self._shown : end])).splitlines():
                    self._room.note(FILE, self.name, What.SEE, line)
            self._shown = end

    def _show_rest(self) -> None:
        """Note an unfinished line, where the story comes to speak of it."""
        rest = bytes(self.raw[self._shown :])
        if rest:
            self._room.note(FILE, self.name, What.SEE, protocol.decode(rest) + " (…)")
            self._shown = len(self.raw)

    def _vanishes(self) -> None:
        """End of the story: reset, so that no address stays taken after the program is gone."""
        if self._sock is not None:
            self._room.watch(self._sock, self, reads=False, writes=False)
            reset(self._sock)
            self._sock = None

    def sends(self, data: bytes) -> None:
        """Hand bytes to the system, as one segment where it takes them whole."""
        if self.is_closed:
            return
        self._unsent += data
        if len(self._unsent) == len(data):
            self.can_speak()
        if self._unsent:
            self._listen()

    # -- the handshake

    def is_asked(self) -> None:
        """Wait for the nickname request, in whatever words the program is known to use."""
        room, known = self._room, self._room.stage.acquaintance
        self.sock  # noqa: B018  (connects)
        if not known.asks:
            return

        def is_asked() -> bool:
            return replies.is_request(bytes(self.raw)) or self.is_closed

        def has_other_words() -> bool:
            return bool(replies.meant_lines(bytes(self.raw)))

        room.wait_until(lambda: is_asked() or has_other_words())
        if has_other_words() and not known.asks_otherwise:
            room.wait_until(is_asked, GRACE)
        if replies.is_request(bytes(self.raw)):
            known.saw("nickname.request")
            return
        self._must_be_open()
        if not has_other_words():
            facts: dict[str, object] = {"line": "NICK", "seconds": round(room.patience.step, 1)}
            raise StoryFailed(Failure(self.name, Symptom.NO_REQUEST, facts, by_clock=True))
        known.asks_otherwise = True
        known.saw("nickname.request")

    def answers(self, name: str | None = None) -> None:
        """Answer the request with ``name`` (its own when None)."""
        name = self.name if name is None else name
        self._begins_to_answer(name)
        self.sends(protocol.encode(name))

    def _begins_to_answer(self, name: str) -> None:
        """From here on what comes is the reply; after a refusal the request is let come first."""
        if replies.answer(self.reply) is Answer.REFUSED:
            self._room.wait_until(lambda: replies.asks_again(self.reply) or self.is_closed, GRACE)
            self._is_request_due = not replies.asks_again(self.reply)
        self._show_rest()
        self._answered_at = len(self.raw)
        self._room.note(self.name, FILE, What.SAY, name)

    @property
    def reply(self) -> bytes:
        """Every byte since the last answer, but for a request that ends an earlier refusal."""
        reply = self._since(self._answered_at)
        return replies.without_request(reply) if self._is_request_due else reply

    def _since(self, offset: int) -> bytes:
        """The bytes from ``offset`` on, without the end of a line that began before it."""
        raw = bytes(self.raw[offset:])
        if offset and not self.raw.endswith(b"\n", 0, offset):
            return raw.removeprefix(b"\r").removeprefix(b"\n")
        return raw

    def _is_answered(self) -> bool:
        meant = replies.answer(self.reply)
        if meant is Answer.OTHER:
            return self._room.stage.acquaintance.accepts_otherwise or self.is_closed
        return meant is not None or self.is_closed

    def gets_answer(self) -> Answer | None:
        """How the program answered, leniently read; None when nothing came."""
        room, known = self._room, self._room.stage.acquaintance

        def some_words() -> bool:
            return bool(replies.meant_lines(self.reply))

        if not room.wait_until(lambda: self._is_answered() or some_words()):
            return None
        if not self._is_answered():
            room.wait_until(self._is_answered, GRACE)
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
        facts = {"line": "OK", "seconds": round(self._room.patience.step, 1)}
        raise StoryFailed(Failure(self.name, Symptom.NO_REPLY, facts, by_clock=True))

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
        self._room.wait_until(lambda: self.is_closed or replies.exact_request(bytes(self.raw)))
        if replies.exact_request(bytes(self.raw)):
            return
        seen = protocol.decode(bytes(self.raw))
        # Right behind it stands nothing, or what the program says next.
        words = (protocol.ACCEPTED, protocol.REFUSED, protocol.REQUEST, "* ")
        unframed = seen == protocol.REQUEST or seen.startswith(
            tuple(protocol.REQUEST + word for word in words)
        )
        symptom = Symptom.REQUEST_UNFRAMED if unframed else Symptom.OTHER_REQUEST
        self._room.stage.acquaintance.frames_request = not unframed
        raise StoryFailed(Failure(self.name, symptom, {"line": "NICK", "seen": seen}))

    def _speaks_first(self, failed: StoryFailed) -> None:
        """It does not ask. Does it answer all the same? Then the other checks can go on."""
        if failed.failure.symptom is Symptom.NO_REQUEST:
            self.answers()
            if self.gets_answer() is not None:
                self._room.stage.acquaintance.asks = False
        raise failed

    def was_accepted_exactly(self) -> None:
        """The line after its nickname was ``OK``, to the letter."""
        since = self.joined_at

        def is_exact() -> bool:
            return replies.exact_acceptance(self._since(since))

        if not self._room.wait_until(lambda: self.is_closed or is_exact()) or not is_exact():
            seen = protocol.decode(self._since(since))
            unframed = seen.startswith(protocol.ACCEPTED) and "\n" not in seen
            symptom = Symptom.REPLY_UNFRAMED if unframed else Symptom.OTHER_REPLY
            raise StoryFailed(Failure(self.name, symptom, {"line": "OK", "seen": seen}, True))

    def answers_in_pieces(self, *cuts: int) -> None:
        """Answer with its name in several segments."""
        self._begins_to_answer(self.name)
        self.sends_in_pieces(protocol.encode(self.name), *cuts)

    def answers_and_says(self, text: str) -> Said:
        """Answer with its name and say its first message, both in one segment."""
        self._begins_to_answer(self.name)
        said = self.is_about_to_say(self._room.draw.text(text))
        self.sends(protocol.encode(self.name) + protocol.encode(said.text))
        return said

    def answers_with_a_message(self, text: str) -> Said:
        """Answer the request with what is no nickname but a message."""
        said = Said(self.name, self._room.draw.text(text))
        self.answers(said.text)
        self.gets_answer()
        return said

    def joins_after_all(self) -> None:
        """Answer properly, unless the program has taken it in already; what it says is not judged.

        Accepted, or hung up on: whatever came before that is here.
        """
        if replies.answer(self.reply) is not Answer.ACCEPTED:
            self.answers()
            self.gets_answer()

    def steps_aside(self) -> None:
        """Answer with its own name, so that nobody stays at the door; what comes is not judged.

        A program that asks one at a time would not get to the next one.
        """
        self.answers()

    def joins_again(self) -> None:
        """Answer with its own name and be accepted."""
        self.answers()
        self.is_accepted()

    def takes_note(self) -> int:
        """How much has come so far, to judge only what comes later."""
        return len(self.raw)

    def was_left_alone(self, since: int | None = None) -> None:
        """It is still connected, and nothing but notices came since it joined, or took note."""
        start = self._chat_at if since is None else since
        lines, rest = replies.chat_lines(self._since(start))
        self._must_be_open()
        if lines or rest:
            facts = {"seen": [*lines, rest][0], "line": "", "name": self.name}
            raise StoryFailed(Failure(self.name, Symptom.UNWANTED_LINE, facts))

    def is_still_there(self) -> None:
        """Nobody has ended its connection."""
        self._must_be_open()

    def starts_over(self) -> None:
        """Forget a connection that has ended and open a new one."""
        if self._sock is not None:
            self._vanishes()
        self.is_closed = self.was_reset = self.is_joined = False
        self.forgets()
        self.connects()

    def joins(self) -> None:
        """Connect, be asked, answer, be accepted."""
        self.is_asked()
        self.answers()
        self.is_accepted()

    def is_refused(self, name: str, holder: Client | None = None) -> None:
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
            frames_request = self._room.stage.acquaintance.frames_request
            return replies.exact_refusal(self.reply, frames_request)

        self._room.wait_until(lambda: is_exact() or self.is_closed)
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

    def _must_be_open(self) -> None:
        if self.is_closed:
            raise StoryFailed(Failure(self.name, Symptom.HUNG_UP, {"seen": self.has_seen_last()}))

    # -- talking

    def says(self, text: str) -> Said:
        """Say the message that stands for the role ``text``."""
        return self.says_exactly(self._room.draw.text(text))

    def says_exactly(self, text: str) -> Said:
        """Say ``text`` as it stands."""
        self.is_about_to_say(text)
        self.sends(protocol.encode(text))
        return Said(self.name, text)

    def says_alone(self, text: str) -> Said:
        """Say ``text`` once the program has read all before it: the line comes on its own."""
        self.is_heard_so_far()
        return self.says_exactly(text)

    def is_about_to_say(self, text: str) -> Said:
        """Note a message that the story then sends in pieces of its own."""
        said = Said(self.name, text)
        self.said.append(said)
        self._room.said[text] = self.name
        self._room.note(self.name, FILE, What.SAY, text)
        return said

    def says_together(self, *texts: str) -> list[Said]:
        """Say several messages in one segment."""
        return self.says_together_in_pieces(*texts, cuts=())

    def says_together_in_pieces(self, *texts: str, cuts: Sequence[int]) -> list[Said]:
        """Say several messages as one stream, cut after the given bytes."""
        said = [self.is_about_to_say(text) for text in texts]
        self.sends_in_pieces(b"".join(map(protocol.encode, texts)), *cuts)
        return said

    def says_in_pieces(self, text: str, *cuts: int) -> Said:
        """Say ``text`` in several segments, cut after the given bytes of the line."""
        return self.says_together_in_pieces(text, cuts=cuts)[0]

    def says_half(self, text: str) -> Said:
        """Begin a line that never ends; returns once the program has read it."""
        said = Said(self.name, self._room.draw.text(text))
        self._room.note(self.name, FILE, What.SAY, said.text + " (…)")
        self.sends(said.text.encode())
        self.is_heard_so_far()
        return said

    def finishes(self, half: str, rest: str) -> Said:
        """Send the rest of a line that was begun with ``half``."""
        said = self.is_about_to_say(half + rest)
        self.sends(protocol.encode(rest))
        return said

    def sends_bytes(self, data: bytes) -> None:
        """Send what is no message; returns once the program has read it."""
        self._room.note(self.name, FILE, What.SAY, repr(data)[1:])
        self.sends(data)
        self.is_heard_so_far()

    def sends_in_pieces(self, data: bytes, *cuts: int) -> None:
        """Send ``data`` cut at ``cuts``; a piece goes out once the one before was read.

        Sent too early, the pieces would become one segment again.
        """
        for start, end in zip((0, *cuts), (*cuts, len(data)), strict=True):
            self.sends(data[start:end])
            if end < len(data):
                self.is_heard_so_far()

    def is_heard_so_far(self) -> None:
        """Wait until the program has read all that this client sent."""
        server, mine = self._server.address, self.address
        if vitals.is_consumed(server, mine) is None:
            # No way to know here: let the program come to rest, then it has read what there was.
            self._server.settles()
            return
        self._room.wait_until(lambda: vitals.is_consumed(server, mine) is not False)

    def has_seen(self, said: Said) -> bool:
        """Whether the message has arrived, whatever stands around it."""
        return said.text.encode() in self.raw

    def sees(self, *messages: Said) -> None:
        """Every one of ``messages`` arrives."""
        for said in messages:
            self._room.wait_until(partial(self._has_seen_or_ended, said))
            if not self.has_seen(said):
                raise StoryFailed(self._misses(said))
        self._room.stage.acquaintance.saw("broadcast.delivers")

    def _has_seen_or_ended(self, said: Said) -> bool:
        return self.is_closed or self.has_seen(said)

    def _misses(self, said: Said) -> Failure:
        self._show_rest()
        self._room.note(FILE, self.name, What.MISSING, said.line)
        facts: dict[str, object] = {
            "line": said.line,
            "seen": self.has_seen_last(),
            "seconds": round(self._room.patience.step, 1),
        }
        if self.is_closed:
            return Failure(self.name, Symptom.HUNG_UP, facts)
        return Failure(self.name, Symptom.NOTHING_CAME, facts, by_clock=True)

    def has_seen_last(self) -> str:
        """The last line that came, for the sentence about what came instead."""
        lines = [line for line in protocol.decode(bytes(self.raw)).splitlines() if line.strip()]
        return lines[-1] if lines else ""

    def got_no_echo_of(self, said: Said) -> None:
        """Its own message did not come back; ask when all that could come is here."""
        self._never_got(said, Symptom.ECHO)

    def never_saw(self, said: Said) -> None:
        """A message that was not for it has not come; ask when all that could come is here."""
        self._never_got(said, Symptom.UNWANTED_LINE)

    def never_saw_chat(self, said: Said) -> None:
        """No chat line with this text has come; a name or a notice may hold it."""
        lines = protocol.decode(bytes(self.raw)).splitlines()
        if any(line.endswith(": " + said.text) for line in lines):
            self._never_got(said, Symptom.NOT_IN_ROOM)

    def sees_from(self, *messages: Said) -> None:
        """Every one of ``messages`` arrives, each in a line that names who said it.

        A program that names nobody is not judged here: that is another check's.
        """
        self.sees(*messages)
        lines = protocol.decode(bytes(self.raw)).splitlines()
        names_them = any(
            text in line and name in line
            for line in lines
            for text, name in self._room.said.items()
        )
        for said in messages:
            seen = next((line for line in lines if said.text in line), "")
            if names_them and said.speaker not in seen:
                facts = {"line": said.line, "seen": seen}
                raise StoryFailed(Failure(self.name, Symptom.OTHER_LINE, facts))

    def has_seen_no_piece_of(self, *messages: Said) -> None:
        """No line that came holds a part of one of ``messages`` and none of them whole."""
        lines, rest = self.chat_since_joining()
        for line in [*lines, rest]:
            piece = line.replace(messages[0].speaker, "").strip(" \t:<>[]()-|")
            meant = next((said for said in messages if piece and piece in said.text), None)
            if meant is not None and not any(said.text in line for said in messages):
                facts = {"line": meant.line, "seen": line}
                raise StoryFailed(Failure(self.name, Symptom.OTHER_LINE, facts))

    def has_seen_no_nameless_line(self, names: Sequence[str], since: int) -> None:
        """No line came ``since`` it took note that is about nobody, unlike any line before."""
        before = protocol.decode(bytes(self.raw[:since])).splitlines()
        known = [*names, *self._room.said]
        for line in replies.chat_lines(self._since(since))[0]:
            if line.strip() and line not in before and not any(each in line for each in known):
                self._room.note(FILE, self.name, What.UNWANTED, line)
                raise StoryFailed(Failure(self.name, Symptom.STRAY_LINE, {"seen": line}))

    def never_saw_half(self, said: Said) -> None:
        """A line that its sender never finished has not come."""
        self._never_got(said, Symptom.HALF_LINE)

    def _never_got(self, said: Said, symptom: Symptom) -> None:
        if self.has_seen(said):
            self._show_rest()
            self._room.note(FILE, self.name, What.UNWANTED, said.line)
            lines = protocol.decode(bytes(self.raw)).splitlines()
            seen = next((line for line in lines if said.text in line), said.text)
            facts = {"line": said.line, "seen": seen, "name": self.name}
            raise StoryFailed(Failure(self.name, symptom, facts))

    def has_seen_no_empty_line(self) -> None:
        """Nothing that looks like an empty message has come since it joined."""
        lines, rest = self.chat_since_joining()
        names = list(self._room.said.values())
        for line, following in pairwise([*lines, rest]):
            # A name alone, with the text on the next line, is another check's matter.
            if replies.is_empty_chat(line, names) and following not in self._room.said:
                self._room.note(FILE, self.name, What.UNWANTED, line)
                raise StoryFailed(Failure(self.name, Symptom.EMPTY_SENT, {"seen": line}))

    def has_seen_exactly(self, *messages: Said) -> None:
        """Since it joined just these lines came, to the letter, each ended by a line feed.

        In which order and how often is another check's: here each line stands for itself.
        """
        expected = {said.line for said in messages}

        def came() -> set[str]:
            return set(self.chat_since_joining()[0])

        self._room.wait_until(
            lambda: self.is_closed or came() >= expected or bool(came() - expected)
        )
        lines, rest = self.chat_since_joining()
        if strange := [line for line in lines if line not in expected]:
            raise StoryFailed(self._strange(strange[0], messages))
        if missing := [said.line for said in messages if said.line not in lines]:
            self._room.note(FILE, self.name, What.MISSING, missing[0])
            symptom = Symptom.CHAT_UNFRAMED if rest.startswith(missing[0]) else Symptom.OTHER_LINE
            facts = {"line": missing[0], "seen": rest}
            if symptom is Symptom.CHAT_UNFRAMED:
                self._room.stage.acquaintance.frames_chat = False
            raise StoryFailed(Failure(self.name, symptom, facts, by_clock=True))
        # More may be on its way: one of them once again, or a notice.
        is_begun = any(line.startswith(rest) for line in (*expected, "* "))
        if not is_begun and not protocol.is_notice(rest):
            raise StoryFailed(self._strange(rest, messages))

    def _strange(self, seen: str, messages: Sequence[Said]) -> Failure:
        """What to say of a line that is none of ``messages``: another form of one, or alien."""
        self._room.note(FILE, self.name, What.UNWANTED, seen)
        meant = [said for said in messages if said.text in seen]
        if not meant:
            return Failure(self.name, Symptom.STRAY_LINE, {"seen": seen})
        line = max(meant, key=lambda said: len(said.text)).line
        return Failure(self.name, Symptom.OTHER_LINE, {"line": line, "seen": seen})

    def chat_count(self) -> int:
        """The whole lines since it joined that are no notices, the acceptance not counted."""
        since = self._chat_at
        if not self.raw.endswith(b"\n", 0, since) and self.raw.startswith(b"\n", since):
            since += 1
        notices = self.raw.count(b"\n* ", since) + self.raw.startswith(b"* ", since)
        return self.raw.count(b"\n", since) - notices

    def chat_since_joining(self) -> tuple[list[str], str]:
        """The whole lines after the acceptance that are no notices, and the unfinished rest."""
        return replies.chat_lines(self._since(self._chat_at))

    # -- leaving

    def leaves(self) -> None:
        """An orderly end (FIN), as when a person quits the client."""
        self._room.note(self.name, FILE, What.LEAVE)
        self._closes(lambda sock: sock.close())

    def resets(self) -> None:
        """A reset (RST), as when a laptop's network or program breaks down."""
        self._room.note(self.name, FILE, What.RESET)
        self._closes(reset)

    def _closes(self, how: Callable[[socket.socket], None]) -> None:
        sock = self.sock
        self._room.watch(sock, self, reads=False, writes=False)
        self._sock = None
        self.is_closed = True
        self.is_joined = False
        how(sock)

    def half_closes(self) -> None:
        """Say nothing more, but read on: the server must then end the connection."""
        self._room.note(self.name, FILE, What.HALF_CLOSE)
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_WR)

    def reads_to_the_end(self) -> bool:
        """Half-close and read until the server ends the connection; whether it does.

        Then every byte it will ever send is here. A server known not to close is not waited for.
        """
        self.half_closes()
        known = self._room.stage.acquaintance
        bound = None if known.closes else 0.0
        closed = self._room.wait_until(lambda: self.is_closed, bound)
        known.closes = known.closes and closed
        return closed

    def forgets(self) -> None:
        """Let go of what it has read so far, where a story floods it."""
        self.raw.clear()
        self._shown = self.joined_at = self._answered_at = self._chat_at = 0

    def stops_reading(self) -> None:
        """Leave what comes in the socket: its buffers fill, then the server's."""
        self._room.note(self.name, FILE, What.STOP_READING)
        self._reading = False
        self._listen()
