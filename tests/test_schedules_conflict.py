"""What threads share in a failing schedule is named, or nothing is: from made-up lines."""

from __future__ import annotations

import dataclasses

import pytest

from harness.schedules import met_words
from harness.schedules.conflict import conflict_in, decisive, stopped_after_reading
from harness.schedules.counterexample import ExecutedLine
from harness.schedules.touches import Touch, touches

SOURCE = """members = {}
LIMIT = 3


def enter(name):
    if name in members:
        return False
    members[name] = 1
    return True


def serve(name):
    enter(name)
    members.pop(name)


class Guest:
    def note(self, text):
        self.last = text
"""
TOUCHED = {("server.py", line): touch for line, touch in touches(SOURCE).items()}


def run(*steps: tuple[str, int]) -> list[ExecutedLine]:
    return [ExecutedLine(lane, "server.py", line, "") for lane, line in steps]


def test_a_check_and_what_follows_from_it_meet_another_threads_change():
    steps = run(("ani", 6), ("budi", 6), ("budi", 8), ("ani", 8))
    found = conflict_in(steps, TOUCHED, "ani")
    assert found is not None
    assert (found.name, found.who, found.line, found.again_line) == ("members", "ani", 6, 8)
    assert (found.other, found.other_line, found.other_writes) == ("budi", 8, True)
    assert found.again_writes
    few = decisive(steps, {"who": "ani", "other": "budi", "at": found.at})
    assert [(step.lane, step.line) for step in few] == [
        ("ani", 6),
        ("budi", 6),
        ("budi", 8),
        ("ani", 8),
    ]


def test_one_that_acts_on_what_it_read_and_never_comes_to_its_change():
    steps = run(("ani", 6), ("ani", 7), ("budi", 6), ("budi", 8), ("budi", 9))
    steps[1] = dataclasses.replace(steps[1], stopped="within")
    assert conflict_in(steps, TOUCHED, "ani") is None
    found = stopped_after_reading(steps, TOUCHED, "ani")
    assert found is not None
    assert (found.name, found.who, found.line, found.again_line) == ("members", "ani", 6, 7)
    assert (found.other, found.other_line, found.is_held) == ("budi", 8, True)
    few = decisive(steps, {"who": "ani", "other": "budi", "at": found.at})
    assert [(step.lane, step.line) for step in few][:2] == [("ani", 6), ("ani", 7)]
    assert ("budi", 8) in [(step.lane, step.line) for step in few]
    assert stopped_after_reading(steps, TOUCHED, "budi") is None


def test_nothing_is_claimed_where_one_call_ends_before_the_next():
    steps = run(("ani", 6), ("ani", 8), ("budi", 14), ("ani", 13), ("ani", 6), ("ani", 8))
    found = conflict_in(steps, TOUCHED)
    assert found is None or found.at[1] != 2


def test_two_threads_one_after_the_other_do_not_meet():
    assert conflict_in(run(("ani", 6), ("ani", 8), ("budi", 6), ("budi", 8)), TOUCHED) is None


def test_an_object_of_each_client_is_not_shared():
    assert touches(SOURCE).get(19, Touch()).names == frozenset()


def test_a_variable_that_only_a_function_makes_by_global_is_shared():
    source = "def say(text):\n    global message\n    message = text\n    print(message)\n"
    touched = {("server.py", line): touch for line, touch in touches(source).items()}
    assert touched["server.py", 3].writes == touched["server.py", 4].reads == {"message"}
    found = conflict_in(run(("ani", 3), ("budi", 3), ("ani", 4)), touched, "ani")
    assert found is not None
    assert (found.name, found.line, found.other_line, found.again_line) == ("message", 3, 3, 4)


def test_constants_and_unreadable_programs_touch_nothing():
    assert 2 not in touches(SOURCE)
    assert touches("def (") == {}


def test_a_method_that_changes_a_container_writes_it():
    assert touches(SOURCE)[14].writes == {"members"}
    assert touches(SOURCE)[6].reads == {"members"}


