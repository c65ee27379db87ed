"""The suite's own network: nobody outside it can hold a port that a test needs."""

import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from harness.contract.protocol import DEFAULT_HOST, DEFAULT_PORT
from harness.grading.judge import REPO
from harness.program import ports

HOLDS_THE_DEFAULT_PORT = f"""
import socket, sys
from tests import own_network
if not own_network.enter():
    sys.exit("not here")
grader = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
grader.bind({(DEFAULT_HOST, DEFAULT_PORT)})
program = socket.create_server({(DEFAULT_HOST, DEFAULT_PORT)})
socket.create_connection(program.getsockname())
print("holds it", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def other_grader() -> Iterator[None]:
    """A grader and its program hold the default port in a network of their own."""
    command = [sys.executable, "-c", HOLDS_THE_DEFAULT_PORT]
    with subprocess.Popen(
        command, cwd=REPO, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        if process.stdout.readline() != "holds it\n":
            pytest.skip("this system gives nobody a network of their own")
        yield
        process.stdin.close()


@pytest.mark.usefixtures("other_grader")
def test_a_grader_in_another_network_does_not_hold_our_default_port(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(ports, "MOST_QUEUEING", 0.0)
    with ports.default_port() as port, socket.create_server((DEFAULT_HOST, port)) as server:
        assert server.getsockname() == (DEFAULT_HOST, DEFAULT_PORT)
