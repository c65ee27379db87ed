"""One grading run: every story on a fresh stage, the reference as control group, a verdict each."""

from __future__ import annotations

import hashlib
import inspect
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from harness.actors import patience
from harness.actors.client_room import ClientRoom
from harness.actors.known_facts import KnownFacts
from harness.actors.patience import Patience
from harness.actors.room import Room
from harness.actors.stage import Setting, Stage
from harness.contract import sentences
from harness.contract.rubric import Check, Rubric
from harness.contract.symptoms import (
    Failure,
    Inconclusive,
    NotReached,
    NotRunHere,
    StoryFailed,
    Symptom,
)
from harness.grading.pairs import PairResult
from harness.grading.results import (
    Outcome,
    Run,
    Verdict,
    explained,
    in_doubt,
    unmet,
)
from harness.program.process import Program
from harness.program.sandbox import Sandbox, TooLarge
from harness.record.draw import Draw
from harness.record.journal import Journal

REPO = Path(__file__).resolve().parents[2]
REFERENCE = REPO / "solutions" / "1.contoh"
# A story that the machine spoilt is told again, this often at the most.
TRIES = 3

# The checks of this group are about client.py, all others about server.py.
CLIENT = "client"


class Fixtures(Protocol):
    """What a group's stories play on, as far as the grader knows it."""

    def role(self, name: str) -> object:
        """What a story means by a parameter of this name."""

    @property
    def programs(self) -> list[Program]:
        """The programs of the submission that ran in this story."""

    def last_words(self) -> str:
        """What they wrote to stderr at last."""


Story = Callable[[Fixtures], None]
# By group of checks: what gives its stories their parameters; a `Room` for all not named.
Makers = Mapping[str, Callable[[Stage], Fixtures]]
FIXTURES: Makers = {CLIENT: ClientRoom}


