"""The report says by which rule a nickname should have been refused."""

from __future__ import annotations

import random

import pytest

from harness.contract.nickname_rules import IN_USE, why_odd, why_refused
from harness.contract.protocol import is_valid_nickname
from harness.record.draw import Draw


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "is empty"),
        ("a" * 21, "is longer than 20 characters"),
        ("*ani", "begins with '*'"),
        ("ani:", "has a ':' in it"),
        ("a b", "has a white space character in it"),
        ("a\u2003b", "has a white space character in it"),
        ("a\tb", "has a white space character in it"),
        ("wayan\x93x", "has a control character in it"),
        ("ani", "is in use"),
    ],
)
def test_the_rule_that_a_name_breaks(name: str, why: str):
    assert why_refused(name)["en"] == why


def test_every_invalid_name_of_a_story_breaks_a_rule_and_no_valid_one_does():
    for seed in range(50):
        draw = Draw(seed, "rules")
        for name in draw.invalid_nicknames():
            assert not is_valid_nickname(name)
            assert why_refused(name) is not IN_USE
        name = draw.name(str(random.Random(seed).random()))
        assert why_refused(name) is IN_USE


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("ani", None),
        ("Ani472", None),
        ("a", "1 characters long"),
        ("x" * 20, "20 characters long, and 1 to 20"),
        ("\u0416" * 20, "20 characters long, though 40 bytes"),
        ("te\u200dma", "U+200D is neither white space nor a control character"),
        ("\u0939\u0930", "letters of any script"),
        ("-ani*", "signs are allowed"),
        ("47", "digits alone"),
    ],
)
def test_what_is_unusual_about_a_valid_name(name: str, said: str | None):
    assert is_valid_nickname(name)
    odd = why_odd(name)
    assert odd is None if said is None else odd is not None and said in odd["en"]
