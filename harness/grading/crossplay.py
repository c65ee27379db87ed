"""Plays the conversation of three people with one server program and three clients."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from harness.actors import calling
from harness.actors.keyboard import CHAT_PROMPT
from harness.actors.known_facts import KnownFacts
from harness.actors.person import Person
from harness.actors.server import Server
from harness.actors.stage import Setting, Stage
from harness.contract import protocol, sentences
from harness.contract.symptoms import Failure, Inconclusive, StoryFailed, Symptom
from harness.grading.judge import REFERENCE, Grading
from harness.grading.pairs import Pair, PairResult, announced, missing
from harness.grading.results import Outcome
from harness.program import observe
from harness.program.idle import IdleWatch
from harness.record.draw import Draw
from harness.record.journal import Journal

Conversation = Callable[[Person, Person, Person], None]
# What a client loses that connects to one port whatever it is told.
ADDRESS = "client.no_server"
# Seconds: nothing here is worth points, so nobody waits long for it.
STEP, START = 1.0, 2.0
# Seconds at rest after which a client without the prompt of SPEC has joined.
JOINED = 0.3


def plays(
    grading: Grading,
    conversation: Conversation,
    progress: Callable[[str], None] = lambda text: None,
) -> list[PairResult]:
    """One play for each pair, after the checks of a whole run; ``progress`` hears which is next."""
    results = []
    for pair in Pair:
        progress(announced(pair, grading.run.lang))
        results.append(_play(grading, pair, conversation))
    return results


def _play(grading: Grading, pair: Pair, conversation: Conversation) -> PairResult:
    needed = missing(pair, grading.verdicts, grading.known_facts.demonstrated)
    if pair is Pair.CLIENT and grading.known_facts.client_port:
        needed = needed or ADDRESS  # the reference server is not where it connects
    lang = grading.run.lang
    if needed is not None:
        return PairResult(pair, Outcome.NOT_RUN, reason=sentences.not_reached(needed, lang))
    if pair is not Pair.BOTH and not (REFERENCE / "server.py").is_file():
        return PairResult(pair, Outcome.NOT_RUN, reason=sentences.reason("no_reference", {}, lang))
    server, client = grading.pristine, grading.pristine
    known = replace(grading.known_facts, demonstrated=set())
    if pair is Pair.CLIENT:
        server, known = REFERENCE, replace(known, listens_at=None, called=calling.USUAL)
    if pair is Pair.SERVER:
        client = REFERENCE
        known = replace(
            known, own_prompts=set(), client_way=None, client_port=None, is_client_astray=False
        )
    try:
        failure = _converse(grading, server, client, known, conversation)
        has_reference = (REFERENCE / "server.py").is_file()
        if failure is not None and failure.by_clock and has_reference:
            control = _converse(grading, REFERENCE, REFERENCE, KnownFacts(), conversation)
            if control is not None:
                raise Inconclusive("reference_slow")
    except Inconclusive as stopped:
        reason = sentences.reason(stopped.reason, stopped.facts, lang)
        return PairResult(pair, Outcome.INCONCLUSIVE, reason=reason)
    if failure is not None and failure.symptom is Symptom.TODO_OPEN:
        return PairResult(pair, Outcome.NOT_RUN, reason=sentences.seen(failure, lang))
    return PairResult(pair, Outcome.FAILED if failure else Outcome.PASSED, failure)


def _converse(
    grading: Grading, server: Path, client: Path, known: KnownFacts, conversation: Conversation
) -> Failure | None:
    """How the conversation failed with these two programs; None when it did not."""
    scale = grading.patience.scale
    patience = replace(grading.patience, step=STEP * scale, start=START * scale)
    setting = Setting(grading.sandbox, server, patience, known)
    stage = Stage(setting, Draw(grading.run.seed, "crossplay"), Journal())
    host = Server(stage)
    people: list[Person] = []
    try:
        host.starts()
        is_listened_to(stage, host)
        people += [
            Person(stage, stage.draw.name(role), client, lambda: host.address)
            for role in ("ani", "budi", "citra")
        ]
        # One after the other: a beginner's server asks one at a time.
        for person in people:
            person.starts()
            person.gives_name()
            person.is_ready()
            if CHAT_PROMPT in known.own_prompts:
                rest = person.client.rest()
                stage.wait_until(lambda r=rest: r.has_lasted(JOINED), is_passive=False)  # type: ignore[misc]
        conversation(*people)
    except StoryFailed as failed:
        stage.close()  # with its programs, so that all they said is here
        programs = [host.program, *(person.client.program for person in people)]
        todos = [p.open_todo for p in programs if p is not None and p.open_todo is not None]
        return Failure("", Symptom.TODO_OPEN, {"todo": min(todos)}) if todos else failed.failure
    finally:
        stage.close()
    return None


def is_listened_to(stage: Stage, host: Server) -> None:
    """Wait until a client can connect, without a connection that would be one person too many.

    Raises `StoryFailed` when the server has ended.
    """
    program, rest = host.running, IdleWatch(host.running)

    def is_there() -> bool:
        if program.status is not None or observe.unaccepted(host.address) is not None:
            return True
        # Where the system does not show who listens: its banner, or else its silence.
        shown = sys.platform == "linux"
        return not shown and (program.has_printed(protocol.BANNER) or rest.has_lasted(STEP))

    stage.wait_until(is_there, stage.patience.start * 2, is_passive=False)
    if program.status is not None:
        raise StoryFailed(host.why_unreachable())
