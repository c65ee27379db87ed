"""What came of each check the last time this submission was graded, kept in its memory folder.

One file, `last_run.json`: check id -> what is remembered of it. A run of some checks only changes
theirs. Where it cannot be read or written nothing is remembered, and nothing is lost by it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.contract.symptoms import Failure, Symptom
from harness.grading.judge import REPO
from harness.grading.results import Outcome, Verdict
from harness.grading.results_file import replaces

FILE = "last_run.json"
# Beside it: the numbers of the TODOs that were not done then.
TODOS = "open_todos.json"


@dataclass(frozen=True, slots=True)
class Remembered:
    """One check when it was judged last.

    ``symptom`` is empty unless it failed; ``todo`` the open TODO that was why, or 0; ``waits_for``
    the check to mend first, of one that was not reached. ``hints`` counts the steps of the
    symptom's hints that were shown since it failed in this way; ``blamed`` are the TODOs that a
    graft has shown to be the cause, ``suspected`` those of the lines that the failure names.
    ``crashed``: the exception of the program that explains it;
    ``met``: how threads met, of a race.
    ``in_part``: it passed, but not all of it could be tried.
    ``is_latest``: it is what the last report told to mend; ``files`` stands for the very files that
    were judged.
    """

    outcome: str
    symptom: str = ""
    todo: int = 0
    waits_for: str = ""
    hints: int = 0
    blamed: tuple[int, ...] = ()
    suspected: tuple[int, ...] = ()
    crashed: str = ""
    is_latest: bool = False
    files: str = ""
    in_part: bool = False
    met: str = ""

    def as_verdict(self, check: str) -> Verdict | None:
        """The verdict on ``check``, without its evidence; None where the words are unknown."""
        if self.outcome not in set(Outcome):
            return None
        failure = None
        if self.symptom in set(Symptom):
            facts: dict[str, object] = {"todo": self.todo}
            facts |= {"crash": {"error": self.crashed}} if self.crashed else {}
            facts |= {"met": self.met} if self.met else {}
            failure = Failure("", Symptom(self.symptom), facts)
        return Verdict(
            check,
            Outcome(self.outcome),
            failure,
            waits_for=self.waits_for,
            blamed=self.blamed,
            suspected=self.suspected,
        )


def memory_of(folder: Path) -> Path:
    """Where it is kept what is known of the submission in ``folder``, from run to run."""
    mark = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:12]
    return REPO / ".modul4" / mark


def mark_of(files: Mapping[str, str]) -> str:
    """What stands for these files, given as the digest of each."""
    return hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest()[:12]


def recall(memory: Path | None) -> dict[str, str]:
    """The outcome of each check when it was judged last; empty when nothing is known."""
    return {check: each.outcome for check, each in recall_all(memory).items()}


def recall_all(memory: Path | None) -> dict[str, Remembered]:
    """All that is remembered of each check; empty when nothing is known."""
    if memory is None:
        return {}
    try:
        table = json.loads((memory / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(table, dict):
        return {}
    return {str(check): _remembered(row) for check, row in table.items()}


def keep(
    memory: Path | None,
    before: Mapping[str, str],
    verdicts: Mapping[str, Verdict],
    shown: str = "",
    files: str = "",
) -> None:
    """Remember these verdicts, beside those of ``before`` that were not judged again.

    ``shown``: the check whose first hint the report has shown; ``files`` stands for what was
    judged.
    """
    old = recall_all(memory)
    table = {name: old.get(name, Remembered(outcome)) for name, outcome in before.items()}
    table |= {
        name: dataclasses.replace(_made(verdict, old.get(name)), files=files)
        for name, verdict in verdicts.items()
    }
    if shown:
        table = {name: dataclasses.replace(each, is_latest=False) for name, each in table.items()}
    if shown in table:
        count = max(1, table[shown].hints)
        table[shown] = dataclasses.replace(table[shown], hints=count, is_latest=True)
    keep_all(memory, table)


def keep_all(memory: Path | None, table: Mapping[str, Remembered]) -> None:
    """Remember exactly this."""
    if memory is not None:
        _write(memory, FILE, {name: dataclasses.asdict(each) for name, each in table.items()})


def recall_todos(memory: Path | None) -> frozenset[int]:
    """The TODOs that were not done the last time; none when nothing is known."""
    if memory is None:
        return frozenset()
    try:
        numbers = json.loads((memory / TODOS).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return frozenset()
    known = numbers if isinstance(numbers, list) else []
    return frozenset(number for number in known if type(number) is int)


def keep_todos(memory: Path | None, numbers: Collection[int]) -> None:
    """Remember that these TODOs are not done."""
    if memory is not None:
        _write(memory, TODOS, sorted(numbers))


def _write(memory: Path, name: str, value: object) -> None:
    with contextlib.suppress(OSError):
        memory.mkdir(parents=True, exist_ok=True)
        aside = memory / f"{name}.new"
        aside.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
        replaces(aside, memory / name)


def _made(verdict: Verdict, before: Remembered | None) -> Remembered:
    """What to remember of ``verdict``; the count of hints goes on while the symptom stays."""
    symptom = str(verdict.failure.symptom) if verdict.failure else ""
    todo = verdict.open_todo or 0
    is_same = before is not None and (before.symptom, before.todo) == (symptom, todo)
    hints = before.hints if before and symptom and is_same else 0
    crash = verdict.failure.facts.get("crash") if verdict.failure else None
    crashed = str(crash.get("error", "")) if isinstance(crash, Mapping) else ""
    return Remembered(
        str(verdict.outcome), symptom, todo, verdict.waits_for, hints, verdict.blamed,
        verdict.suspected, crashed, in_part=verdict.is_in_part,
        met=str(verdict.failure.facts.get("met", "")) if verdict.failure else "",
    )  # fmt: skip


def _remembered(row: object) -> Remembered:
    """A row of the file; where a value is of another kind, as if it were not there."""
    if not isinstance(row, dict):
        return Remembered(str(row))  # A file of an older version: the outcome alone.
    names = {each.name: each.default for each in dataclasses.fields(Remembered)}
    values = {
        name: row[name]
        for name, default in names.items()
        if type(row.get(name)) is (str if name == "outcome" else type(default))
    }
    for name in ("blamed", "suspected"):
        numbers = row.get(name)
        if isinstance(numbers, list) and all(type(number) is int for number in numbers):
            values[name] = tuple(numbers)  # What JSON has for a tuple.
    return Remembered(**{"outcome": "", **values})
