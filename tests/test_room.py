"""Waiting in the room: until a fact holds, within fair time; and the selector that serves all."""

import socket
import threading
import time
from collections.abc import Callable

import pytest

from harness.ground.journal import What
from harness.ground.symptom import Inconclusive
from harness.machine.patience import TICK, WALL_FACTOR
from harness.machine.room import Room
from tests.watching import LONG

Opened = Callable[..., Room]


@pytest.fixture
def room(opened: Opened) -> Room:
    return opened()


class Sitter:
    """A program that does nothing but fare well or badly, and shows nothing of itself."""

    pid = 0
    is_drained = False

    def waiting(self) -> None:
        return None

    def __init__(self, *, starved: bool = False) -> None:
        self.is_starved = starved
        self.collected = 0

    def collect(self) -> None:
        self.collected += 1

    def starved(self) -> bool:
        return self.is_starved


class Ear:
    """Takes what comes from one socket."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.heard = b""
        self.could_speak = 0

    def hears(self) -> None:
        self.heard += self.sock.recv(100)

    def can_speak(self) -> None:
        self.could_speak += 1


def test_what_holds_already_is_not_waited_for(room: Room):
    sitter = Sitter()
    room.attends(sitter)
    assert room.wait_until(lambda: True)
    assert sitter.collected == 0


def test_a_wait_ends_as_soon_as_the_fact_holds(room: Room):
    sitter = Sitter()
    room.attends(sitter)
    assert room.wait_until(lambda: sitter.collected >= 3, LONG)
    assert sitter.collected == 3


def test_a_wait_in_vain_ends_at_its_bound(room: Room):
    began = time.monotonic()
    assert not room.wait_until(lambda: False, 0.1)
    assert time.monotonic() - began >= 0.1 - TICK


def test_without_a_bound_it_is_a_step_long(opened: Opened):
    room = opened()
    assert room.patience.step == 10
    asked: list[int] = []
    room._clock.charge = lambda took: asked.append(1) or 5.0  # type: ignore[method-assign,func-returns-value]
    assert not room.wait_until(lambda: False)
    assert len(asked) == 2


def test_a_starved_program_is_waited_for_beyond_the_bound(room: Room):
    sitter = Sitter(starved=True)
    room.attends(sitter)

    def has_recovered() -> bool:
        # By the clock of the wall the bound is over long ago.
        sitter.is_starved = sitter.collected < 12
        return sitter.collected >= 12

    assert room.wait_until(has_recovered, 2 * TICK)


def test_but_not_for_ever(room: Room):
    room.attends(Sitter(starved=True))
    began = time.monotonic()
    with pytest.raises(Inconclusive) as stopped:
        room.wait_until(lambda: False, TICK)
    assert stopped.value.reason == "machine_too_slow"
    assert time.monotonic() - began >= TICK * WALL_FACTOR


def test_all_programs_are_asked_each_time(room: Room):
    """Each remembers its last look; one that was not asked would be judged over a longer time."""
    asked = []
    for number in range(2):
        sitter = Sitter(starved=True)
        sitter.starved = lambda number=number: asked.append(number) or True  # type: ignore[misc,method-assign]
        room.attends(sitter)
    with pytest.raises(Inconclusive):
        room.wait_until(lambda: False, TICK)
    assert asked.count(0) == asked.count(1) > 0


def test_progress_begins_the_bound_anew(room: Room):
    sitter = Sitter()
    room.attends(sitter)
    bound = 3 * TICK
    began = time.monotonic()
    assert room.wait_until(
        lambda: time.monotonic() - began > 4 * bound, bound, progress=lambda: sitter.collected
    )


def test_progress_that_stands_still_does_not(room: Room):
    assert not room.wait_until(lambda: False, 2 * TICK, progress=lambda: 7)


def test_who_is_watched_hears_and_speaks(room: Room):
    one, other = socket.socketpair()
    with one, other:
        ear = Ear(one)
        room.watch(one, ear, reads=True, writes=False)
        other.sendall(b"halo")
        assert room.wait_until(lambda: ear.heard == b"halo", LONG)
        assert ear.could_speak == 0
        room.watch(one, ear, reads=True, writes=True)
        assert room.wait_until(lambda: ear.could_speak > 0, LONG)
        room.watch(one, ear, reads=False, writes=False)
        other.sendall(b"unheard")
        spoken = ear.could_speak
        room.look(0)
        assert (ear.heard, ear.could_speak) == (b"halo", spoken)
        room.watch(one, ear, reads=False, writes=False)  # once more is harmless


def test_a_bell_from_another_thread_ends_a_look(room: Room):
    news = []

    def rings() -> None:
        news.append(1)
        room.wake()

    ringer = threading.Thread(target=rings)
    ringer.start()
    while not news:
        room.look(LONG)
    ringer.join()


def test_a_bell_rung_too_often_is_no_hindrance(room: Room):
    for _ in range(100_000):
        room.wake()
    room.look(0)
    began = time.monotonic()
    assert not room.wait_until(lambda: False, TICK)
    assert time.monotonic() - began < LONG


def test_closing_ends_all_and_a_late_bell_rings_in_vain(room: Room):
    ended = []
    room.closing.callback(ended.append, "first come")
    room.closing.callback(ended.append, "last come")
    room.close()
    assert ended == ["last come", "first come"]
    room.wake()
    room.close()
    assert len(ended) == 2


def test_the_journal_is_written_through_the_room(room: Room):
    room.note("ani", "server.py", What.SAY, "halo")
    assert [event.text for event in room.journal.events] == ["halo"]
