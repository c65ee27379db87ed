"""`overrides.csv` and `teams.csv`: what the teacher decides, beside what was graded."""

from dataclasses import replace
from pathlib import Path

import pytest

from harness.classroom.handed_in import HandedIn
from harness.classroom.moodle import filled_in
from harness.classroom.one import ClassEntry
from harness.classroom.overrides import OVERRIDES, Override, WrongRow, folder_meant, overrides_in
from harness.classroom.problems import PROBLEMS
from harness.classroom.programs import Problem
from harness.classroom.spreadsheet import LOCALES, table
from harness.classroom.teams import TEAMS, Student, teams_in
from harness.command_line import Misuse
from harness.contract.rubric import load
from harness.grade_options import by_hand

RUBRIC = load()
ORDER = RUBRIC.checks["broadcast.order"].points


def graded(*changes: Override, team: tuple[Student, ...] = ()) -> ClassEntry:
    """One with 90 points, who lost those of `broadcast.order` and some others."""
    checks = [
        {"id": each.id, "outcome": "passed", "points": 0.0 if each.points == ORDER else each.points}
        for each in RUBRIC
    ]
    document = {"state": "complete", "score": 90, "max_score": 100, "checks": checks}
    sent = HandedIn("tim-a-7", "Tim A", "7", Path())
    return ClassEntry(sent, document, changes=changes, team=team)


def rows_of(folder: Path, text: str) -> list[Override]:
    (folder / OVERRIDES).write_text(text, encoding="utf-8")
    return overrides_in(folder, RUBRIC)


@pytest.mark.parametrize(
    "text",
    [
        "who,check,points,comment\nBudi,broadcast.order,1.5,sudah dilihat\n",
        "Budi,broadcast.order,1.5,sudah dilihat\n",
        "\ufeffsiapa;pemeriksaan;poin;komentar\r\n\r\nBudi;broadcast.order;1,5;sudah dilihat\r\n",
    ],
)
def test_rows_are_read_with_and_without_heads(tmp_path: Path, text: str):
    assert rows_of(tmp_path, text) == [Override("Budi", "broadcast.order", 1.5, "sudah dilihat")]


def test_without_the_file_nothing_is_changed(tmp_path: Path):
    assert overrides_in(tmp_path, RUBRIC) == []
    assert teams_in(tmp_path) == {}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("Budi,broadcast.ordre,1", "line 2: there is no check 'broadcast.ordre'"),
        ("Budi,broadcast.order,many", "line 2: 'many' is no number of points"),
        ("Budi,broadcast.order,-1", "'-1' is no number of points"),
        (f"Budi,broadcast.order,{ORDER + 1}", f"from 0 to {ORDER:g}"),
        ("Budi,total,nan", "'nan' is no number of points"),
        ("Budi,total", "line 2: it needs who"),
        (",total,3", "line 2: it needs who"),
    ],
)
def test_a_row_that_cannot_be_used_is_told_with_its_line(tmp_path: Path, row: str, said: str):
    with pytest.raises(WrongRow) as wrong:
        rows_of(tmp_path, f"who,check,points\n{row}\n")
    assert said in wrong.value.told("en")
    assert wrong.value.told("id") != wrong.value.told("en")


def test_a_file_that_is_no_text_is_told(tmp_path: Path):
    (tmp_path / OVERRIDES).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(WrongRow) as wrong:
        overrides_in(tmp_path, RUBRIC)
    assert "cannot be read" in wrong.value.told("en")


def test_points_of_a_check_change_the_sum():
    assert graded().score == 90
    assert graded(Override("7", "broadcast.order", ORDER)).score == 90 + ORDER
    # The last row about a check counts, and one about all of it counts alone.
    again = graded(Override("7", "broadcast.order", ORDER), Override("7", "broadcast.order", 0))
    assert again.score == 90
    assert graded(Override("7", "total", 77), Override("7", "broadcast.order", ORDER)).score == 77


SENT = {"tim-a-7": ("7", "Tim A"), "tim-b-8": ("8", "Tim B"), "tim-a-9": ("9", "Tim A")}


@pytest.mark.parametrize(
    ("who", "folder"),
    [("TIM-A-7", "tim-a-7"), ("7", "tim-a-7"), ("tim b", "tim-b-8"), ("9", "tim-a-9")],
)
def test_somebody_is_called_by_folder_number_or_name(who: str, folder: str):
    assert folder_meant(OVERRIDES, who, SENT) == folder


def test_a_folder_comes_before_a_name():
    assert folder_meant(OVERRIDES, "budi", {"ani": ("", "Budi"), "budi": ("", "")}) == "budi"


