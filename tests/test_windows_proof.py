"""The proof on Windows: what is graded there, what is explained, and what is said without wine."""

import os
import sys
from pathlib import Path

import pytest

from harness.contract.rubric import load
from harness.grading.judge import REPO
from tests.proof.cases import EXPLORATION, Case
from tests.proof.grade_case import Seen
from tests.proof.windows import windows_proof, wine, wine_faults
from tests.proof.windows.windows_cases import CHAFF, RACY, WHEAT, WindowsProgram, programs
from tests.proof.windows.wine import NoWine, Wine

RUBRIC = load()
CASE = Case("one", "server.py", "one", must=frozenset(("nickname.unique",)))


def names(is_short: bool) -> set[str]:
    return {each.case.name for each in programs(REPO, RUBRIC, is_short)}


def test_every_program_that_is_named_is_graded():
    assert names(is_short=False) == {"solutions/1.contoh", *WHEAT, *CHAFF, *RACY}
    assert len(WHEAT) == len(CHAFF) == 4
    assert len(RACY) == 2


def test_the_short_form_grades_the_reference_and_one_chaff():
    assert names(is_short=True) == {"solutions/1.contoh", CHAFF[0]}


def test_the_short_form_explores_nothing_and_the_long_one_the_correct_servers_and_the_races():
    short, long = (programs(REPO, RUBRIC, is_short) for is_short in (True, False))
    assert not any(EXPLORATION in each.groups for each in short)
    explored = {each.case.name for each in long if EXPLORATION in each.groups}
    assert explored == {"solutions/1.contoh", *WHEAT[:-1], *RACY}


def test_of_its_chaff_the_short_form_asks_what_it_must_fail():
    chaff = programs(REPO, RUBRIC, is_short=True)[-1]
    assert {check.partition(".")[0] for check in chaff.case.must} <= set(chaff.groups)
    assert len(chaff.groups) < len(chaff.case.groups)


def test_every_program_can_be_written(tmp_path: Path):
    for number, each in enumerate(programs(REPO, RUBRIC, is_short=False)):
        each.write(tmp_path / str(number))
        assert (tmp_path / str(number) / each.case.file).is_file()


def test_only_checks_that_exist_are_explained_and_only_where_they_were_not_run():
    assert set(wine_faults.NOT_RUN) <= set(RUBRIC.checks)
    assert wine_faults.explained("client.screen", "not_run")
    assert not wine_faults.explained("client.screen", "failed")
    assert not wine_faults.explained("nickname.unique", "not_run")


def test_what_wine_is_to_blame_for_is_said_and_all_else_is_a_difference(
    capsys: pytest.CaptureFixture[str],
):
    outcomes = {
        "nickname.unique": "passed",
        "start.listens": "failed",
        "start.banner": "not_run",
        "disconnect.no_spin": "not_run",
    }
    seen = Seen(outcomes, dict.fromkeys(outcomes, "this | that"), 1.0)
    found = list(windows_proof._differences(WindowsProgram(CASE, lambda folder: None, ()), seen))
    said = capsys.readouterr().out
    assert "disconnect.no_spin: not_run, as wine" in said
    assert [each.split(":")[1].split(",")[0].strip() for each in found] == [
        "fails start.listens",
        "does not fail nickname.unique",
        "start.banner was not judged here (not_run)",
    ]


@pytest.mark.parametrize(("words", "status"), [(["--short"], 0), ([], 3)])
def test_without_wine_one_line_says_why(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    status: int,
):
    monkeypatch.setattr(wine.shutil, "which", lambda name: None)
    assert windows_proof.main(words) == status
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert "wine is not installed, and there is no apt-get" in said


@pytest.mark.skipif(os.name != "posix", reason="a script stands for apt-get")
def test_the_last_word_of_apt_get_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    apt = tmp_path / "apt-get"
    apt.write_text("#!/bin/sh\necho E: no such package\nexit 100\n")
    apt.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/bin")
    found = {"apt-get": str(apt)}
    monkeypatch.setattr(wine.shutil, "which", found.get)
    with pytest.raises(NoWine, match="E: no such package"):
        wine.install()


@pytest.mark.skipif(os.name != "posix", reason="a script stands for wine")
def test_a_program_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    machine = Wine(tmp_path / "machine")
    begun: list[str] = []
    monkeypatch.setattr(Wine, "begins", lambda self: begun.append("begins"))
    monkeypatch.setattr(Wine, "ends", lambda self: begun.append("ends"))
    waits = [
        sys.executable,
        "-c",
        "import time; print('halo', flush=True); time.sleep(99)",
    ]
    ran = machine._run(waits, tmp_path, 1.0, {})
    assert (ran.status, ran.said, begun) == (None, "halo\n", ["ends", "begins"])


def test_a_file_on_the_disk_has_its_name_there(tmp_path: Path):
    machine = Wine(tmp_path)
    assert machine.path(machine.disk / "Dwi Ayu" / "a.json") == "C:\\Dwi Ayu\\a.json"


def test_the_grader_s_settings_do_not_reach_the_programs_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("MODUL4_LANG", "en")
    monkeypatch.setenv("PYTEST_ADDOPTS", "-x")
    show = [sys.executable, "-c", "import os; print(sorted(os.environ))"]
    said = Wine(tmp_path)._run(show, tmp_path, 60, {}).said
    assert "WINEPREFIX" in said
    assert "MODUL4_LANG" not in said
    assert "PYTEST_ADDOPTS" not in said
