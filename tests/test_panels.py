"""Screens side by side: width, wrapping, wide characters, and what must not reach a terminal."""

from harness.reports.panels import Panel, below_each_other, padded, pieces, side_by_side, wide


def test_panels_stand_beside_each_other_within_the_columns():
    panels = [Panel("ani", ["halo", ">> "]), Panel("budi", ["ani: halo"])]
    assert side_by_side(panels, 23, 5) == [
        "ani        | budi",
        "---------- | ----------",
        "halo       | ani: halo",
        ">>         |",
    ]


def test_a_row_that_is_too_long_is_wrapped_and_the_last_rows_are_kept():
    panel = Panel("ani", ["satu", "abcdefghijkl"])
    assert side_by_side([panel], 5, 2) == ["ani", "-----", "fghij", "kl"]


def test_wide_characters_take_two_columns_and_combining_ones_none():
    assert [wide(each) for each in "a世\u0301"] == [1, 2, 0]
    assert pieces("世界世", 5) == ["世界", "世"]
    assert padded("世", 4) == "世  "


def test_control_characters_never_reach_the_terminal():
    assert pieces("a\x1b[2Jb\x9b", 40) == ["a?[2Jb?"]


def test_panels_stand_below_each_other():
    panels = [Panel("ani", ["a"]), Panel("budi", [])]
    assert below_each_other(panels, 4, 3) == ["ani", "----", "a", "", "budi", "----"]
