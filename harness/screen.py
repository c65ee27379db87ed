"""Progress and the report on any stdout (a pipe, full, closed, not UTF-8), and Ctrl-C."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import signal
import sys
import threading
import time

if sys.platform == "win32":
    from harness.program import windows


def raise_on_ctrl_c() -> None:
    """From here on Ctrl-C is a KeyboardInterrupt, unless this process was started ignoring it."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def hold_back_ctrl_c() -> None:
    """Keep a Ctrl-C waiting, also in the program that this process is about to become (POSIX)."""
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


def escape_what_cannot_be_encoded() -> None:
    """Let both streams take any text; open what the caller closed, so that no file takes its place.

    A redirected stdout of Windows is cp1252, and PYTHONIOENCODING may say ascii.
    """
    for number, name in ((0, "stdin"), (1, "stdout"), (2, "stderr")):
        try:
            os.fstat(number)
        except OSError:
            spare = os.open(os.devnull, os.O_RDWR)
            if spare != number:
                os.dup2(spare, number)
                os.close(spare)
        stream = getattr(sys, name)
        if stream is None:
            mode = "r" if number == 0 else "w"
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115
        elif number and isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def discard_what_is_left() -> None:
    """What is in stdout's buffer still is flushed at the end of the process: to nowhere."""
    with contextlib.suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


# Seconds after which progress says how long it has been the same, and after which it says so anew.
LONG, TICK = 1.0, 1.0


class Screen:
    """Stdout of a run. ``complaint`` says why nothing more can be printed, if that is news."""

    def __init__(self) -> None:
        self.complaint = ""
        # True once nothing more can be printed.
        self.is_deaf = False
        # Whether what is there can be changed: on a terminal.
        self.is_live = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
        if sys.platform == "win32":
            self.is_live = self.is_live and windows.understands_escapes(sys.stdout)
        self._writing = threading.Lock()
        self._progress = self._count = ""
        self._clock: threading.Event | None = None

    def progress(self, text: str) -> None:
        """Show ``text`` in place of the last progress, on a terminal only; empty takes it away.

        Until other progress or text comes, it also shows the seconds that have passed.
        """
        if not self.is_live:
            return
        self._stop_the_clock()
        self._progress, self._count = text, ""
        self._write(_line(text))
        if text and not self.is_deaf:
            self._clock = threading.Event()
            ticking = (self._clock, text, time.monotonic())
            threading.Thread(target=self._tick, args=ticking, daemon=True).start()

    def counts(self, done: int, most: int) -> None:
        """How far the last progress has come; shown beside the seconds."""
        self._count = f"  {done}/{most}"

    def say(self, text: str) -> None:
        """Print. A reader that went away (`| head`) or a full disk ends the printing alone."""
        if self._progress:
            self._stop_the_clock()
            self._progress, text = "", _line("") + text
        self._write(text)

    def _write(self, text: str) -> None:
        if self.is_deaf:
            return
        try:
            with self._writing:
                sys.stdout.write(text)
                sys.stdout.flush()
        except OSError as error:
            self.is_deaf = True
            if not isinstance(error, BrokenPipeError):
                self.complaint = error.strerror or type(error).__name__
            discard_what_is_left()

    def _stop_the_clock(self) -> None:
        if self._clock is not None:
            self._clock.set()
            self._clock = None

    def _tick(self, over: threading.Event, text: str, began: float) -> None:
        """Show how long it takes; runs in a thread of its own, which nobody waits for.

        So it must hold no lock of stdout's when the process ends, and writes beside it.
        """
        wait = LONG
        while not over.wait(wait):
            wait = TICK
            line = _line(text, f"{self._count}  {time.monotonic() - began:.0f} s")
            with self._writing, contextlib.suppress(OSError, ValueError):
                if not over.is_set():
                    os.write(sys.stdout.fileno(), line.encode(sys.stdout.encoding, "replace"))


def _line(text: str, end: str = "") -> str:
    """``text`` in place of the line where the cursor is, as much as fits on it, and ``end``."""
    columns = shutil.get_terminal_size().columns - 1 - len(end)
    return f"\r\x1b[K{text[:columns]}{end}"
