"""Where two threads meet in a failing schedule: what they share, who used it, at which lines.

The executed lines in, facts out; where the lines do not show it, nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.schedules.counterexample import ExecutedLine
from harness.schedules.touches import Touch


@dataclass(frozen=True, slots=True)
class Conflict:
    """A thread used ``name`` twice as if nobody were there, and in between another used it too.

    ``at`` are the positions of the three lines among the executed ones. ``again_writes``: the
    second use is a change. ``is_held``: there was no second use; the thread had come to that line.
    """

    name: str
    who: str
    line: int
    is_written: bool
    other: str
    other_line: int
    other_writes: bool
    again_line: int
    at: list[int]
    again_writes: bool = False
    is_held: bool = False


Access = tuple[int, bool]
Touched = Mapping[tuple[str, int], Touch]

# What a thread does, another does in between, and the first does again, that no order of whole
# turns explains: of three accesses, which are writes (Lu and others, AVIO, ASPLOS 2006).
UNSERIAL = frozenset(
    ((False, True, False), (False, True, True), (True, True, False), (True, False, True))
)


def conflict_in(
    steps: Sequence[ExecutedLine], touched: Touched, victim: str = ""
) -> Conflict | None:
    """The three accesses that decide, if the lines show them.

    Best are a check before a change, the module's own variables, within one function, those of
    ``victim``'s thread, and the nearest to each other.
    """
    accesses: dict[str, list[tuple[int, bool]]] = {}
    for at, step in enumerate(steps):
        touch = touched.get((step.file, step.line))
        # Where a thread was stopped before a line, that line has not run yet.
        if touch is not None and step.stopped != "before":
            for name in touch.names:
                accesses.setdefault(name, []).append((at, name in touch.writes))
    best: tuple[tuple[bool, bool, bool, bool, int], Conflict] | None = None
    for name, found in accesses.items():
        for first, between, again in _triples(found, steps, touched):
            pattern = (first[1], between[1], again[1])
            is_one_function = _function(first[0], steps, touched) == _function(
                again[0], steps, touched
            )
            rank = (
                pattern == (False, True, True),
                "." not in name,
                is_one_function,
                steps[first[0]].lane == victim,
                first[0] - again[0],
            )
            is_replaced = all(_is_set(name, at, steps, touched) for at in (first[0], between[0]))
            if pattern[2] is False and not is_one_function and not is_replaced:
                continue
            is_stay = _is_coming_and_going(name, first, again, steps, touched)
            if pattern == (True, False, True) and is_stay:
                continue
            if all(_only_appends(name, at, steps, touched) for at in (first[0], between[0])):
                continue  # each finds what it has put there, where it has put it
            places = [first[0], between[0], again[0]]
            if not any(_is_whole(name, at, steps, touched) for at in places):
                continue  # each by a key of its own, for all that the lines show
            if pattern in UNSERIAL and (best is None or rank > best[0]):
                mine, theirs = steps[first[0]], steps[between[0]]
                best = rank, Conflict(
                    name, mine.lane, mine.line, first[1], theirs.lane, theirs.line, between[1],
                    steps[again[0]].line, places, again[1],
                )  # fmt: skip
    return best[1] if best is not None else None


def stopped_after_reading(
    steps: Sequence[ExecutedLine], touched: Touched, victim: str
) -> Conflict | None:
    """``victim``'s thread read, and was stopped before it could write; another one wrote by then.

    It never comes to its own change: the answer that it sent on what it had read broke the promise
    before. Of other violations this says nothing.
    """
    mine = [at for at, step in enumerate(steps) if step.lane == victim]
    held = next((at for at in reversed(mine) if steps[at].stopped), None)
    if held is None:
        return None
    for first in reversed([at for at in mine if at < held]):
        touch = touched.get((steps[first].file, steps[first].line))
        for name in sorted(touch.names - touch.writes) if touch is not None else ():
            for between in range(first + 1, len(steps)):
                step = steps[between]
                theirs = touched.get((step.file, step.line))
                writes = theirs is not None and name in theirs.writes and step.stopped != "before"
                writes &= any(_is_whole(name, at, steps, touched) for at in (first, between))
                if step.lane != victim and writes:
                    line = steps[first].line
                    places = sorted((first, between, held))
                    reached = steps[max(at for at in mine if at < between)].line
                    return Conflict(
                        name, victim, line, False, step.lane, step.line, True, reached, places,
                        is_held=True,
                    )  # fmt: skip
    return None


def _triples(
    found: Sequence[Access],
    steps: Sequence[ExecutedLine],
    touched: Touched,
) -> Iterable[tuple[Access, Access, Access]]:
    """Of one name: two accesses of a thread in one call, and another thread's in between."""
    last: dict[str, int] = {}
    for place, access in enumerate(found):
        at = access[0]
        step = steps[at]
        before = last.get(step.lane)
        if before is not None and _in_one_call(found[before][0], at, steps, touched):
            yield from ((found[before], other, access) for other in found[before + 1 : place])
        last[step.lane] = place


