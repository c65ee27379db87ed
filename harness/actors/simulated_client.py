"""A simulated client in the room: what it says, and what it says it sees.

Reading is lenient (SPEC section 6.1): a message counts as seen once its drawn, unique text has
arrived, however it is framed or decorated. The checks that judge the exact form look at
`Client.raw`, every byte since the connection began.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import pairwise

from harness.actors.guest import Guest
from harness.actors.server import FILE
from harness.contract import protocol, replies
from harness.contract.message import Message
from harness.contract.symptoms import Failure, StoryFailed, Symptom
from harness.record.journal import What


class Client(Guest):
    """One simulated client, from its connection to its leaving."""

    def answers_and_says(self, text: str) -> Message:
        """Answer with its name and say its first message, both in one segment."""
        self._begins_to_answer(self.name)
        said = self.is_about_to_say(self._stage.draw.text(text))
        self.sends(protocol.encode(self.name) + protocol.encode(said.text))
        return said

    def answers_with_a_message(self, text: str) -> Message:
        """Answer the request with what is no nickname but a message."""
        said = Message(self.name, self._stage.draw.text(text))
        self.answers(said.text)
        self.gets_answer()
        return said

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

    def says(self, text: str) -> Message:
        """Say the message that stands for the role ``text``."""
        return self.says_exactly(self._stage.draw.text(text))

    def says_exactly(self, text: str) -> Message:
        """Say ``text`` as it stands."""
        self.is_about_to_say(text)
        self.sends(protocol.encode(text))
        return Message(self.name, text)

    def says_alone(self, text: str) -> Message:
        """Say ``text`` once the program has read all before it: the line comes on its own."""
        self.is_heard_so_far()
        return self.says_exactly(text)

    def is_about_to_say(self, text: str) -> Message:
        """Note a message that the story then sends in pieces of its own."""
        said = Message(self.name, text)
        self.said.append(said)
        self._stage.said[text] = self.name
        self._stage.note(self.name, FILE, What.SAY, text)
        return said

    def says_together(self, *texts: str) -> list[Message]:
        """Say several messages in one segment."""
        return self.says_together_in_pieces(*texts, cuts=())

    def says_together_in_pieces(self, *texts: str, cuts: Sequence[int]) -> list[Message]:
        """Say several messages as one stream, cut after the given bytes."""
        said = [self.is_about_to_say(text) for text in texts]
        self.sends_in_pieces(b"".join(map(protocol.encode, texts)), *cuts)
        return said

    def says_in_pieces(self, text: str, *cuts: int) -> Message:
        """Say ``text`` in several segments, cut after the given bytes of the line."""
        return self.says_together_in_pieces(text, cuts=cuts)[0]

    def says_half(self, text: str) -> Message:
        """Begin a line that never ends; returns once the program has read it."""
        said = Message(self.name, self._stage.draw.text(text))
        self._stage.note(self.name, FILE, What.SAY, said.text + " (…)")
        self.sends(said.text.encode())
        self.is_heard_so_far()
        return said

    def finishes(self, half: str, rest: str) -> Message:
        """Send the rest of a line that was begun with ``half``."""
        said = self.is_about_to_say(half + rest)
        self.sends(protocol.encode(rest))
        return said

    def sends_bytes(self, data: bytes) -> None:
        """Send what is no message; returns once the program has read it."""
        self._stage.note(self.name, FILE, What.SAY, repr(data)[1:])
        self.sends(data)
        self.is_heard_so_far()

    def has_seen(self, said: Message) -> bool:
        """Whether the message has arrived, whatever stands around it."""
        return said.text.encode() in self.raw

    def sees(self, *messages: Message) -> None:
        """Every one of ``messages`` arrives."""
        for said in messages:
            self._stage.wait_until(partial(self._has_seen_or_ended, said))
            if not self.has_seen(said):
                raise StoryFailed(self._misses(said))
        self._stage.setting.known_facts.saw("broadcast.delivers")

    def _has_seen_or_ended(self, said: Message) -> bool:
        return self.is_closed or self.has_seen(said)

    def _misses(self, said: Message) -> Failure:
        self._show_rest()
        self._stage.note(FILE, self.name, What.MISSING, said.line)
        facts: dict[str, object] = {
            "line": said.line,
            "seen": self.has_seen_last(),
            **self._stage.waited,
        }
        if self.is_closed:
            return Failure(self.name, Symptom.HUNG_UP, facts)
        return Failure(self.name, Symptom.NOTHING_CAME, facts, by_clock=True)

    def got_no_echo_of(self, said: Message) -> None:
        """Its own message did not come back; ask when all that could come is here."""
        self._never_got(said, Symptom.ECHO)

    def never_saw(self, said: Message) -> None:
        """A message that was not for it has not come; ask when all that could come is here."""
        self._never_got(said, Symptom.UNWANTED_LINE)

    def never_saw_chat(self, said: Message) -> None:
        """No chat line with this text has come; a name or a notice may hold it."""
        lines = protocol.decode(bytes(self.raw)).splitlines()
        if any(line.endswith(": " + said.text) for line in lines):
            self._never_got(said, Symptom.NOT_IN_ROOM)

    def sees_from(self, *messages: Message) -> None:
        """Every one of ``messages`` arrives, each in a line that names who said it.

        A program that names nobody is not judged here: that is another check's.
        """
        self.sees(*messages)
        lines = protocol.decode(bytes(self.raw)).splitlines()
        names_them = any(
            text in line and name in line
            for line in lines
            for text, name in self._stage.said.items()
        )
        for said in messages:
            seen = next((line for line in lines if said.text in line), "")
            if names_them and said.speaker not in seen:
                facts = {"line": said.line, "seen": seen}
                raise StoryFailed(Failure(self.name, Symptom.OTHER_LINE, facts))

    def has_seen_no_piece_of(self, *messages: Message) -> None:
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
        known = [*names, *self._stage.said]
        for line in replies.chat_lines(self._since(since))[0]:
            if line.strip() and line not in before and not any(each in line for each in known):
                self._stage.note(FILE, self.name, What.UNWANTED, line)
                raise StoryFailed(Failure(self.name, Symptom.STRAY_LINE, {"seen": line}))

    def never_saw_half(self, said: Message) -> None:
        """A line that its sender never finished has not come."""
        self._never_got(said, Symptom.HALF_LINE)

    def _never_got(self, said: Message, symptom: Symptom) -> None:
        if self.has_seen(said):
            self._show_rest()
            self._stage.note(FILE, self.name, What.UNWANTED, said.line)
            lines = protocol.decode(bytes(self.raw)).splitlines()
            seen = next((line for line in lines if said.text in line), said.text)
            facts = {"line": said.line, "seen": seen, "name": self.name}
            raise StoryFailed(Failure(self.name, symptom, facts))

    def has_seen_no_empty_line(self) -> None:
        """Nothing that looks like an empty message has come since it joined."""
        lines, rest = self.chat_since_joining()
        names = list(self._stage.said.values())
        for line, following in pairwise([*lines, rest]):
            # A name alone, with the text on the next line, is another check's matter.
            is_torn = following.lstrip(": ") in self._stage.said
            if replies.is_empty_chat(line, names) and not is_torn:
                self._stage.note(FILE, self.name, What.UNWANTED, line)
                raise StoryFailed(Failure(self.name, Symptom.EMPTY_SENT, {"seen": line}))

    def has_seen_exactly(self, *messages: Message) -> None:
        """Since it joined just these lines came, to the letter, each ended by a line feed.

        In which order and how often is another check's: here each line stands for itself.
        """
        expected = {said.line for said in messages}

        def came() -> set[str]:
            return set(self.chat_since_joining()[0])

        self._stage.wait_until(
            lambda: self.is_closed or came() >= expected or bool(came() - expected)
        )
        lines, rest = self.chat_since_joining()
        if strange := [line for line in lines if line not in expected]:
            raise StoryFailed(self._strange(strange[0], messages))
        if missing := [said.line for said in messages if said.line not in lines]:
            self._stage.note(FILE, self.name, What.MISSING, missing[0])
            symptom = Symptom.CHAT_UNFRAMED if rest.startswith(missing[0]) else Symptom.OTHER_LINE
            facts = {"line": missing[0], "seen": rest}
            if symptom is Symptom.CHAT_UNFRAMED:
                self._stage.setting.known_facts.frames_chat = False
            raise StoryFailed(Failure(self.name, symptom, facts, by_clock=True))
        # More may be on its way: one of them once again, or a notice.
        is_begun = any(line.startswith(rest) for line in (*expected, "* "))
        if not is_begun and not protocol.is_notice(rest):
            raise StoryFailed(self._strange(rest, messages))

    def _strange(self, seen: str, messages: Sequence[Message]) -> Failure:
        """What to say of a line that is none of ``messages``: another form of one, or alien."""
        self._stage.note(FILE, self.name, What.UNWANTED, seen)
        meant = [said for said in messages if said.text in seen]
        if not meant:
            return Failure(self.name, Symptom.STRAY_LINE, {"seen": seen})
        line = max(meant, key=lambda said: len(said.text)).line
        return Failure(self.name, Symptom.OTHER_LINE, {"line": line, "seen": seen})

    def chat_count(self) -> int:
        """The whole lines since it joined that are no notices, the acceptance not counted."""
        chat = self._since(self._chat_at)
        return chat.count(b"\n") - chat.count(b"\n* ") - chat.startswith(b"* ")

    def chat_since_joining(self) -> tuple[list[str], str]:
        """The whole lines after the acceptance that are no notices, and the unfinished rest."""
        return replies.chat_lines(self._since(self._chat_at))
