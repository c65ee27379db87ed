"""The terminal at which the student's client runs: a keyboard, a screen, Ctrl-C and Ctrl-D.

Where the system has ptys it is a real one, with echo and line editing, and the program cannot tell
it from a window. Elsewhere (Windows) it is pipes: what is typed goes in, what is printed comes out.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from harness.program import display
from harness.program.display import Display
from harness.program.idle_proof import Waiting
from harness.program.output import Output
from harness.program.sandbox import Sandbox

if sys.platform != "win32":
    import fcntl
    import pty
    import struct
    import termios

# Seconds that a program at a terminal must have waited before that proves anything.
LASTING = 0.3
CTRL_C, CTRL_D = b"\x03", b"\x04"


class Terminal:
    """A person's terminal: pipes. ``owner`` is whose it is; the same words serve `RealTerminal`."""

    is_real = False
    enter = os.linesep

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self.display = Display()
        self.stdout: Output
        self.stderr: Output
        self._process: subprocess.Popen[bytes]

    def starts(
        self, sandbox: Sandbox, argv: Sequence[str], folder: Path, wake: Callable[[], None]
    ) -> subprocess.Popen[bytes]:
        """Start the program here; ``wake`` is called from a thread when it wrote something."""
        self._process = sandbox.spawn(argv, folder, stdin=subprocess.PIPE)
        assert self._process.stdout is not None and self._process.stderr is not None
        # A person sees both streams on one screen.
        self.stdout = Output(self._process.stdout, wake, self.display.feed)
        self.stderr = Output(self._process.stderr, wake, self.display.feed)
        return self._process

    def presses(self, keys: bytes) -> None:
        """Keys are pressed; a program that is gone takes no notice."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError, ValueError):
            self._process.stdin.write(keys)
            self._process.stdin.flush()

    def ends_input(self) -> None:
        """Ctrl-D at the beginning of a line: there will be no more input."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()

    def presses_ctrl_c(self) -> bool:
        """Press Ctrl-C; False where no key does it and the program must be interrupted."""
        return False

    def waiting(self, threads: frozenset[Waiting] | None) -> frozenset[Waiting] | None:
        """The same ``threads``, if nothing is under way between them and this terminal; else None.

        Of pipes nothing is known.
        """
        return None

    def closes(self) -> None:
        """Let go of it, once the program has ended."""
        self.ends_input()


class RealTerminal(Terminal):
    """A pty: the program's end is its controlling terminal, ours is the keyboard and the screen."""

    is_real = True
    enter = "\n"
    _ours = -1
    _theirs = ""
    # How its threads waited when they were looked at last, and since when they have.
    _seen: frozenset[Waiting] | None = None
    _since = 0.0

    def starts(
        self, sandbox: Sandbox, argv: Sequence[str], folder: Path, wake: Callable[[], None]
    ) -> subprocess.Popen[bytes]:
        """Start the program here, as the head of a session of its own."""
        self._ours, theirs = _open_pty()
        self._theirs = _name_of(theirs)
        try:
            self._process = sandbox.spawn(argv, folder, terminal=theirs)
        finally:
            os.close(theirs)
        # The console closes our end, once the program has ended.
        self.stdout = self.stderr = Output(
            os.fdopen(self._ours, "rb", buffering=0), wake, self.display.feed
        )
        return self._process

    def presses(self, keys: bytes) -> None:
        """Keys are pressed; the terminal echoes them as a terminal does."""
        with contextlib.suppress(OSError):
            os.write(self._ours, keys)

    def ends_input(self) -> None:
        """Press Ctrl-D."""
        self.presses(CTRL_D)

    def presses_ctrl_c(self) -> bool:
        """Press Ctrl-C: the terminal interrupts the program."""
        self.presses(CTRL_C)
        return True

    def waiting(self, threads: frozenset[Waiting] | None) -> frozenset[Waiting] | None:
        """As above: they have waited like this for `LASTING` seconds, and the kernel holds nothing.

        What is typed and what is printed goes through a buffer in the kernel, which another thread
        of the kernel empties. Asked whether there is something to read, it empties it at once
        (Linux, n_tty_poll: tty_buffer_flush_work); both ends are asked.
        """
        if threads is None or threads != self._seen:
            self._seen, self._since = threads, time.monotonic()
        if threads is None or time.monotonic() - self._since < LASTING:
            return None
        return threads if _flushed(self._ours, self._theirs) else None

    def closes(self) -> None:
        """Forget our end, which the console has closed: its number may soon be another file's."""
        self._ours = -1


def _name_of(end: int) -> str:
    """The file of the program's end of a pty; empty where it has none."""
    if sys.platform != "win32":
        with contextlib.suppress(OSError):
            return os.ttyname(end)
    return ""


def _flushed(ours: int, theirs: str) -> bool:
    """Let all that is under way arrive; whether nothing that the program wrote waits for us."""
    if sys.platform == "linux" and theirs and ours >= 0:
        with contextlib.suppress(OSError):
            end = os.open(theirs, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
            try:
                select.select([end], [], [], 0)
            finally:
                os.close(end)
            return not select.select([ours], [], [], 0)[0]
    return False


def _open_pty() -> tuple[int, int]:
    """Our end of a new pty and the program's, with the size of the display."""
    if sys.platform != "win32":
        ours, theirs = pty.openpty()
        size = struct.pack("HHHH", display.LINES, display.COLUMNS, 0, 0)
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, size)
        return ours, theirs
    raise OSError("Windows has no pty")


def has_pty() -> bool:
    """Whether this system gives out ptys: Windows has none, some containers neither."""
    if sys.platform != "win32":
        try:
            ends = pty.openpty()
        except OSError as error:
            # Out of descriptors is no lack of ptys: it is told when one is really wanted.
            return error.errno in (errno.EMFILE, errno.ENFILE)
        for end in ends:
            os.close(end)
        return True
    return False


def terminal_for(owner: str) -> Terminal:
    """The best terminal that this system has."""
    return RealTerminal(owner) if has_pty() else Terminal(owner)
