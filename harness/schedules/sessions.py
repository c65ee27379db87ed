"""Random sessions against a model of the room: tours, then a Hypothesis state machine.

Each session has a fresh server. What is found is shrunk with little patience, for speed; the
shortest session is then played once more with the full patience, believed only then, and saved.
Source of the idea: D. MacIver, Z. Hatfield-Dodds et al., Hypothesis' stateful testing.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from harness.actors.room import Room
from harness.actors.stage import Setting, Stage
from harness.contract.symptoms import Inconclusive, NotReached, StoryFailed
from harness.record.draw import Draw
from harness.record.journal import Event, Journal
from harness.schedules.model import NEEDS, Model, Step, vocabulary
from harness.schedules.session_play import Play
from harness.schedules.tours import orders, tour

EXAMPLES, STEPS = 24, 14
# Seconds of patience while shrinking, and for shrinking in all.
HASTE, MOST_SHRINKING = 0.4, 8.0
SCHEMA = "modul4-story/1"


@dataclasses.dataclass(frozen=True)
class Found:
    """A session that broke a promise, and how it went."""

    steps: tuple[Step, ...]
    failed: StoryFailed
    journal: Journal


class Explorer:
    """Tells random sessions to one submission. ``memory``: where earlier failures are kept."""

    def __init__(self, setting: Setting, seed: int, memory: Path | None = None) -> None:
        self._setting = setting
        self._seed = seed
        self._memory = memory

    def play(
        self,
        steps: Sequence[Step],
        setting: Setting | None = None,
        watch: Callable[[Event], object] | None = None,
    ) -> Found | None:
        """Play one session, with full patience if not told otherwise; what it found, if anything.

        ``watch`` is told every event as it happens.
        """

        def tell(session: _Session) -> None:
            for step in steps:
                session.takes(step)

        return self._told(tell, setting, watch)

    def _told(
        self,
        tell: Callable[[_Session], object],
        setting: Setting | None = None,
        watch: Callable[[Event], object] | None = None,
    ) -> Found | None:
        """A session of its own in which ``tell`` takes the steps; what it found, if anything."""
        session = _Session(setting or self._setting, self._seed, watch)
        try:
            tell(session)
            session.ends()
        except StoryFailed as failed:
            return session.found(failed)
        finally:
            session.close()
        return None

    def search(self, failed_checks: Iterable[str]) -> Found | None:
        """The shortest session found that breaks something, confirmed; None if there is none."""
        kinds = vocabulary(failed_checks)
        if len(kinds) < len(NEEDS) // 2:
            raise NotReached(min(failed_checks))
        return self._confirmed(self._tour(kinds) or self._explore(kinds))

    def _tour(self, kinds: tuple[str, ...]) -> Found | None:
        """The first tour that breaks something."""
        for order in orders(kinds, self._seed):

            def tell(session: _Session, order: Sequence[Step] = order) -> None:
                for _ in range(2):
                    session.takes(Step("join"))
                tour(order, session.model, session.takes)

            if found := self._told(tell):
                return found
        return None

    def _confirmed(self, found: Found | None) -> Found | None:
        """The find with as few steps as still break it, played again with full patience."""
        if found is None:
            return None
        for steps in (self._shrunk(found.steps), found.steps):
            if again := self.play(steps):
                return again
        raise Inconclusive("session_unsure")

    def _shrunk(self, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        """Leave out runs of steps, long ones first, for as long as it still breaks.

        Hypothesis shrinks better, but by many more attempts, and here an attempt that fails waits
        for a line that does not come.
        """
        deadline = time.monotonic() + MOST_SHRINKING
        size = len(steps) // 2
        while size:
            start = len(steps) - size
            while start >= 0 and time.monotonic() < deadline:
                fewer = steps[:start] + steps[start + size :]
                if self.play(fewer, self._hasty) is not None:
                    steps = fewer
                start -= size
            size //= 2
        return steps

    @property
    def _hasty(self) -> Setting:
        """The stage with little patience, for attempts that are confirmed later."""
        patience = dataclasses.replace(
            self._setting.patience, step=HASTE * self._setting.patience.scale
        )
        return dataclasses.replace(self._setting, patience=patience)

    def _explore(self, kinds: tuple[str, ...]) -> Found | None:
        # Imported here: it takes a third of a second, and most runs do not come this far.
        from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
        from hypothesis.database import DirectoryBasedExampleDatabase
        from hypothesis.errors import HypothesisException
        from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

        found: list[Found] = []
        setting, hasty, number = self._setting, self._hasty, self._seed

        @seed(number)
        class Machine(RuleBasedStateMachine):
            """One example: a fresh server, and steps taken on it and on the model."""

            def __init__(self) -> None:
                super().__init__()
                self.session = _Session(hasty if found else setting, number)
                for _ in range(2):
                    self.try_(lambda: self.session.takes(Step("join")))

            def try_(self, act: Callable[[], object]) -> None:
                try:
                    act()
                except StoryFailed as failed:
                    found.append(self.session.found(failed))
                    raise

            def teardown(self) -> None:
                try:
                    self.try_(self.session.ends)
                finally:
                    self.session.close()

        for kind in kinds:
            setattr(Machine, f"step_{kind}", _rule(kind))
        chosen = settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=DirectoryBasedExampleDatabase(self._memory) if self._memory else None,
            phases=[Phase.reuse, Phase.generate],
            suppress_health_check=list(HealthCheck),
            verbosity=Verbosity.quiet,
            print_blob=False,
            report_multiple_bugs=False,
        )
        # The find is in `found`, and confirmed by whoever asked.
        with contextlib.suppress(StoryFailed, HypothesisException):
            run_state_machine_as_test(Machine, settings=chosen)
        return found[0] if found else None


def _rule(kind: str) -> Any:
    """The rule of the state machine for one kind of step."""
    from hypothesis import strategies as some
    from hypothesis.stateful import precondition, rule

    def take(self: Any, who: int, count: int) -> None:
        self.try_(lambda: self.session.takes(Step(kind, who, count)))

    take.__name__ = f"step_{kind}"
    applicable = precondition(lambda self: self.session.model.can(kind))
    return applicable(rule(who=some.integers(0, 4), count=some.integers(1, 3))(take))


class _Session:
    """A fresh server, the play on it, and the steps taken so far."""

    def __init__(
        self, setting: Setting, seed: int, watch: Callable[[Event], object] | None = None
    ) -> None:
        self._journal = Journal(watch=watch)
        self._stage = Stage(setting, Draw(seed, "session"), self._journal)
        self._play = Play(Room(self._stage))
        self._steps: list[Step] = []
        self._has_failed = False

    @property
    def model(self) -> Model:
        """The room as it must be now."""
        return self._play.model

    def takes(self, step: Step) -> None:
        """Take one step, if it makes sense now."""
        self._steps.append(step)
        self._play.step(step)

    def ends(self) -> None:
        """Compare, unless it went wrong before."""
        if not self._has_failed:
            self._play.end()

    def found(self, failed: StoryFailed) -> Found:
        """What went wrong, with the steps that led there."""
        self._has_failed = True
        return Found(tuple(self._steps), failed, self._journal)

    def close(self) -> None:
        """End the server."""
        self._stage.close()


def as_story_file(found: Found, seed: int) -> str:
    """The session as the text of a story file."""
    steps = [step.as_json() for step in found.steps]
    return json.dumps({"schema": SCHEMA, "kind": "session", "seed": seed, "steps": steps}, indent=1)


def steps_from(document: dict[str, Any]) -> tuple[Step, ...]:
    """The steps of a story file. Raises `ValueError` where they are none."""
    try:
        steps = [Step(str(kind), int(who), int(count)) for kind, who, count in document["steps"]]
    except (KeyError, TypeError) as error:
        raise ValueError(str(error)) from None
    if any(step.kind not in NEEDS for step in steps):
        raise ValueError("a step of an unknown kind")
    return tuple(steps)
