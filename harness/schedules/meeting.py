"""Where two threads meet over one client: what is sent to it, and when it is on the list.

Facts as of `conflict`; here the lines that decide are sends, and it is known to whom they went.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from harness.schedules.counterexample import ExecutedLine
from harness.schedules.touches import Touch

Touched = Mapping[tuple[str, int], Touch]


@dataclass(frozen=True, slots=True)
class Send:
    """One time that a thread sent: its line, to whom, and how many events there were by then."""

    task: str
    step: ExecutedLine
    to: str
    mark: int


@dataclass(frozen=True, slots=True)
class Expired:
    """One time that a thread gave up receiving from client ``of`` at ``step``.

    ``setter``: the line that had limited the time; ``is_own``: the same thread had set it.
    """

    step: ExecutedLine
    setter: ExecutedLine
    of: str
    is_own: bool
    mark: int


@dataclass(frozen=True, slots=True)
class Meeting:
    """The lines, ``rows``, that decide, and what they are in the sentence of its ``kind``.

    ``in_turns``: a thread sent to ``name`` twice, another one in between. ``told_late``: another
    one sent to ``who`` before its OK went out. ``listed_late``: another one walked through ``name``
    before ``who`` was in there. ``hurried``: another one limited the time of the connection to
    ``name``, and ``who`` then gave up receiving.
    """

    kind: str
    name: str
    who: str
    line: int
    other: str
    other_line: int
    again_line: int
    rows: list[ExecutedLine]


def _meeting(
    kind: str, name: str, one: ExecutedLine, two: ExecutedLine, three: ExecutedLine
) -> Meeting:
    rows = [replace(each, switched=True) for each in (one, two, three)]
    return Meeting(kind, name, one.lane, one.line, two.lane, two.line, three.line, rows)


def in_turns(sends: Sequence[Send], victim: str, until: int) -> Meeting | None:
    """The last time, up to ``until`` events, that two threads sent to ``victim`` in turns.

    Nobody waited for the end of the other's message then: what arrived is a mixture.
    """
    there = [each for each in sends if each.to == victim]
    for at in range(len(there) - 2, -1, -1):
        mine, theirs = there[at], there[at + 1]
        again = next((each for each in there[at + 2 :] if each.task == mine.task), None)
        if mine.task != theirs.task and theirs.mark <= until and again is not None:
            return _meeting("in_turns", victim, mine.step, theirs.step, again.step)
    return None


def hurried(expired: Sequence[Expired], victim: str, until: int) -> Meeting | None:
    """The last time, up to ``until`` events, that another's limit of time ended a recv.

    `settimeout` is for all that is done with a socket, by any thread.
    """
    for each in reversed(expired):
        if each.of == victim and not each.is_own and each.mark <= until:
            rows = [replace(step, switched=True) for step in (each.setter, each.step)]
            mine, theirs = each.step, each.setter
            return Meeting(
                "hurried", victim, mine.lane, mine.line, theirs.lane, theirs.line, mine.line, rows
            )
    return None


def told_late(
    sends: Sequence[Send],
    steps: Sequence[ExecutedLine],
    touched: Touched,
    victim: str,
    until: int,
    ok_at: int,
) -> Meeting | None:
    """Somebody sent to ``victim``, which was on the list, before its own thread had sent OK.

    ``ok_at``: the event at which OK arrived.
    """
    there = [each for each in sends if each.to == victim]
    for at, theirs in enumerate(there):
        # Its thread may have sent it something else before.
        mine = [each for each in there[at + 1 :] if each.step.lane == victim]
        own = next((each for each in reversed(mine) if each.mark <= ok_at), None)
        if theirs.step.lane in ("", victim) or own is None or abs(theirs.mark - until) > 1:
            continue
        touches = [(step, touched.get((step.file, step.line))) for step in steps]
        walked = {
            name
            for step, touch in touches
            if step.lane == theirs.step.lane and touch is not None
            for name in touch.reads & touch.whole
        }
        for step, touch in reversed(touches):
            name = min(touch.adds & walked, default="") if touch is not None else ""
            if step.lane == victim and name:
                return _meeting("told_late", name, step, theirs.step, own.step)
    return None


def listed_late(
    sends: Sequence[Send],
    steps: Sequence[ExecutedLine],
    touched: Touched,
    victim: str,
    speaker: str,
) -> Meeting | None:
    """``speaker`` walked through the list before ``victim``'s thread, which had sent OK, was there.

    ``speaker`` is whose line was lost.
    """
    told = [each.step for each in sends if each.to == victim and each.step.lane == victim]
    for at in range(len(steps) - 1, -1, -1):
        touch = touched.get((steps[at].file, steps[at].line))
        if steps[at].lane != victim or touch is None or not touch.adds or not told:
            continue
        for step in reversed(steps[:at]):
            read = touched.get((step.file, step.line))
            walked = read.reads & read.whole if read is not None else frozenset()
            name = min(touch.adds & walked, default="")
            if step.lane == speaker and name and _comes_before(told[-1], step, steps[:at]):
                return _meeting("listed_late", name, told[-1], step, steps[at])
    return None


def _comes_before(one: ExecutedLine, other: ExecutedLine, steps: Sequence[ExecutedLine]) -> bool:
    """Whether a line like ``one`` was run before the last one like ``other``."""
    places = [at for at, step in enumerate(steps) if (step.lane, step.line) == (one.lane, one.line)]
    last = max(at for at, step in enumerate(steps) if step is other)
    return any(at < last for at in places)
