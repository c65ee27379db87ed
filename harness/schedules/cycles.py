"""Which story is told under which policy in cycle number i: the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from harness.schedules.oracle import Violation
from harness.schedules.storms import STORIES, STORMS, Phase

CALM: dict[str, Any] = {"kind": "script", "choices": [], "grain": "line"}

# Lines at which somebody is stopped in a sweep; few programs have more.
MOST_SWEPT = 100
# As many as have names of their own.
CYCLES_A_SESSION = STORIES

STORM_WEIGHTS = {
    "names": 20,
    "rolling": 19,
    "talk": 10,
    "resets": 12,
    "welcomes": 14,
    "handover": 20,
    "slow": 5,
}
# Whatever a program makes for its first client, it makes once a process. So several come first.
FIRST_WEIGHTS = {"rolling": 30, "talk": 20, "resets": 20, "welcomes": 30}

Policy = dict[str, Any]

EACH: Policy = {"kind": "walk", "p": 1.0, "grain": "line"}
SOME: Policy = {"kind": "walk", "p": 0.3, "grain": "line"}
FINE: Policy = {"kind": "walk", "p": 0.4, "grain": "opcode"}
FINEST: Policy = {"kind": "walk", "p": 0.7, "grain": "opcode"}
HASTE: Policy = {"kind": "haste", "p": 1.0, "grain": "line"}
HOLD: Policy = {"kind": "hold", "p": 0.03, "grain": "line"}
HELD: Policy = {"kind": "hold", "p": 0.06, "grain": "opcode"}
# Some faults show when many threads are held, others when only one is.
HOLDS = (0.5, 1.0, 2.0)
PARK: Policy = {"kind": "park", "p": 0.05, "line": 0, "parks": 1, "grain": "line"}

# What finds most, storm by storm, as measured on tests/racy and on programs written without it.
MIX: dict[str, list[tuple[int, Policy]]] = {
    "names": [(20, EACH), (60, FINEST), (10, HOLD), (10, PARK)],
    "talk": [(10, FINE), (25, HELD), (35, HOLD), (30, PARK)],
    "handover": [(35, HASTE), (33, HOLD), (12, HELD), (20, PARK)],
    "welcomes": [(15, EACH), (15, FINE), (45, HELD), (10, HASTE), (15, PARK)],
    "slow": [(100, SOME)],
    "crowd": [(25, EACH), (10, FINE), (50, HASTE), (15, HELD)],
}
ELSEWHERE = [(12, EACH), (6, SOME), (20, FINE), (30, HELD), (10, HASTE), (14, HOLD), (8, PARK)]
FIRST = [(15, EACH), (70, FINEST), (15, HASTE)]


def cycle(
    storm: str, seed: int, policy: dict[str, Any], polite: bool = False, gentle: bool = False
) -> dict[str, Any]:
    """A cycle as the launcher takes it; it carries its whole story, so that it can be saved."""
    phases: list[Phase] = STORMS[storm](seed)
    if gentle:
        phases = [
            {who: list(map(_gently, steps)) for who, steps in each.items()} for each in phases
        ]
    return {"storm": storm, "seed": seed, "policy": policy, "phases": phases, "polite": polite}


def _gently(step: list[Any]) -> list[Any]:
    """The step without a reset."""
    return ["leave"] if step == ["reset"] else step


@dataclass(frozen=True)
class Aim:
    """What a search looks for: which storms, by weight, how many cycles, which broken promises.

    `calm` are the storms told first with nobody switched: whoever fails there cannot be explored.
    `kinds` are those of `oracle.Violation`; None stands for all.
    `polite`: nobody says a line before the last one was read; for a program that takes what one
    recv brings for one line, which another check fails. `gentle`: nobody resets a connection.
    `only_races`: another check has failed, so only that counts which the order of the threads
    breaks: the same story, told calmly, must end well. `told_elsewhere`: kinds that do not count,
    as a check that failed tells of them.
    """

    storms: Mapping[str, int]
    cycles: int
    calm: tuple[str, ...]
    kinds: frozenset[str] | None = None
    polite: bool = False
    gentle: bool = False
    only_races: bool = False
    # How many cycles share a process.
    a_session: int = CYCLES_A_SESSION
    # Whether the first calm story counts too: it is about the check's own promise and nothing else.
    calm_counts: bool = False
    told_elsewhere: frozenset[str] = frozenset()
    # Told once more for each line of the program, with the thread that comes to it stopped there.
    swept: tuple[str, ...] = ()

    def wants(self, violation: Violation) -> bool:
        """Whether the search looks for this kind of violation."""
        if violation.kind in self.told_elsewhere:
            return False
        if self.kinds is None:
            return True
        # A deadlock over something else, a newcomer's OK for one, shows as something else.
        is_elsewhere = violation.detail.get("instead_of", "lost") != "lost"
        had_left = violation.detail.get("had_left", False)
        return violation.kind in self.kinds and not (had_left or is_elsewhere)

    def after(self, kind: str) -> Aim:
        """The same, after this kind of broken promise alone."""
        return replace(self, kinds=frozenset({kind}))

    @property
    def everything(self) -> Aim:
        """The same, after every broken promise."""
        return replace(self, kinds=None)

    def covers(self, storm: str, violation: Violation) -> bool:
        """Whether the search could have found this violation, in this storm."""
        return self.wants(violation) and (self.kinds is None or storm in self.calm)

    def without(self, storm: str) -> Aim:
        """The same, but for one storm."""
        storms = {name: weight for name, weight in self.storms.items() if name != storm}
        calm = tuple(name for name in self.calm if name != storm)
        swept = tuple(name for name in self.swept if name != storm)
        return replace(self, storms=storms, calm=calm, swept=swept)


# Between two steps of leaving there may be room for one line of somebody who takes the name: drawn
# at random, one run in eight missed it. With each line in its turn 30 of 30 found it.
EVERYTHING = Aim(STORM_WEIGHTS, 240, ("basic", *STORM_WEIGHTS), swept=("handover",))
# For the checks that are about one thing only: enough to miss what hits one cycle in five once in
# two hundred gradings.
# Few cycles a process: another fault than about names ends the look at those behind it.
RIVALS = Aim({"names": 1}, 24, ("names",), frozenset({"two_holders", "nobody"}), a_session=3)
# One cycle a process: what becomes of those who leave at its end is not about talk.
TALKERS = Aim(
    {"crowd": 1},
    8,
    ("crowd",),
    frozenset({"garbled", "wrong_name", "echo", "lost", "doubled", "out_of_order", "deadlock"}),
    a_session=1,
)
# Only what happens to those who stay: an exception in the thread of one who left does not count.
LEAVERS = Aim(
    {"leavers": 1},
    24,
    ("leavers",),
    frozenset({"lost", "doubled", "out_of_order", "dropped", "deadlock", "exception"}),
    calm_counts=True,
)


def calm_cycles(seed: int, aim: Aim = EVERYTHING) -> list[dict[str, Any]]:
    """Each of the aim's storms once, with nobody switched before it has to wait."""
    return [
        cycle(storm, seed * STORIES + place, CALM, aim.polite, aim.gentle)
        for place, storm in enumerate(aim.calm)
    ]