def _is_coming_and_going(
    name: str, first: Access, again: Access, steps: Sequence[ExecutedLine], touched: Touched
) -> bool:
    """Whether a thread put something into ``name`` and at its end took it out again.

    Whoever reads in between reads what is so: somebody is there.
    """
    one, other = (touched[steps[at].file, steps[at].line] for at in (first[0], again[0]))
    return name in one.adds and name in other.removes


def _only_appends(name: str, at: int, steps: Sequence[ExecutedLine], touched: Touched) -> bool:
    """Whether all that the line does to the container is to append to it."""
    return name in touched[steps[at].file, steps[at].line].appends


def _is_set(name: str, at: int, steps: Sequence[ExecutedLine], touched: Touched) -> bool:
    """Whether the line gives ``name`` another value, whatever it had before."""
    return name in touched[steps[at].file, steps[at].line].sets


def _is_whole(name: str, at: int, steps: Sequence[ExecutedLine], touched: Touched) -> bool:
    """Whether the line uses the container as a whole, and not only what it has under a key."""
    return name in touched[steps[at].file, steps[at].line].whole


def _function(at: int, steps: Sequence[ExecutedLine], touched: Touched) -> str:
    touch = touched.get((steps[at].file, steps[at].line))
    return touch.function if touch is not None else ""


def _in_one_call(first: int, again: int, steps: Sequence[ExecutedLine], touched: Touched) -> bool:
    """Whether the function of the first line has not been left when the second is run."""
    one, other = steps[first], steps[again]
    mine, later = touched[one.file, one.line], touched[other.file, other.line]
    if later.function != mine.function and mine.function not in later.callers:
        return False
    return bool(mine.function) and not any(
        step.lane == one.lane and _function(at, steps, touched) in mine.callers
        for at, step in enumerate(steps[first + 1 : again + 1], start=first + 1)
    )


def decisive(steps: Sequence[ExecutedLine], conflict: Mapping[str, Any]) -> list[ExecutedLine]:
    """The few lines that say it: the three accesses, and where the thread was stopped."""
    first, between, again = conflict["at"]
    held = next(
        (at for at in range(first + 1, between) if steps[at].stopped and
         steps[at].lane == conflict["who"]), None,
    )  # fmt: skip
    places = {first, between, again}
    if held is not None:
        places.add(held)
    else:
        # What the other thread looked at before it wrote.
        others = [at for at in range(first + 1, between) if steps[at].lane == conflict["other"]]
        places.update(others[-1:])
    return [steps[at] for at in sorted(places)]


def around_locks(
    steps: Sequence[ExecutedLine], waits: Sequence[Mapping[str, Any]]
) -> list[ExecutedLine]:
    """Of a deadlock: where each lock was taken, and the last line of each thread that waits."""
    places = set()
    for wait in waits:
        for lane, line in (
            (wait["holder"], wait["held_since"]["line"]),
            (wait["who"], wait["at"]["line"]),
        ):
            found = [at for at, step in enumerate(steps) if (step.lane, step.line) == (lane, line)]
            places.update(found[-1:])
    return [steps[at] for at in sorted(places)]
