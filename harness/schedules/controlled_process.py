"""A process of the submission under control: how it is started and ended, and what comes back."""

from __future__ import annotations

import compileall
import contextlib
import functools
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LAUNCHER = Path(__file__).resolve().with_name("launcher.py")
INSIDE = LAUNCHER.with_name("inside")
# Points and steps one cycle may take; a program that needs more is not judged.
STEP_LIMIT = 400_000
# Real seconds for one process. Only ever the reason for "undecided".
WALL_LIMIT = 60.0


@dataclass(frozen=True)
class Report:
    """What came back: the cycles that ran, and why there are no more of them.

    ``cpu``: seconds of computing that the process says it took, its start included.
    """

    cycles: list[dict[str, Any]]
    seen: list[int]
    trouble: str
    cpu: float = 0.0


@dataclass(frozen=True)
class Processes:
    """How a process is started (`python ARGS...` in a folder) and how it is ended."""

    start: Callable[..., subprocess.Popen[bytes]]
    end: Callable[[subprocess.Popen[bytes]], None]


def arguments(server: Path) -> list[str]:
    """What follows the interpreter. No socket is opened: the port is only a number to show."""
    address = ["--host", "127.0.0.1", "--port", "55555"]
    return ["-s", str(LAUNCHER), str(server), *address]


def start_process(python: str, argv: list[str], folder: Path) -> subprocess.Popen[bytes]:
    """Start it; plans and reports go through its standard streams."""
    return subprocess.Popen(
        [python, *argv],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        env=clean_environment(),
        start_new_session=True,
    )


@functools.cache
def compile_inside() -> None:
    """Compile once what every session imports: no session may write, and each would compile it.

    Where nobody may write there, or bytecode is not wanted, they do.
    """
    if not sys.dont_write_bytecode:
        compileall.compile_dir(INSIDE, quiet=2)


def clean_environment() -> dict[str, str]:
    """The same hashes in each run; nothing of the grader's own settings."""
    kept = {"PATH", "HOME", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "LANG", "LC_ALL"}
    environment = {name: value for name, value in os.environ.items() if name.upper() in kept}
    return environment | {"PYTHONHASHSEED": "0", "PYTHONUTF8": "1"}


def end_process(process: subprocess.Popen[bytes]) -> None:
    """Nothing of it is left, nor of what it may have started in its own group."""
    if sys.platform == "win32":
        process.kill()
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stderr is not None:
        process.stderr.close()
