"""The table at which a game is played: a list of moves in, the position out.

Every list is played from the start in a fresh process of the server, so that nothing is left of
what was tried before; where processes can fork that takes a few hundredths of a second.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harness.by_hand.position import Move, Position, position_of
from harness.schedules.controlled_process import Processes, Report
from harness.schedules.standing import Standing

# Real seconds for one list of moves. Only ever the reason for "cannot be played".
WALL_LIMIT = 20.0


def cycle_of(moves: Sequence[Move], grain: str) -> dict[str, Any]:
    """The moves as a cycle that the launcher takes; ``grain`` is where a thread can be stopped."""
    policy = {"kind": "hand", "moves": [list(move) for move in moves], "grain": grain}
    return {"storm": "hand", "seed": 1, "policy": policy, "phases": [], "polite": False}


class Table:
    """Plays lists of moves on one server."""

    def __init__(
        self, server: Path, python: str = sys.executable, processes: Processes | None = None
    ) -> None:
        self.server = server
        self.python = python
        self.processes = processes
        self._standing = Standing(server, python, processes, is_traced=True)
        self._sources: dict[str, list[str]] = {}

    def position(self, moves: Sequence[Move], grain: str = "line") -> Position:
        """How things stand after ``moves``."""
        report = self._standing.run([cycle_of(moves, grain)], WALL_LIMIT)
        if not report.cycles:
            return Position(trouble=report.trouble or "no report")
        cycle = report.cycles[-1]
        for _, _, file, *_ in cycle.get("lines") or ():
            self._source(file)
        for told in cycle.get("threads_told", ()):
            self._source(told["file"])
        return position_of(cycle, moves, self._sources)

    def run(self, cycles: list[dict[str, Any]]) -> Report:
        """Tell these cycles, each under its own policy, to a fresh process of the server."""
        return self._standing.run(cycles)

    def _source(self, file: str) -> None:
        if file and file not in self._sources:
            try:
                text = (self.server.parent / file).read_text(encoding="utf-8", errors="replace")
            except OSError:
                text = ""
            self._sources[file] = text.split("\n")

    def close(self) -> None:
        """End the process that plays."""
        self._standing.close()
