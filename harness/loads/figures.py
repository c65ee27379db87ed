"""What one load on one server came to: the figures, as values. Pure, but for the making of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from harness.loads.driver import Ending
from harness.loads.ledger import Flaw, FlawExample


@dataclass(frozen=True, slots=True)
class Spread:
    """How long something took, in seconds, over so many cases: percentiles and the largest.

    A percentile is the smallest value that so many per cent of the cases do not exceed (nearest
    rank), so it is always a time that was really measured.
    """

    count: int
    p50: float
    p95: float
    p99: float
    most: float


def spread_of(values: Sequence[float]) -> Spread | None:
    """The spread of ``values``; None of none."""
    if not values:
        return None
    ranked = sorted(values)
    p50, p95, p99 = (ranked[max(math.ceil(len(ranked) * p / 100) - 1, 0)] for p in (50, 95, 99))
    return Spread(len(ranked), p50, p95, p99, ranked[-1])


@dataclass(frozen=True, slots=True)
class PerClient:
    """What each client costs: bytes resident, threads, descriptors; None where unseen."""

    memory: float | None = None
    threads: float | None = None
    descriptors: float | None = None


@dataclass(frozen=True, slots=True)
class Burst:
    """All messages at once: how many lines came in how many seconds, and the CPU time they took.

    ``server_cpu`` is None where it cannot be seen; ``driver_cpu`` is the simulated clients' own;
    ``machine_cpu`` is that of all programs on the machine, those two among them.
    """

    messages: int
    deliveries: int
    seconds: float
    server_cpu: float | None
    driver_cpu: float
    machine_cpu: float | None = None

    @property
    def rate(self) -> float:
        """Deliveries a second."""
        return self.deliveries / self.seconds if self.seconds else 0.0

    @property
    def ceiling(self) -> float | None:
        """Deliveries a second if the driver, one thread, did nothing else and never waited.

        No server can show more than that. None where the clock was too coarse.
        """
        return self.deliveries / self.driver_cpu if self.driver_cpu else None

    @property
    def cost(self) -> float | None:
        """CPU seconds of the server for one delivery."""
        if self.server_cpu is None or not self.deliveries:
            return None
        return self.server_cpu / self.deliveries


@dataclass(frozen=True, slots=True)
class OverTime:
    """One message of the part at a fixed rate: when it was due, and how late it came to the others.

    Seconds from the beginning of that part, and from then; ``p50`` and ``most`` over its listeners.
    """

    due: float
    p50: float
    most: float


@dataclass(slots=True)
class Figures:
    """One load of so many clients on one server. What was not come to is None or empty."""

    clients: int
    joined: int = 0
    join_seconds: float = 0.0
    join: Spread | None = None
    per_client: PerClient = field(default_factory=PerClient)
    burst: Burst | None = None
    rate: float = 0.0
    messages: int = 0
    latency: Spread | None = None
    over_time: list[OverTime] = field(default_factory=list)
    # Seconds by which the driver itself was late with a message, at the most.
    driver_lateness: float = 0.0
    right: int = 0
    due: int = 0
    notices: int = 0
    flaws: Mapping[Flaw, int] = field(default_factory=dict)
    examples: Sequence[FlawExample] = ()
    ending: Ending = Ending.INTERRUPTED
    # Why it ended early, as far as the server or the system says so.
    reason: str = ""
    is_machines_fault: bool = False

    @property
    def joins_a_second(self) -> float | None:
        """Clients that joined in a second; None unless all have, as the last ones take longest."""
        is_known = self.have_all_joined and self.join_seconds
        return self.joined / self.join_seconds if is_known else None

    @property
    def have_all_joined(self) -> bool:
        """Whether each client has joined."""
        return self.joined == self.clients

    @property
    def is_right(self) -> bool:
        """Whether all was done and every line was right."""
        return self.ending is Ending.DONE and not self.flaws

    def as_json(self) -> dict[str, object]:
        """The figures as JSON has them: seconds and bytes, names as they are here."""
        derived = {
            "joins_a_second": self.joins_a_second,
            "deliveries_a_second": self.burst and self.burst.rate,
            "driver_deliveries_a_second_at_most": self.burst and self.burst.ceiling,
            "server_cpu_a_delivery": self.burst and self.burst.cost,
            "is_right": self.is_right,
        }
        return {**asdict(self), **derived}
