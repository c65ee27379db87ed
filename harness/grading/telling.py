"""One telling of one story: a stage in, a verdict out, whatever the story ends in."""

from __future__ import annotations

import errno
import inspect
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from harness.actors.stage import Setting, Stage
from harness.contract import protocol, sentences
from harness.contract.rubric import Check, Language
from harness.contract.symptoms import (
    Failure,
    Inconclusive,
    NotReached,
    NotRunHere,
    StoryFailed,
    Symptom,
    about,
)
from harness.grading.results import Outcome, Verdict
from harness.program import ports
from harness.program.process import Program
from harness.record.draw import Draw
from harness.record.journal import Journal, What

# What the system refuses us says nothing of the submission. By errno, the reason to tell.
DISK_FULL = (errno.ENOSPC, errno.EDQUOT)
REFUSED = {errno.EMFILE: "no_descriptors", errno.ENFILE: "no_descriptors"}


class Unfit(Exception):
    """Nothing can be judged on this machine. The text is the sentence that says why."""


# Seconds of fair time for a program with an open TODO to say so, where it is not known to be idle.
SAID_WITHIN = 0.5


class Fixtures(Protocol):
    """What a group's stories play on, as far as the grader knows it."""

    def role(self, name: str) -> object:
        """What a story means by a parameter of this name."""

    @property
    def programs(self) -> list[Program]:
        """The programs of the submission that ran in this story."""

    @property
    def suspects(self) -> list[Program]:
        """Those of them whose exception would explain how the story ended."""

    def last_words(self) -> str:
        """What they wrote to stderr at last."""


Story = Callable[[Fixtures], None]


def roles(function: Callable[..., None]) -> Story:
    """A story that asks by parameter name for what it needs, as a function of its fixtures."""
    names = tuple(inspect.signature(function).parameters)
    return lambda room: function(**{name: room.role(name) for name in names})


def not_reached(check: Check, needed: str, lang: Language) -> Verdict:
    """The verdict on ``check`` while ``needed`` must be mended first."""
    why = sentences.not_reached(needed, lang)
    return Verdict(check.id, Outcome.NOT_REACHED, reason=why, waits_for=needed)


# The server ended the connection of the one at issue.
CUT_OFF = frozenset((Symptom.HUNG_UP, Symptom.ENDED_UNREFUSED))


def tell(
    check: Check,
    story: Story,
    setting: Setting,
    make: Callable[[Stage], Fixtures],
    seed: int,
    lang: Language,
) -> tuple[Verdict, Verdict | None]:
    """Tell ``story`` on a fresh stage: the verdict, and one to tell instead.

    The second is there for a story that ends in `NotReached`: what it saw, as a failure of its
    own. Raises `Unfit` when the disk is full.
    """
    with setting.sandbox.copies.clearing():
        return _tell(check, story, setting, make, seed, lang)


def _tell(
    check: Check,
    story: Story,
    setting: Setting,
    make: Callable[[Stage], Fixtures],
    seed: int,
    lang: Language,
) -> tuple[Verdict, Verdict | None]:
    began = _own_time()
    try:
        stage = Stage(setting, Draw(seed, check.id), Journal(watch=setting.watch))
        room = make(stage)
        try:
            ended, own = _ending(check, story, stage, room, lang)
        finally:
            stage.close()
    except NotRunHere as stopped:
        why = sentences.reason(stopped.reason, stopped.facts, lang)
        return Verdict(check.id, Outcome.NOT_RUN, reason=why), None
    except Inconclusive as stopped:
        why = sentences.reason(stopped.reason, stopped.facts, lang)
        return Verdict(check.id, Outcome.INCONCLUSIVE, reason=why), None
    except Exception as error:  # a fault of ours must cost nobody a point
        return Verdict(check.id, Outcome.INCONCLUSIVE, reason=_told(error, lang)), None
    took = _own_time() - began
    return replace(ended, duration=took), own and replace(own, duration=took)


def _own_time() -> float:
    """A clock in seconds that stands still while this waits for a port that other graders have."""
    return time.monotonic() - ports.waited()


def _ending(
    check: Check, story: Story, stage: Stage, room: Fixtures, lang: Language
) -> tuple[Verdict, Verdict | None]:
    """As `tell`, for a story that ends in something said of the submission."""

    def failed(failure: Failure) -> Verdict:
        _hear_of_todos(stage, room)
        _hear_of_a_crash(stage, room, failure)
        as_handed_in = stage.setting.sandbox.as_handed_in
        return Verdict(
            check.id,
            Outcome.FAILED,
            _renamed(_blamed(check, failure, room, stage), as_handed_in),
            story=stage.journal.events,
            stderr=as_handed_in(room.last_words()),
        )

    try:
        story(room)
    except StoryFailed as stopped:
        return failed(stopped.failure), None
    except NotReached as stopped:
        own = failed(stopped.failure) if stopped.failure else None
        return not_reached(check, stopped.check, lang), own
    left_out = stage.not_asked
    why = sentences.reason(left_out.reason, left_out.facts, lang) if left_out else ""
    return Verdict(check.id, Outcome.PASSED, reason=why), None


