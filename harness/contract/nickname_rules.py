"""Why a nickname is to be refused, or is valid though unusual, in words for the report."""

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


def why_odd(name: str) -> Bilingual | None:
    """What is unusual about the valid ``name``, as a remark; None of an ordinary one."""
    size = len(name.encode())
    unseen = next((c for c in name if unicodedata.category(c) == "Cf"), None)
    if unseen is not None:
        code = f"U+{ord(unseen):04X}"
        return {
            "id": f"{code} bukan spasi dan bukan karakter kendali",
            "en": f"{code} is neither white space nor a control character",
        }
    if size > MAX_NICKNAME:
        return {
            "id": f"panjangnya {len(name)} karakter, walaupun {size} byte",
            "en": f"it is {len(name)} characters long, though {size} bytes",
        }
    if len(name) in (1, MAX_NICKNAME):
        return {
            "id": f"panjangnya {len(name)} karakter, dari 1 sampai {MAX_NICKNAME} boleh",
            "en": f"it is {len(name)} characters long, and 1 to {MAX_NICKNAME} are allowed",
        }
    if not name.isascii():
        return {"id": "huruf apa pun boleh", "en": "letters of any script are allowed"}
    if not name.isalnum():
        return {
            "id": "tanda boleh, kecuali ':' dan '*' di depan",
            "en": "signs are allowed, but for ':', and '*' in front",
        }
    if name.isdigit():
        return {"id": "angka saja boleh", "en": "digits alone are allowed"}
    return None
