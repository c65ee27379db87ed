"""A server under control, told some cycles or searched once, with nothing left running."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

from harness.schedules.controlled_process import Report
from harness.schedules.cycles import Aim
from harness.schedules.launch import Launch
from harness.schedules.search import Search, search


def told_to(server: Path, cycles: list[dict[str, Any]]) -> Report:
    """What comes of these cycles in a fresh process of ``server``."""
    with contextlib.closing(Launch(server)) as launch:
        return launch.run(cycles)


def searched(server: Path, seed: int, aim: Aim) -> Search:
    """What a search of ``server`` finds."""
    with contextlib.closing(Launch(server)) as launch:
        return search(launch, seed, aim=aim)