def _renamed(failure: Failure, name: Callable[[str], str]) -> Failure:
    """The failure, with ``name`` applied to each text in its facts."""

    def told(fact: object) -> object:
        if isinstance(fact, Mapping):
            return {key: told(each) for key, each in fact.items()}
        return name(fact) if isinstance(fact, str) else fact

    facts = {key: told(fact) for key, fact in failure.facts.items()}
    return replace(failure, facts=facts)


def refusal(error: BaseException) -> str:
    """The reason to tell when ``error`` means that the system gave us no more of something."""
    if isinstance(error, OSError):
        # The second is how `tempfile` says that it could write nowhere.
        if error.errno in DISK_FULL or "No usable temporary directory" in str(error):
            return "disk_full"
        # Python says BlockingIOError when no process can be started.
        return (
            "no_processes"
            if isinstance(error, BlockingIOError)
            else REFUSED.get(error.errno or 0, "")
        )
    is_threads = isinstance(error, RuntimeError) and "start new thread" in str(error)
    return "no_processes" if is_threads else ""


def _told(error: Exception, lang: Language) -> str:
    """Why a story ended in ``error``."""
    if why := refusal(error):
        if why == "disk_full":
            raise Unfit(sentences.reason(why, {}, lang)) from None
        return sentences.reason(why, {}, lang)
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(place.filename).name}:{place.lineno}"
    facts = {"error": f"{where}: {type(error).__name__}: {error}"}
    return sentences.reason("kit_error", facts, lang)


def _hear_of_todos(stage: Stage, room: Fixtures) -> None:
    """Let a program with an open TODO say so: its traceback comes after what broke through it."""
    if any(program.may_name_a_todo for program in room.programs):
        stage.wait_until(
            lambda: any(program.open_todo is not None for program in room.programs), SAID_WITHIN
        )


def _hear_of_a_crash(stage: Stage, room: Fixtures, failure: Failure) -> None:
    """Let a program that broke off say why: the connection ends before the traceback is printed."""
    if about(failure.symptom).is_lack and all(program.crash is None for program in room.suspects):
        stage.wait_until(
            lambda: any(program.crash is not None for program in room.suspects), SAID_WITHIN
        )


def _blamed(check: Check, failure: Failure, room: Fixtures, stage: Stage) -> Failure:
    """The failure, or the open TODO that the program itself named as its cause."""
    if _cut_off_others_alone(failure, room, stage):
        return failure
    for program in room.programs:
        program.end()
    todos = [todo for program in room.programs if (todo := program.open_todo) is not None]
    if not todos and about(failure.symptom).is_lack:
        # An `except` of the program's own may have swallowed what an open TODO raised.
        hidden = {each for program in room.programs for each in program.hidden_todos}
        # A member whose connection was ended was anywhere in the program by then.
        is_anywhere = failure.symptom is Symptom.HUNG_UP
        todos = sorted(hidden if is_anywhere else hidden & set(check.blame))
    if not todos or (about(failure.symptom).is_wrongdoing and min(todos) not in check.blame):
        return _with_its_crash(failure, room)
    return Failure(failure.who, Symptom.TODO_OPEN, {"todo": min(todos)})


def _cut_off_others_alone(failure: Failure, room: Fixtures, stage: Stage) -> bool:
    """Whether each open TODO that was said has ended another connection than the one at issue.

    A thread that comes to an open TODO ends, and its client is cut off. Where no more tracebacks
    stand there than others have joined, one that has not joined was cut off for another reason.
    """
    if failure.symptom not in CUT_OFF or any(p.status is not None for p in room.programs):
        return False
    seen = (event for event in stage.journal.events if event.what is What.SEE)
    joined = {event.to for event in seen if event.text == protocol.ACCEPTED}

    def said() -> int:
        return sum(program.todo_tracebacks for program in room.programs)

    if failure.who in joined or not 0 < said() <= len(joined):
        return False
    # Its own may still come: the connection ends before the traceback is printed.
    return not stage.wait_until(lambda: said() > len(joined), SAID_WITHIN)


def _with_its_crash(failure: Failure, room: Fixtures) -> Failure:
    """The failure, with the exception that explains why something is not there."""
    crash = next((crash for program in room.suspects if (crash := program.crash)), None)
    if crash is None or not crash.place or not about(failure.symptom).is_lack:
        return failure
    return replace(failure, facts={**failure.facts, "crash": crash.as_facts()})
