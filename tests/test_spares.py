"""A server that sleeps before it listens is started beforehand; a quick or busy one is not."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.actors.room import Room
from harness.actors.spares import MOST
from harness.record.journal import What
from tests.tiny import edited

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="how it rests is seen in /proc")

Play = Callable[..., Room]
Submission = Callable[..., Path]
LISTEN = "    listener.listen(128)\n"


def sleeping(submission: Submission, seconds: float = 1.0) -> Path:
    return submission(edited((LISTEN, f"    time.sleep({seconds})\n{LISTEN}")))


def test_the_next_story_finds_a_server_that_is_on_its_way(play: Play, submission: Submission):
    folder = sleeping(submission, 2.0)
    first = play(folder)
    first.join("ani")
    known = first.server.stage.setting.known_facts
    assert known.spares.are_wanted
    second = play(folder, known_facts=known)
    second.join("ani")
    third, began = play(folder, known_facts=known), time.monotonic()
    ani, budi = third.join("ani", "budi")
    budi.sees(ani.says("halo"))
    # Started together with that of the second story, not after it.
    assert time.monotonic() - began < 1.8
    starts = [e for e in third.server.stage.journal.events if e.what is What.START]
    assert len(starts) == 1
    assert third.server.address[1] != second.server.address[1]
    third.server.prints_banner()


def test_a_server_on_its_way_keeps_its_files_when_the_story_is_over(
    play: Play, submission: Submission
):
    folder = sleeping(submission)
    first = play(folder)
    sandbox = first.server.stage.setting.sandbox
    with sandbox.copies.clearing():
        first.join("ani")
        known = first.server.stage.setting.known_facts
        second = play(folder, known_facts=known)
        assert second.server.stage.setting.sandbox is sandbox
        second.join("ani")
    spare = known.spares.take(folder)
    assert spare is not None
    # On a busy machine Python has not opened it yet.
    assert (spare.folder / "server.py").is_file()
    # It goes with the story that takes it.
    with sandbox.copies.clearing():
        sandbox.copies.passes(spare.folder)
        assert spare.folder.is_dir()
    assert not spare.folder.exists()


@pytest.mark.parametrize(
    "before",
    ["", "    end = time.monotonic() + 1.2\n    while time.monotonic() < end: pass\n"],
    ids=["quick", "works"],
)
def test_others_are_not_started_beforehand(play: Play, submission: Submission, before: str):
    folder = submission(edited((LISTEN, before + LISTEN)))
    room = play(folder)
    room.join("ani")
    known = room.server.stage.setting.known_facts
    other = play(folder, known_facts=known)
    other.join("ani")
    assert known.spares.take(folder) is None


def test_a_story_about_the_start_starts_its_own(play: Play, submission: Submission):
    folder = sleeping(submission)
    room = play(folder)
    room.join("ani")
    known = room.server.stage.setting.known_facts
    other = play(folder, known_facts=known)
    other.server.starts()
    assert other.server.own.started_at is not None


def test_spares_of_another_program_are_not_taken(play: Play, submission: Submission):
    folder = sleeping(submission)
    room = play(folder)
    room.join("ani")
    known = room.server.stage.setting.known_facts
    known.spares.fill(room.server.stage.setting.sandbox, folder, "server.py", known.called)
    assert len(known.spares._waiting) == MOST
    assert known.spares.take(folder / "another") is None
    assert known.spares.take(folder) is not None
