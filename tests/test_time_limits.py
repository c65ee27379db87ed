"""A thread that waits only for some time is found, with that time, and so is the end of it."""

import subprocess
import sys

import pytest

from harness.program.time_limits import limited_waits, still_lasts
from tests.watching import eventually, shows_time_limits

pytestmark = pytest.mark.skipif(not shows_time_limits(), reason="this system does not tell")

PAIR = "import select, socket, threading; a, b = socket.socketpair(); "


@pytest.fixture
def pid_of(request: pytest.FixtureRequest):
    """The process of a program of one line."""

    def run(text: str) -> int:
        program = subprocess.Popen([sys.executable, "-c", PAIR + text], stderr=subprocess.DEVNULL)
        request.addfinalizer(program.wait)
        request.addfinalizer(program.kill)
        return program.pid

    return run


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("a.settimeout(500); a.recv(1)", 500),
        ("a.settimeout(500); a.makefile('rb').readline()", 500),
        ("p = select.epoll(); p.register(a, 1); p.poll(500)", 500),
        ("a.settimeout(500); t = threading.Thread(target=a.recv, args=(1,)); t.start()", 500),
    ],
)
def test_a_limit_is_seen(pid_of, text: str, seconds: float):
    pid = pid_of(text)
    assert eventually(lambda: [each.seconds for each in limited_waits(pid)] == [seconds])
    (wait,) = limited_waits(pid)
    assert still_lasts(wait)


@pytest.mark.parametrize(
    "text",
    [
        "a.recv(1)",
        "a.settimeout(None); a.recv(1)",
        "p = select.poll(); p.register(a, 1); p.poll()",
        "p = select.epoll(); p.register(a, 1); p.poll()",
        "a.settimeout(500); threading.Event().wait()",
    ],
)
def test_where_there_is_none_none_is_seen(pid_of, text: str):
    pid = pid_of(f"print(end='', flush=True); {text}")
    seen = [limited_waits(pid) for _ in range(200)]
    assert not any(seen)


@pytest.mark.parametrize("text", ["a.settimeout(0.5); a.recv(1)", "a.settimeout(0.5)\nwhile 1:\n"
    " try: a.recv(1)\n except TimeoutError: pass"])  # fmt: skip
def test_its_end_is_seen_whether_the_thread_goes_on_or_not(pid_of, text: str):
    pid = pid_of(text)
    found = []
    assert eventually(lambda: found.extend(limited_waits(pid)) or found)
    assert eventually(lambda: not still_lasts(found[0]))
