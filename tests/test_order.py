"""The order in which checks are told."""

import pytest

from harness.contract.rubric import load
from harness.grading.order import LAST, first_of_all, stands_on

RUBRIC = load()
ALL = list(RUBRIC.checks)


def test_without_a_first_one_it_is_the_rubrics_and_the_longest_come_last():
    names = first_of_all(RUBRIC, reversed(ALL), None)
    longest = [name for name in ALL if name.startswith(LAST)]
    assert names == [name for name in ALL if name not in longest] + longest


@pytest.mark.parametrize("first", ALL)
def test_the_first_one_comes_first_and_every_other_once_after_what_it_requires(first: str):
    names = first_of_all(RUBRIC, ALL, first)
    assert names[0] == first
    assert sorted(names) == sorted(ALL)
    # What it requires itself is told later, as with -k; everything else is told after what it
    # requires, if that is told before anything that does not stand on the first.
    for at, name in enumerate(names[1:], 1):
        for needed in RUBRIC.checks[name].requires:
            is_above = needed in stands_on(RUBRIC, first)
            assert names.index(needed) < at or is_above, f"{name} before {needed}"


def test_what_stands_on_the_first_one_comes_next():
    names = first_of_all(RUBRIC, ALL, "client.nickname")
    standing = [name for name in ALL if "client.nickname" in stands_on(RUBRIC, name)]
    assert len(standing) > 3
    assert names[1 : 1 + len(standing)] == standing


def test_a_first_one_that_is_not_told_changes_nothing():
    some = ["start.banner", "start.listens"]
    assert first_of_all(RUBRIC, some, "nickname.log") == ["start.listens", "start.banner"]


def test_what_a_check_stands_on_is_found_by_way_of_others():
    assert {"broadcast.delivers", "start.listens"} <= stands_on(RUBRIC, "disconnect.leave")
    assert stands_on(RUBRIC, "start.listens") == set()
