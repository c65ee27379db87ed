"""A thread as the scheduler sees it, and what the scheduler needs of a story and of a policy."""

from __future__ import annotations

import _thread
from collections.abc import Callable
from typing import Any, Protocol

_allocate = _thread.allocate_lock

# How often a spinning thread may run again before the program counts as idle.
SPIN_CREDITS = 3

# Where a choice was made: the key of the thread that gave up the token, the number of its point,
# and how many choices were made there before.
Place = tuple[str, int, int]


class Runner(Protocol):
    """Who can be chosen: a thread of the program (a Task) or an actor of the story."""

    key: str
    order: int
    preempted: bool


class Environment(Protocol):
    """The story, as the scheduler sees it."""

    def enabled(self) -> list[Any]:
        """The actors that could take their next step now."""

    def at_rest(self) -> None:
        """No thread and no actor can go on: let virtual time pass, or begin the next phase."""


class Policy(Protocol):
    """Decides where to switch and to whom, from a seed or from a list."""

    def wants(self, task: Task) -> bool:
        """Whether another thread may go before ``task`` does what it is about to do."""

    def pick(self, place: Place, default: Runner, runners: list[Any]) -> Runner:
        """Who of ``runners`` goes next; ``default`` is who would go without a policy."""

    def release(self, parked: list[Task]) -> Task:
        """Which of the parked threads goes on now that nobody else can."""


class Task:
    """One thread of the student's program; the table in `scheduler` says what the flags mean."""

    def __init__(self, key: str, daemon: bool) -> None:
        self.key = key
        self.daemon = daemon
        self.label = "utama" if key == "main" else ""
        self.gate = _allocate()
        self.gate.acquire()
        self.ready: Callable[[], bool] | None = None
        self.runnable = True
        self.waits: tuple[str, Any] | None = None
        self.deadline: float | None = None
        self.timed_out = False
        self.line = 0
        self.file = ""
        self.points = 0
        self.order = 0
        self.preempted = False
        self.parked = False
        self.parks = 0
        self.lazy = False
        self.credits = SPIN_CREDITS
        self.busy = 0
        self.children = 0
        # The locks that it holds now.
        self.locks: list[Any] = []
        # The client whose socket it was started with.
        self.guest = ""
        self.sentinel: Any = None
        self.alive = True

    @property
    def whereabouts(self) -> list[Any]:
        """Which thread it is, and the student's line that it is at: key, label, file, line."""
        return [self.key, self.label, self.file, self.line]

    def start_cycle(self) -> None:
        """Count from zero, so that a cycle runs the same whatever was run before it."""
        self.parks = self.points = self.busy = 0
        self.preempted = False
