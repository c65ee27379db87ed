"""Diagnosis: the pattern of a submission's failures, compared with programs whose fault is known.

In: the verdicts of a run, and the signatures of the chaff (`ground.misconceptions`). Out: the name
of the idea behind a failure, or None. Silence is the usual answer and the safe one: a wrong name
sends a student the wrong way for an evening.

Theory. A *sign* is the symptom of one failed check and, where two texts can be compared, the
*manner* in which they differ. A *signature* is all signs of one program. A check that was not
reached, not run or not decided tells nothing: of the known signatures, too, only what was decided
here is looked at. A failure is explained when the signs seen are exactly those of a known
signature, or exactly the union of `MOST_FAULTS` at the most, in different groups of checks: what
fails in one group has one cause more often than two. The fewest win. An idea is named only when
every explanation with that few gives the same, and `FEWEST` programs at least show it. A few signs
tell the fault itself, whatever the check (a line without its end): alone, they count across checks.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations

from harness.ground.misconceptions import Known, Signature
from harness.ground.symptom import Failure, Symptom
from harness.pure.result import Outcome, Verdict

# Faults at a time; with more of them there are too many ways to put a pattern together.
MOST_FAULTS = 2
# So many known programs must agree: what a single one shows may be its own way of failing.
FEWEST = 2
# The group about client.py; one that fails in consequence of anything, and so tells nothing.
_CLIENT, _EXPLORATION = "client", "exploration"
# A program like this has no pattern yet.
_UNFINISHED = frozenset((Symptom.TODO_OPEN, Symptom.NO_FILE, Symptom.SYNTAX_ERROR))
# What is wrong whatever the check: a line without its end, in all its names; and these.
_UNENDED = frozenset((Symptom.REQUEST_UNFRAMED, Symptom.REPLY_UNFRAMED, Symptom.CHAT_UNFRAMED))
_TELLING = frozenset((Symptom.TRACEBACK, Symptom.WRONG_STATUS, Symptom.NO_SENTENCE))
# Where `line` and `seen` are two texts for the same place, or `seen` holds that place.
_COMPARED = frozenset(
    (
        Symptom.NO_BANNER,
        Symptom.NO_LOG,
        Symptom.NO_CHAT_LOG,
        Symptom.OTHER_REQUEST,
        Symptom.OTHER_REPLY,
        Symptom.OTHER_LINE,
        Symptom.NICKNAME_NOT_SENT,
        Symptom.LINE_NOT_SENT,
        Symptom.LINE_NOT_SHOWN,
        Symptom.SCREEN_DIFFERS,
    )
)
_EXCEPTION = re.compile(r"(\w+(?:Error|Exception|Interrupt))\b")
_DECIDED = frozenset((Outcome.PASSED, Outcome.FAILED))


def sign(failure: Failure) -> str:
    """The symptom, with the manner if there is one: ``other_line:part``."""
    how = manner(failure)
    return f"{failure.symptom}:{how}" if how else str(failure.symptom)


def manner(failure: Failure) -> str:
    """How what was seen differs from what was expected, or which exception ended the program."""
    if failure.symptom in _COMPARED:
        return difference(str(failure.facts.get("line", "")), str(failure.facts.get("seen", "")))
    found = _EXCEPTION.match(str(failure.facts.get("last", "")))
    return found[1] if found else ""


def difference(line: str, seen: str) -> str:
    """In one word, how ``seen`` differs from ``line``.

    >>> difference("ani: halo", "halo")
    'part'
    """
    if not _letters(seen):
        # Where letters beyond ASCII were expected, it is about those.
        return "nothing" if line.isascii() else "no_letters"
    if line.strip() in seen.splitlines():
        return "more" if seen.strip() != line.strip() else "unended"
    if _letters(line) == _letters(seen):
        return "respelled"
    if seen.strip() in line:
        return "part"
    return "inside" if line.strip() in seen else "other"


def _letters(text: str) -> list[str]:
    return [c for c in text.casefold() if c.isalnum()]


def signature(verdicts: Iterable[Verdict]) -> Signature:
    """The signs of all that failed."""
    return {
        verdict.check: sign(verdict.failure)
        for verdict in verdicts
        if verdict.outcome is Outcome.FAILED and verdict.failure is not None
    }


def diagnose(check: str, verdicts: Mapping[str, Verdict], known: Iterable[Known]) -> str | None:
    """The idea behind the failure of ``check``, or None when nothing certain can be said."""
    side = [verdict for verdict in verdicts.values() if _side(verdict.check) == _side(check)]
    decided = frozenset(verdict.check for verdict in side if verdict.outcome in _DECIDED)
    return explanation(check, signature(side), decided, known)


def _side(check: str) -> str:
    """Which program a check is about; what explores it stands apart."""
    group = check.partition(".")[0]
    return group if group in (_CLIENT, _EXPLORATION) else ""


def is_unfinished(seen: Signature) -> bool:
    """Whether a TODO is open, the file is not there, or Python cannot read it."""
    return not _UNFINISHED.isdisjoint(seen.values())


def explanation(
    check: str, seen: Signature, decided: frozenset[str], known: Iterable[Known]
) -> str | None:
    """The one idea by which ``check`` fails in every explanation of ``seen`` by few faults."""
    if is_unfinished(seen):
        return None
    parts = _parts(seen, decided, known)
    for count in range(1, MOST_FAULTS + 1):
        found = sum(_ideas(check, seen, parts, count), Counter[str]())
        if found:
            return _sure(found) or _sure(found | _kin(seen, known))
    return _sure(_kin(seen, known))


def _kin(seen: Signature, known: Iterable[Known]) -> Counter[str]:
    """The ideas of the programs that fail in one check only, by what tells in any check."""
    way = _telling(seen)
    return Counter(each.idea for each in known if way and _telling(each.signature) == way)


def _telling(seen: Signature) -> str | None:
    """What the only sign tells whatever the check: the fault itself and not an effect of it."""
    if len(seen) != 1:
        return None
    symptom, _, how = next(iter(seen.values())).partition(":")
    if how == "unended" or symptom in _UNENDED:
        return "unended"
    return symptom if symptom in _TELLING else None


def _sure(found: Counter[str]) -> str | None:
    """The only idea found, if enough programs speak for it."""
    if len(found) != 1:
        return None
    ((idea, programs),) = found.items()
    return idea if programs >= FEWEST else None


_Signs = frozenset[tuple[str, str]]


def _parts(
    seen: Signature, decided: frozenset[str], known: Iterable[Known]
) -> Mapping[_Signs, Counter[str]]:
    """The known signatures, as far as decided here, that lie within ``seen``.

    With each the ideas that fail so, and how many programs show it.
    """
    whole, backed = seen.items(), dict[_Signs, Counter[str]]()
    for each in known:
        signs = frozenset(pair for pair in each.signature.items() if pair[0] in decided)
        if signs and signs <= whole:
            backed.setdefault(signs, Counter())[each.idea] += 1
    return backed


def _ideas(
    check: str, seen: Signature, parts: Mapping[_Signs, Counter[str]], count: int
) -> Iterator[Counter[str]]:
    """The ideas of ``check`` in all ways to put ``seen`` together from so many parts."""
    whole = frozenset(seen.items())
    for chosen in combinations(parts, count):
        if frozenset().union(*chosen) == whole and _are_apart(chosen):
            for signs in chosen:
                if (check, seen[check]) in signs:
                    yield parts[signs]


def _are_apart(parts: Iterable[_Signs]) -> bool:
    """Whether no two of them fail checks of one group."""
    groups = [{check.partition(".")[0] for check, _ in part} for part in parts]
    return all(one.isdisjoint(other) for one, other in combinations(groups, 2))
