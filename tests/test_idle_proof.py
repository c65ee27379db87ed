"""Proof that nothing can happen any more: of every kind of program, and never too early."""

from __future__ import annotations

import os
import platform
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.actors.connection import finish, reset
from harness.actors.known_facts import KnownFacts
from harness.actors.patience import Patience
from harness.actors.room import Room
from harness.actors.stage import Stage
from harness.contract.symptoms import StoryFailed
from harness.program import idle_proof
from harness.program.idle_proof import Link
from tests.watching import LONG, eventually


def is_shown() -> bool:
    """Whether this system tells what threads wait for, and how long a socket does.

    A container may forbid either; then nothing is proven there, and nothing can be tested.
    """
    if sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64"):
        return False
    pid = os.getpid()
    try:
        for name in ("syscall", "children", "schedstat"):
            Path(f"/proc/{pid}/task/{pid}/{name}").read_text()
        with socket.socket() as sock:
            idle_proof._has_limit(pid, {(sock.fileno(), socket.SO_RCVTIMEO)})
    except OSError:
        return False
    return True


pytestmark = pytest.mark.skipif(not is_shown(), reason="this system does not tell who waits")

LISTENS = "import socket; s = socket.create_server(('127.0.0.1', 0)); "
FOR_EVER = {
    "accept": LISTENS + "up(); s.accept()",
    "select": LISTENS + "import select; up(); select.select([s], [], [])",
    "poll": LISTENS + "import select; p = select.poll(); p.register(s); up(); p.poll()",
    "epoll": LISTENS + "import select; p = select.epoll(); p.register(s, 1); up(); p.poll()",
    "queue": "import queue; up(); queue.Queue().get()",
    "lock": "import threading; x = threading.Lock(); x.acquire(); up(); x.acquire()",
    "threads": "import threading; e = threading.Event(); "
    "t = [threading.Thread(target=e.wait) for _ in range(3)]; [x.start() for x in t]; up(); "
    "t[0].join()",
    "asyncio": "import asyncio; asyncio.run(asyncio.wait_for(wait(), None))",
    "pause": "import signal; up(); signal.pause()",
    "a limit on sending only": LISTENS + "import struct; s.setsockopt(socket.SOL_SOCKET,"
    "socket.SO_SNDTIMEO, struct.pack('@ll', 99, 0)); up(); s.accept()",
}
FOR_EVER["child"] = (
    "import subprocess, sys; "
    "p = subprocess.Popen([sys.executable, '-c', 'input()'], stdin=subprocess.PIPE); up(); p.wait()"
)
FOR_A_TIME = {
    "sleep": "import time; up(); time.sleep(99)",
    "event": "import threading; up(); threading.Event().wait(99)",
    "queue": "import queue; up(); queue.Queue().get(timeout=99)",
    "accept": LISTENS + "s.settimeout(99); up(); s.accept()",
    "select": LISTENS + "import select; up(); select.select([s], [], [], 99)",
    "one of two": "import threading, time; threading.Thread(target=time.sleep, args=(99,)).start();"
    "up(); threading.Event().wait()",
    "spin": "up()\nwhile True: pass",
    "child": "import subprocess, sys; up(); "
    "subprocess.run([sys.executable, '-c', 'import time; time.sleep(99)'])",
}
WOKEN_OTHERWISE = {
    "alarm": LISTENS + "import signal; signal.signal(14, lambda *a: 0); signal.alarm(99); up();"
    "s.accept()",
    "receive limit": LISTENS + "import struct; s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO,"
    "struct.pack('@ll', 99, 0)); up(); s.accept()",
    "send limit": "import socket, struct; a, b = socket.socketpair(); a.setsockopt("
    "socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack('@ll', 99, 0)); up(); "
    "a.sendall(bytes(9**8))",
}
HEAD = """
def up():
    print('up', flush=True)
async def wait():
    up()
    import asyncio
    await asyncio.Event().wait()
"""

Started = Callable[[str], "subprocess.Popen[bytes]"]


@pytest.fixture
def started() -> Iterator[Started]:
    """Starts a program and returns when it says that it is up."""
    programs = []

    def start(code: str) -> subprocess.Popen[bytes]:
        program = subprocess.Popen([sys.executable, "-c", HEAD + code], stdout=subprocess.PIPE)
        programs.append(program)
        assert program.stdout is not None
        assert program.stdout.readline() == b"up\n"
        return program

    yield start
    for program in programs:
        program.kill()
        program.wait()
        assert program.stdout is not None
        program.stdout.close()


@pytest.mark.parametrize("code", FOR_EVER.values(), ids=FOR_EVER)
def test_a_thread_that_waits_without_a_limit_is_seen_to_wait(started: Started, code: str):
    pid = started(code).pid
    assert eventually(lambda: idle_proof.waiting(pid) is not None)
    threads = idle_proof.waiting(pid)
    assert threads
    assert threads == idle_proof.waiting(pid)
    assert not idle_proof.has_alarm(pid, threads)


