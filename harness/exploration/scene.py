"""What a story of exploration calls `explorer`: it plays many sessions, on servers of its own."""

from __future__ import annotations

from pathlib import Path

from harness.exploration.sessions import Explorer, as_story_file
from harness.machine.program import Program
from harness.machine.room import Room

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
