"""The made class: what is in it, and that a reader by Moodle's rules notices what is wrong."""

import zipfile
from pathlib import Path

import pytest

from harness.classroom.handed_in import collected
from harness.classroom.programs import lay_out
from harness.contract.rubric import load
from tests.proof import whole_class
from tests.proof.attack_cases import Attack
from tests.proof.cases import all_cases
from tests.proof.made_class import BROKEN, HONEST, attacks_of, pupils, worksheet_of, write_class
from tests.proof.matrix import ROOT

CASES = all_cases(ROOT, load())


def test_a_class_has_programs_of_all_kinds_and_broken_files():
    some = pupils(ROOT, CASES, 60, seed=1)
    assert len({each.number for each in some}) == 60
    assert {each.problem for each in some if not each.is_program} == set(BROKEN)
    attacks = [each.attack for each in some if each.attack is not None]
    assert tuple(attacks[:2]) == HONEST
    assert len(set(map(id, attacks))) == 6
    kinds = {each.case.chaff is None for each in some if each.case is not None}
    assert kinds == {True, False}
    assert pupils(ROOT, CASES, 60, seed=1) == some


def test_it_is_written_as_moodle_writes_it(tmp_path: Path):
    some = pupils(ROOT, CASES, 10, seed=1)
    write_class(ROOT, some, tmp_path / "work", tmp_path / "class.zip")
    with zipfile.ZipFile(tmp_path / "class.zip") as archive:
        names = archive.namelist()
    assert {name.partition("/")[0] for name in names} == {each.folder for each in some}
    assert sum(name.endswith("/client.py") for name in names) == 9


def test_the_reader_of_the_worksheet_takes_what_moodle_takes():
    some = pupils(ROOT, CASES, 10, seed=1)
    text = worksheet_of(some)
    filled = text.replace(",,100.00", ",90.00,100.00")
    assert whole_class._sheet(some[:9], "\n".join(filled.splitlines()[:10]) + "\n") == []
    (only,) = whole_class._sheet(some, filled)
    assert only.startswith(f"{some[9].number}: grade in the worksheet: '90.00'")
    beyond = whole_class._sheet(some[:1], worksheet_of(some[:1]).replace(",,100", ",101,100"))
    assert "beyond the maximum" in beyond[0]
    other = whole_class._sheet(some[:1], worksheet_of(some[:1]).replace("Yes", "No"))
    assert "differs in ['Grade can be changed']" in other[0]


@pytest.mark.parametrize(
    ("name", "is_taken"),
    [
        ("Ani Wijaya_4100_assignsubmission_file/report.html", True),
        ("Ani Wijaya_4100_assignsubmission_file/.hidden", False),
        ("Ani_Wijaya_4100_assignsubmission_file/report.html", False),
        ("Ani Wijaya_x_assignsubmission_file/report.html", False),
    ],
)
def test_the_reader_of_the_feedback_goes_by_moodles_names(
    tmp_path: Path, name: str, is_taken: bool
):
    some = pupils(ROOT, CASES, 1, seed=1)
    with zipfile.ZipFile(tmp_path / "feedback.zip", "w") as archive:
        archive.writestr(name, "x")
    assert (whole_class._feedback(some, tmp_path / "feedback.zip") == []) is is_taken


def test_attacks_of_a_class_are_enough_for_two_hundred():
    assert len(attacks_of(ROOT)) >= 18


def test_what_an_attack_passes_and_its_honest_twin_does_not_is_named():
    attack = Attack("cheat", tries="It cheats.", base="server")
    outcomes = {"honest-server": {"a": "failed", "b": "passed", "c": "inconclusive"}}
    outcomes["cheat"] = {"a": "passed", "b": "passed", "c": "passed"}
    assert whole_class._unearned(attack, outcomes) == ["cheat passes a, and honest-server does not"]


def test_a_file_that_an_attack_left_behind_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(whole_class, "PLACES", (str(tmp_path),))
    assert whole_class._left_by_attacks() == []
    (tmp_path / "modul4-made-class.pid").write_text("")
    assert whole_class._left_by_attacks() == [str(tmp_path / "modul4-made-class.pid")]


def test_each_broken_submission_has_the_problem_that_it_must_have(tmp_path: Path):
    broken = [each for each in pupils(ROOT, CASES, 60, seed=1) if not each.is_program]
    (tmp_path / "work").mkdir()
    write_class(ROOT, broken, tmp_path / "made", tmp_path / "class.zip")
    found = {
        sent.number: sent.problem or lay_out(sent.folder, tmp_path / "laid" / sent.number)
        for sent in collected(tmp_path / "class.zip", tmp_path / "work")
    }
    told = {number: problem.key if problem else "" for number, problem in found.items()}
    assert told == {each.number: each.problem for each in broken}
