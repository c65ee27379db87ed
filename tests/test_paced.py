"""Lines at the pace of a reader: all of them, in order, and nobody waits for what nobody reads."""

import pytest

from harness.paced import Paced


def test_lines_are_printed_in_order_and_all_before_it_ends():
    said: list[str] = []
    with Paced(0.0, said.append, str) as lines:
        for each in "abc":
            lines.line(each)
    assert said == ["a\n", "b\n", "c\n"]


def test_beyond_the_most_only_what_is_needed_is_printed_and_the_rest_is_counted():
    said: list[str] = []
    with Paced(0.0, said.append, lambda count: f"{count} more", most=2) as lines:
        for each in "abcd":
            lines.line(each)
        lines.line("wrong", is_needed=True)
    assert said == ["a\n", "b\n", "wrong\n", "3 more\n"]


def test_a_story_that_is_broken_off_does_not_wait_for_its_reader():
    said: list[str] = []
    with pytest.raises(KeyboardInterrupt), Paced(3600.0, said.append, str) as lines:
        lines.line("a")
        lines.line("b")
        raise KeyboardInterrupt
    assert "b\n" not in said
