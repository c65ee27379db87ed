"""One token: the thread that holds it runs, all others wait at their gates.

Whoever holds the token decides, by the policy, who runs next: a thread of the submission (a
Task) or an actor of the story (which only takes one step and never holds the token). Nothing
here looks at a real clock, so that the same policy gives the same run.
"""

from __future__ import annotations

import _thread
import sys
from collections.abc import Callable
from typing import Any, Protocol

_allocate = _thread.allocate_lock

# A thread that has passed so many points without waiting for anything is taken to be spinning.
SPIN_POINTS = 4000
# How often a spinning thread may run again before the program counts as at rest.
SPIN_CREDITS = 3


# Where a choice was made: whose, at which of its points, the how-manyeth in a row.
Place = tuple[str, int, int]


class Runner(Protocol):
    """What the policy can pick: a task or an actor."""

    key: str
    order: int
    preempted: bool


class Environment(Protocol):
    """The story's side of the scheduler."""

    def enabled(self) -> list[Any]: ...
    def at_rest(self) -> None: ...


class Policy(Protocol):
    """Decides, from a seed or from a list, where to switch and to whom."""

    def wants(self, task: Task) -> bool: ...
    def pick(self, place: Place, default: Runner, runners: list[Any]) -> Runner: ...
    def release(self, parked: list[Task]) -> Task: ...


class Task:
    """One thread of the submission."""

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
        self.sentinel: Any = None
        self.alive = True

    def start_cycle(self) -> None:
        """Count from zero, so that a cycle runs the same wherever it stands in a session."""
        self.parks = self.points = self.busy = 0
        self.preempted = False


