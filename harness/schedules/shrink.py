"""Find few choices that still make the server fail: cut both ends, guess, then delta debugging.

Candidates are tried several to a process, as long as the ones before them kept every promise;
what is adopted in the end has failed once more in a fresh process of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

Choices = list[list[Any]]
# Tries a row of candidates, returns the position of the first that fails, None when none does.
Trial = Callable[[list[Choices]], int | None]

# How many of the last choices are tried alone.
GUESSES = 40
# Into how many parts the list is cut to find where its needed part begins and ends.
CUTS = 10


class Trials:
    """A trial with a budget: candidates beyond it are not tried, and count as passed."""

    def __init__(self, first_failing: Trial, budget: int) -> None:
        self.first_failing = first_failing
        self.left = budget

    def first(self, candidates: list[Choices]) -> int | None:
        candidates = candidates[: self.left]
        self.left -= len(candidates)
        return self.first_failing(candidates) if candidates else None


def shrink(choices: Choices, first_failing: Trial, budget: int) -> Choices:
    """Choices that still fail and of which, within the budget, none can be left out."""
    trials = Trials(first_failing, budget)
    # The schedule after the failure does not matter, the one long before it seldom does.
    choices = _shortest(choices, trials, lambda whole, count: whole[:count])
    choices = _shortest(choices, trials, lambda whole, count: whole[len(whole) - count :])
    if len(choices) > 1:
        # Most faults need one thread to stop at one place: the last places are the likely ones.
        guesses: list[Choices] = [[choice] for choice in reversed(choices[-GUESSES:])]
        position = trials.first(guesses)
        if position is not None:
            return guesses[position]
        choices = _fewest_threads(choices, trials)
    return _without(choices, trials)


def _fewest_threads(choices: Choices, trials: Trials) -> Choices:
    """Leave out all choices made at one thread's places, those of one after another."""
    counts = Counter(choice[0] for choice in choices)
    keys = [key for key, count in counts.most_common(CUTS) if count > 1]
    while keys and trials.left > 0:
        candidates = [[choice for choice in choices if choice[0] != key] for key in keys]
        position = trials.first(candidates)
        if position is None:
            break
        choices = candidates[position]
        # Those before it are needed.
        keys = keys[position + 1 :]
    return choices


def _shortest(choices: Choices, trials: Trials, part: Callable[[Choices, int], Choices]) -> Choices:
    """The shortest part that fails, looked for in rows of CUTS lengths, twice."""
    low, high = -1, len(choices)
    for _ in range(2):
        counts = sorted({low + 1 + (high - low - 1) * cut // CUTS for cut in range(CUTS)})
        counts = [count for count in counts if low < count < high]
        position = trials.first([part(choices, count) for count in counts])
        if position is None:
            low = counts[-1] if counts else low
        else:
            high = counts[position]
            low = counts[position - 1] if position else low
    return part(choices, high)


def _without(choices: Choices, trials: Trials) -> Choices:
    """Leave out piece after piece, half of them first and single ones last."""
    size = -(-len(choices) // 2)
    start = 0
    while choices and trials.left > 0:
        # The pieces before `start` have been tried with this size: they come last.
        starts = list(range(0, len(choices), size))
        order = [at for at in starts if at >= start] + [at for at in starts if at < start]
        candidates = [choices[:at] + choices[at + size :] for at in order]
        position = trials.first(candidates)
        if position is not None:
            choices, start = candidates[position], order[position]
        elif size == 1:
            break
        else:
            size, start = -(-size // 2), 0
    return choices
