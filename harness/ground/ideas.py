"""Ideas: the misconceptions that chaff of several styles share, in words for a student.

In: `ideas.toml`. Out: `Idea` values by name. A chaff whose idea has no row here is a
misconception of its own and is worded by itself.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.ground.rubric import LANGUAGES

FILE = Path(__file__).with_name("ideas.toml")
_KEYS = (*LANGUAGES, "sees", "asks")


class IdeaError(Exception):
    """The ideas cannot be used; says where, and the mending."""


@dataclass(frozen=True, slots=True)
class Idea:
    """One misconception: its sentence in both languages, what one sees, what to ask oneself."""

    name: str
    says: Mapping[str, str]
    sees: str
    asks: str


def load(path: Path = FILE) -> dict[str, Idea]:
    """The ideas in ``path`` in order. Raises `IdeaError`."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise IdeaError(f"{path.name}: {error}") from None
    return {name: _idea(path, name, row) for name, row in table.items()}


def _idea(path: Path, name: str, row: object) -> Idea:
    if not isinstance(row, dict):
        raise IdeaError(f"{path.name}: '{name}' must be a table")
    if strange := sorted(row.keys() - set(_KEYS)):
        raise IdeaError(f"{path.name}: idea '{name}': take out {', '.join(strange)}")
    for key in _KEYS:
        if not str(row.get(key) or "").strip():
            raise IdeaError(f"{path.name}: idea '{name}': add {key}")
    return Idea(name, {lang: row[lang] for lang in LANGUAGES}, row["sees"], row["asks"])
