"""What the grader passes on to the programs that it starts: a terminal, Ctrl-C, their orphans."""

from __future__ import annotations

import contextlib
import ctypes
import signal
import sys

if sys.platform != "win32":
    import fcntl
    import termios

# The number of this wish in prctl(2).
PR_SET_CHILD_SUBREAPER = 36


def own_the_terminal() -> None:
    """In the new process: make its terminal the controlling one, so that Ctrl-C reaches it."""
    if sys.platform != "win32":
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def adopt_orphans() -> None:
    """Make this process the one to which orphaned descendants return (Linux)."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def restore_interrupt() -> None:
    """Let children inherit the default Ctrl-C: a grader in the background was started ignoring it.

    An ignored signal stays ignored across exec and Python then raises no KeyboardInterrupt; a
    *handled* one is set back to its default. So we handle it, by doing nothing.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, lambda *_: None)
