"""A long measurement that is broken off goes on where it stopped.

What is measured is added to a file at once, a line of JSON for each figure. The file belongs to one
state of the code and one state of the machine: nothing in it tells the two apart.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

Key = tuple[str, str, int]


class Record:
    """The figures of one file; without a file nothing is kept.

    Raises `OSError` if the file cannot be read and written. A line that is not whole, as a killed
    run leaves it, is left out.
    """

    def __init__(self, file: Path | None = None) -> None:
        """Read what is there."""
        self._file = file
        self._lock = threading.Lock()
        self._known: dict[Key, Any] = {}
        if file is not None:
            file.open("a").close()  # before hours of work, not after
            for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
                try:
                    kind, name, seed, value = json.loads(line)
                except (ValueError, TypeError):
                    continue
                self._known[kind, name, seed] = value

    def kept(self, key: Key, measure: Callable[[], Any]) -> Any:
        """The figure of ``key`` (what, of which program, under which seed): measured only once."""
        if key in self._known:
            return self._known[key]
        value = measure()
        with self._lock:
            self._known[key] = value
            if self._file is not None:
                # The newline goes first: a line that was cut off spoils no other.
                with self._file.open("a", encoding="utf-8", newline="\n") as lines:
                    lines.write("\n" + json.dumps([*key, value]))
        return value
