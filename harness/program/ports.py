"""Ports for the program under test, reserved among all graders on this machine.

Outside the range from which the system takes ports for outgoing connections, so that no simulated
client squats one. A reservation is a UDP socket of the same number: exclusive, seen by every other
grader, and gone with the process that holds it.
"""

from __future__ import annotations

import contextlib
import os
import random
import socket
import threading
import time
from collections.abc import Iterable, Iterator

from harness.contract.protocol import DEFAULT_HOST, DEFAULT_PORT
from harness.contract.symptoms import Inconclusive

_FROM, _TO = 20_000, 32_000
# Seconds: how long to queue for a port behind other graders, and how often to ask.
MOST_QUEUEING, PACE = 60.0, 0.02
TURN = 3 * PACE
# Seconds that another grader's program may take to end, once that grader has let go of its port.
MOST_ENDING = 5.0
# Seconds: a connection fades away within a minute on Linux, half of one on macOS.
MOST_FADING = 65.0
_pick = random.Random(os.getpid() ^ int.from_bytes(os.urandom(4), "big"))


@contextlib.contextmanager
def reserved_port() -> Iterator[int]:
    """A TCP port on the loopback that is free and that no other grader will hand out meanwhile."""
    for _ in range(200):
        port = _pick.randrange(_FROM, _TO)
        try:
            reservation = _reserve(port)
        except OSError:
            continue
        with reservation:
            if is_untouched(port):
                yield port
                return
    raise Inconclusive("no_free_port")


@contextlib.contextmanager
def default_port() -> Iterator[int]:
    """The port of SPEC section 1, held against other graders; `Inconclusive` while it is taken."""
    with held_port(DEFAULT_PORT):
        yield DEFAULT_PORT


@contextlib.contextmanager
def held_port(port: int) -> Iterator[None]:
    """A port that a program takes whatever it is told: ours alone among the graders.

    `Inconclusive` while others have it for too long, or somebody who is no grader.
    """
    reservation = _queued(port)
    if reservation is None:
        raise Inconclusive("port_taken", port=port)
    with _handed_on(reservation, port):
        if (error := _refusal(port)) is not None:
            raise taken(port, error)
        yield


@contextlib.contextmanager
def default_port_in_case() -> Iterator[None]:
    """The same for a program that nobody knows yet: it may take that port whatever it is told.

    Who has it meanwhile, grader or not, is no reason not to start the program elsewhere.
    """
    with held_in_case(DEFAULT_PORT):
        yield


@contextlib.contextmanager
def held_in_case(port: int) -> Iterator[None]:
    """Hold ``port`` once other graders let go of it; if none does, go on without."""
    if port in _held:
        yield  # by this grader: it would wait for itself
        return
    reservation = _queued(port)
    with _handed_on(reservation, port) if reservation else contextlib.nullcontext():
        yield


@contextlib.contextmanager
def held_now(port: int) -> Iterator[None]:
    """Hold ``port`` from now on if no other grader does: the program is there already."""
    try:
        reservation = _reserve(port)
    except OSError:
        yield
        return
    with _handed_on(reservation, port):
        yield


def wait_until_free(some: Iterable[int]) -> None:
    """Wait, within a bound, until nobody has any of ``some``, which are held against graders.

    Another grader's program may still be ending.
    """
    deadline = time.monotonic() + MOST_ENDING
    with _waiting():
        while not all(map(is_free, some)) and time.monotonic() < deadline:
            # Nothing tells us when another grader's program ends.
            time.sleep(PACE)


def wait_until_untouched(port: int) -> bool:
    """Wait, within a bound, until no connection of ``port`` fades away; whether that came."""
    deadline = time.monotonic() + MOST_FADING
    with _waiting():
        while not (is_over := is_untouched(port)) and time.monotonic() < deadline:
            # The system counts it down and tells nobody.
            time.sleep(PACE)
    return is_over


def waited() -> float:
    """Seconds that this process has waited here, for other graders or for the system, so far."""
    so_far, at_once, since = _waits
    return so_far + (time.monotonic() - since if at_once else 0.0)


# Seconds waited until the last change, how many wait since then, and when that was. Replaced as a
# whole: other threads and the handlers of signals read it at any moment.
_waits: tuple[float, int, float] = (0.0, 0, 0.0)
_changes = threading.Lock()


def _waiters_change(by: int) -> None:
    global _waits
    with _changes:
        _waits = (waited(), _waits[1] + by, time.monotonic())


@contextlib.contextmanager
def _waiting() -> Iterator[None]:
    """What is done inside is waiting for others: it is nobody's time."""
    _waiters_change(1)
    try:
        yield
    finally:
        _waiters_change(-1)


# The ports that this grader holds, and when it last let go of one that it had held.
_held: set[int] = set()
_let_go: dict[int, float] = {}


@contextlib.contextmanager
def _handed_on(reservation: socket.socket, port: int) -> Iterator[None]:
    """Hold the reservation, and remember when it was let go."""
    try:
        with reservation:
            _held.add(port)
            yield
    finally:
        _held.discard(port)
        _let_go[port] = time.monotonic()


def _queued(port: int) -> socket.socket | None:
    """The reservation of ``port``, once other graders let go of it; None if none does."""
    deadline = time.monotonic() + MOST_QUEUEING
    with _waiting():
        if (since := time.monotonic() - _let_go.get(port, float("-inf"))) < TURN:
            # Whoever has just had it goes behind those who queue: they ask every PACE only.
            time.sleep(TURN - since)
        while True:
            with contextlib.suppress(OSError):
                return _reserve(port)
            if time.monotonic() > deadline:
                return None
            # Another grader has it for the moment, and nothing tells us when it lets go.
            time.sleep(PACE)


def loopback(drawn: random.Random) -> str:
    """A drawn address of the loopback, where the system has more than one; else the usual one."""
    host = f"127.{'.'.join(str(drawn.randrange(2, 250)) for _ in range(3))}"
    return host if is_free(0, host) else DEFAULT_HOST


def is_free(port: int, host: str = DEFAULT_HOST) -> bool:
    """Whether nobody listens on ``port`` and a program could: tried with a socket of our own."""
    return _refusal(port, host) is None


def taken(port: int, error: OSError) -> Inconclusive:
    """What ends a story when the system refuses a port with ``error``.

    Windows keeps ports back for Hyper-V and WSL: WSAEACCES, though no program has them.
    """
    kept_back = 10013
    if getattr(error, "winerror", None) == kept_back:
        return Inconclusive("port_kept_back", port=port)
    return Inconclusive("port_taken", port=port)


def _refusal(port: int, host: str = DEFAULT_HOST) -> OSError | None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        if os.name == "posix":
            # Connections that are still fading away belong to nobody: they are not a listener.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error
        return None


def is_untouched(port: int) -> bool:
    """Whether any program could listen on ``port``, also one that does not set SO_REUSEADDR.

    On POSIX a connection that fades away (TIME_WAIT, a minute on Linux) is in its way.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        try:
            probe.bind(("", port))
        except OSError:
            return False
        return True


def _reserve(port: int) -> socket.socket:
    reservation = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        reservation.bind((DEFAULT_HOST, port))
    except OSError:
        reservation.close()
        raise
    return reservation
