"""What keeps a server from more: who was busy, and how many clients each limit allows. Pure.

The part that has no time left is the bottleneck; a part that waits for it is not (the utilisation
law of queueing theory: Denning and Buzen, *The Operational Analysis of Queueing Network Models*,
1978). The simulated clients are one of the parts: where they are the bottleneck, the figures are a
lower bound for the server.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from harness.loads.figures import Figures
from harness.loads.system_limits import SystemLimits

# From this part of its time on, something counts as busy. The rest goes into changing turns.
ENOUGH = 0.8
# The server is called the bottleneck beside busy simulated clients only if it is so much busier.
CLEARLY = 0.1
# Seconds. The system counts a server's CPU time in hundredths: less says too little.
SHORTEST = 0.1
# Someone who chats says so many lines a second: one a minute.
TALK = 1 / 60
# Less of something for each client than this is none: a server with one thread for all.
NONE_EACH = 0.05


class Busy(StrEnum):
    """What was busy while all messages were sent at once."""

    SERVER = "server"
    DRIVER = "driver"
    MACHINE = "machine"
    OTHERS = "others"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """The busy part, and how much of one core each used: ``others`` are all other programs."""

    part: Busy
    server: float
    driver: float
    others: float


def bottleneck(figures: Figures, cores: int) -> Bottleneck | None:
    """What was busy when all messages were sent at once; None where that was not seen."""
    burst = figures.burst
    if burst is None or burst.server_cpu is None or burst.seconds < SHORTEST:
        return None
    server, driver = burst.server_cpu / burst.seconds, burst.driver_cpu / burst.seconds
    # Where that of the others is not known they are taken for idle.
    whole = server + driver if burst.machine_cpu is None else burst.machine_cpu / burst.seconds
    others = max(whole - server - driver, 0.0)
    if driver >= ENOUGH and server < driver + CLEARLY:
        part = Busy.DRIVER
    elif server >= ENOUGH:
        part = Busy.SERVER
    elif server + driver >= ENOUGH * cores:
        part = Busy.MACHINE
    else:
        part = Busy.OTHERS if server + driver + others >= ENOUGH * cores else Busy.NOBODY
    return Bottleneck(part, server, driver, others)


class Limit(StrEnum):
    """What allows only so many clients."""

    TALK = "talk"
    PACE = "pace"
    DESCRIPTORS = "descriptors"
    THREADS = "threads"
    MEMORY = "memory"


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many ``clients`` are possible: ``there`` is what there is, ``each`` what one client takes.

    Of `Limit.TALK`, ``there`` is one second of CPU time and ``each`` the CPU seconds of a delivery;
    of `Limit.PACE`, of a server that waits, one second and the seconds of a delivery.
    """

    limit: Limit
    clients: int
    there: float
    each: float


def allowances(figures: Figures, limits: SystemLimits, waits: bool = False) -> list[Allowance]:
    """How many clients each limit allows, by what one client cost here; the fewest first.

    ``waits``: the server waits while it delivers, so that its CPU time is not what it lacks.
    """
    found = []
    burst, per = figures.burst, figures.per_client
    kind, one = Limit.TALK, burst.cost if burst else None
    if waits and burst and burst.rate:
        kind, one = Limit.PACE, 1 / burst.rate
    if one:
        # N clients that each say a line every 1 / TALK seconds: N * (N - 1) * TALK deliveries.
        found.append(Allowance(kind, int((1 + math.sqrt(1 + 4 / (one * TALK))) / 2), 1, one))
    for limit, there, each in (
        (Limit.DESCRIPTORS, limits.descriptors, per.descriptors),
        (Limit.THREADS, limits.threads, per.threads),
        (Limit.MEMORY, limits.memory, per.memory),
    ):
        if there is not None and each is not None and each > NONE_EACH:
            found.append(Allowance(limit, int(there / each), there, each))
    return sorted(found, key=lambda each: each.clients)


def growth(few: Figures, many: Figures) -> float | None:
    """How many times the CPU time of a delivery with few clients it takes with many."""
    first, last = (each.burst.cost if each.burst else None for each in (few, many))
    return last / first if first and last else None
