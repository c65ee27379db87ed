"""Ends all that one user runs, and removes its files where everybody may write (Linux, as root).

    python leftovers.py NUMBER

The user is one of `FIRST` to `LAST`, which belong to nobody: of no other user anything is ended.
Started as a program of its own, with nothing but the standard library: by the grader at its end,
and by the guardian where the grader was killed.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time

# systemd's table of users ("Users, Groups, UIDs and GIDs on systemd systems") leaves these unused,
# and a container that maps few users has them too.
FIRST, LAST = 60_706, 61_183
# Where everybody may leave files.
SHARED = ("/tmp", "/var/tmp", "/dev/shm")
# Seconds until what was killed must be gone; between two looks.
CLOSING, LOOK = 5.0, 0.01


def living(number: int) -> list[int]:
    """The processes of user ``number`` that have not ended."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError, ValueError, IndexError):
            with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as file:
                told = dict(line.split(":", 1) for line in file if ":" in line)
            if int(told["Uid"].split()[0]) == number and told["State"].split()[0] not in "ZX":
                found.append(int(pid))
    return found


def end_all_of(number: int) -> None:
    """Kill all that user ``number`` runs; returns when it is gone, after `CLOSING` in any case.

    As that user itself: the kernel then sends the signal to all of its processes in one step, and
    none can fork meanwhile.
    """
    if sys.platform == "win32" or not FIRST <= number <= LAST:
        return
    child = os.fork()
    if child == 0:
        with contextlib.suppress(OSError):
            os.setgroups([])
            os.setgid(number)
            os.setuid(number)
            os.kill(-1, signal.SIGKILL)
        os._exit(0)
    os.waitpid(child, 0)
    until = time.monotonic() + CLOSING
    while living(number) and time.monotonic() < until:
        # Nobody tells us when a process ends that is not our child.
        time.sleep(LOOK)


def remove_all_of(number: int) -> None:
    """Remove what user ``number`` has left in the folders of `SHARED`."""
    for place in SHARED:
        with contextlib.suppress(OSError), os.scandir(place) as entries:
            theirs = [e.path for e in entries if e.stat(follow_symlinks=False).st_uid == number]
            if theirs:
                # It goes into folders of any depth, and through no link.
                subprocess.run(["rm", "-rf", "--", *theirs], check=False)


def main(number: int) -> None:
    """Do both."""
    if FIRST <= number <= LAST:
        end_all_of(number)
        remove_all_of(number)


if __name__ == "__main__":
    main(int(sys.argv[1]))
