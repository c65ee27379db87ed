"""What a submission's folder may hold that is no plain file (POSIX).

Words, one entry each: ``link NAME TARGET``, ``fifo NAME``, ``device NAME``, ``hole NAME BYTES`` (a
file without content that says it is so long), ``deep N`` (so many folders in one another), ``many
N`` (so many files), ``names`` (such as no person chooses).
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

ODD_NAMES = (
    b"x" * 250,
    b"a\nb",
    b"\x1b[2J\x1b]0;title\x07",
    b"\xff\xfe",
    b"-rf",
    b"=1+1",
    "\u202egnp.\u202c".encode(),
)


def make_entry(folder: Path, entry: str, names: Mapping[str, object]) -> None:
    """Make it in ``folder``; ``names`` stand in braces in it. Raises `OSError`."""
    kind, *words = entry.format(**names).split(" ")
    _KINDS[kind](folder, *words)


def _link(folder: Path, name: str, target: str) -> None:
    (folder / name).symlink_to(target)


def _fifo(folder: Path, name: str) -> None:
    if sys.platform != "win32":
        os.mkfifo(folder / name)


def _device(folder: Path, name: str) -> None:
    """Endless zeros; where only root may make one, a link to it."""
    if sys.platform != "win32":
        try:
            os.mknod(folder / name, stat.S_IFCHR | 0o666, os.makedev(1, 5))
        except PermissionError:
            (folder / name).symlink_to("/dev/zero")


def _hole(folder: Path, name: str, size: str) -> None:
    with open(folder / name, "wb") as file:
        file.truncate(int(size))


def _deep(folder: Path, count: str) -> None:
    """A path of all of them together would be too long for the system: one by one."""
    at = os.open(folder, os.O_RDONLY)
    for _ in range(int(count)):
        os.mkdir("d", dir_fd=at)
        below = os.open("d", os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = below
    os.close(at)


def _many(folder: Path, count: str) -> None:
    (folder / "many").mkdir()
    for number in range(int(count)):
        (folder / "many" / f"{number}.txt").write_text("x")


def _names(folder: Path) -> None:
    for name in ODD_NAMES:
        Path(os.fsdecode(os.path.join(os.fsencode(folder), name))).write_text("x")


_KINDS: Mapping[str, Callable[..., None]] = {
    "link": _link,
    "fifo": _fifo,
    "device": _device,
    "hole": _hole,
    "deep": _deep,
    "many": _many,
    "names": _names,
}
