"""What threads share is named as the program calls it: attributes, and not the objects."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.schedules import in_sandbox
from harness.schedules.conflict import conflict_in
from harness.schedules.counterexample import ExecutedLine
from harness.schedules.cycles import LEAVERS
from harness.schedules.explore import explore
from harness.schedules.touches import Touch, touches
from tests.racy.faults import write

ROOM = """import threading


class Room:
    def __init__(self):
        self.lock = threading.Lock()
        self.members = set()
        self.speaker = None

    def serve(self, name, text):
        self.add(name)
        self.speaker = name
        self.say(text)

    def add(self, name):
        with self.lock:
            self.members.add(name)

    def say(self, text):
        with self.lock:
            for name in self.members:
                if name != self.speaker:
                    print(text)


room = Room()
"""
SERVED = """import socketserver


class Room:
    def __init__(self):
        self.people = {}

    def enter(self, name):
        self.people[name] = 1


class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        self.name = self.request.recv(9)
        self.server.room.enter(self.name)
        self.server.last = self.name
        for name in self.server.room.people.items():
            print(name)


class Server(socketserver.ThreadingTCPServer):
    def __init__(self):
        self.room = Room()
        super().__init__(("", 0), Handler)


def main():
    Server().serve_forever()
"""


def line_of(source: str, text: str) -> int:
    lines = [at for at, line in enumerate(source.splitlines(), 1) if line.strip() == text]
    assert len(lines) == 1, text
    return lines[0]


def touch(source: str, text: str) -> Touch:
    return touches(source).get(line_of(source, text), Touch())


def test_an_attribute_is_shared_and_its_object_is_not():
    assert touch(ROOM, "self.speaker = name").sets == {"self.speaker"}
    assert touch(ROOM, "if name != self.speaker:").reads == {"self.speaker"}
    assert touch(ROOM, "self.members.add(name)").writes == {"self.members"}
    named = {name for each in touches(ROOM).values() for name in each.names}
    assert named == {"self.members", "self.speaker"}


def test_a_call_of_a_method_of_the_program_writes_nothing():
    """`add` is a method of sets as well."""
    assert touch(ROOM, "self.add(name)").names == frozenset()
    outside = ROOM + "\n\ndef serve(name):\n    room.add(name)\n"
    assert touch(outside, "room.add(name)").names == frozenset()


def test_a_lock_is_no_data_but_the_line_that_takes_it_matters():
    lines = [at for at, each in enumerate(ROOM.splitlines(), 1) if "with self.lock" in each]
    found = [touches(ROOM)[at] for at in lines]
    assert [(each.names, each.matters) for each in found] == [(frozenset(), True)] * 2


def test_a_value_that_another_thread_replaces_before_it_is_read_elsewhere():
    touched = {("server.py", at): each for at, each in touches(ROOM).items()}
    put, read = (
        line_of(ROOM, each) for each in ("self.speaker = name", "if name != self.speaker:")
    )
    rows = (("ani", put), ("budi", put), ("ani", read))
    steps = [ExecutedLine(lane, "server.py", line, "") for lane, line in rows]
    found = conflict_in(steps, touched, "ani")
    assert found is not None
    assert (found.name, found.is_written, found.other_writes) == ("self.speaker", True, True)
    assert (found.line, found.other_line, found.again_line) == (put, put, read)


def test_whatever_it_stands_behind_it_is_the_same_attribute():
    walk = touch(SERVED, "for name in self.server.room.people.items():")
    put = touch(SERVED, "self.people[name] = 1")
    assert walk.reads & walk.whole == put.writes == {"self.people"}
    assert touch(SERVED, "self.server.last = self.name").writes == {"self.server.last"}
    assert touch(SERVED, "self.server.room.enter(self.name)").names == frozenset()


def test_an_object_that_is_made_in_two_places_is_not_the_only_one():
    twice = SERVED + "    Room()\n"
    assert touch(twice, "self.people[name] = 1").names == frozenset()


def test_what_a_class_has_itself_all_its_objects_share():
    source = "class Guest:\n    all = []\n    name = ''\n\n    def come(self):\n"
    source += "        self.name = 'ani'\n        Guest.all.append(self)\n"
    assert touch(source, "Guest.all.append(self)").writes == {"Guest.all"}
    assert touch(source, "self.name = 'ani'").names == frozenset()


def test_two_classes_with_an_attribute_of_one_name_are_told_apart():
    source = "class A:\n    def __init__(self):\n        self.all = []\n\n\n"
    source += source.replace("A", "B", 1) + "one = A()\nother = B()\n"
    assert touches(source)[3].writes == {"A.all"}
    assert touches(source)[8].writes == {"B.all"}


@pytest.mark.parametrize(
    ("name", "shared", "texts"),
    [
        ("speaker_kept_in_the_room", "self.speaker", ["self.speaker = speaker"]),
        (
            "people_of_the_server_walked_while_changed",
            "self.people",
            ["for name, person in self.server.room.people.items():", "del self.people[name]"],
        ),
    ],
)
def test_a_race_for_an_attribute_is_told_with_its_lines(
    name: str, shared: str, texts: list[str], tmp_path: Path
) -> None:
    server = write(name, tmp_path)
    is_crash = name.startswith("people")
    found = explore(server, 1, **({"aim": LEAVERS} if is_crash else {})).counterexample
    assert found is not None and found.conflict is not None
    assert found.conflict["name"] == shared
    told = in_sandbox.failure(found).facts
    source = server.read_text(encoding="utf-8")
    for text in texts:
        assert f"server.py:{line_of(source, text)}" in told["lines"]
    if is_crash:
        assert "RuntimeError: dictionary changed size during iteration" in told["seen"]["en"]
