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

from harness.ground.draw import Draw
from harness.ground.journal import Journal
from harness.ground.rubric import Check, Rubric
from harness.ground.symptom import (
    Failure,
    Inconclusive,
    NotReached,
    NotRunHere,
    StoryFailed,
    Symptom,
)
from harness.machine import patience
from harness.machine.acquaintance import Acquaintance
from harness.machine.client_scene import ClientScene
from harness.machine.isolation import Sandbox, TooLarge
from harness.machine.patience import Patience
from harness.machine.program import Program
from harness.machine.room import Room, Stage
from harness.machine.scene import Scene
from harness.pure import words
from harness.pure.crossplay import Play
from harness.pure.result import Outcome, Run, Verdict, explained, in_doubt, unmet

REPO = Path(__file__).resolve().parents[2]
REFERENCE = REPO / "solutions" / "1.contoh"
# A story that the machine spoilt is told again, this often at the most.
TRIES = 3

# The checks of this group are about client.py, all others about server.py.
CLIENT = "client"


class AnyScene(Protocol):
    """What a group's stories play on, as far as the grader knows it."""

    def role(self, name: str) -> object:
        """What a story means by a parameter of this name."""

    @property
    def programs(self) -> list[Program]:
        """The programs of the submission that ran in this story."""

    def last_words(self) -> str:
        """What they wrote to stderr at last."""


Story = Callable[[AnyScene], None]
# Which scene a group's stories play on; `Scene` for all that are not named.
SCENES: dict[str, Callable[[Room], AnyScene]] = {CLIENT: ClientScene}


def roles(function: Callable[..., None]) -> Story:
    """A story that asks by parameter name for what it needs, as a function of its scene."""
    names = tuple(inspect.signature(function).parameters)
    return lambda scene: function(**{name: scene.role(name) for name in names})


@dataclass
class Grading:
    """The state of one run. Use as a context manager: its end leaves no process and no folder."""

    rubric: Rubric
    run: Run
    source: Path
    clients: int = 20
    patience: Patience = field(default_factory=Patience)
    acquaintance: Acquaintance = field(default_factory=Acquaintance)
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    # How many checks were asked for in this run.
    asked: int = 0
    # Where failures found by exploring are kept from run to run; nowhere when None.
    memory: Path | None = None
    # How the halves of the submission got on with each other and the reference, after a whole run.
    plays: list[Play] = field(default_factory=list)
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
        needed = unmet(check, self.verdicts, self.acquaintance.demonstrated)
        if needed is not None:
            return self._waits_for(check, needed)
        doubtful = in_doubt(self.rubric, check, self.verdicts)
        for _ in range(TRIES):
            verdict = self._tell(check, story, self.pristine, self.acquaintance)
            is_lost = verdict.outcome in (Outcome.FAILED, Outcome.NOT_REACHED)
            if is_lost and not self._is_believed(check, story, verdict):
                why = words.reason("reference_slow", {}, self.run.lang)
                verdict = Verdict(check.id, Outcome.INCONCLUSIVE, reason=why)
            if verdict.failure is not None and (needed := explained(verdict.failure, doubtful)):
                self.acquaintance.failed_again(needed)
                return self._waits_for(check, needed)
            if verdict.outcome is Outcome.PASSED:
                self.acquaintance.worked_again(doubtful)
            if verdict.outcome is not Outcome.INCONCLUSIVE:
                return verdict
        return verdict

    def not_built(self, check: Check) -> Verdict:
        """The verdict on a check that has no story yet."""
        why = words.reason("not_built", {}, self.run.lang)
        return Verdict(check.id, Outcome.NOT_RUN, reason=why)

    def _waits_for(self, check: Check, needed: str) -> Verdict:
        why = words.not_reached(needed, self.run.lang)
        return Verdict(check.id, Outcome.NOT_REACHED, reason=why)

    def _tell(
        self, check: Check, story: Story, source: Path, acquaintance: Acquaintance
    ) -> Verdict:
        doubtful = in_doubt(self.rubric, check, self.verdicts)
        failed = (v.check for v in self.verdicts.values() if v.outcome is Outcome.FAILED)
        stage = Stage(
            self.sandbox,
            source,
            self.patience.hurried() if doubtful else self.patience,
            acquaintance,
            self.clients,
            failed=frozenset(failed if source == self.pristine else ()),
            memory=self.memory if source == self.pristine else None,
        )
        journal = Journal()
        room = Room(stage, Draw(self.run.seed, check.id), journal)
        scene = SCENES.get(check.group, Scene)(room)
        began = time.monotonic()
        outcome, failure, why = Outcome.PASSED, None, ""
        try:
            try:
                story(scene)
            except StoryFailed as failed:
                outcome, failure = Outcome.FAILED, _blamed(check, failed.failure, scene)
            finally:
                room.close()
        except NotReached as stopped:
            return self._waits_for(check, stopped.check)
        except NotRunHere as stopped:
            outcome = Outcome.NOT_RUN
            why = words.reason(stopped.reason, stopped.facts, self.run.lang)
        except Inconclusive as stopped:
            outcome = Outcome.INCONCLUSIVE
            why = words.reason(stopped.reason, stopped.facts, self.run.lang)
        except Exception as error:  # a fault of ours must cost nobody a point
            outcome = Outcome.INCONCLUSIVE
            place = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{Path(place.filename).name}:{place.lineno}"
            facts = {"error": f"{where}: {type(error).__name__}: {error}"}
            why = words.reason("kit_error", facts, self.run.lang)
        return Verdict(
            check=check.id,
            outcome=outcome,
            failure=failure,
            reason=why,
            story=journal.events if failure else (),
            stderr=scene.last_words() if failure else "",
            duration=time.monotonic() - began,
        )

    def _is_believed(self, check: Check, story: Story, verdict: Verdict) -> bool:
        """Whether a loss stands: one by the clock does if the reference keeps the bound here."""
        is_certain = verdict.failure is not None and not verdict.failure.by_clock
        file = "client.py" if check.group == CLIENT else "server.py"
        if is_certain or not (REFERENCE / file).is_file():
            return True
        control = self._tell(check, story, REFERENCE, Acquaintance())
        return control.outcome is Outcome.PASSED

    def _reference_takes(self, story: Callable[[Scene], None], purpose: str) -> float:
        stage = Stage(self.sandbox, REFERENCE, self.patience, Acquaintance())
        room = Room(stage, Draw(self.run.seed, purpose), Journal())
        began = time.monotonic()
        try:
            story(Scene(room))
        except (StoryFailed, Inconclusive):
            pass  # a machine that cannot even run this is as slow as we can say
        finally:
            room.close()
        return time.monotonic() - began

    def __enter__(self) -> Grading:
        return self

    def __exit__(self, *_: object) -> None:
        self.sandbox.close()


def _calibration(scene: Scene) -> None:
    """The story by which a machine is measured: start, two joins, one line."""
    ani, budi = scene.join("ani", "budi")
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


def _blamed(check: Check, failure: Failure, scene: AnyScene) -> Failure:
    """The failure, or the open TODO that the program itself named as its cause."""
    for program in scene.programs:
        program.end()
    todos = [todo for program in scene.programs if (todo := program.open_todo) is not None]
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
