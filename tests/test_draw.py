"""What is drawn: the same from the same seed, never degenerate, and really what it is called."""

import unicodedata
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.contract import protocol
from harness.record.draw import SEPARATORS, Draw

seeds = st.integers(min_value=0, max_value=2**32)


def all_of(draw: Draw) -> list[object]:
    """Everything that can be drawn, in one order."""
    text = draw.wide_text()
    return [
        draw.name("ani"),
        draw.text("halo"),
        draw.texts(5),
        draw.reason("alasan"),
        text,
        draw.cuts_inside_characters(text),
        draw.long_text(1000),
        draw.disguised_texts("ani", "budi"),
        draw.valid_nicknames(),
        draw.invalid_nicknames(),
        draw.separated_texts(is_ascii=True),
        draw.pick("abcdefghijklmnopqrstuvwxyz"),
    ]


@given(seeds)
@settings(max_examples=30)
def test_one_seed_draws_the_same_again(seed: int):
    assert all_of(Draw(seed, "story")) == all_of(Draw(seed, "story"))


@given(seeds)
@settings(max_examples=30)
def test_another_seed_or_another_story_draws_otherwise(seed: int):
    assert all_of(Draw(seed, "story")) != all_of(Draw(seed + 1, "story"))
    assert all_of(Draw(seed, "story")) != all_of(Draw(seed, "other story"))


def test_a_role_stands_for_one_name_and_one_text():
    draw = Draw(1, "")
    assert draw.name("ani") == draw.name("ani") != draw.name("budi")
    assert draw.text("halo") == draw.text("halo") != draw.text("hai")


@given(seeds)
@settings(max_examples=30)
def test_a_reason_is_not_the_same_without_the_letters_of_err(seed: int):
    draw = Draw(seed, "")
    for role in ("pertama", "kedua"):
        assert draw.reason(role) == draw.reason(role)
        assert draw.reason(role)[0] in "ERR "


@given(seeds)
@settings(max_examples=30)
def test_nothing_drawn_is_part_of_anything_else(seed: int):
    """A message counts as seen once its text has come: no other text may bring it along."""
    draw = Draw(seed, "")
    names = [draw.name(f"role {number}") for number in range(30)]
    texts = [draw.text(f"text {number}") for number in range(30)] + draw.texts(30)
    for one, other in combinations([*names, *texts], 2):
        assert one not in other
        assert other not in one


def test_what_is_part_of_an_earlier_one_is_drawn_again():
    draw = Draw(1, "")
    drawn = iter(["putri100", "tri100", "saputri100", "eka100", "a", "a", "b"])
    assert [draw._fresh(drawn.__next__) for _ in range(4)] == ["putri100", "eka100", "a", "b"]


def test_a_crowd_of_five_hundred_finds_names_and_texts():
    draw = Draw(3, "crowd")
    names = {draw.name(f"anggota {number}") for number in range(500)}
    assert len(names) == 500
    assert all(map(protocol.is_valid_nickname, names))
    assert len(set(draw.texts(1500))) == 1500


@given(seeds)
@settings(max_examples=50)
def test_valid_nicknames_are_valid_and_at_the_edges(seed: int):
    names = Draw(seed, "").valid_nicknames()
    assert all(map(protocol.is_valid_nickname, names))
    lacking = [kind for kind, is_one in ALLOWED.items() if not any(map(is_one, names))]
    assert lacking == []
    assert len(set(names)) == len(names)
    by_case = [name.casefold() for name in names]
    assert len(set(by_case)) == len(names) - 1
    (twin,) = (name for name in names[1:] if name.casefold() == names[0].casefold())
    assert twin == names[0].capitalize()


@given(seeds)
@settings(max_examples=50)
def test_four_names_in_a_row_are_of_four_styles_that_any_program_takes(seed: int):
    draw = Draw(seed, "")
    names = [draw.name(f"role {number}") for number in range(4)]
    assert all(name.isalnum() and name.isascii() and 5 <= len(name) <= 12 for name in names)
    assert any(name.islower() for name in names)
    assert any(name.isupper() for name in names)
    assert any(name[0].isupper() and name[1].islower() for name in names)
    assert any(name[0].islower() and name[1].isupper() for name in names)


# One of each kind of name that has gone wrong somewhere.
ALLOWED = {
    "one character": lambda name: len(name) == 1,
    "two characters": lambda name: len(name) == 2,
    "the longest": lambda name: len(name) == protocol.MAX_NICKNAME and name.isascii(),
    "the longest in bytes": lambda name: len(name) == 20 and len(name.encode()) >= 40,
    "digits alone": lambda name: name.isdigit() and name.isascii(),
    "upper and lower case": lambda name: name.upper() != name != name.lower(),
    "a sign in front": lambda name: name.isascii() and not name[0].isalnum(),
    "a star inside": lambda name: "*" in name[1:],
    "another script": lambda name: not name[0].isascii(),
    "combining marks": lambda name: any(map(unicodedata.combining, name)),
    "a format character": lambda name: any(unicodedata.category(c) == "Cf" for c in name),
}


