"""Random sessions against a model of the room: a state machine of Hypothesis.

The machine only chooses steps beside the model. At the end of an example the whole session is told
in the deterministic world, in the calm order of the threads, to a fresh process; so Hypothesis can
generate hundreds, shrink what fails and keep it in its database. The shortest failing session is
believed once it fails over real sockets too. A program that cannot live in that world is told a few
fixed tours over real sockets.
Source of the idea: D. MacIver, Z. Hatfield-Dodds et al., Hypothesis' stateful testing.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from harness.actors.room import Room
from harness.actors.server_program import FILE
from harness.actors.stage import Setting, Stage
from harness.contract.symptoms import Inconclusive, NotReached, StoryFailed
from harness.record.draw import Draw
from harness.record.journal import Event, Journal
from harness.schedules import in_sandbox
from harness.schedules.controlled_process import Report
from harness.schedules.expansion import Expansion
from harness.schedules.model import KINDS, Step, vocabulary
from harness.schedules.session_play import Play
from harness.schedules.session_world import (
    Leniency,
    cycle_of,
    disagreement,
    is_beyond_control,
)
from harness.schedules.standing import Standing
from harness.schedules.tours import orders, tour

SESSIONS, STEPS = 200, 20
# Of a program that computes long, or wakes often, fewer are told: none more once all together have
# taken so many seconds of computing, but so many in any case. The reference takes 2 s for all.
MOST_CPU, FEWEST = 5.0, 30
# Sessions told once one has failed, to make it shorter.
SHRINKING = 300
SCHEMA = "modul4-story/1"
# The highest number of a form of step; what is too high for a kind begins again from 0.
FORMS = max(kind.variants for kind in KINDS.values()) - 1
OPENING = (Step("join"), Step("join"))


@dataclasses.dataclass(frozen=True)
class Session:
    """Steps, and the vocabulary that is fair for the questions at the end."""

    steps: tuple[Step, ...]
    kinds: tuple[str, ...] = tuple(KINDS)

    def told(self, seed: int) -> Expansion:
        """The session as acts."""
        expansion = Expansion(seed)
        for step in self.steps:
            expansion.take(step)
        expansion.end(self.kinds)
        return expansion


@dataclasses.dataclass(frozen=True)
class Found:
    """A session that broke a promise, and how it went over real sockets."""

    session: Session
    failed: StoryFailed
    journal: Journal


class Explorer:
    """Tells random sessions to one submission. ``memory``: where Hypothesis keeps what failed."""

    def __init__(self, setting: Setting, seed: int, memory: Path | None = None) -> None:
        self._setting = setting
        self._seed = seed
        self._memory = memory
        self._lenient = leniency(setting)

    def play(
        self, session: Session, watch: Callable[[Event], object] | None = None
    ) -> Found | None:
        """Play one session over real sockets; what it found, if anything.

        ``watch`` is told every event as it happens.
        """
        journal = Journal(watch=watch)
        stage = Stage(self._setting, Draw(self._seed, "session over sockets"), journal)
        try:
            Play(Room(stage), stage, self._lenient).acts(session.told(self._seed).acts)
        except StoryFailed as failed:
            return Found(session, failed, journal)
        finally:
            stage.close()
        return None

    def search(self, failed_checks: Iterable[str]) -> Found | None:
        """The shortest session found that breaks something, confirmed; None if there is none."""
        kinds = vocabulary(failed_checks)
        if len(kinds) < len(KINDS) // 2:
            raise NotReached(min(failed_checks))
        if self._setting.known_facts.unexplorable:
            return self._tour(kinds)
        sandbox = self._setting.sandbox
        server = sandbox.fresh(self._setting.source) / FILE
        standing = Standing(server, sandbox.python, in_sandbox.processes(sandbox))
        try:
            world = World(standing, self._seed, self._lenient)
            if world.is_closed_to(Session(OPENING, kinds)):
                return self._tour(kinds)
            counts = self._setting.counts
            failing = explored(world, kinds, self._seed, self._memory, counts=counts)
        finally:
            standing.close()
        for session in failing:
            if found := self.play(session):
                return found
        if failing:
            raise Inconclusive("session_unsure")
        return None

    def _tour(self, kinds: tuple[str, ...]) -> Found | None:
        """The first tour that breaks something over real sockets."""
        for order in orders(kinds, self._seed):
            expansion = Expansion(self._seed)
            for step in OPENING:
                expansion.take(step)
            tour(order, expansion.model, expansion.take)
            if found := self.play(Session(tuple(expansion.steps), kinds)):
                return found
        return None


def leniency(setting: Setting) -> Leniency:
    """What is not judged once more, as a check of its own has failed over it."""
    failed, known = setting.failed, setting.known_facts
    odd = known.asks_otherwise or known.accepts_otherwise
    form = {"broadcast.format", "broadcast.order", "broadcast.joined_only"}
    handshake = {"nickname.request", "nickname.accept", "nickname.unique", "nickname.invalid"}
    return Leniency(
        form=bool(form & failed) or not known.frames_chat,
        echo="broadcast.not_to_sender" in failed,
        handshake=bool(handshake & failed) or odd or not known.frames_request,
    )


class World:
    """Tells sessions in the deterministic world, each to a fresh process of the server."""

    def __init__(self, standing: Standing, seed: int, lenient: Leniency) -> None:
        self._standing = standing
        self._seed = seed
        self._lenient = lenient
        self._known: dict[Session, bool] = {}
        # Seconds that the program has computed in all sessions.
        self.cpu = 0.0

    @property
    def is_tired(self) -> bool:
        """Whether the program has computed as long as all sessions may take together."""
        return self.cpu > MOST_CPU and len(self._known) >= FEWEST

    def is_closed_to(self, session: Session) -> bool:
        """Whether the program cannot live there; ``session`` is a short one."""
        report, _ = self._tell(session)
        # One that ends at once wants to be called in another way.
        return not report.cycles or report.cycles[0]["end"] != "done"

    def breaks(self, session: Session) -> bool:
        """Whether server and model part somewhere in the session."""
        if session not in self._known:
            report, expansion = self._tell(session)
            cycle = report.cycles[0] if report.cycles else None
            self._known[session] = (
                cycle is not None
                and not is_beyond_control(cycle)
                and disagreement(expansion.acts, cycle, self._lenient) is not None
            )
        return self._known[session]

    def _tell(self, session: Session) -> tuple[Report, Expansion]:
        expansion = session.told(self._seed)
        report = self._standing.run([cycle_of(expansion.acts)])
        self.cpu += report.cpu
        return report, expansion


class Parted(Exception):
    """Server and model part in this session."""


def explored(
    world: World,
    kinds: tuple[str, ...],
    seed: int,
    memory: Path | None = None,
    sessions: int = SESSIONS,
    counts: Callable[[int, int], object] | None = None,
) -> list[Session]:
    """Sessions in which server and model part, the shortest first; empty where there is none.

    ``memory``: the folder of Hypothesis' database; ``sessions``: how many are told at most, until
    one fails and is made shorter; ``counts`` hears how many were, and that number.
    """
    # Imported here: it takes a third of a second, and most runs do not come this far.
    from hypothesis import HealthCheck, Phase, Verbosity, settings
    from hypothesis import seed as seeded
    from hypothesis import strategies as some
    from hypothesis.database import DirectoryBasedExampleDatabase
    from hypothesis.errors import HypothesisException
    from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

    failing: list[Session] = []
    attempts = told = 0

    @seeded(seed)
    class Machine(RuleBasedStateMachine):
        """One example: steps beside the model, told at the end."""

        def __init__(self) -> None:
            super().__init__()
            self.expansion = Expansion(seed)
            for step in OPENING:
                self.expansion.take(step)

        # One rule for all kinds. With a rule for each, Hypothesis switches some of them off in each
        # example, and a step can then not be left out by itself.
        @rule(kind=some.sampled_from(kinds), who=some.integers(0, 4), form=some.integers(0, FORMS))
        def take(self, kind: str, who: int, form: int) -> None:
            self.expansion.take(Step(kind, who, form))

        def teardown(self) -> None:
            nonlocal attempts, told
            told += 1
            if counts is not None and told <= sessions:
                counts(told, sessions)
            session = Session(tuple(self.expansion.steps), kinds)
            if failing:
                attempts += 1
                is_enough = attempts > SHRINKING or world.cpu > 2 * MOST_CPU
                if is_enough and session not in failing:
                    return
            elif world.is_tired:
                return
            if world.breaks(session):
                if session not in failing:
                    failing.append(session)
                raise Parted

    chosen = settings(
        max_examples=sessions,
        stateful_step_count=STEPS,
        deadline=None,
        database=DirectoryBasedExampleDatabase(memory) if memory else None,
        phases=[Phase.reuse, Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
        print_blob=False,
        report_multiple_bugs=False,
    )
    # What is found is in `failing`.
    with contextlib.suppress(Parted, HypothesisException):
        run_state_machine_as_test(Machine, settings=chosen)
    return sorted(failing, key=lambda session: len(session.steps))[:1] + failing[:1]


def as_story_file(found: Found, seed: int) -> str:
    """The session as the text of a story file."""
    steps = [step.as_json() for step in found.session.steps]
    left_out = sorted(set(KINDS) - set(found.session.kinds))
    document = {"schema": SCHEMA, "kind": "session", "seed": seed}
    return json.dumps(document | {"steps": steps, "left_out": left_out}, indent=1)


def session_from(document: dict[str, Any]) -> Session:
    """The session of a story file. Raises `ValueError` where there is none."""
    try:
        steps = [Step(str(kind), int(who), int(form)) for kind, who, form in document["steps"]]
        left_out = set(map(str, document.get("left_out", ())))
    except (KeyError, TypeError) as error:
        raise ValueError(str(error)) from None
    if any(step.kind not in KINDS for step in steps):
        raise ValueError("a step of an unknown kind")
    return Session(tuple(steps), tuple(kind for kind in KINDS if kind not in left_out))


def is_fair(session: Session, failed_checks: Iterable[str]) -> bool:
    """Whether nothing in the session stands on a check that failed."""
    fair = set(vocabulary(failed_checks))
    used: Sequence[str] = [*(step.kind for step in session.steps), *session.kinds]
    return fair.issuperset(used)
