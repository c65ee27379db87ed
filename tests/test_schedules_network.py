"""The network in memory does what loopback TCP does where a server can tell."""

from __future__ import annotations

import pytest

from harness.schedules.inside.network import SELECT_ROOM, Network, Stream, failure


class Person:
    """The other end: keeps what it is sent."""

    def __init__(self, room: int = 1 << 20) -> None:
        self.heard = b""
        self.room = room
        self.gone = False
        self.ended: bool | None = None

    def deliver(self, data: bytes) -> None:
        self.heard += data
        self.room -= len(data)

    def space(self) -> int:
        return self.room

    def hung_up(self, reset: bool) -> None:
        self.ended = reset


def connection(person: Person) -> Stream:
    return Stream(person, ("127.0.0.1", 1), ("127.0.0.1", 2), "ani")


def test_what_was_queued_is_read_before_a_reset_shows() -> None:
    stream = connection(Person())
    stream.deliver(b"halo")
    stream.reset()
    assert stream.take(10) == b"halo"
    with pytest.raises(ConnectionResetError):
        stream.take(10)
    assert stream.take(10) == b""
    with pytest.raises(BrokenPipeError):
        stream.put(b"x")


def test_the_first_send_to_a_peer_that_has_gone_succeeds() -> None:
    person = Person()
    stream = connection(person)
    person.gone = True
    stream.end()
    assert stream.put(b"satu") == 4
    with pytest.raises(BrokenPipeError):
        stream.put(b"dua")


def test_a_full_peer_takes_a_part_and_then_nothing() -> None:
    person = Person(room=3)
    stream = connection(person)
    assert stream.put(b"halo") == 3
    assert not stream.writable()
    assert person.heard == b"hal"


def test_select_wants_room_for_whole_lines() -> None:
    stream = connection(Person(room=SELECT_ROOM - 1))
    assert stream.writable() and not stream.looks_writable()


@pytest.mark.parametrize(("unread", "reset"), [(b"", False), (b"sisa", True)])
def test_closing_with_unread_bytes_resets(unread: bytes, reset: bool) -> None:
    person = Person()
    stream = connection(person)
    stream.deliver(unread)
    stream.close(abort=False)
    assert person.ended is reset


def test_a_port_can_be_had_once() -> None:
    network = Network()
    network.listen(("127.0.0.1", 5), 1)
    with pytest.raises(OSError, match=failure(98).strerror or "in use"):
        network.listen(("0.0.0.0", 5), 1)
