"""Every class of fault that beginners' programs show has its chaff, or a reason why it has none."""

from pathlib import Path

import pytest

from harness.contract.rubric import load as load_rubric
from tests.proof.beginners import (
    PAGE,
    TABLE,
    BeginnersError,
    FaultClass,
    classes,
    main,
    missing,
    page,
)
from tests.proof.chaff import load
from tests.racy.faults import FAULTS

ROOT = Path(__file__).resolve().parents[1]
RUBRIC = load_rubric()
CHAFF = {each.name: each for each in load(ROOT, RUBRIC.checks)}
ROWS = classes(ROOT / TABLE)
# How many classes each part has.
COUNTED = {"A": 11, "B": 11, "C": 11, "D": 10, "K": 19}
GOOD = '[A1]\nwhat = "It spins."\nseen = "3 of 4"\nchaff = ["spins"]\n'


def test_the_table_has_every_class_that_was_counted():
    expected = [f"{part}{number + 1}" for part, last in COUNTED.items() for number in range(last)]
    assert [row.name for row in ROWS] == expected


def test_every_class_names_chaff_that_there_are():
    assert missing(ROWS, CHAFF, FAULTS) == []


def test_a_class_of_clients_names_a_client():
    for row in ROWS:
        if row.chaff:
            file = "client.py" if row.name.startswith("K") else "server.py"
            assert file in {CHAFF[name].file for name in row.chaff}, row.name


def test_the_page_is_what_the_table_says():
    text = (ROOT / PAGE).read_text(encoding="utf-8")
    assert text == page(RUBRIC, CHAFF.values(), ROWS), "run: python -m tests.proof.beginners"


def test_a_program_that_does_not_exist_is_named():
    row = FaultClass("A1", "It spins.", "3 of 4", ("spins",), ("races",), "")
    assert missing([row], ["spins"], ["races"]) == []
    assert missing([row], [], ["races"]) == [f"{TABLE}: class 'A1': no chaff is called 'spins'"]
    assert missing([row], ["spins"], []) == [f"{TABLE}: class 'A1': no racy is called 'races'"]


def test_a_class_is_a_row_with_its_programs_and_their_checks():
    seen = FaultClass("A1", "It spins.", "3 of 4", ("end-is-a-message",), ("removed_twice",), "")
    unseen = FaultClass("K1", "It is grey.", "1 of 4", (), (), "Grey is allowed.")
    lines = page(RUBRIC, CHAFF.values(), [seen, unseen]).splitlines()
    spins = "| A1 | It spins. | 3 of 4 | end-is-a-message, *removed-twice* | "
    checks = [*CHAFF["end-is-a-message"].fails, "exploration.schedules"]
    assert {f"`{check}`" for check in checks} == set(
        next(line for line in lines if line.startswith(spins))
        .removeprefix(spins)
        .removesuffix(" |")
        .split(", ")
    )
    assert "| K1 | It is grey. | 1 of 4 | none: Grey is allowed. | |" in lines


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (GOOD.replace("A1", "Z1"), "class 'Z1': its name must begin with one of A, B, C, D, K"),
        (GOOD + "colour = 1\n", "class 'A1': take out colour"),
        (GOOD.replace("3 of 4", " "), "class 'A1': add seen"),
        (GOOD.replace('["spins"]', '"spins"'), "class 'A1': chaff must be a list"),
        (GOOD.replace('["spins"]', "[]"), "class 'A1': give it chaff, or say why_not"),
        (GOOD + 'why_not = "No."\n', "class 'A1': give it chaff, or say why_not"),
        ("[A1\n", "some.toml: "),
    ],
)
def test_a_slip_in_the_table_is_told(tmp_path: Path, text: str, complaint: str):
    path = tmp_path / "some.toml"
    path.write_text(GOOD, encoding="utf-8")
    assert [row.name for row in classes(path)] == ["A1"]
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BeginnersError) as refused:
        classes(path)
    assert complaint in str(refused.value)


def test_it_takes_no_arguments(capsys: pytest.CaptureFixture[str]):
    assert main(["--all"]) == 4
    assert capsys.readouterr().err == "python -m tests.proof.beginners\n"
