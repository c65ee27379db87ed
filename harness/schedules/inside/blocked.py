"""Which thread waits for what, at which line, and who holds it, from the scheduler's tables."""

from __future__ import annotations

from typing import Any

from .locks import Lock
from .network import Stream
from .scheduler import Scheduler
from .task import Task


def _place(file: str, line: int) -> dict[str, Any]:
    return {"file": file, "line": line}


def waits_told(task: Task) -> dict[str, Any] | None:
    """What the thread waits for: who holds the lock since which line, whose connection it is."""
    if task.waits is None:
        return None
    what, thing = task.waits
    told: dict[str, Any] = {"what": what}
    if isinstance(thing, Lock) and what == "lock":
        owner = thing.owner
        told["holder"] = owner.key if owner is not None else ""
        told["holder_label"] = owner.label if owner is not None else ""
        told["holder_alive"] = owner.alive if owner is not None else False
        told["held_since"] = _place(*thing.place)
        told["made"] = list(thing.made)
    if isinstance(thing, Stream):
        told["peer"] = thing.owner
    return told


def describe_tasks(scheduler: Scheduler) -> list[dict[str, Any]]:
    """One entry for each living thread of the submission."""
    return [
        {
            "task": task.key,
            "label": task.label,
            "at": _place(task.file, task.line),
            "waits": waits_told(task) if not task.runnable else None,
        }
        for task in scheduler.tasks
    ]
