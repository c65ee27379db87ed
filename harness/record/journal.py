"""The journal: what happened in one story, in order. One clock, one writer.

An event stays where it stands. One that turns out to be wrong is marked in its place: its kind
changes (`MARKED`), its time and text do not.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum


class What(StrEnum):
    """The kinds of event. The values are part of the results format."""

    START = "start"
    PRINT = "print"
    CONNECT = "connect"
    SAY = "say"
    PIECE = "piece"
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
    CUT_OFF = "cut_off"
    UNENDED = "unended"
    AMISS = "amiss"


# The kinds that say what is wrong, and what an event of each kind becomes when it is marked.
WRONG = frozenset({What.MISSING, What.UNWANTED, What.CUT_OFF, What.UNENDED, What.AMISS})
MARKED = {What.CLOSED: What.CUT_OFF}
# The text of `What.AMISS` where it is not what a program ended with.
RUNS, STAYS, TELLS_NOT = "runs", "stays", "tells_not"
CALLS_NOT, CALLS_AGAIN = "calls_not", "calls_again"
# Begins the text of a `What.MEASURE` of time in which nothing was done.
QUIET = "quiet"
# Stands behind the text of a line whose end has not come yet.
UNFINISHED = " (…)"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened ``t`` seconds after the story began; ``text`` is what was said.

    ``is_fence``: it belongs to a line that was said only to be waited for; not in the results.
    """

    t: float
    who: str
    to: str
    what: What
    text: str = ""
    is_fence: bool = False

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
        self._is_unjudged = False
        # Texts of the lines that were said only to be waited for.
        self.fences: list[str] = []

    def note(self, who: str, to: str, what: What, text: str = "") -> Event:
        """Append one event, stamped now, and return it; beyond ``MOST_EVENTS`` marks only."""
        if len(text) > MOST_TEXT:
            text = text[:MOST_TEXT] + " …"
        is_fence = any(fence in text for fence in self.fences)
        event = Event(self._clock() - self._began, who, to, what, text, is_fence)
        is_wanted = not self.is_full and not self.is_muted
        if (is_wanted or what in WRONG) and not (what in WRONG and self._is_unjudged):
            self._events.append(event)
            self._tell(event)
        return event

    def mark(self, event: Event, what: What = What.UNWANTED) -> Event:
        """``event`` is what went wrong: mark it in its place; at the end if it was not kept.

        ``what`` it becomes, unless `MARKED` says otherwise. Returns it as it is now.
        """
        if event.what in WRONG or self._is_unjudged:
            return event
        text = event.text.removesuffix(UNFINISHED) if what is What.UNENDED else event.text
        marked = replace(event, what=MARKED.get(event.what, what), text=text)
        for at in range(len(self._events) - 1, -1, -1):
            if self._events[at] is event:
                self._events[at] = marked
                break
        else:
            self._events.append(marked)
        self._tell(marked)
        return marked

    @contextlib.contextmanager
    def unjudged(self) -> Iterator[None]:
        """What goes wrong in here is not marked: the story does not depend on it."""
        self._is_unjudged = True
        try:
            yield
        finally:
            self._is_unjudged = False

    def _tell(self, event: Event) -> None:
        if self._watch is not None:
            self._watch(event)

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
