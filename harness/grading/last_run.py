"""What came of each check the last time this submission was graded, kept in its memory folder.

One file, `last_run.json`: check id -> outcome. A run of some checks only changes theirs. Where it
cannot be read or written nothing is remembered, and nothing is lost by it.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path

from harness.grading.results import Verdict

FILE = "last_run.json"


def recall(memory: Path | None) -> dict[str, str]:
    """The outcome of each check when it was judged last; empty when nothing is known."""
    if memory is None:
        return {}
    try:
        table = json.loads((memory / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(table, dict):
        return {}
    return {str(check): str(outcome) for check, outcome in table.items()}


def keep(memory: Path | None, before: Mapping[str, str], verdicts: Mapping[str, Verdict]) -> None:
    """Remember these verdicts, beside those of ``before`` that were not judged again."""
    if memory is None:
        return
    table = {**before, **{name: str(each.outcome) for name, each in verdicts.items()}}
    with contextlib.suppress(OSError):
        memory.mkdir(parents=True, exist_ok=True)
        aside = memory / f"{FILE}.new"
        aside.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
        aside.replace(memory / FILE)
