"""The last screen: the report of a run on 22 lines of 80 columns, at the end of the output.

From top to bottom: the one thing to mend, with its evidence; what else failed and what waits,
folded; what changed since the last run; the points and how many TODOs are done. Nothing depends on
a colour or a sign alone. Pure: results in, lines out.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from harness.contract import sentences
from harness.contract.rubric import Language, Rubric
from harness.grading.next_step import first_to_mend, roots
from harness.grading.results import Outcome, Run, Verdict, blame, score
from harness.record.transcript import MARK, transcript
from harness.reports.paint import Paint
from harness.reports.student import command

ROWS, COLUMNS = 22, 80
# Below this width lines wrap so often that the number of rows cannot be kept.
NARROW = 60
# Rows that one value may take, and the fewest of the story that still say something.
MOST_VALUE, FEWEST_STORY = 3, 3
BAR = 20

_T: dict[str, dict[Language, str]] = {
    "mend": {"id": "PERBAIKI INI DULU", "en": "MEND THIS FIRST"},
    "open": {"id": "KERJAKAN INI DULU", "en": "DO THIS NEXT"},
    "expected": {"id": "seharusnya", "en": "expected"},
    "seen": {"id": "yang terjadi", "en": "seen"},
    "error": {"id": "kesalahan", "en": "error"},
    "hint": {"id": "petunjuk", "en": "hint"},
    "again": {"id": "ulangi ini", "en": "this again"},
    "failed": {"id": "Juga gagal ({n}): {names}", "en": "Also failed ({n}): {names}"},
    "waiting": {
        "id": "{n} pemeriksaan menunggu {check}",
        "en": "{n} checks wait for {check}",
    },
    "waiting_one": {"id": "1 pemeriksaan menunggu {check}", "en": "1 check waits for {check}"},
    "unsure": {
        "id": "Belum bisa diputuskan di sini, bukan salahmu ({n}): {names}",
        "en": "Could not be judged here, not your fault ({n}): {names}",
    },
    "not_run": {
        "id": "Tidak dijalankan di sini, tidak dihitung ({n}): {names}",
        "en": "Not run here, not counted ({n}): {names}",
    },
    "more": {"id": "dan {n} lagi", "en": "and {n} more"},
    "since": {"id": "Sejak terakhir: {what}", "en": "Since last time: {what}"},
    "same": {"id": "tidak ada yang berubah", "en": "nothing changed"},
    "points": {"id": "Nilai {score:g} dari {most:g}", "en": "{score:g} of {most:g} points"},
    "todos": {"id": "TODO selesai: {done} dari {all}", "en": "TODOs done: {done} of {all}"},
    "all": {"id": "Semua pemeriksaan lulus. Selamat!", "en": "All checks passed. Well done!"},
    "chosen": {
        "id": "Yang kamu pilih lulus semua ({n}). Selanjutnya: {next}",
        "en": "All that you chose passed ({n}). Next: {next}",
    },
    "whole": {
        "id": "semua pemeriksaan, python -m harness",
        "en": "all checks, python -m harness",
    },
    "stopped": {
        "id": "Dihentikan sebelum selesai: {n} pemeriksaan belum dilakukan.",
        "en": "Stopped before the end: {n} checks are still to come.",
    },
    "details": {
        "id": "Selengkapnya: python -m harness --all",
        "en": "The whole report: python -m harness --all",
    },
}


@dataclass(frozen=True, slots=True)
class Progress:
    """What the run stands beside: the run before it, and the TODOs of the files.

    ``before`` are the outcomes of the last run by check; ``places`` says for each TODO that the
    files have where it stands ("server.py:112, open_listener"); ``open_todos`` are those not done.
    """

    before: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[int, str] = field(default_factory=dict)
    open_todos: frozenset[int] = frozenset()


def last_screen(
    rubric: Rubric,
    run: Run,
    verdicts: Mapping[str, Verdict],
    progress: Progress,
    paint: Paint,
    default_path: str,
    columns: int = COLUMNS,
    asked: Sequence[str] = (),
) -> list[str]:
    """The report as lines of at most ``columns``; ``asked``: the checks asked for, all when empty.

    At most `ROWS` lines where there are `NARROW` columns or more.
    """
    first = first_to_mend(rubric, verdicts)
    below = _below(rubric, run, verdicts, progress, paint, columns, first, asked)
    if first is None:
        return below
    rows = ROWS - len(below) - 1 if columns >= NARROW else ROWS
    return [*_mend(rubric, run, first, progress, paint, default_path, columns, rows), "", *below]


# -- the one thing to mend


def _mend(
    rubric: Rubric,
    run: Run,
    verdict: Verdict,
    progress: Progress,
    paint: Paint,
    default_path: str,
    columns: int,
    rows: int,
) -> list[str]:
    assert verdict.failure is not None
    lang, check, failure = run.lang, rubric.checks[verdict.check], verdict.failure
    is_open = verdict.open_todo is not None
    head = f"{_T['open' if is_open else 'mend'][lang]}: {check.id}. {check.title[lang]}"
    lines = [paint("strong", line) for line in textwrap.wrap(head, columns)]
    lines += _value("expected", sentences.expected(failure, lang), lang, columns)
    lines += _value("seen", sentences.seen(failure, lang), lang, columns)
    if not is_open and (error := _error(verdict)):
        lines += _value("error", error, lang, columns)
    after = _value("hint", check.hint_for(failure.symptom, lang), lang, columns)
    after += _todos(blame(check, verdict), progress, columns)
    after += _value("again", command(run, check.id, default_path), lang, columns)
    if not is_open and verdict.story:
        lines += _story(verdict, lang, paint, columns, rows - len(lines) - len(after))
    return [*lines, *after]


def _value(name: str, text: str, lang: Language, columns: int) -> list[str]:
    """A label and its text, wrapped by words, of at most `MOST_VALUE` rows."""
    label = f"  {_T[name][lang] if name in _T else name}: "
    rows = textwrap.wrap(
        text, max(columns - len(label), 20), break_on_hyphens=False, max_lines=MOST_VALUE,
        placeholder=" …",
    ) or [""]  # fmt: skip
    return [label + rows[0], *(" " * len(label) + row for row in rows[1:])]


def _error(verdict: Verdict) -> str:
    """The exception at the end of a traceback on stderr, where there was one."""
    rows = [row.strip() for row in verdict.stderr.splitlines() if row.strip()]
    is_traceback = any(row.startswith("Traceback (most recent") for row in rows)
    places = [row for row in rows if row.startswith("File ") and ", line " in row]
    if not is_traceback or not rows:
        return ""
    place = (
        places[-1].split(", in ")[0].rpartition("/")[2].replace('", line ', ":") if places else ""
    )
    return sentences.visible(f"{rows[-1]}  ({place})" if place else rows[-1])


def _story(verdict: Verdict, lang: Language, paint: Paint, columns: int, rows: int) -> list[str]:
    """The part of the story that matters: the rows round the marked one, as many as fit."""
    lines = transcript(verdict.story, lang, max(rows, FEWEST_STORY))
    shown = []
    for line in lines:
        if MARK in line and len(line) > columns:
            # What is wrong with it stands at its end.
            shown += textwrap.wrap(line, columns, subsequent_indent=" " * 13, max_lines=MOST_VALUE)
        else:
            shown.append(_cut(line, columns))
    return [paint("bad" if MARK in line else "dim", line) for line in shown]


def _cut(line: str, columns: int) -> str:
    return line if len(line) <= columns else line[: columns - 2] + " …"


def _todos(todos: Iterable[str], progress: Progress, columns: int) -> list[str]:
    """Where to look, for the TODOs that the files have."""
    numbers = [int(todo.removeprefix("TODO ")) for todo in todos]
    known = [f"TODO {n} ({progress.places[n]})" for n in numbers if n in progress.places]
    if not known:
        return []
    return textwrap.wrap(
        ", ".join(known), columns, initial_indent="  ", subsequent_indent="  ",
        break_on_hyphens=False,
    )  # fmt: skip


# -- below it: what else, what changed, the points


def _below(
    rubric: Rubric,
    run: Run,
    verdicts: Mapping[str, Verdict],
    progress: Progress,
    paint: Paint,
    columns: int,
    first: Verdict | None,
    asked: Sequence[str],
) -> list[str]:
    lang = run.lang
    lines: list[str] = []

    def folded(key: str, names: list[str]) -> None:
        if names:
            text = _T[key][lang].format(n=len(names), names=_some(names, lang))
            lines.extend(textwrap.wrap(text, columns, subsequent_indent="  "))

    folded("failed", _with(rubric, verdicts, Outcome.FAILED, first.check if first else ""))
    waiting = [
        _T["waiting_one" if len(names) == 1 else "waiting"][lang].format(
            n=len(names), check=check or "…"
        )
        for check, names in roots(rubric, verdicts).items()
    ]
    if waiting:
        lines += textwrap.wrap("; ".join(waiting) + ".", columns, subsequent_indent="  ")[:3]
    folded("unsure", _with(rubric, verdicts, Outcome.INCONCLUSIVE))
    folded("not_run", _with(rubric, verdicts, Outcome.NOT_RUN))
    lines += _end(rubric, verdicts, progress, paint, lang, columns, asked or list(rubric.checks))
    lines += _changes(verdicts, progress, lang, columns)
    if first is not None:
        lines.append(paint("dim", _T["details"][lang]))
    lines += _points(rubric, verdicts, progress, paint, lang, columns)
    return lines


def _end(
    rubric: Rubric,
    verdicts: Mapping[str, Verdict],
    progress: Progress,
    paint: Paint,
    lang: Language,
    columns: int,
    asked: Sequence[str],
) -> list[str]:
    """That the run was stopped before its end, or that all which was asked for passed."""
    if left := [check for check in asked if check not in verdicts]:
        stopped = _T["stopped"][lang].format(n=len(left))
        return [paint("warn", line) for line in textwrap.wrap(stopped, columns)]
    ran = [v for v in verdicts.values() if v.outcome is not Outcome.NOT_RUN]
    if not ran or any(v.outcome is not Outcome.PASSED for v in ran):
        return []
    if len(asked) == len(rubric.checks):
        return [paint("good", _T["all"][lang])]
    todo = min(progress.open_todos & progress.places.keys(), default=None)
    following = _T["whole"][lang] if todo is None else f"TODO {todo} ({progress.places[todo]})"
    said = _T["chosen"][lang].format(n=len(ran), next=following)
    return [paint("good", line) for line in textwrap.wrap(said, columns)]


def _with(
    rubric: Rubric, verdicts: Mapping[str, Verdict], outcome: Outcome, but: str = ""
) -> list[str]:
    return [
        c.id for c in rubric if c.id != but and (v := verdicts.get(c.id)) and v.outcome is outcome
    ]


def _some(names: list[str], lang: Language, most: int = 4) -> str:
    """The first few of ``names``, and how many more there are."""
    if len(names) <= most + 1:
        return ", ".join(names)
    return ", ".join(names[:most]) + " " + _T["more"][lang].format(n=len(names) - most)


def _changes(
    verdicts: Mapping[str, Verdict], progress: Progress, lang: Language, columns: int
) -> list[str]:
    """What passes now and did not, and the other way round; only of what was judged both times."""
    both = [(name, v) for name, v in verdicts.items() if name in progress.before]
    if not both:
        return []
    passes = Outcome.PASSED
    better = [n for n, v in both if v.outcome is passes and progress.before[n] != passes]
    worse = [n for n, v in both if v.outcome is not passes and progress.before[n] == passes]
    parts = [
        f"{sign}{len(names)} ({_some(names, lang, 3)})"
        for sign, names in (("+", better), ("-", worse))
        if names
    ]
    text = _T["since"][lang].format(what=", ".join(parts) or _T["same"][lang])
    return textwrap.wrap(text, columns, subsequent_indent="  ")


def _points(
    rubric: Rubric,
    verdicts: Mapping[str, Verdict],
    progress: Progress,
    paint: Paint,
    lang: Language,
    columns: int,
) -> list[str]:
    """The points in numbers and as a bar, and the TODOs."""
    earned, most = score(rubric, verdicts)
    parts = [_T["points"][lang].format(score=earned, most=most)]
    if most:
        full = round(BAR * earned / most)
        parts.append("[" + "#" * full + "." * (BAR - full) + "]")
    if progress.places:
        count = len(progress.places)
        done = count - len(progress.open_todos & progress.places.keys())
        parts.append(_T["todos"][lang].format(done=done, all=count))
    return [paint("strong", line) for line in textwrap.wrap("  ".join(parts), columns)]
