"""The stories made to provoke: who does what, in which phase, drawn from a seed.

A story is a list of phases; a phase gives each actor its steps, and ends when everything is at
rest. Within a phase the scheduler mixes the actors' steps with the server's threads as it likes.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from harness.record.draw import GIVEN_NAMES

Steps = list[list[Any]]
Phase = dict[str, Steps]

WORDS = "halo kabar siapa tugas besok kopi nasi hujan kampus lab jaringan soket pagi malam".split()


# Stories in a row have no name in common, if their seeds follow one another.
STORIES, NUMBERS = 12, 7


class StormDraw:
    """Names and texts that occur once only, all from one seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(f"storm:{seed}")
        self.used: set[str] = set()
        # Two digits: none is the beginning of another.
        first = 10 + seed % STORIES * NUMBERS
        self.numbers = range(first, first + NUMBERS)

    def name(self) -> str:
        while True:
            name = f"{self.random.choice(GIVEN_NAMES)}{self.random.choice(self.numbers)}"
            if name not in self.used:
                self.used.add(name)
                return name

    def text(self) -> str:
        while True:
            words = self.random.choices(WORDS, k=self.random.randint(1, 3))
            text = f"{' '.join(words)} {self.random.randint(0, 99999)}"
            if text not in self.used:
                self.used.add(text)
                return text

    def says(self, count: int = 1) -> Steps:
        return [["say", self.text()] for _ in range(count)]

    def leaves(self, *ways: str) -> Steps:
        return [[self.random.choice(ways or ("half_close", "leave", "reset"))]]


def joins(name: str) -> Steps:
    return [["connect"], ["claim", name]]


def basic(seed: int) -> list[Phase]:
    """One after the other: a server that fails here is wrong without any race."""
    draw = StormDraw(seed)
    ani, budi, citra = draw.name(), draw.name(), draw.name()
    return [
        {"ani": joins(ani)},
        {"budi": joins(budi)},
        {"citra": [["connect"], ["claim", budi, citra]]},
        {"ani": draw.says()},
        {"budi": draw.says()},
        {"budi": [["half_close"]]},
        {"ani": draw.says()},
        {"dewi": joins(budi)},
        {"citra": draw.says()},
        {"dewi": [["leave"]]},
        {"ani": draw.says()},
        {"ani": draw.says()},
        {"ani": [["half_close"]], "citra": [["half_close"]]},
    ]


def names(seed: int) -> list[Phase]:
    """Several who were asked answer with one name, all at once."""
    draw = StormDraw(seed)
    count = draw.random.randint(3, 6)
    wanted = draw.name()
    crowd = [f"c{i}" for i in range(count)]
    spare = {who: draw.name() for who in crowd}
    return [
        {"r": joins(draw.name())},
        {who: [["connect"], ["asked"]] for who in crowd},
        {
            who: [["try", wanted, spare[who]] if draw.random.random() < 0.7 else ["try", wanted]]
            for who in crowd
        },
        {who: draw.says() for who in [*crowd, "r"]},
        {who: draw.leaves() for who in crowd},
        {"late": joins(wanted)},
        {"late": draw.says(), "r": draw.says()},
        {"late": [["half_close"]], "r": [["half_close"]]},
    ]


def rolling(seed: int) -> list[Phase]:
    """Older members leave while others join and speak; then everybody still there speaks."""
    draw = StormDraw(seed)
    old = [f"o{i}" for i in range(draw.random.randint(2, 4))]
    stay = [f"s{i}" for i in range(draw.random.randint(1, 3))]
    new = [f"n{i}" for i in range(draw.random.randint(1, 3))]
    called = {who: draw.name() for who in [*old, *stay, *new]}
    order = [*old, *stay]
    draw.random.shuffle(order)
    storm: Phase = {}
    for who in old:
        storm[who] = draw.says(draw.random.randint(0, 2)) + draw.leaves()
    for who in stay:
        storm[who] = draw.says(draw.random.randint(1, 3))
    for who in new:
        storm[who] = joins(called[who]) + draw.says(draw.random.randint(0, 1))
    for i, who in enumerate(stay[: len(new)]):
        storm[who] += [["after", f"n{i}.joined"], *draw.says()]
    again = {f"a{i}": joins(called[who]) for i, who in enumerate(old[:2])}
    left = [*stay, *new, *again]
    return [
        {who: joins(called[who]) for who in order},
        storm,
        again,
        {who: draw.says() for who in left},
        {who: draw.leaves("half_close") for who in left},
    ]


def talk(seed: int) -> list[Phase]:
    """Everybody speaks at once, then two at a time: a missed wake-up shows whenever all is idle."""
    draw = StormDraw(seed)
    crowd = [f"t{i}" for i in range(draw.random.randint(3, 5))]
    return [
        {who: joins(draw.name()) for who in crowd},
        {who: draw.says(draw.random.randint(1, 3)) for who in crowd},
        *({who: draw.says() for who in draw.random.sample(crowd, 2)} for _ in range(6)),
        {who: draw.leaves("half_close") for who in crowd},
    ]


def crowd(seed: int) -> list[Phase]:
    """They join one after the other, then all speak at once: only the talk is a race."""
    draw = StormDraw(seed)
    members = [f"t{i}" for i in range(draw.random.randint(3, 5))]
    return [
        *({who: joins(draw.name())} for who in members),
        {who: draw.says(draw.random.randint(12, 16)) for who in members},
        *({who: [["half_close"]]} for who in members),
    ]


