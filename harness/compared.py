"""Two results documents of one submission compared: the words of `diff` and `verify`. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.contract.rubric import Bilingual, Language

_SAID: dict[str, Bilingual] = {
    "passed": {"id": "lulus", "en": "passed"},
    "failed": {"id": "gagal", "en": "failed"},
    "inconclusive": {"id": "belum diputuskan", "en": "not decided"},
    "not_reached": {"id": "belum bisa diperiksa", "en": "not reached"},
    "not_run": {"id": "tidak dijalankan", "en": "not run"},
    "": {"id": "belum dinilai", "en": "not judged"},
}

_BEFORE: Bilingual = {"id": "; sebelumnya: {seen}", "en": "; before: {seen}"}


@dataclass(frozen=True, slots=True)
class Change:
    """A check that came out otherwise.

    ``seen`` is what was seen the second time; ``seen_before`` the first time, where it passes now.
    """

    check: str
    before: str
    after: str
    points: float
    seen: str
    seen_before: str = ""

    def told(self, lang: Language) -> str:
        """``nickname.race: passed -> failed (-3): two clients got OK ...``."""
        before, after = (_SAID[each][lang] for each in (self.before, self.after))
        told = f"{self.check}: {before} -> {after}"
        if self.points:
            told += f" ({self.points:+g})"
        if self.seen:
            # What was not reached says so itself.
            told += f": {self.seen.removeprefix(f'{after}: ')}"
        if self.seen_before:
            told += _BEFORE[lang].format(seen=self.seen_before.removeprefix(f"{before}: "))
        return told


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """The checks of which outcome or points differ, in the order of the second document."""
    old = {str(row["id"]): row for row in before.get("checks", ())}
    found = []
    for row in after.get("checks", ()):
        other = old.get(str(row["id"]))
        if other is None:
            continue
        was, now = (str(each["outcome"] or "") for each in (other, row))
        points = float(row["points"]) - float(other["points"])
        if was != now or points:
            is_past = now == "passed"
            seen = " ".join(str((other if is_past else row).get("seen") or "").split())
            texts = ("", seen) if is_past else (seen, "")
            found.append(Change(str(row["id"]), was, now, points, *texts))
    return found


def is_results(document: Mapping[str, Any] | None) -> bool:
    """Whether it is a results document that can be compared."""
    if document is None or not str(document.get("schema", "")).startswith("modul4-results/"):
        return False
    rows = document.get("checks")
    wanted = {"id", "outcome", "points"}
    return isinstance(rows, list) and all(isinstance(r, dict) and wanted <= r.keys() for r in rows)
