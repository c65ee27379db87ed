"""The result is what the runner of Classroom 50 lets pass."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from harness.exports.classroom50_result import MissingVariable, classroom50, is_final
from tests.exported import document, row

RUNNER = {
    "CLASSROOM": "jarkom", "ASSIGNMENT": "modul4", "SUBMISSION_TAG": "submit/2026-a1",
    "COMMIT_URL": "https://example.org/c", "RELEASE_URL": "https://example.org/r",
    "REVIEW_URL": "https://example.org/v", "OWNER": "ani", "ASSIGNMENT_TYPE": "individual",
}  # fmt: skip


def complaints(result: dict[str, Any]) -> Iterator[str]:
    """The rules of `validate_result` in foundation50/classroom50,
    cli/gh-teacher/skeleton/dotgithub/scripts/runner.py, and of wiki/Advanced-Autograding.md: the
    score is the sum of those of the tests.
    """
    if result["schema"] != "classroom50/result/v1" or not result["submission"].startswith(
        "submit/"
    ):
        yield "schema or submission"
    for name in ("classroom", "assignment", "owner", "commit", "release", "review", "datetime"):
        if not isinstance(result.get(name), str) or not result[name]:
            yield name
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", result["datetime"]):
        yield "datetime"
    if result["assignment_type"] not in ("individual", "group", "team"):
        yield "assignment_type"
    for each in (result, *result["tests"]):
        score, most = each["score"], each["max-score"]
        if type(score) is not int or type(most) is not int or not 0 <= score <= most:
            yield f"{score} of {most}"
    for each in result["tests"]:
        if not each["test-name"] or type(each["passed"]) is not bool:
            yield each["test-name"]
    for name in ("score", "max-score"):
        if result[name] != sum(each[name] for each in result["tests"]):
            yield f"{name} is no sum"


def result_of(made: dict[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(classroom50(made, RUNNER))
    assert list(complaints(result)) == []
    return result


def test_the_rules_of_the_runner_are_kept():
    result = result_of(document())
    assert (result["score"], result["max-score"]) == (5, 25)
    assert [each["passed"] for each in result["tests"]] == [True, False, False, False, False]
    assert (result["classroom"], result["review"]) == ("jarkom", "https://example.org/v")


@pytest.mark.parametrize(
    ("points", "expected"),
    [([2.0, 3.0], (5, 5)), ([2.5, 3.0], (55, 55)), ([0.1, 0.25], (35, 35)), ([1 / 3], (333, 333))],
)
def test_fractions_of_points_become_whole_numbers(points: list[float], expected: tuple[int, int]):
    result = result_of(document(*(row("start.a", "passed", each) for each in points)))
    assert (result["score"], result["max-score"]) == expected


def test_a_variable_that_the_runner_sets_is_asked_for():
    with pytest.raises(MissingVariable, match="RELEASE_URL"):
        classroom50(document(), {name: RUNNER[name] for name in RUNNER if name != "RELEASE_URL"})


def test_only_what_came_to_its_end_without_trouble_is_final():
    good = document(row("start.a", "passed"), row("start.b", "failed"))
    assert is_final(good)
    assert not is_final(good | {"state": "running"})
    assert not is_final(document())


def test_the_validator_finds_what_is_wrong():
    result = result_of(document())
    for change in ({"score": 4.5}, {"score": True}, {"submission": "x"}, {"score": 4}):
        assert list(complaints(result | change))
