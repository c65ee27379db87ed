"""A failing schedule as lanes, one a thread: the student's own lines in the order they ran."""

from __future__ import annotations

import linecache
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.schedules.counterexample import ExecutedLine
from harness.schedules.meeting import Expired, Send
from harness.schedules.oracle import Violation

# How many lines are worth showing at most, and how many of one thread in a row.
WINDOW = 36
RUN = 8
# Lines shown of the thread that is stopped, before it is.
LEAD = 4
# Lines as near as this to those around a stop are shown before others are.
NEAR = 2
# Threads shown waiting for a lock whose holder waits for none.
WAITS = 3


def steps_of(
    cycle: dict[str, Any],
    folder: Path,
    until: int,
    grain: str,
    touched: Collection[tuple[str, int]] = (),
) -> list[ExecutedLine]:
    """The recorded lines up to the moment the journal had `until` entries, with their source.

    A thread stopped at a line has not run it yet (grain "line") or not to its end ("opcode"); the
    line stands again where the thread goes on. ``touched`` are the lines that touch what threads
    share; without any, all may.
    """
    names = {task: label for task, label, *_ in cycle["lines"] if label}
    steps: list[ExecutedLine] = []
    waiting: dict[str, ExecutedLine] = {}
    before = ""
    linecache.checkcache()  # The student may have changed a file since it was last read.
    for task, _, file, line, stopped, mark in cycle["lines"]:
        if mark > until:
            break
        lane = names.get(task) or ("utama" if task == "main" else task)
        source = linecache.getline(str(folder / file), line).strip()
        is_shared = not touched or (file, line) in touched
        switched = lane != before
        step = ExecutedLine(lane, file, line, source, switched, is_shared=is_shared, mark=mark)
        if stopped:
            where = "before" if grain == "line" else "within"
            held = replace(step, stopped=where, is_locked=stopped == "locked")
            if steps and steps[-1].lane == lane and steps[-1].line == line:
                held = replace(held, switched=steps[-1].switched)
                steps.pop()
            steps.append(held)
            waiting[lane] = step
        else:
            again = waiting.pop(lane, None)
            if again is not None:
                steps.append(replace(again, switched=lane != before))
                step = replace(step, switched=False)
            steps.append(step)
        before = lane
    return steps


def died_at(violation: Violation, steps: list[ExecutedLine], folder: Path) -> list[ExecutedLine]:
    """The line of the submission at which a thread died, if it did: the last one of all."""
    for file, line, source in reversed(violation.detail.get("frames", [])):
        path = Path(file)
        if path.is_relative_to(folder):
            name = path.relative_to(folder).as_posix()
            switched = not steps or steps[-1].lane != violation.who
            return [ExecutedLine(violation.who, name, line, source, switched)]
    return []


def sends_of(cycle: dict[str, Any], folder: Path) -> list[Send]:
    """Each time bytes went to a client, in order."""
    return [
        Send(here[0], _line_at(here, folder), to, mark, frozenset(map(tuple, held)))
        for *here, to, mark, held in cycle.get("sends") or ()
    ]


def expired_of(cycle: dict[str, Any], folder: Path) -> list[Expired]:
    """Each time a thread gave up receiving, in order."""
    return [
        Expired(_line_at(here, folder), _line_at(setter, folder), of, here[0] == setter[0], mark)
        for here, of, setter, mark in cycle.get("expired") or ()
    ]


def _line_at(place: Sequence[Any], folder: Path) -> ExecutedLine:
    """A line as the launcher tells it (`Task.whereabouts`)."""
    task, label, file, line = place
    lane = label or ("utama" if task == "main" else task)
    return ExecutedLine(lane, file, line, linecache.getline(str(folder / file), line).strip())


def around(steps: list[ExecutedLine], window: int = WINDOW) -> list[ExecutedLine]:
    """The part to show: from the first stop on, or else the end; each thread's part shortened."""
    first = next((at for at, step in enumerate(steps) if step.stopped), None)
    chosen = steps if first is None else steps[max(0, first - LEAD) :]
    chosen = _deciding(chosen)
    runs: list[list[ExecutedLine]] = []
    for step in chosen:
        if step.switched or not runs:
            runs.append([])
        runs[-1].append(step)
    near = _near_stops(steps)
    short = [_shortened(run, near) for run in runs]
    if first is None:
        short.reverse()
    shown: list[list[ExecutedLine]] = []
    count = 0
    for run in short:
        if count + len(run) > window and shown:
            break
        shown.append(run)
        count += len(run)
    if first is None:
        shown.reverse()
    elif len(shown) < len(short):
        # The program breaks its promise at the end, so the end is always shown.
        shown.append(short[-1])
    return [step for run in shown for step in run]


