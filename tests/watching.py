"""What several tests look at: a fact that is about to hold, and what a run has left behind."""

import contextlib
import os
import platform
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.actors.connection import reset
from harness.program import observe

# Seconds. Only a broken program, or a machine that hardly runs at all, takes so long.
LONG = 60.0


def eventually(fact: Callable[[], object], bound: float = LONG) -> bool:
    """Whether `fact` comes to hold; looked at again and again, as nothing tells when it does."""
    deadline = time.monotonic() + bound
    while not fact():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True


def shows_time_limits() -> bool:
    """Whether the limit of time with which a thread waits in poll is shown here."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return False
    try:
        return bool(
            Path("/proc/self/syscall").read_text() and Path("/proc/self/schedstat").read_text()
        )
    except OSError:
        return False


def processes_of(folder: Path) -> list[int]:
    """The processes that have to do with `folder`: it is in their environment or command line.

    Every program under test has its folder in HOME, and a guardian has it as an argument.
    """
    return [pid for pid in _pids() if os.fsencode(folder) in _known_of(pid)]


def _pids() -> Iterator[int]:
    return (
        int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) != os.getpid()
    )


def _known_of(pid: int) -> bytes:
    told = b""
    for name in ("environ", "cmdline"):
        try:
            told += Path(f"/proc/{pid}/{name}").read_bytes()
        except OSError:
            continue  # it has just ended, or belongs to somebody else
    return told


def sees_resets() -> bool:
    """Whether this system tells an end by RST from an orderly one; wine does not."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname())
        served, _ = listener.accept()
    with client, served:
        reset(served)
        client.settimeout(LONG)
        try:
            client.recv(1)
        except OSError:
            return True
    return False


# Tests of what is done once a reset was seen.
resets_are_seen = pytest.mark.skipif(
    sys.platform == "win32" and not sees_resets(), reason="wine tells no reset from an end"
)
# Tests of what goes out once the other end has read what there was: the kernel of Linux tells.
read_is_seen = pytest.mark.skipif(sys.platform != "linux", reason="when it was read is not told")


def shows_sockets() -> bool:
    """Whether the system says whose a socket is; wine does not."""
    with socket.create_server(("127.0.0.1", 0)):
        return observe.sockets(os.getpid()) > 0


sockets_are_shown = pytest.mark.skipif(
    sys.platform == "win32" and not shows_sockets(), reason="wine names no owner of a socket"
)


def ctrl_c() -> tuple[object, bool]:
    """What this process does at Ctrl-C, and whether it is blocked here (POSIX)."""
    handler = signal.getsignal(signal.SIGINT)
    if sys.platform == "win32":
        return handler, False
    return handler, signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, [])


@contextlib.contextmanager
def ctrl_c_as_it_was() -> Iterator[None]:
    """Puts Ctrl-C back after code that is about to become another program, and here does not."""
    handler, is_blocked = ctrl_c()
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)  # type: ignore[arg-type]
        if sys.platform != "win32" and not is_blocked:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
