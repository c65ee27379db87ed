"""What is copied of a submission, so that every story begins with the same files."""

from __future__ import annotations

import os
from pathlib import Path

# What is copied of a submission, in files and bytes, and how much of it is looked at.
LARGEST_FILE = 1_000_000
MOST_FILES, MOST_BYTES = 500, 4_000_000
MOST_LOOKED, DEEPEST = 5_000, 12
_SKIPPED = ("__pycache__", "node_modules", "venv", "env")


def copy(source: Path, target: Path) -> None:
    """Copy what a program needs of ``source``; all else is left out, and nothing is refused.

    Needed are its Python files and small files of data. Left out are links, devices and pipes,
    hidden files, virtual environments and the like, files that are large or that nobody may read,
    and, once there is a lot, whatever is deepest in the folder. Raises `OSError` when the copy
    cannot be written.
    """
    target.mkdir(parents=True)
    files = size = looked = 0
    left = [(source, target, 0)]
    while left and looked < MOST_LOOKED:
        folder, here, depth = left.pop(0)
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            continue
        looked += len(entries)
        for entry in entries:
            if is_skipped(entry):
                continue
            if entry.is_dir(follow_symlinks=False):
                if depth < DEEPEST:
                    left.append((Path(entry.path), here / entry.name, depth + 1))
                continue
            try:
                content = _content(entry)
            except OSError:
                continue
            if content is None or files == MOST_FILES or size + len(content) > MOST_BYTES:
                continue
            files, size = files + 1, size + len(content)
            here.mkdir(parents=True, exist_ok=True)
            (here / entry.name).write_bytes(content)


def is_skipped(entry: os.DirEntry[str]) -> bool:
    """Whether it is in no case part of the program."""
    if entry.name.startswith(".") and entry.is_dir(follow_symlinks=False):
        return True
    is_environment = os.path.exists(os.path.join(entry.path, "pyvenv.cfg"))
    return entry.name in _SKIPPED or entry.is_symlink() or is_environment


def _content(entry: os.DirEntry[str]) -> bytes | None:
    """The bytes of a regular file that is not too large, else None. Raises `OSError`."""
    if not entry.is_file(follow_symlinks=False):
        return None
    if entry.stat(follow_symlinks=False).st_size > LARGEST_FILE:
        return None
    # What has become a pipe since then must not hold us up.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with open(os.open(entry.path, flags), "rb") as file:
        content = file.read(LARGEST_FILE + 1)
    return content if len(content) <= LARGEST_FILE else None