def _deciding(steps: list[ExecutedLine]) -> list[ExecutedLine]:
    """Without lines that touch nothing shared; the first of a thread's part carries the switch."""
    kept: list[ExecutedLine] = []
    for at, step in enumerate(steps):
        # The last line is where it went wrong.
        if step.stopped or step.is_shared or at == len(steps) - 1:
            switched = not kept or kept[-1].lane != step.lane
            kept.append(replace(step, switched=switched))
    return kept


def _near_stops(steps: list[ExecutedLine]) -> dict[tuple[str, int], int]:
    """For each line, how far it is from a stop, or from what that thread ran just before one."""
    near: dict[tuple[str, int], int] = {}
    for at, step in enumerate(steps):
        if not step.stopped:
            continue
        before = [other for other in steps[:at] if other.lane == step.lane][-LEAD:]
        for other in [step, *before]:
            for away in range(-NEAR, NEAR + 1):
                place = (other.file, other.line + away)
                far = abs(away) + (0 if other is step else NEAR + 1)
                near[place] = min(far, near.get(place, far))
    return near


def _shortened(run: list[ExecutedLine], near: dict[tuple[str, int], int]) -> list[ExecutedLine]:
    """A thread's lines in a row: each once; of many, those near a stop, the first and the last."""
    seen: set[tuple[str, int]] = set()
    once = []
    for step in run:
        if step.stopped or (step.file, step.line) not in seen:
            once.append(step)
        seen.add((step.file, step.line))
    if len(once) <= RUN:
        return once
    last = len(once) - 1
    places = {at: (step.file, step.line) for at, step in enumerate(once)}
    far = {at: near[place] for at, place in places.items() if place in near}
    nearest = sorted(far, key=lambda at: (far[at], at))
    # First the first and the last line; then lines near a stop; then those before the end.
    wanted = [0, last, *nearest[: RUN - 3], *range(last - 1, 0, -1)]
    return [once[at] for at in sorted(list(dict.fromkeys(wanted))[:RUN])]


def essential(waits: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of the threads that wait for a lock, those that make others wait; a few when none does."""
    holders = {wait["holder_task"] for wait in waits}
    return [wait for wait in waits if wait["task"] in holders] or waits[:WAITS]


# A thread that waits for a lock: who holds it since which line, and why it is not let go.
_WAITS = (
    "thread {who} menunggu lock di baris {line}; lock itu dipegang {holder} sejak baris {since}",
    "thread {who} waits for a lock at line {line}; {holder} has held it since line {since}",
)
_ITSELF = ("thread itu sendiri", "the thread itself")
_THREAD = ("thread {name}", "thread {name}")
_ENDED = (
    ", yang sudah berakhir tanpa melepasnya",
    " and ended without letting it go",
)
_LOCK = (
    ", yang menunggu lock lain di baris {at}",
    " and waits for another lock at line {at}",
)
_SEND = (
    ", yang tertahan mengirim ke {peer} di baris {at}",
    " and is held up sending to {peer} at line {at}",
)


def waits_in_words(wait: dict[str, Any]) -> tuple[str, str]:
    """One sentence, in Indonesian and English, on a thread that waits for a lock for ever."""
    own = wait["task"] == wait["holder_task"]
    stopped = wait["holder_waits"] or {}
    facts = {
        "who": wait["who"],
        "line": wait["at"]["line"],
        "since": wait["held_since"]["line"],
        "at": wait["holder_at"]["line"] if wait["holder_at"] else "",
        "peer": stopped.get("peer") or "client",
    }
    why = ("", "")
    if not own and not wait["holder_alive"]:
        why = _ENDED
    elif not own and stopped.get("what") == "lock":
        why = _LOCK
    elif not own and stopped.get("what") == "send":
        why = _SEND
    id_, en = (
        (text + reason + ".").format(holder=holder.format(name=wait["holder"]), **facts)
        for text, reason, holder in zip(_WAITS, why, _ITSELF if own else _THREAD, strict=True)
    )
    return id_, en
