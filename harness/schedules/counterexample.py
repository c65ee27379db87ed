"""What an exploration can end with, and the counterexample that can be saved and run again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from harness.schedules.oracle import Violation

SCHEMA = "modul4-schedule/1"
ExplorationOutcome = Literal["passed", "failed", "inconclusive", "not_explorable"]


def is_calm(policy: Mapping[str, Any]) -> bool:
    """Whether a thread runs until it has to wait, under this policy of the scheduler."""
    return policy["kind"] == "script" and not policy["choices"]


@dataclass(frozen=True)
class ExecutedLine:
    """One line of the submission, run by one thread."""

    lane: str
    file: str
    line: int
    source: str
    # The first of a thread's lines after another thread ran.
    switched: bool = False
    # The thread was stopped here on purpose: before this line, or in the middle of it.
    stopped: str = ""
    # The thread held a lock when it was stopped here.
    is_locked: bool = False
    # It reads or writes what threads share, takes a lock, sends or receives.
    is_shared: bool = True
    # How many events the journal had when it began.
    mark: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Counterexample:
    """Everything needed to run the failing schedule again, and to explain it."""

    seed: int
    storm: str
    # Cycles that have to run before in the same process; nearly always none.
    before: list[dict[str, Any]]
    # The cycle as it was found (story, seed, policy), and with the shrunk list of choices.
    found: dict[str, Any]
    shrunk: dict[str, Any]
    violation: Violation
    preemptions: int
    # How many times the schedule as it was found interrupted a thread.
    choices_found: int
    steps: list[ExecutedLine]
    waits: list[dict[str, Any]]
    errors: list[dict[str, Any]]
    journal: list[list[Any]]
    # What two threads share there, as `conflict.Conflict` has it; None if that is not known.
    conflict: dict[str, Any] | None = None
    # How many orders of the threads had been tried until then; 0 if that is not known.
    tried: int = 0

    @property
    def is_calm(self) -> bool:
        """Whether it fails with no thread interrupted: an ordinary fault then, and no race."""
        return all(is_calm(cycle["policy"]) for cycle in [*self.before, self.shrunk])

    def as_json(self) -> dict[str, Any]:
        return {"schema": SCHEMA, **asdict(self)}

    @staticmethod
    def from_json(data: dict[str, Any]) -> Counterexample:
        if data.get("schema") != SCHEMA:
            raise ValueError(f"not a {SCHEMA} file: schema is {data.get('schema')!r}")
        rest = {name: value for name, value in data.items() if name != "schema"}
        rest["violation"] = Violation(**rest["violation"])
        rest["steps"] = [ExecutedLine(**step) for step in rest["steps"]]
        return Counterexample(**rest)

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(self.as_json(), indent=1, ensure_ascii=False), encoding="utf-8")

    @staticmethod
    def load(path: Path) -> Counterexample:
        return Counterexample.from_json(json.loads(path.read_text(encoding="utf-8")))


@dataclass(frozen=True)
class Exploration:
    """The result of an exploration, and how many cycles it took."""

    outcome: ExplorationOutcome
    cycles: int = 0
    counterexample: Counterexample | None = None
    # One sentence in each language, for everything that is neither passed nor failed.
    reason: dict[str, str] = field(default_factory=dict)
    # Failures that did not come again when they were repeated: never shown to the student.
    unconfirmed: int = 0
    # The program does something that the launcher cannot control, whatever the search looks for.
    is_beyond_control: bool = False
