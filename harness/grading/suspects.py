"""What the lines that a failure names say of where its cause is: TODOs, or functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import chain
from pathlib import Path

from harness.actors.client_program import FILE
from harness.actors.keyboard import CHAT_PROMPT, NAME_PROMPT
from harness.actors.server_program import FILE as SERVER
from harness.contract.rubric import Rubric
from harness.contract.symptoms import Symptom
from harness.contract.todos import functions_at, places, that_return_nothing, todos_at
from harness.grading.client_clues import is_other_nickname, prompts_by_input
from harness.grading.clues import (
    asks_under_a_lock,
    decodes_otherwise,
    functions_behind,
    has_other_letters,
    lines_behind,
    served_alone,
    time_limits,
)
from harness.grading.results import Verdict

# The function that asks with each prompt, in the skeleton.
_ASKS = {NAME_PROMPT: (FILE, "choose_nickname"), CHAT_PROMPT: (FILE, "chat")}
_CONNECTS = (FILE, "connect")


def with_suspects(verdict: Verdict, folder: Path, rubric: Rubric) -> Verdict:
    """The verdict with the TODOs of the lines that it names, where they say more.

    An exception that comes from a TODO of the rubric's leaves the others suspected: what it
    died of may be their doing. Of lines in no TODO of ``folder``'s files the functions are added
    to the failure's facts, as ``where``. A prompt in other words comes from the TODO that asks
    with it.
    """
    if verdict.failure and verdict.failure.symptom is Symptom.PROMPT_DIFFERS:
        prompt = str(verdict.failure.facts["line"])
        return replace(verdict, suspected=_numbers(_ASKS[prompt], folder, rubric))
    if verdict.failure and "crash" not in verdict.failure.facts:
        if is_other_nickname(verdict):
            return _asked_with(NAME_PROMPT, "other_nickname", verdict, folder, rubric)
        if asking := prompts_by_input(verdict, folder):
            chats = _numbers(_ASKS[CHAT_PROMPT], folder, rubric)
            if not chats or set(chats) & set(todos_at(places(folder, rubric.todos), asking)):
                return _asked_with(CHAT_PROMPT, "prompt_by_input", verdict, folder, rubric)
        if first := served_alone(verdict):
            return _held_up(verdict, first, folder, rubric)
        if has_other_letters(verdict, folder):
            return _misread(verdict, folder, rubric)
        behind = [_numbers(each, folder, rubric) for each in functions_behind(verdict, folder)]
        if any(behind):
            return replace(verdict, suspected=tuple(chain.from_iterable(behind)))
        if reading := lines_behind(verdict, folder):
            return _of_lines(verdict, reading, folder, rubric)
        if limits := todos_at(places(folder, rubric.todos), time_limits(verdict, folder)):
            return _limited(verdict, limits, rubric)
    facts = verdict.failure.facts if verdict.failure else {}
    lines, crash = facts.get("lines"), facts.get("crash")
    if not lines and isinstance(stopped := facts.get("stopped"), list):
        lines = _in_todos(stopped, folder, rubric)
    if verdict.failure and verdict.failure.symptom is Symptom.SILENCE_ENDS_IT and not crash:
        # The limit of time was given where it connects; what it does to the receiver shows there.
        usual = rubric.checks[verdict.check].blame if verdict.check in rubric.checks else ()
        return replace(verdict, suspected=(*_numbers(_CONNECTS, folder, rubric), *usual))
    if isinstance(lines, list):
        named = lines
    elif isinstance(crash, Mapping):
        named = [str(crash.get("place", ""))]
    else:
        return verdict
    if isinstance(crash, Mapping) and "'NoneType'" in str(crash.get("error", "")):
        file = str(crash.get("place", "")).partition(":")[0]
        empty = that_return_nothing(folder, (each for each in rubric.todos if each.file == file))
        if empty:
            # What should have been a value is None, since its function has no `return`.
            return replace(verdict, suspected=tuple(empty))
    numbers = todos_at(places(folder, rubric.todos), named)
    if not numbers and (where := functions_at(folder, named)):
        assert verdict.failure is not None
        failure = replace(verdict.failure, facts={**facts, "where": where})
        return replace(verdict, failure=failure, suspected=())
    if isinstance(lines, list):
        return replace(verdict, suspected=tuple(numbers))
    if verdict.check not in rubric.checks:
        return verdict
    usual_ones = rubric.checks[verdict.check].blame
    others = [each for each in usual_ones if each not in numbers]
    is_known = set(numbers) <= set(usual_ones)
    return replace(verdict, suspected=tuple(numbers + others * is_known) if numbers else ())


def _of_lines(verdict: Verdict, lines: list[str], folder: Path, rubric: Rubric) -> Verdict:
    """The verdict with the TODOs of ``lines``, else with the functions and no TODO at all."""
    assert verdict.failure is not None
    if numbers := todos_at(places(folder, rubric.todos), lines):
        return replace(verdict, suspected=tuple(numbers))
    where = {"where": functions_at(folder, lines), "is_no_todos": True}
    facts = {**verdict.failure.facts, **where}
    return replace(verdict, failure=replace(verdict.failure, facts=facts))


def _held_up(verdict: Verdict, first: str, folder: Path, rubric: Rubric) -> Verdict:
    """The verdict with what keeps a second client waiting while the ``first`` is there.

    Not asked at all: it is where clients are accepted, or a lock is waited for before NICK is sent.
    Asked and not answered: a lock is held, or waited for, by who takes part or lets in.
    """
    failure = verdict.failure
    assert failure is not None
    names = ["take_part", "join"]
    if failure.symptom is Symptom.NO_REQUEST:
        names = ["accept_clients", *["ask_nickname", "take_part"] * asks_under_a_lock(folder)]
    numbers = chain.from_iterable(_numbers((SERVER, each), folder, rubric) for each in names)
    met = {"met": f"only_first_{failure.symptom}", "first": first}
    told = replace(failure, facts={**failure.facts, **met})
    usual = rubric.checks[verdict.check].blame if verdict.check in rubric.checks else ()
    return replace(verdict, failure=told, suspected=tuple(numbers) or usual)


def _asked_with(prompt: str, met: str, verdict: Verdict, folder: Path, rubric: Rubric) -> Verdict:
    """The verdict with the TODO that asks with ``prompt``, alone, and the hints called ``met``.

    Without such a function in ``folder``'s file the rubric's own TODOs stay.
    """
    failure = verdict.failure
    assert failure is not None
    failure = replace(failure, facts={**failure.facts, "met": met})
    return replace(verdict, failure=failure, suspected=_numbers(_ASKS[prompt], folder, rubric))


def _misread(verdict: Verdict, folder: Path, rubric: Rubric) -> Verdict:
    """The verdict with hints about how a name is decoded, and where that is done otherwise."""
    assert verdict.failure is not None
    told = replace(verdict.failure, facts={**verdict.failure.facts, "met": "other_letters"})
    verdict = replace(verdict, failure=told)
    others = decodes_otherwise(folder)
    return _of_lines(verdict, others, folder, rubric) if others else verdict


def _limited(verdict: Verdict, limits: list[int], rubric: Rubric) -> Verdict:
    """The verdict with the TODOs that limit the time of a connection, and the usual ones behind."""
    failure = verdict.failure
    assert failure is not None
    usual = rubric.checks[verdict.check].blame if verdict.check in rubric.checks else ()
    if failure.symptom is not Symptom.HUNG_UP:
        # Who is cut off by such a limit has hints of its own.
        failure = replace(failure, facts={**failure.facts, "met": "timed_sending"})
    others = (each for each in usual if each not in limits)
    return replace(verdict, failure=failure, suspected=(*limits, *others))


def _in_todos(stopped: list[str], folder: Path, rubric: Rubric) -> list[str] | None:
    """Lines at which threads were stopped, as far as they tell a TODO of ``folder``'s files.

    None where they are all in the functions that the skeleton brings: who calls those is to
    blame. Of a program on no skeleton all of them tell something.
    """
    there = places(folder, rubric.todos)
    inside = [each for each in stopped if todos_at(there, [each])]
    return inside or (None if there else stopped)


def _numbers(function: tuple[str, str], folder: Path, rubric: Rubric) -> tuple[int, ...]:
    """The TODO that is ``function`` of a file, where ``folder`` has it."""
    there = places(folder, rubric.todos).items()
    return tuple(number for number, each in there if (each.file, each.function) == function)
