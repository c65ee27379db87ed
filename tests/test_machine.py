"""Whether a machine can judge anything, and how many clients it has room for."""

import errno
import os
import socket
import subprocess
import sys
from collections.abc import Callable

import pytest

from harness.contract import sentences
from harness.contract.rubric import LANGUAGES
from harness.grading import machine
from harness.grading.judge import REPO
from harness.program.sandbox import Sandbox
from tests.watching import LONG

posix = pytest.mark.skipif(os.name != "posix", reason="limits of POSIX")


def test_nothing_is_wrong_with_this_one(sandbox: Sandbox):
    assert machine.unfit_for(sandbox) == ""


def refuses(error: Exception) -> Callable[..., None]:
    def refuse(*_: object, **__: object) -> None:
        raise error

    return refuse


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (OSError(errno.ENETUNREACH, "Network is unreachable"), "no_loopback"),
        (OSError(errno.EMFILE, "Too many open files"), "no_descriptors"),
    ],
)
def test_a_network_that_is_down(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, error: OSError, why: str
):
    monkeypatch.setattr(socket, "create_connection", refuses(error))
    assert machine.unfit_for(sandbox) == why


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable"), "no_processes"),
        (RuntimeError("can't start new thread"), "no_processes"),
        (OSError(errno.ENOSPC, "No space left on device"), "disk_full"),
        (OSError(errno.EACCES, "Permission denied"), "no_python"),
    ],
)
def test_a_program_that_cannot_be_started(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, error: Exception, why: str
):
    monkeypatch.setattr(sandbox, "spawn", refuses(error))
    assert machine.unfit_for(sandbox) == why
    assert all(sentences.reason(why, {}, lang) for lang in LANGUAGES)


def test_a_python_that_ends_at_once(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch):
    sandbox.python = sys.executable
    spawn = sandbox.spawn
    monkeypatch.setattr(sandbox, "spawn", lambda argv, folder: spawn(["-c", "1 / 0"], folder))
    assert machine.unfit_for(sandbox) == "no_python"


@posix
@pytest.mark.parametrize(
    ("soft", "hard", "clients", "says"),
    [
        # Few are allowed, and no more can be had.
        (150, 150, 100, "150 150"),
        # Few are allowed, but more can be had for the asking.
        (150, 200, 100, "None 164"),
        (150, 200, 20, "None 150"),
    ],
)
def test_room_is_made_for_the_clients_where_the_system_allows_it(
    soft: int, hard: int, clients: int, says: str
):
    """In a process of its own: a limit once lowered cannot be raised again."""
    program = (
        "import resource, sys; from harness.grading import machine; "
        f"resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard})); "
        f"most = machine.make_room({clients}); "
        "print(most, resource.getrlimit(resource.RLIMIT_NOFILE)[0])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=REPO, capture_output=True, text=True, timeout=LONG
    )
    assert done.stdout.strip() == says, done.stderr
