"""How a simulated client ends: with FIN or with RST, and never by chance."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from harness.actors.connection import finish, reset


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