@pytest.mark.parametrize("code", FOR_A_TIME.values(), ids=FOR_A_TIME)
def test_a_thread_that_waits_for_a_time_or_not_at_all_is_not_idle(started: Started, code: str):
    pid = started(code).pid
    for _ in range(50):
        assert idle_proof.waiting(pid) is None


@pytest.mark.parametrize("code", WOKEN_OTHERWISE.values(), ids=WOKEN_OTHERWISE)
def test_a_timer_of_the_process_or_of_a_socket_counts_as_a_time_limit(started: Started, code: str):
    pid = started(code).pid
    assert eventually(lambda: idle_proof.waiting(pid) is not None)
    assert idle_proof.has_alarm(pid, idle_proof.waiting(pid) or frozenset())


def test_a_stopped_process_is_not_idle(started: Started):
    program = started(FOR_EVER["accept"])
    assert eventually(lambda: idle_proof.waiting(program.pid) is not None)
    program.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, program.pid, os.WSTOPPED | os.WNOWAIT)
    assert idle_proof.waiting(program.pid) is None


def test_a_thread_that_has_run_between_two_looks_is_told_from_one_that_has_not(started: Started):
    code = LISTENS + "print(s.getsockname()[1]); up()\nwhile True: s.accept()"
    program = subprocess.Popen([sys.executable, "-c", HEAD + code], stdout=subprocess.PIPE)
    assert program.stdout is not None
    with program, program.stdout:
        port = int(program.stdout.readline())
        assert eventually(lambda: idle_proof.waiting(program.pid) is not None)
        before = idle_proof.waiting(program.pid)
        with socket.create_connection(("127.0.0.1", port)):
            assert eventually(lambda: idle_proof.waiting(program.pid) not in (None, before))
        program.kill()


def test_a_borrowed_file_descriptor_is_closed_again():
    before = len(os.listdir("/proc/self/fd"))
    ends = os.pipe()
    with socket.socket() as sock:
        asked = {(end, socket.SO_RCVTIMEO) for end in (ends[0], sock.fileno())}
        assert not idle_proof._has_limit(os.getpid(), asked)
    for end in ends:
        os.close(end)
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_process_that_has_ended_is_not_idle():
    assert idle_proof.waiting(1 << 22) is None


# -- connections


