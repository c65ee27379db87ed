"""Back into Canvas: the teacher's gradebook, judged by a reader that goes by Canvas' rules."""

import csv
import io
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import grade
from harness.classroom import canvas
from harness.classroom.canvas import GRADEBOOK, NoGradebook, filled_gradebook
from harness.classroom.handed_in import HandedIn
from harness.classroom.one import ClassEntry
from harness.classroom.overrides import Override
from harness.classroom.programs import Problem
from harness.classroom.teams import Student
from harness.command_line import Misuse

HEAD = "Student,ID,SIS User ID,SIS Login ID,Section,Notes,Tugas 3 (771),Modul 4 (772),"
HEAD += "Assignments Current Score,Current Score,Final Score\r\n"
BOOK = (
    HEAD
    + ",,,,,,Manual Posting,Manual Posting,,,\r\n"
    + "    Points Possible,,,,,,10.00,50.00,(read only),(read only),(read only)\r\n"
    + '"Wijaya, Ani",101,,ani,"IF-1, pagi",,8.50,,85.00,85.00,85.00\r\n'
    + '"O\'Neil, ""Budi""",102,,budi,IF-1,"a\nb",,20.00,,,\r\n'
    + '"Cruz, Citra",103,,citra,IF-1,,,N/A,,,\r\n'
    + '"Dewi",104,,dewi,IF-1,,7.00,EX,,,\r\n'
    + "Eka,105,,eka,IF-1,,,12.00,,,\r\n"
    + '"Student, Test",999,,,IF-1,,,,,,\r\n'
)


def entry(number: str, score: float, **more: object) -> ClassEntry:
    sent = HandedIn(f"x-{number}", "X", number, Path("x"))
    results = {"state": "complete", "score": score, "max_score": 100, "checks": []}
    return ClassEntry(sent, results, **more)  # type: ignore[arg-type]


CLASS = [entry("101", 75), entry("102", 33.333), entry("103", 90), entry("104", 90)]


class Import:
    """What Canvas would make of a file: the grades by student and assignment.

    Written from the rules of its importer (lib/gradebook_importer.rb).
    """

    def __init__(self, text: str) -> None:
        text = text.removeprefix("\ufeff")
        sizes = {}
        for sign in ";,":
            lines = text.splitlines()[:3]
            found = {len(next(csv.reader([line], delimiter=sign))) for line in lines}
            sizes[sign] = found.pop() if len(found) == 1 else 0
        delimiter = ";" if sizes[";"] > sizes[","] else ","
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
        self.head, self.rows = rows[0], rows[1:]
        assert self.head[0] in ("Student", "LastName") and "Section" in self.head
        self.grades: dict[tuple[str, str], str] = {}
        at = self.head.index("ID")
        for row in filter(None, self.rows):
            if "Points Possible" in row[0]:
                continue
            if all(re.fullmatch(r"\s*(Muted|Manual Posting.*)?\s*", cell, re.I) for cell in row):
                continue
            for name, cell in zip(self.head, row, strict=True):
                if re.search(r" \(\d+\)$", name):
                    self.grades[row[at], name] = self.number(cell)

    @staticmethod
    def number(cell: str) -> str:
        if re.fullmatch(r"-?[0-9.,]+%?", cell):
            *whole, last = re.split("[,.]", cell)
            return f"{''.join(whole)}.{last}" if whole else last
        return cell


def changes(before: str, after: str) -> dict[tuple[str, str], str]:
    """What an import of the second file would change where the first one came from."""
    first, second = Import(before), Import(after)
    assert first.head == second.head and first.grades.keys() == second.grades.keys()
    return {key: new for key, new in second.grades.items() if new != first.grades[key]}


def test_the_grades_of_one_assignment_change_and_nothing_else():
    filled = filled_gradebook(BOOK, CLASS, "Modul 4")
    assert (filled.count, filled.column) == (2, "Modul 4 (772)")
    assert changes(BOOK, filled.text) == {
        ("101", "Modul 4 (772)"): "37.50",
        ("102", "Modul 4 (772)"): "16.67",
    }
    # To the byte: the other lines, the quotes, the line ends.
    assert filled.text == BOOK.replace('pagi",,8.50,,', 'pagi",,8.50,37.50,').replace(
        "20.00", "16.67"
    )


@pytest.mark.parametrize("named", ["772", "Modul 4", "Modul 4 (772)", " Modul 4 "])
def test_an_assignment_is_named_by_its_title_or_number(named: str):
    assert filled_gradebook(BOOK, CLASS, named).column == "Modul 4 (772)"


@pytest.mark.parametrize("named", ["", "Modul 5", "Current Score"])
def test_where_it_is_not_clear_which_those_that_there_are_are_told(named: str):
    with pytest.raises(NoGradebook) as error:
        filled_gradebook(BOOK, CLASS, named)
    assert error.value.key == "which"
    assert error.value.facts["found"] == "'Tugas 3 (771)', 'Modul 4 (772)'"


def one_assignment(points: str = "50.00", cell: str = "") -> str:
    return (
        "Student,ID,SIS Login ID,Section,Modul 4 (772),Final Score\n"
        f"    Points Possible,,,,{points},(read only)\nAni,101,ani,IF-1,{cell},\n"
    )


