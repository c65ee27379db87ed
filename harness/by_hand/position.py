"""Where a game by hand stands after its moves: threads, clients, what is shared, what is broken.

Facts only. `position_of` makes them from what the controlled process reported.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.schedules.oracle import Violation, certain_so_far, deadlock, violations

Move = list[Any]

# The variable or attribute that a lock is put into, in the line that makes it.
_LOCK_NAME = re.compile(r"^\s*(?:global\s+)?([\w.]+)\s*(?::[^=]+)?=.*Lock\(")
# How a game ends when it is no matter of the moves.
_OPEN = "done"


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the submission."""

    file: str
    line: int
    source: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class HeldLock:
    """A lock by its name in the program, and the line since which it is held."""

    name: str
    since: Place


@dataclass(frozen=True, slots=True)
class ThreadView:
    """One living thread. ``waits`` is what for: lock, recv, accept, send, ...; empty if it can go.

    ``lock`` and ``holder`` say which lock it waits for, and which thread has it.
    """

    number: int
    key: str
    name: str
    next: Place
    can_go: bool
    waits: str = ""
    peer: str = ""
    lock: HeldLock | None = None
    holder: str = ""
    holds: tuple[HeldLock, ...] = ()


@dataclass(frozen=True, slots=True)
class ClientView:
    """One client that has connected. ``state``: connected, asked, claimed, joined, left, cut."""

    key: str
    state: str
    name: str
    got: tuple[str, ...]
    unread: tuple[str, ...]
    is_accepted: bool


@dataclass(frozen=True, slots=True)
class Done:
    """What one move did: the lines that were run, and what clients did and got.

    ``has_ended``: the thread that was moved came to its end.
    """

    move: Move
    who: str
    lines: tuple[Place, ...]
    events: tuple[tuple[str, str, str], ...]
    was_possible: bool = True
    has_ended: bool = False


@dataclass(frozen=True, slots=True)
class Position:
    """How things stand after some moves. ``trouble`` says why the program cannot be played."""

    threads: tuple[ThreadView, ...] = ()
    clients: tuple[ClientView, ...] = ()
    shared: tuple[tuple[str, str], ...] = ()
    log: tuple[Done, ...] = ()
    rests: bool = False
    has_deadline: bool = False
    broken: Violation | None = None
    # Threads that wait for a lock that nobody will release, as `oracle.deadlock` tells them.
    locked_up: tuple[Mapping[str, Any], ...] = ()
    trouble: str = ""

    @property
    def skipped(self) -> int:
        """How many moves nobody could make."""
        return sum(not done.was_possible for done in self.log)

    def thread(self, number: int) -> ThreadView | None:
        """The living thread of that number."""
        return next((each for each in self.threads if each.number == number), None)

    def client(self, key: str) -> ClientView | None:
        """The client called so, once it has connected."""
        return next((each for each in self.clients if each.key == key), None)


def position_of(
    cycle: Mapping[str, Any], moves: Sequence[Move], sources: Mapping[str, Sequence[str]]
) -> Position:
    """The position that a report's cycle describes; ``sources`` are the lines of each file."""
    if cycle["end"] not in (_OPEN, "stuck", "ended"):
        return Position(trouble=str(cycle["end"]))
    if "begun" not in cycle:
        # It ended before anybody could come.
        why = [f"{error['type']}: {error['text']}" for error in cycle["errors"]]
        return Position(trouble=":".join(["ended", *why[-1:]]))

    def place(file: str, line: int) -> Place:
        rows = sources.get(file, ())
        return Place(file, line, rows[line - 1].strip() if 0 < line <= len(rows) else "")

    labels = _labels(cycle)
    numbers = {key: at for at, key in enumerate(labels, start=1)}
    journal, threads = cycle["journal"], cycle.get("threads_told", [])
    clients = tuple(_client(key, told, journal) for key, told in cycle["clients"].items())
    broken, locked_up = _judged(cycle, clients)
    return Position(
        threads=tuple(
            sorted(
                (_thread(each, labels, numbers, place) for each in threads),
                key=lambda thread: thread.number,
            )
        ),
        clients=clients,
        shared=tuple((name, text) for name, text in cycle["shared"]),
        log=_log(cycle, moves, labels, place),
        rests=bool(cycle["rests"]),
        has_deadline=bool(cycle["has_deadline"]),
        broken=broken,
        locked_up=tuple(locked_up),
    )


def _labels(cycle: Mapping[str, Any]) -> dict[str, str]:
    """The name of each thread by its key, in the order in which they first ran."""
    found = {"main": "utama"}
    for key, label, *_ in cycle["lines"]:
        found[key] = label or found.get(key, "")
    for told in cycle.get("threads_told", []):
        found[told["task"]] = told["label"] or found.get(told["task"], "")
    return {key: label or f"t{at}" for at, (key, label) in enumerate(found.items(), start=1)}


