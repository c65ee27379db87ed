"""The figures of a whole `load` as JSON, with the machine on which they were measured."""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from harness.contract.rubric import Language
from harness.contract.version import VERSION
from harness.loads.figures import Figures
from harness.loads.load_words import load_say
from harness.loads.one_load import LoadPlan
from harness.loads.system_limits import SystemLimits, limits_here

SCHEMA = "modul4-load/1"


@dataclass(frozen=True, slots=True)
class Measured:
    """Where and when: system, cores, Python, the load average before it began, and the limits."""

    date: str
    system: str
    cores: int
    python: str
    load: float | None
    limits: SystemLimits = field(default_factory=SystemLimits)

    def told(self, seed: int, lang: Language) -> str:
        """The same as a sentence."""
        facts = asdict(self) | {"load": "–" if self.load is None else f"{self.load:.1f}"}
        return load_say("machine", lang, seed=seed, **facts)


def measured_here() -> Measured:
    """This machine, now."""
    load = None
    if sys.platform != "win32":
        load = round(os.getloadavg()[0], 2)
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    cores = os.cpu_count() or 1
    date = time.strftime("%Y-%m-%d %H:%M")
    return Measured(date, system, cores, platform.python_version(), load, limits_here())


def document(
    path: str,
    measured: Measured,
    state: str,
    runs: Sequence[tuple[LoadPlan, Mapping[str, Figures]]],
) -> dict[str, object]:
    """All of it. Times are in seconds, memory in bytes; None is what could not be seen."""
    return {
        "schema": SCHEMA,
        "submission": path,
        "state": state,
        "kit": VERSION,
        "machine": asdict(measured),
        "runs": [
            {
                "plan": asdict(plan),
                "servers": {name: each.as_json() for name, each in columns.items()},
            }
            for plan, columns in runs
        ],
    }
