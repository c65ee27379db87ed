"""The lines that came over a connection, as the journal tells them."""

from __future__ import annotations

from bisect import bisect_right

from harness.actors.connection import Connection
from harness.actors.stage import Stage
from harness.contract import protocol
from harness.record.journal import UNFINISHED, Event, What


class Received:
    """Notes each line of ``connection`` once it is whole: ``who`` sent it, ``to`` saw it.

    It remembers which event tells which bytes, so that a line can be marked in its place.
    """

    def __init__(self, stage: Stage, connection: Connection, who: str, to: str) -> None:
        self._stage = stage
        self._connection = connection
        self._who, self._to = who, to
        self._noted = 0
        # The byte at which each line began, and its event.
        self._events: list[tuple[int, Event]] = []

    def shows(self) -> None:
        """Note the lines that have become whole; at the end of a connection the rest as well."""
        raw = self._connection.raw
        end = len(raw) if self._connection.is_closed else raw.rfind(b"\n") + 1
        if end <= self._noted:
            return
        if not self._stage.journal.is_full:
            self._note(self._noted, end)
        self._noted = end

    def shows_rest(self) -> None:
        """Note an unfinished line, where the story comes to speak of it."""
        end = len(self._connection.raw)
        if end > self._noted:
            self._note(self._noted, end, UNFINISHED)
            self._noted = end

    def _note(self, begin: int, end: int, ending: str = "") -> None:
        for line in protocol.lines(bytes(self._connection.raw[:end]), begin):
            event = self._stage.note(self._who, self._to, What.SEE, line.as_sent + ending)
            self._events.append((line.at, event))

    def marks(self, at: int, what: What = What.UNWANTED) -> None:
        """The line that holds byte ``at`` is wrong in this way: mark it in its place."""
        self.shows_rest()
        number = bisect_right(self._events, at, key=lambda noted: noted[0]) - 1
        raw = bytes(self._connection.raw)
        if number >= 0 and b"\n" not in raw[self._events[number][0] : at]:
            begin, event = self._events[number]
            self._events[number] = (begin, self._stage.journal.mark(event, what))
        else:
            # The journal was full by then.
            begin = raw.rfind(b"\n", 0, at) + 1
            line = protocol.lines(raw, begin)[0]
            self._stage.note(self._who, self._to, what, line.as_sent)

    def forgets(self) -> None:
        """What came so far is not kept any more."""
        self._connection.raw.clear()
        self._events.clear()
        self._noted = 0
