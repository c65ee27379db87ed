"""A process that stays and runs one plan after the other, each on a fresh process of the server."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path
from typing import Any

from harness.schedules.controlled_process import (
    STEP_LIMIT,
    WALL_LIMIT,
    Processes,
    Report,
    arguments,
    compile_inside,
    end_process,
    start_process,
)

# Bytes of a report: 400,000 steps, and some.
MOST_REPORT = 200_000_000


class Standing:
    """A process that runs one plan after the other, each in a fresh process of the server.

    What takes long at a start is done once: a plan costs a tenth of a process of its own.
    """

    def __init__(
        self,
        server: Path,
        python: str = sys.executable,
        processes: Processes | None = None,
        *,
        is_traced: bool = False,
    ) -> None:
        compile_inside()
        self._server = server.resolve()
        self._how = processes or Processes(partial(start_process, python), end_process)
        self._process: subprocess.Popen[bytes] | None = None
        # Tracing each line makes a story four times as long. It is needed to change threads in the
        # middle of a function, and for a program that spins.
        self._is_traced = is_traced
        self._number = 0

    def run(self, cycles: list[dict[str, Any]], wall_limit: float = WALL_LIMIT) -> Report:
        """Tell these cycles to a fresh process of the server; read its report."""
        report = self._told(cycles, wall_limit)
        if not self._is_traced and any(_has_stalled(cycle) for cycle in report.cycles):
            self._is_traced = True
            report = self._told(cycles, wall_limit)
        return report

    def _told(self, cycles: list[dict[str, Any]], wall_limit: float) -> Report:
        untraced = not self._is_traced
        self._number += 1
        wanted = {
            "cycles": cycles,
            "limit": STEP_LIMIT,
            "untraced": untraced,
            "number": self._number,
        }
        plan = json.dumps(wanted).encode()
        for _ in range(2):
            line = self._answer(plan, wall_limit)
            if line is None:
                return Report([], [], "time")
            if line:
                report = _read(line, self._number)
                if report.trouble:
                    # What else it has written must not be taken for the next report.
                    self.close()
                return report
            # A process that serves one plan only has ended after the last one.
            self.close()
        return Report([], [], "no report")

    def _answer(self, plan: bytes, wall_limit: float) -> bytes | None:
        """The line that comes back, empty when the process has ended; None when time is over."""
        process = self._process or self._start()
        assert process.stdin is not None and process.stdout is not None
        is_late = threading.Event()

        def end() -> None:
            is_late.set()
            self._process = None
            self._how.end(process)

        with contextlib.suppress(OSError):
            process.stdin.write(plan + b"\n")
            process.stdin.flush()
        # Once it is ended there is nothing more to read.
        alarm = threading.Timer(wall_limit, end)
        alarm.start()
        try:
            line = process.stdout.readline(MOST_REPORT)
        finally:
            alarm.cancel()
            # If it has gone off already, the process is gone when this returns.
            alarm.join()
        return None if is_late.is_set() else line

    def _start(self) -> subprocess.Popen[bytes]:
        argv = arguments(self._server)
        self._process = self._how.start(argv, self._server.parent)
        return self._process

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    with contextlib.suppress(OSError):
                        stream.close()
            self._how.end(process)


def _has_stalled(cycle: dict[str, Any]) -> bool:
    """Whether a thread ran on and on, or waits for something that is not under control."""
    return str(cycle.get("end")).startswith("stalled")


def _read(line: bytes, number: int) -> Report:
    """The report on plan ``number``, if that is what the line is."""
    try:
        # What the submission's own process wrote may be anything.
        report = json.loads(line)
        if report["number"] != number:
            return Report([], [], "no report")
        cycles, seen = list(report["cycles"]), list(report["seen"])
        return Report(cycles, seen, "", float(report["cpu"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        return Report([], [], "no report")
