"""Chaff: programs with one plausible fault each, kept as edits of correct programs.

Each `tests/chaff/*.toml` holds a list ``[[chaff]]``:

    name            kebab-case, after the misconception
    misconception   the sentence for the student, in both languages
    base            the folder that is edited: the reference or a wheat
    file            the file in it that is edited
    edits           old text -> new text; each old text occurs exactly once
    fails           the checks it must fail: what it is there for
    follows         the checks it must fail as well, as a fair consequence (why: in a comment)
    idea            the misconception it shares with others, in `misconceptions.toml`; else its name

In: those files. Out: `Chaff` values, and the edited programs.
"""

from __future__ import annotations

import re
import shutil
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.contract.rubric import LANGUAGES

FOLDER = "tests/chaff"
_KEYS = frozenset(("name", "misconception", "base", "file", "edits", "fails", "follows", "idea"))
_OPTIONAL = frozenset(("edits", "follows", "idea"))
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class ChaffError(Exception):
    """A chaff cannot be used; says where, and what to change."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Replaces the one place where ``old`` stands by ``new``."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Chaff:
    """One faulty program: what is wrong with it, how it is made, which checks must see it.

    Without ``edits`` the base as a whole is the misconception. ``place`` is where it is written
    down, as ``file:line``.
    """

    name: str
    misconception: Mapping[str, str]
    base: str
    file: str
    edits: tuple[Edit, ...]
    fails: tuple[str, ...]
    follows: tuple[str, ...]
    place: str
    # Programs of several styles share one misconception; without a row of its own: the name.
    idea: str = ""

    @property
    def expected(self) -> frozenset[str]:
        """The checks that must fail, and no others."""
        return frozenset((*self.fails, *self.follows))

    def source(self, root: Path) -> str:
        """The edited program; ``root`` is the repository. Raises `ChaffError`."""
        path = root / self.base / self.file
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise self._refused(f"'{self.base}/{self.file}': {error.strerror}") from None
        for number, edit in enumerate(self.edits, 1):
            count = text.count(edit.old)
            if count != 1:
                found = (
                    f"edit {number}: its old text occurs {count} times in {self.base}/{self.file}"
                )
                raise self._refused(f"{found}; make it occur exactly once: {edit.old[:60]!r}")
            text = text.replace(edit.old, edit.new)
        return text

    def write(self, root: Path, folder: Path) -> None:
        """Make ``folder`` a submission with the fault: a copy of the base, one file edited."""
        source = self.source(root)
        hidden = shutil.ignore_patterns(".*", "__pycache__")
        shutil.copytree(root / self.base, folder, ignore=hidden)
        (folder / self.file).write_text(source, encoding="utf-8")

    def _refused(self, why: str) -> ChaffError:
        return ChaffError(f"{self.place}: chaff '{self.name}': {why}")


def load(root: Path, known: Iterable[str]) -> tuple[Chaff, ...]:
    """All chaff of the repository ``root`` in order; ``known`` are the ids of checks.

    Raises `ChaffError`: a row is incomplete, two have one name, an edit does not fit.
    """
    checks, found = frozenset(known), dict[str, Chaff]()
    for path in sorted((root / FOLDER).glob("*.toml")):
        for chaff in _read(path, checks):
            if chaff.name in found:
                raise chaff._refused(f"{found[chaff.name].place} has that name; choose another")
            found[chaff.name] = chaff
            chaff.source(root)
    return tuple(found.values())


def _read(path: Path, checks: frozenset[str]) -> list[Chaff]:
    try:
        text = path.read_text(encoding="utf-8")
        table = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ChaffError(f"{path.name}: {error}") from None
    if table.keys() - {"chaff"}:
        raise ChaffError(f"{path.name}: only [[chaff]] may stand here")
    return [_row(path, text, row, checks) for row in table.get("chaff", [])]


def _row(path: Path, text: str, row: Mapping[str, Any], checks: frozenset[str]) -> Chaff:
    name = str(row.get("name", ""))
    lines = text.splitlines()
    line = next((n for n, each in enumerate(lines, 1) if each == f'name = "{name}"'), 1)
    try:
        chaff = Chaff(
            name=name,
            misconception=row["misconception"],
            base=str(row["base"]),
            file=str(row["file"]),
            edits=tuple(Edit(**each) for each in row.get("edits", ())),
            fails=tuple(row["fails"]),
            follows=tuple(row.get("follows", ())),
            place=f"{path.name}:{line}",
            idea=str(row.get("idea", name)),
        )
    except (KeyError, TypeError):
        needed = ", ".join(sorted(_KEYS - _OPTIONAL - row.keys())) or "edits of {old, new}"
        raise ChaffError(f"{path.name}:{line}: chaff '{name}': add {needed}") from None
    if wrong := _complaint(chaff, row.keys(), checks):
        raise chaff._refused(wrong)
    return chaff


def _complaint(chaff: Chaff, keys: Iterable[str], checks: frozenset[str]) -> str:
    """What is wrong with a row, or nothing."""
    if strange := sorted(set(keys) - _KEYS):
        return f"take out {', '.join(strange)}"
    if not _NAME.fullmatch(chaff.name):
        return "its name must be lower-case words joined by '-'"
    if not _NAME.fullmatch(chaff.idea):
        return "its idea must be lower-case words joined by '-'"
    for lang in LANGUAGES:
        words = chaff.misconception
        if not isinstance(words, dict) or not str(words.get(lang) or "").strip():
            return f"add misconception.{lang}"
    if not chaff.fails:
        return "add a check to fails"
    if unknown := sorted(chaff.expected - checks):
        return f"the rubric has no check {', '.join(unknown)}"
    if len(chaff.expected) < len(chaff.fails) + len(chaff.follows):
        return "name each check once in fails and follows"
    if any(edit.old == edit.new for edit in chaff.edits):
        return "an edit changes nothing; take it out"
    return ""
