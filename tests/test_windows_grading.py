"""Grading on Windows, in parts: what differs, what wine explains, and what had no time."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.contract.rubric import load
from tests.played_windows import PlayedPython
from tests.proof.cases import Case
from tests.proof.grade_case import Seen
from tests.proof.windows import windows_grading
from tests.proof.windows.windows_cases import WindowsProgram

RUBRIC = load()
CASE = Case("one", "server.py", "one", must=frozenset(("nickname.unique",)))


def test_what_wine_is_to_blame_for_is_said_and_all_else_is_a_difference():
    outcomes = {
        "nickname.unique": "passed",
        "start.listens": "failed",
        "start.banner": "not_run",
        "disconnect.no_spin": "not_run",
    }
    seen = Seen(outcomes, dict.fromkeys(outcomes, "this | that"), 1.0)
    program = WindowsProgram(CASE, lambda folder: None, ())
    said: list[str] = []
    found = list(windows_grading.told(program, seen, (), said.append))
    assert "one: disconnect.no_spin: not_run, as wine" in said[0].lstrip()
    assert len(said) == 1
    assert [each.split(":")[1].split(",")[0].strip() for each in found] == [
        "fails start.listens",
        "does not fail nickname.unique",
        "start.banner was not judged here (not_run)",
    ]


@dataclass
class GradedThere:
    """One grading of a program that must fail one check, and what came of it."""

    python: PlayedPython
    said: list[str]
    differences: list[str]
    unjudged: list[str]


@pytest.fixture
def graded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., GradedThere]:
    """Grades it; the time is over after ``left`` seconds of a clock that runs are read from."""

    def grade(outcomes: list[str], left: float = math.inf) -> GradedThere:
        python, said = PlayedPython(tmp_path, outcomes), list[str]()
        monkeypatch.setattr(windows_grading.time, "monotonic", lambda: python.now)
        grading = windows_grading.WindowsGrading(python, said.append, 1, left)
        program = WindowsProgram(CASE, lambda folder: folder.mkdir(), ("nickname",))
        differences = list(grading.differences([program]))
        return GradedThere(python, said, differences, grading.unjudged)

    return grade


def test_a_program_that_fails_what_it_must_differs_in_nothing(graded: Callable[..., GradedThere]):
    found = graded(["failed"])
    assert (found.differences, found.unjudged) == ([], [])
    assert found.python.asked == ["nickname."]
    assert found.said[0].startswith("one (nickname): status 1 in ")


def test_what_the_machine_spoilt_is_graded_again(
    graded: Callable[..., GradedThere],
):
    found = graded(["inconclusive", "failed"])
    assert (found.differences, found.unjudged, len(found.python.asked)) == ([], [], 2)


def test_what_the_machine_spoilt_to_the_end_is_told_and_no_difference(
    graded: Callable[..., GradedThere],
):
    found = graded(["inconclusive"] * 9)
    assert len(found.python.asked) == 3
    assert found.said[0].endswith("inconclusive: nickname.unique")
    assert found.differences == []
    assert found.unjudged == ["one: nickname.unique could not be judged: this | that"]


def test_a_program_that_passes_what_it_must_fail_is_a_difference(
    graded: Callable[..., GradedThere],
):
    found = graded(["passed"])
    assert found.differences == ["one: does not fail nickname.unique: passed"]


def test_what_there_is_no_time_for_is_told_and_no_difference(graded: Callable[..., GradedThere]):
    """Neither what cannot begin any more, nor what is cut off."""
    late = (["one (nickname): there was no time, or it was cut off"], [])
    found = graded([], left=0)
    assert (found.unjudged, found.differences, found.python.asked) == (*late, [])
    found = graded(["takes too long"], left=30)
    assert (found.unjudged, found.differences) == late


def test_a_grading_that_takes_all_its_time_is_a_difference(graded: Callable[..., GradedThere]):
    found = graded(["takes too long"])
    assert found.unjudged == []
    assert found.differences[0].startswith("one: status None in ")


def test_what_was_ended_along_with_another_part_is_graded_again(
    graded: Callable[..., GradedThere],
):
    found = graded(["is ended", "failed"])
    assert (found.differences, found.unjudged, len(found.python.asked)) == ([], [], 2)


def test_a_grading_that_ends_early_by_itself_is_a_difference(graded: Callable[..., GradedThere]):
    found = graded(["ends early"])
    assert (found.differences[0].startswith("one: status 1 in "), found.unjudged) == (True, [])


@pytest.mark.parametrize("outcome", ["not_reached", "not_run"])
def test_what_builds_on_a_check_that_could_not_be_judged_is_no_difference(outcome: str):
    outcomes = {"nickname.unique": "inconclusive", "nickname.race": outcome}
    seen = Seen(outcomes, dict.fromkeys(outcomes, "this | that"), 1.0)
    program = WindowsProgram(CASE, lambda folder: None, ())
    assert list(windows_grading.told(program, seen, (), print)) == []