@pytest.fixture
def wired() -> Iterator[tuple[Link, socket.socket]]:
    """A connection, and the server's end of it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ours = socket.create_connection(listener.getsockname())
        theirs, _ = listener.accept()
        with ours, theirs:
            yield Link(ours, ours.getpeername(), ours.getsockname()), theirs


def ends_by(how: Callable[[socket.socket], None]) -> Callable[[socket.socket, socket.socket], None]:
    return lambda ours, theirs: how(ours)


QUIET: dict[str, Callable[[socket.socket, socket.socket], object]] = {
    "nothing": lambda ours, theirs: None,
    "unread there": lambda ours, theirs: ours.send(b"x"),
    "unread here": lambda ours, theirs: theirs.send(b"x"),
    "half-closed": lambda ours, theirs: ours.shutdown(socket.SHUT_WR),
    "finished": ends_by(finish),
    "reset": ends_by(reset),
    "closed there": lambda ours, theirs: theirs.close(),
    "reset there": lambda ours, theirs: reset(theirs),
    "closed on both sides": lambda ours, theirs: (finish(ours), theirs.close()),
}


@pytest.mark.parametrize("happens", QUIET.values(), ids=QUIET)
def test_a_connection_whose_bytes_have_all_arrived_is_quiet(
    wired: tuple[Link, socket.socket], happens: Callable[[socket.socket, socket.socket], object]
):
    wire, theirs = wired
    happens(wire.sock, theirs)
    assert eventually(wire.is_quiet)


@pytest.mark.parametrize("is_ours", [True, False])
def test_a_connection_with_bytes_under_way_is_not_quiet(
    wired: tuple[Link, socket.socket], is_ours: bool
):
    wire, theirs = wired
    sender = wire.sock if is_ours else theirs
    sender.setblocking(False)
    with pytest.raises(BlockingIOError):
        while True:
            sender.send(bytes(1 << 16))
    assert not wire.is_quiet()


def test_bytes_that_the_program_never_reads_do_not_prevent_the_proof(
    wired: tuple[Link, socket.socket],
):
    wire, theirs = wired
    assert wire.held() is None
    theirs.setblocking(False)
    with pytest.raises(BlockingIOError):
        while True:
            theirs.send(bytes(1 << 16))
    assert wire.is_quiet(is_read=False)
    unread, unsent = wire.held() or (0, 0)
    assert unread > 0
    assert unsent > 0


# -- waits

PROLOGUE = """
import socket, sys, threading, time
port = int(sys.argv[sys.argv.index('--port') + 1])
listener = socket.create_server(('127.0.0.1', port))
print('Server menunggu koneksi...', flush=True)
"""
SILENT = PROLOGUE + "conn, _ = listener.accept(); conn.recv(100); conn.recv(100)"
# Where it listens is known, so that nobody waits for the turn at the default port.
MET = {"start.listens"}
LATE = {
    "asleep": "conn, _ = listener.accept(); time.sleep(0.3); conn.send(b'NICK\\n'); conn.recv(9)",
    "busy": "conn, _ = listener.accept()\nend = time.monotonic() + 0.3\n"
    "while time.monotonic() < end: pass\nconn.send(b'NICK\\n'); conn.recv(9)",
    "from a timer": "conn, _ = listener.accept()\n"
    "threading.Timer(0.3, lambda: conn.send(b'NICK\\n')).start(); conn.recv(9)",
    "in a child": "import subprocess; conn, _ = listener.accept()\n"
    "subprocess.run([sys.executable, '-c', 'import time; time.sleep(0.3)'])\n"
    "conn.send(b'NICK\\n'); conn.recv(9)",
}


def test_a_wait_ends_at_once_when_nothing_can_come(
    opened: Callable[..., Stage], submission: Callable[..., Path]
):
    stage = opened(submission(SILENT), known_facts=KnownFacts(set(MET)))
    ani = Room(stage).newcomer("ani")
    ani.connects()
    # Far beyond what pytest allows: only the proof ends it.
    assert not stage.wait_until(lambda: bool(ani.raw), 1e6)
    assert stage.waited == {"is_idle": True}
    ani.sends(b"halo\n")
    assert not stage.wait_until(lambda: bool(ani.raw), 1e6)


@pytest.mark.parametrize("code", LATE.values(), ids=LATE)
def test_a_late_answer_is_waited_for(
    opened: Callable[..., Stage], submission: Callable[..., Path], code: str
):
    stage = opened(submission(PROLOGUE + code), known_facts=KnownFacts(set(MET)))
    ani = Room(stage).newcomer("ani")
    ani.connects()
    assert stage.wait_until(lambda: ani.raw == b"NICK\n", LONG)
    assert "is_idle" not in stage.waited


def test_the_last_output_is_read_before_a_wait_ends(
    opened: Callable[..., Stage], submission: Callable[..., Path]
):
    flood = "\nsys.stdout.write('x' * 3_000_000 + '\\nlast\\n'); sys.stdout.flush()"
    room = Room(
        opened(
            submission(PROLOGUE + flood + "\nlistener.accept()"),
            known_facts=KnownFacts(set(MET)),
        )
    )
    assert room.server.prints_within("last")


def test_a_sender_to_a_client_that_does_not_read_is_idle(
    opened: Callable[..., Stage], submission: Callable[..., Path]
):
    flood = "\nfirst, _ = listener.accept()\nsecond, _ = listener.accept()\n"
    stage = opened(
        submission(PROLOGUE + flood + "first.sendall(bytes(5_000_000))"),
        known_facts=KnownFacts(set(MET)),
    )
    room = Room(stage)
    ani, budi = room.newcomer("ani"), room.newcomer("budi")
    ani.connects(receive_buffer=4096)
    ani.stops_reading()
    budi.connects()
    assert not stage.wait_until(lambda: bool(budi.raw), 1e6)
    assert stage.waited == {"is_idle": True}


def test_a_sender_to_a_client_that_reads_slowly_is_waited_for(
    opened: Callable[..., Stage], submission: Callable[..., Path]
):
    flood = "\nconn, _ = listener.accept()\nconn.sendall(bytes(5_000_000)); conn.recv(1)"
    stage = opened(submission(PROLOGUE + flood), known_facts=KnownFacts(set(MET)))
    ani = Room(stage).newcomer("ani")
    ani.connects(receive_buffer=4096)
    assert stage.wait_until(lambda: len(ani.raw) == 5_000_000, LONG)


@pytest.mark.parametrize("goes_on", ["threading.Event().wait()", "time.sleep(99)"])
def test_connecting_is_given_up_when_the_program_will_never_accept(
    opened: Callable[..., Stage], submission: Callable[..., Path], goes_on: str
):
    source = "import threading, time\n" + goes_on
    stage = opened(submission(source), Patience(step=1, start=1), KnownFacts(set(MET)))
    with pytest.raises(StoryFailed) as failed:
        Room(stage).newcomer("ani").connects()
    facts = failed.value.failure.facts
    assert facts.get("is_idle") is (True if "Event" in goes_on else None)
    assert facts.get("seconds") == (None if "Event" in goes_on else 1)


def test_a_condition_that_acts_itself_is_not_cut_short(
    opened: Callable[..., Stage], submission: Callable[..., Path]
):
    stage = opened(submission(SILENT), known_facts=KnownFacts(set(MET)))
    Room(stage).newcomer("ani").connects()
    tries: list[int] = []
    assert stage.wait_until(lambda: tries.append(1) or len(tries) > 50, 1e6, is_passive=False)
