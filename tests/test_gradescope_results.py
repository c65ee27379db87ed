"""The results are what Gradescope's specification allows."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from harness.classroom.problems import PROBLEMS
from harness.exports.gradescope_results import gradescope, without_grade
from tests.exported import document, row

# gradescope/autograder_samples, docs/specs.md: "Output format" and the sections below it.
TOP = {
    "score", "execution_time", "output", "output_format", "test_output_format", "test_name_format",
    "visibility", "stdout_visibility", "extra_data", "tests", "leaderboard",
}  # fmt: skip
TEST = {
    "score", "max_score", "status", "name", "name_format", "number", "output", "output_format",
    "tags", "visibility", "extra_data",
}  # fmt: skip
VISIBLE = ("hidden", "after_due_date", "after_published", "visible")
FORMATTED = ("text", "html", "simple_format", "md", "ansi")


def complaints(results: dict[str, Any]) -> Iterator[str]:
    """What the specification does not allow; and what would hide the total from students."""
    tests = results["tests"]
    yield from sorted(results.keys() - TOP)
    for each in (results, *tests):
        if not all(type(each[name]) in (int, float) for name in ("score",) if name in each):
            yield "a score is no number"
        if any(each[name] not in FORMATTED for name in each if name.endswith("_format")):
            yield "format"
        if any(each[name] not in VISIBLE for name in each if name.endswith("visibility")):
            yield "visibility"
        if "\r" in each.get("output", "") or "\0" in each.get("output", ""):
            yield "Unix line endings, and nothing that a database refuses"
    for each in tests:
        yield from sorted(each.keys() - TEST)
        if each.get("status", "passed") not in ("passed", "failed"):
            yield "status"
    if "score" not in results and not all("score" in each for each in tests):
        yield "no score"
    if "hidden" in (results.get("visibility"), *(each.get("visibility") for each in tests)):
        yield "the total is hidden"


def results_of(text: str) -> dict[str, Any]:
    results: dict[str, Any] = json.loads(text)
    assert list(complaints(results)) == []
    return results


def test_the_specification_is_kept_with_every_outcome_and_any_text():
    results = results_of(gradescope(document(), "en"))
    assert [each.get("status") for each in results["tests"]] == [
        "passed", "failed", None, None, None, None,
    ]  # fmt: skip
    assert [each["score"] for each in results["tests"]] == [5, 0, 0, 0, 0, 0]
    assert "1 checks are not decided" in results["output"]
    assert results["tests"][1]["output"].startswith("exactly one\n\ufffd\ufffd[31m]]><b>&")


def test_nothing_that_was_printed_becomes_html():
    results = results_of(gradescope(document(), "en"))
    assert {results[name] for name in results if name.endswith("_format")} == {"text"}
    assert results["stdout_visibility"] == "hidden"


def test_what_could_not_be_run_here_takes_nothing_from_the_grade():
    made = document(row("start.a", "passed", 60.0), row("start.b", "not_run", 40.0))
    results = results_of(gradescope(made, "en"))
    assert results["score"] == 100
    assert "60 points could be reached" in results["output"]
    assert results_of(gradescope(document(row("start.b", "not_run")), "en"))["score"] == 0


def test_a_part_says_that_it_is_one():
    made = document(row("start.a", "passed"), row("start.b", None), state="running")
    results = results_of(gradescope(made, "en"))
    assert results["score"] == 50
    assert results["output"].startswith("1 of 2 checks are done.")
    assert results["tests"][1]["output"] == "Not judged yet."


@pytest.mark.parametrize("lang", ["id", "en"])
def test_without_a_grade_there_is_a_sentence(lang: Any):
    facts = {"count": "2", "program": "server.py", "found": "a\0.rar"}
    for key in ("begun", "could not", "two_programs", "other_archive"):
        results = results_of(without_grade(key, facts, lang))
        assert results["score"] == 0
        assert len(results["output"]) > 30


def test_each_problem_of_a_submission_has_one():
    # Those that `lay_out` gives; the others are of a class.
    for key in ("two_programs", "other_archive", "broken_zip", "no_programs", "nothing"):
        assert key in PROBLEMS
        facts = {"count": "2", "program": "server.py", "found": "x"}
        results_of(without_grade(key, facts, "en"))


def test_the_validator_finds_what_is_wrong():
    results = results_of(gradescope(document(), "en"))
    for change in ({"more": 1}, {"visibility": "hidden"}, {"output_format": "rtf"}, {"score": "1"}):
        assert list(complaints(results | change))
