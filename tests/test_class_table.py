"""`class.csv`: what a spreadsheet makes of it."""

import csv
import io
from pathlib import Path

import pytest

from harness.classroom.handed_in import HandedIn
from harness.classroom.one import ClassEntry
from harness.classroom.programs import Problem
from harness.classroom.spreadsheet import LOCALES, table
from harness.contract.rubric import load

RUBRIC = load()


def graded(name: str = "Ani", score: float = 95.5, **outcomes: str) -> ClassEntry:
    rows = [
        {
            "id": check.id,
            "outcome": outcomes.get(check.id.replace(".", "_"), "passed"),
            "points": check.points if check.id.replace(".", "_") not in outcomes else 0,
        }
        for check in RUBRIC
    ]
    document = {"state": "complete", "score": score, "max_score": 100, "checks": rows}
    return ClassEntry(HandedIn("ani-1", name, "1", Path()), document)


def rows(text: str, delimiter: str = ",") -> list[dict[str, str]]:
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:]), delimiter=delimiter))


def test_one_row_for_each_with_the_points_of_every_check():
    of = graded(start_banner="failed", client_screen="not_run", nickname_race="inconclusive")
    (row,) = rows(table(RUBRIC, [of], "en", LOCALES["en"]))
    assert (row["folder"], row["name"], row["number"]) == ("ani-1", "Ani", "1")
    assert (row["points"], row["of"], row["to mend first"]) == ("95.5", "100", "start.banner")
    assert (row["start.banner"], row["client.screen"]) == ("0", "not_run")
    assert (row["not decided"], row["nickname.race"]) == ("nickname.race", "inconclusive")
    assert row["start.listens"] == "2"


def test_a_spreadsheet_of_indonesia_reads_its_numbers():
    (row,) = rows(table(RUBRIC, [graded()], "id", LOCALES["id"]), ";")
    assert (row["nilai"], row["dari"]) == ("95,5", "100")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r@"])
def test_no_name_becomes_a_formula(start: str):
    name = f"{start}HYPERLINK(1)"
    (row,) = rows(table(RUBRIC, [graded(name)], "en", LOCALES["en"]))
    assert row["name"] == f"'{name.strip()}"


def test_names_with_delimiters_quotes_and_line_feeds_stay_one_cell():
    (row,) = rows(table(RUBRIC, [graded('a,b;"c"\nd')], "en", LOCALES["en"]))
    assert row["name"] == 'a,b;"c" d'


def test_a_problem_is_told_in_words_and_earns_no_number():
    of = ClassEntry(HandedIn("b", "Budi", "", Path()), problem=Problem("nothing"))
    (row,) = rows(table(RUBRIC, [of], "en", LOCALES["en"]))
    assert (row["points"], row["problem"]) == ("", "No file was sent.")


def test_what_was_not_graded_to_the_end_has_no_grade():
    of = graded()
    assert of.results is not None
    of.results["state"] = "running"
    (row,) = rows(table(RUBRIC, [of], "en", LOCALES["en"]))
    assert row["points"] == ""
