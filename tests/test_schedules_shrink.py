"""Shrinking a schedule, with trials that only count."""

from __future__ import annotations

from typing import Any

from harness.schedules.shrink import shrink

Choices = list[list[Any]]


def needs(*wanted: int) -> Any:
    def first_failing(candidates: list[Choices]) -> int | None:
        for position, candidate in enumerate(candidates):
            if all([number] in candidate for number in wanted):
                return position
        return None

    return first_failing


def test_one_choice_is_found_alone() -> None:
    assert shrink([[n] for n in range(300)], needs(290), 100) == [[290]]


def test_an_early_choice_is_found_by_halving() -> None:
    assert shrink([[n] for n in range(300)], needs(7), 100) == [[7]]


def test_two_choices_far_apart() -> None:
    assert shrink([[n] for n in range(64)], needs(3, 60), 400) == [[3], [60]]


def test_nothing_is_needed() -> None:
    assert shrink([[n] for n in range(10)], needs(), 100) == []


def test_the_budget_ends_it_and_the_result_still_fails() -> None:
    left = shrink([[n] for n in range(200)], needs(*range(0, 200, 3)), 10)
    assert all([n] in left for n in range(0, 200, 3))


def test_a_single_needed_choice_in_the_middle_of_many_takes_few_trials() -> None:
    tried = 0

    def counted(candidates: list[Choices]) -> int | None:
        nonlocal tried
        tried += len(candidates)
        return needs(700)(candidates)  # type: ignore[no-any-return]

    assert shrink([[n] for n in range(1500)], counted, 160) == [[700]]
    assert tried <= 100


def test_all_choices_of_a_thread_go_together() -> None:
    choices: Choices = [[f"main/{n % 5}", n] for n in range(100)]
    wanted = [["main/2", 2], ["main/2", 97]]

    def first_failing(candidates: list[Choices]) -> int | None:
        for position, candidate in enumerate(candidates):
            if all(choice in candidate for choice in wanted):
                return position
        return None

    assert shrink(choices, first_failing, 120) == wanted
