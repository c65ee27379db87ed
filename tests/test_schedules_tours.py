"""Tours: nothing is missing from them, and every step makes sense when it is taken."""

import itertools

import pytest

from harness.schedules.model import NEEDS, Model, Step
from harness.schedules.tours import orders, tour

KINDS = tuple(NEEDS)


class Stage:
    """A room without a server: what its steps make of the model."""

    def __init__(self) -> None:
        self.model = Model()
        self.taken: list[Step] = []
        self.made_sense: list[bool] = []
        self.came = 0

    def take(self, step: Step) -> None:
        model = self.model
        self.taken.append(step)
        self.made_sense.append(model.can(step.kind))
        if not self.made_sense[-1]:
            return
        if step.kind in ("join", "claim"):
            self.came += 1
            model.joined(f"orang {self.came}")
        elif step.kind == "return":
            model.joined(model.gone[0])
        elif step.kind == "silent":
            model.silent += 1
        elif step.kind in ("leave", "reset"):
            model.left(model.chosen(step))
        elif step.kind in ("half", "finish"):
            model.chosen(step).half = "hal" if step.kind == "half" else ""
        elif step.kind == "sleep":
            model.chosen(step).awake = False


def test_each_tour_has_every_kind_once_and_each_two_come_both_ways_round():
    for seed in range(20):
        tours = orders(KINDS, seed)
        named = [[step.kind for step in order] for order in tours]
        assert all(sorted(order) == sorted(KINDS) for order in named)
        for one, other in itertools.permutations(KINDS, 2):
            assert any(order.index(one) < order.index(other) for order in named)


def test_the_tours_are_those_of_the_seed():
    assert orders(KINDS, 1) == orders(KINDS, 1) != orders(KINDS, 2)


def test_only_kinds_that_are_fair_are_toured():
    assert {step.kind for order in orders(("join", "say"), 1) for step in order} == {"join", "say"}


@pytest.mark.parametrize("there", [0, 2])
def test_every_step_makes_sense_when_it_is_taken(there: int):
    for seed in range(50):
        for order in orders(KINDS, seed):
            stage = Stage()
            for _ in range(there):
                stage.take(Step("join"))
            tour(order, stage.model, stage.take)
            assert all(stage.made_sense)
            assert [step for step in order if step in stage.taken] == order


def test_what_a_step_needs_is_made_first():
    stage = Stage()
    order = [Step(kind) for kind in ("return", "finish", "leave", "half", "join")]
    tour(order, stage.model, stage.take)
    made = ["join", "leave", "return", "join", "half", "finish"]
    assert [step.kind for step in stage.taken] == [*made, "leave", "join", "half", "join"]


def test_a_full_room_is_left_by_somebody_first():
    stage = Stage()
    for _ in range(5):
        stage.take(Step("join"))
    tour([Step("claim"), Step("reset")], stage.model, stage.take)
    assert [step.kind for step in stage.taken[5:]] == ["reset", "claim", "reset"]


def test_a_step_that_nothing_makes_possible_is_taken_for_nothing():
    stage = Stage()
    for _ in range(5):
        stage.take(Step("join"))
    tour([Step("join")], stage.model, stage.take)
    assert stage.made_sense == [True] * 5 + [False]
