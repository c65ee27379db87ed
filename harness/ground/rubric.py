"""The rubric: what each check is worth, stands on and is called. One file, `rubric.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Language = Literal["id", "en"]
LANGUAGES: tuple[Language, ...] = ("id", "en")
FILE = Path(__file__).with_name("rubric.toml")
FULL_MARKS = 100

Bilingual = Mapping[str, str]


class RubricError(Exception):
    """The rubric cannot be used; says where, and the mending."""


@dataclass(frozen=True, slots=True)
class Check:
    """One row of the rubric."""

    id: str
    points: float
    requires: tuple[str, ...]
    blame: tuple[int, ...]
    title: Bilingual
    hint: Bilingual
    hints: Mapping[str, Bilingual] = field(default_factory=dict)

    @property
    def group(self) -> str:
        """The part of the id before the dot."""
        return self.id.partition(".")[0]

    def hint_for(self, symptom: str, lang: Language) -> str:
        """The hint for one kind of failure."""
        return self.hints.get(symptom, self.hint)[lang]


@dataclass(frozen=True, slots=True)
class Rubric:
    """All checks in order, by id, and the groups' titles."""

    checks: Mapping[str, Check]
    groups: Mapping[str, Bilingual]

    def __iter__(self) -> Iterator[Check]:
        return iter(self.checks.values())


def load(path: Path = FILE) -> Rubric:
    """The rubric in ``path``. Raises `RubricError` with the line and what to do about it."""
    try:
        text = path.read_text(encoding="utf-8")
        table = tomllib.loads(text)
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise RubricError(f"{path.name}: {error}") from None
    groups = {name: _both(path, text, name, title) for name, title in table["groups"].items()}
    checks = {id_: _check(path, text, id_, row) for id_, row in table["checks"].items()}
    for check in checks.values():
        for needed in check.requires:
            if list(checks).index(needed) >= list(checks).index(check.id) if needed in checks else 1:
                raise _error(path, text, check.id, f"requires '{needed}', no earlier check")
        if check.group not in groups:
            raise _error(path, text, check.id, f"add its group to [groups]: {check.group}")
    total = sum(check.points for check in checks.values())
    if total != FULL_MARKS:
        raise RubricError(f"{path.name}: the points add up to {total:g}; make it {FULL_MARKS}")
    return Rubric(checks, groups)


def _check(path: Path, text: str, id_: str, row: Mapping[str, Any]) -> Check:
    points = row.get("points")
    if not isinstance(points, int | float) or isinstance(points, bool) or points < 0:
        raise _error(path, text, id_, "its points must be a number, 0 or more")
    return Check(
        id=id_,
        points=float(points),
        requires=tuple(row.get("requires", ())),
        blame=tuple(row.get("blame", ())),
        title=_both(path, text, id_, row.get("title"), "title"),
        hint=_both(path, text, id_, row.get("hint"), "hint"),
        hints={
            name: _both(path, text, id_, hint, f"hints.{name}")
            for name, hint in row.get("hints", {}).items()
        },
    )


def _both(path: Path, text: str, id_: str, words: object, what: str = "title") -> Bilingual:
    for lang in LANGUAGES:
        if not isinstance(words, dict) or not str(words.get(lang) or "").strip():
            raise _error(path, text, id_, f"add {what}.{lang}")
    assert isinstance(words, dict)
    return words


def _error(path: Path, text: str, id_: str, mend: str) -> RubricError:
    rows = text.splitlines()
    number = next((n for n, row in enumerate(rows, 1) if f'"{id_}"' in row), 1)
    return RubricError(f"{path.name}:{number}: check '{id_}': {mend}")
