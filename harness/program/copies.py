"""The copies of submissions that a run makes: each in a new folder, gone with its story."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from harness.program.copying import copy
from harness.program.removing import remove


class Copies:
    """The copies below ``folder``, numbered in the order in which they are made."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0
        # Those that go with the story in which they were made.
        self._passing: set[Path] = set()

    def make(self, source: Path, *, lasts: bool = False) -> Path:
        """A new folder with a copy of what a program needs of ``source``. Raises `OSError`.

        With ``lasts`` it stays when its story is over, until `passes` or the end of the run.
        """
        self._count += 1
        target = self._folder / str(self._count)
        if not lasts:
            self._passing.add(target)
        copy(source, target)
        return target

    def passes(self, folder: Path) -> None:
        """A copy that was to last goes with the story that is told now."""
        self._passing.add(folder)

    @contextlib.contextmanager
    def clearing(self) -> Iterator[None]:
        """Remove at the end the copies that were made inside, but for those that last."""
        before = set(self._passing)
        try:
            yield
        finally:
            for folder in self._passing - before:
                remove(folder)
            self._passing &= before
