"""One grading run: every story on a fresh stage, the reference as control group, a verdict each.

A check that was not reached names the check to mend first. That one must not have passed: so when
it passes, before or later in the run, what was seen is told as this check's own failure instead.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harness.actors import calling, patience
from harness.actors.client_room import ClientRoom
from harness.actors.known_facts import KnownFacts
from harness.actors.patience import Patience
from harness.actors.room import Room
from harness.actors.stage import Setting, Stage
from harness.contract import sentences
from harness.contract.rubric import Check, Rubric
from harness.contract.symptoms import Symptom, about
from harness.grading import machine
from harness.grading.budget import MOST, PART, Budget
from harness.grading.order import usual
from harness.grading.pairs import PairResult
from harness.grading.results import Outcome, Run, Verdict, explained, in_doubt, unmet
from harness.grading.suspects import with_suspects
from harness.grading.telling import Fixtures, Story, Unfit, not_reached, roles, tell
from harness.program.program_user import ProgramUser
from harness.program.sandbox import Sandbox
from harness.record.journal import Event

REPO = Path(__file__).resolve().parents[2]
REFERENCE = REPO / "solutions" / "1.contoh"
# A story that the machine spoilt is told again, this often at the most.
TRIES = 3
# A machine this many times slower than a calm laptop is measured again, while all of it took no
# more than so many seconds.
SLOW, MEASURED = 1.5, 5.0
# Seconds on a calm machine after which a check took long, and how many of them are named when the
# time is over. Exploring computes that long by itself.
LONG, MOST_NAMED, EXPLORES = 4.0, 3, "exploration."

# The checks of this group are about client.py, all others about server.py.
CLIENT, SCHEDULES = "client", "exploration.schedules"
# What can be named as the check to mend first.
NOT_MET = (Outcome.FAILED, Outcome.NOT_REACHED)

# By group of checks: what gives its stories their parameters; a `Room` for all not named.
Makers = Mapping[str, Callable[[Stage], Fixtures]]
FIXTURES: Makers = {CLIENT: ClientRoom}


@dataclass
class Grading:
    """The state of one run. Use as a context manager: its end leaves no process and no folder."""

    rubric: Rubric
    run: Run
    source: Path
    fixtures: Makers = field(default_factory=lambda: FIXTURES)
    clients: int = 20
    patience: Patience = field(default_factory=Patience)
    known_facts: KnownFacts = field(default_factory=KnownFacts)
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    # Where failures found by exploring are kept from run to run; nowhere when None.
    memory: Path | None = None
    # How the halves of the submission got on with each other and the reference, after a whole run.
    plays: list[PairResult] = field(default_factory=list)
    budget: Budget = field(default_factory=Budget)
    # Hears how far a check is that searches: how much is done, out of how much at the most.
    counts: Callable[[int, int], object] | None = None
    # Is told each event of the submission's stories as it happens.
    watch: Callable[[Event], object] | None = None
    # The checks that are not part of this run and that the submission is known to fail.
    failed_before: frozenset[str] = frozenset()
    # Whether programs are kept from all files that they do not need; whether they are another user.
    confines: bool = False
    as_user: bool = False

    def __post_init__(self) -> None:
        user = ProgramUser() if self.as_user else None
        self.sandbox = Sandbox(confines=self.confines, user=user)
        # For each check that was not reached: its own failure, should it have to be told.
        self._withheld: dict[str, Verdict] = {}
        try:
            # A copy to copy from: a submission that is edited while it is graded stays one program.
            self.pristine = self.sandbox.fresh(self.source)
        except BaseException:
            self.sandbox.close()
            raise

    def calibrate(self) -> None:
        """Measure this machine with the reference; without one the standard patience stays.

        A slow first measurement is made again and the shortest counts: files that are read for the
        first time say nothing of the machine, and every fault would be waited for longer. Raises
        `Unfit` where even the reference cannot be run.
        """
        if not (REFERENCE / "server.py").is_file():
            if why := machine.unfit_for(self.sandbox):
                raise Unfit(sentences.reason(why, {}, self.run.lang))
            return
        measured: list[Patience] = []
        so_far = 0.0
        for _ in range(TRIES):
            took, wrong = self._reference_takes()
            so_far += took
            if not wrong:
                measured.append(patience.calibrated(took))
                if measured[-1].scale < SLOW or so_far > MEASURED:
                    break
        if measured:
            # How much time there is for all of it hangs on the worst that was seen.
            for each in sorted(measured, key=lambda each: each.scale, reverse=True):
                self.take_measure(each)
            return
        why = machine.unfit_for(self.sandbox) or "reference_fails"
        raise Unfit(sentences.reason(why, {"seen": wrong}, self.run.lang))

    def take_measure(self, measured: Patience) -> None:
        """Wait as long as this machine was measured to need."""
        self.patience = measured
        self.budget.scale = max(measured.scale, self.budget.scale)

    def judge(self, check: Check, story: Story) -> Verdict:
        """Tell ``story`` and say what it showed; the verdict is kept as well."""
        if self.budget.left <= 0:
            self._measure_again()
        if self.budget.left <= 0:
            return self.cut_short(check)
        return self._keep(self._judge(check, story))

    def _measure_again(self) -> None:
        """A machine that has become slower since the beginning is given more time."""
        if self.budget.limit < MOST and (REFERENCE / "server.py").is_file():
            took, _ = self._reference_takes()
            self.budget.scale = max(self.budget.scale, patience.calibrated(took).scale)

    def cut_short(self, check: Check) -> Verdict:
        """The verdict on a check for which there was no time, or that took too long by itself."""
        budget = self.budget
        key, most = "no_time", budget.limit
        if budget.left > 0:
            key, most = "too_long", budget.limit * PART
        # Where checks took long that a quick program is through with at once, it may be why.
        spent = [v for v in self.verdicts.values() if not v.check.startswith(EXPLORES)]
        long = [v for v in spent if v.duration > LONG * budget.scale]
        longest = sorted(long, key=lambda v: -v.duration)[:MOST_NAMED]
        is_slow = bool(longest)
        named = ", ".join(f"{v.check} ({v.duration:.0f} s)" for v in longest)
        facts = {"seconds": round(most), "longest": named}
        why = sentences.reason(f"{key}_slow" if is_slow else key, facts, self.run.lang)
        undecided = Verdict(check.id, Outcome.INCONCLUSIVE, reason=why, is_slow=is_slow)
        return self._keep(undecided)

    def _keep(self, verdict: Verdict) -> Verdict:
        """Keep a verdict, and tell otherwise what waits for it without a reason."""
        verdict = with_suspects(verdict, self.pristine, self.rubric)
        self.verdicts[verdict.check] = verdict
        if verdict.outcome not in NOT_MET:
            for other in [v for v in self.verdicts.values() if v.waits_for == verdict.check]:
                self._keep(self._unreached(other))
        return verdict

    def _unreached(self, verdict: Verdict) -> Verdict:
        """A verdict on a check that was not reached; it names no check that passed."""
        first = self.verdicts.get(verdict.waits_for)
        if first is None or first.outcome in NOT_MET:
            return verdict
        if verdict.check in self._withheld:
            return self._withheld[verdict.check]
        why = sentences.reason("unsteady", {"check": verdict.waits_for}, self.run.lang)
        return Verdict(verdict.check, Outcome.INCONCLUSIVE, reason=why)

    def _judge(self, check: Check, story: Story) -> Verdict:
        needed = unmet(check, self.verdicts, self.known_facts.demonstrated)
        if needed is not None:
            waits = not_reached(check, needed, self.run.lang)
            return self._deadlock_behind(check, story, needed) or waits
        doubtful = in_doubt(self.rubric, check, self.verdicts)
        for _ in range(TRIES):
            verdict = self._tell(check, story, self.pristine, self.known_facts)
            if verdict.outcome in NOT_MET:
                verdict = self._spoilt(check, story, verdict) or verdict
            verdict = self._unreached(verdict)
            if verdict.failure is not None and (needed := explained(verdict.failure, doubtful)):
                self.known_facts.failed_again(needed)
                return not_reached(check, needed, self.run.lang)
            if verdict.outcome is Outcome.PASSED:
                self.known_facts.worked_again(doubtful)
            if verdict.outcome is not Outcome.INCONCLUSIVE:
                return verdict
        return verdict

    def _deadlock_behind(self, check: Check, story: Story, needed: str) -> Verdict | None:
        """That threads wait for each other, where all that is known is that the program is silent.

        Only exploring shows that, and it stands on the very check that is silent. No points hang
        on it: what is not reached has none either.
        """
        first = self.verdicts.get(needed)
        while first is not None and first.outcome is Outcome.NOT_REACHED:
            first = self.verdicts.get(first.waits_for)
        is_silent = first is not None and first.failure and first.failure.facts.get("is_idle")
        if check.id != SCHEDULES or not is_silent:
            return None
        verdict = self._tell(check, story, self.pristine, self.known_facts)
        is_found = verdict.failure and verdict.failure.symptom is Symptom.DEADLOCK
        return verdict if is_found else None

    def failed_earlier(self, check: Check) -> frozenset[str]:
        """What failed in an earlier run, of the checks that come before this one."""
        if not self.failed_before:
            return frozenset()
        place, checks = usual(self.rubric, check), self.rubric.checks
        known = (checks[name] for name in self.failed_before if name in checks)
        return frozenset(each.id for each in known if usual(self.rubric, each) < place)

    def not_built(self, check: Check) -> Verdict:
        """The verdict on a check that has no story yet."""
        why = sentences.reason("not_built", {}, self.run.lang)
        return Verdict(check.id, Outcome.NOT_RUN, reason=why)

    def _tell(self, check: Check, story: Story, source: Path, known_facts: KnownFacts) -> Verdict:
        doubtful = in_doubt(self.rubric, check, self.verdicts)
        is_mine = source == self.pristine
        failed = {v.check for v in self.verdicts.values() if v.outcome is Outcome.FAILED}
        setting = Setting(
            self.sandbox,
            source,
            self.patience.hurried() if doubtful else self.patience,
            known_facts,
            self.clients,
            failed=frozenset(failed | self.failed_earlier(check) if is_mine else ()),
            memory=self.memory if is_mine else None,
            counts=self.counts if is_mine else None,
            watch=self.watch if is_mine else None,
        )
        make = self.fixtures.get(check.group, Room)
        verdict, own = tell(check, story, setting, make, self.run.seed, self.run.lang)
        if is_mine and own is not None:
            self._withheld[check.id] = own
        return verdict

    def _spoilt(self, check: Check, story: Story, lost: Verdict) -> Verdict | None:
        """The verdict instead of ``lost`` where the reference fails in the same story here.

        What no machine can cause is believed at once.
        """
        failure = lost.failure
        is_certain = (
            failure is not None
            and not failure.by_clock
            and not about(failure.symptom).may_be_the_machine
        )
        file = "client.py" if check.group == CLIENT else "server.py"
        if is_certain or not (REFERENCE / file).is_file():
            return None
        control = self._tell(check, story, REFERENCE, _of_the_reference())
        if control.outcome is Outcome.PASSED:
            return None
        why = sentences.reason("reference_slow", {}, self.run.lang)
        if control.failure is not None and not control.failure.by_clock:
            facts = {"seen": sentences.seen(control.failure, self.run.lang)}
            why = sentences.reason("reference_fails", facts, self.run.lang)
        return Verdict(check.id, Outcome.INCONCLUSIVE, reason=why)

    def _reference_takes(self) -> tuple[float, str]:
        """Seconds for the calibration story, and what went wrong in it, if anything."""
        setting = Setting(self.sandbox, REFERENCE, self.patience, _of_the_reference())
        began = time.monotonic()
        check = Check("calibration", 0.0, (), (), {}, {})
        story = roles(_calibration)
        verdict, _ = tell(check, story, setting, Room, self.run.seed, self.run.lang)
        wrong = verdict.reason
        if verdict.failure is not None:
            wrong = sentences.seen(verdict.failure, self.run.lang)
        return time.monotonic() - began, wrong

    def __enter__(self) -> Grading:
        return self

    def __exit__(self, *_: object) -> None:
        self.sandbox.close()


def _of_the_reference() -> KnownFacts:
    """What is known of it: it takes the address that it is told, and so needs no other port held.

    While all graders of a machine begin, each would wait for that port behind all others.
    """
    return KnownFacts(is_met=True, client_way=calling.USUAL)


def _calibration(room: Room) -> None:
    """The story by which a machine is measured: start, two joins, one line."""
    ani, budi = room.join("ani", "budi")
    budi.sees(ani.says("halo"))
