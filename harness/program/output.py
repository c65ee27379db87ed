"""What the program prints: read by a thread for each pipe, kept within bounds, told as lines.

Threads and not the selector, because Windows cannot select on pipes. They only fetch bytes; the
lines are made in the grader's own thread, so the journal keeps its one writer.
"""

from __future__ import annotations

import codecs
import os
import queue
import select
import sys
import threading
import time
from collections.abc import Callable
from typing import IO

if sys.platform != "win32":
    import fcntl
    import termios

# A program may print without end. What is older than this many characters is forgotten, but for
# lines that stand nowhere else, up to so many: a flood repeats itself, what is looked for does not.
MOST_KEPT, MOST_DISTINCT = 2_000_000, 500_000
# So many lines are kept, however short: each costs more than its characters.
MOST_LINES = 300_000
# Of a line without end so many characters are kept.
LONGEST_LINE = 200_000
# Pieces fetched and not yet looked at; the reader waits beyond it, and so does the program. Less
# than what is kept, or a grader that got no turn would forget what it never looked at.
MOST_PENDING, PIECE = 16, 65_536
# Seconds to wait for the end of the pipe once the program is dead.
MOST_CLOSING = 2.0


class Output:
    """The lines of one output stream. ``wake`` is called from a thread whenever there is news.

    ``tap`` gets every byte as well, in `collect`: a screen is more than its lines.
    """

    def __init__(
        self,
        pipe: IO[bytes],
        wake: Callable[[], None],
        tap: Callable[[bytes], None] | None = None,
    ) -> None:
        self.lines: list[str] = []
        self.forgotten = 0
        self.has_ended = False
        self._rest = ""
        # A character may come in two reads.
        self._decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
        self._tap = tap
        self._size = 0
        self._pipe = pipe
        self._wake = wake
        self._is_fetching = True
        # Ctrl-C, a save or the end of a check's time may stop the grader's thread at any moment.
        # A `Queue` could be left locked by that for ever; of these each step is whole or not done.
        self._pending: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        # One for each piece that may still be fetched.
        self._permits: queue.SimpleQueue[None] = queue.SimpleQueue()
        for _ in range(MOST_PENDING):
            self._permits.put(None)
        self._thread = threading.Thread(target=self._fetch, daemon=True)
        self._thread.start()

    def collect(self) -> list[str]:
        """Take what was fetched; returns the lines that became whole since the last call."""
        fresh: list[str] = []
        for _ in range(MOST_PENDING):
            try:
                data = self._pending.get_nowait()
            except queue.Empty:
                break
            self._permits.put(None)
            if not data:
                self.has_ended = True
                if self._rest:
                    fresh.append(self._rest)
                    self._rest = ""
                break
            if self._tap is not None:
                self._tap(data)
            text = self._rest + self._decoder.decode(data)
            *whole, self._rest = text.split("\n")
            fresh.extend(whole)
            if len(self._rest) > LONGEST_LINE:
                self._rest = self._rest[-1000:]
        self._keep(fresh)
        return fresh

    def text(self) -> str:
        """All that is remembered, the unfinished line too."""
        return "\n".join([*self.lines, self._rest])

    def close(self) -> list[str]:
        """Let go of the pipe, once the program has ended; returns the last lines.

        Bounded, should a stranger hold the pipe.
        """
        deadline = time.monotonic() + MOST_CLOSING
        last: list[str] = []
        while self._thread.is_alive():
            if time.monotonic() > deadline:
                return last
            last += self.collect()
            self._thread.join(0.001)
        last += self.collect()
        self._pipe.close()
        return last

    def _keep(self, fresh: list[str]) -> None:
        self.lines.extend(fresh)
        self._size += sum(map(len, fresh))
        if self._size > MOST_KEPT or len(self.lines) > MOST_LINES:
            cut = len(self.lines) // 2
            kept = _distinct(self.lines[:cut])
            self.forgotten += cut - len(kept)
            self.lines[:cut] = kept
            self._size = sum(map(len, self.lines))

    @property
    def is_drained(self) -> bool:
        """Whether all that was printed so far has been collected (Linux; elsewhere never)."""
        if sys.platform == "linux" and not self._pipe.closed:
            # In this order: what the thread took from the pipe it took as `fetching`, and as long
            # as it is that, it may hold something.
            is_empty = fcntl.ioctl(self._pipe, termios.FIONREAD, bytes(4)) == bytes(4)
            return is_empty and not self._is_fetching and self._pending.empty()
        return False

    def _fetch(self) -> None:
        fd = self._pipe.fileno()
        while True:
            self._wait_for_news(fd)
            try:
                data = os.read(fd, PIECE)
            except OSError:
                data = b""
            self._permits.get()
            self._pending.put(data)
            self._wake()
            if not data:
                return

    def _wait_for_news(self, fd: int) -> None:
        """Return with something to read, or at the end; from then on it is `fetching`."""
        if sys.platform == "linux":
            news = select.poll()
            news.register(fd, select.POLLIN)
            self._is_fetching = False
            news.poll()
            self._is_fetching = True


def _distinct(lines: list[str]) -> list[str]:
    """The first of each of ``lines``, as far as they are within bounds."""
    kept, size = [], 0
    for line in dict.fromkeys(lines):
        size += len(line) + 1
        if size > MOST_DISTINCT:
            break
        kept.append(line)
    return kept
