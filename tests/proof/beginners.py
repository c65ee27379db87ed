"""`python -m tests.proof.beginners`: what beginners get wrong, and what of it the checks see.

`tests/beginners.toml` holds a table for each class of fault: in one sentence what it is, how often
it was seen, and which chaff have it; or why no check may judge it. From it and the chaff this
writes `docs/beginners.md`.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.contract.rubric import Rubric
from harness.contract.rubric import load as load_rubric
from tests.proof.chaff import Chaff, ChaffError, load

ROOT = Path(__file__).resolve().parents[2]
TABLE, PAGE = "tests/beginners.toml", "docs/beginners.md"
# Racy chaff show where schedules are explored, whatever else they may do.
RACY_CHECK = "exploration.schedules"
_KEYS = frozenset(("what", "seen", "chaff", "racy", "why_not"))
_PARTS = {
    "A": "A client that leaves",
    "B": "The handshake and the accept loop",
    "C": "Messages",
    "D": "Threads, start and end",
    "K": "The client",
}
_HEAD = """\
# What beginners get wrong

<!-- Written by: python -m tests.proof.beginners. Do not edit here. -->

Which faults the checks have to see was not made up. They were counted in 51 servers and 32 clients
by beginners, read and, where possible, run. Each class below has at least one faulty program in
`tests/` that has just this fault and must fail the checks named; the names in italics are found by
exploring schedules (`tests/racy`), the others are in `tests/chaff`. A class that no check may judge
says why. Totals differ, as not every question arises in every program.
"""


class BeginnersError(Exception):
    """The table cannot be used; says where, and what to change."""


@dataclass(frozen=True, slots=True)
class FaultClass:
    """One class: what is wrong, how often it was seen, which chaff have it or why none may."""

    name: str
    what: str
    seen: str
    chaff: tuple[str, ...]
    racy: tuple[str, ...]
    why_not: str


def classes(path: Path) -> tuple[FaultClass, ...]:
    """The classes in ``path`` in order. Raises `BeginnersError`."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BeginnersError(f"{path.name}: {error}") from None
    return tuple(_class(path.name, name, row) for name, row in table.items())


def _class(file: str, name: str, row: Mapping[str, object]) -> FaultClass:
    def refused(why: str) -> BeginnersError:
        return BeginnersError(f"{file}: class '{name}': {why}")

    if name[:1] not in _PARTS:
        raise refused(f"its name must begin with one of {', '.join(_PARTS)}")
    if strange := sorted(row.keys() - _KEYS):
        raise refused(f"take out {', '.join(strange)}")

    def names(key: str) -> tuple[str, ...]:
        found = row.get(key, [])
        if not isinstance(found, list):
            raise refused(f"{key} must be a list")
        return tuple(map(str, found))

    what, seen, why_not = (str(row.get(key) or "").strip() for key in ("what", "seen", "why_not"))
    if not what or not seen:
        raise refused("add what" if not what else "add seen")
    chaff, racy = names("chaff"), names("racy")
    if bool(why_not) == bool(chaff or racy):
        raise refused("give it chaff, or say why_not: one of the two")
    return FaultClass(name, what, seen, chaff, racy, why_not)


def missing(rows: Iterable[FaultClass], chaff: Iterable[str], racy: Iterable[str]) -> list[str]:
    """What is named in the table but is not there."""
    known = {"chaff": frozenset(chaff), "racy": frozenset(racy)}
    return [
        f"{TABLE}: class '{row.name}': no {kind} is called '{name}'"
        for row in rows
        for kind, names in known.items()
        for name in getattr(row, kind)
        if name not in names
    ]


def page(rubric: Rubric, chaff: Iterable[Chaff], rows: Sequence[FaultClass]) -> str:
    """The whole page: a table for each part."""
    order = {check: number for number, check in enumerate(rubric.checks)}
    by_name = {each.name: each for each in chaff}
    parts = [_HEAD]
    for letter, title in _PARTS.items():
        parts.append(f"## {letter}. {title}\n")
        lines = ["| | what | seen in | programs | checks |", "|---|---|---|---|---|"]
        for row in rows:
            if row.name.startswith(letter):
                lines.append(_line(row, by_name, order))
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def _line(row: FaultClass, chaff: Mapping[str, Chaff], order: Mapping[str, int]) -> str:
    programs = ", ".join([*row.chaff, *(f"*{name.replace('_', '-')}*" for name in row.racy)])
    found = {check for name in row.chaff if name in chaff for check in chaff[name].fails}
    if row.racy:
        found.add(RACY_CHECK)
    checks = ", ".join(f"`{check}`" for check in sorted(found, key=lambda check: order[check]))
    last = f"{programs} | {checks}" if programs else f"none: {row.why_not} | "
    return f"| {row.name} | {row.what} | {row.seen} | {last} |".replace("|  |", "| |")


def main(arguments: Sequence[str]) -> int:
    """Write the page; 4 when the table or the chaff cannot be used."""
    if arguments:
        sys.stderr.write("python -m tests.proof.beginners\n")
        return 4
    try:
        rubric = load_rubric()
        chaff = load(ROOT, rubric.checks)
        rows = classes(ROOT / TABLE)
    except (BeginnersError, ChaffError) as error:
        sys.stderr.write(f"{error}\n")
        return 4
    (ROOT / PAGE).write_text(page(rubric, chaff, rows), encoding="utf-8")
    print(f"Written: {PAGE}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
