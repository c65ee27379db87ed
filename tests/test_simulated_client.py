"""How a simulated client leaves, is left, starts over, and what the journal says of it."""

import socket
import threading
from collections.abc import Callable

import pytest

from harness.actors.connection import reset
from harness.actors.patience import Patience
from harness.actors.simulated_client import Client
from harness.contract.message import Message
from harness.record.journal import What
from tests.meeting import SHORT, Counterpart, Meets, failure, noted, reading, settled
from tests.watching import LONG, resets_are_seen


def test_it_leaves_in_order(joined: Meets):
    client, peer, stage = joined()
    client.leaves()
    assert peer.recv(1) == b""
    assert (client.is_closed, client.is_joined) == (True, False)
    assert noted(stage, What.LEAVE) == [""]


@pytest.mark.parametrize(
    ("way", "noticed"),
    [
        (Client.leaves, ["say"]),
        (Client.resets, ["say"]),
        (Client.reads_to_the_end, ["say"]),
        (Client.leaves_at_once, []),
        (Client.resets_at_once, []),
    ],
)
def test_it_leaves_a_server_that_rests(
    joined: Meets, counterpart: Counterpart, way: Callable, noticed: list[str]
):
    """A line that is still being sent to one who goes is another check's matter."""
    client, peer, counterpart.stage = joined()
    client.says_exactly("halo")
    peer.close()
    way(client)
    assert counterpart.noticed == noticed


@pytest.mark.parametrize("way", [Client.leaves, Client.resets])
def test_the_socket_number_of_one_who_left_can_be_used_again(joined: Meets, way: Callable):
    """The system gives the next connection the number that has become free."""
    client, _, stage = joined()
    number = client.end.connection.sock.fileno()
    way(client)
    other, peer, _ = joined(stage=stage)
    assert other.end.connection.sock.fileno() == number
    peer.sendall(b"budi: halo\n")
    other.sees(Message("budi", "halo"))


def test_the_journal_says_who_did_what_to_whom(joined: Meets):
    ani, peer, stage = joined(b"budi: halo\n")
    settled(ani, b"halo\n")
    with reading(peer, b"x\n"):
        ani.sends_bytes(b"x\n")
    ani.half_closes()
    ani.stops_reading()
    ani.leaves()
    other, _, _ = joined(b"budi: \nterakhir", stage=stage)
    stage.said["y"] = "budi"
    settled(other, b"terakhir")
    failure(other.has_seen_no_empty_line)
    failure(other.never_saw, Message("budi", "terakhir"))
    other.resets()
    entered = [
        ("ani", "server.py", "connect", ""),
        ("server.py", "ani", "see", "NICK"),
        ("ani", "server.py", "say", "ani"),
        ("server.py", "ani", "see", "OK"),
    ]
    assert [(e.who, e.to, str(e.what), e.text) for e in stage.journal.events] == [
        *entered,
        ("server.py", "ani", "see", "budi: halo"),
        ("ani", "server.py", "piece", "x\n"),
        ("ani", "server.py", "half_close", ""),
        ("ani", "server.py", "stop_reading", ""),
        ("ani", "server.py", "leave", ""),
        *entered,
        ("server.py", "ani", "unwanted", "budi: "),
        ("server.py", "ani", "unwanted", "terakhir (…)"),
        ("ani", "server.py", "reset", ""),
    ]


@resets_are_seen
def test_it_is_cut_off(joined: Meets):
    client, peer, _ = joined()
    client.resets()
    with pytest.raises(ConnectionResetError):
        peer.recv(1)


@resets_are_seen
def test_at_the_end_of_a_story_no_address_stays_taken(joined: Meets):
    """A reset leaves nothing in TIME_WAIT."""
    _, peer, stage = joined()
    stage.close()
    with pytest.raises(ConnectionResetError):
        peer.recv(1)


def test_it_reads_to_the_end(joined: Meets):
    client, peer, _ = joined()

    def says_goodbye() -> None:
        assert peer.recv(1) == b""
        peer.sendall(b"budi: terlambat\n")
        peer.close()

    server = threading.Thread(target=says_goodbye)
    server.start()
    assert client.reads_to_the_end()
    server.join()
    assert client._stage.setting.known_facts.closes is True
    assert client.has_seen(Message("budi", "terlambat"))


def test_a_server_that_never_closes_is_waited_for_once(joined: Meets):
    client, _, stage = joined(patience=SHORT)
    assert not client.reads_to_the_end()
    assert stage.setting.known_facts.closes is False
    stage.patience = Patience(step=LONG)
    other, _, _ = joined(stage=stage)
    assert not other.reads_to_the_end()


def test_one_that_was_cut_off_may_half_close_all_the_same(joined: Meets):
    client, peer, stage = joined()
    reset(peer)
    assert stage.wait_until(lambda: client.is_closed, LONG)
    assert client.reads_to_the_end()
    assert noted(stage, What.HALF_CLOSE) == [""]


def test_one_that_stops_reading_hears_nothing(joined: Meets):
    client, peer, stage = joined()
    client.stops_reading()
    peer.sendall(b"budi: halo\n")
    before = bytes(client.raw)
    stage.look(0.05)
    assert bytes(client.raw) == before


@pytest.mark.parametrize("how", [socket.socket.close, pytest.param(reset, marks=resets_are_seen)])
def test_it_notices_that_it_was_hung_up_on(joined: Meets, how: Callable):
    client, peer, stage = joined(b"kata terakhir")
    how(peer)
    assert stage.wait_until(lambda: client.is_closed, LONG)
    assert client.end.was_reset is (how is reset)
    assert noted(stage, What.CLOSED) == [""]
    client.sends(b"to nobody\n")
    client.end.connection.on_writable()


@resets_are_seen
def test_it_starts_over(joined: Meets, counterpart: Counterpart):
    client, peer, stage = joined()
    peer.shutdown(socket.SHUT_WR)
    assert stage.wait_until(lambda: client.is_closed, LONG)
    client.starts_over()
    assert (client.is_closed, client.end.was_reset, client.is_joined) == (False, False, False)
    assert bytes(client.raw) == b""
    # Nothing is left of the connection that ended.
    with pytest.raises(ConnectionResetError):
        peer.recv(1)
    again, _ = counterpart.listener.accept()
    again.sendall(b"NICK\n")
    client.is_asked()
    assert noted(stage, What.SEE)[-1] == "NICK"
    again.close()
