"""Where a run writes its results and its page, and what it says when it cannot."""

from pathlib import Path

import pytest

from harness.grading.telling import Unfit
from harness.run_files import ResultsLost, RunFiles


def test_a_relative_path_is_the_callers_wherever_the_run_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    here, elsewhere = tmp_path / "here", tmp_path / "elsewhere"
    here.mkdir()
    elsewhere.mkdir()
    monkeypatch.chdir(here)
    files = RunFiles("results.json", None, "id")
    monkeypatch.chdir(elsewhere)
    files.write_results({"seed": 1})
    assert [path.name for path in here.iterdir()] == ["results.json"]
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("lang", ["id", "en"])
def test_what_cannot_be_written_is_told_with_the_path_as_it_was_given(tmp_path: Path, lang):
    given = str(tmp_path / "gone" / "results.json")
    with pytest.raises(ResultsLost) as told:
        RunFiles(given, None, lang).write_results({})
    assert f"'{given}'" in str(told.value)


def test_a_full_disk_is_no_fault_of_the_path():
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    with pytest.raises(Unfit):
        RunFiles("/dev/full", None, "id").write_results({})


def test_what_is_not_wanted_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    RunFiles(None, None, "id").write_results({})
    assert list(tmp_path.iterdir()) == []
