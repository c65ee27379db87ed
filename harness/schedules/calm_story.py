"""The story of a fault that needs no switch: what the clients did, and what ended a thread.

Where no thread is interrupted the order of the lines says nothing; what the clients did brings the
fault out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from harness.actors.server_program import FILE
from harness.record.journal import Event, What
from harness.schedules.counterexample import Counterexample
from harness.schedules.ended_by import place_of, speakers_of

# What a client did, or what was done to it, by the words of the launcher's journal.
_DID: Mapping[str, What] = {
    "connect": What.CONNECT,
    "claim": What.SAY,
    "say": What.SAY,
    "leave": What.LEAVE,
    "reset": What.RESET,
    "half_close": What.HALF_CLOSE,
    "stop_reading": What.STOP_READING,
}
_DONE: Mapping[str, What] = {
    "got": What.SEE,
    "end_by_server": What.CLOSED,
    "reset_by_server": What.CLOSED,
}


def told_by_clients(example: Counterexample) -> list[Event]:
    """The events of all who have to do with the name that the violation is about, or who spoke.

    What is wrong is marked; behind it stand the exceptions that ended threads.
    """
    broken = example.violation
    names = {who: text for _, who, what, text in example.journal if what == "claim" and text}
    about = str(broken.detail.get("name", "")) or names.get(broken.who, "")
    asked = {who for _, who, what, text in example.journal if what == "claim" and text == about}
    chosen = {broken.who, *asked, *speakers_of(example)}
    events: list[Event] = []

    def tell(who: str, to: str, what: What, text: str) -> None:
        events.append(Event(len(events) / 1000, who, to, what, text))

    end = broken.at + 1 if broken.at else len(example.journal)
    for _, who, what, text in example.journal[:end]:
        name = names.get(who, who)
        if who in chosen and what in _DID:
            tell(name, FILE, _DID[what], str(text))
        elif who in chosen and what in _DONE:
            tell(FILE, name, _DONE[what], str(text))
    if broken.at and events and events[-1].what is What.SEE:
        events[-1] = replace(events[-1], what=What.UNWANTED)
    elif broken.at and events and events[-1].what is What.CLOSED:
        events[-1] = replace(events[-1], what=What.CUT_OFF)
    elif broken.expected:
        tell(FILE, names.get(broken.who, broken.who), What.MISSING, broken.expected)
    for said in dict.fromkeys(map(_in_a_line, example.errors)):
        tell(FILE, "stderr", What.PRINT, said)
    return events


def what_came(example: Counterexample) -> Event | None:
    """What a client saw that it should not have, or missed; None where it is no line of one."""
    broken = example.violation
    if broken.kind in ("exception", "ended"):
        return None
    row = example.journal[broken.at] if 0 < broken.at < len(example.journal) else ["", "", "", ""]
    if row[2] == "got":
        return Event(0.0, FILE, broken.who, What.UNWANTED, str(row[3]))
    if _DONE.get(row[2]) is What.CLOSED:
        return Event(0.0, FILE, broken.who, What.CUT_OFF)
    is_missed = broken.expected and not broken.seen
    return Event(0.0, FILE, broken.who, What.MISSING, broken.expected) if is_missed else None


def _in_a_line(error: Mapping[str, Any]) -> str:
    """An exception, and the last line of the student's own file that it went through."""
    place = place_of(error)
    return f"{error['type']}: {error['text']}" + (f" ({place})" if place else "")
