"""What is shown of one failure: expected and seen, the story, the hint, how to run it again."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from harness.contract import hints, sentences
from harness.contract.rubric import Check, Language
from harness.grading.results import Run, Verdict
from harness.record.journal import What
from harness.record.transcript import MARK, transcript
from harness.reports.paint import Paint
from harness.reports.todo_words import todo_words

# Columns of text at the most, and where the terminal is narrower, at the least.
WIDEST, NARROWEST = 96, 48
# Lines of the story in the report; the results file has it whole.
MOST_STORY = 14
# An interleaving is shown whole: where it begins to go wrong is at its beginning.
MOST_LANES = 48
# The column in which the evidence begins.
LABEL = 18
INDENT = " " * 4

_T: dict[str, dict[Language, str]] = {
    "expected": {"id": "seharusnya", "en": "expected"},
    "seen": {"id": "yang terjadi", "en": "seen"},
    "story": {"id": "ceritanya", "en": "the story"},
    "stderr": {"id": "stderr programmu", "en": "your stderr"},
    "todo": {"id": "di filemu", "en": "in your file"},
    "hint": {"id": "petunjuk", "en": "hint"},
    "again": {"id": "ulangi ini saja", "en": "just this again"},
    "replay": {"id": "putar ulang", "en": "replay"},
}


def width() -> int:
    """Columns that a wrapped text may take: those of the terminal, or of COLUMNS, within bounds."""
    return min(max(shutil.get_terminal_size((WIDEST, 24)).columns, NARROWEST), WIDEST)


def evidence(
    check: Check,
    verdict: Verdict,
    lang: Language,
    paint: Paint,
    places: Mapping[int, str] = MappingProxyType({}),
) -> list[str]:
    """What was expected and seen, the story, the hint, the TODO and, where known, its place."""
    assert verdict.failure is not None
    failure = verdict.failure
    lines = [
        *_wrapped("expected", sentences.expected(failure, lang), lang),
        *_wrapped("seen", sentences.seen(failure, lang), lang),
    ]
    if verdict.open_todo is None and verdict.story:
        lines.append(f"    {_T['story'][lang]}:")
        is_lanes = any(event.what is What.RUN for event in verdict.story)
        for line in transcript(verdict.story, lang, MOST_LANES if is_lanes else MOST_STORY):
            shown = line if len(line) <= WIDEST * 2 else line[: WIDEST * 2] + " …"
            lines.append("    " + (paint("bad", shown) if MARK in line else paint("dim", shown)))
    if verdict.stderr and verdict.open_todo is None:
        lines.append(f"    {_T['stderr'][lang]}:")
        lines += [
            f"      {paint('dim', sentences.visible(line)[: WIDEST * 2])}"
            for line in verdict.stderr.expandtabs().splitlines()
        ]
    lines += _wrapped("hint", hints.of_failure(check, failure, lang)[0], lang)
    if todos := todo_words(check, verdict, places, lang):
        lines += _wrapped("todo", todos, lang)
    return lines


def again(run: Run, verdict: Verdict, paint: Paint, default_path: str) -> list[str]:
    """How to run just this check again, and how to play again a story of it that was saved."""
    lang = run.lang
    lines = [_field("again", paint("strong", command(run, verdict.check, default_path)), lang)]
    if replay := replay_command(run, verdict, default_path):
        lines.append(_field("replay", paint("strong", replay), lang))
    return lines


def typed(words: Sequence[str]) -> str:
    """``words`` as a command line to be copied. The shells of Windows know no single quotes."""
    return subprocess.list2cmdline(words) if sys.platform == "win32" else shlex.join(words)


def replay_command(run: Run, verdict: Verdict, default_path: str) -> str:
    """What to type to play the story of ``verdict`` again; empty when none was saved."""
    named = saved_as(verdict)
    if not named:
        return ""
    words = ["python", "-m", "harness", "replay", named]
    if run.path != default_path:
        words.append(f"--submission={run.path}")
    return typed(words)


def saved_as(verdict: Verdict) -> str:
    """What `replay` calls the saved story of ``verdict``; empty when none was saved.

    The story of a check goes by its name; another file by its path.
    """
    file = verdict.failure.facts.get("saved") if verdict.failure else None
    if file is None:
        return ""
    is_its_own = Path(str(file)).stem == verdict.check
    return verdict.check if is_its_own else os.path.relpath(str(file))


def command(run: Run, check: str, default_path: str) -> str:
    """What to type to run just this check again, with the same random choices."""
    words = ["python", "-m", "harness", "-k", check, "--seed", str(run.seed)]
    if run.path != default_path:
        words.append(f"--submission={run.path}")
    return typed(words)


def whole_command(run: Run, default_path: str, *options: str) -> str:
    """What to type for a run of all checks."""
    words = ["python", "-m", "harness", *options]
    if run.path != default_path:
        words.append(f"--submission={run.path}")
    return typed(words)


def hint_command(run: Run, check: str, default_path: str) -> str:
    """What to type for the next hint for this check; for what was told to mend when it is empty."""
    words = ["python", "-m", "harness", "hint", *filter(None, [check])]
    if run.path != default_path:
        words.append(f"--submission={run.path}")
    return typed(words)


def _field(name: str, text: str, lang: Language) -> str:
    label = _T[name][lang] if name in _T else name
    return f"    {label + ':':<{LABEL}}{text}"


def _wrapped(name: str, text: str, lang: Language) -> list[str]:
    columns = width() - LABEL - len(INDENT)
    rows = textwrap.wrap(text, columns, break_long_words=False, break_on_hyphens=False) or [""]
    return [_field(name, rows[0], lang), *(f"{INDENT}{'':<{LABEL}}{row}" for row in rows[1:])]
