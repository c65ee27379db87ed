"""Text of a student's program made safe for other systems.

XML 1.0 forbids most control characters, single halves of surrogate pairs, U+FFFE and U+FFFF, even
escaped ("Extensible Markup Language 1.0", production 2, Char). Databases behind JSON refuse some of
them too, U+0000 above all. In their place stands U+FFFD, so that one sees that something was there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def plain(value: object) -> str:
    """``value`` as text that XML allows, with line ends of Unix."""
    return _FORBIDDEN.sub("\ufffd", str(value)).replace("\r\n", "\n").replace("\r", "\n")


def told(row: Mapping[str, Any], *names: str) -> str:
    """What a row of the results has under ``names``, each on lines of its own."""
    return "\n".join(plain(row[name]) for name in names if row.get(name))


def as_json(values: Mapping[str, Any]) -> str:
    """JSON of ASCII characters alone, so that no console can spoil it."""
    return json.dumps(values, indent=1, allow_nan=False) + "\n"
