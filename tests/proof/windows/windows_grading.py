"""Grading on the Windows Python: programs go in, what differs comes out.

A program is graded in parts, a group of checks each, and each with the time of a whole run: beside
other work wine takes that time for two groups. Several parts are graded at once, as most of their
time is waiting. What the machine kept from being judged is no difference, but is told.
"""

from __future__ import annotations

import itertools
import json
import math
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from harness.grading.results import State
from tests.proof.expectations import differences
from tests.proof.grade_case import TRIES, Seen, read
from tests.proof.windows.windows_cases import WindowsProgram
from tests.proof.windows.windows_python import WindowsPython
from tests.proof.windows.wine_faults import explained

SEED = 7
GRADED_WITHIN = 400.0  # seconds; the kit itself has a bound that is shorter


@dataclass(frozen=True, slots=True)
class Part:
    """A group of checks that one run grades a program by."""

    program: WindowsProgram
    group: str

    @property
    def name(self) -> str:
        """What it is called where it is told of."""
        return f"{self.program.case.name} ({self.group})"


def parts_of(program: WindowsProgram) -> list[Part]:
    """All that ``program`` is graded by, in parts."""
    return [Part(program, group) for group in program.groups]


class WindowsGrading:
    """Grades with ``python``, ``at_once`` parts at a time, and tells ``say`` of it.

    Nothing begins after ``deadline`` (a time of `time.monotonic`), and what runs then is ended.
    """

    def __init__(
        self,
        python: WindowsPython,
        say: Callable[[str], None],
        at_once: int,
        deadline: float = math.inf,
    ) -> None:
        self._python = python
        self._say = say
        self._at_once = at_once
        self._deadline = deadline
        # The number of the next folder.
        self._numbers = itertools.count()
        # What the machine kept from being judged, a sentence each.
        self.unjudged: list[str] = []

    def differences(self, programs: Sequence[WindowsProgram]) -> Iterator[str]:
        """What comes out otherwise than it must, and what cannot be graded at all."""
        parts = [part for program in programs for part in parts_of(program)]
        with ThreadPoolExecutor(self._at_once) as pool:
            # A part is a `Seen`, the reason why there is none, or None where it was cut off.
            graded = dict(zip(map(id, parts), pool.map(self._graded, parts), strict=True))
        for program in programs:
            mine = [part for part in parts if part.program is program]
            late = [part for part in mine if graded[id(part)] is None]
            self.unjudged += [f"{part.name}: there was no time, or it was cut off" for part in late]
            outcomes = [graded[id(part)] for part in mine]
            yield from (each for each in outcomes if isinstance(each, str))
            seen = merged([each for each in outcomes if isinstance(each, Seen)])
            yield from told(program, seen, [part.group for part in late], self._say)
            self.unjudged += [
                f"{program.case.name}: {check} could not be judged: {seen.evidence[check]}"
                for check in undecided(seen)
            ]

    def _graded(self, part: Part) -> Seen | str | None:
        """Grade it; where the machine got in the way, again."""
        graded: Seen | str | None = None
        for _ in range(TRIES):
            within = min(GRADED_WITHIN, self._deadline - time.monotonic())
            if within <= 0:
                break
            # What was seen is worth more than that a later run had no time.
            graded = self._once(part, within) or graded
            if isinstance(graded, str) or (graded and not undecided(graded)):
                break
        return graded

    def _once(self, part: Part, within: float) -> Seen | str | None:
        python, case = self._python, part.program.case
        folder = python.wine.disk / "graded" / f"{next(self._numbers)}"
        submission, results = folder / "submission", folder / "results.json"
        folder.mkdir(parents=True)
        part.program.write(submission)
        began, endings = time.monotonic(), python.wine.endings
        ran = python.runs(
            "-m", "pytest", "harness", "-q", f"--submission={python.wine.path(submission)}",
            f"--results={python.wine.path(results)}", f"--seed={SEED}", "--lang=en",
            "-k", f"{part.group}.", within=within,
        )  # fmt: skip
        took = f"status {ran.status} in {time.monotonic() - began:.0f} s"
        document = json.loads(results.read_text(encoding="utf-8")) if results.is_file() else {}
        # Another part that took too long took this one along.
        was_ended = ran.status is not None and python.wine.endings > endings
        if ran.status not in (0, 1, 3) or document.get("state", State.RUNNING) == State.RUNNING:
            self._say(f"{part.name}: {took}")
            was_cut_off = was_ended or (ran.status is None and within < GRADED_WITHIN)
            return None if was_cut_off else f"{case.name}: {took}\n{ran.last}"
        seen = read(document, (part.group,))
        spoilt = undecided(seen)
        self._say(f"{part.name}: {took}{', inconclusive: ' * bool(spoilt)}{', '.join(spoilt)}")
        return seen


def merged(parts: Sequence[Seen]) -> Seen:
    """What the parts say together."""
    return Seen(
        {check: out for part in parts for check, out in part.outcomes.items()},
        {check: words for part in parts for check, words in part.evidence.items()},
        sum(part.seconds for part in parts),
    )


def undecided(seen: Seen) -> list[str]:
    """The checks that the machine kept from being judged."""
    return [check for check, outcome in seen.outcomes.items() if outcome == "inconclusive"]


def told(
    program: WindowsProgram, seen: Seen, late: Sequence[str], say: Callable[[str], None]
) -> Iterator[str]:
    """As in the matrix, without what wine alone is to blame for; that is said.

    Nothing is asked of the groups ``late``, for which there was no time, and of what is undecided.
    """
    for check, outcome in seen.outcomes.items():
        if why := explained(program.case.name, check, outcome):
            say(f"  {program.case.name}: {check}: {outcome}, as {why}")
    open_ones = undecided(seen)
    # What builds on an undecided check is not reached; after one that hangs the run is over.
    beside = {"inconclusive", *(["not_reached", "not_run"] if open_ones else [])}
    judged = {
        check: outcome
        for check, outcome in seen.outcomes.items()
        if not explained(program.case.name, check, outcome) and outcome not in beside
    }
    asked = {check for check in program.case.must if check.partition(".")[0] not in late}
    case = replace(program.case, must=frozenset(asked.difference(open_ones)))
    if judged or not (open_ones or late):
        yield from differences(case, Seen(judged, seen.evidence, seen.seconds))
