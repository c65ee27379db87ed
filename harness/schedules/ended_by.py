"""An exception that nobody caught, and that explains by itself what a schedule seems to break.

A send to somebody who has just left raises. Where that ends the thread of somebody else, the fault
is the exception: the order of the threads only decides when it comes.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.actors.server_program import FILE
from harness.schedules.counterexample import Counterexample

# What somebody suffers whose thread has ended: no more lines, or no connection.
SUFFERED = frozenset(("lost", "dropped"))


def ended_by(example: Counterexample) -> dict[str, str] | None:
    """The error and its place, if it ended the thread of the one concerned, or of who spoke."""
    broken = example.violation
    if broken.kind not in SUFFERED:
        return None
    for error in example.errors:
        if error.get("os_error") and error["label"] in {broken.who, *speakers_of(example)}:
            place = place_of(error)
            said = f"{error['type']}: {error['text']}".removesuffix(": ")
            return {"error": said, "place": place} if place else None
    return None


_DIED = {
    "id": ". Thread {who} berakhir karena {error}, di baris {line}",
    "en": ". Thread {who} ended by {error}, at line {line}",
}


def died_in_words(example: Counterexample, names: Mapping[str, str]) -> dict[str, str]:
    """Of an exception that came of the order of the threads: whose thread it ended, and where.

    Empty where there was none, or where it is told as what was broken. ``names`` as of `names_of`.
    """
    broken = example.violation
    concerned = {broken.who, *speakers_of(example)} if broken.kind in SUFFERED else set()
    for error in example.errors:
        place, who = place_of(error), error["label"]
        if place and who in concerned and not error.get("os_error"):
            said = f"{error['type']}: {error['text']}".removesuffix(": ")
            facts = {"who": names.get(who, who), "error": said, "line": place.rpartition(":")[2]}
            return {lang: text.format(**facts) for lang, text in _DIED.items()}
    return {}


def speakers_of(example: Counterexample) -> set[str]:
    """Who said the line that was lost; nobody where the violation is about no line."""
    text = example.violation.expected.partition(": ")[2]
    return {who for _, who, what, said in example.journal if what == "say" and said == text}


def place_of(error: Mapping[str, Any]) -> str:
    """The last line of the student's own file that an exception went through; empty for none."""
    own = [line for file, line, _ in error["frames"] if Path(str(file)).name == FILE]
    return f"{FILE}:{own[-1]}" if own else ""
