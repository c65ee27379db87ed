"""The foot of the last screen: what else failed, what waits, what changed, points and TODOs."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

from harness.contract.rubric import Language, Rubric
from harness.grading.next_step import roots, unlocks
from harness.grading.results import Outcome, Run, Verdict, score_of
from harness.reports.evidence import whole_command
from harness.reports.paint import Paint
from harness.reports.since import Progress, changes_since, some_of

BAR = 20
# Names of checks in one list.
MOST_NAMES = 4

_T: dict[str, dict[Language, str]] = {
    "failed": {"id": "Juga gagal ({n}): {names}", "en": "Also failed ({n}): {names}"},
    "todo": {
        "id": "{n} menunggu TODO yang belum diisi",
        "en": "{n} wait for TODOs to be filled in",
    },
    "waiting": {
        "id": "{n} pemeriksaan menunggu {check}",
        "en": "{n} checks wait for {check}",
    },
    "waiting_one": {"id": "1 pemeriksaan menunggu {check}", "en": "1 check waits for {check}"},
    "other": {"id": "pemeriksaan lain", "en": "other checks"},
    "unsure": {
        "id": "Belum bisa diputuskan di sini, bukan salahmu ({n}): {names}",
        "en": "Could not be judged here, not your fault ({n}): {names}",
    },
    "slow": {
        "id": "Belum bisa diputuskan ({n}): {names}",
        "en": "Could not be judged ({n}): {names}",
    },
    "because slow": {"id": "Sebabnya: {why}", "en": "The reason: {why}"},
    "because": {
        "id": "Sebabnya: {why}. Tutuplah program lain, lalu jalankan lagi.",
        "en": "The reason: {why}. Close other programs and run it again.",
    },
    "not_run": {
        "id": "Tidak dijalankan di sini, tidak dihitung ({n}): {names}",
        "en": "Not run here, not counted ({n}): {names}",
    },
    "isolated": {
        "id": "Diberi nilai: lulus bila TODO yang salah diganti kode acuan ({n}): {names}",
        "en": "Points given with the TODO at fault replaced by the reference's ({n}): {names}",
    },
    "points": {"id": "Nilai {score:g} dari {most:g}", "en": "{score:g} of {most:g} points"},
    "part": {
        "id": "Nilai bagian ini {score:g} dari {most:g}",
        "en": "{score:g} of the {most:g} points of this part",
    },
    "todos": {"id": "TODO terisi: {done} dari {all}", "en": "TODOs filled in: {done} of {all}"},
    "all": {"id": "Semua pemeriksaan lulus. Selamat!", "en": "All checks passed. Well done!"},
    "chosen": {
        "id": "Yang kamu pilih lulus semua ({n}). Selanjutnya: {next}",
        "en": "All that you chose passed ({n}). Next: {next}",
    },
    "failed before": {
        "id": "{check}, yang gagal di pemeriksaan lalu",
        "en": "{check}, which failed last time",
    },
    "whole": {
        "id": "semua pemeriksaan, {command}",
        "en": "all checks, {command}",
    },
    "stopped": {
        "id": "Dihentikan sebelum selesai: {n} pemeriksaan belum dilakukan.",
        "en": "Stopped before the end. Checks still to come: {n}.",
    },
    "with_all": {
        "id": "periksa semuanya lagi dengan tambahan --all",
        "en": "check everything again, with --all",
    },
    "details": {
        "id": "Selengkapnya: {command}",
        "en": "The whole report: {command}",
    },
}


def summary(
    rubric: Rubric,
    run: Run,
    verdicts: Mapping[str, Verdict],
    progress: Progress,
    paint: Paint,
    columns: int,
    first: Verdict | None,
    asked: Sequence[str],
    default_path: str,
) -> list[str]:
    """Lines of at most ``columns``; ``first`` is what to mend, which stands above them already."""
    lang = run.lang
    asked = asked or list(rubric.checks)
    lines: list[str] = []

    def folded(key: str, names: list[str], fewest: int = MOST_NAMES) -> None:
        """So many names as fit in one row, and ``fewest`` of them at the least."""
        for most in range(MOST_NAMES, fewest - 1, -1) if names else ():
            text = _T[key][lang].format(n=len(names), names=some_of(names, lang, most))
            rows = textwrap.wrap(text, columns, subsequent_indent="  ")
            if len(rows) == 1 or most == fewest:
                lines.extend(rows)
                break

    failed = _with(rubric, verdicts, Outcome.FAILED, first.check if first else "")
    # Those first on which most hangs: not all of them find room.
    failed.sort(key=lambda name: -unlocks(rubric, verdicts, name))
    todo = [name for name in failed if verdicts[name].open_todo is not None]
    folded("failed", [name for name in failed if name not in todo], 1)
    waiting = [
        _T["waiting_one" if len(names) == 1 else "waiting"][lang].format(
            n=len(names), check=check or _other(verdicts, names, lang)
        )
        for check, names in roots(rubric, verdicts).items()
    ]
    if todo:
        waiting.append(_T["todo"][lang].format(n=len(todo)))
    if waiting:
        lines += textwrap.wrap("; ".join(waiting) + ".", columns, subsequent_indent="  ")[:3]
    folded("isolated", [c.id for c in rubric if (v := verdicts.get(c.id)) and v.isolated])
    unsure = _with(rubric, verdicts, Outcome.INCONCLUSIVE)
    is_slow = any(verdicts[name].is_slow for name in unsure)
    folded("slow" if is_slow else "unsure", unsure)
    if unsure and (first is None or is_slow) and (why := verdicts[unsure[0]].reason):
        key = "because slow" if is_slow else "because"
        lines += textwrap.wrap(_T[key][lang].format(why=why.rstrip(".")), columns)
    folded("not_run", _with(rubric, verdicts, Outcome.NOT_RUN))
    lines += _end(rubric, run, verdicts, progress, paint, columns, asked, default_path)
    lines += changes_since(rubric, verdicts, progress, lang, columns)
    if progress.page:
        lines.append(paint("dim", _T["details"][lang].format(command=progress.page)))
    elif first is not None:
        details = _T["details"][lang].format(command=whole_command(run, default_path, "--all"))
        if len(details) > columns:
            details = _T["details"][lang].format(command=_T["with_all"][lang])
        lines.append(paint("dim", details))
    lines += _points(rubric, verdicts, progress, paint, lang, columns, asked)
    return lines


def _end(
    rubric: Rubric,
    run: Run,
    verdicts: Mapping[str, Verdict],
    progress: Progress,
    paint: Paint,
    columns: int,
    asked: Sequence[str],
    default_path: str,
) -> list[str]:
    """That the run was stopped before its end, or that all which was asked for passed."""
    lang = run.lang
    if left := [check for check in asked if check not in verdicts]:
        stopped = _T["stopped"][lang].format(n=len(left))
        return [paint("warn", line) for line in textwrap.wrap(stopped, columns)]
    ran = [v for v in verdicts.values() if v.outcome is not Outcome.NOT_RUN]
    if not ran or any(v.outcome is not Outcome.PASSED for v in ran):
        return []
    if len(asked) == len(rubric.checks):
        return [paint("good", _T["all"][lang])]
    todo = min(progress.open_todos & progress.places.keys(), default=None)
    following = _T["whole"][lang].format(command=whole_command(run, default_path))
    if todo is not None:
        following = f"TODO {todo} ({progress.places[todo]})"
    # Mistakes come before TODOs, as in a run of all.
    for check in rubric:
        if check.id in progress.mistakes_before - verdicts.keys():
            following = _T["failed before"][lang].format(check=check.id)
            break
    said = _T["chosen"][lang].format(n=len(ran), next=following)
    return [paint("good", line) for line in textwrap.wrap(said, columns)]


def _other(verdicts: Mapping[str, Verdict], names: Sequence[str], lang: Language) -> str:
    """What these wait for that no failed check stands for: its name, where it is the same one."""
    found = {verdicts[name].waits_for for name in names}
    return found.pop() if len(found) == 1 and all(found) else _T["other"][lang]


def _with(
    rubric: Rubric, verdicts: Mapping[str, Verdict], outcome: Outcome, but: str = ""
) -> list[str]:
    return [
        c.id for c in rubric if c.id != but and (v := verdicts.get(c.id)) and v.outcome is outcome
    ]


def _points(
    rubric: Rubric,
    verdicts: Mapping[str, Verdict],
    progress: Progress,
    paint: Paint,
    lang: Language,
    columns: int,
    asked: Sequence[str],
) -> list[str]:
    """The points in numbers and as a bar, of what was asked for; and the TODOs."""
    is_part = len(asked) < len(rubric.checks)
    earned, most = score_of(rubric, verdicts, asked)
    parts = [_T["part" if is_part else "points"][lang].format(score=earned, most=most)]
    if most:
        # Full only where nothing is missing.
        full = int(BAR * earned / most)
        parts.append("[" + "#" * full + "." * (BAR - full) + "]")
    # Where one of the files was written without the skeleton the number would say little.
    homes = {todo.file for todo in rubric.todos if todo.number in progress.places}
    if homes and homes == {todo.file for todo in rubric.todos}:
        count = len(progress.places)
        done = count - len(progress.open_todos & progress.places.keys())
        parts.append(_T["todos"][lang].format(done=done, all=count))
    return [paint("strong", line) for line in textwrap.wrap("  ".join(parts), columns)]
