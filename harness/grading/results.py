"""Results: verdicts and the rubric in, the document of SPEC section 4 out."""

from __future__ import annotations

import platform
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from types import MappingProxyType

from harness.contract import hints, sentences
from harness.contract.rubric import Check, Language, Rubric
from harness.contract.symptoms import Failure, Symptom, about
from harness.contract.todos import TodoPlace
from harness.contract.version import VERSION
from harness.record.journal import Event

SCHEMA = "modul4-results/1"


class State(StrEnum):
    """How far a run is; the values are part of the results format."""

    RUNNING = "running"
    COMPLETE = "complete"
    INTERRUPTED = "interrupted"


class Outcome(StrEnum):
    """What can be said of one check; the values are part of the results format."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_REACHED = "not_reached"
    INCONCLUSIVE = "inconclusive"
    NOT_RUN = "not_run"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement on one check: its outcome and, where there is one, the evidence.

    ``reason`` is a ready sentence for the outcomes that are not about the submission, and for a
    part of a passed check that could not be asked here; ``stderr``
    the last lines that the program wrote there; ``waits_for`` the check to mend first, of one
    that was not reached. ``blamed`` are the TODOs that a graft has shown to be the cause;
    ``suspected`` those of the lines that the failure itself names;
    ``is_slow``: it is not decided for want of time, and the program itself may be why;
    ``isolated`` those with which replaced a check that was not reached passes, and earns its
    points (see `grafting`).
    """

    check: str
    outcome: Outcome
    failure: Failure | None = None
    reason: str = ""
    story: tuple[Event, ...] = ()
    stderr: str = ""
    duration: float = 0.0
    waits_for: str = ""
    blamed: tuple[int, ...] = ()
    suspected: tuple[int, ...] = ()
    isolated: tuple[int, ...] = ()
    is_slow: bool = False

    @property
    def is_blame_shown(self) -> bool:
        """Whether its TODOs are the cause for certain, and not only what the rubric suspects."""
        return self.open_todo is not None or bool(self.blamed)

    @property
    def earns(self) -> bool:
        """Whether it gets its points: it passed, or did so with what it waits for replaced."""
        is_isolated = self.outcome is Outcome.NOT_REACHED and bool(self.isolated)
        return self.outcome is Outcome.PASSED or is_isolated

    @property
    def is_in_part(self) -> bool:
        """Whether it passed though a part of it could not be tried; ``reason`` says which."""
        return self.outcome is Outcome.PASSED and bool(self.reason)

    @property
    def open_todo(self) -> int | None:
        """The TODO that is still open, where that is why it failed."""
        if self.failure is None or self.failure.symptom is not Symptom.TODO_OPEN:
            return None
        return int(str(self.failure.facts["todo"]))


@dataclass(frozen=True, slots=True)
class Run:
    """What all verdicts of a run have in common."""

    path: str
    sha256: Mapping[str, str]
    seed: int
    lang: Language
    python: str = platform.python_version()
    kit: str = VERSION


def points(check: Check, verdict: Verdict | None) -> float:
    """What the verdict earns."""
    return check.points if verdict and verdict.earns else 0.0


def max_points(check: Check, verdict: Verdict | None) -> float:
    """What can be earned: only a check that this machine cannot run leaves the maximum.

    One that is not judged yet, or was not asked for, stays in it.
    """
    return 0.0 if verdict and verdict.outcome is Outcome.NOT_RUN else check.points


def score(rubric: Rubric, verdicts: Mapping[str, Verdict]) -> tuple[float, float]:
    """(earned, maximum) over all checks."""
    return _sums([(check, verdicts.get(check.id)) for check in rubric])


def score_of(
    rubric: Rubric, verdicts: Mapping[str, Verdict], names: Collection[str]
) -> tuple[float, float]:
    """(earned, maximum) over the checks of these names."""
    return _sums([(check, verdicts.get(check.id)) for check in rubric if check.id in names])


def _sums(rows: Sequence[tuple[Check, Verdict | None]]) -> tuple[float, float]:
    """(earned, maximum); rounded, as tenths of points would leave dust."""
    earned, most = sum(points(*row) for row in rows), sum(max_points(*row) for row in rows)
    return round(float(earned), 6), round(float(most), 6)


def group_scores(
    rubric: Rubric, verdicts: Mapping[str, Verdict], lang: Language
) -> list[dict[str, object]]:
    """The groups with what was earned in each and could be."""
    groups: list[dict[str, object]] = []
    for name, title in rubric.groups.items():
        earned, most = _sums([(c, verdicts.get(c.id)) for c in rubric if c.group == name])
        groups.append({"id": name, "title": title[lang], "score": earned, "max_score": most})
    return groups


