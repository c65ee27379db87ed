"""What can be seen of a process from outside: threads, sockets, processor time, and how it fares.

Linux tells through /proc; elsewhere psutil does (the extra `processes`). Without either the
functions raise `NotRunHere`.
"""

from __future__ import annotations

import contextlib
import os
import sys
from dataclasses import dataclass
from types import ModuleType

from harness.contract.symptoms import NotRunHere
from harness.program import sockdiag
from harness.program.listening import sockets_of, tells_owners
from harness.program.tree import tree


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One look at a process: nanoseconds it has run, and the states of its threads (``RSDTZ``)."""

    ran_ns: int
    states: str

    @property
    def is_waiting(self) -> bool:
        """Whether every thread is asleep, waiting for something to happen."""
        return not (set(self.states) - set("SI"))

    @property
    def is_held(self) -> bool:
        """Whether it is stopped (T, t) or waits for memory or disk (D)."""
        return bool(set(self.states) & set("TtD"))


def _psutil() -> ModuleType:
    try:
        import psutil
    except ImportError:
        raise NotRunHere("no_process_view") from None
    return psutil  # type: ignore[no-any-return]


def threads(pid: int) -> int:
    """The number of threads of process ``pid`` and its children; 0 when it is gone."""
    if sys.platform == "linux":
        return sum(len(tasks(each)) for each in tree(pid))
    psutil = _psutil()
    count = 0
    for each in tree(pid):
        with contextlib.suppress(psutil.Error):
            count += int(psutil.Process(each).num_threads())
    return count


def tasks(pid: int) -> list[str]:
    """The folders in /proc of the threads of process ``pid`` alone; none when it is gone."""
    try:
        return [f"/proc/{pid}/task/{task}" for task in os.listdir(f"/proc/{pid}/task")]
    except OSError:
        return []


def sockets(pid: int) -> int:
    """The sockets that process ``pid`` and its children have open; 0 when it is gone.

    One that several of them share counts once, where the system shows which it is (Linux).
    """
    if sys.platform == "linux":
        return len(set().union(*map(sockets_of, tree(pid))))
    psutil = _psutil()
    count = 0
    for each in tree(pid) if tells_owners() else ():
        with contextlib.suppress(psutil.Error):
            count += len(psutil.Process(each).net_connections(kind="inet"))
    return count


def hides_sockets(pid: int) -> bool:
    """Whether the system shows no socket of process ``pid``, which is known to have some.

    Wine names no owner of any socket; Linux shows all of them.
    """
    if sys.platform == "linux":
        return False
    try:
        return sockets(pid) == 0
    except NotRunHere:
        return True


def snapshot(pid: int) -> Snapshot | None:
    """One look at process ``pid`` and its children, or None when it is gone or cannot be seen."""
    looks = [look for each in tree(pid) if (look := _snapshot(each)) is not None]
    if not looks:
        return None
    return Snapshot(sum(look.ran_ns for look in looks), "".join(look.states for look in looks))


def unseen() -> NotRunHere:
    """What ends a story when no `snapshot` is to be had of a program that runs."""
    try:
        _psutil()
    except NotRunHere as lacking:
        return lacking
    return NotRunHere("no_time_view")


def _snapshot(pid: int) -> Snapshot | None:
    if sys.platform == "linux":
        ran, states = 0, []
        try:
            for task in os.listdir(f"/proc/{pid}/task"):
                base = f"/proc/{pid}/task/{task}"
                try:
                    with open(f"{base}/stat", "rb") as stat:
                        # the name may hold blanks and brackets: the state stands after the last one
                        states.append(stat.read().rpartition(b")")[2].split()[0].decode())
                    with open(f"{base}/schedstat", "rb") as schedstat:
                        ran += int(schedstat.read().split()[0])
                except (OSError, IndexError, ValueError):
                    continue  # that thread has just ended
        except OSError:
            return None
        return Snapshot(ran, "".join(states)) if states else None
    try:
        psutil = _psutil()
    except NotRunHere:
        return None
    try:
        process, own = psutil.Process(pid), psutil.Process()
        before, times, after = own.cpu_times(), process.cpu_times(), own.cpu_times()
        stopped = process.status() == psutil.STATUS_STOPPED
    except psutil.Error:
        return None
    # Wine tells the time of whoever asks, whatever process is asked for: then nothing is seen.
    is_ours = before.user <= times.user <= after.user and before.system <= times.system
    if pid != os.getpid() and is_ours and times.system <= after.system:
        return None
    return Snapshot(int((times.user + times.system) * 1e9), "T" if stopped else "S")


def worked(pid: int) -> float | None:
    """Seconds in which the program ran or stood in the queue of a processor; None if unknown."""
    if sys.platform != "linux":
        return None
    total = 0
    for each in tree(pid):
        for base in tasks(each):
            with contextlib.suppress(OSError, ValueError), open(f"{base}/schedstat", "rb") as told:
                total += sum(map(int, told.read().split()[:2]))
    return total / 1e9


class Starvation:
    """Remembers the last look at a process, to say whether it was kept from running since."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._last = snapshot(pid) if sys.platform == "linux" else None

    def __call__(self) -> bool:
        """Whether it was held, or wanted to run and got no processor, since the last call."""
        now = snapshot(self._pid)
        last, self._last = self._last, now
        if now is None:
            return False
        if now.is_held:
            return True
        if last is None or sys.platform != "linux":
            return False
        # Runnable now and then, yet hardly any processor time in between: it stood in the queue.
        wanted = "R" in now.states and "R" in last.states
        return wanted and now.ran_ns - last.ran_ns < 2_000_000


def is_consumed(server: sockdiag.Address, client: sockdiag.Address) -> bool | None:
    """Whether the server has read all that ``client`` sent so far; None when it cannot be told."""
    found = sockdiag.queues(server, client)
    return None if found is None else found.unread == 0


def unsent(server: sockdiag.Address, client: sockdiag.Address) -> int | None:
    """Bytes written to ``client`` that the server's kernel still holds; None if unknown."""
    found = sockdiag.queues(server, client)
    return None if found is None else found.unsent


def unaccepted(server: sockdiag.Address) -> int | None:
    """Connections to ``server`` that its program has not yet accepted; None if unknown."""
    found = sockdiag.queues(server)
    return None if found is None or found.state != sockdiag.LISTEN else found.unread