def leavers(seed: int) -> list[Phase]:
    """They join one after the other; some leave while others talk; who stays talks once more."""
    draw = StormDraw(seed)
    stay = [f"s{i}" for i in range(draw.random.randint(2, 3))]
    go = [f"g{i}" for i in range(draw.random.randint(1, 3))]
    order = [*stay, *go]
    draw.random.shuffle(order)
    storm: Phase = {who: draw.says(draw.random.randint(2, 3)) for who in stay}
    for who in go:
        storm[who] = draw.says(draw.random.randint(0, 1)) + draw.leaves()
    return [
        *({who: joins(draw.name())} for who in order),
        storm,
        {who: draw.says() for who in stay},
        {who: [["half_close"]] for who in stay},
    ]


def resets(seed: int) -> list[Phase]:
    """Lines followed by a reset, and newcomers who reset in the middle of joining."""
    draw = StormDraw(seed)
    stay = [f"s{i}" for i in range(draw.random.randint(2, 3))]
    hasty = [f"h{i}" for i in range(draw.random.randint(1, 2))]
    never = [f"x{i}" for i in range(draw.random.randint(1, 3))]
    called = {who: draw.name() for who in [*stay, *hasty, *never]}
    storm: Phase = {who: draw.says(draw.random.randint(1, 2)) for who in stay}
    for who in hasty:
        storm[who] = draw.says(draw.random.randint(1, 2)) + draw.leaves("reset", "reset", "leave")
    for who in never:
        answer = [["connect"], ["asked"], ["quick", called[who]]]
        storm[who] = answer + draw.leaves("reset", "reset", "leave")
    again = {f"a{i}": joins(called[who]) for i, who in enumerate([*never, *hasty])}
    order = [*stay, *hasty]
    draw.random.shuffle(order)
    return [
        {who: joins(called[who]) for who in order},
        storm,
        again,
        {who: draw.says() for who in [*stay, *again]},
        {who: draw.leaves("half_close") for who in [*stay, *again]},
    ]


def welcomes(seed: int) -> list[Phase]:
    """Each newcomer has somebody who speaks at the very moment it has its OK."""
    draw = StormDraw(seed)
    count = draw.random.randint(2, 4)
    stay = [f"s{i}" for i in range(count)]
    new = [f"n{i}" for i in range(count)]
    storm: Phase = {}
    for old, fresh in zip(stay, new, strict=True):
        storm[old] = [["after", f"{fresh}.joined"], *draw.says()]
        storm[fresh] = joins(draw.name()) + draw.says(draw.random.randint(0, 1))
    return [
        {who: joins(draw.name()) for who in stay},
        storm,
        {who: draw.says() for who in [*stay, *new]},
        {who: draw.leaves("half_close") for who in [*stay, *new]},
    ]


def handover(seed: int) -> list[Phase]:
    """Somebody takes a name at the very moment its holder leaves, while another one talks."""
    draw = StormDraw(seed)
    old = [f"o{i}" for i in range(draw.random.randint(1, 2))]
    called = {who: draw.name() for who in old}
    arrival: Steps = [["connect"], ["asked"]]
    early: Phase = {}
    storm: Phase = {"s": draw.says(draw.random.randint(0, 1))}
    for i, who in enumerate(old):
        # Most leave by a reset: then a sender notices at once, before the leaver's own thread does.
        storm[who] = draw.says(draw.random.randint(0, 2)) + draw.leaves(
            "reset", "reset", "leave", "half_close"
        )
        heir, name = f"n{i}", called[who]
        storm[heir] = [["after", f"{who}.left"]]
        # Asked already, or a connection that may get the number of the one just closed.
        (early if draw.random.random() < 0.5 else storm).setdefault(heir, []).extend(arrival)
        storm[heir] += [["try", name, name, name, name, draw.name()]]
        storm["s"] += [["after", f"{who}.left"], *draw.says(draw.random.randint(1, 2))]
    new = [f"n{i}" for i in range(len(old))]
    return [
        {who: joins(called[who]) for who in old} | {"s": joins(draw.name())},
        early,
        storm,
        {who: draw.says() for who in [*new, "s"]},
        {who: draw.leaves() for who in new},
        {f"a{i}": joins(called[who]) for i, who in enumerate(old)},
        {who: [["half_close"]] for who in ["s", *(f"a{i}" for i in range(len(old)))]},
    ]


def slow(seed: int) -> list[Phase]:
    """One stops reading; the others talk until nothing fits any more, a newcomer joins."""
    draw = StormDraw(seed)
    crowd = [f"t{i}" for i in range(2)]
    # A little more than what select() calls writable: see inside/network.py.
    room = draw.random.randint(3000, 3600)
    long: Phase = {
        who: [["say", f"{draw.text()} {'x' * draw.random.randint(350, 450)}"] for _ in range(6)]
        for who in crowd
    }
    return [
        {who: joins(draw.name()) for who in ["d", *crowd]},
        {"d": [["stop_reading", room]]},
        long,
        {"t0": draw.says(2), "t1": draw.says(2), "n": joins(draw.name())},
        {who: draw.says() for who in [*crowd, "n"]},
        {"d": [["reset"]]},
        {who: draw.leaves("half_close") for who in [*crowd, "n"]},
    ]


STORMS: dict[str, Callable[[int], list[Phase]]] = {
    "basic": basic,
    "names": names,
    "rolling": rolling,
    "talk": talk,
    "crowd": crowd,
    "leavers": leavers,
    "resets": resets,
    "welcomes": welcomes,
    "handover": handover,
    "slow": slow,
}
