"""The hints: three steps for each check and symptom, from the tables in `hint_tables/`.

The first asks a question, the second names a place to look, the third an experiment to make. The
more special goes first: a hint in the rubric for this check and symptom, then those of the pair of
the two, then the symptom's own, then the check's.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from harness.contract.rubric import LANGUAGES, Check, Language
from harness.contract.symptoms import Failure, about

FOLDER = Path(__file__).with_name("hint_tables")
STEPS = 3
_CHECKS, _PAGES, _PAIRS = "checks.toml", "pages.toml", "pairs.toml"
# The folder of the pages for students, from the top of the repository.
PAGES = "docs/id"

# Exceptions that have hints of their own, by what Python says: a connection that has ended (32, 104
# and others are the numbers of POSIX, 10038 and up those of Windows), the end of what is typed, an
# address that is taken.
CONNECTION_ENDED = re.compile(
    r"^(BrokenPipe|Connection\w*)Error|\[Errno (9|32|104|107)\]|\[WinError 100(38|53|54|57)\]"
)
_CRASHES = {
    "crash_connection": CONNECTION_ENDED,
    "crash_eof": re.compile(r"^EOFError"),
    "crash_address": re.compile(r"\[Errno (98|48)\]|\[WinError 100(48|13)\]"),
}

# Ways in which threads met that have hints of their own (see `schedules.meeting`), and what the
# story or the server's file says of the cause (see `grading.clues`).
_MET = (
    "hurried",
    "told_late",
    "walked_unlocked",
    "left_locked",
    "timed_sending",
    "only_first_no_request",
    "only_first_no_reply",
    "other_nickname",
    "prompt_by_input",
    "other_letters",
)

# By symptom, or by check: its steps in each language.
Table = Mapping[str, Mapping[str, list[str]]]


@functools.cache
def of_symptoms() -> Table:
    """The steps of each symptom; where there are two, the question is the failed check's."""
    files = (
        path for path in sorted(FOLDER.glob("*.toml")) if path.name not in (_CHECKS, _PAGES, _PAIRS)
    )
    return {name: row for path in files for name, row in _read(path.name).items()}


@functools.cache
def of_checks() -> Table:
    """The second and the third step for single checks, which go before a symptom's two."""
    return _read(_CHECKS)


@functools.cache
def of_pairs() -> Mapping[tuple[str, str], Mapping[str, list[str]]]:
    """All three steps for a check and a symptom of it, which go before the symptom's own."""
    return {
        (row["check"], symptom): {lang: row[lang] for lang in LANGUAGES}
        for row in tomllib.loads((FOLDER / _PAIRS).read_text(encoding="utf-8"))["pair"]
        for symptom in row["symptoms"]
    }


def steps(check: Check, symptom: str, lang: Language) -> tuple[str, ...]:
    """The `STEPS` hints for ``check`` when it failed with ``symptom``.

    Raises `KeyError` for a symptom that there is not.
    """
    found = of_symptoms()[symptom][lang]
    if len(found) < STEPS:
        found = [check.hint[lang], *of_checks().get(check.id, of_symptoms()[symptom])[lang]]
    if pair := of_pairs().get((check.id, symptom)):
        found = pair[lang]
    if symptom in check.hints:
        found = [check.hints[symptom][lang], *found[1:]]
    return tuple(found)


def of_failure(check: Check, failure: Failure, lang: Language) -> tuple[str, ...]:
    """The hints for ``check`` when it failed so; about the exception where one explains it."""
    if (crash := failure.facts.get("crash")) is not None and not about(failure.symptom).is_clearer:
        error = str(crash.get("error", "")) if isinstance(crash, Mapping) else ""
        kind = next((key for key, says in _CRASHES.items() if says.search(error)), "crash")
        return tuple(tomllib.loads((FOLDER / _PAIRS).read_text(encoding="utf-8"))[kind][lang])
    if (met := failure.facts.get("met")) in _MET:
        return tuple(tomllib.loads((FOLDER / _PAIRS).read_text(encoding="utf-8"))[met][lang])
    return steps(check, failure.symptom, lang)


def page(check: str, symptom: str, met: object = None) -> str:
    """The page that goes deeper, from the top of the repository; empty where there is none.

    ``met`` is that fact of the failure, where it has one.
    """
    table = _read(_PAGES)
    for column, name in (
        ("met", str(met)),
        ("pairs", f"{check} {symptom}"),
        ("symptoms", symptom),
        ("checks", check),
    ):
        if found := [page for page, row in table.items() if name in row.get(column, [])]:
            return f"{PAGES}/{found[0]}"
    return ""


@functools.cache
def _read(name: str) -> Table:
    return tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))
