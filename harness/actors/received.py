"""The lines that came over a connection, as the journal tells them."""

from __future__ import annotations

from harness.actors.connection import Connection
from harness.actors.stage import Stage
from harness.contract import protocol
from harness.record.journal import What


class Received:
    """Notes each line of ``connection`` once it is whole: ``who`` sent it, ``to`` saw it."""

    def __init__(self, stage: Stage, connection: Connection, who: str, to: str) -> None:
        self._stage = stage
        self._connection = connection
        self._who, self._to = who, to
        self._noted = 0

    def shows(self) -> None:
        """Note the lines that have become whole; at the end of a connection the rest as well."""
        raw = self._connection.raw
        end = len(raw) if self._connection.is_closed else raw.rfind(b"\n") + 1
        if end <= self._noted:
            return
        if not self._stage.journal.is_full:
            for line in protocol.lines(bytes(raw[:end]), self._noted):
                self._stage.note(self._who, self._to, What.SEE, line.text)
        self._noted = end

    def shows_rest(self) -> None:
        """Note an unfinished line, where the story comes to speak of it."""
        rest = bytes(self._connection.raw[self._noted :])
        if rest:
            self._stage.note(self._who, self._to, What.SEE, protocol.decode(rest) + " (…)")
            self._noted = len(self._connection.raw)

    def forgets(self) -> None:
        """What came so far is not kept any more."""
        self._connection.raw.clear()
        self._noted = 0
