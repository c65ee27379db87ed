"""One process of the submission under control: a plan in, a report out."""

from __future__ import annotations

import compileall
import contextlib
import functools
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from harness.program.unprivileged import content_of

LAUNCHER = Path(__file__).resolve().with_name("launcher.py")
INSIDE = LAUNCHER.with_name("inside")
# Points and steps one cycle may take; a program that needs more is not judged.
STEP_LIMIT = 400_000
# Real seconds for one process. Only ever the reason for "undecided".
WALL_LIMIT = 60.0
# Bytes kept of what a process writes to stderr; seconds to wait for the last of them.
MOST_COMPLAINT, MOST_CLOSING = 2000, 2.0
# Bytes that a report may have: 400,000 steps, and some.
MOST_REPORT = 200_000_000


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
    # Where plan and report are exchanged: a folder that is removed whatever happens.
    folder: Path | None = None


def arguments(plan: Path | str, result: Path | str, server: Path) -> list[str]:
    """What follows the interpreter. No socket is opened: the port is only a number to show."""
    address = ["--host", "127.0.0.1", "--port", "55555"]
    return ["-s", str(LAUNCHER), str(plan), str(result), str(server), *address]


def start_process(
    python: str, argv: list[str], folder: Path, *, talks: bool = False
) -> subprocess.Popen[bytes]:
    """``talks``: plans and reports go through its standard streams."""
    stream = subprocess.PIPE if talks else subprocess.DEVNULL
    return subprocess.Popen(
        [python, *argv],
        stdin=stream,
        stdout=stream,
        stderr=subprocess.PIPE,
        cwd=folder,
        env=clean_environment(),
        start_new_session=True,
    )


def run_session(
    server: Path,
    cycles: list[dict[str, Any]],
    *,
    python: str = sys.executable,
    wall_limit: float = WALL_LIMIT,
    cpu: int = 0,
    processes: Processes | None = None,
) -> Report:
    """Tell these cycles to a fresh process of the server, wait for its end, read its report."""
    compile_inside()
    server = server.resolve()
    ours = processes.folder if processes else None
    with tempfile.TemporaryDirectory(prefix="modul4-", dir=ours) as folder:
        plan, result = Path(folder, "plan.json"), Path(folder, "result.json")
        wanted = {"cycles": cycles, "limit": STEP_LIMIT, "cpu": cpu}
        plan.write_text(json.dumps(wanted), encoding="utf-8")
        how = processes or Processes(partial(start_process, python), end_process)
        process = how.start(arguments(plan, result, server), server.parent)
        complaint = _Tail(process)
        try:
            process.wait(wall_limit)
            trouble = ""
        except subprocess.TimeoutExpired:
            trouble = "time"
        finally:
            how.end(process)
        try:
            # What the submission's own process wrote may be anything.
            report = json.loads(content_of(result, MOST_REPORT) or b"")
            return Report(list(report["cycles"]), list(report["seen"]), trouble)
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return Report([], [], trouble or f"no report: {complaint.text()}")


class _Tail:
    """The last words of a process on stderr; whatever it writes, no more is kept."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stderr is not None
        self._kept = b""
        # A number of our own: the process may be let go of while we still read.
        self._fd = os.dup(process.stderr.fileno())
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        with contextlib.suppress(OSError):
            while data := os.read(self._fd, 65_536):
                self._kept = (self._kept + data)[-MOST_COMPLAINT:]
        os.close(self._fd)

    def text(self) -> str:
        """What is kept, once the process has ended; bounded, should a stranger hold the pipe."""
        self._thread.join(MOST_CLOSING)
        return self._kept.decode("utf-8", "replace")


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
