"""What goes back into Canvas: the teacher's own exported gradebook, one column of it filled in.

Every other byte of the file stays: Canvas takes each cell that differs for a wish to change a
grade, and an empty one for a wish to remove it.

Source: Canvas' own exporter and importer (lib/gradebook_exporter.rb, lib/gradebook_importer.rb):
the columns before the assignments end with Section; an assignment is called "Title (number)"; a row
"Points Possible" follows, before it perhaps one about posting; a student is known by the number in
ID; N/A stands where the assignment is not the student's and EX where it is excused; at most two
decimals are shown, with a comma in some languages, and semicolons then part the cells.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.classroom.one import ClassEntry
from harness.contract.rubric import Bilingual

GRADEBOOK: Mapping[str, Bilingual] = {
    "unreadable": {
        "id": "Gradebook '{path}' tidak bisa dibaca: {why}.",
        "en": "The gradebook '{path}' cannot be read: {why}.",
    },
    "no gradebook": {
        "id": "'{path}' bukan gradebook Canvas: baris pertamanya tidak punya kolom Student, ID, "
        "dan Section, atau tidak ada baris Points Possible.",
        "en": "'{path}' is no gradebook of Canvas: its first row lacks the columns Student, ID and "
        "Section, or there is no row Points Possible.",
    },
    "which": {
        "id": "Tugas yang mana di '{path}'? Tambahkan --assignment dengan salah satu: {found}.",
        "en": "Which assignment of '{path}'? Add --assignment with one of: {found}.",
    },
    "no assignment": {
        "id": "Di '{path}' tidak ada tugas dengan nilai (Points Possible).",
        "en": "'{path}' has no assignment with points (Points Possible).",
    },
    "written": {
        "id": "{count} nilai ditulis ke {path}, kolom '{column}'; unggah di Canvas: Grades, "
        "Import.",
        "en": "{count} grades written to {path}, column '{column}'; upload it in Canvas: Grades, "
        "Import.",
    },
}
# What is in a cell of the assignment that nobody grades.
NOT_THEIRS, EXCUSED = "N/A", "EX"
_TITLE = re.compile(r"(?P<title>.*) \((?P<id>\d+)\)")
_NUMBER = re.compile(r"\d+([.,]\d+)?")
Span = tuple[int, int]


class NoGradebook(Exception):
    """A file cannot be filled in; ``key`` of `GRADEBOOK`, and the facts of that sentence."""

    def __init__(self, key: str, **facts: object) -> None:
        super().__init__(key)
        self.key, self.facts = key, facts


@dataclass(frozen=True, slots=True)
class FilledGradebook:
    """The text of the file, how many grades were written, and the name of their column."""

    text: str
    count: int
    column: str


def filled_gradebook(text: str, rows: Sequence[ClassEntry], assignment: str) -> FilledGradebook:
    """The gradebook with the grades of ``rows`` in the column of one assignment.

    ``assignment``: its title or number; without one there must be no other with points. Only cells
    of students who have a grade are touched. Points are scaled to the assignment's. Raises
    `NoGradebook`.
    """
    delimiter, spans = _table(text)
    head = [_value(text, span) for span in spans[0]]
    number_at = head.index("ID")
    possible = next((row for row in spans if "Points Possible" in _value(text, row[0])), None)
    if possible is None:
        raise NoGradebook("no gradebook")
    points = {at: _value(text, possible[at]) for at in range(len(possible)) if at < len(head)}
    at = _column(head, points, assignment)
    most, is_comma = float(points[at].replace(",", ".")), "," in points[at]
    graded = {
        student.number: entry
        for entry in rows
        if entry.can_be_handed_back
        for student in entry.students
        if student.number
    }
    cells: list[tuple[Span, str]] = []
    for row in spans[spans.index(possible) + 1 :]:
        found = graded.get(_value(text, row[number_at])) if len(row) == len(head) else None
        if found is not None and _value(text, row[at]).upper() not in (NOT_THEIRS, EXCUSED):
            grade = f"{found.score / found.most * most if found.most else 0:.2f}"
            grade = grade.replace(".", ",") if is_comma else grade
            cells.append((row[at], f'"{grade}"' if delimiter in grade else grade))
    return FilledGradebook(_replaced(text, cells), len(cells), head[at])


def _table(text: str) -> tuple[str, list[list[Span]]]:
    """What parts the cells, and where each of them stands. Raises `NoGradebook`."""
    for delimiter in (",", ";"):
        spans = _spans(text, delimiter)
        head = [_value(text, span) for span in spans[0]] if spans else []
        if head[:2] in (["Student", "ID"], ["LastName", "FirstName"]) and "ID" in head:
            if "Section" not in head:
                break
            return delimiter, spans
    raise NoGradebook("no gradebook")


def _spans(text: str, delimiter: str) -> list[list[Span]]:
    """Where each cell of each row begins and ends; what is in quotes may hold anything."""
    rows: list[list[Span]] = []
    cells: list[Span] = []
    begin, is_quoted = len("\ufeff") if text.startswith("\ufeff") else 0, False
    for at in range(begin, len(text)):
        sign = text[at]
        if sign == '"':
            # Two of them within a cell open and close it again.
            is_quoted = not is_quoted
        elif not is_quoted and sign in (delimiter, "\n"):
            end = at - 1 if sign == "\n" and text[begin:at].endswith("\r") else at
            cells.append((begin, end))
            begin = at + 1
            if sign == "\n":
                rows.append(cells)
                cells = []
    if begin < len(text) or cells:
        cells.append((begin, len(text)))
        rows.append(cells)
    return rows


def _value(text: str, span: Span) -> str:
    """What a cell says."""
    raw = text[slice(*span)]
    if raw.startswith('"'):
        raw = next(csv.reader(io.StringIO(raw)), [""])[0]
    return raw.strip()


def _column(head: Sequence[str], points: Mapping[int, str], assignment: str) -> int:
    """The column of the assignment. Raises `NoGradebook`."""
    found: dict[int, tuple[str, str]] = {}
    for at in range(head.index("Section") + 1, len(head)):
        title = _TITLE.fullmatch(head[at])
        # Without points, or read only, there is nothing to scale to or to write.
        is_number = _NUMBER.fullmatch(points.get(at, "")) is not None
        if title and is_number and float(points[at].replace(",", ".")) > 0:
            found[at] = (title["title"], title["id"])
    if not found:
        raise NoGradebook("no assignment")
    wanted = assignment.strip()
    named = [at for at, names in found.items() if not wanted or wanted in (*names, head[at])]
    if len(named) != 1:
        told = ", ".join(f"'{head[at]}'" for at in found)
        raise NoGradebook("which", found=told)
    return named[0]


def _replaced(text: str, cells: Sequence[tuple[Span, str]]) -> str:
    """``text`` with these cells, in their order, replaced."""
    pieces, done = [], 0
    for (begin, end), new in cells:
        pieces += [text[done:begin], new]
        done = end
    return "".join([*pieces, text[done:]])
