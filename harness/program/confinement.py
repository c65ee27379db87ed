"""Which files a program of the submission needs, so that it can be kept from all others.

And the command that does it: `confine`, which then becomes the program.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.program import confine
from harness.program.interpreter import PYTHON

# Programs, libraries and settings of the system; what it says of processes.
SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin", "/etc", "/proc", "/opt", "/nix")
# Its own terminal is given to it open; by their names it could open that of the teacher.
DEVICES = ("null", "zero", "full", "random", "urandom", "tty", "shm")
# The scheduler that runs within the program's own process.
LAUNCHER = Path(__file__).resolve().parents[1] / "schedules"


def is_possible() -> bool:
    """Whether a program can be confined here."""
    return confine.version() > 0


def of_files(interpreter: Path, folders: Sequence[Path]) -> list[str]:
    """The rules by which a program can read only what it needs, and change ``folders``.

    ``interpreter``: the folder of the Python that it runs in.
    """
    readable = [*SYSTEM, sys.base_prefix, str(Path(PYTHON).parent), str(interpreter), str(LAUNCHER)]
    writable = [*map(str, folders), *(os.path.join("/dev", name) for name in DEVICES)]
    return [*(f"r:{path}" for path in readable), *(f"w:{path}" for path in writable)]


def of_user(number: int, limits: Mapping[str, int]) -> list[str]:
    """The rules by which it becomes user ``number``; ``limits`` by their names in `resource`."""
    return [f"u:{number}", *(f"l:{name}={most}" for name, most in limits.items())]


def prefix(rules: Sequence[str]) -> list[str]:
    """What goes before a command, so that these rules hold for it."""
    return [PYTHON, "-I", "-S", "-B", confine.__file__, *rules, "--"]
