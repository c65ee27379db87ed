"""The TODOs of a failed check, or its lines, in words: where they stand, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping

from harness.contract.rubric import Check, Language
from harness.grading.results import Verdict, blamed_numbers

_SHOWN: dict[Language, str] = {"id": "salahnya di {todos}", "en": "the fault is in {todos}"}
_GUESSED: dict[Language, str] = {"id": "mungkin {todos}", "en": "perhaps {todos}"}
_AND: dict[Language, str] = {"id": " dan ", "en": " and "}


def todo_words(check: Check, verdict: Verdict, places: Mapping[int, str], lang: Language) -> str:
    """``the fault is in TODO 9 (server.py:80-97, broadcast)``; ``perhaps`` those of the rubric.

    ``places``: where the function of each TODO stands ("server.py:80-97, broadcast"). Of the
    rubric's TODOs only those are named that have one. Without any the program was written without
    the skeleton: then the lines that the failure names, with their functions; else nothing.
    """
    numbers = blamed_numbers(check, verdict)
    is_certain = bool(verdict.blamed) or verdict.open_todo is not None
    known = [number for number in numbers if number in places or is_certain]
    named = [
        f"TODO {number} ({places[number]})" if number in places else f"TODO {number}"
        for number in known
    ]
    if not named:
        return str(verdict.failure.facts.get("where", "")) if verdict.failure else ""
    if verdict.open_todo is not None:
        return ", ".join(named)
    if not verdict.blamed:
        return _GUESSED[lang].format(todos=", ".join(named))
    return _SHOWN[lang].format(todos=_AND[lang].join(named))
