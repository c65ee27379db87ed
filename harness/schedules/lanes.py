"""The interleaving as lanes: one per thread, the student's own lines in the order they ran."""

from __future__ import annotations

import linecache
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.schedules.counterexample import Counterexample, ExecutedLine

# How many lines are worth showing at most, and how many of one thread in a row.
WINDOW = 36
RUN = 8
# Lines shown of the thread that is stopped, before it is.
LEAD = 4
# Lines as near as this to those around a stop are shown before others are.
NEAR = 2
# Threads shown waiting for a lock whose holder waits for none.
WAITS = 3


def steps_of(cycle: dict[str, Any], folder: Path, until: int, grain: str) -> list[ExecutedLine]:
    """The recorded lines up to the moment the journal had `until` entries, with their source.

    A thread stopped at a line has not run it yet (grain "line") or not to its end ("opcode"); the
    line stands again where the thread goes on.
    """
    names = {task: label for task, label, *_ in cycle["lines"] if label}
    steps: list[ExecutedLine] = []
    waiting: dict[str, ExecutedLine] = {}
    before = ""
    for task, _, file, line, stopped, mark in cycle["lines"]:
        if mark > until:
            break
        lane = names.get(task) or ("utama" if task == "main" else task)
        source = linecache.getline(str(folder / file), line).strip()
        step = ExecutedLine(lane, file, line, source, switched=lane != before)
        if stopped:
            held = replace(step, stopped="before" if grain == "line" else "within")
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


def around(steps: list[ExecutedLine], window: int = WINDOW) -> list[ExecutedLine]:
    """What matters: from the first stop on (else the end), with each run of a thread shortened."""
    first = next((at for at, step in enumerate(steps) if step.stopped), None)
    chosen = steps if first is None else steps[max(0, first - LEAD) :]
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
        # The end is where it goes wrong: it is always shown.
        shown.append(short[-1])
    return [step for run in shown for step in run]


def _near_stops(steps: list[ExecutedLine]) -> dict[tuple[str, int], int]:
    """The lines around each stop, and around what that thread ran just before: how far away."""
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
    """A thread's lines in a row: each once, and of many those near a stop, the first, the last."""
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
    # Where it began and how it ended; then what is near a stop; then what led to the end.
    wanted = [0, last, *nearest[: RUN - 3], *range(last - 1, 0, -1)]
    return [once[at] for at in sorted(list(dict.fromkeys(wanted))[:RUN])]


def as_text(example: Counterexample, window: int = WINDOW) -> str:
    """Lanes as text: a heading whenever another thread goes on, then its lines."""
    rows: list[str] = []
    lane = ""
    for step in around(example.steps, window):
        if step.lane != lane:
            rows.append(f"utas {step.lane}:")
            lane = step.lane
        rows.append(f"    baris {step.line:>3}  {step.source}{STOPS[step.stopped]}")
    for wait in example.waits:
        rows.append(waits_as_text(wait))
    return "\n".join(rows)


def essential(waits: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of the threads that wait for a lock, those that make others wait; a few when none does."""
    holders = {wait["holder_task"] for wait in waits}
    return [wait for wait in waits if wait["task"] in holders] or waits[:WAITS]


STOPS = {
    "": "",
    "before": "    <- berhenti sebelum baris ini",
    "within": "    <- berhenti di tengah baris ini",
}


def waits_as_text(wait: dict[str, Any]) -> str:
    """One sentence on a thread that waits for a lock: for whom, since which line."""
    own = wait["task"] == wait["holder_task"]
    holder = "utas itu sendiri" if own else f"utas {wait['holder']}"
    text = (
        f"utas {wait['who']} menunggu lock di baris {wait['at']['line']}; "
        f"lock itu dipegang {holder} sejak baris {wait['held_since']['line']}"
    )
    stopped = wait["holder_waits"]
    if not own and not wait["holder_alive"]:
        text += ", yang sudah berakhir tanpa melepasnya"
    elif not own and stopped is not None and stopped["what"] == "lock":
        text += f", yang menunggu lock lain di baris {wait['holder_at']['line']}"
    elif not own and stopped is not None and stopped["what"] == "send":
        peer = stopped.get("peer", "")
        text += f", yang tertahan mengirim ke {peer} di baris {wait['holder_at']['line']}"
    return text + "."
