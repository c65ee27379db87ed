"""The policies: which thread goes next, decided from a seed or from a list."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from .task import Place, Runner, Task


class Walk:
    """At each point, with probability p, anybody who can run goes next, all equally likely."""

    def __init__(self, seed: int, p: float) -> None:
        self.random = random.Random(seed).random
        self.p = p

    def wants(self, task: Task) -> bool:
        return self.random() < self.p

    def pick(self, place: Place, default: Runner, runners: list[Any]) -> Runner:
        chosen: Runner = runners[int(self.random() * len(runners))]
        return chosen

    def release(self, parked: list[Task]) -> Task:
        return parked[int(self.random() * len(parked))]


class Park(Walk):
    """A thread that comes to one chosen line stops there until no other can go on; else a walk."""

    def __init__(self, seed: int, p: float, line: int, parks: int) -> None:
        super().__init__(seed, p)
        self.line = line
        self.parks = parks

    def wants(self, task: Task) -> bool:
        if task.line == self.line and task.parks < self.parks:
            task.parks += 1
            task.parked = True
            task.preempted = True
            return True
        return self.random() < self.p


class Stop(Park):
    """As Park, but nothing is left to chance: otherwise it is calm, and actors wait for threads."""

    def __init__(self, line: int, parks: int, is_reversed: bool) -> None:
        super().__init__(0, 0.0, line, parks)
        self.sign = -1 if is_reversed else 1

    def pick(self, place: Place, default: Runner, runners: list[Any]) -> Runner:
        threads = [runner for runner in runners if isinstance(runner, Task)]
        if any(runner is default for runner in threads):
            return default
        if threads:
            chosen: Runner = min(threads, key=lambda each: (each.preempted, each.order))
        else:
            chosen = min(runners, key=lambda each: self.sign * each.order)
        return chosen

    def release(self, parked: list[Task]) -> Task:
        return parked[0]


class Hold(Walk):
    """Sometimes the running thread is stopped until no other can go on."""

    def __init__(self, seed: int, p: float, walk: float = 0.0) -> None:
        super().__init__(seed, p)
        self.walk = walk

    def wants(self, task: Task) -> bool:
        if self.random() < self.p:
            task.parked = True
            task.preempted = True
            return True
        return self.walk > 0 and self.random() < self.walk


class Haste(Walk):
    """A walk in which some threads are much faster: one may run many lines while another waits."""

    def __init__(self, seed: int, p: float) -> None:
        super().__init__(seed, p)
        self.speeds: dict[str, float] = {}

    def speed(self, key: str) -> float:
        if key not in self.speeds:
            self.speeds[key] = 4.0 ** -int(self.random() * 4)
        return self.speeds[key]

    def pick(self, place: Place, default: Runner, runners: list[Any]) -> Runner:
        left = self.random() * sum(self.speed(runner.key) for runner in runners)
        for runner in runners:
            left -= self.speed(runner.key)
            if left < 0:
                break
        chosen: Runner = runner
        return chosen


class Script:
    """A list of choices; everywhere else the running thread goes on until it has to wait."""

    def __init__(self, choices: Sequence[Sequence[Any]]) -> None:
        self.wanted = {(key, points) for key, points, _, _ in choices}
        self.choices = {(key, points, turn): chosen for key, points, turn, chosen in choices}

    def wants(self, task: Task) -> bool:
        return (task.key, task.points) in self.wanted

    def pick(self, place: Place, default: Runner, runners: list[Any]) -> Runner:
        wish = self.choices.get(place)
        if wish is not None:
            for runner in runners:
                if runner.key == wish:
                    chosen: Runner = runner
                    return chosen
        return default

    def release(self, parked: list[Task]) -> Task:
        return parked[0]


def policy_of(plan: dict[str, Any], seed: int) -> Walk | Script:
    """The policy that one cycle's plan asks for."""
    kind = plan["kind"]
    if kind == "script":
        return Script(plan["choices"])
    if kind == "hold":
        return Hold(seed, plan["p"], plan.get("walk", 0.0))
    if kind == "haste":
        return Haste(seed, plan["p"])
    if kind == "stop":
        return Stop(plan["line"], plan["parks"], plan["reversed"])
    if kind == "park":
        return Park(seed, plan["p"], plan["line"], plan["parks"])
    return Walk(seed, plan["p"])
