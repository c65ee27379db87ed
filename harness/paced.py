"""Lines for a person to read one after the other, while the program that they tell of goes on.

A story takes milliseconds, which nobody can follow. So its lines are printed by a thread of their
own, one every so many seconds, and the story itself is not held up: no verdict depends on the pace.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

# A story with more lines than this, of a crowd say, is not worth watching line by line.
MOST = 60


class Paced:
    """Prints what it is given, a line every ``pace`` seconds, by ``say``; use as a context manager.

    ``summary`` words, by its number, what is left out after `MOST` lines. Leaving it waits until
    all was printed; leaving it by an exception does not.
    """

    def __init__(
        self,
        pace: float,
        say: Callable[[str], None],
        summary: Callable[[int], str],
        most: int = MOST,
    ) -> None:
        self._pace = pace
        self._say = say
        self._summary = summary
        self._most = most
        self._count = 0
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._print, daemon=True)

    def line(self, text: str, is_needed: bool = False) -> None:
        """Print ``text`` in its turn; beyond `MOST` only what ``is_needed``."""
        self._count += 1
        if self._count <= self._most or is_needed:
            self._lines.put(text)

    def _print(self) -> None:
        while (text := self._lines.get()) is not None and not self._is_over.is_set():
            self._say(text + "\n")
            # The time to read it, and no wait for anything.
            self._is_over.wait(self._pace)

    def __enter__(self) -> Paced:
        self._thread.start()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if self._count > self._most:
            self._lines.put(self._summary(self._count - self._most))
        self._lines.put(None)
        if kind is not None:
            self._is_over.set()
        # In short steps: Windows delivers Ctrl-C between them only.
        try:
            while self._thread.is_alive():
                self._thread.join(0.2)
        finally:
            self._is_over.set()
