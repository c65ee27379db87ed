"""What a story of exploration calls `explorer`: it plays many sessions, on servers of its own."""

from __future__ import annotations

import json
from pathlib import Path

from harness.exploration import schedules
from harness.exploration.sessions import Explorer, as_story_file
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
        found = explorer.search(self._stage.failed)
        if found is None:
            return
        self._room.journal.adopt(found.journal.events)
        self._keep(SESSION_FILE, as_story_file(found, self._seed))
        raise found.failed

    def schedules_break_nothing(self) -> None:
        """No order of the threads that was explored breaks the room; earlier failures run first."""
        stage = self._stage
        if not (stage.source / FILE).is_file():
            raise StoryFailed(Failure(FILE, Symptom.NO_FILE, {"file": FILE}))
        verdict = self._earlier() or schedules.search(stage.sandbox, stage.source, self._seed)
        if verdict.outcome == "failed" and verdict.counterexample is not None:
            example = verdict.counterexample
            self._room.journal.adopt(schedules.story(example))
            self._keep(SCHEDULE_FILE, json.dumps(example.as_json(), ensure_ascii=False, indent=1))
            raise StoryFailed(schedules.failure(example))
        if verdict.outcome == "not_explorable":
            raise NotRunHere("not_explorable", why=verdict.reason)
        if verdict.outcome == "inconclusive":
            raise Inconclusive("not_explored", why=verdict.reason)

    def _earlier(self) -> Verdict | None:
        """What an earlier run found, run again; None when there is nothing or it is mended."""
        path = self._kept(SCHEDULE_FILE)
        if path is None or not path.is_file():
            return None
        try:
            example = Counterexample.load(path)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        verdict = schedules.again(self._stage.sandbox, self._stage.source, example)
        if verdict.outcome == "failed":
            return verdict
        if verdict.outcome == "passed":
            path.unlink(missing_ok=True)
        return None

    def _kept(self, name: str) -> Path | None:
        return None if self._stage.memory is None else self._stage.memory / name

    def _keep(self, name: str, text: str) -> None:
        """Save a failing story; a folder that cannot be written costs the saving only."""
        path = self._kept(name)
        if path is not None:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            except OSError:
                return
