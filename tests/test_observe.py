"""A process seen from outside: threads, sockets, how it fares, what it has not yet read."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

import pytest

from harness.contract.symptoms import NotRunHere
from harness.program import observe
from harness.program.interpreter import PYTHON
from harness.program.listening import listening, tells_owners
from harness.program.observe import Snapshot, Starvation
from harness.program.tree import children, is_dead
from tests.watching import eventually, sockets_are_shown

linux = pytest.mark.skipif(sys.platform != "linux", reason="seen in /proc")


Starts = Callable[[str], subprocess.Popen[bytes]]


@pytest.fixture
def starts() -> Iterator[Starts]:
    """Starts a program that says when it is ready; all are ended after the test."""
    running: list[subprocess.Popen[bytes]] = []

    def start(source: str) -> subprocess.Popen[bytes]:
        # On Windows the python.exe of an environment starts a second process.
        command = [PYTHON, "-I", "-S", "-c", source]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        running.append(process)
        assert process.stdout is not None
        assert process.stdout.readline().strip() == b"ready"
        return process

    yield start
    for process in running:
        process.kill()
        process.communicate()


WAITING = "print('ready', flush=True)\ninput()\ninput()"
BUSY = "print('ready', flush=True)\nwhile True: pass"
GONE = 2**22 + 1  # more than any process id


def test_threads_come_and_go():
    before, stop = observe.threads(os.getpid()), threading.Event()
    more = [threading.Thread(target=stop.wait) for _ in range(3)]
    for thread in more:
        thread.start()
    assert observe.threads(os.getpid()) == before + 3
    stop.set()
    for thread in more:
        thread.join()
    assert eventually(lambda: observe.threads(os.getpid()) == before)


@sockets_are_shown
def test_sockets_come_and_go_and_files_are_none():
    before = observe.sockets(os.getpid())
    with socket.create_server(("127.0.0.1", 0)), open(os.devnull, "rb"):
        assert observe.sockets(os.getpid()) == before + 1
    assert observe.sockets(os.getpid()) == before


@sockets_are_shown
def test_the_same_as_psutil_says(starts: Starts):
    psutil = pytest.importorskip("psutil")
    # Of a process with no threads but its own: here, one of an earlier test may be ending.
    other = psutil.Process(starts(WAITING).pid)
    assert observe.threads(other.pid) == other.num_threads() == 1
    with socket.create_server(("127.0.0.1", 0)):
        inet = len(psutil.Process().net_connections(kind="inet"))
        assert observe.sockets(os.getpid()) >= inet >= 1


def test_a_process_that_has_ended_has_no_threads_and_no_sockets():
    assert observe.threads(GONE) == observe.sockets(GONE) == 0
    assert observe.snapshot(GONE) is None
    assert not Starvation(GONE)()


@linux
def test_a_waiting_process_is_waiting_and_uses_no_time(starts: Starts):
    process = starts(WAITING)

    def snapshot() -> Snapshot:
        found = observe.snapshot(process.pid)
        assert found is not None
        return found

    assert eventually(lambda: snapshot().is_waiting)
    assert snapshot().ran_ns > 0
    assert not snapshot().is_held
    before = snapshot().ran_ns
    process.stdin.write(b"\n")  # type: ignore[union-attr]
    process.stdin.flush()  # type: ignore[union-attr]
    assert eventually(lambda: snapshot().ran_ns > before)


@linux
def test_a_spinning_process_is_not_waiting(starts: Starts):
    process = starts(BUSY)
    first = observe.snapshot(process.pid)
    assert first is not None
    assert eventually(lambda: observe.snapshot(process.pid).ran_ns > first.ran_ns + 10_000_000)  # type: ignore[union-attr]
    assert not observe.snapshot(process.pid).is_waiting  # type: ignore[union-attr]


@linux
def test_a_stopped_process_is_starved_until_it_goes_on(starts: Starts):
    process = starts(WAITING)
    starved = Starvation(process.pid)
    assert eventually(lambda: not starved())
    os.kill(process.pid, signal.SIGSTOP)
    assert eventually(starved)
    assert starved()
    os.kill(process.pid, signal.SIGCONT)
    assert eventually(lambda: not starved())


@linux
@pytest.mark.parametrize(
    ("ran_ms", "states", "starved"),
    [
        (0.5, "RR", True),  # runnable at both looks, and hardly ever ran: in the queue
        (15, "RR", False),  # it ran
        (0.5, "SS", False),  # it did not want to
        (0.5, "SR", False),  # it has only just begun to want to
        (0.5, "DD", True),  # waits for memory or disk
        (15, "TT", True),
    ],
)
def test_a_process_that_waits_for_a_processor_is_starved(
    monkeypatch: pytest.MonkeyPatch, ran_ms: float, states: str, starved: bool
):
    looks = iter([Snapshot(0, states[0]), Snapshot(int(ran_ms * 1e6), states[1])])
    monkeypatch.setattr(observe, "snapshot", lambda pid: next(looks))
    assert Starvation(1)() is starved


@pytest.mark.parametrize(
    ("states", "is_waiting", "is_held"),
    [("S", True, False), ("SI", True, False), ("SR", False, False), ("ST", False, True)],
)
def test_a_snapshot_tells_a_waiting_and_a_stopped_process(
    states: str, is_waiting: bool, is_held: bool
):
    snapshot = Snapshot(1, states)
    assert (snapshot.is_waiting, snapshot.is_held) == (is_waiting, is_held)


@linux
def test_what_was_sent_is_consumed_once_it_was_read():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        place = listener.getsockname()
        assert observe.unaccepted(place) == 0
        with socket.create_connection(place) as client:
            mine = client.getsockname()
            assert eventually(lambda: observe.unaccepted(place) == 1)
            client.sendall(b"x")
            served, _ = listener.accept()
            with served:
                assert observe.unaccepted(place) == 0
                assert eventually(lambda: observe.is_consumed(place, mine) is False)
                served.recv(1)
                assert observe.is_consumed(place, mine) is True
                assert observe.unsent(place, mine) == 0
    assert observe.is_consumed(("127.0.0.1", 1), ("127.0.0.1", 2)) is None
    assert observe.unsent(("127.0.0.1", 1), ("127.0.0.1", 2)) is None
    assert observe.unaccepted(("127.0.0.1", 1)) is None


CHILD = """
import os, socket, threading
if os.fork() == 0:
    threading.Thread(target=input).start()
    s = socket.create_server(("127.0.0.1", 0))
    print("ready", flush=True)
    input()
