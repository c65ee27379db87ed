"""`show CHECK`: one story as a readable play, with the student's program."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from harness import show
from harness.command_line import Misuse
from harness.contract.rubric import LANGUAGES, load
from harness.contract.symptoms import Failure, Symptom
from harness.grading import last_run
from harness.grading.judge import REFERENCE, REPO
from harness.grading.results import Outcome, Verdict
from harness.grading.submission import digests
from tests.proof.chaff import load as load_chaff

RUBRIC = load()
CHAFF = {chaff.name: chaff for chaff in load_chaff(REPO, RUBRIC.checks)}


@pytest.fixture
def submission(tmp_path: Path) -> Path:
    return Path(shutil.copytree(REFERENCE, tmp_path / "submission"))


def played(capsys: pytest.CaptureFixture[str], *words: str, lang: str = "en") -> tuple[int, str]:
    status = show.main(words, lang)
    captured = capsys.readouterr()
    return status, captured.out + captured.err


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_story_that_goes_well_is_told_step_by_step(
    submission: Path, lang: str, capsys: pytest.CaptureFixture[str]
):
    words = ("broadcast.not_to_sender", f"--submission={submission}", "--seed=7")
    status, said = played(capsys, *words, lang=lang)
    assert status == show.PASSED
    rows = said.splitlines()
    assert rows[0].startswith("broadcast.not_to_sender. ")
    assert any("<- server.py  'NICK'" in row for row in rows)
    assert rows[-1].startswith({"id": "LULUS", "en": "PASSED"}[lang])


def test_what_went_wrong_is_marked_in_its_place_and_told_at_the_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    CHAFF["sender-compared-by-name-object"].write(REPO, tmp_path / "made")
    words = ("broadcast.not_to_sender", f"--submission={tmp_path / 'made'}", "--seed=7")
    status, said = played(capsys, *words)
    assert status == show.FAILED
    marked = [row for row in said.splitlines() if ">>> " in row]
    assert marked and all("SHOULD NOT HAVE COME" in row for row in marked)
    assert "\nFAILED: " in said
    assert "\n  expected: " in said and "\n  seen: " in said


def test_what_these_files_failed_before_counts_here_too(
    submission: Path, capsys: pytest.CaptureFixture[str]
):
    memory = last_run.memory_of(submission)
    failed = Verdict("disconnect.leave", Outcome.FAILED, Failure("server.py", Symptom.SPINS))
    last_run.keep(memory, {}, {failed.check: failed}, files=last_run.mark_of(digests(submission)))
    words = ("disconnect.threads_freed", f"--submission={submission}", "--seed=7")
    status, said = played(capsys, *words)
    shutil.rmtree(memory)
    assert status == show.PASSED
    assert said.rstrip().endswith("because of disconnect.leave")


def test_a_race_is_played_as_the_lines_of_the_threads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    CHAFF["list-made-anew-without-the-lock"].write(REPO, tmp_path / "made")
    words = ("exploration.schedules", f"--submission={tmp_path / 'made'}", "--seed=1")
    status, said = played(capsys, *words)
    assert status == show.FAILED
    assert "This is how the threads of your server went:" in said
    assert said.count("thread ") > 3


def test_the_nearest_checks_are_named_where_there_is_none(capsys: pytest.CaptureFixture[str]):
    status, said = played(capsys, "nickname.uniqe")
    assert status == 4
    assert said.startswith("No check is called 'nickname.uniqe'; near it are: nickname.unique")


def test_a_part_of_a_name_will_do_where_it_is_plain_what_is_meant():
    assert show.check_called(RUBRIC, "uniq", "en").id == "nickname.unique"
    with pytest.raises(Misuse, match=r"broadcast\.log"):
        show.check_called(RUBRIC, "log", "en")


@pytest.mark.parametrize("value", ["slow", "-1", "61", "nan"])
def test_a_pace_that_is_no_time_is_refused(value: str, capsys: pytest.CaptureFixture[str]):
    status, said = played(capsys, "start.banner", f"--pace={value}")
    assert status == 4
    assert said.startswith(f"--pace '{value}' is no number of seconds")


def test_a_missing_folder_is_one_sentence(capsys: pytest.CaptureFixture[str]):
    status, said = played(capsys, "start.banner", "--submission=/nowhere/at/all")
    assert status == 4
    assert said.count("\n") == 1 and "/nowhere/at/all" in said
