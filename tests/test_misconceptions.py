"""The page of usual mistakes agrees with the chaff and the misconceptions that it is made from."""

from pathlib import Path

import pytest

from harness.contract.rubric import LANGUAGES
from harness.contract.rubric import load as load_rubric
from tests.proof import misconceptions
from tests.proof.chaff import load as load_chaff
from tests.proof.misconception_page import PAGE, UPDATE, page
from tests.proof.misconceptions import MisconceptionError
from tests.racy.faults import FAULTS
from tests.racy.ideas import IDEAS

ROOT = Path(__file__).resolve().parents[1]
RUBRIC = load_rubric()
CHAFF = load_chaff(ROOT, RUBRIC.checks)
KNOWN = misconceptions.load()


def test_a_misconception_that_chaff_share_has_its_words():
    shared = [each.idea for each in CHAFF if each.idea != each.name]
    assert set(shared) <= set(KNOWN)


def test_every_misconception_has_a_chaff():
    assert set(KNOWN) <= {each.idea for each in CHAFF} | set(IDEAS)


def test_the_misconceptions_of_racy_chaff_have_words_and_programs():
    assert set(IDEAS) <= set(KNOWN)
    assert {name for names in IDEAS.values() for name in names} <= set(FAULTS)


def test_no_check_stands_on_the_page_without_a_misconception():
    parts = page(RUBRIC, CHAFF, KNOWN).split("\n## ")[1:]
    assert any(part.startswith("exploration.schedules\n") for part in parts)
    assert [part.partition("\n")[0] for part in parts if "\n- " not in part] == []


def test_every_misconception_is_worded_in_both_languages():
    for each in KNOWN.values():
        assert all(each.says[lang].strip() for lang in LANGUAGES)


def test_the_page_is_what_chaff_and_misconceptions_say():
    assert (ROOT / PAGE).read_text(encoding="utf-8") == page(RUBRIC, CHAFF, KNOWN), UPDATE


def test_the_page_holds_no_code():
    assert "```" not in page(RUBRIC, CHAFF, KNOWN)


def test_a_misconception_is_told_in_full_once_and_pointed_to_after_that():
    text = page(RUBRIC, CHAFF, KNOWN)
    for each in KNOWN.values():
        assert " ".join(text.split()).count(f"*Tanyakan:* {each.asks}") == 1


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("x = 1", "x.toml: 'x' must be a table"),
        ('[x]\nid = "a"\nen = "b"\nsees = "c"', "misconception 'x': add asks"),
        ('[x]\nid = "a"\nen = " "\nsees = "c"\nasks = "d"', "misconception 'x': add en"),
        ('[x]\nwho = "a"', "misconception 'x': take out who"),
        ("[x", "x.toml:"),
    ],
)
def test_a_broken_row_is_refused_with_its_place(tmp_path: Path, text: str, complaint: str):
    path = tmp_path / "x.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(MisconceptionError, match=complaint):
        misconceptions.load(path)
