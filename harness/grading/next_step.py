"""Which failure to mend first: what was tried and went wrong before what is not begun, and of that
the one that unlocks most points. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping

from harness.contract.hints import CONNECTION_ENDED
from harness.contract.rubric import Rubric
from harness.contract.symptoms import Symptom, about
from harness.grading.results import Outcome, Verdict

RACE = Symptom.SCHEDULE_BREAKS


def first_to_mend(rubric: Rubric, verdicts: Mapping[str, Verdict]) -> Verdict | None:
    """The failure to look at first, or None where nothing failed.

    An open TODO comes after everything that was tried and went wrong; of open TODOs the lowest
    number comes first, since they are numbered in the order of work. Of the rest the one with the
    most points in it comes first, its own and those that wait for it; the rubric's order decides
    between equals. What only shows gives way to the check that explains it: a race that shows as
    an exception, a deadlock as silence or as a line that did not come while many were sent, and a
    loop that does not end with its connection as a send that failed.
    """
    failed = [v for c in rubric if (v := verdicts.get(c.id)) and v.outcome is Outcome.FAILED]
    tried = [v for v in failed if v.open_todo is None]
    if tried:
        best = max(tried, key=lambda v: unlocks(rubric, verdicts, v.check))
        for symptom, shows in EXPLAINED:
            cause = next((v for v in tried if v.failure and v.failure.symptom is symptom), None)
            if cause is not None and shows(best):
                return cause
        return best
    return min(failed, key=lambda v: v.open_todo or 0, default=None)


# Checks that look for races, beside what else they are about.
FOR_RACES = frozenset(("nickname.race", "broadcast.crowd", "disconnect.mid_broadcast"))


def _shows_a_race(verdict: Verdict) -> bool:
    """Whether it is told without its cause: what it died of is a race, or a crowd brought it out.

    A check that found the order of the threads explains it better.
    """
    if verdict.check in FOR_RACES:
        return verdict.failure is not None and verdict.failure.symptom is not RACE
    crash = verdict.failure.facts.get("crash") if verdict.failure else None
    return isinstance(crash, Mapping) and "changed size during iteration" in str(crash["error"])


# Checks that bring a deadlock out, beside what else they are about: many send at the same time.
FOR_DEADLOCKS = FOR_RACES | {"concurrency.slow_reader"}


def _shows_a_deadlock(verdict: Verdict) -> bool:
    """Whether it was seen only to wait, or to leave out a line while many were sent."""
    failure = verdict.failure
    if failure is None:
        return False
    lacks = verdict.check in FOR_DEADLOCKS and about(failure.symptom).is_lack
    return lacks or bool(failure.facts.get("is_idle"))


def _is_end_of_connection(verdict: Verdict) -> bool:
    """Whether an exception is told that says no more than that a connection has ended."""
    crash = verdict.failure.facts.get("crash") if verdict.failure else None
    return isinstance(crash, Mapping) and bool(CONNECTION_ENDED.search(str(crash.get("error", ""))))


# What causes what else is seen, and how that is known.
EXPLAINED = (
    (RACE, _shows_a_race),
    (Symptom.DEADLOCK, _shows_a_deadlock),
    (Symptom.SPINS, _is_end_of_connection),
)


def unlocks(rubric: Rubric, verdicts: Mapping[str, Verdict], check: str) -> float:
    """The points of ``check`` and of all checks that were not reached for want of it."""
    waiting = [each for each in waits_for(rubric, verdicts, check) if each != check]
    return rubric.checks[check].points + sum(rubric.checks[each].points for each in waiting)


def waits_for(rubric: Rubric, verdicts: Mapping[str, Verdict], check: str) -> list[str]:
    """The checks that were not reached and stand on ``check``, directly or by way of others."""
    standing: set[str] = {check}
    for each in rubric:  # A check comes after all that it requires.
        if standing & set(each.requires):
            standing.add(each.id)
    return [
        each
        for each in rubric.checks
        if each in standing
        and (verdict := verdicts.get(each)) is not None
        and verdict.outcome is Outcome.NOT_REACHED
    ]


def roots(rubric: Rubric, verdicts: Mapping[str, Verdict]) -> dict[str, list[str]]:
    """The checks that were not reached, by the failed check each of them waits for."""
    failed = [c.id for c in rubric if _is(verdicts, c.id, Outcome.FAILED)]
    found: dict[str, list[str]] = {}
    told: set[str] = set()
    # The nearest one: a check late in the rubric stands on fewer others.
    for check in reversed(failed):
        waiting = [each for each in waits_for(rubric, verdicts, check) if each not in told]
        told |= set(waiting)
        if waiting:
            found[check] = waiting
    left = [c.id for c in rubric if _is(verdicts, c.id, Outcome.NOT_REACHED) and c.id not in told]
    for each in left:  # What it waits for stands beside it, and is not required by it.
        root = verdicts[each].waits_for
        found.setdefault(root if root in failed else "", []).append(each)
    return dict(sorted(found.items(), key=lambda pair: -len(pair[1])))


def _is(verdicts: Mapping[str, Verdict], check: str, outcome: Outcome) -> bool:
    verdict = verdicts.get(check)
    return verdict is not None and verdict.outcome is outcome
