"""Grading on the Windows Python: programs go in, what differs comes out.

A program is graded in parts, a group of checks each, and each with the time of a whole run: beside
other work wine takes that time for two groups. Several parts are graded at once, as most of their
time is waiting.
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

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
    """Grades ``programs`` with ``python``, ``at_once`` parts at a time, and tells ``say`` of it."""

    def __init__(self, python: WindowsPython, say: Callable[[str], None], at_once: int) -> None:
        self._python = python
        self._say = say
        self._at_once = at_once
        # The number of the next folder.
        self._numbers = itertools.count()

    def differences(self, programs: Sequence[WindowsProgram]) -> Iterator[str]:
        """What comes out otherwise than it must, and what cannot be graded at all."""
        parts = [part for program in programs for part in parts_of(program)]
        with ThreadPoolExecutor(self._at_once) as pool:
            # A part is a `Seen`, or the reason why there is none.
            graded = dict(zip(map(id, parts), pool.map(self._graded, parts), strict=True))
        for program in programs:
            mine = [graded[id(part)] for part in parts if part.program is program]
            yield from (each for each in mine if isinstance(each, str))
            yield from told(program, merged([e for e in mine if not isinstance(e, str)]), self._say)

    def _graded(self, part: Part) -> Seen | str:
        """Grade it; where the machine got in the way, again."""
        for _ in range(TRIES):
            seen = self._once(part)
            if isinstance(seen, str) or "inconclusive" not in seen.outcomes.values():
                break
        return seen

    def _once(self, part: Part) -> Seen | str:
        python, case = self._python, part.program.case
        folder = python.wine.disk / "graded" / f"{next(self._numbers)}"
        submission, results = folder / "submission", folder / "results.json"
        folder.mkdir(parents=True)
        part.program.write(submission)
        began = time.monotonic()
        ran = python.runs(
            "-m", "pytest", "harness", "-q", f"--submission={python.wine.path(submission)}",
            f"--results={python.wine.path(results)}", f"--seed={SEED}", "--lang=en",
            "-k", f"{part.group}.", within=GRADED_WITHIN,
        )  # fmt: skip
        took = f"status {ran.status} in {time.monotonic() - began:.0f} s"
        if ran.status not in (0, 1, 3) or not results.is_file():
            self._say(f"{part.name}: {took}")
            return f"{case.name}: {took}\n{ran.last}"
        seen = read(json.loads(results.read_text(encoding="utf-8")), (part.group,))
        spoilt = [check for check, out in seen.outcomes.items() if out == "inconclusive"]
        self._say(f"{part.name}: {took}{', inconclusive: ' * bool(spoilt)}{', '.join(spoilt)}")
        return seen


def merged(parts: Sequence[Seen]) -> Seen:
    """What the parts say together."""
    return Seen(
        {check: out for part in parts for check, out in part.outcomes.items()},
        {check: words for part in parts for check, words in part.evidence.items()},
        sum(part.seconds for part in parts),
    )


def told(program: WindowsProgram, seen: Seen, say: Callable[[str], None]) -> Iterator[str]:
    """As in the matrix, without what wine alone is to blame for; that is said."""
    for check, outcome in seen.outcomes.items():
        if why := explained(check, outcome):
            say(f"  {program.case.name}: {check}: {outcome}, as {why}")
    judged = {
        check: outcome for check, outcome in seen.outcomes.items() if not explained(check, outcome)
    }
    yield from differences(program.case, Seen(judged, seen.evidence, seen.seconds))
