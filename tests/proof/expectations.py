"""Compare expected and seen outcomes: each difference as a sentence for the maintainer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from harness.contract.rubric import Rubric
from tests.proof.cases import Case
from tests.proof.grade_case import Seen

# A check must be proven by this many chaff at least.
FEWEST = 2


def differences(case: Case, seen: Seen) -> list[str]:
    """What came out otherwise than it must; empty when ``case`` fails exactly what it should."""
    return [f"{case.name}: {each}" for each in _differences(case, seen)]


def _differences(case: Case, seen: Seen) -> Iterator[str]:
    if not seen.outcomes:
        yield "was not judged at all"
        return
    for check in sorted(seen.failed - case.must - case.may):
        yield f"fails {check}, which it should not: {seen.evidence[check]}"
    for check in sorted(case.must - seen.failed):
        yield f"does not fail {check}: {seen.outcomes.get(check, 'not judged')}"
    for check, outcome in seen.outcomes.items():
        if outcome in ("inconclusive", "not_run"):
            yield f"{check} was not judged here ({outcome}): {seen.evidence[check]}"
        elif outcome == "not_reached" and not seen.failed:
            yield f"{check} was not reached though nothing failed"


def kills(cases: Iterable[Case]) -> Mapping[str, list[str]]:
    """For each check the chaff that are there for it."""
    found: dict[str, list[str]] = {}
    for case in cases:
        for check in sorted(case.own):
            found.setdefault(check, []).append(case.name)
    return found


def unproven(rubric: Rubric, cases: Iterable[Case], groups: Iterable[str]) -> list[str]:
    """The checks of ``groups`` that fewer than ``FEWEST`` chaff are there for."""
    wanted, killed = set(groups), kills(cases)
    return [
        f"{check.id}: {len(killed.get(check.id, ()))} chaff, fewer than {FEWEST}"
        for check in rubric
        if check.group in wanted and len(killed.get(check.id, ())) < FEWEST
    ]
