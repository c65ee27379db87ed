"""Two gradings compared: `diff` for a class, `verify` for one grade."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from harness import diff, grade, verify
from harness.classroom.one import RESULTS
from harness.classroom.overrides import OVERRIDES
from harness.command_line import Misuse
from harness.compared import changes, is_results
from harness.grading.results_file import write


def results(**outcomes: str) -> dict[str, Any]:
    """A results document with a point for each check that passed."""
    rows = [
        {"id": name.replace("_", ".", 1), "outcome": outcome, "points": float(outcome == "passed")}
        for name, outcome in outcomes.items()
    ]
    for row in rows:
        row["seen"] = "" if row["outcome"] == "passed" else "two got\n  OK"
    score = sum(row["points"] for row in rows)
    return {"schema": "modul4-results/1", "state": "complete", "score": score, "checks": rows}


def test_what_differs_is_told_with_points_and_what_was_seen():
    before = results(nickname_race="passed", start_listens="passed", client_quit="failed")
    after = results(nickname_race="failed", start_listens="passed", client_quit="passed")
    told = [each.told("en") for each in changes(before, after)]
    assert told == [
        "nickname.race: passed -> failed (-1): two got OK",
        "client.quit: failed -> passed (+1); before: two got OK",
    ]
    assert changes(before, deepcopy(before)) == []


@pytest.mark.parametrize("document", [None, {}, {"schema": "x"}, {"schema": "modul4-results/1"}])
def test_what_is_no_results_document_is_not_taken_for_one(document: dict[str, Any] | None):
    assert not is_results(document)


def class_of(folder: Path, **documents: dict[str, Any]) -> Path:
    for name, document in documents.items():
        (folder / name).mkdir(parents=True)
        write(str(folder / name / RESULTS), document)
    return folder


def test_a_class_is_compared_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    good, bad = results(nickname_race="passed"), results(nickname_race="failed")
    before = class_of(tmp_path / "before", ani=good, budi=good, citra=bad)
    after = class_of(tmp_path / "after", ani=good, budi=bad, dewi=good)
    assert diff.main([str(before), str(after)], "en") == diff.CHANGED
    assert capsys.readouterr().out.splitlines() == [
        "budi: 1 -> 0",
        "  nickname.race: passed -> failed (-1): two got OK",
        f"citra: has a grade only in {before}",
        f"dewi: has a grade only in {after}",
        "3 of 4 changed.",
    ]
    assert diff.main([str(before), str(before)], "en") == diff.SAME


def test_what_was_not_reached_is_said_once():
    before, after = results(nickname_race="inconclusive"), results(nickname_race="not_reached")
    after["checks"][0]["seen"] = "not reached: mend start.listens first"
    assert [each.told("en") for each in changes(before, after)] == [
        "nickname.race: not decided -> not reached: mend start.listens first"
    ]


def test_a_grade_changed_by_hand_is_not_compared_and_that_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    both = [class_of(tmp_path / name, ani=results(nickname_race="failed")) for name in "ab"]
    (both[1] / OVERRIDES).write_text("ani,nickname.race,1\n")
    assert diff.main([str(folder) for folder in both], "en") == diff.SAME
    assert capsys.readouterr().out.splitlines() == [
        "Compared is what the grader gave; the changes in overrides.csv are not.",
        "0 of 1 changed.",
    ]


def test_what_is_no_class_is_told(tmp_path: Path):
    with pytest.raises(Misuse, match="no result of `grade`"):
        diff.main([str(tmp_path), str(tmp_path)], "en")


@pytest.fixture
def ani(tmp_path: Path) -> Path:
    """A graded submission that is graded fast: it cannot start."""
    (tmp_path / "class" / "ani").mkdir(parents=True)
    (tmp_path / "class" / "ani" / "server.py").write_text("def f(:\n")
    grade.main(
        [str(tmp_path / "class"), "--out", str(tmp_path / "out"), "--isolation", "process"], "en"
    )
    return tmp_path / "out" / "ani"


def test_a_grade_that_stands(ani: Path, capsys: pytest.CaptureFixture[str]):
    capsys.readouterr()
    assert verify.main([str(ani / RESULTS), str(ani / "submission")], "en") == verify.STANDS
    assert capsys.readouterr().out == "The grade stands: 0 of 100.\n"


def test_a_grade_that_does_not(ani: Path, capsys: pytest.CaptureFixture[str]):
    document = json.loads((ani / RESULTS).read_text())
    row = next(each for each in document["checks"] if each["id"] == "start.listens")
    row["outcome"], row["points"], document["score"] = "passed", 2.0, 2.0
    document["kit"] = "0.1"
    write(str(ani / RESULTS), document)
    capsys.readouterr()
    assert verify.main([str(ani / RESULTS), str(ani / "submission")], "en") == verify.CHANGED
    first, second, third = capsys.readouterr().out.splitlines()
    assert first.startswith("Note: it was graded with version 0.1")
    assert second == "The grade is another one: 2 then, 0 now."
    assert third.startswith("  start.listens: passed -> failed (-2): ")


def test_other_files_are_not_verified(ani: Path, tmp_path: Path):
    (tmp_path / "class" / "ani" / "server.py").write_text("def g(:\n")
    with pytest.raises(Misuse, match=r"files differ from those that were graded: server\.py"):
        verify.main([str(ani / RESULTS), str(tmp_path / "class" / "ani")], "en")


def test_broken_results_are_not_verified(ani: Path):
    (ani / RESULTS).write_text('{"schema": "modul4-res')
    with pytest.raises(Misuse, match="no whole results file"):
        verify.main([str(ani / RESULTS), str(ani / "submission")], "en")
