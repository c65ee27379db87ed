"""`python -m harness.exploration.bench [-n N] SERVER...`: what is found, and in how many seconds.

Each server is explored under N seeds (without the shrinking), then hammered for as many seconds
as the exploration took; both rows are of the same run on the same machine.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

from .explore import Lab, search
from .hammer import hammer
from .mix import CALM, mixed_cycle


@dataclass(frozen=True)
class Row:
    """What one way of testing achieved on one server."""

    found: int
    tried: int
    seconds: float

    def __str__(self) -> str:
        rate = self.found / self.seconds if self.seconds else 0.0
        return f"{self.found:4}/{self.tried:<4} {self.seconds:7.1f} s {rate:7.2f}/s"


def explored(server: Path, count: int) -> Row:
    """How many of `count` seeds find something, and the time until they did or gave up."""
    start = time.perf_counter()
    found = sum(search(Lab(server), seed).find is not None for seed in range(count))
    return Row(found, count, time.perf_counter() - start)


def hammered(server: Path, seconds: float) -> Row:
    """Stories told as fast as they go for about as long: how many of them broke something."""
    start = time.perf_counter()
    found = tried = 0
    while time.perf_counter() - start < seconds:
        cycle = {**mixed_cycle(0, tried, []), "policy": CALM}
        found += hammer(server, cycle) is not None
        tried += 1
    return Row(found, tried, time.perf_counter() - start)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", type=int, default=10, help="seeds for each server")
    parser.add_argument("--no-hammer", action="store_true", help="only the exploration")
    parser.add_argument("servers", nargs="+", type=Path)
    options = parser.parse_args()
    print(f"{'':44} {'controlled: found/seeds':32} hammered: found/stories")
    for server in options.servers:
        name = server.parent.name if server.name == "server.py" else server.stem
        row = explored(server.resolve(), options.n)
        other = "" if options.no_hammer else str(hammered(server.resolve(), row.seconds))
        print(f"{name:44} {row!s:32} {other}", flush=True)


if __name__ == "__main__":
    main()
