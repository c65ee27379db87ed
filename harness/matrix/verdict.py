"""Expected against seen: what differs, in sentences for the maintainer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from harness.ground.rubric import Rubric
from harness.matrix.field import Plant
from harness.matrix.grading import Seen

# A check must be proven by this many chaff at least.
FEWEST = 2


def differences(plant: Plant, seen: Seen) -> list[str]:
    """What came out otherwise than it must; empty when ``plant`` fails exactly what it should."""
    return [f"{plant.name}: {each}" for each in _differences(plant, seen)]


def _differences(plant: Plant, seen: Seen) -> Iterator[str]:
    if not seen.outcomes:
        yield "was not judged at all"
        return
    for check in sorted(seen.failed - plant.must - plant.may):
        yield f"fails {check}, which it should not: {seen.evidence[check]}"
    for check in sorted(plant.must - seen.failed):
        yield f"does not fail {check}: {seen.outcomes.get(check, 'not judged')}"
    for check, outcome in seen.outcomes.items():
        if outcome in ("inconclusive", "not_run"):
            yield f"{check} was not judged here ({outcome}): {seen.evidence[check]}"
        elif outcome == "not_reached" and not seen.failed:
            yield f"{check} was not reached though nothing failed"


def kills(plants: Iterable[Plant]) -> Mapping[str, list[str]]:
    """For each check the chaff that are there for it."""
    found: dict[str, list[str]] = {}
    for plant in plants:
        for check in sorted(plant.own):
            found.setdefault(check, []).append(plant.name)
    return found


def unproven(rubric: Rubric, plants: Iterable[Plant], groups: Iterable[str]) -> list[str]:
    """The checks of ``groups`` that fewer than ``FEWEST`` chaff are there for."""
    wanted, killed = set(groups), kills(plants)
    return [
        f"{check.id}: {len(killed.get(check.id, ()))} chaff, fewer than {FEWEST}"
        for check in rubric
        if check.group in wanted and len(killed.get(check.id, ())) < FEWEST
    ]
