"""What a story calls `explorer`: thread schedules and random sessions, on servers of its own."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from harness.actors.client_room import ClientRoom
from harness.actors.room import Room
from harness.actors.server_program import FILE
from harness.actors.stage import Stage
from harness.contract.symptoms import (
    Failure,
    Inconclusive,
    NotReached,
    NotRunHere,
    StoryFailed,
    Symptom,
)
from harness.program.process import Program
from harness.schedules import in_sandbox
from harness.schedules.counterexample import Counterexample, Exploration
from harness.schedules.cycles import EVERYTHING, LEAVERS, RIVALS, TALKERS, Aim
from harness.schedules.sessions import (
    Explorer,
    Found,
    as_story_file,
    is_fair,
    session_from,
)

SCHEDULE_FILES = (
    "nickname.race.json",
    "broadcast.crowd.json",
    "disconnect.mid_broadcast.json",
    "exploration.schedules.json",
)
RIVALS_FILE, TALKERS_FILE, LEAVERS_FILE, SCHEDULE_FILE = SCHEDULE_FILES
# The groups whose checks are about what a server does with its clients.
ROOM = frozenset(("nickname", "broadcast", "concurrency", "disconnect"))
# What goes wrong at the door goes wrong after some number of refusals, say: a session showed it
# calmly, and how many there are in a story of schedules depends on the order.
TOLD_BY_SESSIONS = frozenset(("dropped", "refused_free"))
# Kinds of violation that a check tells of which failed calmly: here they would look like races.
ELSEWHERE: Mapping[str, frozenset[str]] = {
    "exploration.sessions": TOLD_BY_SESSIONS,
    "broadcast.joined_only": frozenset(("not_joined",)),
}
SESSION_FILE = "exploration.sessions.json"


class Memory:
    """What earlier runs found in one submission: story files in a folder; nothing without one."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def path(self, name: str) -> Path | None:
        """Where the story of that name is kept."""
        return None if self._folder is None else self._folder / name

    def read(self, name: str) -> dict[str, Any] | None:
        """A story file of an earlier run; None when there is none that can be read."""
        path = self.path(name)
        try:
            document = json.loads(path.read_text(encoding="utf-8")) if path else None
        except (OSError, ValueError):
            return None
        return document if isinstance(document, dict) else None

    def forget(self, name: str) -> None:
        """What it told is mended."""
        path = self.path(name)
        if path is not None:
            with contextlib.suppress(OSError):
                path.unlink()

    def keep(self, failure: Failure, name: str, text: str) -> Failure:
        """The failure, with where its story was saved; what cannot be written is not saved."""
        path = self.path(name)
        if path is None:
            return failure
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        except OSError:
            return failure
        return dataclasses.replace(failure, facts={**failure.facts, "saved": str(path)})


