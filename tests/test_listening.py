"""Where a program listens: found whatever it was told, in a child, on all addresses, over IPv6."""

import os
import socket
import subprocess
import sys

import pytest

from harness.program import listening
from harness.program.listening import reachable, shown

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="seen in /proc")


def places() -> list[tuple[str, int]]:
    return listening.listening(os.getpid()) or []


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.8.7", "0.0.0.0"])
def test_an_address_is_shown_as_it_was_bound(host: str):
    with socket.create_server((host, 0)) as listener:
        port = listener.getsockname()[1]
        assert (host, port) in places()
    assert (host, port) not in places()


@pytest.mark.parametrize("host", ["::", "::1"])
def test_an_address_of_the_new_kind(host: str):
    try:
        listener = socket.create_server((host, 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("no IPv6 here")
    with listener:
        assert listener.getsockname()[:2] in places()


def test_a_connection_and_a_bound_socket_listen_not():
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        with socket.create_connection(listener.getsockname()) as client:
            assert client.getsockname() not in places()
        assert bound.getsockname() not in places()


LISTENS = """
import socket
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
input()
"""


def test_a_childs_listener_is_found_and_a_strangers_is_not():
    command = [sys.executable, "-c", LISTENS]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, **pipes) as one, subprocess.Popen(command, **pipes) as other:
        first, second = (("127.0.0.1", int(each.stdout.readline())) for each in (one, other))
        assert listening.listening(one.pid) == [first]
        assert listening.listening(other.pid) == [second]
        assert {first, second} <= set(places())
        one.kill()
        other.kill()


@pytest.mark.parametrize(
    ("place", "door", "text"),
    [
        (("0.0.0.0", 5), ("127.0.0.1", 5), "0.0.0.0:5"),
        (("::", 5), ("127.0.0.1", 5), "[::]:5"),
        (("127.0.0.1", 5), ("127.0.0.1", 5), "127.0.0.1:5"),
    ],
)
def test_where_it_is_reached(place: tuple[str, int], door: tuple[str, int], text: str):
    assert reachable(place) == door
    assert shown(place) == text
