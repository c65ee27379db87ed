"""What the evidence of a failure says of where in the client it comes from, beside the rubric.

Pure but for reading the submission's file; the counterpart of `clues`, which is about the server.
"""

from __future__ import annotations

import ast
from pathlib import Path

from harness.actors.client_program import FILE
from harness.contract.symptoms import Symptom
from harness.grading.results import Verdict


def prompts_by_input(verdict: Verdict, folder: Path) -> list[str]:
    """The lines that ask with ``input``, where nothing but the prompt below a message is missing.

    As ``client.py:70``. A prompt that ``input`` writes itself is known to nobody who shows a
    message; ``input()`` by itself writes none.
    """
    failure = verdict.failure
    if failure is None or failure.symptom is not Symptom.SCREEN_DIFFERS:
        return []
    above, _, prompt = str(failure.facts.get("line", "")).rpartition("\n")
    if not prompt.strip() or above.strip() != str(failure.facts.get("seen", "")).strip():
        return []
    try:
        tree = ast.parse((folder / FILE).read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return []
    return [
        f"{FILE}:{node.lineno}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "input"
        and node.args
    ]


def is_other_nickname(verdict: Verdict) -> bool:
    """Whether NICK was answered, and only with something else than what was typed."""
    failure = verdict.failure
    if failure is None or failure.symptom is not Symptom.NICKNAME_NOT_SENT:
        return False
    return bool(str(failure.facts.get("seen", "")).strip())
