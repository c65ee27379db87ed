"""Waiting in the room: until a fact holds, within fair time; and the selector that serves all."""

import socket
import threading
import time
from collections.abc import Callable

import pytest

from harness.actors.patience import TICK, WALL_FACTOR
from harness.actors.stage import Stage
from harness.contract.symptoms import Inconclusive
from harness.record.journal import What
from tests.watching import LONG

Opened = Callable[..., Stage]


@pytest.fixture
def stage(opened: Opened) -> Stage:
    return opened()


class Sitter:
    """A program that does nothing but fare well or badly, and shows nothing of itself."""

    pid = 0
    is_drained = False
    is_over = False

    def waiting(self) -> None:
        return None

    def __init__(self, *, starved: bool = False) -> None:
        self.is_starved = starved
        self.collected = 0

    def collect(self) -> None:
        self.collected += 1

    def starved(self) -> bool:
        return self.is_starved


class Handler:
    """Takes what comes from one socket."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.came = b""
        self.writable = 0

    def on_readable(self) -> None:
        self.came += self.sock.recv(100)

    def on_writable(self) -> None:
        self.writable += 1


def test_what_holds_already_is_not_waited_for(stage: Stage):
    sitter = Sitter()
    stage.attends(sitter)
    assert stage.wait_until(lambda: True)
    assert sitter.collected == 0


def test_a_wait_ends_as_soon_as_the_fact_holds(stage: Stage):
    sitter = Sitter()
    stage.attends(sitter)
    assert stage.wait_until(lambda: sitter.collected >= 3, LONG)
    assert sitter.collected == 3


def test_a_wait_in_vain_ends_at_its_bound(stage: Stage):
    began = time.monotonic()
    assert not stage.wait_until(lambda: False, 0.1)
    assert time.monotonic() - began >= 0.1 - TICK


def test_without_a_bound_it_is_a_step_long(opened: Opened):
    stage = opened()
    assert stage.patience.step == 10
    asked: list[int] = []
    stage._clock.charge = lambda took: asked.append(1) or 5.0  # type: ignore[method-assign,func-returns-value]
    assert not stage.wait_until(lambda: False)
    assert len(asked) == 2


def test_a_starved_program_is_waited_for_beyond_the_bound(stage: Stage):
    sitter = Sitter(starved=True)
    stage.attends(sitter)

    def has_recovered() -> bool:
        # By the clock of the wall the bound is over long ago.
        sitter.is_starved = sitter.collected < 12
        return sitter.collected >= 12

    assert stage.wait_until(has_recovered, 2 * TICK)


def test_a_starved_program_is_waited_for_at_most_twenty_bounds(stage: Stage):
    stage.attends(Sitter(starved=True))
    began = time.monotonic()
    with pytest.raises(Inconclusive) as stopped:
        stage.wait_until(lambda: False, TICK)
    assert stopped.value.reason == "machine_too_slow"
    assert time.monotonic() - began >= TICK * WALL_FACTOR


def test_all_programs_are_asked_each_time(stage: Stage):
    """Each remembers its last look; one that was not asked would be judged over a longer time."""
    asked = []
    for number in range(2):
        sitter = Sitter(starved=True)
        sitter.starved = lambda number=number: asked.append(number) or True  # type: ignore[misc,method-assign]
        stage.attends(sitter)
    with pytest.raises(Inconclusive):
        stage.wait_until(lambda: False, TICK)
    assert asked.count(0) == asked.count(1) > 0


def test_progress_begins_the_bound_anew(stage: Stage):
    sitter = Sitter()
    stage.attends(sitter)
    bound = 3 * TICK
    began = time.monotonic()
    assert stage.wait_until(
        lambda: time.monotonic() - began > 4 * bound, bound, progress=lambda: sitter.collected
    )


def test_progress_that_stands_still_does_not(stage: Stage):
    assert not stage.wait_until(lambda: False, 2 * TICK, progress=lambda: 7)


def test_what_is_watched_is_told_when_it_can_be_read_and_written(stage: Stage):
    one, other = socket.socketpair()
    with one, other:
        handler = Handler(one)
        stage.watch(one, handler, reads=True, writes=False)
        other.sendall(b"halo")
        assert stage.wait_until(lambda: handler.came == b"halo", LONG)
        assert handler.writable == 0
        stage.watch(one, handler, reads=True, writes=True)
        assert stage.wait_until(lambda: handler.writable > 0, LONG)
        stage.watch(one, handler, reads=False, writes=False)
        other.sendall(b"unheard")
        before = handler.writable
        stage.look(0)
        assert (handler.came, handler.writable) == (b"halo", before)
        stage.watch(one, handler, reads=False, writes=False)  # once more is harmless


def test_a_wake_up_from_another_thread_ends_a_look(stage: Stage):
    news = []

    def wakes() -> None:
        news.append(1)
        stage.wake()

    waker = threading.Thread(target=wakes)
    waker.start()
    while not news:
        stage.look(LONG)
    waker.join()


def test_wake_ups_beyond_what_the_socket_holds_do_no_harm(stage: Stage):
    for _ in range(100_000):
        stage.wake()
    stage.look(0)
    began = time.monotonic()
    assert not stage.wait_until(lambda: False, TICK)
    assert time.monotonic() - began < LONG


def test_closing_ends_everything_and_a_late_wake_up_does_nothing(stage: Stage):
    ended = []
    stage.closing.callback(ended.append, "first come")
    stage.closing.callback(ended.append, "last come")
    stage.close()
    assert ended == ["last come", "first come"]
    stage.wake()
    stage.close()
    assert len(ended) == 2


def test_the_journal_is_written_through_the_room(stage: Stage):
    stage.note("ani", "server.py", What.SAY, "halo")
    assert [event.text for event in stage.journal.events] == ["halo"]