@pytest.mark.parametrize(
    ("who", "said"),
    [
        ("Tim", "nothing was handed in by 'Tim'"),
        ("Tim A", "'Tim A' may be each of tim-a-7, tim-a-9. Write the folder."),
    ],
)
def test_a_name_that_nobody_or_several_have_is_told(who: str, said: str):
    with pytest.raises(WrongRow) as wrong:
        folder_meant(OVERRIDES, who, SENT)
    assert said in wrong.value.told("en")
    assert wrong.value.told("id").startswith("overrides.csv: ")


@pytest.mark.parametrize("file", [OVERRIDES, TEAMS])
def test_a_wrong_name_is_told_before_anything_is_graded(tmp_path: Path, file: str):
    (tmp_path / file).write_text("Tim C,total,3\n")
    with pytest.raises(Misuse, match=f"{file}: nothing was handed in by 'Tim C'"):
        by_hand(tmp_path, [graded().sent], "en")


def test_both_files_are_kept_by_folder(tmp_path: Path):
    (tmp_path / OVERRIDES).write_text("7,total,3\n")
    (tmp_path / TEAMS).write_text("7,Ani\nTim A,Budi\ntim-a-7,Citra\n")
    changes, teams = by_hand(tmp_path, [graded().sent], "en")
    assert changes == [Override("tim-a-7", "total", 3)]
    assert teams == {"tim-a-7": [Student("Ani"), Student("Budi"), Student("Citra")]}


def test_a_grade_with_an_undecided_check_is_not_handed_back():
    row = graded()
    assert row.results
    row.results["checks"][0]["outcome"] = "inconclusive"
    check = row.results["checks"][0]["id"]
    sheet = "Identifier,Grade\nParticipant 7,\n"
    assert row.undecided == [check]
    assert filled_in(sheet, [row], "en") == (sheet, 0)
    # The teacher decides it, or all.
    for about in (check, "total"):
        decided = replace(row, changes=(Override("tim-a-7", about, 1),))
        assert decided.undecided == []
        assert filled_in(sheet, [decided], "en")[1] == 1


def test_what_could_not_be_graded_can_be_given_points():
    assert "long_time" in PROBLEMS
    row = replace(graded(Override("7", "total", 60)), results=None, problem=Problem("long_time"))
    assert row.has_grade
    assert (row.score, row.most) == (60, 100)
    assert not replace(row, changes=()).has_grade


def test_a_change_shows_in_the_table_and_goes_to_the_platform():
    row = graded(Override("7", "total", 77.5, "setelah banding"))
    text = table(RUBRIC, [row], "en", LOCALES["en"])
    assert ",77.5,100," in text
    assert "total = 77.5 (setelah banding)" in text
    sheet = "Identifier,Grade,Feedback comments\nParticipant 7,,\n"
    filled, count = filled_in(sheet, [row], "en")
    assert count == 1
    assert "Participant 7,77.50,77.5 of 100 points. setelah banding" in filled


def test_a_team_is_one_submission_and_many_grades(tmp_path: Path):
    (tmp_path / TEAMS).write_text("team,student,number\nTim A,Ani,101\nTim A,Budi,102\n")
    team = tuple(teams_in(tmp_path)["Tim A"])
    assert team == (Student("Ani", "101"), Student("Budi", "102"))
    row = graded(team=team)
    lines = table(RUBRIC, [row], "en", LOCALES["en"]).splitlines()
    assert [line.split(",")[:3] for line in lines[1:]] == [
        ["tim-a-7", "Ani", "101"], ["tim-a-7", "Budi", "102"]
    ]  # fmt: skip
    sheet = "Identifier,Grade\nParticipant 101,\nParticipant 102,\nParticipant 7,\n"
    filled, count = filled_in(sheet, [row], "en")
    assert count == 2
    assert filled.splitlines()[3] == "Participant 7,"


def test_without_the_file_a_team_is_found_by_the_sheets_own_column():
    sheet = "Identifier,Group,Grade\nParticipant 101,Tim A,\nParticipant 102,Tim B,\n"
    filled, count = filled_in(sheet, [graded()], "en")
    assert (count, filled.splitlines()[1]) == (1, "Participant 101,Tim A,90.00")


def test_a_team_without_students_is_told(tmp_path: Path):
    (tmp_path / TEAMS).write_text("Tim A\n")
    with pytest.raises(WrongRow) as wrong:
        teams_in(tmp_path)
    assert "line 1" in wrong.value.told("en")
