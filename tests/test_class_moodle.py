"""What goes back into Moodle, read as Moodle reads it (its importgradeslib and importziplib)."""

import csv
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from harness.classroom.handed_in import MOODLE, HandedIn
from harness.classroom.moodle import NoWorksheet, feedback_zip, filled_in
from harness.classroom.one import PAGE, ClassEntry
from harness.classroom.programs import Problem

HEAD = (
    "Identifier,Full name,Email address,Status,Grade,Maximum grade,Grade can be changed,"
    "Last modified (submission),Last modified (grade),Feedback comments"
)
SHEET = (
    f"\ufeff{HEAD}\r\n"
    'Participant 101,Ani Wijaya,a@x,Submitted,,50.00,Yes,"Sunday, 1 November",-,\r\n'
    'Participant 102,"Budi ""B""",b@x,Submitted,12.00,50.00,Yes,-,-,by hand\r\n'
    "Participant 999,Zaki,z@x,No submission,,50.00,Yes,-,-,\r\n"
)


def graded(number: str, score: float = 90.0, name: str = "Ani Wijaya", **of: Any) -> ClassEntry:
    document = {"state": "complete", "score": score, "max_score": 100.0, "checks": []}
    sent = HandedIn(f"{name.replace(' ', '-')}-{number}", name, number, Path(), platform=MOODLE)
    return ClassEntry(sent, document, **of)


def imported(text: str, was: str) -> dict[str, tuple[str, str]]:
    """Grade and comment of each student whom Moodle would change."""
    rows, old = (list(csv.DictReader(io.StringIO(t.lstrip("\ufeff")))) for t in (text, was))
    assert [list(row) for row in rows] == [list(row) for row in old]
    found = {}
    for row, before in zip(rows, old, strict=True):
        number = row["Identifier"].removeprefix("Participant ")
        same = [name for name in row if row[name] == before[name]]
        assert set(row) - set(same) <= {"Grade", "Feedback comments"}
        if row["Grade"] not in ("", before["Grade"]):
            assert 0 <= float(row["Grade"]) <= float(row["Maximum grade"])
            found[number] = (row["Grade"], row["Feedback comments"])
    return found


def test_the_teachers_sheet_is_filled_in_and_nothing_else_in_it_changes():
    text, written = filled_in(SHEET, [graded("101"), graded("102", 71.5, "Budi")], "en")
    assert written == 2
    assert imported(text, SHEET) == {
        "101": ("45.00", "90 of 100 points."), "102": ("35.75", "71.5 of 100 points.")
    }  # fmt: skip
    assert text.startswith("\ufeff")
    assert text.count("\r\n") == SHEET.count("\r\n")


def test_who_was_not_graded_to_the_end_keeps_the_grade_that_is_there():
    unfinished = graded("102")
    assert unfinished.results is not None
    unfinished.results["state"] = "running"
    rows = [unfinished, graded("101", problem=Problem("not_graded"))]
    text, written = filled_in(SHEET, rows, "en")
    assert (written, imported(text, SHEET)) == (0, {})


def test_a_sheet_of_indonesia_has_decimal_commas():
    sheet = (
        "Pengidentifikasi;Nama lengkap;Nilai;Nilai maksimum;Komentar umpan balik\n"
        "Peserta 101;Ani;;100,00;\n"
    )
    text, _ = filled_in(sheet, [graded("101", 87.5)], "id")
    assert text.splitlines()[1] == "Peserta 101;Ani;87,50;100,00;87.5 dari 100 poin."


@pytest.mark.parametrize(
    ("text", "why"), [("", "empty"), ("a,b\n1,2\n", "no columns"), ("Grade\n1\n", "no columns")]
)
def test_what_is_no_worksheet_is_told(text: str, why: str):
    with pytest.raises(NoWorksheet, match=why):
        filled_in(text, [], "en")


def read_by_moodle(data: bytes, participants: set[str]) -> dict[str, tuple[str, bytes]]:
    """By the number of a student: the file that Moodle takes as feedback."""
    found = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for path in archive.namelist():
            *folders, name = path.split("/")
            if name.startswith((".", "~")):
                continue
            for part in folders:
                info = part.split("_", 4)
                is_known = len(info) >= 4 and info[1].isdigit() and info[1] in participants
                if is_known and info[2:4] == ["assignsubmission", "file"]:
                    found[info[1]] = (name, archive.read(path))
    return found


def test_the_feedback_zip_is_one_that_moodle_takes(tmp_path: Path):
    rows = [graded("101"), graded("102", name="Made_Dwi Ayu"), graded("103", name="Citra")]
    for row in rows[:2]:
        (tmp_path / row.sent.key).mkdir()
        (tmp_path / row.sent.key / PAGE).write_text(row.sent.name)
    rows.append(graded("104", problem=Problem("nothing")))
    data = feedback_zip(rows, tmp_path)
    assert read_by_moodle(data, {"101", "102", "103", "104"}) == {
        "101": (PAGE, b"Ani Wijaya"), "102": (PAGE, b"Made_Dwi Ayu")
    }  # fmt: skip


def test_a_class_from_elsewhere_has_no_feedback_zip(tmp_path: Path):
    row = ClassEntry(HandedIn("ani", "Ani", "", Path()), graded("1").results)
    assert feedback_zip([row], tmp_path) == b""