def swept_cycles(
    seed: int, lines: Sequence[int], aim: Aim, most: int = MOST_SWEPT
) -> list[dict[str, Any]]:
    """Each swept storm for each of ``lines``: who comes there first is stopped until no other can
    go on, and nothing else is left to chance; actors in order, and the other way round.

    Of a program with more than ``most`` lines so many are drawn.
    """
    draw = random.Random(f"swept:{seed}")
    some = sorted(draw.sample(list(lines), min(len(lines), most)))
    found: list[dict[str, Any]] = []
    for storm in aim.swept:
        for line in some:
            for is_reversed in (False, True):
                stop = {"kind": "stop", "line": line, "parks": 1, "reversed": is_reversed}
                number = draw.randrange(1 << 31)
                # Stories of one process have names of their own, as in `mixed_cycle`.
                number += len(found) % CYCLES_A_SESSION - number % CYCLES_A_SESSION
                policy = {**stop, "grain": "line"}
                found.append(cycle(storm, number, policy, aim.polite, aim.gentle))
    return found


def mixed_cycle(
    seed: int, index: int, lines: Sequence[int], aim: Aim = EVERYTHING
) -> dict[str, Any]:
    """Cycle `index` of a run: storm and policy drawn by weight; `lines` are those to park at."""
    draw = random.Random(f"mix:{seed}:{index}")
    # Other storms are there for one thing: then it is that from the first cycle on.
    is_first = index % CYCLES_A_SESSION == 0 and aim.storms is STORM_WEIGHTS
    weights = FIRST_WEIGHTS if is_first else aim.storms
    storm = draw.choices(list(weights), weights=list(weights.values()))[0]
    choices = FIRST if is_first else MIX.get(storm, ELSEWHERE)
    policy = draw.choices(
        [policy for _, policy in choices], weights=[weight for weight, _ in choices]
    )[0]
    if policy is PARK:
        line = draw.choice(list(lines) or [0])
        policy = {**PARK, "line": line, "parks": draw.randint(1, 3)}
    if policy["kind"] == "hold":
        policy = {**policy, "p": policy["p"] * draw.choice(HOLDS)}
    # Stories of one process have names of their own: whoever has left does not come again.
    number = draw.randrange(1 << 31)
    number += index % CYCLES_A_SESSION - number % CYCLES_A_SESSION
    return cycle(storm, number, policy, aim.polite, aim.gentle)
