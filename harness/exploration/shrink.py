"""The fewest choices that still break it: delta debugging over a schedule.

Candidates are tried several to a process, as long as the ones before them kept every promise;
what is adopted in the end has failed once more in a fresh process of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Choices = list[list[Any]]
# Tries a row of candidates, returns the position of the first that fails, None when none does.
Trial = Callable[[list[Choices]], int | None]

# How many of the last choices are tried alone before anything else.
GUESSES = 60


def shrink(choices: Choices, first_failing: Trial, budget: int) -> Choices:
    """Choices that still fail and of which, within the budget, none can be left out."""
    # Most faults need one thread to stop at one place: the last places are the likely ones.
    guesses: list[Choices] = [[], *([choice] for choice in reversed(choices[-GUESSES:]))]
    position = first_failing(guesses)
    if position is not None:
        return guesses[position]
    parts = 2
    while len(choices) > 1 and budget > 0:
        size = -(-len(choices) // parts)
        pieces = [choices[start : start + size] for start in range(0, len(choices), size)]
        # A single piece first: the quickest way down; then everything but one piece.
        candidates = pieces if parts <= 4 else []
        if parts > 2:
            candidates = candidates + [
                [choice for other in pieces if other is not piece for choice in other]
                for piece in pieces
            ]
        candidates = candidates[:budget]
        budget -= len(candidates)
        position = first_failing(candidates)
        if position is not None:
            smaller = candidates[position]
            parts = 2 if len(smaller) <= size else max(parts - 1, 2)
            choices = smaller
        elif size == 1:
            break
        else:
            parts = min(parts * 2, len(choices))
    return choices
