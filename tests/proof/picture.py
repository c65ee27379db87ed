"""The matrix as text: a line a program, a column a check. Nothing is graded here."""

from __future__ import annotations

from collections.abc import Sequence

from harness.contract.rubric import Rubric
from tests.proof.cases import EXPLORATION, GROUPS, Case
from tests.proof.chaff import FOLDER
from tests.proof.expectations import kills
from tests.proof.grade_case import Seen

OWN, FOLLOWS, FORGIVEN, WRONG, LATER, PASSED, UNJUDGED = "X", "x", "o", "!", "-", ".", "?"
NOT_ASKED = " "
LEGEND = (
    f"{OWN} fails, as this chaff must   {FOLLOWS} fails as a fair consequence   "
    f"{LATER} not reached   {PASSED} passes\n"
    f"{FORGIVEN} may fail (not built on threads)   {UNJUDGED} not judged here   "
    f"{WRONG} not the expected outcome\n"
    "blank: not graded (exploring takes long: only wheat and the chaff that need it are explored)"
)
_OTHER = {"passed": PASSED, "not_reached": LATER, "inconclusive": UNJUDGED, "not_run": UNJUDGED}

Rows = Sequence[tuple[Case, Seen]]


def mark(case: Case, check: str, outcome: str) -> str:
    """The sign of one cell."""
    if (outcome == "failed") != (check in case.must):
        return FORGIVEN if check in case.may else WRONG
    if outcome == "failed":
        return OWN if check in case.own else FOLLOWS
    return _OTHER[outcome]


def columns(rubric: Rubric, file: str) -> list[list[str]]:
    """The checks about ``file``, group by group."""
    groups = [*GROUPS[file], *([EXPLORATION] if file == "server.py" else [])]
    ids = {group: [c.id for c in rubric if c.group == group] for group in groups}
    return [checks for checks in ids.values() if checks]


def line(case: Case, seen: Seen, groups: list[list[str]], width: int) -> str:
    """One program's line."""
    cells = ("".join(_cell(case, seen, check) for check in checks) for checks in groups)
    return f"{case.name:<{width}}  {' '.join(cells)}"


def _cell(case: Case, seen: Seen, check: str) -> str:
    if check.partition(".")[0] not in case.groups:
        return NOT_ASKED
    return mark(case, check, seen.outcomes.get(check, "not_run"))


def header(groups: list[list[str]], width: int) -> list[str]:
    """The checks' names, read downwards."""
    words = [[check.partition(".")[2] for check in checks] for checks in groups]
    height = max(len(word) for group in words for word in group)
    return [
        " " * width
        + "  "
        + " ".join("".join(word.rjust(height)[row] for word in group) for group in words)
        for row in range(height)
    ]


def matrix(rubric: Rubric, rows: Rows, file: str) -> list[str]:
    """Header and lines of the programs whose fault, or merit, is in ``file``."""
    mine = [(case, seen) for case, seen in rows if case.file == file]
    if not mine:
        return []
    groups, width = columns(rubric, file), max(len(case.name) for case, _ in mine)
    lines = [*header(groups, width), *(line(case, seen, groups, width) for case, seen in mine)]
    return [each.rstrip() for each in lines]


def page(rubric: Rubric, rows: Rows, seeds: str) -> str:
    """The page for docs/: the picture, and which chaff prove each check.

    ``seeds`` says in words under which seeds the programs were graded.
    """
    chaff = [case for case, _ in rows if case.chaff]
    lines = [
        "# The kill matrix",
        "",
        "Written by `matrix` and by `soak --same`; do not edit. Each line is a program that was",
        f"graded ({seeds}), each column a check, its name read downwards. Chaff are programs",
        f"with one plausible fault: `{FOLDER}` says in a sentence what is wrong with each. Wheat",
        "are correct programs of every style.",
        "",
        f"{len(chaff)} chaff, {len(rows) - len(chaff)} wheat; each came out exactly as it must.",
        "",
    ]
    for file in GROUPS:
        if picture := matrix(rubric, rows, file):
            lines += [f"## {file}", "", "```text", *picture, "", *LEGEND.splitlines(), "```", ""]
    lines += ["## The checks, and the chaff that prove them", "", "| check | chaff |", "|---|---|"]
    lines += [f"| `{check}` | {', '.join(names)} |" for check, names in kills(chaff).items()]
    return "\n".join([*lines, ""])
