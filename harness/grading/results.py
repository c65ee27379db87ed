"""Results: verdicts and the rubric in, the document of SPEC section 4 out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from harness.contract import sentences
from harness.contract.rubric import Check, Language, Rubric
from harness.contract.symptoms import Failure, Symptom
from harness.record.journal import Event

SCHEMA = "modul4-results/1"


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

    ``reason`` is a ready sentence for the outcomes that are not about the submission; ``stderr``
    the last lines that the program wrote there.
    """

    check: str
    outcome: Outcome
    failure: Failure | None = None
    reason: str = ""
    story: tuple[Event, ...] = ()
    stderr: str = ""
    duration: float = 0.0

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


def points(check: Check, verdict: Verdict | None) -> float:
    """What the verdict earns."""
    return check.points if verdict and verdict.outcome is Outcome.PASSED else 0.0


def max_points(check: Check, verdict: Verdict | None) -> float:
    """What could be earned here: a check that this machine cannot run leaves the maximum."""
    return 0.0 if verdict is None or verdict.outcome is Outcome.NOT_RUN else check.points


def score(rubric: Rubric, verdicts: Mapping[str, Verdict]) -> tuple[float, float]:
    """(earned, maximum) over all checks."""
    return _sums([(check, verdicts.get(check.id)) for check in rubric])


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
    rubric: Rubric, run: Run, verdicts: Mapping[str, Verdict], duration: float
) -> dict[str, object]:
    """The results as JSON values, checks not judged yet as ``not_run``."""
    earned, most = score(rubric, verdicts)
    return {
        "schema": SCHEMA,
        "submission": {"path": run.path, "sha256": dict(run.sha256)},
        "seed": run.seed,
        "lang": run.lang,
        "duration_s": round(duration, 3),
        "score": earned,
        "max_score": most,
        "groups": group_scores(rubric, verdicts, run.lang),
        "checks": [_row(check, verdicts.get(check.id), run.lang) for check in rubric],
    }


def _row(check: Check, verdict: Verdict | None, lang: Language) -> dict[str, object]:
    if verdict is None:
        verdict = Verdict(check.id, Outcome.NOT_RUN)
    failure = verdict.failure
    return {
        "id": check.id,
        "group": check.group,
        "title": check.title[lang],
        "outcome": str(verdict.outcome),
        "points": points(check, verdict),
        "max_points": max_points(check, verdict),
        "requires": list(check.requires),
        "expected": sentences.expected(failure, lang) if failure else "",
        "seen": sentences.seen(failure, lang) if failure else verdict.reason,
        "hint": check.hint_for(failure.symptom, lang) if failure else "",
        "blame": blame(check, verdict),
        "story": [event.as_json() for event in verdict.story] if failure else [],
        "duration_s": round(verdict.duration, 4),
    }


def blame(check: Check, verdict: Verdict) -> list[str]:
    """The TODOs that a failed check is about."""
    if verdict.failure is None:
        return []
    if verdict.open_todo is not None:
        return [f"TODO {verdict.open_todo}"]
    if verdict.failure.symptom in (Symptom.NO_FILE, Symptom.SYNTAX_ERROR):
        return []
    return [f"TODO {number}" for number in check.blame]


def first_to_mend(rubric: Rubric, verdicts: Mapping[str, Verdict]) -> Verdict | None:
    """The failure to look at first: the earliest in the order of work."""
    failed = [v for c in rubric if (v := verdicts.get(c.id)) and v.outcome is Outcome.FAILED]
    open_todos = [v for v in failed if v.open_todo is not None]
    wrong = [v for v in failed if v.open_todo is None]
    # What was tried and went wrong comes before what has not been begun.
    return next(iter([*wrong, *sorted(open_todos, key=lambda v: v.open_todo or 0)]), None)


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


# How a thing fails that does not work at all, or only now and then: all that stands on it then
# fails in the same ways, and says nothing of its own.
_SIGNS: Mapping[str, frozenset[Symptom]] = {
    "start.listens": frozenset((Symptom.NEVER_LISTENS, Symptom.ENDED_EARLY, Symptom.NOT_ACCEPTED)),
    "nickname.request": frozenset((Symptom.NO_REQUEST,)),
    "nickname.accept": frozenset((Symptom.NO_REQUEST, Symptom.NO_REPLY)),
    "broadcast.delivers": frozenset((Symptom.NOTHING_CAME, Symptom.HUNG_UP, Symptom.WRONG_ORDER)),
}


def in_doubt(rubric: Rubric, check: Check, verdicts: Mapping[str, Verdict]) -> list[str]:
    """The requirements of ``check``, direct or not, that were seen not to work, if not always."""
    doubtful, left = [], list(check.requires)
    while left:
        needed = left.pop(0)
        verdict = verdicts.get(needed)
        if verdict and verdict.failure and verdict.failure.symptom in _SIGNS.get(needed, ()):
            doubtful.append(needed)
        left += rubric.checks[needed].requires
    return doubtful


def explained(failure: Failure, doubtful: Iterable[str]) -> str | None:
    """The doubtful requirement that ``failure`` may be no more than a sign of."""
    return next((each for each in doubtful if failure.symptom in _SIGNS[each]), None)


def exit_status(verdicts: Sequence[Verdict]) -> int:
    """0 all passed, 1 something failed, 3 nothing failed but the kit could not judge everything."""
    outcomes = {verdict.outcome for verdict in verdicts}
    if outcomes & {Outcome.FAILED, Outcome.NOT_REACHED}:
        return 1
    return 3 if Outcome.INCONCLUSIVE in outcomes else 0
