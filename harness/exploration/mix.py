"""Which story under which policy: cycle number i of a seed, always the same."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from .storms import STORMS, Phase

CALM: dict[str, Any] = {"kind": "script", "choices": [], "grain": "line"}

STORM_WEIGHTS = {"names": 28, "rolling": 26, "talk": 8, "resets": 18, "welcomes": 12, "slow": 8}


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
    policy = mixed_policy(draw, lines)
    if storm == "slow" and policy["grain"] == "opcode":
        # Long lines: a server that reads byte by byte would pass a million opcodes.
        policy = {"kind": "walk", "p": 0.3, "grain": "line"}
    return cycle(storm, draw.randrange(1 << 31), policy)


def mixed_policy(draw: random.Random, lines: Sequence[int]) -> dict[str, Any]:
    """By line at every point, by line now and then, by opcode, or parked at one line."""
    kind = draw.choices(["each", "some", "opcode", "park"], weights=[25, 20, 30, 25])[0]
    if kind == "park" and lines:
        line = draw.choice(list(lines))
        parks = draw.randint(1, 3)
        return {"kind": "park", "p": 0.05, "line": line, "parks": parks, "grain": "line"}
    if kind == "opcode":
        return {"kind": "walk", "p": draw.choice([0.1, 0.2]), "grain": "opcode"}
    return {"kind": "walk", "p": 1.0 if kind == "each" else 0.3, "grain": "line"}
