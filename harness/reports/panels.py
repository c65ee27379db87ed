"""Several screens side by side, as rows of text. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

BETWEEN = " | "


@dataclass(frozen=True, slots=True)
class Panel:
    """One screen: its title and its rows."""

    title: str
    rows: Sequence[str]


def side_by_side(panels: Sequence[Panel], columns: int, height: int) -> list[str]:
    """The last ``height`` rows of each panel, beside each other in ``columns`` columns."""
    width = max((columns - len(BETWEEN) * (len(panels) - 1)) // len(panels), 1)
    shown = [fitted(panel, width, height) for panel in panels]
    return [
        BETWEEN.join(padded(cell, width) for cell in row).rstrip()
        for row in zip_longest(*shown, fillvalue="")
    ]


def below_each_other(panels: Sequence[Panel], columns: int, height: int) -> list[str]:
    """The same, one below the other."""
    return [row for panel in panels for row in ["", *fitted(panel, columns, height)]][1:]


def fitted(panel: Panel, width: int, height: int) -> list[str]:
    """Title, a rule and the last rows, none wider than ``width`` columns."""
    rows = [piece for row in panel.rows for piece in pieces(row, width)]
    return [pieces(panel.title, width)[0], "-" * width, *rows[-height:]]


def pieces(row: str, width: int) -> list[str]:
    """``row`` cut as a terminal of ``width`` columns wraps it; control characters as ``?``."""
    found, left = [""], width
    for each in row:
        size = wide(each)
        if size > left:
            found.append("")
            left = width
        found[-1] += "?" if unicodedata.category(each) == "Cc" else each
        left -= size
    return found


def padded(row: str, width: int) -> str:
    """``row`` with blanks up to ``width`` columns."""
    return row + " " * (width - sum(map(wide, row)))


def wide(character: str) -> int:
    """The columns that a character takes on a terminal."""
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
