"""What goes back into Moodle: the teacher's own grading worksheet filled in, and the feedback zip.

Source: Moodle's mod/assign/feedback/offline (importgradeslib.php: which columns it needs, that it
skips a row whose grade it cannot take) and feedback/file (importziplib.php: it reads the student's
number from the name of the folder, and passes over names that begin with `.` or `~`).
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.classroom.handed_in import MOODLE
from harness.classroom.one import CONSOLE, PAGE, ClassEntry
from harness.classroom.spreadsheet import safe
from harness.contract.rubric import Language

FEEDBACK = "feedback.zip"
# Headers in the languages that are tried; Moodle writes them in the teacher's.
IDENTIFIER = ("identifier", "pengidentifikasi", "identitas")
GRADE = ("grade", "nilai")
MAXIMUM = ("maximum grade", "nilai maksimum", "nilai maksimal")
GROUP = ("group", "grup", "kelompok")
COMMENT = ("feedback comments", "komentar umpan balik", "komentar")
_NUMBER = re.compile(r"(\d+)\s*$")

_COMMENTS: dict[Language, str] = {
    "id": "{score:g} dari {most:g} poin.",
    "en": "{score:g} of {most:g} points.",
}


class NoWorksheet(Exception):
    """A file cannot be filled in; the text is a key of `problems.WORKSHEET`."""


def filled_in(text: str, rows: Sequence[ClassEntry], lang: Language) -> tuple[str, int]:
    """The worksheet with the grades, and how many were written. Raises `NoWorksheet`.

    Only the cells of Grade and, where there is such a column, of Feedback comments are touched, and
    only of students who have a grade in which nothing is undecided. A team is known by its
    students' numbers (`teams`), or by its name where the sheet has a column of groups. Points are
    scaled to the maximum of the sheet.
    """
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    body = text.removeprefix(mark)
    delimiter = (
        ";" if body.partition("\n")[0].count(";") > body.partition("\n")[0].count(",") else ","
    )
    table = list(csv.reader(io.StringIO(body), delimiter=delimiter))
    if not table:
        raise NoWorksheet("empty")
    columns = _columns(table[0])
    with_grade = [row for row in rows if row.can_be_handed_back]
    graded = {each.number: row for row in with_grade for each in row.students if each.number}
    teams = {row.sent.name.casefold(): row for row in with_grade if not row.team}
    written = 0
    for cells in table[1:]:
        if len(cells) != len(table[0]):
            continue
        number = _NUMBER.search(cells[columns["identifier"]])
        row = graded.get(number[1]) if number else None
        if row is None and "group" in columns:
            row = teams.get(cells[columns["group"]].strip().casefold())
        if row is not None:
            _fill(cells, columns, row, lang)
            written += 1
    sink = io.StringIO()
    end = "\r\n" if "\r\n" in body else "\n"
    csv.writer(sink, delimiter=delimiter, lineterminator=end).writerows(table)
    return mark + sink.getvalue(), written


def _columns(head: Sequence[str]) -> dict[str, int]:
    """Where the columns are that matter."""
    names = [name.strip().casefold() for name in head]
    found = {}
    wanted = {
        "identifier": IDENTIFIER,
        "grade": GRADE,
        "maximum": MAXIMUM,
        "comment": COMMENT,
        "group": GROUP,
    }
    for key, words in wanted.items():
        at = next((names.index(word) for word in words if word in names), None)
        if at is not None:
            found[key] = at
    if "identifier" not in found or "grade" not in found:
        raise NoWorksheet("no columns")
    return found


def _fill(cells: list[str], columns: Mapping[str, int], row: ClassEntry, lang: Language) -> None:
    score, most = row.score, row.most
    maximum = cells[columns["maximum"]] if "maximum" in columns else ""
    is_comma = "," in maximum
    try:
        highest = float(maximum.replace(",", "."))
    except ValueError:
        highest = 100.0
    grade = f"{score / most * highest if most else 0:.2f}"
    cells[columns["grade"]] = grade.replace(".", ",") if is_comma else grade
    if "comment" in columns:
        said = [_COMMENTS[lang].format(score=score, most=most)]
        said += [each.comment for each in row.changes if each.comment]
        cells[columns["comment"]] = safe(" ".join(said))


def feedback_zip(rows: Sequence[ClassEntry], out: Path) -> bytes:
    """The pages of all who were graded, in folders that Moodle knows; empty without any."""
    sink = io.BytesIO()
    count = 0
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for row in rows:
            if row.sent.platform != MOODLE or not row.is_complete or row.problem is not None:
                continue
            pages = [out / row.sent.key / name for name in (PAGE, CONSOLE)]
            found = next((path for path in pages if path.is_file()), None)
            # Of a team Moodle wants the number of a student, which `teams` alone says.
            for student in row.students if found else ():
                who = student.name.replace("_", " ")
                folder = f"{who}_{student.number}_assignsubmission_file"
                archive.write(found or "", f"{folder}/{found.name if found else ''}")
                count += 1
    return sink.getvalue() if count else b""
