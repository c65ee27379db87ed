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

# What makes a step possible: one more member mostly, or one less where the room is full.
_MADE_BY = {"return": "leave", "finish": "half"}
MOST_ATTEMPTS = 4 * MOST_MEMBERS
_ELSE = ("join", "leave", "reset")


def orders(kinds: Sequence[str], seed: int) -> list[list[Step]]:
    """The tours of a seed: in each every form of every kind of step once; whose it is, is drawn."""
    draw = random.Random(f"tours:{seed}")
    forms = [(kind, form) for kind in kinds for form in range(KINDS[kind].variants)]
    draw.shuffle(forms)
    order = [Step(kind, draw.randrange(5), form) for kind, form in forms]
    return [order, order[::-1]]


def tour(order: Sequence[Step], model: Model, take: Callable[[Step], object]) -> None:
    """Take every step of ``order``, each after what makes it possible, on the room that ``model``
    shows as it is. A step that nothing makes possible is taken all the same, for nothing.
    """
    fair = {step.kind for step in order}
    for step in order:
        for attempt in range(MOST_ATTEMPTS):
            if model.can(step.kind):
                break
            made_by = (_MADE_BY.get(step.kind, "join"), *_ELSE)
            able = [kind for kind in made_by if kind in fair and model.can(kind)]
            if not able:
                break
            # Another one each time: the same one might be the very one that is needed.
            take(Step(able[0], step.who + attempt))
        take(step)
