"""`teams.csv` in the results: one submission, many students.

A row is: the team (its folder, number or name), a student's name and, where the platform has one,
the student's number.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harness.classroom.overrides import WrongRow, cells_of

TEAMS = "teams.csv"
_HEADS = ("student", "mahasiswa", "nama", "name")


@dataclass(frozen=True, slots=True)
class Student:
    """Somebody who gets a grade: name, and the platform's number or nothing."""

    name: str
    number: str = ""


def teams_in(folder: Path) -> dict[str, list[Student]]:
    """The students of each team, by what the file calls it. Raises `WrongRow`."""
    found: dict[str, list[Student]] = {}
    for line, cells in cells_of(folder / TEAMS):
        if line == 1 and len(cells) > 1 and cells[1].casefold() in _HEADS:
            continue
        if len(cells) < 2 or not (cells[0] and cells[1]):
            raise WrongRow("team", file=TEAMS, line=line)
        number = cells[2] if len(cells) > 2 else ""
        found.setdefault(cells[0], []).append(Student(cells[1], number))
    return found
