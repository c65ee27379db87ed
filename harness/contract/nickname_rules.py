"""Why a nickname is to be refused, in words for the report."""

from __future__ import annotations

import unicodedata

from harness.contract.protocol import MAX_NICKNAME
from harness.contract.rubric import Bilingual

IN_USE: Bilingual = {"id": "sedang dipakai", "en": "is in use"}


def why_refused(name: str) -> Bilingual:
    """What is wrong with ``name``, as what follows it in a sentence; in order, it is in use."""
    if not name:
        return {"id": "kosong", "en": "is empty"}
    if len(name) > MAX_NICKNAME:
        return {
            "id": f"lebih panjang dari {MAX_NICKNAME} karakter",
            "en": f"is longer than {MAX_NICKNAME} characters",
        }
    if name.startswith("*"):
        return {"id": "diawali '*'", "en": "begins with '*'"}
    if ":" in name:
        return {"id": "memuat ':'", "en": "has a ':' in it"}
    if any(c.isspace() for c in name):
        return {"id": "memuat karakter spasi", "en": "has a white space character in it"}
    if any(unicodedata.category(c) == "Cc" for c in name):
        return {"id": "memuat karakter kendali", "en": "has a control character in it"}
    return IN_USE
