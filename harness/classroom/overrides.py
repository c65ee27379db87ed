"""`overrides.csv` in the results: grades that the teacher changed by hand.

No command writes that file, so it outlives every grading. A row is: who (the folder, the number or
the name), an id of a check or `total`, the points, and a comment.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.contract.rubric import Bilingual, Language, Rubric

OVERRIDES, TOTAL = "overrides.csv", "total"
# The first row may name the columns: then this is where the points would stand.
_HEADS = ("points", "poin", "nilai")

WRONG_ROW: dict[str, Bilingual] = {
    "unreadable": {
        "id": "{file} tidak bisa dibaca: {why}.",
        "en": "{file} cannot be read: {why}.",
    },
    "short": {
        "id": "{file}, baris {line}: yang diperlukan siapa, pemeriksaan (atau total), poin, dan "
        "boleh komentar.",
        "en": "{file}, line {line}: it needs who, the check (or total), the points, and may have a "
        "comment.",
    },
    "team": {
        "id": "{file}, baris {line}: yang diperlukan kelompok, nama mahasiswa, dan boleh nomornya.",
        "en": "{file}, line {line}: it needs the team, a student's name, and may have a number.",
    },
    "check": {
        "id": "{file}, baris {line}: tidak ada pemeriksaan '{found}'. Tulis id-nya, misalnya "
        "broadcast.order, atau total.",
        "en": "{file}, line {line}: there is no check '{found}'. Write its id, such as "
        "broadcast.order, or total.",
    },
    "points": {
        "id": "{file}, baris {line}: '{found}' bukan poin antara 0 dan {most:g}.",
        "en": "{file}, line {line}: '{found}' is no number of points from 0 to {most:g}.",
    },
    "nobody": {
        "id": "{file}: tidak ada kiriman dari '{found}'. Tulis folder, nomor, atau nama lengkapnya "
        "seperti di class.csv.",
        "en": "{file}: nothing was handed in by '{found}'. Write the folder, the number or the "
        "whole name as class.csv has it.",
    },
    "several": {
        "id": "{file}: '{found}' bisa berarti {among}. Tulis foldernya.",
        "en": "{file}: '{found}' may be each of {among}. Write the folder.",
    },
}


class WrongRow(Exception):
    """A row cannot be used: a key of `WRONG_ROW` and its facts."""

    def __init__(self, key: str, **facts: object) -> None:
        super().__init__(key)
        self.key, self.facts = key, facts

    def told(self, lang: Language) -> str:
        """The sentence about it."""
        return WRONG_ROW[self.key][lang].format(**self.facts)


@dataclass(frozen=True, slots=True)
class Override:
    """One row: ``points`` instead of what was earned in ``check``, or in all (`TOTAL`)."""

    who: str
    check: str
    points: float
    comment: str = ""


def overrides_in(folder: Path, rubric: Rubric) -> list[Override]:
    """The rows of the file in ``folder``, none where there is no file. Raises `WrongRow`."""
    found = []
    for line, cells in cells_of(folder / OVERRIDES):
        if line == 1 and len(cells) > 2 and cells[2].casefold() in _HEADS:
            continue
        facts = {"file": OVERRIDES, "line": line}
        if len(cells) < 3 or not cells[0]:
            raise WrongRow("short", **facts)
        who, check, points = cells[:3]
        if check.casefold() != TOTAL and check not in rubric.checks:
            raise WrongRow("check", found=check, **facts)
        most = rubric.checks[check].points if check in rubric.checks else 100.0
        found.append(
            Override(who, check if check in rubric.checks else TOTAL,
                     _points(points, most, facts), cells[3] if len(cells) > 3 else "")
        )  # fmt: skip
    return found


def cells_of(path: Path) -> Iterable[tuple[int, list[str]]]:
    """Of a file of the teacher's: the number and the cells of each row that is not empty.

    Commas or semicolons; UTF-8, with or without a mark. Raises `WrongRow`.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "UTF-8?"
        raise WrongRow("unreadable", file=path.name, why=why) from None
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    for line, row in enumerate(csv.reader(text.splitlines(), delimiter=delimiter), 1):
        cells = [cell.strip() for cell in row]
        if any(cells):
            yield line, cells


def folder_meant(file: str, who: str, sent: Mapping[str, Collection[str]]) -> str:
    """The folder of the one submission that ``who`` means: its folder, number or name.

    ``sent``: what each submission is called, by its folder. Raises `WrongRow`: a name that nobody
    has would change no grade, unnoticed, and one that two have would change both.
    """
    named = [folder for folder in sent if folder.casefold() == who.casefold()]
    called = [name for name, names in sent.items() if who.casefold() in map(str.casefold, names)]
    found = named or called
    if not found:
        raise WrongRow("nobody", file=file, found=who)
    if len(found) > 1:
        raise WrongRow("several", file=file, found=who, among=", ".join(found))
    return found[0]


def _points(text: str, most: float, facts: Mapping[str, object]) -> float:
    try:
        points = float(text.replace(",", "."))
    except ValueError:
        points = -1.0
    if not 0 <= points <= most:
        raise WrongRow("points", found=text, most=most, **facts)
    return points


def overridden(score: float, earned: Mapping[str, float], changes: Sequence[Override]) -> float:
    """The points with ``changes``, where ``score`` and, by check, ``earned`` were.

    Of several for one check the last counts; one for `TOTAL` counts before all others.
    """
    last = {each.check: each for each in changes}
    if TOTAL in last:
        return last[TOTAL].points
    return score + sum(each.points - earned.get(each.check, 0.0) for each in last.values())


def in_a_line(changes: Sequence[Override]) -> str:
    """What was changed, for one cell of a table."""
    return "; ".join(
        f"{each.check} = {each.points:g}" + (f" ({each.comment})" if each.comment else "")
        for each in changes
    )
