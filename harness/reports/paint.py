"""Colour and signs, where the terminal has them."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TextIO

if sys.platform == "win32":
    from harness.program import windows

_CODES = {"good": "32", "bad": "31;1", "open": "90", "dim": "90", "strong": "1", "warn": "33"}
_SIGNS = {"passed": "✓", "failed": "✗", "open": "○", "waiting": "·", "unsure": "?"}
_PLAIN_SIGNS = {"passed": "+", "failed": "x", "open": "o", "waiting": "-", "unsure": "?"}


@dataclass(frozen=True, slots=True)
class Paint:
    """How to colour: nothing at all without ``colour``, plain signs without ``unicode``."""

    colour: bool = False
    unicode: bool = True

    def __call__(self, style: str, text: str) -> str:
        """``text`` in a style: good, bad, open, dim, strong or warn."""
        return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if self.colour else text

    def sign(self, kind: str) -> str:
        """The mark before a line: passed, failed, open, waiting or unsure."""
        return (_SIGNS if self.unicode else _PLAIN_SIGNS)[kind]


def paint_for(stream: TextIO) -> Paint:
    """What ``stream`` can show. NO_COLOR and TERM=dumb are heeded, FORCE_COLOR too."""
    try:
        "✓✗○·".encode(stream.encoding or "ascii")
        unicode = True
    except (UnicodeEncodeError, LookupError):
        unicode = False
    wanted = stream.isatty() and os.environ.get("TERM") != "dumb"
    if os.environ.get("FORCE_COLOR"):
        wanted = True
    if os.environ.get("NO_COLOR"):
        wanted = False
    if sys.platform == "win32" and stream.isatty():
        wanted = wanted and windows.understands_escapes(stream)
        unicode = unicode and has_good_font(os.environ)
    return Paint(wanted, unicode)


def has_good_font(variables: Mapping[str, str]) -> bool:
    """Whether a window of Windows is known to show ✓ and ✗: the old console's font lacks them.

    Windows Terminal, the terminal of an editor, ConEmu and those of POSIX tools name themselves.
    """
    return any(name in variables for name in ("WT_SESSION", "TERM_PROGRAM", "ConEmuPID", "TERM"))
