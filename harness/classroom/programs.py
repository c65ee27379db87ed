"""Finds the two programs in what a student sent, and lays them out as a submission.

Never a guess: where two different files could be the same program, that is said.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from harness.classroom.unpack import is_litter
from harness.grading.submission import PROGRAMS
from harness.program import copying

# Files that are looked at in one submission; how deep; the largest that may be a program.
MOST_FILES, DEEPEST, LARGEST = 5_000, 10, 1_000_000
OTHER_ARCHIVES = (".rar", ".7z", ".tar", ".gz", ".tgz", ".xz")
# How sure a name is: to the letter, but for its case, as a browser or a person changed it.
_SURE, _OTHER_CASE, _CHANGED = range(3)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a submission cannot be taken as it is: a key of `problems.PROBLEMS`, and its values."""

    key: str
    facts: dict[str, str] = field(default_factory=dict)


def lay_out(source: Path, target: Path, known: Collection[str] = ()) -> Problem | None:
    """Copy the submission that is somewhere in ``source`` to ``target``.

    Returns what is wrong with it, if anything; then nothing is copied. ``known``: the SHA-256 of
    files that were handed out, such as exercises; they are taken for a program only where there is
    no other. Raises `OSError` when the copy cannot be written.
    """
    files = list(_files(source))
    chosen: dict[str, Path] = {}
    for program in PROGRAMS:
        found = _candidates(files, program, known)
        if len(found) > 1:
            names = ", ".join(sorted(path.relative_to(source).as_posix() for path in found))
            facts = {"program": program, "count": str(len(found)), "found": names}
            return Problem("two_programs", facts)
        if found:
            chosen[program] = found[0]
    if not chosen:
        archives = [path.name for path in files if path.suffix.lower() in OTHER_ARCHIVES]
        broken = [path.name for path in files if path.suffix.lower() == ".zip"]
        if archives:
            return Problem("other_archive", {"found": archives[0]})
        return Problem("broken_zip") if broken else Problem("no_programs" if files else "nothing")
    _copy(chosen, target)
    return None


def _files(source: Path) -> Iterator[Path]:
    """The regular files in ``source``, from the top down; nothing hidden, no environments."""
    left, looked = [(source, 0)], 0
    while left:
        folder, depth = left.pop(0)
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            looked += 1
            if looked > MOST_FILES:
                return
            if copying.is_skipped(entry) or is_litter(entry.name):
                continue
            if entry.is_dir(follow_symlinks=False):
                if depth < DEEPEST:
                    left.append((Path(entry.path), depth + 1))
            elif entry.is_file(follow_symlinks=False):
                yield Path(entry.path)


def _candidates(files: list[Path], program: str, known: Collection[str]) -> list[Path]:
    """The files that may be ``program``, the surest names alone; of equal files the first."""
    ranked = [(rank, path) for path in files if (rank := _rank(path.name, program)) is not None]
    unique: dict[str, tuple[int, Path]] = {}
    for rank, path in sorted(ranked, key=lambda each: each[0]):
        try:
            if path.stat().st_size > LARGEST:
                continue
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError:
            continue
        unique.setdefault(digest, (rank, path))
    mine = {digest: each for digest, each in unique.items() if digest not in known} or unique
    best = min((rank for rank, _ in mine.values()), default=0)
    return [path for rank, path in mine.values() if rank == best]


def _rank(name: str, program: str) -> int | None:
    """How sure it is that a file of this name is ``program``; None where it is another."""
    if name == program:
        return _SURE
    if name.casefold() == program:
        return _OTHER_CASE
    stem = program.removesuffix(".py")
    # server (1).py, server-1.py, server.py.txt, server - Copy.py, server_final.py, my-server.py
    changed = rf"([\w .]*[-_ ])?{stem}([-_ (].*)?\.py(\.txt)?"
    return _CHANGED if re.fullmatch(changed, name, re.IGNORECASE) else None


def _copy(chosen: dict[str, Path], target: Path) -> None:
    """The folders of the programs as one, each program under its own name."""
    folders = list(dict.fromkeys(path.parent for path in chosen.values()))
    copying.copy(folders[0], target)
    for other in folders[1:]:
        aside = target.with_name(target.name + ".second")
        copying.copy(other, aside)
        for path in sorted(aside.rglob("*")):
            here = target / path.relative_to(aside)
            if path.is_file() and not here.exists():
                here.parent.mkdir(parents=True, exist_ok=True)
                shutil.move(path, here)
        shutil.rmtree(aside)
    for program, path in chosen.items():
        # Under another name it may be one that the copy holds as well.
        with_content = target / program
        if with_content.is_dir():
            shutil.rmtree(with_content)
        with_content.write_bytes(path.read_bytes())
