"""How fast one line reaches everybody: `python -m harness bench fanout`.

The reference, a server on asyncio, one on `selectors`, and the bare loops of `load`, in Python and
in C, pass the same messages on to 100 and to 1,000 clients, in turn and in every round, so that a
ratio holds on a busy machine too. The measure is the bare loop in Python: one thread that does
nothing but `send`, which no server in Python can do without.

With `--pythons A,B` servers in Python run on those interpreters too, for what another version or
the lack of the GIL does.
"""

from __future__ import annotations

import contextlib
import shutil
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness.command_line import Misuse
from harness.grading.judge import REFERENCE, REPO
from harness.interruptions import Interruptions
from harness.loads.ceiling import GIVEN, bare_loop
from harness.loads.figures import Figures
from harness.loads.load_results import measured_here
from harness.loads.one_load import LoadPlan, Surroundings, load_on
from harness.program.interpreter import bare_python
from harness.program.sandbox import Sandbox
from tests.proof.pythons import OnePython, asked_of

RECEIVERS = (100, 1000)
# Lines that are delivered in one measurement, 1 to 3 s. With a sixth of it the ratio was chance.
DELIVERIES = 300_000
BARE = "bare loop, Python"
WHEAT = REPO / "tests" / "wheat"
FAN_OUT = "fanout"
# What runs on the other interpreters: one thread sends to all, or each client has one that sends.
ON_OTHERS = {"reference": REFERENCE, "writer threads": WHEAT / "writer_threads"}


@dataclass
class Costs:
    """What one server came to, a value for each round.

    ``rates``: deliveries a second; ``cpu``: seconds of the server's processor time a delivery.
    """

    rates: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def add(self, figures: Figures) -> None:
        """Take in one measurement. Raises `ValueError` where a line was wrong or none was seen."""
        if not figures.is_right or figures.burst is None or not figures.burst.deliveries:
            raise ValueError(figures.reason or "lines were wrong or lost")
        self.rates.append(figures.burst.rate)
        if figures.burst.cost is not None:
            self.cpu.append(figures.burst.cost)


@dataclass(frozen=True, slots=True)
class Subject:
    """A server, and the interpreter that runs it: that of the grader where none is named."""

    source: Path
    python: str = ""


def subjects(folder: Path, pythons: Sequence[OnePython] = ()) -> dict[str, Subject]:
    """The servers by what they are called; what has to be made is made in ``folder``."""
    bare = folder / "bare-python"
    bare.mkdir()
    shutil.copyfile(GIVEN / "bare_server.py", bare / "server.py")
    found = {
        "reference (a thread each)": Subject(REFERENCE),
        "asyncio": Subject(WHEAT / "asyncio_streams"),
        "selectors": Subject(WHEAT / "selectors_loop"),
        BARE: Subject(bare),
    }
    for number, each in enumerate(pythons):
        program = bare_python(folder / str(number), each.program)
        kind = each.version if each.has_gil else f"{each.version}, no GIL"
        for name, source in ON_OTHERS.items():
            found[f"{name}, {kind}"] = Subject(source, program)
    compiled = folder / "bare-c"
    if bare_loop(compiled) == "ceiling_c":
        found["bare loop, C"] = Subject(compiled)
    return found


def rounds_of(names: Sequence[str], count: int) -> list[list[str]]:
    """The order of the servers in each round: each one begins in its turn."""
    return [[*names[at % len(names) :], *names[: at % len(names)]] for at in range(count)]


def told(receivers: int, costs: Mapping[str, Costs]) -> list[str]:
    """The table for one number of receivers: medians, and the ratio to the bare Python loop.

    A ratio is the median of the rounds' own ratios; the least and the largest stand beside it.
    """
    lines = [f"{receivers:,} receivers"]
    for name, each in costs.items():
        ratios = [a / b for a, b in zip(each.rates, costs[BARE].rates, strict=True)]
        cpu = f"{statistics.median(each.cpu) * 1e6:6.1f} us" if each.cpu else "      –"
        lines.append(
            f"  {name:<32}{statistics.median(each.rates):>10,.0f} deliveries/s  {cpu} each  "
            f"{statistics.median(ratios):5.2f} of the bare loop "
            f"({min(ratios):.2f} to {max(ratios):.2f})"
        )
    return lines


def main(rounds: int, pythons: Sequence[str] = (), seed: int = 1) -> int:
    """Measure so many rounds and print; 1 where a server lost a line, so nothing was measured.

    Raises `Misuse` for a program that is no interpreter the kit runs on.
    """
    others = [asked_of(each) for each in pythons]
    if None in others:
        raise Misuse(f"{pythons[others.index(None)]!r} is no Python that the kit runs on")
    interruptions = Interruptions()
    with (
        tempfile.TemporaryDirectory(prefix="modul4-fan-out-") as folder,
        contextlib.closing(Sandbox()) as sandbox,
    ):
        around = Surroundings(sandbox, interruptions, "en", lambda key: None)
        servers = subjects(Path(folder), [each for each in others if each])
        usual = sandbox.python
        for receivers in RECEIVERS:
            costs = {name: Costs() for name in servers}
            plan = LoadPlan(receivers + 1, max(DELIVERIES // receivers, 1), 1, 10.0, seed)
            for order in rounds_of(list(servers), rounds):
                for name in order:
                    sandbox.python = servers[name].python or usual
                    try:
                        costs[name].add(load_on(servers[name].source, plan, around))
                    except ValueError as error:
                        print(f"{name}: {error}: nothing was measured")
                        return 1
            print("\n".join(told(receivers, costs)))
            sys.stdout.flush()
    print(measured_here().told(seed, "en"))
    return 0
