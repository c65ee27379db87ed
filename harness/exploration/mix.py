"""Which story under which policy: cycle number i of a seed, always the same."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from .storms import STORMS, Phase

CALM: dict[str, Any] = {"kind": "script", "choices": [], "grain": "line"}

STORM_WEIGHTS = {
    "names": 26,
    "rolling": 20,
    "talk": 6,
    "resets": 14,
    "welcomes": 18,
    "handover": 10,
    "slow": 6,
}

Policy = dict[str, Any]

EACH: Policy = {"kind": "walk", "p": 1.0, "grain": "line"}
SOME: Policy = {"kind": "walk", "p": 0.3, "grain": "line"}
FINE: Policy = {"kind": "walk", "p": 0.2, "grain": "opcode"}
HELD: Policy = {"kind": "hold", "p": 0.03, "grain": "opcode"}
PARK: Policy = {"kind": "park", "p": 0.05, "line": 0, "parks": 1, "grain": "line"}

# What finds most, storm by storm, as measured on tests/racy.
MIX: dict[str, list[tuple[int, Policy]]] = {
    "names": [(30, EACH), (55, FINE), (15, PARK)],
    "handover": [(45, EACH), (25, FINE), (15, HELD), (15, PARK)],
    "welcomes": [(25, EACH), (20, FINE), (35, HELD), (20, PARK)],
    "slow": [(100, SOME)],
}
ELSEWHERE = [(20, EACH), (15, SOME), (20, FINE), (25, HELD), (20, PARK)]


def cycle(storm: str, seed: int, policy: dict[str, Any]) -> dict[str, Any]:
    """A cycle as the launcher takes it; it carries its whole story, so that it can be saved."""
    phases: list[Phase] = STORMS[storm](seed)
    return {"storm": storm, "seed": seed, "policy": policy, "phases": phases}


def calm_cycles(seed: int) -> list[dict[str, Any]]:
    """Every storm once, with nobody switched before it has to wait."""
    return [cycle(storm, seed, CALM) for storm in STORMS]


def mixed_cycle(seed: int, index: int, lines: Sequence[int]) -> dict[str, Any]:
    """Cycle `index` of a run: storm and policy drawn by weight; `lines` are those to park at."""
    draw = random.Random(f"mix:{seed}:{index}")
    storm = draw.choices(list(STORM_WEIGHTS), weights=list(STORM_WEIGHTS.values()))[0]
    choices = MIX.get(storm, ELSEWHERE)
    policy = draw.choices(
        [policy for _, policy in choices], weights=[weight for weight, _ in choices]
    )[0]
    if policy is PARK:
        line = draw.choice(list(lines) or [0])
        policy = {**PARK, "line": line, "parks": draw.randint(1, 3)}
    return cycle(storm, draw.randrange(1 << 31), policy)