# One of each kind that SPEC section 1 refuses.
REFUSED = {
    "empty": lambda name: name == "",
    "nothing but white space": lambda name: name and not name.strip(),
    "one too long": lambda name: len(name) == protocol.MAX_NICKNAME + 1,
    "much too long": lambda name: len(name) > 29,
    "a blank inside": lambda name: " " in name.strip(),
    "a tab inside": lambda name: "\t" in name,
    "a control character": lambda name: any(c in name for c in "\x01\x07\x1b"),
    "DEL": lambda name: "\x7f" in name,
    "a control character of the C1 block": lambda name: any("\x80" <= c <= "\x9f" for c in name),
    "a colon": lambda name: ":" in name,
    "a star in front": lambda name: name.startswith("*"),
}


@given(seeds)
@settings(max_examples=50)
def test_invalid_nicknames_are_invalid_and_of_every_kind(seed: int):
    names = Draw(seed, "").invalid_nicknames()
    assert not any(map(protocol.is_valid_nickname, names))
    lacking = [kind for kind, is_one in REFUSED.items() if not any(map(is_one, names))]
    assert lacking == []
    assert not any("\n" in name for name in names)


@given(seeds)
@settings(max_examples=50)
def test_each_invalid_nickname_breaks_one_rule_only(seed: int):
    """Otherwise a program that lacks one rule would be refused by another."""
    for name in Draw(seed, "").invalid_nicknames():
        broken = [
            not 1 <= len(name) <= protocol.MAX_NICKNAME,
            any(c.isspace() for c in name),
            any(unicodedata.category(c) == "Cc" and not c.isspace() for c in name),
            ":" in name,
            name.startswith("*"),
        ]
        assert sum(broken) == 1, name


@given(seeds)
@settings(max_examples=50)
def test_a_wide_text_has_characters_of_every_width(seed: int):
    draw = Draw(seed, "")
    text = draw.wide_text()
    assert {len(c.encode()) for c in text} >= {1, 2, 3, 4}
    assert len(text[0].encode()) > 1
    assert len(text[-1].encode()) > 1
    assert text == text.strip()


@given(seeds)
@settings(max_examples=50)
def test_cuts_are_inside_characters(seed: int):
    draw = Draw(seed, "")
    text = draw.wide_text()
    cuts = draw.cuts_inside_characters(text)
    assert len(set(cuts)) == len(cuts) == 3
    assert cuts == sorted(cuts)
    for cut in cuts:
        with pytest.raises(UnicodeDecodeError):
            text.encode()[:cut].decode()


@given(seeds, st.integers(min_value=20, max_value=5000))
@settings(max_examples=50)
def test_a_long_text_has_just_that_many_bytes_and_no_part_twice(seed: int, size: int):
    text = Draw(seed, "").long_text(size)
    assert len(text.encode()) == size
    assert text.endswith("ZZZ")
    words = text.split()
    assert len(set(words)) == len(words)


@given(seeds)
@settings(max_examples=50)
def test_disguised_texts_look_like_something_else(seed: int):
    texts = Draw(seed, "").disguised_texts("ani123", "budi123")
    assert len(set(texts)) == len(texts)
    assert {"NICK", "OK"} < set(texts)
    for prefix in ("ani123: ", "budi123: ", "ERR ", "* "):
        assert any(text.startswith(prefix) for text in texts)
    assert any(text.lower() in ("exit", "quit") for text in texts)
    for sign in "/'\":":
        assert any(text.startswith(sign) for text in texts)
    assert any(text.isdigit() for text in texts)
    assert any(len(text) == 1 for text in texts)
    assert not any("\n" in text or text != text.strip() for text in texts)


@given(seeds)
@settings(max_examples=30)
def test_separated_texts_hold_each_separator_that_ends_no_line_here(seed: int):
    draw = Draw(seed, "")
    texts = [*draw.separated_texts(is_ascii=True), *draw.separated_texts(is_ascii=False)]
    assert all(len(text.splitlines()) == 2 for text in texts)
    assert {c for text in texts for c in text if c in SEPARATORS} == set(SEPARATORS)
    assert [text.count("\r") for text in texts if "\r" in text] == [1]
    assert not any("\n" in text for text in texts)


@given(seeds)
@settings(max_examples=20)
def test_what_is_typed_into_a_client_does_not_quit_it(seed: int):
    typed = Draw(seed, "").typed_texts("ani123", "budi123")
    assert {"NICK", "OK"} < set(typed)
    assert set(typed) < set(Draw(seed, "").disguised_texts("ani123", "budi123"))
    assert not any("exit" in text.lower() or "quit" in text.lower() for text in typed)


def test_a_telling_name_shows_any_change_of_it():
    for seed in range(50):
        name = Draw(seed, "x").telling_name()
        assert (
            len(name) == protocol.MAX_NICKNAME
            and protocol.is_valid_nickname(name)
            and name.isascii()
        )
        changed = (name.lower(), name.upper(), name.title(), name.capitalize(), name.swapcase())
        assert name not in changed
        assert not name.isalnum() and not name[:-1].isalnum() and not name[-1].isalnum()


def test_names_of_a_story_differ_by_more_than_their_case():
    # Of 200 names from 73 given ones and 900 numbers some would be the same in another case.
    for seed in range(40):
        draw = Draw(seed, "crowd")
        names = [draw.name(f"role {number}") for number in range(200)]
        assert len({name.casefold() for name in names}) == len(names)
