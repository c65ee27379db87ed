"""The journal: what happened in one story, in order. One clock, one writer, append only."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum


class What(StrEnum):
    """The kinds of event. The values are part of the results format."""

    START = "start"
    PRINT = "print"
    CONNECT = "connect"
    SAY = "say"
    SEE = "see"
    LEAVE = "leave"
    RESET = "reset"
    HALF_CLOSE = "half_close"
    STOP_READING = "stop_reading"
    CLOSED = "closed"
    INTERRUPT = "interrupt"
    TYPE = "type"
    SHOW = "show"
    MEASURE = "measure"
    RUN = "run"
    HELD = "held"
    WAIT = "wait"
    END = "end"
    MISSING = "missing"
    UNWANTED = "unwanted"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened ``t`` seconds after the story began; ``text`` is what was said."""

    t: float
    who: str
    to: str
    what: What
    text: str = ""

    def as_json(self) -> dict[str, object]:
        """The event as the results format has it (SPEC section 4)."""
        return {
            "t": round(self.t, 4),
            "who": self.who,
            "to": self.to,
            "what": str(self.what),
            "text": self.text,
        }


# A story of this many events is already longer than anybody reads; a crowd makes far more.
MOST_EVENTS = 4000
# One event's text is cut here: a flood must not fill the results.
MOST_TEXT = 6000


class Journal:
    """Collects events. ``clock`` returns seconds; the first event is at about 0.

    ``watch`` is told each event that is taken down.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        watch: Callable[[Event], object] | None = None,
    ) -> None:
        self._clock = clock
        self._watch = watch
        self._began = clock()
        self._events: list[Event] = []
        # While set nothing is kept: for what a story does over and over until it works.
        self.is_muted = False

    def note(self, who: str, to: str, what: What, text: str = "") -> Event:
        """Append one event, stamped now, and return it; beyond ``MOST_EVENTS`` marks only."""
        if len(text) > MOST_TEXT:
            text = text[:MOST_TEXT] + " …"
        event = Event(self._clock() - self._began, who, to, what, text)
        is_wanted = not self.is_full and not self.is_muted
        if is_wanted or what in (What.MISSING, What.UNWANTED):
            self._events.append(event)
            if self._watch is not None:
                self._watch(event)
        return event

    @property
    def is_full(self) -> bool:
        """Whether no more is taken down, marks apart."""
        return len(self._events) >= MOST_EVENTS

    def adopt(self, events: Iterable[Event]) -> None:
        """Take over the events of another journal, with their own times."""
        self._events.extend(events)

    def tell_instead(self, events: Iterable[Event]) -> None:
        """Another story is the one to tell: ``events``, nothing before them and nothing after."""
        self._events.clear()
        self.adopt(events)
        self.is_muted = True

    @property
    def events(self) -> tuple[Event, ...]:
        """All events so far."""
        return tuple(self._events)
