"""One session: read the plan, control the submission, run the cycles, write the result."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import random
import sys
import types
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any

from . import clock, foreign, locks, sockets, stdin, threads, tracing, waiting
from .blocked import describe_tasks
from .by_hand import ByHand
from .participants import Cycle
from .policy import Script, policy_of
from .watchdog import watch
from .world import network, scheduler

# The submission gets another one: see foreign.py.
really_exit = os._exit


def is_child(key: str, parent: str) -> bool:
    head, _, tail = key.rpartition("/")
    return head == parent and tail.isdigit()


def core_of_this_process() -> int:
    """The number of the core on which it runs now (Linux: proc_pid_stat(5), `processor`)."""
    with open("/proc/self/stat", "rb") as file:
        return int(file.read().rpartition(b")")[2].split()[36])


def stay_here() -> None:
    """Stay on this core: switching between threads is twice as fast on one.

    The system has put this process, which is new, on the core that has least to do: a core by a
    number would be the same one in every grading.

    And whoever is given the token does not push aside the one who gives it, who has only to go to
    sleep: with SCHED_BATCH a third of the switches remain.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError, ValueError, IndexError):
            os.sched_setaffinity(0, {core_of_this_process()})
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


class Startup:
    """The environment before the first cycle: there are no actors."""

    def __init__(self, session: ControlledRun) -> None:
        self.session = session

    def enabled(self) -> list[Any]:
        return []

    def at_rest(self) -> None:
        deadline = scheduler.next_deadline()
        if network.front_door() is None and deadline is not None and scheduler.now < 1060.0:
            # It sleeps before it listens.
            scheduler.advance(deadline)
            return
        self.session.begin()


class ControlledRun:
    """The plan, the cycle that is being run, and what the finished ones left behind."""

    def __init__(self, plan: dict[str, Any], deliver: Callable[[bytes], None]) -> None:
        self.cycles: list[dict[str, Any]] = plan["cycles"]
        self.limit: int = plan["limit"]
        # Says to which plan the report belongs.
        self.number: int = plan["number"]
        self.deliver = deliver
        self.finished: list[dict[str, Any]] = []
        self.story: Cycle
        self.index = -1
        self.startup()
        scheduler.mark = lambda: len(self.story.journal)

    def startup(self) -> None:
        """Until the submission is idle once, no actor comes and no thread is switched.

        So the first cycle finds what every later one finds, and can be run again by itself.
        """
        self.story = Cycle(scheduler, network, [])
        scheduler.environment = Startup(self)
        scheduler.policy = Script([])
        scheduler.limit = self.limit

    def begin(self) -> None:
        self.index += 1
        if self.index == 0:
            # Lines that ran before the first client came are no places to park at.
            tracing.seen.clear()
        cycle = self.cycles[self.index]
        scheduler.lines = [] if cycle.get("record") else None
        scheduler.stints = [] if cycle.get("record") else None
        scheduler.sends = [] if cycle.get("record") else None
        scheduler.expired = [] if cycle.get("record") else None
        if cycle["policy"]["kind"] == "hand":
            by_hand = ByHand(scheduler, network, cycle["policy"]["moves"])
            self.story = scheduler.policy = by_hand
        else:
            polite, raw = cycle.get("polite", False), cycle.get("raw", False)
            self.story = Cycle(scheduler, network, cycle["phases"], polite, raw)
            scheduler.policy = policy_of(cycle["policy"], cycle["seed"])
        scheduler.environment = self.story
        scheduler.choices = []
        scheduler.keep_choices = cycle["policy"]["kind"] not in ("script", "hand")
        scheduler.steps = 0
        scheduler.limit = self.limit
        scheduler.preemptions = 0
        scheduler.turn = 0
        scheduler.opening = True
        for task in scheduler.tasks:
            task.start_cycle()
            below = [other.key for other in scheduler.tasks if is_child(other.key, task.key)]
            task.children = max((int(key.rpartition("/")[2]) for key in below), default=0)
        tracing.set_grain(cycle["policy"]["grain"] == "opcode")
        random.seed(cycle["seed"])
        scheduler.dirty = True

    def over(self, reason: str) -> None:
        """The cycle is over: begin the next one, or end the process."""
        story = self.story
        self.finished.append(
            {
                "end": story.why if reason in ("done", "stuck") else reason,
                "journal": story.journal,
                "stuck": story.stuck,
                "waiting": describe_tasks(scheduler),
                "errors": list(threads.errors),
                "unframed": story.unframed,
                "choices": scheduler.choices,
                "preemptions": scheduler.preemptions,
                "steps": scheduler.steps,
                "lines": scheduler.lines,
                "sends": scheduler.sends,
                "expired": scheduler.expired,
                "threads": scheduler.started,
                "stints": scheduler.stints,
                **story.extra(),
            }
        )
        threads.errors.clear()
        if reason == "done" and self.index + 1 < len(self.cycles):
            self.begin()
        else:
            self.write()

    def write(self) -> None:
        """Write the report and end the process; nothing of the submission runs after this."""
        report = {
            "number": self.number,
            "cycles": self.finished,
            "seen": sorted(tracing.seen),
            "python": list(sys.version_info[:2]),
            "modules": sorted({"asyncio", "multiprocessing", "socketserver"} & set(sys.modules)),
            "cpu": process_time(),
        }
        self.deliver(json.dumps(report).encode())
        really_exit(0)


def make_room_for_own_modules(folder: Path, at_start: frozenset[str]) -> None:
    """Let the submission's files be found under the names of modules that only we have loaded.

    We keep those that we have; run without us, the submission would never have met them.
    """
    own = set()
    for entry in os.scandir(folder):
        if entry.name.endswith(".py"):
            own.add(entry.name.removesuffix(".py"))
        elif os.path.isfile(os.path.join(entry.path, "__init__.py")):
            own.add(entry.name)
    for name in set(sys.modules) - at_start:
        if name.partition(".")[0] in own:
            del sys.modules[name]


def compiled(server: Path) -> types.CodeType:
    """The submission's code. Raises `SyntaxError` and its like."""
    return compile(server.read_bytes(), str(server.resolve()), "exec", dont_inherit=True)


def control(
    plan: dict[str, Any],
    deliver: Callable[[bytes], None],
    argv: list[str],
    at_start: frozenset[str],
    code: types.CodeType | None = None,
) -> None:
    """Run the submission under control until the plan is done; does not return."""
    session = ControlledRun(plan, deliver)
    scheduler.over = session.over
    server = Path(argv[0]).resolve()
    code = code or compiled(server)
    # Garbage collection would run the submission's finalizers at unplanned moments.
    gc.disable()
    sys.setswitchinterval(1.0)
    sys.argv = [str(server), *argv[1:]]
    sys.path.insert(0, str(server.parent))
    watch(session.over)
    for part in (locks, clock, threads, sockets, waiting, foreign, stdin):
        part.install()
    if not plan.get("untraced"):
        tracing.install(str(server.parent) + os.sep)
    make_room_for_own_modules(server.parent, at_start)
    module = types.ModuleType("__main__")
    module.__dict__.update(__file__=str(server), __builtins__=__builtins__)
    sys.modules["__main__"] = module
    tracing.trace_this_thread()
    try:
        exec(code, module.__dict__)
    except SystemExit:
        pass
    except BaseException:
        kind, error, trace = sys.exc_info()
        assert kind is not None
        threads.note_error(kind, error, trace, "MainThread")
    sys.settrace(None)
    main_task = scheduler.current
    scheduler.leave(main_task)
    # The main thread of a process must not end before the process does.
    main_task.gate.acquire()