os.wait()
"""


@linux
def test_children_count(starts: Starts):
    pid = starts(CHILD).pid
    assert observe.threads(pid) == 3
    assert observe.sockets(pid) == 1
    found = observe.snapshot(pid)
    assert found is not None
    assert len(found.states) == 3


@linux
def test_a_socket_shared_with_a_child_is_one(starts: Starts):
    code = (
        "import os, socket; s = socket.socket(); os.fork() or (print('ready', flush=True))\ninput()"
    )
    assert observe.sockets(starts(code).pid) == 1


@linux
def test_a_child_that_nobody_waits_for_is_no_unrest(starts: Starts):
    pid = starts("import os; os.fork() or os._exit(0); print('ready', flush=True); input()").pid
    assert eventually(lambda: all(is_dead(child) for child in children(pid)))
    assert eventually(lambda: (look := observe.snapshot(pid)) is not None and look.is_waiting)


def test_elsewhere_without_psutil_it_is_not_run(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setitem(sys.modules, "psutil", None)
    for look in (observe.threads, observe.sockets):
        with pytest.raises(NotRunHere) as stopped:
            look(os.getpid())
        assert stopped.value.reason == "no_process_view"
    assert observe.snapshot(os.getpid()) is None
    assert listening(os.getpid()) is None


def test_where_everybody_is_told_our_own_time_nothing_is_seen(
    monkeypatch: pytest.MonkeyPatch, starts: Starts
):
    psutil = pytest.importorskip("psutil")
    child = starts("print('ready', flush=True); input()").pid
    monkeypatch.setattr(sys, "platform", "win32")
    if observe.snapshot(child) is None:
        pytest.skip("this system tells everybody his own time, as wine does")
    own = psutil.Process().cpu_times
    monkeypatch.setattr(psutil.Process, "cpu_times", lambda self: own())
    assert observe.snapshot(child) is None
    assert observe.snapshot(os.getpid()) is not None


@sockets_are_shown
def test_a_system_may_hide_whose_the_sockets_are(monkeypatch: pytest.MonkeyPatch):
    psutil = pytest.importorskip("psutil")
    with socket.create_server(("127.0.0.1", 0)):
        monkeypatch.setattr(sys, "platform", "win32")
        assert not observe.hides_sockets(os.getpid())
        monkeypatch.setattr(psutil.Process, "net_connections", lambda self, kind: [])
        assert observe.hides_sockets(os.getpid())
        monkeypatch.setattr(sys, "platform", "linux")
        assert not observe.hides_sockets(os.getpid())


def test_where_no_socket_has_an_owner_that_is_asked_once(monkeypatch: pytest.MonkeyPatch):
    psutil = pytest.importorskip("psutil")
    asked: list[str] = []
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(
        psutil.Process, "net_connections", lambda self, kind: asked.append(kind) or []
    )
    tells_owners.cache_clear()
    try:
        assert listening(os.getpid()) is None
        assert observe.hides_sockets(os.getpid())
        assert observe.sockets(os.getpid()) == 0
    finally:
        tells_owners.cache_clear()
    assert asked == ["tcp"]


@sockets_are_shown
def test_elsewhere_psutil_tells(monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("psutil")
    monkeypatch.setattr(sys, "platform", "darwin")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert observe.sockets(os.getpid()) >= 1
        assert listener.getsockname() in (listening(os.getpid()) or [])
    assert observe.threads(os.getpid()) >= 1
    snapshot = observe.snapshot(os.getpid())
    assert snapshot is not None
    assert snapshot.ran_ns > 0
    assert observe.threads(GONE) == observe.sockets(GONE) == 0
    assert observe.snapshot(GONE) is None
