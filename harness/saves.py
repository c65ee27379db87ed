"""A submission while somebody edits it: its files, when a save is complete, what is unreadable.

Editors save in different ways. Some empty the file and write it again, others write a second file
and rename it. So a change counts once nothing has changed for a moment; a program that has gone, or
is empty, is given longer to come back.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harness.grading.submission import PROGRAMS
from harness.program.copying import is_skipped

# Seconds between two looks at the files, and without a change until a save is complete.
PAUSE, QUIET = 0.05, 0.05
# Seconds that a program may be away or empty before that is taken for meant.
AWAY = 1.0
# How much is looked at, so that a huge folder costs no time.
MOST_LOOKED, DEEPEST = 500, 3

# Time of change (ns), size (bytes) and number of a file.
Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Files:
    """The Python files of a submission: relative path and stamp of each."""

    stamps: Mapping[str, Stamp] = field(default_factory=dict)
    is_there: bool = True


def look(folder: Path) -> Files:
    """The Python files in ``folder`` now, without hidden ones and those of editors."""
    stamps: dict[str, Stamp] = {}
    left, looked = [(folder, "", 0)], 0
    while left and looked < MOST_LOOKED:
        here, prefix, depth = left.pop(0)
        try:
            entries = sorted(os.scandir(here), key=lambda entry: entry.name)
        except OSError:
            if here == folder:
                return Files({}, False)
            continue
        looked += len(entries)
        for entry in entries:
            if entry.name[0] in ".#":
                continue
            try:
                if entry.is_dir(follow_symlinks=False):
                    if depth < DEEPEST and not is_skipped(entry):
                        left.append((Path(entry.path), f"{prefix}{entry.name}/", depth + 1))
                elif entry.name.endswith(".py") and entry.is_file(follow_symlinks=False):
                    # Not the entry's own `stat`, which on Windows may be an old one.
                    found = os.stat(entry.path)
                    stamp = (found.st_mtime_ns, found.st_size, found.st_ino)
                    stamps[prefix + entry.name] = stamp
            except OSError:
                continue  # it has just gone
    return Files(stamps)


@dataclass(frozen=True, slots=True)
class Save:
    """A complete change: ``saved`` files are new or different, ``gone`` ones are not there now."""

    saved: tuple[str, ...]
    gone: tuple[str, ...]
    is_folder_there: bool = True

    @property
    def lost(self) -> tuple[str, ...]:
        """The programs among those that have gone."""
        return tuple(name for name in self.gone if name in PROGRAMS)


class Settling:
    """Tells a complete save from one that is still being written.

    Times are seconds of any clock that only goes forward.
    """

    def __init__(self, files: Files, now: float) -> None:
        """``files`` are those known already."""
        self._known = self._seen = files
        self._since = now

    def see(self, files: Files, now: float) -> Save | None:
        """The save that is complete ``now`` that the files are these, if there is one."""
        if files != self._seen:
            self._seen, self._since = files, now
        if files == self._known:
            return None
        needed = AWAY if self._is_in_between(files) else QUIET
        if now - self._since < needed:
            return None
        before, self._known = self._known, files
        return _between(before, files)

    def _is_in_between(self, files: Files) -> bool:
        """Whether this looks like the middle of a save."""
        if not files.is_there:
            return True
        return any(
            name not in files.stamps or (files.stamps[name][1] == 0 and stamp[1] > 0)
            for name, stamp in self._known.stamps.items()
        )


def _between(before: Files, after: Files) -> Save:
    saved = [name for name, stamp in after.stamps.items() if before.stamps.get(name) != stamp]
    gone = [name for name in before.stamps if name not in after.stamps]
    return Save(tuple(saved), tuple(gone), after.is_there)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that Python cannot read, and what it says of it in one line."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        """``server.py:12: SyntaxError: '(' was never closed``."""
        return (
            f"{self.file}:{self.line}: {self.message}"
            if self.line
            else f"{self.file}: {self.message}"
        )


def unreadable(folder: Path, names: tuple[str, ...] | list[str]) -> list[Unreadable]:
    """Those of the files ``names`` in ``folder`` that Python cannot read."""
    found = []
    for name in names:
        try:
            content = (folder / name).read_bytes()
        except OSError:
            continue  # gone, or not ours to read: the grading says so
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                compile(content, name, "exec", dont_inherit=True)
        except SyntaxError as error:
            message = f"{type(error).__name__}: {error.msg}"
            found.append(Unreadable(name, error.lineno or 0, message))
        except (ValueError, RecursionError, MemoryError) as error:
            found.append(Unreadable(name, 0, f"{type(error).__name__}: {error}"))
    return found
