"""`python -m harness skeleton [--check]`: derive `modul4/` from `solutions/`, or compare."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from harness import command_line, commands
from tests.proof import skeleton

ROOT = Path(__file__).resolve().parents[2]
FAILED = 1

SENTENCES = {
    "up to date": {
        "id": "modul4/ sesuai dengan solutions/.",
        "en": "modul4/ agrees with solutions/.",
    },
    "derived": {"id": "Diturunkan dari solutions/: {}.", "en": "Derived from solutions/: {}."},
    "stale": {
        "id": "Tidak sesuai dengan solutions/: {}; jalankan: python -m harness skeleton",
        "en": "Does not agree with solutions/: {}; run: python -m harness skeleton",
    },
}


def main(arguments: Sequence[str], lang: str) -> int:
    """Do it; returns 1 where the two do not agree, or the source cannot be used."""
    takes = commands.COMMANDS["skeleton"].arguments or ()
    is_check: bool = command_line.read("skeleton ", takes, arguments, lang).check
    try:
        stale = skeleton.derive_all(ROOT, check=is_check)
    except (skeleton.SkeletonError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return FAILED
    about = "up to date" if not stale else "stale" if is_check else "derived"
    sys.stdout.write(SENTENCES[about][lang].format(", ".join(stale)) + "\n")
    return FAILED if stale and is_check else 0