def test_the_only_one_need_not_be_named():
    filled = filled_gradebook(one_assignment(), CLASS, "")
    assert changes(one_assignment(), filled.text) == {("101", "Modul 4 (772)"): "37.50"}


def test_semicolons_decimal_commas_and_a_mark_stay():
    book = "\ufeff" + one_assignment("50,00").replace(",", ";").replace("50;00", "50,00")
    filled = filled_gradebook(book, CLASS, "")
    assert filled.text == book.replace("IF-1;;", "IF-1;37,50;")
    assert changes(book, filled.text) == {("101", "Modul 4 (772)"): "37.50"}


def test_a_decimal_comma_between_commas_is_in_quotes():
    book = one_assignment('"50,00"')
    filled = filled_gradebook(book, CLASS, "")
    assert changes(book, filled.text) == {("101", "Modul 4 (772)"): "37.50"}


def test_first_and_last_names_may_have_columns_of_their_own():
    book = one_assignment().replace("Student,ID", "LastName,FirstName,ID")
    book = book.replace("Ani,101", "Wijaya,Ani,101").replace("Possible,", "Possible,,")
    assert filled_gradebook(book, CLASS, "").text == book.replace("IF-1,,", "IF-1,37.50,")


def test_who_has_no_grade_keeps_what_is_there():
    rows = [
        ClassEntry(HandedIn("x", "X", "101", Path("x")), problem=Problem("nothing")),
        entry("102", 50, problem=Problem("not_graded")),
        entry("", 50),
    ]
    assert filled_gradebook(BOOK, rows, "772").text == BOOK


def test_what_was_changed_by_hand_and_teams_count():
    team = (Student("Ani", "101"), Student("Budi", "102"))
    by_hand = (Override("x", "total", 80.0, ""),)
    filled = filled_gradebook(BOOK, [entry("7", 10, changes=by_hand, team=team)], "772")
    assert set(changes(BOOK, filled.text).values()) == {"40.00"}
    assert filled.count == 2


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "no gradebook"),
        ("Identifier,Full name,Grade\n", "no gradebook"),
        ("Student,ID,SIS Login ID,Modul 4 (1)\n    Points Possible,,,5\n", "no gradebook"),
        ("Student,ID,Section,Modul 4 (1)\nAni,1,IF-1,\n", "no gradebook"),
        (one_assignment(""), "no assignment"),
        (one_assignment("0.00"), "no assignment"),
        (one_assignment("(read only)"), "no assignment"),
    ],
)
def test_what_is_no_gradebook_is_told(tmp_path: Path, text: str, key: str):
    with pytest.raises(NoGradebook) as error:
        filled_gradebook(text, CLASS, "")
    assert error.value.key == key
    # Before anything is graded, in both languages.
    (tmp_path / "class").mkdir()
    (tmp_path / "book.csv").write_text(text)
    words = [str(tmp_path / "class"), "--out", str(tmp_path / "out"), "--isolation", "process"]
    for lang in ("id", "en"):
        with pytest.raises(Misuse) as told:
            grade.main([*words, "--gradebook", str(tmp_path / "book.csv")], lang)
        assert str(told.value).startswith(GRADEBOOK[key][lang].partition("{")[0])
        assert "book.csv" in str(told.value)
    assert not (tmp_path / "out").exists()


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path):
    (tmp_path / "class").mkdir()
    (tmp_path / "book.csv").write_bytes(b"\xff\xfe")
    words = [str(tmp_path / "class"), "--out", str(tmp_path / "out"), "--isolation", "process"]
    for name in ("book.csv", "none.csv"):
        with pytest.raises(Misuse, match="cannot be read"):
            grade.main([*words, "--gradebook", str(tmp_path / name)], "en")


CELL = st.text(st.sampled_from('a"\n\r,; é'), max_size=6)


# A machine that stands still for seconds is no fault of the strategy.
@given(st.lists(st.lists(CELL, min_size=1, max_size=5), min_size=1, max_size=5), st.booleans())
def test_cells_are_found_as_csv_writes_them(rows: list[list[str]], is_semicolon: bool):
    delimiter = ";" if is_semicolon else ","
    sink = io.StringIO()
    csv.writer(sink, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    text = sink.getvalue()
    spans = canvas._spans(text, delimiter)
    found = [[canvas._value(text, span) for span in row] for row in spans]
    # A reader of csv takes a carriage return in quotes for a line end, and so for a blank.
    assert found == [[cell.strip() for cell in row] for row in rows]


def test_a_class_fills_it_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    source = tmp_path / "class"
    source.mkdir()
    (source / "wijayaani_101_5001_server.py").write_text("def f(:\n")
    (tmp_path / "book.csv").write_bytes(BOOK.encode())
    words = [str(source), "--out", str(tmp_path / "out"), "--isolation", "process", "--seed", "1"]
    words += ["--gradebook", str(tmp_path / "book.csv"), "--assignment", "772"]
    assert grade.main(words, "en") == 0
    after = (tmp_path / "out" / "book.csv").read_bytes().decode()
    assert changes(BOOK, after) == {("101", "Modul 4 (772)"): "0.00"}
    assert "1 grades written to" in capsys.readouterr().out
    assert (tmp_path / "book.csv").read_bytes().decode() == BOOK
