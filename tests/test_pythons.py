"""The kit on each Python of this machine: which are found, what is graded, what is printed."""

import json
import os
import sys
from pathlib import Path

import pytest

from harness.contract.rubric import load
from tests.proof import pythons
from tests.proof.pythons import OnePython


def test_what_is_no_python_or_too_old_is_left_out(tmp_path: Path):
    assert pythons.asked_of(str(tmp_path / "gone")) is None
    if os.name == "posix":
        old = tmp_path / "python3"
        old.write_text('#!/bin/sh\necho \'["/x", "3.9.1", true, [3, 9]]\'\n')
        old.chmod(0o755)
        assert pythons.asked_of(str(old)) is None


def test_an_environment_stands_for_the_python_that_it_is_made_with():
    found = pythons.asked_of(sys.executable)
    assert found is not None
    assert found.program == getattr(sys, "_base_executable", sys.executable)
    assert found.version == sys.version.split()[0]


def test_of_each_version_one_is_tried_with_and_without_the_gil():
    three = [OnePython(f"/{n}", v, g) for n, v, g in (
        (1, "3.13.0", True), (2, "3.9.1", True), (3, "3.13.0", False), (4, "3.13.0", True),
        (5, "3.12.10", True), (6, "3.12.9", True),
    )]  # fmt: skip
    assert [each.program for each in pythons.without_twins(three)] == [
        "/2", "/6", "/5", "/1", "/3",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("python3", True),
        ("python3.13", True),
        ("python3.14t", True),
        ("python3-config", False),
        ("python3.11-config", False),
        ("python", False),
    ],
)
def test_the_names_that_are_looked_for(name: str, is_one: bool):
    assert bool(pythons.NAMED.match(name)) is is_one


def test_each_program_can_be_written(tmp_path: Path):
    for each in pythons.trials(load()):
        each.write(tmp_path / each.name)
        assert (tmp_path / each.name / "server.py").is_file()


class PlayedCopy(pythons.KitCopy):
    """Grades nothing: ``outcomes`` are those of one check, a run after the other."""

    def __init__(self, folder: Path, outcomes: list[str]) -> None:
        super().__init__(OnePython(sys.executable, "3.99.1", False), folder)
        self.outcomes = outcomes
        self.score = 100.0

    def _run(self, within: float, *words: str) -> tuple[int | None, str]:
        if words[0] == "-c":
            return 0, ""
        if not self.outcomes:
            return 3, "the last words"
        row = {"id": "nickname.unique", "group": "nickname", "expected": "this", "seen": "that"}
        rows = [row | {"outcome": self.outcomes.pop(0)}]
        named = next(word for word in words if word.startswith("--results="))
        written = {"checks": rows, "duration_s": 1.0, "score": self.score}
        Path(named.partition("=")[2]).write_text(json.dumps(written), encoding="utf-8")
        return 0, ""


@pytest.fixture
def reference() -> pythons.GivenProgram:
    return pythons.trials(load())[0]


def test_the_score_is_told_and_what_was_not_run(tmp_path: Path, reference: pythons.GivenProgram):
    copy = PlayedCopy(tmp_path, ["not_run"])
    assert copy.grades(reference) == ("100", [], ["nickname.unique"])


def test_what_fails_differs(tmp_path: Path, reference: pythons.GivenProgram):
    copy = PlayedCopy(tmp_path, ["inconclusive", "failed"])
    _, told, _ = copy.grades(reference)
    assert len(told) == 1
    assert "fails nickname.unique" in told[0]
    assert copy.outcomes == []


def test_no_results_at_all_differ_with_the_last_words(
    tmp_path: Path, reference: pythons.GivenProgram
):
    _, told, _ = PlayedCopy(tmp_path, []).grades(reference)
    assert told == ["reference: status 3: the last words"]


def test_a_skeleton_with_points_differs(tmp_path: Path):
    copy = PlayedCopy(tmp_path, ["passed", "passed"])
    assert copy.grades_skeleton() == ("100", ["skeleton: 100 points, not 0"])
    copy.score = 0.0
    assert copy.grades_skeleton() == ("0", [])


@pytest.mark.parametrize(
    ("why", "status", "says"),
    [
        ("This Python lacks a complete venv module: ...", 0, "| has no venv |"),
        ("The package server cannot be reached", 1, "3.99.1: set-up: The package server"),
    ],
)
def test_a_python_that_cannot_be_set_up(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    why: str,
    status: int,
    says: str,
):
    monkeypatch.setattr(pythons.own_network, "enter", lambda: False)
    monkeypatch.setattr(pythons.KitCopy, "_run", lambda *_: (3, why))
    found = [OnePython(sys.executable, "3.99.1", True)]
    assert pythons._all_tried(found, tmp_path) == status
    assert says in capsys.readouterr().out


def test_only_what_a_grading_needs_is_copied(tmp_path: Path):
    copy = PlayedCopy(tmp_path, [])
    kit = tmp_path / "kit"
    assert sorted(each.name for each in kit.iterdir()) == sorted(pythons.COPIED)
    assert copy.sets_up() == ("0 s", "")
