"""What waits in a connection's queues, by the kernel's own word."""

import socket
import sys
from collections.abc import Iterator

import pytest

from harness.program import sockdiag
from harness.program.sockdiag import LISTEN, Queues
from tests.watching import eventually

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux tells this, no other system")


class Pair:
    """A listener and one connection to it."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=10)
        self.place = self.listener.getsockname()
        self.client = socket.create_connection(self.place)
        self.served, self.visitor = self.listener.accept()

    def close(self) -> None:
        for sock in (self.client, self.served, self.listener):
            sock.close()


@pytest.fixture(params=["netlink", "/proc/net/tcp"])
def pair(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pair]:
    if request.param != "netlink":

        def refuses(*_: object) -> None:
            raise PermissionError

        monkeypatch.setattr(sockdiag, "_ask", refuses)
    made = Pair()
    yield made
    made.close()


def test_bytes_wait_until_they_are_read(pair: Pair):
    def unread() -> int:
        found = sockdiag.queues(pair.place, pair.visitor)
        assert found is not None
        return found.unread

    assert unread() == 0
    pair.client.sendall(b"12345")
    assert eventually(lambda: unread() == 5)
    pair.served.recv(2)
    assert unread() == 3
    pair.served.recv(3)
    assert unread() == 0


def test_bytes_wait_until_the_peer_takes_them(pair: Pair):
    pair.served.setblocking(False)
    sent = 0
    try:
        while True:
            sent += pair.served.send(b"x" * 65536)
    except BlockingIOError:
        pass
    found = sockdiag.queues(pair.place, pair.visitor)
    assert found is not None
    assert 0 < found.unsent <= sent


def test_a_listener_counts_who_nobody_has_accepted(pair: Pair):
    def waiting() -> Queues | None:
        return sockdiag.queues(pair.place)

    assert waiting() == Queues(0, waiting().unsent, LISTEN)
    with socket.create_connection(pair.place), socket.create_connection(pair.place):
        assert eventually(lambda: waiting().unread == 2)
        accepted = [pair.listener.accept()[0] for _ in range(2)]
        assert waiting().unread == 0
        for sock in accepted:
            sock.close()


def test_a_listener_on_every_address_is_found_at_each(pair: Pair):
    with socket.create_server(("0.0.0.0", 0)) as everywhere:
        found = sockdiag.queues(("127.0.0.1", everywhere.getsockname()[1]))
        assert found is not None
        assert found.state == LISTEN


def test_a_connection_that_does_not_exist_has_no_figures(pair: Pair):
    place = pair.place
    assert sockdiag.queues(("127.0.0.1", 1), ("127.0.0.1", 2)) is None
    assert sockdiag.queues(place, ("127.0.0.2", pair.visitor[1])) is None
    pair.close()
    assert sockdiag.queues(place) is None
