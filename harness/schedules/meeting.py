"""Where two threads meet over one client: what is sent to it, and when it is on the list.

Facts as of `conflict`; here the lines that decide are sends, and it is known to whom they went.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from harness.schedules.counterexample import ExecutedLine
from harness.schedules.touches import Touch

Touched = Mapping[tuple[str, int], Touch]


@dataclass(frozen=True, slots=True)
class Send:
    """One time that a thread sent: its line, to whom, and how many events there were by then.

    ``mark`` counts what came of it: the event itself is the one before. ``held`` are the locks
    that were held then, by whom, and the file and line at which each was taken.
    """

    task: str
    step: ExecutedLine
    to: str
    mark: int
    held: frozenset[tuple[str, str, int]] = frozenset()


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
    one sent to ``who`` before its OK went out. ``walked_unlocked``: the same, but ``who`` held a
    lock over both, and the other one walked through ``name`` without it. ``listed_late``: another
    one walked through ``name`` before ``who`` was in there. ``struck_off``: another one, which had
    the same nickname before, took ``who`` off the list ``name``. ``hurried``: another one limited
    the time of the connection to ``name``, and ``who`` then gave up receiving.
    """

    kind: str
    name: str
    who: str
    line: int
    other: str
    other_line: int
    again_line: int
    rows: list[ExecutedLine]
    # The lines that are to be changed; empty where that may be any of them.
    at_fault: list[int] = field(default_factory=list)


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

    ``steps`` are those up to OK at least; ``ok_at``: the event at which OK arrived. Where the
    thread of ``victim`` held a lock all the while, it is the other one that did not take it.
    """
    there = [each for each in sends if each.to == victim]
    for at, theirs in enumerate(there):
        # Its thread may have sent it something else before.
        mine = [each for each in there[at + 1 :] if each.step.lane == victim]
        own = next((each for each in reversed(mine) if each.mark <= ok_at + 1), None)
        if theirs.step.lane in ("", victim) or own is None or abs(theirs.mark - until) > 1:
            continue
        before = [step for step in steps if step.mark < theirs.mark]
        for place in range(len(before) - 1, -1, -1):
            touch = touched.get((before[place].file, before[place].line))
            if before[place].lane != victim or touch is None or not touch.adds:
                continue
            walk = _walk(before, touched, theirs.step.lane, touch.adds)
            if walk > place:
                name = min(touch.adds & _walked(before[walk], touched))
                return _told_before_ok(name, before, place, walk, theirs, own, steps, touched)
    return None


def _told_before_ok(
    name: str,
    before: Sequence[ExecutedLine],
    place: int,
    at: int,
    theirs: Send,
    own: Send,
    steps: Sequence[ExecutedLine],
    touched: Touched,
) -> Meeting:
    """The meeting of `told_late` over the list ``name``.

    ``before[place]`` put the victim there, ``before[at]`` walked through it.
    """
    put, walk = before[place], before[at]
    # Both may send through the same function: then it is where that is called that differs.
    is_shared = _function(own.step, touched) == _function(theirs.step, touched)
    okay, sent = (
        (_call_of(each, run, touched) if is_shared else each.step)
        for each, run in ((own, steps), (theirs, before))
    )
    stops = [step for step in before[place:] if step.lane == put.lane and step.stopped]
    # Where its thread was stopped at that line, it stands there once; else there is no room for the
    # line that sent behind the one that walked.
    is_at_okay = bool(stops) and stops[-1].line == okay.line
    sending = [theirs.step] if is_at_okay or not stops else []
    rows = [put, *stops[-1:], walk, *sending, *([] if is_at_okay else [okay])]
    rows = [replace(each, switched=True) for each in rows]
    lines = (put.line, okay.line)
    if not _is_locked_over(theirs, before, place):
        told = "told_late", name, put.lane, put.line, walk.lane, sent.line, okay.line
        return Meeting(*told, rows, list(lines))
    # With a lock of its own the other one may be right, and the lock the wrong one.
    fault = [walk.line, *lines] if _is_locked_over(theirs, before, at) else [walk.line]
    told = "walked_unlocked", name, put.lane, put.line, walk.lane, walk.line, okay.line
    return Meeting(*told, rows, fault)


def _function(step: ExecutedLine, touched: Touched) -> str:
    return touched.get((step.file, step.line), Touch()).function


def _walked(step: ExecutedLine, touched: Touched) -> frozenset[str]:
    """The shared names that the line reads as a whole."""
    touch = touched.get((step.file, step.line))
    return touch.reads & touch.whole if touch is not None else frozenset()


def _walk(steps: Sequence[ExecutedLine], touched: Touched, lane: str, names: frozenset[str]) -> int:
    """Where the thread of ``lane`` walked through one of ``names`` last; -1 where it did not."""
    for at in range(len(steps) - 1, -1, -1):
        if steps[at].lane == lane and names & _walked(steps[at], touched):
            return at
    return -1


def _call_of(send: Send, steps: Sequence[ExecutedLine], touched: Touched) -> ExecutedLine:
    """The line that called the function which sent; the line that sent where none did."""
    touch = touched.get((send.step.file, send.step.line), Touch())
    for step in reversed(steps):
        other = touched.get((step.file, step.line))
        is_caller = other is not None and other.function in touch.callers
        if step.lane == send.step.lane and step.mark < send.mark and is_caller:
            return step
    return send.step


def _is_locked_over(send: Send, before: Sequence[ExecutedLine], place: int) -> bool:
    """Whether the thread of ``before[place]`` took a lock before that and held it at ``send``."""
    for lane, file, line in send.held:
        taken = [
            at
            for at, step in enumerate(before)
            if (step.lane, step.file, step.line) == (lane, file, line)
        ]
        if lane == before[place].lane and taken and taken[-1] < place:
            return True
    return False


@dataclass(frozen=True, slots=True)
class Lost:
    """A line that did not come to ``victim``: who said it, and when OK and the line came.

    ``ok_at``, ``said_at``: the events at which ``victim`` got OK and ``speaker`` said the line.
    ``former``: others that asked for the nickname of ``victim``.
    """

    victim: str
    speaker: str
    ok_at: int
    said_at: int
    former: Collection[str] = ()


def listed_late(
    sends: Sequence[Send], steps: Sequence[ExecutedLine], touched: Touched, lost: Lost
) -> Meeting | None:
    """The speaker walked through the list before the victim, which had got OK, was there."""
    victim = lost.victim
    mine = [each for each in sends if each.to == each.step.lane == victim]
    told = next((each for each in reversed(mine) if each.mark <= lost.ok_at + 1), None)
    walk = _walk_for(steps, touched, lost)
    if told is None or walk < 0 or steps[walk].mark < told.mark:
        return None
    put = _put(steps, touched, victim, _walked(steps[walk], touched))
    if put < walk:
        return None
    name = min(touched[steps[put].file, steps[put].line].adds & _walked(steps[walk], touched))
    stops = [step for step in steps[:walk] if step.lane == victim and step.stopped]
    held = [step for step in stops[-1:] if step.mark >= told.mark]
    okay = _call_of(told, steps, touched)
    added = [] if held and held[0].line == steps[put].line else [steps[put]]
    rows = [replace(each, switched=True) for each in (okay, *held, steps[walk], *added)]
    facts = name, victim, okay.line, lost.speaker, steps[walk].line, steps[put].line
    return Meeting("listed_late", *facts, rows, [okay.line, steps[put].line])


def struck_off(steps: Sequence[ExecutedLine], touched: Touched, lost: Lost) -> Meeting | None:
    """Whoever had the nickname before took it off the list after the victim had been put there.

    So the speaker did not find the victim there.
    """
    walk = _walk_for(steps, touched, lost)
    walked = _walked(steps[walk], touched) if walk >= 0 else frozenset()
    put = _put(steps[: walk + 1], touched, lost.victim, walked)
    for at in range(walk - 1, put, -1):
        touch = touched.get((steps[at].file, steps[at].line), Touch())
        name = min(touch.writes & walked, default="")
        if put < 0 or not name or steps[at].lane not in lost.former or steps[at].stopped:
            continue
        one = steps[at].lane
        stops = [step for step in steps[:put] if step.lane == one and step.stopped]
        rows = [*stops[-1:], steps[put], steps[at], steps[walk]]
        rows = [replace(each, switched=True) for each in rows]
        facts = name, lost.victim, steps[put].line, one, steps[at].line, steps[walk].line
        fault = dict.fromkeys(each.line for each in (*stops[-1:], steps[at]))
        return Meeting("struck_off", *facts, rows, list(fault))
    return None


def _walk_for(steps: Sequence[ExecutedLine], touched: Touched, lost: Lost) -> int:
    """Where the speaker walked through a list to tell all of that line; -1 where nowhere."""
    lists: set[str] = set()
    for step in steps:
        touch = touched.get((step.file, step.line), Touch())
        lists |= touch.adds if step.lane == lost.victim else frozenset()
    for at, step in enumerate(steps):
        is_his = step.lane == lost.speaker and step.mark > lost.said_at
        if is_his and lists & _walked(step, touched):
            return at
    return -1


def _put(steps: Sequence[ExecutedLine], touched: Touched, lane: str, names: frozenset[str]) -> int:
    """Where the thread of ``lane`` put something into one of ``names`` last; -1 where nowhere."""
    for at in range(len(steps) - 1, -1, -1):
        touch = touched.get((steps[at].file, steps[at].line), Touch())
        if steps[at].lane == lane and touch.adds & names and not steps[at].stopped:
            return at
    return -1
