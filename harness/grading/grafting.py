"""Which TODO a failure comes from, found by putting the reference's function in its place.

A failed check is told again on a *graft*: the submission with the bodies of some TODO functions
replaced by the reference's. A TODO is blamed for a check when two things hold. With it alone
replaced, the check passes, also under another seed. With every other TODO replaced and only this
one left, it still fails. So a graft that passes by luck blames nobody, and neither does a fault
that can be mended in two places; then the rubric's TODOs are named, as they are without grafts.

Of a graft only pass and fail are used. Its files stand in the run's own folder and are removed;
what it printed and the story it was in are thrown away.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from harness.actors.known_facts import KnownFacts
from harness.actors.room import Room
from harness.actors.stage import Setting
from harness.contract import sentences
from harness.contract.rubric import Check
from harness.contract.splice import CannotSplice
from harness.contract.symptoms import about
from harness.grading.budget import OutOfTime, bounded
from harness.grading.graft_files import Grafts, Numbers
from harness.grading.judge import CLIENT, REFERENCE, Grading
from harness.grading.next_step import first_to_mend, unlocks
from harness.grading.order import LAST
from harness.grading.results import Outcome, Verdict
from harness.grading.telling import Story, Unfit, tell

# So many TODOs together are blamed at the most: with more, one fault is not told from another.
MOST_BLAMED = 2
# Added to the run's seed for the second telling.
OTHER_SEED = 7919
# Seconds on a calm machine that all this may take however short the run was: of one check, say.
SHORTEST = 4.0

Progress = Callable[[str], None]

_NOBODY: Numbers = frozenset()


def grafted(grading: Grading, stories: Mapping[str, Story], progress: Progress) -> None:
    """Find the TODOs to blame for what failed, and judge with them replaced if that is wanted.

    ``stories`` are those of the checks that were judged; ``progress`` is called with a sentence
    about what is done. What is found is kept in the verdicts of ``grading``.

    Takes at most as much time again as the checks took, or `SHORTEST`; and none where all passed
    or the rubric does not want it.
    """
    rubric, budget = grading.rubric, grading.budget
    if not rubric.graft:
        return
    allowed = max(min(budget.spent, budget.left), SHORTEST * budget.scale)
    if rubric.isolated_credit:
        # It is about points: what has been graded once must have them again.
        allowed = max(allowed, budget.left)
    grafter = Grafter(grading, stories, progress, time.monotonic() + allowed)
    try:
        # A machine that gives no more of something has judged all that it is asked for already.
        with contextlib.suppress(OutOfTime, Unfit), bounded(allowed, lambda: None):
            grafter.blame()
            if rubric.isolated_credit:
                grafter.give_credit()
    finally:
        grafter.close()


class Grafter:
    """Finds the TODOs to blame in one run, after its checks. `close` removes what it made.

    ``until``: the time (`time.monotonic`) after which no story is begun any more; `OutOfTime` is
    raised instead.
    """

    def __init__(
        self,
        grading: Grading,
        stories: Mapping[str, Story],
        progress: Progress = lambda text: None,
        until: float = math.inf,
    ) -> None:
        self._until = until
        self._grading = grading
        self._stories = stories
        self._progress = progress
        self._programs: dict[str, Grafts] = {}
        self._told: dict[tuple[str, Numbers, int], Outcome] = {}
        self._found: list[Numbers] = []

    def blame(self) -> None:
        """Look for the TODOs of every failed check that a graft can say something about.

        The check that is told first comes first. What is found is kept in the verdicts, one by one:
        this may be ended at any moment.
        """
        for check in list(self._failed()):
            self._progress(sentences.looking(check.id, self._grading.run.lang))
            if numbers := self._blamed(check):
                self._found.append(numbers)
                self._change(check.id, blamed=tuple(sorted(numbers)))

    def give_credit(self) -> None:
        """Judge what was not reached with the TODOs replaced that are to blame for that.

        A check earns its points when it passes so, and none of the TODOs that it is about itself is
        open or was replaced.
        """
        for check in self._grading.rubric:
            verdict = self._grading.verdicts.get(check.id)
            if verdict is None or verdict.outcome is not Outcome.NOT_REACHED:
                continue
            program = self._program(check)
            numbers = self._in_the_way(check)
            own = frozenset(check.blame)
            if not numbers or not own or own & (numbers | program.open):
                continue
            if all(self._passes(check, numbers, seed) for seed in self._seeds()):
                todos = ", ".join(f"TODO {number}" for number in sorted(numbers))
                why = sentences.isolated(verdict.waits_for, todos, self._grading.run.lang)
                self._change(check.id, isolated=tuple(sorted(numbers)), reason=why)

    def close(self) -> None:
        """Remove the grafts."""
        for grafts in self._programs.values():
            grafts.remove()

    # -- what to look at

    def _failed(self) -> Iterator[Check]:
        """The failed checks that a TODO may be to blame for, the one told first before all."""
        rubric, verdicts = self._grading.rubric, self._grading.verdicts
        first = first_to_mend(rubric, verdicts)

        def order(check: Check) -> tuple[bool, bool, float]:
            is_first = first is not None and first.check == check.id
            return not is_first, check.group == LAST, -unlocks(rubric, verdicts, check.id)

        for check in sorted(rubric, key=order):
            verdict = verdicts.get(check.id)
            if verdict and check.id in self._stories and _is_for_todos(verdict):
                yield check

    def _in_the_way(self, check: Check) -> Numbers:
        """The TODOs to blame for not reaching ``check``; none where it is not known of all."""
        grading, found = self._grading, set[int]()
        left, seen = [grading.verdicts[check.id].waits_for, *check.requires], set[str]()
        while left:
            needed = left.pop()
            verdict = grading.verdicts.get(needed)
            if needed in seen or verdict is None:
                continue
            seen.add(needed)
            left += [verdict.waits_for, *grading.rubric.checks[needed].requires]
            if verdict.outcome is Outcome.FAILED:
                numbers = [verdict.open_todo] if verdict.open_todo else verdict.blamed
                if not numbers:
                    return _NOBODY
                found |= set(numbers)
        return frozenset(found) if found <= self._program(check).all else _NOBODY

    # -- the search

    def _blamed(self, check: Check) -> Numbers:
        """The smallest set of TODOs that is to blame, none where that is not certain."""
        program = self._program(check)
        all_of_them = program.all
        faulty: Numbers = frozenset()
        for number in self._candidates(check, program):
            if not self._fails(check, all_of_them - {number}):
                continue
            for numbers in dict.fromkeys((frozenset((number,)), faulty | {number})):
                if self._passes(check, program.open | numbers):
                    return numbers if self._is_confirmed(check, program.open | numbers) else _NOBODY
            if not faulty and not self._passes(check, all_of_them):
                return _NOBODY  # The fault is not in the TODOs at all.
            faulty |= {number}
            if len(faulty) == MOST_BLAMED:
                break
        return _NOBODY

    def _candidates(self, check: Check, program: Grafts) -> list[int]:
        """The TODOs in the order in which they are suspected."""
        blamed = [number for numbers in self._found for number in sorted(numbers)]
        order = dict.fromkeys([*blamed, *check.blame, *sorted(program.all)])
        out = program.open | program.same
        return [number for number in order if number in program.all - out]

    def _is_confirmed(self, check: Check, numbers: Numbers) -> bool:
        """Whether it fails once more without these replaced, and passes with them once more."""
        other = self._seeds()[1]
        return self._fails(check, _NOBODY) and self._passes(check, numbers, other)

    # -- tellings

    def _seeds(self) -> tuple[int, int]:
        seed = self._grading.run.seed
        return seed, seed + OTHER_SEED

    def _passes(self, check: Check, numbers: Numbers, seed: int | None = None) -> bool:
        return self._outcome(check, numbers, seed) is Outcome.PASSED

    def _fails(self, check: Check, numbers: Numbers) -> bool:
        return self._outcome(check, numbers) is Outcome.FAILED

    def _outcome(self, check: Check, numbers: Numbers, seed: int | None = None) -> Outcome | None:
        """What came of ``check`` with these TODOs replaced; None where there is no such graft."""
        grading, program = self._grading, self._program(check)
        seed = grading.run.seed if seed is None else seed
        key = (check.id, numbers - program.same, seed)
        if key not in self._told:
            try:
                source = program.folder(numbers)
            except (CannotSplice, OSError):
                return None
            known = KnownFacts(unexplorable=grading.known_facts.unexplorable)
            setting = Setting(
                grading.sandbox, source, grading.patience, known, grading.clients,
                failed=frozenset(self._failed_before(check)),
            )  # fmt: skip
            make = grading.fixtures.get(check.group, Room)
            story = self._stories[check.id]
            if time.monotonic() > self._until:
                raise OutOfTime
            verdict, _ = tell(check, story, setting, make, seed, grading.run.lang)
            self._told[key] = verdict.outcome
        return self._told[key]

    def _failed_before(self, check: Check) -> Iterator[str]:
        """What had failed when ``check`` was judged: a story leaves out what is told already."""
        yield from self._grading.failed_earlier(check)
        for name, verdict in self._grading.verdicts.items():
            if name == check.id:
                return
            if verdict.outcome is Outcome.FAILED:
                yield name

    def _program(self, check: Check) -> Grafts:
        """The file that ``check`` is about."""
        file = "client.py" if check.group == CLIENT else "server.py"
        if file not in self._programs:
            grading = self._grading
            todos = [todo for todo in grading.rubric.todos if todo.file == file]
            self._programs[file] = Grafts(grading.sandbox, grading.pristine, REFERENCE, file, todos)
        return self._programs[file]

    def _change(self, check: str, **what: Any) -> None:
        verdicts = self._grading.verdicts
        verdicts[check] = replace(verdicts[check], **what)


def _is_for_todos(verdict: Verdict) -> bool:
    """Whether it failed, and not for want of a TODO or for what no TODO can mend."""
    failure = verdict.failure
    return (
        verdict.outcome is Outcome.FAILED
        and failure is not None
        and verdict.open_todo is None
        and not about(failure.symptom).is_no_todos
    )
