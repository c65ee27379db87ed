"""What a server costs at one moment, seen from outside: memory, threads, descriptors, CPU time.

Linux tells through /proc; elsewhere psutil does, where it is there. What cannot be seen is None.
The memory is what the processes have resident: the buffers that the kernel holds for their sockets
are not in it.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from harness.program import observe
from harness.program.tree import tree


@dataclass(frozen=True, slots=True)
class Expense:
    """Bytes resident, threads, open descriptors, and CPU seconds used since the start."""

    memory: int | None = None
    threads: int | None = None
    descriptors: int | None = None
    cpu: float | None = None


def expense(pid: int) -> Expense:
    """What process ``pid`` and its children cost now."""
    parts = [each for one in tree(pid) if (each := _of_one(one)) is not None]
    if not parts:
        return Expense()
    cpu = [each.cpu for each in parts if each.cpu is not None]
    return Expense(
        _sum(each.memory for each in parts),
        _sum(each.threads for each in parts),
        _sum(each.descriptors for each in parts),
        sum(cpu) if cpu else None,
    )


def cpu_seconds(pid: int) -> float | None:
    """The CPU time that process ``pid`` alone has used so far; quick also with many threads."""
    if sys.platform == "linux":
        with (
            contextlib.suppress(OSError, IndexError, ValueError),
            open(f"/proc/{pid}/stat") as told,
        ):
            # The name may hold blanks and brackets: the state stands after the last one.
            fields = told.read().rpartition(")")[2].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return None
    one = _by_psutil(pid)
    return one.cpu if one is not None else None


def machine_seconds() -> float | None:
    """The CPU time that all programs of this machine have used since it started; None unseen."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, IndexError, ValueError), open("/proc/stat") as told:
            # proc_stat(5): user, nice, system, idle, iowait, irq, softirq, and stolen by the host.
            times = [int(each) for each in told.readline().split()[1:9]]
            return (sum(times) - sum(times[3:5])) / os.sysconf("SC_CLK_TCK")
    return None


def _sum(values: Iterable[int | None]) -> int | None:
    known = [each for each in values if each is not None]
    return sum(known) if known else None


def _of_one(pid: int) -> Expense | None:
    if sys.platform != "linux":
        return _by_psutil(pid)
    with contextlib.suppress(OSError, IndexError, ValueError):
        with open(f"/proc/{pid}/statm") as told:
            memory = int(told.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        descriptors = len(os.listdir(f"/proc/{pid}/fd"))
        return Expense(memory, len(observe.tasks(pid)), descriptors, cpu_seconds(pid))
    return None


def _by_psutil(pid: int) -> Expense | None:
    try:
        import psutil
    except ImportError:
        return None
    try:
        process = psutil.Process(pid)
        times = process.cpu_times()
        # Windows counts handles, of which sockets are some.
        count: Callable[[], int] = process.num_handles if os.name == "nt" else process.num_fds
        memory, threads = process.memory_info().rss, process.num_threads()
        return Expense(memory, threads, count(), times.user + times.system)
    except psutil.Error:
        return None
