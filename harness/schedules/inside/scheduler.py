"""Decides which thread of the student's program runs next.

The rules of this file:

- Exactly one thread of the program runs at a time: the one that has the *token* (`current`). Each
  of the others sleeps at a lock of its own, its gate.
- A thread gives the token up only at a *point*: before it does something that another thread
  could notice (`point`), where it must wait (`block`), or at its end (`leave`). Whoever gives it
  up asks the policy who goes next, opens that gate and sleeps at its own.
- An actor of the story can be chosen too. It takes one step at once and never has the token.
- Nothing here looks at a real clock or a random source of its own: the same policy gives the same
  run.

The theory. What threads can do to each other is decided by the order of the operations on what
they share. If one thread runs at a time and every such operation is a point, then each order of
the points is a run of the program, and each result of a race belongs to one of these orders
(systematic concurrency testing: Musuvathi and others, CHESS, OSDI 2008). Without a policy the
running thread goes on until it has to wait; a run is therefore described completely by the list
of choices that were not this default (`choices`). That list repeats the run, and making it
shorter explains the race.

The states of a thread (`Task`):

    runnable   ready    lazy   parked    meaning                       goes on when
    yes        None     no     no        runs, or was interrupted      it is chosen
    no         a test   no     no        waits (lock, socket, time)    the test holds, or time is up
    yes        None     yes    no        spins without waiting         nobody else can, a few times
    yes        None     no     yes       stopped at a line by policy   nobody else can

Nobody can go on: first a spinning thread gets another turn, then a parked one is released. If
there is neither, the program is idle, and the story lets virtual time pass or begins its next
phase.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from .task import SPIN_CREDITS, Environment, Policy, Runner, Task

# A thread that passes so many points without waiting for anything is taken to be spinning.
SPIN_POINTS = 4000


class Scheduler:
    """The token, and who gets it next."""

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
        # Each time bytes went to a client: which thread sent, at which line, to whom; and which
        # locks were held then: by whom, taken at which line.
        self.sends: list[Any] | None = None
        # Each time a thread gave up receiving: at which line, from whom; and which thread had set
        # that limit of time, at which line.
        self.expired: list[Any] | None = None
        # Who ran up to which of its points, and what clients did in between: a whole schedule.
        self.stints: list[list[Any]] | None = None
        # The number of events in the journal so far, for the recorded lines.
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
        """The current thread is about to do something that others can notice."""
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
            # Not only at a switch: who became ready first must not depend on the policy.
            self._refresh()
        if self.policy.wants(me):
            if me.parked:
                self.dirty = True
            self._hand_on(me)

    def block(
        self, ready: Callable[[], bool], waits: tuple[str, Any], timeout: float | None = None
    ) -> bool:
        """Wait until ``ready()``; False when ``timeout`` (virtual seconds) ended first."""
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
            # Nothing in here is a point, and tracing each of our own calls would cost time.
            sys.settrace(None)
        self._hand_on(me)
        if trace is not None:
            sys.settrace(trace)
        me.ready = None
        me.waits = None
        me.deadline = None
        return not me.timed_out

    def yield_idly(self) -> None:
        """The current thread spins: it goes on only when nobody else can."""
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
        """A new thread, started by the current one; it is runnable and has not run yet."""
        parent = self.current
        parent.children += 1
        task = Task(f"{parent.key}/{parent.children}", daemon)
        task.order = self._tick()
        self.tasks.append(task)
        self.started += 1
        self.dirty = True
        return task

    def leave(self, task: Task) -> None:
        """The thread has ended; another one gets the token."""
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
                held = "locked" if me.locks else "free"
                self.lines.append([me.key, me.label, me.file, me.line, held, self.mark()])
        self.current = following
        following.gate.release()
        me.gate.acquire()

    def _choose(self, me: Task) -> Task:
        self.turn = 0
        if self.stints is not None and not self.opening:
            self.stints.append(["until", me.key, me.points])
        while True:
            if self.dirty:
                self._refresh()
            runners = self.runners
            if not runners:
                self._rest()
                continue
            # A parked thread could run: without a recorded choice it goes on.
            if me.runnable and not me.lazy and not self.opening:
                default: Any = me
            else:
                default = self.awaited or min(runners, key=_by_order)
            self.awaited = None
            chosen: Any = runners[0]
            # Which thread ran last in the cycle before must not matter in this one.
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
                # It became ready but has not run since, and another thread has taken what it needs.
                task.runnable = False
            if task.runnable and not task.parked and not task.lazy:
                runners.append(task)
        runners.extend(self.environment.enabled())
        self.runners = runners

    def _rest(self) -> None:
        """Nobody can go on: give a spinning or parked thread another turn, or ask the story."""
        self.dirty = True
        lazy = [task for task in self.tasks if task.lazy and task.credits > 0]
        if lazy:
            task = lazy[0]
            task.lazy = False
            task.credits -= 1
            # To the end of the list, so that each spinning thread gets its turn.
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
        """Whether nobody waits for a time and nobody spins: nothing happens without the story."""
        return not any(task.deadline is not None or task.lazy for task in self.tasks)

    def next_deadline(self) -> float | None:
        """The virtual time at which the next wait ends by itself; None if none does."""
        times = [t.deadline for t in self.tasks if t.deadline is not None and not t.runnable]
        return min(times) if times else None

    def advance(self, when: float) -> None:
        """Set the virtual time to ``when``; waits whose time is up end."""
        if self.stints is not None:
            self.stints.append(["time"])
        self.now = max(self.now, when)
        for task in self.tasks:
            if task.deadline is not None and not task.runnable and task.deadline <= self.now:
                task.timed_out = True
                task.runnable = True
                task.order = self._tick()
        self.progress()


def _by_order(runner: Runner) -> tuple[bool, int]:
    return (runner.preempted, runner.order)
