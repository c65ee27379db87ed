"""The misconceptions that chaff of several styles share, in words for a student.

In: `tests/misconceptions.toml`. Out: `Misconception` values by name. A chaff whose `idea` has no
row there is a misconception of its own, worded by the chaff itself.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.contract.rubric import LANGUAGES

FILE = Path(__file__).resolve().parents[1] / "misconceptions.toml"
_KEYS = (*LANGUAGES, "sees", "asks")


class MisconceptionError(Exception):
    """The misconceptions cannot be used; says where, and what to change."""


@dataclass(frozen=True, slots=True)
class Misconception:
    """One misconception: its sentence in both languages, what one sees, what to ask oneself."""

    name: str
    says: Mapping[str, str]
    sees: str
    asks: str


def load(path: Path = FILE) -> dict[str, Misconception]:
    """The misconceptions in ``path`` in order. Raises `MisconceptionError`."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise MisconceptionError(f"{path.name}: {error}") from None
    return {name: _row(path, name, row) for name, row in table.items()}


def _row(path: Path, name: str, row: object) -> Misconception:
    if not isinstance(row, dict):
        raise MisconceptionError(f"{path.name}: '{name}' must be a table")
    if strange := sorted(row.keys() - set(_KEYS)):
        raise MisconceptionError(
            f"{path.name}: misconception '{name}': take out {', '.join(strange)}"
        )
    for key in _KEYS:
        if not str(row.get(key) or "").strip():
            raise MisconceptionError(f"{path.name}: misconception '{name}': add {key}")
    return Misconception(name, {lang: row[lang] for lang in LANGUAGES}, row["sees"], row["asks"])