def _lock(told: Mapping[str, Any], since: Sequence[Any], place: Any) -> HeldLock | None:
    """The lock, if a line of the submission makes it; None for one within a library."""
    made = place(*told["made"])
    found = _LOCK_NAME.match(made.source)
    if "Lock(" not in made.source:
        return None
    name = found.group(1).removeprefix("self.") if found else str(made)
    return HeldLock(name, place(*since))


def _thread(
    told: Mapping[str, Any], labels: Mapping[str, str], numbers: Mapping[str, int], place: Any
) -> ThreadView:
    waits = told["waits"] or {}
    lock = None
    if "made" in waits:
        since = waits["held_since"]
        lock = _lock(waits, (since["file"], since["line"]), place)
    held = [_lock(each, each["since"], place) for each in told["holds"]]
    return ThreadView(
        number=numbers[told["task"]],
        key=told["task"],
        name=labels[told["task"]],
        next=place(told["file"], told["line"]),
        can_go=bool(told["can_go"]),
        waits=str(waits.get("what", "")),
        peer=str(waits.get("peer") or ""),
        lock=lock,
        holder=labels.get(waits.get("holder", ""), ""),
        holds=tuple(each for each in held if each is not None),
    )


def _client(key: str, told: Mapping[str, Any], journal: Sequence[Sequence[Any]]) -> ClientView:
    state, name, claimed = "connected", "", ""
    got = []
    for _, who, what, text in journal:
        if who != key:
            continue
        if what == "got":
            got.append(text)
            if text == "NICK" and state != "joined":
                state = "asked"
            elif text == "OK" and state == "claimed":
                state, name = "joined", claimed
        elif what == "claim":
            state, claimed = "claimed", text
        elif what in ("leave", "reset", "half_close"):
            state = "left"
        elif what in ("end_by_server", "reset_by_server") and state != "left":
            state = "cut"
    unread = tuple(told["unread"].split("\n"))
    return ClientView(
        key, state, name or claimed, tuple(got), tuple(filter(None, unread)), not told["is_waiting"]
    )


def _log(
    cycle: Mapping[str, Any], moves: Sequence[Move], labels: Mapping[str, str], place: Any
) -> tuple[Done, ...]:
    journal, lines = cycle["journal"], [row for row in cycle["lines"] if not row[4]]
    # The positions were counted with the lines at which a thread was stopped.
    counts, seen = [], 0
    for row in cycle["lines"]:
        counts.append(seen)
        seen += not row[4]
    counts.append(seen)
    living = {told["task"] for told in cycle.get("threads_told", ())}
    last_run = {row[0]: index for index, row in enumerate(cycle["lines"])}
    begun = [*cycle["begun"], [len(journal), len(cycle["lines"])]]
    log = []
    for at, move in enumerate(moves[: len(cycle["begun"])]):
        (first, start), (last, end) = begun[at], begun[at + 1]
        run = [place(row[2], row[3]) for row in lines[counts[start] : counts[end]]]
        events = tuple((who, what, text) for _, who, what, text in journal[first:last] if who)
        who = labels.get(move[1], move[1]) if len(move) > 1 else ""
        # It lives no more, and this was the last move in which it ran.
        has_ended = (
            len(move) > 1 and move[1] not in living and start <= last_run.get(move[1], -1) < end
        )
        log.append(Done(move, who, tuple(run), events, at not in cycle["skipped"], has_ended))
    return tuple(log)


def _judged(
    cycle: Mapping[str, Any], clients: Sequence[ClientView]
) -> tuple[Violation | None, list[dict[str, Any]]]:
    """The promise that is broken, and the threads that wait for ever for a lock."""
    locked_up = [
        link
        for link in deadlock(cycle["waiting"])
        if not link["holder_alive"] or (link["holder_waits"] or {}).get("what") == "lock"
    ]
    asked = {"connected": "asked", "claimed": "answered"}
    stuck = [[each.key, asked[each.state]] for each in clients if each.state in asked]
    told = {**cycle, "stuck": stuck}
    if cycle["end"] == "ended" or (cycle["rests"] and not cycle["has_deadline"]):
        broken = next(
            violations({**told, "end": "ended" if cycle["end"] == "ended" else "stuck"}), None
        )
    else:
        broken = certain_so_far(told)
    if broken is None and locked_up:
        broken = Violation("deadlock", locked_up[0]["who"])
    return broken, locked_up if broken is not None and broken.kind == "deadlock" else []
