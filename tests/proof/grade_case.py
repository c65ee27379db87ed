"""One grading run, as a process of its own: a program in, the outcome of every check out."""

from __future__ import annotations

import functools
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.proof.cases import Case

# A run that the machine spoilt is made again, this often at the most.
TRIES = 3
# Seconds; only a kit that hangs takes longer.
LONGEST = 900
# In a network of its own no grading waits for the port that another one's program has.
OWN_NETWORK = ("bwrap", "--dev-bind", "/", "/", "--unshare-net", "--die-with-parent", "--")


class Unjudged(Exception):
    """A grading run ended without results; holds what it printed."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What came out for one program: outcome and evidence of each check, and the time it took.

    ``spoilt``: how many verdicts of earlier runs of this grading could not be given.
    """

    outcomes: Mapping[str, str]
    evidence: Mapping[str, str]
    seconds: float
    spoilt: int = 0

    @property
    def failed(self) -> frozenset[str]:
        """The checks it failed."""
        return frozenset(check for check, outcome in self.outcomes.items() if outcome == "failed")


def grade(root: Path, case: Case, seed: int) -> Seen:
    """Grade ``case``. Raises `Unjudged`, `ChaffError`, `OSError`."""
    spoilt = 0
    for _ in range(TRIES):
        seen = replace(once(root, case, seed), spoilt=spoilt)
        undecided = sum(outcome == "inconclusive" for outcome in seen.outcomes.values())
        if not undecided:
            break
        spoilt += undecided
    return seen


def once(root: Path, case: Case, seed: int) -> Seen:
    """Grade ``case`` once, whatever the machine does. Raises as `grade` does."""
    with tempfile.TemporaryDirectory(prefix="modul4-matrix-") as folder:
        submission, results = Path(folder, "submission"), Path(folder, "results.json")
        case.write(root, submission)
        return _run(root, case, submission, results, seed)


def _run(root: Path, case: Case, submission: Path, results: Path, seed: int) -> Seen:
    options = {"submission": submission, "results": results, "seed": seed, "lang": "en"}
    command = [*own_network(), sys.executable, "-P", "-m", "pytest", str(root / "harness"), "-q"]
    command += [f"--{name}={value}" for name, value in options.items()]
    # With the dot: the word alone also stands in the names of other groups' checks.
    command += ["-k", " or ".join(f"{group}." for group in case.groups)]
    run = subprocess.run(
        command, cwd=root, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        encoding="utf-8", errors="replace", timeout=LONGEST,
    )  # fmt: skip
    if run.returncode not in (0, 1, 3) or not results.is_file():
        raise Unjudged(f"{case.name}: status {run.returncode}\n{run.stdout}{run.stderr}")
    return read(json.loads(results.read_text(encoding="utf-8")), case.groups)


@functools.cache
def own_network() -> tuple[str, ...]:
    """The words that give a command a network of its own; none where that cannot be had."""
    if shutil.which(OWN_NETWORK[0]) is None:
        return ()
    trial = subprocess.run([*OWN_NETWORK, sys.executable, "-c", ""], capture_output=True)
    return OWN_NETWORK if trial.returncode == 0 else ()


def read(document: Mapping[str, Any], groups: tuple[str, ...]) -> Seen:
    """What a results document (SPEC section 4) says of the checks of ``groups``."""
    rows = [row for row in document["checks"] if row["group"] in groups]
    return Seen(
        outcomes={row["id"]: row["outcome"] or "not_run" for row in rows},
        evidence={row["id"]: f"{row['expected']} | {row['seen']}" for row in rows},
        seconds=float(document["duration_s"]),
    )
