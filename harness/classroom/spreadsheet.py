"""`class.csv`: one row for each submission, for a spreadsheet or a learning platform.

Cells that a spreadsheet would take for a formula are made text: a student chooses the name of a
file. Source: OWASP, "CSV Injection".
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from harness.classroom import problems
from harness.classroom.one import ClassEntry
from harness.classroom.overrides import in_a_line
from harness.classroom.teams import Student
from harness.contract.rubric import Language, Rubric

FILE = "class.csv"
FORMULA = ("=", "+", "-", "@", "\t", "\r")

_HEADS: dict[str, dict[Language, str]] = {
    "folder": {"id": "folder", "en": "folder"},
    "name": {"id": "nama", "en": "name"},
    "number": {"id": "nomor", "en": "number"},
    "points": {"id": "nilai", "en": "points"},
    "most": {"id": "dari", "en": "of"},
    "unsure": {"id": "belum diputuskan", "en": "not decided"},
    "first": {"id": "perlu diperbaiki dulu", "en": "to mend first"},
    "problem": {"id": "masalah", "en": "problem"},
    "changes": {"id": "diubah dengan tangan", "en": "changed by hand"},
}


@dataclass(frozen=True, slots=True)
class Locale:
    """What a spreadsheet of this country expects."""

    delimiter: str
    decimal: str


LOCALES = {"en": Locale(",", "."), "id": Locale(";", ",")}


def table(rubric: Rubric, rows: Sequence[ClassEntry], lang: Language, locale: Locale) -> str:
    """The file as text; its first row names the columns, the last ones are the checks.

    A student has a row, so a team has several.
    """
    sink = io.StringIO()
    writer = csv.writer(sink, delimiter=locale.delimiter, lineterminator="\r\n")
    writer.writerow([*(head[lang] for head in _HEADS.values()), *rubric.checks])
    for row in rows:
        for student in row.students:
            values = _values(rubric, row, student, lang)
            writer.writerow([_cell(value, locale) for value in values])
    # With this mark a spreadsheet reads UTF-8.
    return "\ufeff" + sink.getvalue()


def _values(rubric: Rubric, row: ClassEntry, student: Student, lang: Language) -> list[object]:
    problem = problems.sentence(row.problem.key, row.problem.facts, lang) if row.problem else ""
    about: list[object] = [row.sent.key, student.name, student.number]
    changes = in_a_line(row.changes)
    if not row.is_complete or row.results is None:
        points = [row.score, row.most] if row.has_grade else ["", ""]
        return [*about, *points, "", "", problem, changes, *("" for _ in rubric.checks)]
    checks = {str(each["id"]): each for each in row.results["checks"]}
    first = next((name for name, each in checks.items() if each["outcome"] == "failed"), "")
    about += [row.score, row.most, ", ".join(row.undecided), first, problem, changes]
    return about + [_points(checks.get(name)) for name in rubric.checks]


def _points(check: object) -> object:
    """What a check earned; its outcome where that is not the whole story."""
    if not isinstance(check, dict):
        return ""
    is_judged = check["outcome"] in ("passed", "failed", "not_reached")
    return check["points"] if is_judged else check["outcome"] or ""


def _cell(value: object, locale: Locale) -> str:
    if isinstance(value, (int, float)):
        return f"{value:g}".replace(".", locale.decimal)
    return safe(str(value))


def safe(text: str) -> str:
    """A text on one line that no spreadsheet takes for a formula."""
    text = " ".join(text.split())
    return "'" + text if text.startswith(FORMULA) else text
