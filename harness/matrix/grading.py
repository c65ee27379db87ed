"""One grading run, as a process of its own: a program in, the outcome of every check out."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.matrix.field import Plant

# A run that the machine spoilt is made again, this often at the most.
TRIES = 3
# Seconds; only a kit that hangs takes longer.
LONGEST = 900


class Unjudged(Exception):
    """A grading run ended without results; holds what it printed."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What came out for one program: outcome and evidence of each check, and the time it took.

    ``signs`` says of each failed check how it failed (`pure.diagnosis`).
    """

    outcomes: Mapping[str, str]
    evidence: Mapping[str, str]
    seconds: float
    signs: Mapping[str, str] = field(default_factory=dict)

    @property
    def failed(self) -> frozenset[str]:
        """The checks it failed."""
        return frozenset(check for check, outcome in self.outcomes.items() if outcome == "failed")

    @property
    def not_reached(self) -> tuple[str, ...]:
        """The checks that could not be judged for want of another."""
        return tuple(check for check, said in self.outcomes.items() if said == "not_reached")


def grade(root: Path, plant: Plant, seed: int) -> Seen:
    """Grade ``plant``. Raises `Unjudged`, `ChaffError`, `OSError`."""
    for _ in range(TRIES):
        seen = once(root, plant, seed)
        if "inconclusive" not in seen.outcomes.values():
            break
    return seen


def once(root: Path, plant: Plant, seed: int) -> Seen:
    """Grade ``plant`` once, whatever the machine does. Raises as `grade` does."""
    with tempfile.TemporaryDirectory(prefix="modul4-matrix-") as folder:
        submission, results = Path(folder, "submission"), Path(folder, "results.json")
        plant.write(root, submission)
        return _run(root, plant, submission, results, seed)


def _run(root: Path, plant: Plant, submission: Path, results: Path, seed: int) -> Seen:
    signs = results.with_name("signs.json")
    options = {"submission": submission, "results": results, "seed": seed, "lang": "en"}
    options["modul4-signs"] = signs
    command = [sys.executable, "-P", "-m", "pytest", str(root / "harness"), "-q"]
    command += [f"--{name}={value}" for name, value in options.items()]
    # With the dot: the word alone also stands in the names of other groups' checks.
    command += ["-k", " or ".join(f"{group}." for group in plant.groups)]
    run = subprocess.run(
        command, cwd=root, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        encoding="utf-8", errors="replace", timeout=LONGEST,
    )  # fmt: skip
    if run.returncode not in (0, 1, 3) or not results.is_file():
        raise Unjudged(f"{plant.name}: status {run.returncode}\n{run.stdout}{run.stderr}")
    document, found = (json.loads(each.read_text(encoding="utf-8")) for each in (results, signs))
    return read(document, found, plant.groups)


def read(document: Mapping[str, Any], signs: Mapping[str, str], groups: tuple[str, ...]) -> Seen:
    """What a results document (SPEC section 4) and the signs say of the checks of ``groups``."""
    rows = [row for row in document["checks"] if row["group"] in groups]
    return Seen(
        outcomes={row["id"]: row["outcome"] for row in rows},
        evidence={row["id"]: f"{row['expected']} | {row['seen']}" for row in rows},
        seconds=float(document["duration_s"]),
        signs={check: sign for check, sign in signs.items() if check.partition(".")[0] in groups},
    )
