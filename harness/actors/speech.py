"""What a simulated client says: whole lines, several at once, in pieces, halves, bare bytes."""

from __future__ import annotations

from collections.abc import Sequence

from harness.actors.endpoint import Endpoint
from harness.actors.handshake import Handshake
from harness.actors.stage import Stage
from harness.contract import protocol
from harness.contract.message import Message
from harness.record.journal import What


class Speech:
    """The messages of one client. ``said``: those that others should see."""

    def __init__(self, stage: Stage, end: Endpoint, handshake: Handshake) -> None:
        self.said: list[Message] = []
        self._stage = stage
        self._end = end
        self._handshake = handshake

    def answers_and_says(self, text: str) -> Message:
        """Answer with its name and say its first message, both in one segment."""
        self._handshake.begins_to_answer()
        said = self._is_to_be_seen(self._stage.draw.text(text))
        name = self._end.name
        self._end.sends_in_pieces(protocol.encode(name) + protocol.encode(said.text))
        return said

    def answers_with_a_message(self, text: str) -> Message:
        """Answer the request with what is no nickname but a message."""
        said = Message(self._end.name, self._stage.draw.text(text))
        self._handshake.answers(said.text)
        self._handshake.gets_answer()
        return said

    def says(self, text: str) -> Message:
        """Say the message that stands for the role ``text``."""
        return self.says_exactly(self._stage.draw.text(text))

    def says_exactly(self, text: str) -> Message:
        """Say ``text`` as it stands."""
        said = self._is_to_be_seen(text)
        self._end.notes(What.SAY, text)
        self._end.sends(protocol.encode(text))
        return said

    def says_alone(self, text: str) -> Message:
        """Say ``text`` once the program has read all before it: the line comes on its own."""
        self._end.is_read_so_far()
        return self.says_exactly(text)

    def _is_to_be_seen(self, text: str) -> Message:
        """Remember a message that others should see."""
        said = Message(self._end.name, text)
        self.said.append(said)
        self._stage.said[text] = self._end.name
        self._stage.cut_off[self._end.name] = self._end.was_not_cut_off
        return said

    def says_together(self, *texts: str) -> list[Message]:
        """Say several messages in one segment."""
        return self.says_together_in_pieces(*texts, cuts=())

    def says_together_in_pieces(self, *texts: str, cuts: Sequence[int]) -> list[Message]:
        """Say several messages as one stream, cut after the given bytes."""
        said = [self._is_to_be_seen(text) for text in texts]
        self._end.sends_in_pieces(b"".join(map(protocol.encode, texts)), *cuts)
        return said

    def says_in_pieces(self, text: str, *cuts: int) -> Message:
        """Say ``text`` in several segments, cut after the given bytes of the line."""
        return self.says_together_in_pieces(text, cuts=cuts)[0]

    def says_bytes(self, data: bytes, *texts: str) -> list[Message]:
        """Say ``texts`` by just these bytes, in one segment: with other line ends, say."""
        said = [self._is_to_be_seen(text) for text in texts]
        self._end.sends_in_pieces(data)
        return said

    def says_half(self, text: str) -> Message:
        """Begin a line that never ends; returns once the program has read it."""
        said = Message(self._end.name, self._stage.draw.text(text))
        self._stage.halves[said.text] = self._end.name
        self.sends_bytes(said.text.encode())
        return said

    def finishes(self, half: str, rest: str) -> Message:
        """Send the rest of a line that was begun with ``half``."""
        said = self._is_to_be_seen(half + rest)
        self._stage.halves.pop(half, None)
        self._end.sends_in_pieces(protocol.encode(rest))
        return said

    def sends_bytes(self, data: bytes) -> None:
        """Send what is no message; returns once the program has read it."""
        self._stage.garblers.add(self._end.name)
        self._end.sends_in_pieces(data)
        self._end.is_read_so_far()
