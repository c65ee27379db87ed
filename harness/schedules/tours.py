"""Tours: a few sessions in which no kind of step is missing and each two come both ways round.

Drawn at random, a kind of step or a pair of them is missing from a whole run now and then, and a
program that is wrong just there would pass or fail by the seed. An order of all kinds and the same
backwards have them all. Source of the idea: D. R. Kuhn, J. M. Higdon, J. F. Lawrence, R. N. Kacker,
Y. Lei, Combinatorial Methods for Event Sequence Testing (2012).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from harness.schedules.model import KINDS, MOST_MEMBERS, Model, Step

# Orders drawn; each is told backwards, too.
DRAWN = 2
# What makes a step possible: one more member mostly, or one less where the room is full.
_MADE_BY = {"return": "leave", "finish": "half"}
_ELSE = ("join", "leave", "reset")


def orders(kinds: Sequence[str], seed: int) -> list[list[Step]]:
    """The tours of a seed: each kind of step once in each, who and which form drawn as well."""
    draw = random.Random(f"tours:{seed}")
    some: list[list[Step]] = []
    for _ in range(DRAWN):
        order = draw.sample(list(kinds), len(kinds))
        for kinds_in_order in (order, order[::-1]):
            some.append(
                [
                    Step(kind, draw.randrange(5), draw.randrange(KINDS[kind].variants))
                    for kind in kinds_in_order
                ]
            )
    return some


def tour(order: Sequence[Step], model: Model, take: Callable[[Step], object]) -> None:
    """Take every step of ``order``, each after what makes it possible, on the room that ``model``
    shows as it is. A step that nothing makes possible is taken all the same, for nothing.
    """
    fair = {step.kind for step in order}
    for step in order:
        for _ in range(MOST_MEMBERS):
            if model.can(step.kind):
                break
            made_by = (_MADE_BY.get(step.kind, "join"), *_ELSE)
            able = [kind for kind in made_by if kind in fair and model.can(kind)]
            if not able:
                break
            take(Step(able[0], step.who))
        take(step)
