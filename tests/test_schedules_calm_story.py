"""A fault that needs no switch is told by what the clients did."""

from __future__ import annotations

import dataclasses
from typing import Any

from harness.record.journal import What
from harness.schedules import in_sandbox
from harness.schedules.calm_story import told_by_clients, what_came
from harness.schedules.counterexample import Counterexample, ExecutedLine
from harness.schedules.oracle import Violation

JOURNAL = [
    [0, "c0", "connect", ""],
    [0, "c0", "got", "NICK"],
    [0, "c0", "claim", "ani"],
    [0, "c2", "connect", ""],
    [0, "c2", "claim", "budi"],
    [0, "c0", "reset", ""],
    [1, "", "rest", ""],
    [1, "c1", "connect", ""],
    [1, "c1", "claim", "ani"],
    [1, "c1", "got", "ERR dipakai"],
    [1, "c1", "leave", ""],
]


def example(violation: Violation, errors: Any = ()) -> Counterexample:
    return Counterexample(
        seed=1, storm="x", before=[], found={}, shrunk={}, violation=violation, preemptions=0,
        choices_found=0, steps=[], waits=[], errors=list(errors), journal=JOURNAL,
    )  # fmt: skip


def test_all_who_had_to_do_with_the_name_are_told_up_to_what_is_wrong():
    refused = Violation("refused_free", "c1", seen="ERR dipakai", at=9, detail={"name": "ani"})
    events = told_by_clients(example(refused))
    assert [(each.who, each.what) for each in events] == [
        ("ani", What.CONNECT),
        ("server.py", What.SEE),
        ("ani", What.SAY),
        ("ani", What.RESET),
        ("ani", What.CONNECT),
        ("ani", What.SAY),
        ("server.py", What.UNWANTED),
    ]
    assert events[-1].text == "ERR dipakai"


def test_what_did_not_come_is_marked_as_missing():
    lost = Violation("lost", "c2", expected="ani: halo", detail={})
    events = told_by_clients(example(lost))
    assert {each.who for each in events} == {"budi", "server.py"}
    assert (events[-1].what, events[-1].text) == (What.MISSING, "ani: halo")
    assert events[-1].to == "budi"


def test_a_connection_that_the_server_ended_is_marked_where_it_was():
    journal = [[0, "c0", "claim", "ani"], [0, "c0", "got", "OK"], [1, "c0", "end_by_server", ""]]
    dropped = Violation("dropped", "c0", expected="koneksi tetap ada", at=2)
    events = told_by_clients(dataclasses.replace(example(dropped), journal=journal))
    assert (events[-1].what, events[-1].to) == (What.CUT_OFF, "ani")
    assert not any(each.what is What.MISSING for each in events)


def test_who_said_the_lost_line_is_told_of_as_well():
    journal = [*JOURNAL, [1, "c3", "claim", "dewi"], [1, "c3", "say", "halo"]]
    lost = Violation("lost", "c2", expected="dewi: halo")
    events = told_by_clients(dataclasses.replace(example(lost), journal=journal))
    assert [(each.who, each.text) for each in events[-3:]] == [
        ("dewi", "dewi"), ("dewi", "halo"), ("server.py", "dewi: halo")
    ]  # fmt: skip


def test_exceptions_that_ended_threads_stand_behind_it_once_each():
    frames = [["/lib/threading.py", 1, ""], ["/x/server.py", 69, ""], ["/lib/socket.py", 5, ""]]
    error = {"type": "BrokenPipeError", "text": "[Errno 32]", "frames": frames}
    lost = Violation("lost", "c2", expected="ani: halo", detail={})
    events = told_by_clients(example(lost, [error, error]))
    assert [each.text for each in events if each.what is What.PRINT] == [
        "BrokenPipeError: [Errno 32] (server.py:69)"
    ]


def test_where_threads_met_is_not_named_for_a_fault_that_needs_no_switch():
    conflict = {"line": 27, "again_line": 47, "other_line": 80, "who": "c0", "other": "c1"}
    calm = {"policy": {"kind": "script", "grain": "line", "choices": []}}
    broken = Violation("refused_free", "c1", seen="ERR dipakai", at=9, detail={"name": "ani"})
    found = dataclasses.replace(example(broken), shrunk=calm, conflict=conflict)
    assert found.is_calm
    assert "lines" not in in_sandbox.failure(found).facts


SWITCHED = {"policy": {"kind": "script", "grain": "line", "choices": [[0, "c0", 1]]}}


def raced(violation: Violation, *marks: int) -> list[tuple[str, What]]:
    """A race with a line at each of ``marks``, as its story ends: who, and what."""
    steps = [ExecutedLine("c1", "server.py", mark, "x", mark=mark) for mark in marks]
    one = dataclasses.replace(example(violation), steps=steps, shrunk=SWITCHED)
    return [(each.to or each.who, each.what) for each in in_sandbox.story(one)]


def test_the_story_of_a_race_tells_what_came_of_it_where_it_came():
    late = Violation("not_joined", "c1", "OK", "ERR dipakai", at=9)
    assert raced(late, 8, 9, 10) == [
        ("8", What.RUN),
        ("9", What.RUN),
        ("ani (2)", What.UNWANTED),
        ("10", What.RUN),
    ]
    missed = Violation("lost", "c2", expected="ani: halo", at=6)
    assert raced(missed, 5)[-1] == ("budi", What.MISSING)
    # Of a thread that died no client saw a line.
    died = Violation("exception", "c1", seen="KeyError: 'ani'")
    assert raced(died, 5) == [("5", What.RUN)]


def test_a_connection_that_was_ended_is_told_as_that():
    ended = dataclasses.replace(example(Violation("dropped", "c1", at=1)))
    journal = [[0, "c1", "claim", "ani"], [0, "c1", "end_by_server", ""]]
    came = what_came(dataclasses.replace(ended, journal=journal))
    assert came is not None
    assert (came.to, came.what) == ("c1", What.CUT_OFF)