class Schedules:
    """Explores the order of a server's threads for one story."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._setting = stage.setting
        self._memory = Memory(stage.setting.memory)

    def break_nothing(self, aim: Aim, file: str) -> Exploration:
        """No order of the threads that was explored breaks what ``aim`` is after.

        Failures of earlier runs are run first. Raises `StoryFailed` with the interleaving, saved
        as ``file``; returns the verdict when there is none.
        """
        fair = self._fair(aim)
        verdict = self._earlier(fair) or self._search(fair)
        if verdict.outcome == "failed" and verdict.counterexample is not None:
            example = verdict.counterexample
            # The interleaving is the story, and nothing that went well before it.
            self._stage.journal.tell_instead(in_sandbox.story(example))
            text = json.dumps(example.as_json(), ensure_ascii=False, indent=1)
            raise StoryFailed(self._memory.keep(in_sandbox.failure(example), file, text))
        return verdict

    def _fair(self, aim: Aim) -> Aim:
        """What failed in a check of its own is not failed once more here."""
        failed = {check for check in self._setting.failed if is_about_the_room(check)}
        return dataclasses.replace(
            aim,
            polite="broadcast.framing" in failed,
            gentle="disconnect.reset" in failed,
            only_races=bool(failed),
            told_elsewhere=frozenset().union(
                *(ELSEWHERE[each] for each in ELSEWHERE if each in failed)
            ),
        )

    def _search(self, aim: Aim) -> Exploration:
        known = self._setting.known_facts
        if known.unexplorable:
            return Exploration("not_explorable", reason=dict(known.unexplorable))
        setting, seed = self._setting, self._stage.draw.seed
        verdict = in_sandbox.search(setting.sandbox, setting.source, seed, aim, setting.counts)
        if verdict.is_beyond_control:
            # To find that out again would take seconds.
            known.unexplorable = verdict.reason
        return verdict

    def _earlier(self, aim: Aim) -> Exploration | None:
        """What was found earlier, run again; None when there is nothing or it is mended."""
        for name in SCHEDULE_FILES:
            document = self._memory.read(name)
            try:
                example = Counterexample.from_json(document) if document else None
            except (ValueError, KeyError, TypeError):
                continue
            if example is None or not aim.covers(example.storm, example.violation):
                continue
            verdict = in_sandbox.again(self._setting.sandbox, self._setting.source, example, aim)
            if verdict.outcome == "failed":
                return verdict
            if verdict.outcome == "passed":
                self._memory.forget(name)
        return None


def is_about_the_room(check: str) -> bool:
    """Whether what ``check`` is about can break a story of exploration: not a log line, say."""
    group, _, name = check.partition(".")
    return (group in ROOM and name != "log") or check == "exploration.sessions"


class ScheduledRoom(Room):
    """A scene whose stories can also be told under a schedule of the server's own threads.

    Where schedules cannot be explored the rest of the story stands by itself.
    """

    def role(self, name: str) -> object:
        """What a story means by a parameter called ``name``. Raises `KeyError`."""
        return self if name == "explorer" else super().role(name)

    def no_schedule_gives_a_name_twice(self) -> None:
        """Rivals for one name: in whatever order the server's threads go, one gets it."""
        Schedules(self._stage).break_nothing(RIVALS, RIVALS_FILE)

    def no_schedule_mixes_lines(self) -> None:
        """Many talk at once: in whatever order the server's threads go, every line is whole."""
        Schedules(self._stage).break_nothing(TALKERS, TALKERS_FILE)

    def no_schedule_cuts_off_who_stays(self) -> None:
        """Some leave while others talk: whatever the order, who stays misses nothing."""
        if "broadcast.crowd" in self._stage.setting.failed:
            return  # talk goes wrong without anybody leaving
        Schedules(self._stage).break_nothing(LEAVERS, LEAVERS_FILE)


class ExplorationFixtures:
    """The scene of the group `exploration`."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._setting = stage.setting
        self._seed = stage.draw.seed
        self._memory = Memory(stage.setting.memory)

    def role(self, name: str) -> object:
        """What a story means by a parameter of this name. Raises `KeyError` for an unknown one."""
        return {"explorer": self}[name]

    @property
    def programs(self) -> list[Program]:
        """None: every session ends its own."""
        return []

    suspects = programs

    def last_words(self) -> str:
        """Nothing: the story tells it."""
        return ""

    def random_sessions_agree_with_the_model(self) -> None:
        """No random session shows a room that behaves otherwise than the model."""
        explorer = Explorer(self._setting, self._seed, self._memory.path("examples"))
        found = self._earlier_session(explorer) or explorer.search(self._setting.failed)
        if found is None:
            return
        self._stage.journal.adopt(found.journal.events)
        text = as_story_file(found, self._seed)
        raise StoryFailed(self._memory.keep(found.failed.failure, SESSION_FILE, text))

    def _earlier_session(self, explorer: Explorer) -> Found | None:
        """The session that an earlier run found, if it is fair and fails still."""
        document = self._memory.read(SESSION_FILE)
        if document is None:
            return None
        try:
            session = session_from(document)
        except ValueError:
            return None
        found = explorer.play(session) if is_fair(session, self._setting.failed) else None
        if found is None:
            self._memory.forget(SESSION_FILE)
        return found

    def schedules_break_nothing(self) -> None:
        """No order of the threads that was explored breaks the room; earlier failures run first."""
        if not (self._setting.source / FILE).is_file():
            raise StoryFailed(Failure(FILE, Symptom.NO_FILE, {"file": FILE}))
        verdict = Schedules(self._stage).break_nothing(EVERYTHING, SCHEDULE_FILE)
        failed = sorted(filter(is_about_the_room, self._setting.failed))
        if verdict.outcome == "not_explorable" and failed and not verdict.is_beyond_control:
            # The calm story does not work, and why is told there.
            raise NotReached("disconnect.no_spin" if "disconnect.no_spin" in failed else failed[0])
        if verdict.outcome == "not_explorable":
            raise NotRunHere("not_explorable", why=verdict.reason)
        if verdict.outcome == "inconclusive":
            raise Inconclusive("not_explored", why=verdict.reason)


# By group of checks: what gives its stories their parameters, an `explorer` among them.
FIXTURES: Mapping[str, Callable[[Stage], Any]] = {
    "nickname": ScheduledRoom,
    "broadcast": ScheduledRoom,
    "disconnect": ScheduledRoom,
    "exploration": ExplorationFixtures,
    "client": ClientRoom,
}
