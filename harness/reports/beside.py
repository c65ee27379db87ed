"""What else can be mended before the next run: failures that have nothing to do with the first.

They stand on the last screen where it has room, so that a program with many faults needs fewer
runs. Pure: verdicts in, lines out.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

from harness.contract import sentences
from harness.contract.rubric import Language, Rubric
from harness.grading.next_step import unlocks
from harness.grading.results import Outcome, Verdict, blamed_numbers

# So many failures at the most, and so many rows of each where there are ENOUGH for two.
MOST, ROWS_EACH, ENOUGH = 3, 2, 5
CUT = " …"
# An order of threads needs its story to be understood.
UNTOLD = "exploration."
_T: dict[str, dict[Language, str]] = {
    "head": {"id": "Yang ini bisa sekalian diperbaiki:", "en": "These can be mended as well:"},
    "row": {"id": "{check}: {expected}; {seen}", "en": "{check}: {expected}; {seen}"},
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

    Only such as come from other TODOs than the ``first`` and than each other: what has the same
    cause would be mended with it. Those that are told whole come first, and of them the one with
    the most points in it.
    """
    failed = [v for c in rubric if (v := verdicts.get(c.id)) and v.outcome is Outcome.FAILED]
    others = [v for v in failed if v.check != first.check and not _is_for_later(v)]
    rows_each = ROWS_EACH if room >= ENOUGH else 1
    told = {v.check: _rows(v, lang, columns, rows_each) for v in others}
    # What is told whole helps more than what is cut.
    others.sort(
        key=lambda v: (told[v.check][-1].endswith(CUT), -unlocks(rubric, verdicts, v.check))
    )
    causes, lines, count = _causes(rubric, first), [_T["head"][lang]], 0
    for verdict in others:
        own = _causes(rubric, verdict)
        rows = told[verdict.check]
        if own & causes or count == MOST or len(lines) + len(rows) > room:
            continue
        causes |= own
        lines += rows
        count += 1
    return lines if count else []


def _is_for_later(verdict: Verdict) -> bool:
    return verdict.open_todo is not None or verdict.check.startswith(UNTOLD)


def _causes(rubric: Rubric, verdict: Verdict) -> set[object]:
    """The TODOs that it comes from, and the place of its exception."""
    check = rubric.checks[verdict.check]
    found: set[object] = {*blamed_numbers(check, verdict), *check.blame}
    crash = verdict.failure.facts.get("crash") if verdict.failure else None
    return found | ({str(crash.get("place"))} if isinstance(crash, Mapping) else set())


def _rows(verdict: Verdict, lang: Language, columns: int, most: int) -> Sequence[str]:
    assert verdict.failure is not None
    facts = {
        "check": verdict.check,
        "expected": sentences.expected(verdict.failure, lang),
        "seen": sentences.seen(verdict.failure, lang),
    }
    return textwrap.wrap(
        sentences.visible(_T["row"][lang].format(**facts)).replace("\n", " "), columns,
        initial_indent="  ", subsequent_indent="    ", max_lines=most, placeholder=CUT,
        break_on_hyphens=False,
    )  # fmt: skip
