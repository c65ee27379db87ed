"""What changed since the run before: the line "Since last time" of the last screen."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.contract.rubric import Language, Rubric
from harness.grading.results import Outcome, Verdict

# What counts as a change for the better, once it passes.
NOT_PASSED = (Outcome.FAILED, Outcome.NOT_REACHED)

_T: dict[str, dict[Language, str]] = {
    "since": {"id": "Sejak pemeriksaan lalu: {what}", "en": "Since last time: {what}"},
    "same": {"id": "hasilnya sama", "en": "the results are the same"},
    "tried now": {
        "id": "{n} kini diperiksa seluruhnya dan gagal ({names})",
        "en": "{n} could be tried in full now, and failed ({names})",
    },
    "by luck": {
        "id": "{n} kini gagal; waktu itu lulus sebelum syaratnya lulus ({names})",
        "en": "{n} failed now; they passed then before what they need had passed ({names})",
    },
    "fails too": {
        "id": "{n} gagal kali ini, padahal filenya sama: kesalahannya tidak muncul setiap kali "
        "({names})",
        "en": "{n} failed this time with the same files: the fault does not show each time "
        "({names})",
    },
    "passes too": {
        "id": "{n} lulus kali ini, padahal filenya sama: kesalahannya mungkin masih ada ({names})",
        "en": "{n} passed this time with the same files: the fault may still be there ({names})",
    },
    "waits now": {"id": "{n} lain kini menunggu", "en": "{n} more wait now"},
    "done": {"id": "TODO {numbers} sudah diisi", "en": "TODO {numbers} filled in"},
    "more": {"id": "dan {n} lagi", "en": "and {n} more"},
}


@dataclass(frozen=True, slots=True)
class Progress:
    """What the run stands beside: the run before it, and the TODOs of the files.

    ``before`` are the outcomes of the last run by check, ``in_part_before`` those that passed then
    but could not be tried in full, ``of_these_files`` those that were judged on the very same
    files, ``open_before`` the TODOs that were not done then;
    ``mistakes_before`` those that failed then though no open TODO was the reason;
    ``places`` says for each TODO that the files have where it stands
    ("server.py:112, open_listener"), ``wanted`` what its comment asks for; ``open_todos`` are those
    not done. ``page`` is the file of the page about this run, empty where none was asked for.
    """

    before: Mapping[str, str] = field(default_factory=dict)
    in_part_before: frozenset[str] = frozenset()
    of_these_files: frozenset[str] = frozenset()
    open_before: frozenset[int] = frozenset()
    mistakes_before: frozenset[str] = frozenset()
    places: Mapping[int, str] = field(default_factory=dict)
    wanted: Mapping[int, str] = field(default_factory=dict)
    open_todos: frozenset[int] = frozenset()
    page: str = ""


def some_of(names: list[str], lang: Language, most: int) -> str:
    """The first few of ``names``, and how many more there are."""
    if len(names) <= most + 1:
        return ", ".join(names)
    return ", ".join(names[:most]) + " " + _T["more"][lang].format(n=len(names) - most)


def changes_since(
    rubric: Rubric,
    verdicts: Mapping[str, Verdict],
    progress: Progress,
    lang: Language,
    columns: int,
) -> list[str]:
    """The TODOs done since; what passes now and did not, and the other way round.

    Only of what was judged both times: what only waits now says nothing of the last edit, nor does
    what could not be decided. Where nothing was edited, nothing became better or worse. What passed
    while something that it requires did not is told apart: it may be no worse than before.
    """
    both = [(name, v) for name, v in verdicts.items() if name in progress.before]
    if not both:
        return []
    passes = Outcome.PASSED
    better = [n for n, v in both if v.outcome is passes and progress.before[n] in NOT_PASSED]
    lost = [v for n, v in both if progress.before[n] == passes]
    failed = [v.check for v in lost if v.outcome is Outcome.FAILED]
    tried = [name for name in failed if name in progress.in_part_before]
    weak = [
        name
        for name in failed
        if name not in (*tried, *progress.of_these_files)
        and _stood_on_nothing(rubric, name, progress)
    ]
    worse = [name for name in failed if name not in (*tried, *weak)]
    # What was not reached then may pass now without an edit: what it waits for failed by chance.
    same = {n for n in progress.of_these_files if progress.before.get(n) != Outcome.NOT_REACHED}
    waiting = sum(v.outcome is Outcome.NOT_REACHED for v in lost)
    parts = [
        f"{sign}{len(names)} ({some_of(names, lang, 3)})"
        for sign, found in (("+", better), ("-", worse))
        if (names := [name for name in found if name not in same])
    ]
    for key, found in (("passes too", better), ("fails too", worse)):
        if names := [name for name in found if name in same]:
            parts.append(_T[key][lang].format(n=len(names), names=some_of(names, lang, 3)))
    if tried:
        parts.append(_T["tried now"][lang].format(n=len(tried), names=some_of(tried, lang, 3)))
    if weak:
        parts.append(_T["by luck"][lang].format(n=len(weak), names=some_of(weak, lang, 3)))
    if waiting:
        parts.append(_T["waits now"][lang].format(n=waiting))
    if done := sorted(progress.open_before & progress.places.keys() - progress.open_todos):
        numbers = ", ".join(map(str, done))
        parts.insert(0, _T["done"][lang].format(numbers=numbers))
    text = _T["since"][lang].format(what=", ".join(parts) or _T["same"][lang])
    return textwrap.wrap(text, columns, subsequent_indent="  ")


def _stood_on_nothing(rubric: Rubric, check: str, progress: Progress) -> bool:
    """Whether in the run before something failed that ``check`` requires, however far below it."""
    for name in rubric.checks[check].requires:
        if progress.before.get(name) in NOT_PASSED or _stood_on_nothing(rubric, name, progress):
            return True
    return False
