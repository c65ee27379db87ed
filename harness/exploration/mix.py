"""Which story under which policy: cycle number i of a seed, always the same."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .storms import STORMS, Phase

CALM: dict[str, Any] = {"kind": "script", "choices": [], "grain": "line"}

# How many cycles share a process.
CYCLES_A_SESSION = 12

STORM_WEIGHTS = {
    "names": 25,
    "rolling": 20,
    "talk": 5,
    "resets": 15,
    "welcomes": 15,
    "handover": 15,
    "slow": 5,
}
# What is made when the first one comes is made once a process: there several come first.
FIRST_WEIGHTS = {"rolling": 30, "talk": 20, "resets": 20, "welcomes": 30}

Policy = dict[str, Any]

EACH: Policy = {"kind": "walk", "p": 1.0, "grain": "line"}
SOME: Policy = {"kind": "walk", "p": 0.3, "grain": "line"}
FINE: Policy = {"kind": "walk", "p": 0.4, "grain": "opcode"}
HASTE: Policy = {"kind": "haste", "p": 1.0, "grain": "line"}
HOLD: Policy = {"kind": "hold", "p": 0.03, "grain": "line"}
HELD: Policy = {"kind": "hold", "p": 0.06, "grain": "opcode"}
PARK: Policy = {"kind": "park", "p": 0.05, "line": 0, "parks": 1, "grain": "line"}

# What finds most, storm by storm, as measured on tests/racy and on programs written without it.
MIX: dict[str, list[tuple[int, Policy]]] = {
    "names": [(30, EACH), (50, FINE), (10, HASTE), (10, PARK)],
    "handover": [(15, EACH), (45, HASTE), (20, HOLD), (10, HELD), (10, PARK)],
    "welcomes": [(20, EACH), (20, FINE), (30, HELD), (15, HASTE), (15, PARK)],
    "slow": [(100, SOME)],
}
ELSEWHERE = [(20, EACH), (8, SOME), (20, FINE), (22, HELD), (10, HASTE), (10, HOLD), (10, PARK)]
FIRST = [(40, EACH), (40, FINE), (20, HASTE)]


def cycle(storm: str, seed: int, policy: dict[str, Any]) -> dict[str, Any]:
    """A cycle as the launcher takes it; it carries its whole story, so that it can be saved."""
    phases: list[Phase] = STORMS[storm](seed)
    return {"storm": storm, "seed": seed, "policy": policy, "phases": phases}


@dataclass(frozen=True)
class Aim:
    """What a search is after: which storms, by weight, how many cycles, which broken promises.

    `calm` are the storms told first with nobody switched: whoever fails there cannot be explored.
    `kinds` are those of `oracle.Violation`; None stands for all.
    """

    storms: Mapping[str, int]
    cycles: int
    calm: tuple[str, ...]
    kinds: frozenset[str] | None = None

    def wants(self, kind: str) -> bool:
        """Whether a violation of this kind is what the search is after."""
        return self.kinds is None or kind in self.kinds

    def covers(self, storm: str, kind: str) -> bool:
        """Whether a violation of this kind in this storm is what the search could have found."""
        return self.kinds is None or (kind in self.kinds and storm in self.calm)


EVERYTHING = Aim(STORM_WEIGHTS, 240, ("basic", *STORM_WEIGHTS))
# For the checks that are about one thing only: enough to miss what hits one cycle in five once in
# three thousand gradings.
RIVALS = Aim({"names": 1}, 36, ("basic", "names"), frozenset({"two_holders", "nobody"}))
TALKERS = Aim(
    {"crowd": 1},
    24,
    ("basic", "crowd"),
    frozenset({"garbled", "wrong_name", "echo", "lost", "doubled", "out_of_order", "deadlock"}),
)


def calm_cycles(seed: int, storms: Sequence[str] = EVERYTHING.calm) -> list[dict[str, Any]]:
    """Each of these storms once, with nobody switched before it has to wait."""
    return [cycle(storm, seed, CALM) for storm in storms]


def mixed_cycle(
    seed: int, index: int, lines: Sequence[int], weights: Mapping[str, int] = STORM_WEIGHTS
) -> dict[str, Any]:
    """Cycle `index` of a run: storm and policy drawn by weight; `lines` are those to park at."""
    draw = random.Random(f"mix:{seed}:{index}")
    # Other weights are there for one thing: then it is that from the first cycle on.
    is_first = index % CYCLES_A_SESSION == 0 and weights is STORM_WEIGHTS
    if is_first:
        weights = FIRST_WEIGHTS
    storm = draw.choices(list(weights), weights=list(weights.values()))[0]
    choices = FIRST if is_first else MIX.get(storm, ELSEWHERE)
    policy = draw.choices(
        [policy for _, policy in choices], weights=[weight for weight, _ in choices]
    )[0]
    if policy is PARK:
        line = draw.choice(list(lines) or [0])
        policy = {**PARK, "line": line, "parks": draw.randint(1, 3)}
    return cycle(storm, draw.randrange(1 << 31), policy)
