"""`python3 -m harness attacks [NAME ...]`: every attack in every box that can be made here.

Prints a table: `held` where an attack could do nothing, `open` where it succeeds as its row says
that it does. Anything else is told with what was seen, and makes the exit status 1.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from harness import command_line, commands
from harness.classroom import box
from harness.command_line import Misuse
from harness.grading.judge import REPO
from tests.proof.attack_cases import BOXES, ENDS, Attack, AttackError, chosen_attacks, read_attacks
from tests.proof.attack_trial import Trial
from tests.tiny import SERVER, edited

AS_WRITTEN, OTHERWISE, CANNOT_RUN = 0, 1, 4
HELD, OPEN, MENDED, NEW, NOT_RUN = "held", "open", "MENDED", "NEW", "-"
RACY = edited(
    (
        "                with lock:\n                    if text",
        "                if 1:\n                    if text",
    )
)
BASES: Mapping[str, str] = {"server": SERVER, "racy": RACY, "ends": ENDS}


def tried(attack: Attack, kind: str) -> tuple[str, list[str]]:
    """Run one attack in one box; returns the word for the table, and what was seen.

    Raises `AttackError`, `OSError`.
    """
    if kind not in attack.boxes or not box.is_possible(kind):
        return NOT_RUN, []
    seen = Trial(attack, kind, BASES).complaints()
    if kind in attack.open:
        return (OPEN if seen else MENDED), seen
    return (NEW if seen else HELD), seen


def main(arguments: Sequence[str], lang: str = "en") -> int:
    """Do it; returns the exit status."""
    try:
        takes = commands.COMMANDS["attacks"].arguments or ()
        asked = command_line.read("attacks ", takes, arguments, lang)
        attacks = chosen_attacks(read_attacks(REPO), asked.names)
        if not attacks:
            raise Misuse(f"no attack is called {' or '.join(asked.names)}")
    except (Misuse, AttackError) as error:
        sys.stderr.write(f"{error}\n")
        return CANNOT_RUN
    kinds = [each for each in BOXES if not asked.isolation or each == asked.isolation]
    print(f"{'':32} " + " ".join(f"{each:12}" for each in kinds), flush=True)

    def row(attack: Attack) -> list[tuple[str, list[str]]]:
        return [_safely(attack, kind) for kind in kinds]

    counts: dict[str, int] = {}
    with ThreadPoolExecutor(max(asked.j, 1)) as pool:
        for attack, cells in zip(attacks, pool.map(row, attacks), strict=True):
            print(f"{attack.name:32} " + " ".join(f"{word:12}" for word, _ in cells), flush=True)
            for kind, (word, seen) in zip(kinds, cells, strict=True):
                counts[word] = counts.get(word, 0) + 1
                if word in (MENDED, NEW):
                    why = seen or [f"written down as open: {attack.open[kind]}"]
                    print("".join(f"    {kind}: {each}\n" for each in why), end="", flush=True)
    told = ", ".join(f"{number} {word}" for word, number in sorted(counts.items()))
    print(f"{len(attacks)} attacks: {told}")
    return OTHERWISE if counts.keys() & {MENDED, NEW} else AS_WRITTEN


def _safely(attack: Attack, kind: str) -> tuple[str, list[str]]:
    """The same; where nothing could be graded, that is what was seen."""
    try:
        return tried(attack, kind)
    except (AttackError, OSError, ValueError, subprocess.TimeoutExpired) as error:
        return NEW, [f"not graded: {error}"]
