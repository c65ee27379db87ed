"""`python -m harness soak --calm-first`: no fault that is no race is called one (SPEC fairness 9).

Every chaff of the server whose own checks do not look for races is explored as well. Whatever is
told of it as a race would be wrong: it fails with no thread interrupted. Printed is every chaff of
which a check says so, and how many were told as what they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from harness.contract.sentences import SYMPTOMS
from harness.contract.symptoms import Symptom
from tests.proof.cases import SERVER, Case
from tests.proof.grade_case import Seen, once
from tests.proof.same import FOR_RACES

# Gradings are asked for in English: by this sentence a report calls something a race.
RACE = SYMPTOMS[Symptom.SCHEDULE_BREAKS]["en"][0]


# What it is there for is no check for races, and yet it is one: the system chooses which of the
# threads of two messages goes first.
RACES = frozenset(("thread-for-each-message",))


@dataclass(frozen=True, slots=True)
class Told:
    """A chaff, and the checks that called its fault a race, with what they said."""

    name: str
    checks: dict[str, str]


def no_races(cases: Iterable[Case]) -> list[Case]:
    """The chaff of the server that are no races, each to be explored as well."""
    return [
        replace(case, explored=True)
        for case in cases
        if case.chaff is not None
        and case.file == SERVER
        and not case.own & FOR_RACES
        and case.name not in RACES
    ]


def called_a_race(case: Case, seen: Seen) -> Told:
    """What the checks of ``case`` told as a race."""
    texts = {check: seen.evidence[check] for check in sorted(seen.failed)}
    return Told(case.name, {check: text for check, text in texts.items() if text.startswith(RACE)})


def calm_first(root: Path, cases: Sequence[Case], jobs: int, seed: int) -> int:
    """Grade them all and print what was called a race; returns how many chaff that were."""
    wrong = explored = 0
    with ThreadPoolExecutor(jobs) as pool:
        gradings = pool.map(lambda case: once(root, case, seed), cases)
        for case, seen in zip(cases, gradings, strict=True):
            told = called_a_race(case, seen)
            wrong += bool(told.checks)
            explored += seen.outcomes.get("exploration.schedules") in ("passed", "failed")
            for check, text in told.checks.items():
                print(f"WRONG --seed {seed}  {told.name}: {check} calls it a race: {text}")
            print(f"{case.name} {seen.seconds:.1f} s", flush=True)
    print(
        f"{len(cases)} chaff that are no races, --seed {seed}: {wrong or 'none'} told as a race; "
        f"the schedules of {explored} could be explored."
    )
    return wrong