def document(
    rubric: Rubric,
    run: Run,
    verdicts: Mapping[str, Verdict],
    duration: float,
    state: State,
    places: Mapping[int, TodoPlace] = MappingProxyType({}),
) -> dict[str, object]:
    """The results as JSON values; a check that was not judged has no outcome.

    ``places``: where the function of each TODO stands, of those that the files have.
    """
    earned, most = score(rubric, verdicts)
    return {
        "schema": SCHEMA,
        "submission": {"path": run.path, "sha256": dict(run.sha256)},
        "state": str(state),
        "python": run.python,
        "kit": run.kit,
        "seed": run.seed,
        "lang": run.lang,
        "duration_s": round(duration, 3),
        "score": earned,
        "max_score": most,
        "groups": group_scores(rubric, verdicts, run.lang),
        "checks": [_row(check, verdicts.get(check.id), run.lang, places) for check in rubric],
    }


def _row(
    check: Check, verdict: Verdict | None, lang: Language, places: Mapping[int, TodoPlace]
) -> dict[str, object]:
    failure = verdict.failure if verdict else None
    blamed = blamed_numbers(check, verdict) if verdict else []
    return {
        "id": check.id,
        "group": check.group,
        "title": check.title[lang],
        "outcome": str(verdict.outcome) if verdict else None,
        "points": points(check, verdict),
        "max_points": max_points(check, verdict),
        "requires": list(check.requires),
        "expected": sentences.expected(failure, lang) if failure else "",
        "seen": sentences.seen(failure, lang) if failure else verdict.reason if verdict else "",
        "hint": hints.of_failure(check, failure, lang)[0] if failure else "",
        "blame": blame(check, verdict) if verdict else [],
        "blame_is_shown": bool(verdict and verdict.is_blame_shown),
        "places": [
            {"todo": f"TODO {number}", **asdict(places[number])}
            for number in blamed
            if number in places
        ],
        "isolated": [f"TODO {number}" for number in verdict.isolated] if verdict else [],
        "story": [event.as_json() for event in verdict.story] if verdict and failure else [],
        "duration_s": round(verdict.duration, 4) if verdict else 0.0,
    }


def blamed_numbers(check: Check, verdict: Verdict) -> list[int]:
    """The TODOs that a failed check is about: shown, or of its own lines, or the rubric's."""
    if verdict.failure is None:
        return []
    if verdict.open_todo is not None:
        return [verdict.open_todo]
    if about(verdict.failure.symptom).is_no_todos or verdict.failure.facts.get("is_no_todos"):
        return []
    usual = check.blames.get(verdict.failure.symptom, check.blame)
    return list(verdict.blamed or verdict.suspected or usual)


def blame(check: Check, verdict: Verdict) -> list[str]:
    """The same as the results have them."""
    return [f"TODO {number}" for number in blamed_numbers(check, verdict)]


def unmet(check: Check, verdicts: Mapping[str, Verdict], demonstrated: Iterable[str]) -> str | None:
    """The requirement for want of which ``check`` cannot be judged, or None.

    A requirement that failed is met all the same if the thing was seen to work in spite of it.
    """
    shown = set(demonstrated)
    for needed in check.requires:
        verdict = verdicts.get(needed)
        if verdict is None or needed in shown:
            continue
        if verdict.outcome in (Outcome.FAILED, Outcome.NOT_REACHED):
            return needed
    return None


def in_doubt(rubric: Rubric, check: Check, verdicts: Mapping[str, Verdict]) -> list[str]:
    """The requirements of ``check``, direct or not, that were seen not to work, if not always."""
    doubtful, left = [], list(check.requires)
    while left:
        needed = left.pop(0)
        verdict = verdicts.get(needed)
        if verdict and verdict.failure and needed in about(verdict.failure.symptom).sign_of:
            doubtful.append(needed)
        left += rubric.checks[needed].requires
    return doubtful


def explained(failure: Failure, doubtful: Iterable[str]) -> str | None:
    """The doubtful requirement that ``failure`` may be no more than a sign of."""
    return next((each for each in doubtful if each in about(failure.symptom).sign_of), None)


def exit_status(verdicts: Iterable[Verdict]) -> int:
    """0 all passed, 1 something failed, 3 the kit could not judge some of it, whatever failed."""
    outcomes = {verdict.outcome for verdict in verdicts}
    if Outcome.INCONCLUSIVE in outcomes:
        return 3
    return 1 if outcomes & {Outcome.FAILED, Outcome.NOT_REACHED} else 0