def roles(function: Callable[..., None]) -> Story:
    """A story that asks by parameter name for what it needs, as a function of its scene."""
    names = tuple(inspect.signature(function).parameters)
    return lambda room: function(**{name: room.role(name) for name in names})


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
    # How many checks were asked for in this run.
    asked: int = 0
    # Where failures found by exploring are kept from run to run; nowhere when None.
    memory: Path | None = None
    # How the halves of the submission got on with each other and the reference, after a whole run.
    plays: list[PairResult] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.sandbox = Sandbox()
        try:
            # A copy to copy from: a submission that is edited while it is graded stays one program.
            self.pristine = self.sandbox.fresh(self.source)
        except BaseException:
            self.sandbox.close()
            raise

    @property
    def elapsed(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self.began

    def calibrate(self) -> None:
        """Measure this machine with the reference; without one the standard patience stays."""
        if (REFERENCE / "server.py").is_file():
            took = self._reference_takes(_calibration, "calibration")
            self.patience = patience.calibrated(took)

    def judge(self, check: Check, story: Story) -> Verdict:
        """Tell ``story`` and say what it showed; the verdict is kept as well."""
        verdict = self._judge(check, story)
        self.verdicts[check.id] = verdict
        return verdict

    def _judge(self, check: Check, story: Story) -> Verdict:
        needed = unmet(check, self.verdicts, self.known_facts.demonstrated)
        if needed is not None:
            return self._waits_for(check, needed)
        doubtful = in_doubt(self.rubric, check, self.verdicts)
        for _ in range(TRIES):
            verdict = self._tell(check, story, self.pristine, self.known_facts)
            is_lost = verdict.outcome in (Outcome.FAILED, Outcome.NOT_REACHED)
            if is_lost and not self._is_believed(check, story, verdict):
                why = sentences.reason("reference_slow", {}, self.run.lang)
                verdict = Verdict(check.id, Outcome.INCONCLUSIVE, reason=why)
            if verdict.failure is not None and (needed := explained(verdict.failure, doubtful)):
                self.known_facts.failed_again(needed)
                return self._waits_for(check, needed)
            if verdict.outcome is Outcome.PASSED:
                self.known_facts.worked_again(doubtful)
            if verdict.outcome is not Outcome.INCONCLUSIVE:
                return verdict
        return verdict

    def not_built(self, check: Check) -> Verdict:
        """The verdict on a check that has no story yet."""
        why = sentences.reason("not_built", {}, self.run.lang)
        return Verdict(check.id, Outcome.NOT_RUN, reason=why)

    def _waits_for(self, check: Check, needed: str) -> Verdict:
        why = sentences.not_reached(needed, self.run.lang)
        return Verdict(check.id, Outcome.NOT_REACHED, reason=why)

    def _tell(self, check: Check, story: Story, source: Path, known_facts: KnownFacts) -> Verdict:
        doubtful = in_doubt(self.rubric, check, self.verdicts)
        failed = (v.check for v in self.verdicts.values() if v.outcome is Outcome.FAILED)
        setting = Setting(
            self.sandbox,
            source,
            self.patience.hurried() if doubtful else self.patience,
            known_facts,
            self.clients,
            failed=frozenset(failed if source == self.pristine else ()),
            memory=self.memory if source == self.pristine else None,
        )
        journal = Journal()
        stage = Stage(setting, Draw(self.run.seed, check.id), journal)
        room = self.fixtures.get(check.group, Room)(stage)
        began = time.monotonic()
        outcome, failure, why = Outcome.PASSED, None, ""
        try:
            try:
                story(room)
            except StoryFailed as failed:
                outcome, failure = Outcome.FAILED, _blamed(check, failed.failure, room)
            finally:
                stage.close()
        except NotReached as stopped:
            return self._waits_for(check, stopped.check)
        except NotRunHere as stopped:
            outcome = Outcome.NOT_RUN
            why = sentences.reason(stopped.reason, stopped.facts, self.run.lang)
        except Inconclusive as stopped:
            outcome = Outcome.INCONCLUSIVE
            why = sentences.reason(stopped.reason, stopped.facts, self.run.lang)
        except Exception as error:  # a fault of ours must cost nobody a point
            outcome = Outcome.INCONCLUSIVE
            place = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{Path(place.filename).name}:{place.lineno}"
            facts = {"error": f"{where}: {type(error).__name__}: {error}"}
            why = sentences.reason("kit_error", facts, self.run.lang)
        return Verdict(
            check=check.id,
            outcome=outcome,
            failure=failure,
            reason=why,
            story=journal.events if failure else (),
            stderr=room.last_words() if failure else "",
            duration=time.monotonic() - began,
        )

    def _is_believed(self, check: Check, story: Story, verdict: Verdict) -> bool:
        """Whether a loss stands: one by the clock does if the reference keeps the bound here."""
        is_certain = verdict.failure is not None and not verdict.failure.by_clock
        file = "client.py" if check.group == CLIENT else "server.py"
        if is_certain or not (REFERENCE / file).is_file():
            return True
        control = self._tell(check, story, REFERENCE, KnownFacts())
        return control.outcome is Outcome.PASSED

    def _reference_takes(self, story: Callable[[Room], None], purpose: str) -> float:
        setting = Setting(self.sandbox, REFERENCE, self.patience, KnownFacts())
        stage = Stage(setting, Draw(self.run.seed, purpose), Journal())
        began = time.monotonic()
        try:
            story(Room(stage))
        except (StoryFailed, Inconclusive):
            pass  # a machine that cannot even run this is as slow as we can say
        finally:
            stage.close()
        return time.monotonic() - began

    def __enter__(self) -> Grading:
        return self

    def __exit__(self, *_: object) -> None:
        self.sandbox.close()


def _calibration(room: Room) -> None:
    """The story by which a machine is measured: start, two joins, one line."""
    ani, budi = room.join("ani", "budi")
    budi.sees(ani.says("halo"))


# What a program did wrong, not what it left undone: an open TODO elsewhere is no excuse for it.
WRONGDOINGS = frozenset(
    {
        Symptom.NO_FILE, Symptom.SYNTAX_ERROR, Symptom.OTHER_PORT, Symptom.TRACEBACK,
        Symptom.REQUEST_UNFRAMED, Symptom.REPLY_UNFRAMED, Symptom.CHAT_UNFRAMED,
        Symptom.OTHER_LINE, Symptom.STRAY_LINE, Symptom.UNWANTED_LINE, Symptom.ECHO,
        Symptom.NOT_IN_ROOM, Symptom.WRONG_ORDER, Symptom.HALF_LINE, Symptom.EMPTY_SENT,
        Symptom.NOT_REFUSED, Symptom.VALID_REFUSED, Symptom.MANY_WON, Symptom.SPINS,
    }
)  # fmt: skip


def _blamed(check: Check, failure: Failure, room: Fixtures) -> Failure:
    """The failure, or the open TODO that the program itself named as its cause."""
    for program in room.programs:
        program.end()
    todos = [todo for program in room.programs if (todo := program.open_todo) is not None]
    if not todos or (failure.symptom in WRONGDOINGS and min(todos) not in check.blame):
        return failure
    return Failure(failure.who, Symptom.TODO_OPEN, {"todo": min(todos)})


def digests(folder: Path) -> Mapping[str, str]:
    """The SHA-256 of the programs in ``folder``; a missing one is left out. Raises `OSError`."""
    return {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for name in ("server.py", "client.py")
        if (folder / name).is_file()
    }


__all__ = ["REFERENCE", "REPO", "Grading", "Story", "TooLarge", "digests", "roles"]
