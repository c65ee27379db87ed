"""What a run remembers of the one before, for "since last time" and for the next hint."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from harness.contract import hints
from harness.contract.rubric import load
from harness.contract.symptoms import Failure, Symptom
from harness.grading import last_run
from harness.grading.last_run import (
    FILE,
    Remembered,
    keep,
    keep_all,
    mark_of,
    recall,
    recall_all,
)
from harness.grading.past_run import PastRun
from harness.grading.results import Outcome, Verdict

PASSED = {"start.banner": Verdict("start.banner", Outcome.PASSED)}


def failed(symptom: Symptom = Symptom.NO_BANNER, todo: int = 0) -> dict[str, Verdict]:
    failure = Failure("server.py", symptom, {"todo": todo} if todo else {})
    return {"start.banner": Verdict("start.banner", Outcome.FAILED, failure)}


def test_a_run_remembers_what_the_last_one_judged(tmp_path: Path):
    keep(tmp_path / "new", {}, PASSED)
    assert recall(tmp_path / "new") == {"start.banner": "passed"}


def test_a_run_of_some_checks_leaves_the_others_as_they_were(tmp_path: Path):
    keep(tmp_path, {"start.banner": "failed", "start.restart": "passed"}, PASSED)
    assert recall(tmp_path) == {"start.banner": "passed", "start.restart": "passed"}


def test_it_remembers_how_a_check_failed(tmp_path: Path):
    keep(tmp_path, {}, failed(Symptom.TODO_OPEN, 3))
    assert recall_all(tmp_path)["start.banner"] == Remembered("failed", "todo_open", 3)
    verdict = recall_all(tmp_path)["start.banner"].as_verdict("start.banner")
    assert verdict is not None
    assert verdict.open_todo == 3


def test_it_remembers_what_passed_though_not_all_of_it_was_tried(tmp_path: Path):
    in_part = Verdict("start.restart", Outcome.PASSED, reason="one way was left out")
    keep(tmp_path, {}, PASSED | {"start.restart": in_part})
    assert PastRun(tmp_path).in_part == {"start.restart"}


def test_it_remembers_how_threads_met_for_the_hints(tmp_path: Path):
    met = Failure("server.py", Symptom.SCHEDULE_BREAKS, {"seen": {}, "met": "hurried"})
    keep(tmp_path, {}, {"start.banner": Verdict("start.banner", Outcome.FAILED, met)})
    verdict = recall_all(tmp_path)["start.banner"].as_verdict("start.banner")
    assert verdict is not None and verdict.failure is not None
    check = load().checks["disconnect.mid_broadcast"]
    assert hints.of_failure(check, verdict.failure, "en") == hints.of_failure(check, met, "en")
    assert hints.of_failure(check, met, "en") != hints.steps(check, met.symptom, "en")


def test_it_remembers_which_files_were_judged(tmp_path: Path):
    files = mark_of({"server.py": "1"})
    keep(tmp_path, {}, failed(), files=files)
    assert recall_all(tmp_path)["start.banner"].files == files != mark_of({"server.py": "2"})
    # What was not judged again is still about the files of then.
    keep(tmp_path, recall(tmp_path), {}, files=mark_of({"server.py": "2"}))
    assert recall_all(tmp_path)["start.banner"].files == files


def test_it_remembers_what_a_check_waits_for(tmp_path: Path):
    waiting = Verdict("start.banner", Outcome.NOT_REACHED, waits_for="start.listens")
    keep(tmp_path, {}, {"start.banner": waiting})
    assert recall_all(tmp_path)["start.banner"].waits_for == "start.listens"


def test_it_remembers_the_todos_that_are_to_blame(tmp_path: Path):
    (verdict,) = failed().values()
    keep(tmp_path, {}, {"start.banner": replace(verdict, blamed=(3, 9), suspected=(4,))})
    remembered = recall_all(tmp_path)["start.banner"].as_verdict("start.banner")
    assert remembered is not None
    assert remembered.blamed == (3, 9)
    assert remembered.suspected == (4,)


def test_the_hints_shown_are_counted_on_while_the_symptom_stays(tmp_path: Path):
    keep(tmp_path, {}, failed())
    keep_all(tmp_path, {"start.banner": Remembered("failed", "no_banner", hints=2)})
    keep(tmp_path, recall(tmp_path), failed(), shown="start.banner")
    assert recall_all(tmp_path)["start.banner"].hints == 2


@pytest.mark.parametrize(
    "now", [PASSED, failed(Symptom.NEVER_LISTENS), failed(Symptom.TODO_OPEN, 4)]
)
def test_the_count_starts_anew_when_the_symptom_changes_or_it_passes(
    tmp_path: Path, now: dict[str, Verdict]
):
    keep_all(tmp_path, {"start.banner": Remembered("failed", "todo_open", 3, hints=2)})
    keep(tmp_path, recall(tmp_path), now)
    assert recall_all(tmp_path)["start.banner"].hints == 0


def test_what_the_report_has_shown_counts_as_the_first_hint(tmp_path: Path):
    keep(tmp_path, {}, failed(), shown="start.banner")
    assert recall_all(tmp_path)["start.banner"].hints == 1


@pytest.mark.parametrize("text", ["", "[]", "nonsense", '{"a": 1', "[" * 100_000])
def test_a_broken_memory_is_no_memory(tmp_path: Path, text: str):
    (tmp_path / FILE).write_text(text)
    assert recall(tmp_path) == {}


def test_a_memory_of_an_older_version_is_read(tmp_path: Path):
    (tmp_path / FILE).write_text('{"start.banner": "failed"}')
    assert recall(tmp_path) == {"start.banner": "failed"}


def test_values_of_another_kind_are_left_out(tmp_path: Path):
    row = {
        "outcome": "failed",
        "symptom": 3,
        "hints": "x",
        "todo": True,
        "more": 1,
        "blamed": ["x"],
    }
    (tmp_path / FILE).write_text(json.dumps({"start.banner": row, "x": {}, "y": None}))
    known = recall_all(tmp_path)
    assert known["start.banner"] == Remembered("failed")
    assert known["x"].as_verdict("x") is None
    assert known["y"].as_verdict("y") is None


def test_without_a_memory_nothing_is_kept(tmp_path: Path):
    keep(None, {}, PASSED)
    assert recall(None) == {}
    (tmp_path / "file").write_text("")
    keep(tmp_path / "file", {}, PASSED)  # cannot be a folder: nothing is lost by it
    assert recall(tmp_path / "file") == {}


def test_the_todos_that_are_not_done_are_remembered(tmp_path: Path):
    assert last_run.recall_todos(tmp_path) == frozenset()
    last_run.keep_todos(tmp_path, {9, 3})
    assert last_run.recall_todos(tmp_path) == {3, 9}
    (tmp_path / last_run.TODOS).write_text('["3", 4, null, true]', encoding="utf-8")
    assert last_run.recall_todos(tmp_path) == {4}
    (tmp_path / last_run.TODOS).write_text("{", encoding="utf-8")
    assert last_run.recall_todos(tmp_path) == frozenset()
    last_run.keep_todos(None, {1})
    assert last_run.recall_todos(None) == frozenset()
