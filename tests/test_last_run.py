"""What a run remembers of the one before, for "since last time"."""

from pathlib import Path

import pytest

from harness.grading.last_run import FILE, keep, recall
from harness.grading.results import Outcome, Verdict

PASSED = {"start.banner": Verdict("start.banner", Outcome.PASSED)}


def test_a_run_remembers_what_the_last_one_judged(tmp_path: Path):
    keep(tmp_path / "new", {}, PASSED)
    assert recall(tmp_path / "new") == {"start.banner": "passed"}


def test_a_run_of_some_checks_leaves_the_others_as_they_were(tmp_path: Path):
    keep(tmp_path, {"start.banner": "failed", "start.restart": "passed"}, PASSED)
    assert recall(tmp_path) == {"start.banner": "passed", "start.restart": "passed"}


@pytest.mark.parametrize("text", ["", "[]", "nonsense", '{"a": 1', "[" * 100_000])
def test_a_broken_memory_is_no_memory(tmp_path: Path, text: str):
    (tmp_path / FILE).write_text(text)
    assert recall(tmp_path) == {}


def test_without_a_memory_nothing_is_kept(tmp_path: Path):
    keep(None, {}, PASSED)
    assert recall(None) == {}
    (tmp_path / "file").write_text("")
    keep(tmp_path / "file", {}, PASSED)  # cannot be a folder: nothing is lost by it
    assert recall(tmp_path / "file") == {}
