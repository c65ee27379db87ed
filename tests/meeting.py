"""A simulated client that meets the other end of its socket, which the test holds in its hand."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from harness.actors.connection import connect
from harness.actors.patience import Patience
from harness.actors.simulated_client import Client
from harness.actors.stage import Stage
from harness.contract.symptoms import StoryFailed
from harness.record.journal import What
from tests.watching import LONG

# For stories in which something is waited for in vain.
SHORT = Patience(step=0.24, start=0.24)


class Counterpart:
    """Stands for the server: clients come in here, and the test speaks for it."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = self.listener.getsockname()
        # What the clients had done each time when they let the server notice it.
        self.noticed: list[str] = []
        self.stage: Stage | None = None

    def reach(self, bind_to: str | None = None, receive_buffer: int = 0) -> socket.socket:
        sock = connect(self.address, LONG, bind_to, receive_buffer)
        assert sock is not None
        return sock

    def settles(self) -> bool:
        return True

    def notices(self) -> None:
        if self.stage is not None:
            self.noticed.append(str(self.stage.journal.events[-1].what))


@pytest.fixture
def counterpart() -> Iterator[Counterpart]:
    made = Counterpart()
    yield made
    made.listener.close()


Meets = Callable[..., tuple[Client, socket.socket, Stage]]


@pytest.fixture
def meets(counterpart: Counterpart, opened: Callable[..., Stage]) -> Iterator[Meets]:
    """Brings a client in; `said` is what the server has said already."""
    peers: list[socket.socket] = []

    def meet(said: bytes = b"", name: str = "ani", stage: Stage | None = None, **of: object):
        stage = stage or opened(**of)
        client = Client(stage, counterpart, name)  # type: ignore[arg-type]
        client.connects()
        peer, _ = counterpart.listener.accept()
        peer.settimeout(LONG)
        peers.append(peer)
        peer.sendall(said)
        return client, peer, stage

    yield meet
    for peer in peers:
        peer.close()


@pytest.fixture
def joined(meets: Meets) -> Callable[..., tuple[Client, socket.socket, Stage]]:
    """The same, with a client that is in the room; `said` came after the acceptance."""

    def join(said: bytes = b"", **of: object):
        client, peer, stage = meets(b"NICK\n", **of)
        client.is_asked()
        client.answers()
        peer.sendall(b"OK\n" + said)
        client.is_accepted()
        assert peer.recv(100) == b"ani\n"
        return client, peer, stage

    return join


def failure(step: Callable[..., object], *arguments: object):
    with pytest.raises(StoryFailed) as failed:
        step(*arguments)
    assert failed.value.failure.who == "ani"
    return failed.value.failure


@contextmanager
def reading(peer: socket.socket, end: bytes) -> Iterator[list[bytes]]:
    """The segments that come, read until they end with `end`: here when the block is over."""
    segments: list[bytes] = []

    def reads() -> None:
        while not b"".join(segments).endswith(end):
            segments.append(peer.recv(1000))

    reader = threading.Thread(target=reads)
    reader.start()
    yield segments
    reader.join()


def noted(stage: Stage, what: What) -> list[str]:
    """The texts of all events of one kind; each is between the client and the server."""
    events = [event for event in stage.journal.events if event.what is what]
    assert all({event.who, event.to} == {"ani", "server.py"} for event in events)
    return [event.text for event in events]


def settled(client: Client, text: bytes) -> None:
    """Everything up to `text` is here."""
    assert client._stage.wait_until(lambda: text in client.raw, LONG)
