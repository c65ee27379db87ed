"""Ends what a grading run left behind when the grader itself was killed (POSIX).

Run as a program of its own, with a pipe from the grader as standard input. Lines ``+PGID`` and
``-PGID`` say which process groups live; the end of the pipe says that the grader is gone, however
it went. Then every group still listed is killed, on Linux also every process that carries the
run's mark (a daemon that left its group), and the run's folder is removed. Where programs had a
user of their own, the program LEFTOVERS ends all that this user runs.

    python guardian.py MARK FOLDER [LEFTOVERS NUMBER]
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys

# SIGKILL; Windows has no name for it, and no use for this file.
KILL = 9


def has_mark(pid: int, mark: str) -> bool:
    """Whether process ``pid`` carries the run's mark (Linux).

    In its environment; or, started with another one, in its command line or as its folder.
    """
    place = f"/proc/{pid}"
    for name in ("environ", "cmdline"):
        with contextlib.suppress(OSError), open(f"{place}/{name}", "rb") as told:
            if mark.encode() in told.read():
                return True
    with contextlib.suppress(OSError):
        return mark in os.readlink(f"{place}/cwd")
    return False


def marked(mark: str) -> list[int]:
    """Every process with the mark, ours not among them (Linux)."""
    pids = [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]
    return [pid for pid in pids if pid != os.getpid() and has_mark(pid, mark)]


def end_marked(mark: str) -> None:
    """Kill every marked process, again until none is left: one may fork while we look."""
    for _ in range(50):
        pids = marked(mark)
        if not pids:
            return
        for pid in pids:
            with contextlib.suppress(OSError):
                os.kill(pid, KILL)


def main(mark: str, folder: str, *leftovers: str) -> None:
    """Listen until the grader is gone, then clean up after it."""
    if sys.platform == "win32":
        return
    # Ctrl-C reaches the whole foreground group, and who ends all programs ends this one as well.
    # It must be the last: the end of the grader's pipe is what ends it.
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line[1:])
        (groups.add if line[0] == "+" else groups.discard)(group)
    for group in groups:
        with contextlib.suppress(OSError):
            os.killpg(group, KILL)
    if sys.platform == "linux":
        end_marked(mark)
        if leftovers:
            subprocess.run([sys.executable, "-I", "-S", *leftovers], check=False)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
