"""What a story of exploration calls `explorer`: it plays many sessions, on servers of its own."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from pathlib import Path
from typing import Any

from harness.exploration import schedules
from harness.exploration.model import vocabulary
from harness.exploration.sessions import Explorer, Found, as_story_file, steps_from
from harness.exploration.verdict import Counterexample, Verdict
from harness.ground.symptom import Failure, Inconclusive, NotRunHere, StoryFailed, Symptom
from harness.machine.program import Program
from harness.machine.room import Room
from harness.machine.server import FILE

SCHEDULE_FILE = "exploration.schedules.json"
SESSION_FILE = "exploration.sessions.json"


class ExplorationScene:
    """The scene of the group `exploration`."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._stage = room.stage
        self._seed = room.draw.seed

    def role(self, name: str) -> object:
        """What a story means by a parameter of this name. Raises `KeyError` for an unknown one."""
        return {"explorer": self}[name]

    @property
    def programs(self) -> list[Program]:
        """None: every session ends its own."""
        return []

    def last_words(self) -> str:
        """Nothing: the story tells it."""
        return ""

    def random_sessions_agree_with_the_model(self) -> None:
        """No random session shows a room that behaves otherwise than the model."""
        explorer = Explorer(self._stage, self._seed, self._kept("examples"))
        found = self._earlier_session(explorer) or explorer.search(self._stage.failed)
        if found is None:
            return
        self._room.journal.adopt(found.journal.events)
        text = as_story_file(found, self._seed)
        raise StoryFailed(self._saved(found.failed.failure, SESSION_FILE, text))

    def _earlier_session(self, explorer: Explorer) -> Found | None:
        """The session that an earlier run found, if it is fair and fails still."""
        document = self._remembered(SESSION_FILE)
        if document is None:
            return None
        try:
            steps = steps_from(document)
        except ValueError:
            return None
        fair = set(vocabulary(self._stage.failed))
        found = explorer.play(steps) if fair.issuperset(step.kind for step in steps) else None
        if found is None:
            self._forget(SESSION_FILE)
        return found

    def schedules_break_nothing(self) -> None:
        """No order of the threads that was explored breaks the room; earlier failures run first."""
        stage = self._stage
        if not (stage.source / FILE).is_file():
            raise StoryFailed(Failure(FILE, Symptom.NO_FILE, {"file": FILE}))
        verdict = self._earlier() or schedules.search(stage.sandbox, stage.source, self._seed)
        if verdict.outcome == "failed" and verdict.counterexample is not None:
            example = verdict.counterexample
            self._room.journal.adopt(schedules.story(example))
            text = json.dumps(example.as_json(), ensure_ascii=False, indent=1)
            raise StoryFailed(self._saved(schedules.failure(example), SCHEDULE_FILE, text))
        if verdict.outcome == "not_explorable":
            raise NotRunHere("not_explorable", why=verdict.reason)
        if verdict.outcome == "inconclusive":
            raise Inconclusive("not_explored", why=verdict.reason)

    def _earlier(self) -> Verdict | None:
        """What an earlier run found, run again; None when there is nothing or it is mended."""
        document = self._remembered(SCHEDULE_FILE)
        if document is None:
            return None
        try:
            example = Counterexample.from_json(document)
        except (ValueError, KeyError, TypeError):
            return None
        verdict = schedules.again(self._stage.sandbox, self._stage.source, example)
        if verdict.outcome == "failed":
            return verdict
        if verdict.outcome == "passed":
            self._forget(SCHEDULE_FILE)
        return None

    def _kept(self, name: str) -> Path | None:
        return None if self._stage.memory is None else self._stage.memory / name

    def _remembered(self, name: str) -> dict[str, Any] | None:
        """A story file of an earlier run; None when there is none that can be read."""
        path = self._kept(name)
        try:
            document = json.loads(path.read_text(encoding="utf-8")) if path else None
        except (OSError, ValueError):
            return None
        return document if isinstance(document, dict) else None

    def _forget(self, name: str) -> None:
        """What it told is mended."""
        path = self._kept(name)
        if path is not None:
            with contextlib.suppress(OSError):
                path.unlink()

    def _saved(self, failure: Failure, name: str, text: str) -> Failure:
        """The failure, with where its story was saved; what cannot be written is not saved."""
        path = self._kept(name)
        if path is None:
            return failure
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        except OSError:
            return failure
        return dataclasses.replace(failure, facts={**failure.facts, "saved": str(path)})
