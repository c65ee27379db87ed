"""What ends the work of the main thread from outside: a save, or Ctrl-C.

A save is noticed in another thread; a signal carries it to the main thread, where it becomes the
exception `Saved`. Both are held back while the main thread cleans up.
"""

from __future__ import annotations

import _thread
import contextlib
import queue
import signal
import sys
import threading
import time
from collections.abc import Iterator

from harness.program.inheritance import restore_interrupt

# A signal that nobody sends by chance. Windows has few; there the call below needs a handler only.
if sys.platform == "win32":
    NOTICE = signal.SIGTERM
else:
    NOTICE = signal.SIGUSR1
# Seconds after which it is sent once more, should a story have taken it for something else.
AGAIN = 2.0
# Windows tells the main thread of Ctrl-C only between two waits (seconds).
HEARD_WITHIN = 0.2


class Saved(BaseException):
    """A save stops the work at hand. No `Exception`, so that no story takes it for a fault."""


class Interruptions:
    """Whether the work is to stop, and how it is stopped. Made in the main thread."""

    def __init__(self) -> None:
        self.is_over = False
        self._is_saved = self._is_working = False
        self._told = 0.0
        # The one kind of queue that a signal's handler may put something into.
        self._calls: queue.SimpleQueue[None] = queue.SimpleQueue()

    @contextlib.contextmanager
    def heard(self) -> Iterator[None]:
        """Ctrl-C and saves are heard inside; afterwards both signals do what they did before.

        A process that was started ignoring Ctrl-C goes on ignoring it.
        """
        is_ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        before = signal.getsignal(signal.SIGINT), signal.getsignal(NOTICE)
        if is_ignored:
            restore_interrupt()
        else:
            signal.signal(signal.SIGINT, self._interrupted)
        signal.signal(NOTICE, self._noticed)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before[0])
            signal.signal(NOTICE, before[1])

    def notice_save(self) -> None:
        """A save is complete (called in another thread)."""
        self._is_saved = True
        self._calls.put(None)
        self._send()

    def remind(self) -> None:
        """Send it again where it is long overdue (called in that other thread, now and then)."""
        if self._is_saved and self._is_working and time.monotonic() - self._told > AGAIN:
            self._send()

    def _send(self) -> None:
        self._told = time.monotonic()
        if not self._is_working:
            return
        if sys.platform == "win32":
            _thread.interrupt_main(NOTICE)
        else:
            ident = threading.main_thread().ident
            assert ident is not None
            signal.pthread_kill(ident, NOTICE)

    @contextlib.contextmanager
    def stoppable(self) -> Iterator[None]:
        """What is done inside ends with a save (`Saved`) or Ctrl-C (`KeyboardInterrupt`).

        One that came before, or that a story swallowed, is raised as well.
        """
        self._is_working = True
        try:
            self._raise_if_due()
            yield
        finally:
            self._is_working = False
        self._raise_if_due()

    def wait(self) -> None:
        """Wait for a save; return at once if one has come. Raises `KeyboardInterrupt`."""
        while not self.is_over and not self._is_saved:
            with contextlib.suppress(queue.Empty):
                self._calls.get(timeout=HEARD_WITHIN)
        if self.is_over:
            raise KeyboardInterrupt

    def clean_up(self) -> None:
        """Nothing is stopped before the next work, also where a signal came just at its end."""
        self._is_working = False

    def take_save(self) -> None:
        """The save is dealt with from here on: later ones count."""
        self._is_saved = False

    def _raise_if_due(self) -> None:
        if self.is_over:
            raise KeyboardInterrupt
        if self._is_saved:
            raise Saved

    def _interrupted(self, *_: object) -> None:
        self.is_over = True
        self._calls.put(None)
        if self._is_working:
            raise KeyboardInterrupt

    def _noticed(self, *_: object) -> None:
        if self._is_working and self._is_saved:
            raise Saved
