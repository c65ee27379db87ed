"""What a graded case earns, and what a chaff loses beyond the checks that it is there for. Pure."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence

from harness.contract.rubric import Rubric
from tests.proof.cases import Case
from tests.proof.grade_case import Seen

# Points beyond its own checks from which on a chaff is named: one cause should be charged once.
MUCH = 5.0
_LOST = ("failed", "not_reached")


def earned(rubric: Rubric, seen: Seen) -> float:
    """The points of the checks that passed."""
    return round(sum(rubric.checks[c].points for c, o in seen.outcomes.items() if o == "passed"), 6)


def beyond(rubric: Rubric, case: Case, seen: Seen) -> float:
    """The points that a chaff loses in other checks than those it is there for."""
    lost = (c for c, o in seen.outcomes.items() if o in _LOST and c not in case.own)
    return sum(rubric.checks[check].points for check in lost)


def charged(rubric: Rubric, rows: Iterable[tuple[Case, Seen]]) -> list[str]:
    """The mean over all chaff, and each chaff with more than `MUCH`, most first, in sentences."""
    losses = {case.name: beyond(rubric, case, seen) for case, seen in rows if case.chaff}
    if not losses:
        return []
    much = sorted((lost, name) for name, lost in losses.items() if lost > MUCH)[::-1]
    mean = statistics.mean(losses.values())
    lines = [f"Points lost beyond a chaff's own checks: {mean:.2f} in the mean of {len(losses)}."]
    if much:
        named = ", ".join(f"{name} {lost:g}" for lost, name in much)
        lines.append(f"More than {MUCH:g} ({len(much)}): {named}.")
    return lines


def moved(rubric: Rubric, gradings: Sequence[Seen]) -> list[str]:
    """The checks that did not have one outcome in all gradings of one program, with their counts.

    A check that could not be judged in a grading is left out of that one.
    """
    found = []
    for check in rubric.checks:
        outcomes = [o for s in gradings if (o := s.outcomes.get(check)) in ("passed", *_LOST)]
        if len(set(outcomes)) > 1:
            counts = ", ".join(f"{outcomes.count(o)} {o}" for o in dict.fromkeys(outcomes))
            found.append(f"{check} ({counts})")
    return found
