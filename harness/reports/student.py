"""The report for the student: what works, what to mend first, the other checks, the points."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from harness.contract import sentences
from harness.contract.rubric import Check, Language, Rubric
from harness.grading.next_step import first_to_mend
from harness.grading.pairs import TITLES, PairResult
from harness.grading.results import (
    Outcome,
    Run,
    Verdict,
    score_of,
)
from harness.reports.evidence import INDENT, WIDEST, again, evidence, whole_command, width
from harness.reports.paint import Paint

_T: dict[str, dict[Language, str]] = {
    "works": {"id": "SUDAH BENAR", "en": "WORKS"},
    "mend": {"id": "PERBAIKI INI DULU", "en": "MEND THIS FIRST"},
    "open": {"id": "KERJAKAN INI DULU", "en": "DO THIS NEXT"},
    "then": {"id": "SESUDAH ITU", "en": "AFTER THAT"},
    "unsure": {"id": "TIDAK BISA DIPUTUSKAN", "en": "COULD NOT BE JUDGED"},
    "not_your_fault": {
        "id": "Ini bukan salahmu. Nilainya belum bisa diberikan: tutuplah program lain, lalu "
        "jalankan lagi.",
        "en": "This is not your fault. Their points cannot be given yet: close other programs, "
        "then run it again.",
    },
    "together": {"id": "BERMAIN BERSAMA (tanpa nilai)", "en": "PLAYED TOGETHER (no points)"},
    "points": {"id": "NILAI", "en": "POINTS"},
    "total": {"id": "Jumlah", "en": "Total"},
    "part": {"id": "Jumlah bagian ini", "en": "Total of this part"},
    "all": {
        "id": "Semua pemeriksaan lulus. Selamat!",
        "en": "All checks passed. Well done!",
    },
    "chosen": {
        "id": "Yang kamu pilih lulus semua. Selanjutnya: {next}",
        "en": "All that you chose passed. Next: {next}",
    },
    "whole": {
        "id": "semua pemeriksaan, {command}",
        "en": "all checks, {command}",
    },
    "stopped": {
        "id": "Dihentikan sebelum selesai: {n} pemeriksaan belum dilakukan.",
        "en": "Stopped before the end. Checks still to come: {n}.",
    },
    "in_part": {
        "id": "Lulus, tetapi sebagian tidak bisa diperiksa di sini",
        "en": "Passed, though a part could not be asked here",
    },
    "not_run": {
        "id": "{n} pemeriksaan tidak dijalankan di sini; nilainya tidak dihitung",
        "en": "not run here, points not counted: {n}",
    },
    "todo_open": {"id": "belum dikerjakan", "en": "still open"},
}


# How an outcome of cross-play is painted: style, sign.
_OF_PLAY = {
    Outcome.PASSED: ("good", "passed"),
    Outcome.FAILED: ("bad", "failed"),
    Outcome.INCONCLUSIVE: ("warn", "unsure"),
    Outcome.NOT_RUN: ("dim", "waiting"),
}


def report(
    rubric: Rubric,
    run: Run,
    verdicts: Mapping[str, Verdict],
    paint: Paint,
    default_path: str,
    plays: Sequence[PairResult] = (),
    asked: Sequence[str] = (),
    next_todo: int | None = None,
    places: Mapping[int, str] = MappingProxyType({}),
) -> str:
    """The whole report as text, for ``print``.

    ``asked``: the checks that were asked for, all when empty. ``next_todo``: the first TODO that
    is still open in the files; ``places``: where the function of each TODO stands.
    """
    lang = run.lang
    first = first_to_mend(rubric, verdicts)
    parts = [
        _works(rubric, verdicts, paint, lang),
        _first(rubric, run, first, paint, default_path, places) if first else [],
        _rest(rubric, verdicts, first, paint, lang),
        _unsure(rubric, verdicts, paint, lang),
        _together(plays, paint, lang),
        _points(rubric, verdicts, paint, lang, asked or list(rubric.checks)),
    ]
    following = f"TODO {next_todo}" if next_todo else ""
    following = following or _T["whole"][lang].format(command=whole_command(run, default_path))
    parts.append(_close(rubric, verdicts, paint, lang, asked or list(rubric.checks), following))
    return "\n\n".join("\n".join(part) for part in parts if part)


def _close(
    rubric: Rubric,
    verdicts: Mapping[str, Verdict],
    paint: Paint,
    lang: Language,
    asked: Sequence[str],
    following: str,
) -> list[str]:
    """The last line: that the run was stopped, or that all went well."""
    if left := [check for check in asked if check not in verdicts]:
        return [paint("warn", _T["stopped"][lang].format(n=len(left)))] if verdicts else []
    ran = [v for v in verdicts.values() if v.outcome is not Outcome.NOT_RUN]
    if not ran or any(verdict.outcome is not Outcome.PASSED for verdict in ran):
        return []
    if len(asked) == len(rubric.checks):
        return [paint("good", _T["all"][lang])]
    return [paint("good", _T["chosen"][lang].format(next=following))]


def _works(
    rubric: Rubric, verdicts: Mapping[str, Verdict], paint: Paint, lang: Language
) -> list[str]:
    passed = [c for c in rubric if c.id in verdicts and verdicts[c.id].outcome is Outcome.PASSED]
    if not passed:
        return []
    sign = paint("good", paint.sign("passed"))
    return [
        paint("strong", f"{_T['works'][lang]} ({len(passed)})"),
        *(f"  {sign} {check.id:<30} {check.title[lang]}" for check in passed),
    ]


def _first(
    rubric: Rubric,
    run: Run,
    verdict: Verdict,
    paint: Paint,
    default_path: str,
    places: Mapping[int, str],
) -> list[str]:
    """The one failure with all its evidence."""
    lang, check = run.lang, rubric.checks[verdict.check]
    is_open = verdict.open_todo is not None
    style, sign = ("open", "open") if is_open else ("bad", "failed")
    head = _T["open" if is_open else "mend"][lang]
    return [
        paint("strong", head),
        *(
            f"  {paint(style, line)}"
            for line in [f"{paint.sign(sign)} {check.id}  {check.title[lang]}"]
        ),
        *evidence(check, verdict, lang, paint, places),
        "",
        *again(run, verdict, paint, default_path),
    ]


def _rest(
    rubric: Rubric,
    verdicts: Mapping[str, Verdict],
    first: Verdict | None,
    paint: Paint,
    lang: Language,
) -> list[str]:
    lines = []
    for check in rubric:
        verdict = verdicts.get(check.id)
        if verdict is None or (first is not None and verdict.check == first.check):
            continue
        if verdict.outcome is Outcome.FAILED:
            lines.append(_line(check, verdict, paint, lang))
        elif verdict.outcome is Outcome.NOT_REACHED:
            text = f"{paint.sign('waiting')} {check.id:<30} {verdict.reason}"
            lines.append(f"  {paint('dim', text)}")
    return [paint("strong", f"{_T['then'][lang]} ({len(lines)})"), *lines] if lines else []


def _line(check: Check, verdict: Verdict, paint: Paint, lang: Language) -> str:
    """One failure in a line."""
    assert verdict.failure is not None
    if verdict.open_todo is not None:
        said = f"TODO {verdict.open_todo} {_T['todo_open'][lang]}"
        return f"  {paint('open', paint.sign('open') + ' ' + check.id.ljust(30))} {said}"
    said = sentences.seen(verdict.failure, lang)
    said = said if len(said) <= WIDEST else said[:WIDEST] + " …"
    return f"  {paint('bad', paint.sign('failed') + ' ' + check.id.ljust(30))} {said}"


def _unsure(
    rubric: Rubric, verdicts: Mapping[str, Verdict], paint: Paint, lang: Language
) -> list[str]:
    lines, is_slow = [], False
    for check in rubric:
        verdict = verdicts.get(check.id)
        if verdict and verdict.outcome is Outcome.INCONCLUSIVE:
            is_slow |= verdict.is_slow
            text = f"{paint.sign('unsure')} {check.id:<30} {verdict.reason}"
            lines.append(f"  {paint('warn', text)}")
    if not lines:
        return []
    why = f"  {_T['not_your_fault'][lang]}"
    return [paint("strong", _T["unsure"][lang]), *lines, *([] if is_slow else [why])]


def _together(plays: Sequence[PairResult], paint: Paint, lang: Language) -> list[str]:
    """How each pair got on, a line each: no points, but it tells which half to look at."""
    if not plays:
        return []
    lines = [paint("strong", _T["together"][lang])]
    for play in plays:
        style, sign = _OF_PLAY[play.outcome]
        head, said = f"{TITLES[play.pair][lang]:<38}", play.said(lang)
        said = said if len(said) <= WIDEST * 2 else said[: WIDEST * 2] + " …"
        lines.append(f"  {paint(style, f'{paint.sign(sign)} {head}')} {said}")
    return lines


def _points(
    rubric: Rubric,
    verdicts: Mapping[str, Verdict],
    paint: Paint,
    lang: Language,
    asked: Sequence[str],
) -> list[str]:
    lines = [paint("strong", _T["points"][lang])]
    for group, title in rubric.groups.items():
        # Of a part of the checks only that part counts, as in the sum below.
        inside = [check for check in asked if rubric.checks[check].group == group]
        earned, most = score_of(rubric, verdicts, inside)
        is_judged = any(
            v.outcome is not Outcome.NOT_RUN and rubric.checks[v.check].group == group
            for v in verdicts.values()
        )
        if most and is_judged:
            style = "good" if earned == most else "dim" if not earned else "warn"
            lines.append(f"  {title[lang]:<34}" + paint(style, f"{earned:>5g} / {most:g}"))
    earned, most = score_of(rubric, verdicts, asked)
    total = _T["total" if len(asked) == len(rubric.checks) else "part"][lang]
    lines.append(paint("strong", f"  {total:<34}{earned:>5g} / {most:g}"))
    not_run = [v for v in verdicts.values() if v.outcome is Outcome.NOT_RUN]
    if not_run:
        said = _T["not_run"][lang].format(n=len(not_run))
        lines.append(paint("dim", f"  {said}:"))
        for why in dict.fromkeys(v.reason for v in not_run):
            ids = ", ".join(v.check for v in not_run if v.reason == why)
            lines += _dim(f"{ids}: {why}", paint)
    in_part = [v for v in verdicts.values() if v.is_in_part]
    if in_part:
        lines.append(paint("dim", f"  {_T['in_part'][lang]}:"))
        for each in in_part:
            lines += _dim(f"{each.check}: {each.reason}", paint)
    return lines


def _dim(text: str, paint: Paint) -> list[str]:
    """``text`` wrapped and indented, for what is said beside the points."""
    rows = textwrap.wrap(text, width() - len(INDENT))
    return [paint("dim", f"{INDENT}{row}") for row in rows]