def test_a_line_that_nobody_else_can_notice_does_not_matter():
    touched = touches(
        SOURCE + "\n\ndef plain():\n    try:\n        print(1)\n    finally:\n        pass\n"
    )
    assert not any(touch.matters for line, touch in touched.items() if line > 20)


def test_who_comes_and_goes_meets_nobody_who_reads_in_between():
    """Somebody is on the list from when it is put there until it is taken off: that is so."""
    source = "members = []\n\n\ndef serve(conn):\n    members.append(conn)\n    list(members)\n"
    source += "    members.remove(conn)\n"
    touched = {("server.py", line): touch for line, touch in touches(source).items()}
    assert conflict_in(run(("ani", 5), ("budi", 6), ("ani", 7)), touched, "ani") is None
    # One that puts something there twice, and is read in between, is half done.
    twice = source.replace("remove", "append")
    touched = {("server.py", line): touch for line, touch in touches(twice).items()}
    assert conflict_in(run(("ani", 5), ("budi", 6), ("ani", 7)), touched, "ani") is not None


def test_two_who_append_do_not_meet():
    source = "members = []\n\n\ndef serve(conn):\n    members.append(conn)\n    members[0]\n"
    touched = {("server.py", line): touch for line, touch in touches(source).items()}
    assert touched["server.py", 5].appends == {"members"}
    assert conflict_in(run(("ani", 5), ("budi", 5), ("ani", 6)), touched, "ani") is None
    # What is put in front moves what was there.
    front = source.replace("append(", "insert(0, ")
    touched = {("server.py", line): touch for line, touch in touches(front).items()}
    assert not touched["server.py", 5].appends
    assert conflict_in(run(("ani", 5), ("budi", 5), ("ani", 6)), touched, "ani") is not None


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"again_line": 9, "again_writes": True}, "checked it at line 6 and changed it only at"),
        ({"again_line": 7, "is_held": True}, "had come no further than line 7 when thread budi"),
        ({"again_line": 6, "is_held": True}, "before it was done with that, thread budi wrote it"),
        ({"again_line": 9}, "read it at line 6 and used it again at line 9"),
    ],
)
def test_a_conflict_is_told_as_what_it_is(facts: dict[str, object], told: str):
    usual = {"name": "members", "who": "ani", "line": 6, "is_written": False, "other": "budi"}
    facts = {**usual, "other_line": 8, "other_writes": True, **facts}
    sentence = met_words._way_of(facts)
    assert sentence["id"].count("{") == sentence["en"].count("{")
    assert told in sentence["en"].format(did="read", other_did="wrote", **facts)


KEYED = """buffers = {}
names = {}


def serve(conn):
    while b"\\n" not in buffers[conn]:
        buffers[conn] += conn.recv(10)
    buffers[conn] = b""
    if conn in names:
        return
    names[conn] = 1
"""


def test_what_each_has_under_a_key_of_its_own_is_not_shared():
    touched = {("server.py", line): touch for line, touch in touches(KEYED).items()}
    steps = run(("ani", 6), ("budi", 8), ("ani", 7))
    assert conflict_in(steps, touched, "ani") is None
    # The container itself is: whether the key is there, and that it comes.
    steps = run(("ani", 6), ("ani", 9), ("budi", 8), ("budi", 11), ("ani", 11))
    found = conflict_in(steps, touched, "ani")
    assert found is not None
    assert (found.name, found.line, found.other_line, found.again_line) == ("names", 9, 11, 11)


@pytest.mark.parametrize(
    ("line", "is_whole"),
    [
        ("members[name] = 1", False),
        ("members[name].append(1)", False),
        ("members[0] = 1", True),
        ("for each in members[:]: pass", True),
        ("members.pop(name)", True),
        ("members[name] = len(members)", True),
        ("del members[name]", False),
    ],
)
def test_a_container_is_used_as_a_whole_or_under_a_key(line: str, is_whole: bool):
    found = touches(f"members = {{}}\ndef serve(name):\n    {line}\n")[3]
    assert ("members" in found.whole) is is_whole
    assert "members" in found.names
