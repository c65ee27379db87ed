"""Tours: nothing is missing from them, and every step makes sense when it is taken."""

import itertools

from harness.schedules.expansion import Expansion
from harness.schedules.model import KINDS, Step
from harness.schedules.tours import orders, tour

NAMES = tuple(KINDS)


class Taken(Expansion):
    """A expansion that remembers the steps that were asked for."""

    def __init__(self) -> None:
        super().__init__(1)
        self.asked: list[Step] = []

    def take(self, step: Step) -> None:
        self.asked.append(step)
        super().take(step)


def test_each_tour_has_every_form_once_and_each_two_come_both_ways_round():
    forms = [(name, form) for name, kind in KINDS.items() for form in range(kind.variants)]
    for seed in range(5):
        named = [[(step.kind, step.variant) for step in order] for order in orders(NAMES, seed)]
        assert all(sorted(order) == sorted(forms) for order in named)
        for one, other in itertools.permutations(forms, 2):
            assert any(order.index(one) < order.index(other) for order in named)


def test_the_tours_are_those_of_the_seed():
    assert orders(NAMES, 1) == orders(NAMES, 1) != orders(NAMES, 2)


def test_only_kinds_that_are_fair_are_toured():
    assert {step.kind for order in orders(("join", "say"), 1) for step in order} == {"join", "say"}


def test_every_step_makes_sense_when_it_is_taken():
    for seed in range(50):
        for order in orders(NAMES, seed):
            expansion = Taken()
            for _ in range(2):
                expansion.take(Step("join"))
            tour(order, expansion.model, expansion.take)
            assert expansion.steps == expansion.asked
            assert [step for step in order if step in expansion.asked] == order


def test_what_a_step_needs_is_made_first():
    expansion = Taken()
    order = [Step(kind) for kind in ("return", "finish", "leave", "half", "join")]
    tour(order, expansion.model, expansion.take)
    made = ["join", "leave", "return", "join", "half", "finish"]
    assert [step.kind for step in expansion.asked] == [*made, "leave", "join", "half", "join"]


def test_a_full_room_is_left_by_somebody_first():
    expansion = Taken()
    for _ in range(5):
        expansion.take(Step("join"))
    tour([Step("claim"), Step("reset")], expansion.model, expansion.take)
    assert [step.kind for step in expansion.asked[5:]] == ["reset", "claim", "reset"]


def test_a_step_that_nothing_makes_possible_is_taken_for_nothing():
    expansion = Taken()
    for _ in range(5):
        expansion.take(Step("join"))
    tour([Step("join")], expansion.model, expansion.take)
    assert len(expansion.asked) == 6
    assert len(expansion.steps) == 5
