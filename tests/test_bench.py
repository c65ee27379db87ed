"""The benchmark measures, says what it measured, and measures nothing where a check was lost."""

import re
from pathlib import Path

import pytest

from harness.contract.rubric import load
from tests.proof import bench, save_to_verdict

RUBRIC = load()
SERVER_GROUPS = ("start", "nickname", "broadcast", "concurrency", "disconnect")


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Only two stories, so that a round is short."""
    told = {name: bench.stories(RUBRIC)[name] for name in ("start.banner", "nickname.request")}
    monkeypatch.setattr(bench, "stories", lambda rubric: told)
    times = save_to_verdict.SaveTimes([0.5, 0.3, 0.9], [0.7])
    monkeypatch.setattr(save_to_verdict, "measure", lambda count: times)
    return list(told)


def test_the_stories_are_those_of_the_server_in_the_rubrics_order():
    expected = [check.id for check in RUBRIC if check.group in SERVER_GROUPS]
    assert list(bench.stories(RUBRIC)) == expected
    assert len(expected) == 35


def test_a_round_is_measured(few: list[str], capsys: pytest.CaptureFixture[str]):
    assert bench.main(["1"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("2 checks, 4 process starts, 1 rounds")
    figures = [float(text) for text in re.findall(r"(\d+\.\d+)(?: ms)?$", said, re.MULTILINE)]
    assert len(figures) == 3
    assert all(figure > 0 for figure in figures)


def test_a_reference_that_loses_a_check_is_no_measure(
    few: list[str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
):
    (tmp_path / "server.py").write_text("raise SystemExit(1)")
    monkeypatch.setattr(bench, "REFERENCE", tmp_path)
    assert bench.main(["1"]) == 1
    assert "the reference lost start.banner, nickname.request" in capsys.readouterr().out


def test_what_a_save_costs_is_published_beside_it(
    few: list[str], capsys: pytest.CaptureFixture[str]
):
    assert bench.main(["1"]) == 0
    said = capsys.readouterr().out
    assert "save to verdict, mended    500.0 ms (median of 3 saves, the longest 900 ms)" in said


def test_a_fault_without_a_verdict_is_named(monkeypatch: pytest.MonkeyPatch):
    def says_nothing(self: save_to_verdict.WatchProcess, text: str, bound: float = 0.0) -> str:
        raise save_to_verdict.NothingSaid("")

    monkeypatch.setattr(save_to_verdict.WatchProcess, "tells", says_nothing)
    times = save_to_verdict.measure(1)
    (name,) = times.lost
    assert times.lines() == [f"no verdict in time for   {name}"]


def test_a_save_is_measured_from_its_file_to_the_verdict():
    times = save_to_verdict.measure(1, is_whole=False)
    assert len(times.mended) == len(times.broken) == 1
    assert 0.05 < times.mended[0] < save_to_verdict.BOUND


def test_the_faults_that_are_saved_are_of_both_programs():
    files = {each.file for each in save_to_verdict.some_chaff(10)}
    assert files == {"server.py", "client.py"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["0"], "ROUNDS is a number, 1 or more"),
        (["-1"], "ROUNDS is a number, 1 or more"),
        (["many"], "ROUNDS is a number, 1 or more"),
        (["class", "--count", "x"], "'x' is no number: --count N"),
        (["1", "2"], "The option '2' is not known here"),
    ],
)
def test_a_wrong_command_line_is_told(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
):
    assert bench.main(arguments) == 4
    assert said in capsys.readouterr().err
