"""`python -m harness blame`: its programs have one fault each; right and wrong are counted."""

import ast
from pathlib import Path

import pytest

from harness.contract.rubric import load
from harness.contract.todos import function_nodes
from harness.grading.judge import REPO
from tests.proof import blame
from tests.proof.blame import Blamed, conclusion, is_good
from tests.proof.blame_cases import OTHER_HAND, BlameCase, blame_cases

RUBRIC = load()
CASES = list(blame_cases(REPO, RUBRIC))


def functions(path: Path) -> dict[str, str]:
    """The body of each function that is in no other, without its place."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        name: "".join(map(ast.dump, node.body))
        for name, node in function_nodes(tree)
        if "<" not in name
    }


def test_there_are_programs_of_every_kind():
    both = {case.chaff.name for case in CASES if case.number}
    assert len(both) >= 30
    assert len([case for case in CASES if case.rest == OTHER_HAND]) == len(both)
    assert {case.number for case in CASES} >= {0, *range(1, 14)}


@pytest.mark.parametrize("name", ["limit-19", "reason-not-shown"])
def test_a_program_of_another_hand_differs_from_it_in_one_function(tmp_path: Path, name: str):
    (case,) = [c for c in CASES if c.chaff.name == name and c.rest == OTHER_HAND]
    case.write(REPO, tmp_path / "made")
    made = functions(tmp_path / "made" / case.chaff.file)
    whole = functions(REPO / OTHER_HAND / case.chaff.file)
    assert {key for key in whole if whole[key] != made[key]} == {case.function}
    # No TODO of the other hand is written like the reference's.
    reference = functions(REPO / case.chaff.base / case.chaff.file)
    todos = [todo.function for todo in RUBRIC.todos if todo.file == case.chaff.file]
    assert not [function for function in todos if whole[function] == reference[function]]


def row(number: int, **found: tuple[int, ...]) -> Blamed:
    case = BlameCase(CASES[0].chaff, number, "f", OTHER_HAND)
    return Blamed(case, found, 1.0, 1.0)


def test_right_is_only_the_one_todo_alone():
    mixed = row(3, a=(3,), b=(3, 4), c=(4,), d=())
    assert (mixed.right, mixed.silent, mixed.wrong) == (1, 1, 2)
    elsewhere = row(0, a=(), b=(3,))
    assert (elsewhere.right, elsewhere.silent, elsewhere.wrong) == (0, 1, 1)
    assert conclusion([mixed, elsewhere]) == [
        "1 programs with one TODO at fault, 4 failed checks: "
        "1 right, 1 left to the rubric, 2 wrong.",
        "1 programs with the fault elsewhere, 2 failed checks: "
        "0 right, 1 left to the rubric, 1 wrong.",
    ]


def test_enough_must_be_right_and_nothing_wrong():
    right = [row(3, a=(3,))] * 19
    assert is_good([*right, row(3, a=()), row(0, a=())])
    assert not is_good([*right, row(3, a=()), row(3, a=())])
    assert not is_good([*right, row(0, a=(1,))])


def test_a_name_that_no_program_has_is_refused(capsys: pytest.CaptureFixture[str]):
    assert blame.main(["nobody"]) == blame.MISUSED
    assert capsys.readouterr().err == "no chaff on the skeleton is called nobody\n"
    assert blame.main(["--seed", "x"]) == blame.MISUSED


def test_one_program_is_looked_at(capsys: pytest.CaptureFixture[str]):
    assert blame.main(["colon-allowed in other_hand"]) == blame.GOOD
    said = capsys.readouterr().out
    assert "colon-allowed in other_hand" in said and "nickname.invalid 5 (" in said
    assert "1 failed checks: 1 right, 0 left to the rubric, 0 wrong." in said
