"""In which order checks are told: as in the rubric, or one of them first. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from harness.contract.rubric import Check, Rubric

# Told last, as it takes longest: what is not come to in time is the least then.
LAST = "exploration"


def usual(rubric: Rubric, check: Check) -> tuple[bool, int]:
    """By this the checks are told: as in the rubric, the longest last."""
    return check.group == LAST, list(rubric.checks).index(check.id)


def first_of_all(rubric: Rubric, checks: Iterable[str], first: str | None) -> list[str]:
    """``checks`` with ``first`` at the head, then those that stand on it, then the others.

    Within each part they come in the usual order, the longest last of all.
    """
    names = sorted(checks, key=lambda name: usual(rubric, rubric.checks[name]))
    if first not in names:
        return names
    standing = {first}
    for each in rubric:  # A check comes after all that it requires.
        if standing & set(each.requires):
            standing.add(each.id)
    soon = [name for name in names if name in standing and rubric.checks[name].group != LAST]
    rest = [name for name in names if name not in soon]
    return [first, *(name for name in [*soon, *rest] if name != first)]


def stands_on(rubric: Rubric, check: str) -> set[str]:
    """The checks that ``check`` requires, directly or by way of others."""
    found: set[str] = set()
    left = list(rubric.checks[check].requires)
    while left:
        needed = left.pop()
        found.add(needed)
        left += rubric.checks[needed].requires
    return found
