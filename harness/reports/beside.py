"""What else can be mended before the next run: failures that have nothing to do with the first.

They stand on the last screen where it has room, so that a program with many faults needs fewer
runs. Pure: verdicts in, lines out.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

from harness.contract import protocol, sentences
from harness.contract.rubric import Language, Rubric
from harness.contract.symptoms import Failure, Symptom, about
from harness.grading.next_step import unlocks
from harness.grading.results import Outcome, Verdict, blamed_numbers
from harness.record.journal import What

# So many failures at the most, and so many rows of each where there are ENOUGH for two.
MOST, ROWS_EACH, ENOUGH = 3, 2, 5
CUT = " …"
# On so few lines there is no room for a heading of its own.
FEW = 2
# An order of threads needs its story to be understood.
UNTOLD = "exploration."
_T: dict[str, dict[Language, str]] = {
    "head": {"id": "Yang ini bisa sekalian diperbaiki:", "en": "These can be mended as well:"},
    "short head": {"id": "Bisa sekalian: ", "en": "As well: "},
    "crash": {"id": "exception di {place}: {error}", "en": "exception at {place}: {error}"},
    "unread": {"id": "selagi {who} berhenti membaca", "en": "while {who} has stopped reading"},
    "silent": {
        "id": "selagi {who} belum menjawab NICK",
        "en": "while {who} has not answered NICK yet",
    },
    "in pieces": {
        "id": "NICK datang berpotong-potong dan diakhiri '\\r\\n'",
        "en": "NICK came in pieces and ended in '\\r\\n'",
    },
}


def beside(
    rubric: Rubric,
    verdicts: Mapping[str, Verdict],
    first: Verdict,
    lang: Language,
    columns: int,
    room: int,
) -> list[str]:
    """A heading and failures on at most ``room`` lines of ``columns``; none where none finds room.

    On `FEW` lines the heading stands before the one failure, in its row.

    Only such as come from other TODOs than the ``first`` and than each other: what has the same
    cause would be mended with it. Those that are told whole come first, and of them the one with
    the most points in it.
    """
    failed = [v for c in rubric if (v := verdicts.get(c.id)) and v.outcome is Outcome.FAILED]
    others = [v for v in failed if v.check != first.check and not _is_for_later(v)]
    rows_each = ROWS_EACH if room >= ENOUGH else 1
    head = _T["short head"][lang] if room <= FEW else ""
    most = room if head else rows_each
    told = {v.check: _rows(v, lang, columns, most, head) for v in others if most > 0}
    others = [v for v in others if v.check in told]
    # What is told whole helps more than what is cut.
    others.sort(
        key=lambda v: (told[v.check][-1].endswith(CUT), -unlocks(rubric, verdicts, v.check))
    )
    causes, left = _causes(rubric, first), room - (0 if head else 1)
    chosen: list[Verdict] = []
    for verdict in others:
        own = _causes(rubric, verdict)
        rows = told[verdict.check]
        if own & causes or len(chosen) == MOST or len(rows) > left:
            continue
        causes |= own
        left -= len(rows)
        chosen.append(verdict)
    lines = [] if head or not chosen else [_T["head"][lang]]
    for verdict in chosen:
        rows = told[verdict.check]
        if not head and left and rows[-1].endswith(CUT) and len(rows) < ROWS_EACH:
            rows = _rows(verdict, lang, columns, len(rows) + 1)
            left -= 1
        lines += rows
    return lines


def _is_for_later(verdict: Verdict) -> bool:
    return verdict.open_todo is not None or verdict.check.startswith(UNTOLD)


def _causes(rubric: Rubric, verdict: Verdict) -> set[object]:
    """The TODOs that it comes from, and the place of its exception."""
    check = rubric.checks[verdict.check]
    found: set[object] = {*blamed_numbers(check, verdict), *check.blame}
    crash = verdict.failure.facts.get("crash") if verdict.failure else None
    return found | ({str(crash.get("place"))} if isinstance(crash, Mapping) else set())


def _rows(
    verdict: Verdict, lang: Language, columns: int, most: int, head: str = ""
) -> Sequence[str]:
    assert verdict.failure is not None
    told = "; ".join(_clauses(verdict, verdict.failure, lang))
    return textwrap.wrap(
        sentences.visible(f"{head}{verdict.check}: {told}").replace("\n", " "), columns,
        initial_indent="" if head else "  ", subsequent_indent="    ", max_lines=most,
        placeholder=CUT, break_on_hyphens=False,
    )  # fmt: skip


def _clauses(verdict: Verdict, failure: Failure, lang: Language) -> list[str]:
    """What is told of a failure, what tells most first: the end may be cut.

    An exception; what the others did meanwhile; what was expected, and what was seen.
    """
    *_, seen = sentences.seen_parts(failure, lang)
    clauses = [seen]
    if not about(failure.symptom).is_general:
        clauses.insert(0, sentences.expected(failure, lang))
    if meanwhile := _meanwhile(verdict, failure, lang):
        clauses.insert(0, meanwhile)
    crash = failure.facts.get("crash")
    if isinstance(crash, Mapping):
        clauses.insert(0, _T["crash"][lang].format(place=crash["place"], error=crash["error"]))
    return clauses


def _meanwhile(verdict: Verdict, failure: Failure, lang: Language) -> str:
    """Under which condition it failed, as far as the story shows it; empty for most checks."""
    story = verdict.story
    if verdict.check == "client.framing" and failure.symptom is Symptom.NICKNAME_NOT_SENT:
        return _T["in pieces"][lang]
    if verdict.check == "concurrency.slow_reader":
        stopped = [each.who for each in story if each.what is What.STOP_READING]
        return _T["unread"][lang].format(who=stopped[0]) if stopped else ""
    if verdict.check == "concurrency.silent_newcomer":
        asked = [e.to for e in story if e.what is What.SEE and e.text.strip() == protocol.REQUEST]
        spoke = {each.who for each in story if each.what is What.SAY}
        silent = [who for who in asked if who not in spoke and who != failure.who]
        return _T["silent"][lang].format(who=silent[0]) if silent else ""
    return ""
