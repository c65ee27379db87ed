"""One load on one server: start it, let all join, all at once, at a fixed rate, end it."""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from harness.actors.known_facts import KnownFacts
from harness.actors.patience import WALL_FACTOR, FairClock, Patience
from harness.actors.server import Server
from harness.actors.stage import Setting, Stage
from harness.contract import sentences
from harness.contract.rubric import Language
from harness.contract.symptoms import Inconclusive, StoryFailed
from harness.grading.telling import refusal
from harness.interruptions import Interruptions
from harness.loads.driver import Driver, Ending, NotHere
from harness.loads.expense import Expense, cpu_seconds, expense, machine_seconds
from harness.loads.figures import Burst, Figures, OverTime, PerClient, spread_of
from harness.loads.load_words import WORDS, load_say
from harness.loads.timetable import at_once, at_rate, nicknames
from harness.program.process import Program
from harness.program.sandbox import Sandbox
from harness.record.draw import Draw
from harness.record.journal import Journal

# Seconds of fair time in which something must move while something is due.
STANDSTILL = 10.0
# Seconds of fair time for a server that has cut off all to end and say why.
LAST_WORDS = 2.0
# What Python says when the system gives a program no more, and the reason to tell.
SYSTEM_SAYS = {
    "can't start new thread": "no_processes",
    "Too many open files": "no_descriptors",
    "Cannot allocate memory": "no_memory",
    "MemoryError": "no_memory",
}


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """How much: clients, messages all at once, messages at a fixed rate a second; and the seed."""

    clients: int
    at_once: int
    messages: int
    rate: float
    seed: int


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a load needs beside its plan. ``tells`` hears what goes on now."""

    sandbox: Sandbox
    interruptions: Interruptions
    lang: Language
    tells: Callable[[str], None]


def load_on(source: Path, plan: LoadPlan, around: Surroundings) -> Figures:
    """Load the server in the folder ``source``; the server has ended when this returns."""
    figures = Figures(plan.clients, rate=plan.rate, messages=plan.messages)
    setting = Setting(around.sandbox, source, Patience(), KnownFacts())
    stage = Stage(setting, Draw(plan.seed, "load"), Journal())
    with around.sandbox.copies.clearing():
        host = Server(stage)
        try:
            with around.interruptions.stoppable():
                around.tells("start")
                host.starts()
                first = host.reach()
            stage.closing.callback(first.close)
            names = nicknames(random.Random(plan.seed), plan.clients)
            watch = _Watch(host.running, around.interruptions)
            with Driver(host.address, names, watch.looks) as driver:
                try:
                    figures.ending = _run(driver, first, host.running, plan, around, figures)
                finally:
                    _takes_in(figures, driver, plan)
            if figures.ending is Ending.NONSENSE and stage.wait_until(
                lambda: host.running.is_over, LAST_WORDS, is_passive=False
            ):
                # All were cut off, since it has ended: what it said last is the reason.
                figures.ending = Ending.SERVER_GONE
            if figures.ending is Ending.SERVER_GONE:
                stage.wait_until(lambda: host.running.has_ended_output, is_passive=False)
            _explains(figures, host.running, around)
        except KeyboardInterrupt:
            figures.ending = Ending.INTERRUPTED
        except StoryFailed as failed:
            figures.ending = Ending.SERVER_GONE
            seen = sentences.seen(failed.failure, around.lang)
            figures.reason = load_say("not_started", around.lang, seen=seen)
        except NotHere as refused:
            figures.ending = Ending.SERVER_GONE
            figures.reason = load_say("not_here", around.lang, address=refused)
        except OSError as error:
            figures.ending, figures.is_machines_fault = Ending.STALLED, True
            key = refusal(error)
            figures.reason = sentences.reason(key, {}, around.lang) if key else str(error)
        except Inconclusive as stopped:
            figures.ending, figures.is_machines_fault = Ending.STALLED, True
            figures.reason = sentences.reason(stopped.reason, stopped.facts, around.lang)
        finally:
            stage.close()
    return figures


def _run(
    driver: Driver, first: socket.socket, program: Program, plan: LoadPlan, around: Surroundings,
    figures: Figures,
) -> Ending:  # fmt: skip
    """All the parts, as far as they come; ``figures`` gets what is known only in between."""
    drawn = random.Random(plan.seed + 1)
    before, began = expense(program.pid), time.perf_counter()
    around.tells("join")
    ending = driver.join(first)
    figures.join_seconds = time.perf_counter() - began
    figures.joined, figures.join = driver.joined, spread_of(driver.waits)
    if ending is not Ending.DONE:
        return ending
    figures.per_client = _per_client(before, expense(program.pid), driver.joined)
    around.tells("burst")
    everybody, own, began = machine_seconds(), time.process_time(), time.perf_counter()
    cpu = cpu_seconds(program.pid)
    ending = driver.talk(at_once(drawn, plan.clients, plan.at_once))
    seconds, after = time.perf_counter() - began, cpu_seconds(program.pid)
    used = None if cpu is None or after is None else after - cpu
    spent, total = time.process_time() - own, machine_seconds()
    machine = None if everybody is None or total is None else total - everybody
    figures.burst = Burst(plan.at_once, driver.ledger.delivered, seconds, used, spent, machine)
    if ending is not Ending.DONE:
        return ending
    driver.lateness = 0.0
    around.tells("rate")
    return driver.talk(at_rate(drawn, plan.clients, plan.messages, plan.rate))


def _per_client(before: Expense, after: Expense, clients: int) -> PerClient:
    """What each of so many clients has added. The first had connected before: it counts as well."""

    def added(was: int | None, now: int | None, present: int) -> float | None:
        return None if was is None or now is None or not clients else (now - was) / present

    # By the first look the server may have taken the first client in, or not yet.
    few = max(clients - 1, 1)
    return PerClient(
        added(before.memory, after.memory, few),
        added(before.threads, after.threads, few),
        added(before.descriptors, after.descriptors, few),
    )


def _takes_in(figures: Figures, driver: Driver, plan: LoadPlan) -> None:
    """What the driver and its ledger know by now."""
    ledger = driver.ledger
    if figures.ending is not Ending.INTERRUPTED:
        ledger.counts_lost()
    figures.joined = figures.joined or driver.joined
    figures.right, figures.due, figures.notices = ledger.delivered, ledger.target, ledger.notices
    figures.flaws, figures.examples = dict(+ledger.flaws), tuple(ledger.examples)
    figures.driver_lateness = driver.lateness
    at_rate_only = ledger.latencies[plan.at_once :]
    figures.latency = spread_of([late for each in at_rate_only for late in each])
    if not at_rate_only:
        return
    began = ledger.due[plan.at_once]
    for due, late in zip(ledger.due[plan.at_once :], at_rate_only, strict=True):
        if (spread := spread_of(late)) is not None:
            figures.over_time.append(OverTime(due - began, spread.p50, spread.most))


def _explains(figures: Figures, program: Program, around: Surroundings) -> None:
    """Why it ended early: what the server says on stderr, and whether the system was the cause."""
    program.collect()
    lang, said = around.lang, around.sandbox.as_handed_in(program.stderr.text())
    for words, reason in SYSTEM_SAYS.items():
        if words in said and not figures.is_right:
            figures.is_machines_fault = True
            is_own = reason in WORDS
            figures.reason = (
                load_say(reason, lang) if is_own else sentences.reason(reason, {}, lang)
            )
            return
    if figures.ending is Ending.SERVER_GONE:
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        last = lines[-1][:300] if lines else load_say("nothing", lang)
        figures.reason = load_say("gone", lang, status=program.status, last=last)
    elif figures.ending is Ending.STALLED:
        figures.reason = load_say("stalled", lang, seconds=f"{STANDSTILL:g}")
    elif figures.ending is Ending.NONSENSE:
        figures.reason = load_say("nonsense", lang)


class _Watch:
    """Looks after the outside while the driver works: output, Ctrl-C, and whether anything moves.

    Only a program that stands still is looked at closely: a look at thousands of threads takes so
    long that it would be seen in the latencies.
    """

    def __init__(self, program: Program, interruptions: Interruptions) -> None:
        self._program, self._interruptions = program, interruptions
        self._clock: FairClock | None = None
        self._since = self._last = 0.0
        self._charged = 0.0

    def looks(self, has_stood: bool) -> Ending | None:
        """As `Driver` asks it. Raises `Inconclusive` when the program gets no turn for too long."""
        self._program.collect()
        if self._interruptions.is_over:
            return Ending.INTERRUPTED
        if self._program.status is not None:
            return Ending.SERVER_GONE
        now = time.perf_counter()
        if not has_stood:
            self._clock = None
            return None
        if self._clock is None:
            self._clock, self._since, self._charged = FairClock(self._program.starved), now, 0.0
        else:
            self._charged += self._clock.charge(now - self._last)
        self._last = now
        if now - self._since > STANDSTILL * WALL_FACTOR:
            raise Inconclusive("machine_too_slow", seconds=round(now - self._since, 1))
        return Ending.STALLED if self._charged > STANDSTILL else None
