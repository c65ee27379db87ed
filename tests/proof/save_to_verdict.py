"""How long it takes from a save to the verdict on the check that failed last, in `watch`.

For each of some programs with one fault: `watch` is started on it, knowing that the fault's check
failed. Then the mended program is saved, and the faulty one again. The time goes from the moment
before the file is written until the line with the verdict has come through a pipe.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.contract.rubric import load
from harness.grading.judge import REPO
from harness.grading.last_run import FILE, memory_of
from tests.proof import chaff
from tests.proof.chaff import Chaff

# On Windows Ctrl-C reaches a program through its console.
_OWN_CONSOLE: dict[str, Any] = {}
if sys.platform == "win32":
    from harness.program import windows

    _OWN_CONSOLE = {
        "creationflags": windows.CREATION_FLAGS,
        "startupinfo": windows.hidden_console(),
    }

# Seconds in which a verdict comes on any machine; and a whole run.
BOUND, LONGEST_RUN = 60.0, 300.0
WAITS = "Waiting for the next save"
REFERENCE_FOLDER = "solutions/1.contoh"


class NothingSaid(Exception):
    """`watch` did not say what was waited for. The text is what it said."""


class WatchProcess:
    """`watch` in a process of its own; its temporary files go into ``temporary``."""

    def __init__(self, folder: Path, temporary: Path, seed: int = 7) -> None:
        self.folder, self.temporary = folder, temporary
        self._seed = seed
        # What it has printed, with the time at which each line came (s, monotonic).
        self._lines: list[tuple[float, str]] = []
        self._read = 0
        self._news = threading.Condition()
        self._process: subprocess.Popen[str] | None = None

    @property
    def said(self) -> str:
        """All that it has printed so far."""
        return "".join(line for _, line in self._lines)

    def remembers(self, outcomes: Mapping[str, str]) -> None:
        """As if the submission had been graded before, with these outcomes."""
        memory = memory_of(self.folder)
        memory.mkdir(parents=True, exist_ok=True)
        (memory / FILE).write_text(json.dumps(outcomes), encoding="utf-8")

    def starts(self) -> None:
        """Start it."""
        words = [sys.executable, "-m", "harness", "watch", "--lang=en", f"--seed={self._seed}"]
        self._process = subprocess.Popen(
            [*words, f"--submission={self.folder}"],
            cwd=REPO,
            env=dict(os.environ) | {"TMPDIR": str(self.temporary)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            # On Windows it writes the code page's bytes into a pipe.
            errors="replace",
            **_OWN_CONSOLE,
        )
        threading.Thread(target=self._listen, args=[self._process], daemon=True).start()

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            with self._news:
                self._lines.append((time.monotonic(), line))
                self._news.notify_all()

    def tells(self, text: str, bound: float = BOUND) -> str:
        """Wait for a line with ``text``; what was said since the last call, up to that line.

        Raises `NothingSaid`.
        """
        with self._news:
            if not self._news.wait_for(lambda: self._find(text) is not None, bound):
                raise NothingSaid(self.said)
            end = self._find(text)
            assert end is not None
            new = self._lines[self._read : end]
            self._read = end
        return "".join(line for _, line in new)

    def _find(self, text: str) -> int | None:
        """How many lines there are up to the first new one with ``text``."""
        new = enumerate(self._lines[self._read :], self._read + 1)
        return next((number for number, (_, line) in new if text in line), None)

    @property
    def told_at(self) -> float:
        """When the last line that `tells` returned came (s, monotonic)."""
        return self._lines[self._read - 1][0]

    def ends(self) -> int:
        """Press Ctrl-C; the exit status."""
        assert self._process is not None
        if sys.platform == "win32":
            windows.press_ctrl_c(self._process.pid)
        else:
            self._process.send_signal(signal.SIGINT)
        return self._process.wait(BOUND)

    def close(self) -> None:
        """Leave no process and no memory behind."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(memory_of(self.folder), ignore_errors=True)


@dataclass(frozen=True, slots=True)
class SaveTimes:
    """Seconds from a save to the first verdict, by whether it passes; and to the whole report."""

    mended: Sequence[float]
    broken: Sequence[float]
    whole: float | None = None
    # Faults of which nothing was told within the bound, as on a very busy machine.
    lost: Sequence[str] = ()

    def lines(self) -> list[str]:
        """The medians, and the largest beside them."""
        both = (("mended", self.mended), ("broken", self.broken))
        rows = [
            f"save to verdict, {name}  {statistics.median(times) * 1000:7.1f} ms (median of "
            f"{len(times)} saves, the longest {max(times) * 1000:.0f} ms)"
            for name, times in both
            if times
        ]
        if self.lost:
            rows.append(f"no verdict in time for   {', '.join(self.lost)}")
        if self.whole is not None:
            rows.append(f"save to whole report     {self.whole:7.1f} s")
        return rows


def some_chaff(count: int) -> list[Chaff]:
    """``count`` edits of the reference's programs, evenly from all of them."""
    known = load().checks
    found = [each for each in chaff.load(REPO, known) if each.base == REFERENCE_FOLDER]
    found = [each for each in found if not each.fails[0].startswith("exploration.")]
    return found[:: max(1, len(found) // count)][:count]


def measure(count: int, is_whole: bool = True) -> SaveTimes:
    """Measure with so many faults; ``is_whole``: a whole run too."""
    mended: list[float] = []
    broken: list[float] = []
    lost: list[str] = []
    whole = None
    faults = some_chaff(count)
    for number, fault in enumerate(faults, 1):
        with tempfile.TemporaryDirectory(prefix="modul4-bench-") as place:
            folder, temporary = Path(place, "mine"), Path(place, "temporary")
            temporary.mkdir()
            fault.write(REPO, folder)
            faulty = (folder / fault.file).read_text(encoding="utf-8")
            right = (REPO / fault.base / fault.file).read_text(encoding="utf-8")
            watch = WatchProcess(folder, temporary)
            try:
                watch.remembers({fault.fails[0]: "failed"})
                watch.starts()
                watch.tells(f"{fault.fails[0]}: still fails.")
                for text, word, times in (
                    (right, "passes now", mended),
                    (faulty, "fails now", broken),
                ):
                    began = time.monotonic()
                    (folder / fault.file).write_text(text, encoding="utf-8")
                    watch.tells(f"{fault.fails[0]}: {word}.")
                    times.append(watch.told_at - began)
                if is_whole and number == len(faults):
                    began = time.monotonic()
                    (folder / fault.file).write_text(right, encoding="utf-8")
                    watch.tells(WAITS, LONGEST_RUN)
                    whole = watch.told_at - began
            except NothingSaid:
                lost.append(fault.name)
            finally:
                watch.close()
    return SaveTimes(mended, broken, whole, lost)
