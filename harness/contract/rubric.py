"""The rubric: what each check is worth, stands on and is called. One file, `rubric.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from harness.contract.symptoms import Symptom
from harness.contract.todos import TodoFunction

Language = Literal["id", "en"]
LANGUAGES: tuple[Language, ...] = ("id", "en")
FILE = Path(__file__).with_name("rubric.toml")
FULL_MARKS = 100
# What [grading] may switch, and how it stands without.
SWITCHES = {"graft": True, "isolated_credit": False}
_KEYS = frozenset(("points", "requires", "blame", "blames", "title", "hint", "hints"))

Bilingual = Mapping[str, str]


class RubricError(Exception):
    """The rubric cannot be used; says where, and what to change."""


@dataclass(frozen=True, slots=True)
class Check:
    """One row of the rubric. ``hints``: what goes before `contract.hints` for single symptoms.

    ``blames``: the TODOs that it is about for single symptoms, where they say more than ``blame``.
    """

    id: str
    points: float
    requires: tuple[str, ...]
    blame: tuple[int, ...]
    title: Bilingual
    hint: Bilingual
    hints: Mapping[str, Bilingual] = field(default_factory=dict)
    blames: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    @property
    def group(self) -> str:
        """The part of the id before the dot."""
        return self.id.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Rubric:
    """All checks in order, by id, the groups' titles, and which function each TODO is.

    ``graft``: whether failed checks are tried again with functions of the reference;
    ``isolated_credit``: whether what was not reached can earn its points that way.
    """

    checks: Mapping[str, Check]
    groups: Mapping[str, Bilingual]
    todos: tuple[TodoFunction, ...] = ()
    graft: bool = SWITCHES["graft"]
    isolated_credit: bool = SWITCHES["isolated_credit"]

    def __iter__(self) -> Iterator[Check]:
        return iter(self.checks.values())


def load(path: Path = FILE) -> Rubric:
    """The rubric in ``path``. Raises `RubricError` with the line and what to do about it."""
    try:
        text = path.read_text(encoding="utf-8")
        table = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RubricError(f"{path.name}: {error}") from None
    for part in ("groups", "checks"):
        if not isinstance(table.get(part), dict):
            raise RubricError(f"{path.name}: add [{part}]")
    groups = {name: _both(path, text, name, title) for name, title in table["groups"].items()}
    common = _hints(path, text, "hints", table.get("hints", {}))
    checks: dict[str, Check] = {}
    for id_, row in table["checks"].items():
        check = _check(path, text, id_, row, common)
        if unknown := [each for each in check.requires if each not in checks]:
            raise _error(path, text, id_, f"requires '{unknown[0]}', no earlier check")
        if check.group not in groups:
            raise _error(path, text, id_, f"add its group to [groups]: {check.group}")
        checks[id_] = check
    total = sum(check.points for check in checks.values())
    # Not to the last bit: an instructor may give tenths.
    if abs(total - FULL_MARKS) > 1e-6:
        raise RubricError(f"{path.name}: the points add up to {total:g}; make it {FULL_MARKS}")
    switches = _switches(path, table.get("grading", {}))
    return Rubric(checks, groups, _todos(path, table.get("todos", {})), **switches)


def _switches(path: Path, rows: object) -> dict[str, bool]:
    """The rows of [grading]; isolated credit needs grafts."""
    given = rows if isinstance(rows, dict) else {"": rows}
    for name, value in given.items():
        if name not in SWITCHES:
            raise RubricError(f"{path.name}: [grading] may hold {' and '.join(SWITCHES)} only")
        if not isinstance(value, bool):
            raise RubricError(f"{path.name}: [grading] {name}: write true or false")
    switches = {**SWITCHES, **given}
    if switches["isolated_credit"] and not switches["graft"]:
        raise RubricError(f"{path.name}: [grading] isolated_credit needs graft = true")
    return switches


def _todos(path: Path, rows: object) -> tuple[TodoFunction, ...]:
    """The rows of [todos]: number = "FILE FUNCTION"."""
    found = []
    for number, home in rows.items() if isinstance(rows, dict) else ():
        match str(home).split():
            case [file, function] if number.isdigit():
                found.append(TodoFunction(int(number), file, function))
            case _:
                raise RubricError(f'{path.name}: [todos] {number}: write "server.py function"')
    return tuple(found)


def _check(path: Path, text: str, id_: str, row: Any, common: Mapping[str, Bilingual]) -> Check:
    if not isinstance(row, dict):
        raise _error(path, text, id_, "must be a table")
    if strange := sorted(row.keys() - _KEYS):
        raise _error(path, text, id_, f"take out {', '.join(strange)}")
    points: Any = row.get("points")
    is_number = isinstance(points, int | float) and not isinstance(points, bool)
    # NaN is a number too, and neither more nor less than anything.
    if not (is_number and 0 <= points <= FULL_MARKS):
        raise _error(path, text, id_, f"its points must be a number, 0 or more, up to {FULL_MARKS}")
    for name in ("requires", "blame"):
        if not isinstance(row.get(name, []), list):
            raise _error(path, text, id_, f"its {name} must stand in square brackets")
    return Check(
        id=id_,
        points=float(points),
        requires=tuple(row.get("requires", ())),
        blame=tuple(row.get("blame", ())),
        title=_both(path, text, id_, row.get("title"), "title"),
        hint=_both(path, text, id_, row.get("hint"), "hint"),
        hints={**common, **_hints(path, text, id_, row.get("hints", {}))},
        blames=_blames(path, text, id_, row.get("blames", {})),
    )


def _blames(path: Path, text: str, id_: str, rows: object) -> dict[str, tuple[int, ...]]:
    """The TODOs of one check for single symptoms."""
    found = {}
    for name, numbers in rows.items() if isinstance(rows, dict) else ():
        if name not in set(Symptom):
            raise _error(path, text, id_, f"there is no symptom '{name}'")
        if not (numbers and isinstance(numbers, list)):
            raise _error(path, text, id_, f"its blames.{name} must stand in square brackets")
        found[name] = tuple(numbers)
    return found


def _hints(path: Path, text: str, id_: str, rows: Mapping[str, Any]) -> dict[str, Bilingual]:
    """The hints for single symptoms, of one check or (``id_`` is "hints") of all."""
    if strange := sorted(rows.keys() - set(Symptom)):
        raise _error(path, text, id_, f"there is no symptom '{strange[0]}'")
    return {name: _both(path, text, id_, hint, f"hints.{name}") for name, hint in rows.items()}


def _both(path: Path, text: str, id_: str, words: object, what: str = "title") -> Bilingual:
    for lang in LANGUAGES:
        if not isinstance(words, dict) or not str(words.get(lang) or "").strip():
            raise _error(path, text, id_, f"add {what}.{lang}")
    assert isinstance(words, dict)
    return words


def _error(path: Path, text: str, id_: str, mend: str) -> RubricError:
    """A complaint about the check or group ``id_``, with the line on which it begins."""
    head = re.compile(rf'(\[checks\.)?"?{re.escape(id_)}"?\s*[\]=.]')
    rows = text.splitlines()
    number = next((n for n, row in enumerate(rows, 1) if head.match(row)), 1)
    kind = "check" if "." in id_ else "group"
    return RubricError(f"{path.name}:{number}: {kind} '{id_}': {mend}")
