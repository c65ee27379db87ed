"""What one grading of a class runs in, so that it can harm neither its neighbours nor the grade.

Three protections, alone or together (Linux). *Around the grading* (`bubblewrap`): processes,
network and files of its own; it sees the system, the kit and this one submission, can change one
folder, and leaves no process behind. *Around each program* (`landlock`): it can open its own folder
and the system's files and nothing else, neither the solutions nor the results, and cannot reach
into the grader. *Another user for the programs of a grading* (`user`, where root grades and may not
have what bubblewrap needs): they can neither reach into the grader or another grading, nor open
what only root may, and nothing of them is left; with `landlock` as well, where the kernel has it.
They share the machine's network and its ports, and see all other processes by name. `process` is
nothing of all that.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.grading.judge import REPO
from harness.program import confinement, program_user

AUTO, BUBBLEWRAP, USER, LANDLOCK, PROCESS = "auto", "bubblewrap", "user", "landlock", "process"
# After `auto` the strongest comes first.
NAMES = (AUTO, BUBBLEWRAP, USER, LANDLOCK, PROCESS)
# Seconds for the trial whether a box can be made here.
TRIAL = 10.0
# Bytes that the files of a grading may take in each folder that is kept in memory.
MOST_IN_MEMORY = 600_000_000
_SECRETS = ("/etc/shadow", "/etc/gshadow", "/etc/ssh", "/etc/sudoers", "/etc/ssl/private")


@dataclass(frozen=True, slots=True)
class Box:
    """One kind of box. ``hidden``: files and folders that nothing in it may see."""

    name: str
    hidden: tuple[Path, ...] = ()

    @property
    def confines_programs(self) -> bool:
        """Whether each program can open nothing but what it needs."""
        return self.name != PROCESS and confinement.is_possible()

    @property
    def described(self) -> str:
        """Its name, with all that it does: "bubblewrap+landlock"."""
        is_more = self.name in (BUBBLEWRAP, USER) and self.confines_programs
        return f"{self.name}+{LANDLOCK}" if is_more else self.name

    @property
    def options(self) -> list[str]:
        """What the grader in it is told, so that it does its part."""
        options = ["--modul4-confine"] if self.confines_programs else []
        return [*options, "--modul4-as-user"] if self.name == USER else options

    def hide(self) -> None:
        """Take from all other users what nothing in it may see, where only that protects it.

        It stays so. Raises `OSError`.
        """
        if self.name == USER and not self.confines_programs:
            for path in filter(Path.exists, (*self.hidden, REPO / "solutions")):
                path.chmod(path.stat().st_mode & 0o770)

    def command(self, words: Sequence[str], readable: Path, writable: Path) -> list[str]:
        """``words`` as a command in the box, which sees two folders besides."""
        if self.name != BUBBLEWRAP:
            return list(words)
        wrapped = ["bwrap", *_NAMESPACES, *_files(self.hidden)]
        # The one to read may lie in the one to change.
        wrapped += ["--bind", str(writable), str(writable)]
        wrapped += ["--ro-bind", str(readable), str(readable)]
        return [*wrapped, "--chdir", str(REPO), "--", *words]


# Its own processes, network, host name; gone when the grader that started it is gone.
_NAMESPACES = ("--unshare-all", "--die-with-parent", "--new-session")


def _files(hidden: Sequence[Path]) -> list[str]:
    """The files of the system to read, nothing of others, and room for files that do not stay."""
    words = ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
    for folder in ("/tmp", "/var/tmp", "/dev/shm", "/run", "/home", "/root"):
        if os.path.isdir(folder):
            words += [*_room(), "--tmpfs", folder]
    # Only root can read them; where root grades, nothing in the box shall.
    for secret in filter(os.path.exists, _SECRETS):
        words += ["--tmpfs", secret] if os.path.isdir(secret) else ["--ro-bind", os.devnull, secret]
    # What lies in one of these and is needed all the same.
    for needed in dict.fromkeys((str(REPO), sys.prefix, sys.base_prefix)):
        words += ["--ro-bind", needed, needed]
    for each in hidden:
        words += ["--tmpfs", str(each)] if each.is_dir() else ["--ro-bind", os.devnull, str(each)]
    return words


@functools.cache
def _room() -> tuple[str, ...]:
    """How much a folder in memory may hold, for a bubblewrap that can be told (0.7 and later)."""
    try:
        told = subprocess.run(["bwrap", "--help"], capture_output=True, text=True, timeout=TRIAL)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return ("--size", str(MOST_IN_MEMORY)) if "--size BYTES" in told.stdout else ()


@functools.cache
def is_possible(name: str) -> bool:
    """Whether such a box can be made here; some systems have the program and forbid its use."""
    if name == PROCESS:
        return True
    if name == LANDLOCK:
        return confinement.is_possible()
    if name == USER:
        return program_user.is_possible()
    if sys.platform != "linux" or shutil.which("bwrap") is None:
        return False
    trial = Box(name).command([sys.executable, "-c", ""], REPO, REPO / "harness")
    try:
        return subprocess.run(trial, capture_output=True, timeout=TRIAL).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def strongest() -> str:
    """The name of the strongest box that can be made here."""
    return next(name for name in NAMES if name != AUTO and is_possible(name))
