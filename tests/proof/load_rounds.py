"""What clients and lines cost, in rounds: `python -m harness bench limits`.

The reference and the bare loop of `load` get 10, 100, 1,000 and 5,000 clients, in turn and in
several rounds. For each figure the table has the median of the rounds, with the least and the most
behind it: a second run agrees with the first where its medians lie in between.
"""

from __future__ import annotations

import contextlib
import statistics
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from harness.contract.rubric import LANGUAGES
from harness.grading.judge import REFERENCE
from harness.interruptions import Interruptions
from harness.loads.ceiling import bare_loop
from harness.loads.figures import Figures
from harness.loads.load_options import load_options
from harness.loads.load_results import measured_here
from harness.loads.one_load import LoadPlan, Surroundings, load_on
from harness.program.sandbox import Sandbox
from tests.proof.fan_out import rounds_of

LIMITS = "limits"
CLIENTS = "10,100,1000,5000"
ROUNDS = 3
FIGURES: Mapping[str, Callable[[Figures], float | None]] = {
    "CPU µs a delivery": lambda f: f.burst.cost * 1e6 if f.burst and f.burst.cost else None,
    "deliveries/s": lambda f: f.burst.rate if f.burst else None,
    "driver's limit": lambda f: f.burst.ceiling if f.burst else None,
    "KB a client": lambda f: f.per_client.memory / 1024 if f.per_client.memory else None,
    "p50 ms": lambda f: f.latency.p50 * 1000 if f.latency else None,
    "p99 ms": lambda f: f.latency.p99 * 1000 if f.latency else None,
}


def in_range(values: Sequence[float | None]) -> str:
    """The median of what is known, with the least and the largest: "7.8 (7.1–9.0)"."""
    known = [value for value in values if value is not None]
    if not known:
        return "–"
    shown = [f"{value:,.0f}" if value >= 1000 else f"{value:.1f}" for value in known]
    least, most = shown[known.index(min(known))], shown[known.index(max(known))]
    middle = statistics.median_low(known)
    return f"{shown[known.index(middle)]} ({least}–{most})"


def rows(clients: int, measured: Mapping[str, Sequence[Figures]]) -> list[str]:
    """A row of the Markdown table for each server."""
    return [
        f"| {clients:,} | {name} | "
        + " | ".join(in_range([figure(each) for each in some]) for figure in FIGURES.values())
        + " |"
        for name, some in measured.items()
    ]


def main() -> int:
    """Measure and print the table; 1 where a line was wrong or lost, so nothing was measured."""
    print("| clients | server | " + " | ".join(FIGURES) + " |")
    print("|---" * (2 + len(FIGURES)) + "|")
    plans = load_options(LANGUAGES[0], str(REFERENCE), CLIENTS).plans
    with (
        tempfile.TemporaryDirectory(prefix="modul4-limits-") as folder,
        contextlib.closing(Sandbox()) as sandbox,
    ):
        around = Surroundings(sandbox, Interruptions(), "en", lambda key: None)
        bare = Path(folder, "bare")
        servers = {"reference": REFERENCE, bare_loop(bare): bare}
        for plan in plans:
            measured = _measured(servers, plan, around)
            if wrong := [name for name, some in measured.items() if not all_right(some)]:
                print(f"{wrong[0]}: lines were wrong or lost: nothing was measured")
                return 1
            print("\n".join(rows(plan.clients, measured)))
            sys.stdout.flush()
    print(measured_here().told(plans[0].seed, "en"))
    return 0


def all_right(some: Sequence[Figures]) -> bool:
    """Whether every line of every round was right."""
    return all(each.is_right for each in some)


def _measured(
    servers: Mapping[str, Path], plan: LoadPlan, around: Surroundings
) -> dict[str, list[Figures]]:
    found: dict[str, list[Figures]] = {name: [] for name in servers}
    for order in rounds_of(list(servers), ROUNDS):
        for name in order:
            found[name].append(load_on(servers[name], plan, around))
    return found
