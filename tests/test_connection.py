"""One end of a TCP connection: bytes in and out, pieces, and an end by FIN or by RST."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator

import pytest

from harness.actors import connection
from harness.actors.connection import Connection, finish, read_to_the_end, reset
from harness.actors.stage import Stage
from tests.watching import LONG, resets_are_seen


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """A client's end of a connection and the server's."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname())
        served, _ = listener.accept()
    served.settimeout(10)
    with client, served:
        yield client, served


def test_an_end_is_an_end_though_something_was_not_read(
    pair: tuple[socket.socket, socket.socket],
):
    client, served = pair
    for _ in range(3):
        served.sendall(b"never read\n")
    client.sendall(b"last words\n")
    finish(client)
    assert served.recv(100) == b"last words\n"
    assert served.recv(100) == b""


def test_what_has_come_is_read_to_the_end_of_the_other_side(
    pair: tuple[socket.socket, socket.socket],
):
    client, served = pair
    served.sendall(b"never read\n" * 1000)
    served.shutdown(socket.SHUT_WR)
    began = time.monotonic()
    read_to_the_end(client, 60)
    assert time.monotonic() - began < 30
    client.setblocking(False)
    assert client.recv(1) == b""


def test_one_that_does_not_end_is_not_waited_for_longer(
    pair: tuple[socket.socket, socket.socket],
):
    client, served = pair
    served.sendall(b"never read\n")
    read_to_the_end(client, 0.05)
    with pytest.raises(BlockingIOError):
        client.setblocking(False)
        client.recv(1)


@resets_are_seen
def test_a_reset_is_a_reset_though_all_was_read(pair: tuple[socket.socket, socket.socket]):
    client, served = pair
    reset(client)
    with pytest.raises(ConnectionResetError):
        served.recv(100)


def test_either_may_come_too_late(pair: tuple[socket.socket, socket.socket]):
    client, served = pair
    reset(served)
    finish(client)
    reset(client)


class End:
    """A connection on a stage; `states` is what it knew each time it had news."""

    def __init__(self, stage: Stage, sock: socket.socket) -> None:
        self.states: list[tuple[bytes, bool]] = []
        self.connection = Connection(stage, sock, self.on_news)

    def on_news(self) -> None:
        self.states.append((bytes(self.connection.raw), self.connection.is_closed))


@pytest.fixture
def stage(opened: Callable[..., Stage]) -> Stage:
    return opened()


@pytest.fixture
def end(stage: Stage, pair: tuple[socket.socket, socket.socket]) -> End:
    return End(stage, pair[0])


def test_what_comes_is_kept_and_told(
    stage: Stage, end: End, pair: tuple[socket.socket, socket.socket]
):
    _, served = pair
    served.sendall(b"halo")
    assert stage.wait_until(lambda: bool(end.states), LONG)
    served.sendall(b" hai")
    assert stage.wait_until(lambda: end.connection.raw == b"halo hai", LONG)
    assert end.states[0] == (b"halo", False)
    assert end.connection.ours == served.getpeername()
    assert end.connection.theirs == served.getsockname()


@pytest.mark.parametrize("how", [socket.socket.close, pytest.param(reset, marks=resets_are_seen)])
def test_the_other_sides_end_is_told_once_and_can_be_answered(
    stage: Stage, end: End, pair: tuple[socket.socket, socket.socket], how: Callable
):
    _, served = pair
    how(served)
    assert stage.wait_until(lambda: end.connection.is_closed, LONG)
    assert end.states == [(b"", True)]
    assert end.connection.was_reset is (how is reset)
    end.connection.sends(b"to nobody\n")
    assert not end.connection.has_unsent
    end.connection.half_closes()
    end.connection.finishes()
    end.connection.resets()


def test_one_that_half_closed_reads_on(
    stage: Stage, end: End, pair: tuple[socket.socket, socket.socket]
):
    _, served = pair
    end.connection.half_closes()
    assert served.recv(1) == b""
    served.sendall(b"halo")
    assert stage.wait_until(lambda: end.connection.raw == b"halo", LONG)
    assert not end.connection.is_closed


@pytest.mark.parametrize("is_orderly", [True, pytest.param(False, marks=resets_are_seen)])
def test_it_ends_as_it_was_told_to(
    end: End, pair: tuple[socket.socket, socket.socket], is_orderly: bool
):
    _, served = pair
    if is_orderly:
        end.connection.finishes()
        assert served.recv(1) == b""
    else:
        end.connection.resets()
        with pytest.raises(ConnectionResetError):
            served.recv(1)
    assert end.connection.is_closed
    assert end.states == []


def test_a_piece_waits_until_the_one_before_was_read(
    end: End, pair: tuple[socket.socket, socket.socket]
):
    _, served = pair
    read: list[bytes] = []
    noted: list[bytes] = []
    end.connection.sends_in_pieces(
        b"satu dua",
        2,
        5,
        notes=noted.append,
        waits_until_read=lambda: read.append(served.recv(100)),
    )
    assert [*read, served.recv(100)] == noted == [b"sa", b"tu ", b"dua"]


def test_whether_all_was_read_is_known_or_said_to_be_unknown(
    stage: Stage, end: End, pair: tuple[socket.socket, socket.socket]
):
    _, served = pair
    if end.connection.is_consumed() is None:
        pytest.skip("this system does not tell")
    end.connection.sends(b"halo")
    assert stage.wait_until(lambda: end.connection.is_consumed() is False, LONG)
    served.recv(100)
    assert end.connection.is_consumed() is True


@resets_are_seen
def test_one_that_was_reset_before_it_began_is_no_error(
    stage: Stage, pair: tuple[socket.socket, socket.socket]
):
    client, served = pair
    reset(served)
    client.setblocking(False)
    end = End(stage, client)
    assert stage.wait_until(lambda: end.connection.is_closed, LONG)
    assert end.connection.was_reset


def test_a_flood_is_read_and_not_kept(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connection, "MOST_LINES", 3)
    end = object.__new__(Connection)
    end.raw, end._lines = bytearray(), 0
    for _ in range(5):
        end._keep(b"* notice\n")
    assert end.raw == b"* notice\n" * 3
    # Whoever forgets what came has room again.
    end.raw.clear()
    end._keep(b"halo\n")
    assert end.raw == b"halo\n"