class Scheduler:
    """The token and the rules of handing it on."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.tasks: list[Task] = []
        self.current = Task("main", daemon=False)
        self.tasks.append(self.current)
        self.dirty = True
        self.clock = 0
        self.steps = 0
        self.limit = 1 << 60
        self.policy: Policy
        self.environment: Environment
        self.choices: list[list[Any]] = []
        self.keep_choices = True
        self.preemptions = 0
        self.lines: list[Any] | None = None
        # How far the journal has come, for the recorded lines.
        self.mark: Callable[[], int] = lambda: 0
        self.runners: list[Any] = []
        self.over: Callable[[str], None] = lambda reason: None
        self.started = 0
        self.main_ended = False
        # The parked thread whose turn it would have been without a policy.
        self.awaited: Task | None = None
        self.turn = 0
        # True from the beginning of a cycle until a task runs in it.
        self.opening = False

    # Points: places where another thread may go first.

    def point(self) -> None:
        """The current task is about to do something that others can notice."""
        me = self.current
        me.points += 1
        me.busy += 1
        self.steps += 1
        if me.busy > SPIN_POINTS:
            me.busy = 0
            self.yield_idly()
            return
        if self.steps > self.limit:
            self.over("budget")
        if self.dirty:
            # Here and not only at a switch: who became ready first must not depend on the policy.
            self._refresh()
        if self.policy.wants(me):
            if me.parked:
                self.dirty = True
            self._hand_on(me)

    def block(
        self, ready: Callable[[], bool], waits: tuple[str, Any], timeout: float | None = None
    ) -> bool:
        """Wait until ready(); False when the virtual time ran out first."""
        me = self.current
        me.busy = 0
        if ready():
            return True
        me.points += 1
        self.steps += 1
        if self.steps > self.limit:
            self.over("budget")
        me.ready = ready
        me.waits = waits
        me.runnable = False
        me.timed_out = False
        me.deadline = None if timeout is None else self.now + max(timeout, 0.0)
        self.dirty = True
        trace = sys.gettrace()
        if trace is not None:
            # None of it is a point, and each call of ours would be asked whether it is one.
            sys.settrace(None)
        self._hand_on(me)
        if trace is not None:
            sys.settrace(trace)
        me.ready = None
        me.waits = None
        me.deadline = None
        return not me.timed_out

    def yield_idly(self) -> None:
        """The current task spins: it goes on only when nobody else can."""
        me = self.current
        me.points += 1
        me.lazy = True
        self.dirty = True
        self._hand_on(me)

    def progress(self) -> None:
        """Something happened that may matter to everybody: look at all waits again."""
        self.dirty = True
        for task in self.tasks:
            task.credits = SPIN_CREDITS

    # Threads come and go.

    def spawn(self, daemon: bool) -> Task:
        parent = self.current
        parent.children += 1
        task = Task(f"{parent.key}/{parent.children}", daemon)
        task.order = self._tick()
        self.tasks.append(task)
        self.started += 1
        self.dirty = True
        return task

    def leave(self, task: Task) -> None:
        """The task has ended; the token goes on without it."""
        task.alive = False
        task.runnable = False
        task.points += 1
        self.tasks.remove(task)
        if task.key == "main":
            self.main_ended = True
        self.dirty = True
        if self.main_ended and not any(not other.daemon for other in self.tasks):
            self.over("ended")
        following = self._choose(task)
        self.current = following
        following.gate.release()

    # Handing on.

    def _tick(self) -> int:
        self.clock += 1
        return self.clock

    def _hand_on(self, me: Task) -> None:
        following = self._choose(me)
        if following is me:
            return
        if me.runnable:
            me.preempted = True
            me.order = self._tick()
        if me.runnable and not me.lazy:
            self.preemptions += 1
            if self.lines is not None:
                self.lines.append([me.key, me.label, me.file, me.line, True, self.mark()])
        self.current = following
        following.gate.release()
        me.gate.acquire()

    def _choose(self, me: Task) -> Task:
        self.turn = 0
        while True:
            if self.dirty:
                self._refresh()
            runners = self.runners
            if not runners:
                self._rest()
                continue
            # A parked thread could go on, and without a choice on record it will.
            if me.runnable and not me.lazy and not self.opening:
                default: Any = me
            else:
                default = self.awaited or min(runners, key=_by_order)
            self.awaited = None
            chosen: Any = runners[0]
            # Whoever was the last to run in the cycle before must not matter in this one.
            place = ("", 0, self.turn) if self.opening else (me.key, me.points, self.turn)
            if len(runners) > 1:
                chosen = self.policy.pick(place, default, runners)
            if self.keep_choices and chosen is not default:
                self.choices.append([*place, chosen.key])
            self.turn += 1
            if isinstance(chosen, Task):
                chosen.preempted = False
                self.opening = False
                return chosen
            self.steps += 1
            if self.steps > self.limit:
                self.over("budget")
            chosen.step()
            self.progress()

    def _refresh(self) -> None:
        self.dirty = False
        runners: list[Any] = []
        for task in self.tasks:
            if task.ready is not None and not task.runnable:
                if task.ready():
                    task.runnable = True
                    task.order = self._tick()
            elif task.ready is not None and not task.timed_out and not task.ready():
                # It was ready and has not run since: somebody else was quicker.
                task.runnable = False
            if task.runnable and not task.parked and not task.lazy:
                runners.append(task)
        runners.extend(self.environment.enabled())
        self.runners = runners

    def _rest(self) -> None:
        """Nobody can run: let a spinning or parked thread go on, else tell the story."""
        self.dirty = True
        lazy = [task for task in self.tasks if task.lazy and task.credits > 0]
        if lazy:
            task = lazy[0]
            task.lazy = False
            task.credits -= 1
            # Behind the others, so that each of them gets its turn.
            self.tasks.remove(task)
            self.tasks.append(task)
            return
        parked = [task for task in self.tasks if task.parked]
        if parked:
            self.policy.release(parked).parked = False
            self.awaited = min(parked, key=_by_order)
            return
        self.environment.at_rest()

    def is_quiet(self) -> bool:
        """Nobody waits for a time, and nobody spins: without the story nothing happens any more."""
        return not any(task.deadline is not None or task.lazy for task in self.tasks)

    def next_deadline(self) -> float | None:
        times = [t.deadline for t in self.tasks if t.deadline is not None and not t.runnable]
        return min(times) if times else None

    def advance(self, when: float) -> None:
        """Let the virtual time pass; whoever has waited until now stops waiting."""
        self.now = max(self.now, when)
        for task in self.tasks:
            if task.deadline is not None and not task.runnable and task.deadline <= self.now:
                task.timed_out = True
                task.runnable = True
                task.order = self._tick()
        self.progress()


def _by_order(runner: Runner) -> tuple[bool, int]:
    return (runner.preempted, runner.order)
