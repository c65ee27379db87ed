"""Where two threads meet over one client: mixed sends, OK too late, the list too late."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from harness.schedules.counterexample import ExecutedLine
from harness.schedules.cycles import CALM
from harness.schedules.lanes import sends_of
from harness.schedules.meeting import (
    Expired,
    Lost,
    Send,
    hurried,
    in_turns,
    listed_late,
    struck_off,
    told_late,
)
from harness.schedules.met_words import met_in_words
from harness.schedules.touches import touches
from tests.explored import told_to
from tests.racy.faults import write

SOURCE = """members = []


def enter(conn):
    members.append(conn)
    conn.sendall(b"OK")


def say(text):
    for conn in members:
        conn.sendall(text)


def leave(conn):
    members.remove(conn)
"""
ADDS, OKAYS, WALKS, SAYS, REMOVES = 5, 6, 10, 11, 15
TOUCHED = {("server.py", line): touch for line, touch in touches(SOURCE).items()}
Held = Sequence[tuple[str, int]]


def run(*steps: tuple[str, int]) -> list[ExecutedLine]:
    return [ExecutedLine(lane, "server.py", line, "") for lane, line in steps]


def sent(task: str, line: int, mark: int, to: str = "citra", held: Held = ()) -> Send:
    step = ExecutedLine(task, "server.py", line, "")
    return Send(task, step, to, mark, frozenset((lane, "server.py", at) for lane, at in held))


def test_two_that_send_to_one_in_turns_are_named():
    sends = [sent("ani", 5, 1), sent("ani", 6, 2), sent("ani", 5, 3), sent("budi", 5, 4, "dewi")]
    sends += [sent("budi", 5, 5), sent("budi", 6, 6), sent("ani", 6, 7)]
    found = in_turns(sends, "citra", until=6)
    assert found is not None
    assert (found.name, found.who, found.line, found.again_line) == ("citra", "ani", 5, 6)
    assert (found.other, found.other_line) == ("budi", 5)
    assert [(row.lane, row.line) for row in found.rows] == [("ani", 5), ("budi", 5), ("ani", 6)]


def test_who_sends_before_or_after_another_does_not_meet_it():
    sends = [sent("ani", 5, 1), sent("ani", 6, 2), sent("budi", 5, 3), sent("budi", 6, 4)]
    assert in_turns(sends, "citra", until=9) is None
    assert in_turns([*sends, sent("ani", 5, 8)], "citra", until=2) is None
    assert in_turns(sends, "dewi", until=9) is None


def test_who_hears_others_before_its_ok_was_listed_too_early():
    steps = run(("citra", ADDS), ("ani", WALKS), ("ani", SAYS), ("citra", OKAYS))
    sends = [sent("ani", SAYS, 3), sent("citra", OKAYS, 4)]
    found = told_late(sends, steps, TOUCHED, "citra", until=3, ok_at=4)
    assert found is not None
    assert (found.name, found.who, found.line) == ("members", "citra", ADDS)
    assert (found.other, found.other_line, found.again_line) == ("ani", SAYS, OKAYS)
    assert told_late(list(reversed(sends)), steps, TOUCHED, "citra", until=3, ok_at=4) is None


def test_what_its_thread_sends_it_before_ok_is_not_ok():
    notice = 99
    steps = run(("citra", ADDS), ("ani", WALKS), ("ani", SAYS), ("citra", OKAYS))
    sends = [sent("ani", SAYS, 3), sent("citra", notice, 4), sent("citra", OKAYS, 5)]
    sends.append(sent("citra", notice, 7))
    found = told_late(sends, steps, TOUCHED, "citra", until=3, ok_at=4)
    assert found is not None
    assert found.again_line == OKAYS
    assert told_late(sends, steps, TOUCHED, "citra", until=3, ok_at=-1) is None


def test_the_mark_of_a_send_counts_the_ok_that_came_of_it():
    steps = run(("citra", ADDS), ("ani", WALKS), ("ani", SAYS), ("citra", OKAYS))
    sends = [sent("ani", SAYS, 16), sent("citra", OKAYS, 17), sent("citra", 99, 18)]
    found = told_late(sends, steps, TOUCHED, "citra", until=15, ok_at=16)
    assert found is not None
    assert (found.again_line, found.at_fault) == (OKAYS, [ADDS, OKAYS])


LOCKED = """members = []


