"""Which steps of a story a picture shows, and between whom. Pure: events in, rows out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from harness.record.journal import WRONG, Event, What
from harness.record.transcript import window

# What is worth looking at in one picture; beside the program, so many actors.
MOST_STEPS, MOST_ACTORS = 24, 8
# A flood of wrong steps says no more than a few.
MOST_WRONG = 12

STREAMS = ("stdout", "stderr")
_ALONE = frozenset((What.START, What.PRINT, What.MEASURE, What.INTERRUPT))


@dataclass(frozen=True, slots=True)
class Gap:
    """Steps that the picture leaves out."""

    count: int


Rows = list[Event | Gap]


def programs(story: Sequence[Event]) -> list[str]:
    """The programs of the submission that take part, in the order in which they were started."""
    return list(dict.fromkeys(event.who for event in story if event.what is What.START))


def ends(event: Event, ours: Sequence[str]) -> tuple[str, str]:
    """From whom to whom the arrow of this event goes; equal ends: a note, no arrow."""
    who, to = event.who or event.to, event.to or event.who
    if event.what is What.INTERRUPT:
        return to, to
    if to in STREAMS or event.what in _ALONE:
        return who, who
    if not event.to and ours and who not in ours:
        return ours[-1], who  # What a screen shows, or should show, comes from the program.
    return who, to


def actors(rows: Sequence[Event | Gap], ours: Sequence[str]) -> list[str]:
    """Who takes part, from left to right: half of the actors, the programs, the other half."""
    steps = [row for row in rows if isinstance(row, Event)]
    found = dict.fromkeys(each for event in steps for each in ends(event, ours))
    others = [each for each in found if each not in ours]
    left = max(1, len(others) // 2) if others else 0
    return [*others[:left], *(each for each in ours if each in found), *others[left:]]


def rows(story: Sequence[Event]) -> Rows:
    """The steps of ``story`` that a picture shows, and gaps where it leaves some out.

    Among many actors those are shown who are next to what went wrong.
    """
    ours = programs(story)
    told = [(at, event) for at, event in enumerate(story) if event.what is not What.END]
    again = {at for (_, one), (at, other) in pairwise(told) if _is_repeated(one, other)}
    kept = _kept(story, ours)
    seen = [(at, event) for at, event in told if set(ends(event, ours)) <= kept and at not in again]
    wrong = [at for at, (_, event) in enumerate(seen) if event.what in WRONG]
    for at in reversed(wrong[MOST_WRONG:]):
        del seen[at]
    inside = window([event for _, event in seen], MOST_STEPS)
    chosen = [at for n, (at, _) in enumerate(seen) if n in inside]
    return _with_gaps(story, chosen, [at for at, _ in told])


def _is_repeated(one: Event, other: Event) -> bool:
    """Whether the program prints the same once more: the picture needs it once."""
    return one.what is other.what is What.PRINT and one.text == other.text


def _kept(story: Sequence[Event], ours: Sequence[str]) -> set[str]:
    """The names whose steps are shown: all, or those nearest to the first wrong step."""
    steps = [event for event in story if event.what is not What.END]
    at = next((n for n, event in enumerate(steps) if event.what in WRONG), len(steps) - 1)
    near = sorted(range(len(steps)), key=lambda n: (steps[n].what not in WRONG, abs(n - at)))
    names = dict.fromkeys(each for n in near for each in ends(steps[n], ours) if each not in ours)
    return {*ours, *list(names)[:MOST_ACTORS]}


def _with_gaps(story: Sequence[Event], chosen: Sequence[int], told: Sequence[int]) -> Rows:
    shown, inside, left_out = Rows(), set(chosen), 0
    for at in told:
        if at not in inside:
            left_out += 1
            continue
        if left_out:
            shown.append(Gap(left_out))
        shown.append(story[at])
        left_out = 0
    return [*shown, Gap(left_out)] if left_out else shown
