"""What the system lets one program have: open files, threads, memory.

Linux says all of it through /proc and the control groups (proc(5), cgroups(7)); elsewhere only the
number of open files is asked for. What is not known is None.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

if sys.platform != "win32":
    import resource

GROUPS = Path("/sys/fs/cgroup")
# A thread has two: its stack, and the page before it that nobody may touch (pthread_attr_init(3)).
MAPPINGS_OF_A_THREAD = 2


@dataclass(frozen=True, slots=True)
class SystemLimits:
    """Descriptors that are allowed now, and after `ulimit -n`; threads; bytes of free memory."""

    descriptors: int | None = None
    descriptors_at_most: int | None = None
    threads: int | None = None
    memory: int | None = None


def limits_here() -> SystemLimits:
    """The limits for a program that this process starts."""
    if sys.platform == "linux":
        now, at_most = _descriptors()
        threads, memory = min(_threads(), default=None), min(_memory(), default=None)
        return SystemLimits(now, at_most, threads, memory)
    return SystemLimits(*_descriptors())


def _descriptors() -> tuple[int | None, int | None]:
    if sys.platform != "win32":
        now, at_most = resource.getrlimit(resource.RLIMIT_NOFILE)
        return _finite(now), _finite(at_most)
    return None, None


def _finite(limit: int) -> int | None:
    return None if sys.platform != "win32" and limit == resource.RLIM_INFINITY else limit


def _threads() -> Iterator[int]:
    """Each limit of the number of threads that is known on Linux."""
    if sys.platform == "linux":
        # The superuser's processes are not counted.
        most = _finite(resource.getrlimit(resource.RLIMIT_NPROC)[0])
        if os.getuid() and most is not None:
            yield most
    for name, each in (
        ("kernel/threads-max", 1),
        ("kernel/pid_max", 1),
        ("vm/max_map_count", MAPPINGS_OF_A_THREAD),
    ):
        yield from (number // each for number in _number(Path("/proc/sys") / name))
    yield from _of_groups("pids.max")


def _memory() -> Iterator[int]:
    """Each bound of the memory that is known on Linux."""
    with contextlib.suppress(OSError, ValueError):
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            name, _, value = line.partition(":")
            if name == "MemAvailable":
                yield int(value.removesuffix("kB")) * 1024
    yield from _of_groups("memory.max")


def _of_groups(name: str) -> Iterator[int]:
    """What the control groups of this process allow (version 2): its own and those around it."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines():
            if line.startswith("0::"):
                own = GROUPS / line.removeprefix("0::/")
                for group in (own, *own.parents):
                    if group.is_relative_to(GROUPS):
                        yield from _number(group / name)


def _number(path: Path) -> Iterator[int]:
    """The number in a file; nothing where there is none: no file, or `max`."""
    with contextlib.suppress(OSError, ValueError):
        yield int(path.read_text(encoding="ascii"))