def enter(conn):
    with lock:
        members.append(conn)
        send(conn, "OK")


def say(text):
    with lock:
        for conn in members:
            send(conn, text)


def send(conn, text):
    with conn.lock:
        conn.sendall(text)
"""
LOCKS, PUTS, ACCEPTS, ASKS, LOOKS, HANDS, GUARDS, SENDS = 5, 6, 7, 11, 12, 13, 17, 18
IN_LOCKED = {("server.py", line): touch for line, touch in touches(LOCKED).items()}


def before_ok(*before_walk: tuple[str, int], held: Held = ()):
    """What is told where ani sends to citra, which is stopped before its OK."""
    steps = run(("citra", LOCKS), ("citra", PUTS), ("citra", ACCEPTS), *before_walk)
    steps[2] = dataclasses.replace(steps[2], stopped="before")
    steps += run(("ani", LOOKS), ("ani", HANDS), ("ani", GUARDS), ("ani", SENDS))
    steps += run(("citra", ACCEPTS), ("citra", GUARDS), ("citra", SENDS))
    steps[-3:] = [dataclasses.replace(step, mark=3) for step in steps[-3:]]
    sends = [sent("ani", SENDS, 3, held=held), sent("citra", SENDS, 4)]
    found = told_late(sends, steps, IN_LOCKED, "citra", until=3, ok_at=3)
    assert found is not None
    return found


def test_who_sends_ok_behind_its_lock_is_at_fault():
    found = before_ok(("ani", ASKS), held=[("ani", ASKS), ("ani", GUARDS)])
    assert (found.kind, found.at_fault) == ("told_late", [PUTS, ACCEPTS])
    # Both send through one function: told are the lines that call it.
    assert (found.line, found.other_line, found.again_line) == (PUTS, HANDS, ACCEPTS)
    lines = [(row.lane, row.line, row.stopped) for row in found.rows]
    assert lines == [
        ("citra", PUTS, ""),
        ("citra", ACCEPTS, "before"),
        ("ani", LOOKS, ""),
        ("ani", SENDS, ""),
    ]


def test_who_walks_without_the_lock_of_the_newcomer_is_at_fault():
    found = before_ok(held=[("citra", LOCKS), ("ani", GUARDS)])
    assert (found.kind, found.who, found.other) == ("walked_unlocked", "citra", "ani")
    assert (found.line, found.other_line, found.again_line) == (PUTS, LOOKS, ACCEPTS)
    assert found.at_fault == [LOOKS]
    assert all("{" not in text for text in met_in_words(asdict(found)).values())


def test_where_each_has_a_lock_of_its_own_both_may_be_at_fault():
    found = before_ok(("ani", ASKS), held=[("citra", LOCKS), ("ani", ASKS)])
    assert (found.kind, found.at_fault) == ("walked_unlocked", [LOOKS, PUTS, ACCEPTS])


def test_the_locks_held_at_a_send_are_known(tmp_path: Path):
    server = write("ok_after_the_lock", tmp_path)
    phases = [{"a": [["connect"], ["claim", "ani"]]}]
    cycle = {"storm": "", "seed": 0, "policy": CALM, "phases": phases, "record": True}
    (done,) = told_to(server, [cycle]).cycles
    assert [(each.to, each.held) for each in sends_of(done, tmp_path)] == [("a", frozenset())] * 2
    server = write("dict_lock", tmp_path)
    (done,) = told_to(server, [cycle]).cycles
    *_, okay = sends_of(done, tmp_path)
    ((lane, file, line),) = okay.held
    assert (lane, file) == ("a", "server.py")
    assert server.read_text().splitlines()[line - 1] == "    with lock:"


def marked(*steps: tuple[str, int, int]) -> list[ExecutedLine]:
    """Lines, each with how many events there were when it began."""
    return [ExecutedLine(lane, "server.py", line, "", mark=mark) for lane, line, mark in steps]


LOST = Lost("citra", "ani", ok_at=3, said_at=4, former={"lama"})


def test_who_misses_a_line_after_its_ok_was_listed_too_late():
    steps = marked(("citra", OKAYS, 3), ("citra", 7, 4), ("ani", WALKS, 5), ("citra", ADDS, 6))
    steps[1] = dataclasses.replace(steps[1], stopped="before")
    sends = [sent("citra", OKAYS, 4)]
    found = listed_late(sends, steps, TOUCHED, LOST)
    assert found is not None
    assert (found.name, found.who, found.line) == ("members", "citra", OKAYS)
    assert (found.other, found.other_line, found.again_line) == ("ani", WALKS, ADDS)
    # Where it was stopped, and where they met.
    rows = [(row.lane, row.line) for row in found.rows]
    assert rows == [("citra", OKAYS), ("citra", 7), ("ani", WALKS), ("citra", ADDS)]
    assert found.rows[1].stopped
    in_time = marked(("citra", ADDS, 2), ("citra", OKAYS, 3), ("ani", WALKS, 5))
    assert listed_late(sends, in_time, TOUCHED, LOST) is None
    unasked = marked(("ani", WALKS, 2), ("citra", OKAYS, 3), ("citra", ADDS, 4))
    assert listed_late(sends, unasked, TOUCHED, LOST) is None


def test_a_walk_for_another_line_or_a_send_before_ok_explains_nothing():
    """NICK went out by the same line as OK, and before the line that was lost another was told."""
    steps = marked(("citra", OKAYS, 1), ("ani", WALKS, 2), ("citra", ADDS, 2), ("citra", OKAYS, 3))
    sends = [sent("citra", OKAYS, 2), sent("citra", OKAYS, 4)]
    assert listed_late(sends, steps, TOUCHED, LOST) is None
    assert listed_late(sends, [*steps, *marked(("ani", WALKS, 5))], TOUCHED, LOST) is None


def test_who_is_taken_off_the_list_was_not_put_there():
    steps = marked(
        ("citra", ADDS, 2), ("citra", OKAYS, 3), ("ani", WALKS, 5), ("citra", REMOVES, 6)
    )
    sends = [sent("citra", OKAYS, 4)]
    assert listed_late(sends, steps, TOUCHED, LOST) is None
    steps = run(("citra", REMOVES), ("ani", WALKS), ("citra", OKAYS))
    sends = [sent("ani", SAYS, 3), sent("citra", OKAYS, 4)]
    assert told_late(sends, steps, TOUCHED, "citra", until=3, ok_at=4) is None


def test_who_is_taken_off_by_the_former_holder_of_its_name_is_told_so():
    steps = marked(("lama", 14, 1), ("citra", ADDS, 2), ("lama", REMOVES, 4), ("ani", WALKS, 5))
    steps[0] = dataclasses.replace(steps[0], stopped="before")
    found = struck_off(steps, TOUCHED, LOST)
    assert found is not None
    assert (found.name, found.who, found.line) == ("members", "citra", ADDS)
    assert (found.other, found.other_line, found.again_line) == ("lama", REMOVES, WALKS)
    assert found.at_fault == [14, REMOVES]
    assert found.rows == [dataclasses.replace(each, switched=True) for each in steps]
    assert all("{" not in text for text in met_in_words(asdict(found)).values())
    # Another one that leaves takes itself off, and so does one that has gone before.
    other = [dataclasses.replace(each, lane=each.lane.replace("lama", "budi")) for each in steps]
    assert struck_off(other, TOUCHED, LOST) is None
    gone = marked(("lama", REMOVES, 1), ("citra", ADDS, 2), ("ani", WALKS, 5))
    assert struck_off(gone, TOUCHED, LOST) is None
    assert struck_off(steps[:3], TOUCHED, LOST) is None


def gave_up(setter: str, mark: int, of: str = "citra") -> Expired:
    step, limit = (ExecutedLine(who, "server.py", line, "") for who, line in ((of, 8), (setter, 3)))
    return Expired(step, limit, of, setter == of, mark)


def test_a_recv_that_anothers_limit_of_time_ended_is_named():
    found = hurried([gave_up("ani", 2), gave_up("budi", 9)], "citra", until=5)
    assert found is not None
    assert (found.kind, found.name, found.who, found.line) == ("hurried", "citra", "citra", 8)
    assert (found.other, found.other_line) == ("ani", 3)
    assert [(row.lane, row.line) for row in found.rows] == [("ani", 3), ("citra", 8)]


def test_a_limit_of_its_own_or_of_another_connection_explains_nothing():
    assert hurried([gave_up("citra", 2)], "citra", until=5) is None
    assert hurried([gave_up("ani", 2, of="dewi")], "citra", until=5) is None
    assert hurried([gave_up("ani", 7)], "citra", until=5) is None
