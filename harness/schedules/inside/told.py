"""How things stand in the program, for somebody who plays by hand: threads, locks, shared values.

Only values of Python's own types are looked into: no code of the submission runs for it.
"""

from __future__ import annotations

import gc
import sys
from collections import deque
from typing import TYPE_CHECKING, Any

from .blocked import waits_told
from .locks import Lock
from .network import Stream
from .sockets import Socket
from .tracing import own_name

if TYPE_CHECKING:
    from .scheduler import Scheduler

# Characters of one value, and entries of one container.
MOST_TEXT, MOST_ENTRIES = 60, 8
PLAIN = (str, int, float, bytes, bool, type(None))
ROWS = (list, tuple, set, frozenset, deque)
# What is shown by itself: a text or a tuple is an address, a name, an argument.
CHANGING = (int, float, bool, list, set, dict, deque)


def threads_told(scheduler: Scheduler) -> list[dict[str, Any]]:
    """Each living thread: its name, the line it comes to, what it waits for, the locks it holds."""
    held: dict[str, list[dict[str, Any]]] = {}
    for thing in gc.get_objects():
        if type(thing).__module__ == Lock.__module__ and isinstance(thing, Lock):
            owner = thing.owner
            if owner is not None and thing.kind == "lock" and thing.made[0]:
                entry = {"made": list(thing.made), "since": list(thing.place)}
                held.setdefault(owner.key, []).append(entry)
    return [
        {
            "task": task.key,
            "label": task.label or task.guest,
            "file": task.file,
            "line": task.line,
            "can_go": task.runnable,
            "spins": task.lazy,
            "has_deadline": task.deadline is not None,
            "waits": waits_told(task) if not task.runnable else None,
            "holds": sorted(held.get(task.key, []), key=str),
        }
        for task in scheduler.tasks
    ]


def shared_values() -> list[list[str]]:
    """The module's variables that can change, and the attributes of its objects, as text."""
    module = sys.modules["__main__"]
    own = {
        name: value
        for name, value in vars(module).items()
        if not name.startswith("_") and not name.isupper()
    }
    found: list[list[str]] = []
    for name, value in own.items():
        if type(value) in CHANGING:
            found.append([name, shown(value)])
        elif is_own(value):
            for inner, attribute in attributes(value).items():
                if type(attribute) in CHANGING:
                    found.append([f"{name}.{inner}", shown(attribute)])
    return found


def is_own(value: Any) -> bool:
    """Whether it is an object of a class that the submission wrote."""
    kind = type(value)
    module = sys.modules.get(kind.__module__)
    file = getattr(module, "__file__", None)
    return kind.__module__ == "__main__" or (
        isinstance(file, str) and own_name(file) is not None and value is not kind
    )


def attributes(value: Any) -> dict[str, Any]:
    """The attributes of an object, without asking it."""
    try:
        found = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return {}
    return dict(found) if type(found) is dict else {}


def shown(value: Any, depth: int = 2) -> str:
    """A value in short: a socket by its client, an object by its name or class."""
    kind = type(value)
    if isinstance(value, Socket):
        return whose(value) or "socket"
    if kind in PLAIN:
        text = repr(value)
    elif depth == 0:
        text = "..."
    elif kind is dict:
        entries = [
            f"{shown(k, depth - 1)}: {shown(v, depth - 1)}"
            for k, v in list(value.items())[:MOST_ENTRIES]
        ]
        text = "{" + ", ".join(entries) + "}"
    elif kind in (set, frozenset) and not value:
        text = "set()"
    elif kind in ROWS:
        entries = [shown(each, depth - 1) for each in list(value)[:MOST_ENTRIES]]
        left, right = (
            ("(", ")") if kind is tuple else ("{", "}") if kind in (set, frozenset) else "[]"
        )
        text = left + ", ".join(entries) + right
    else:
        sockets = [each for each in attributes(value).values() if isinstance(each, Socket)]
        text = whose(sockets[0]) if sockets and whose(sockets[0]) else kind.__name__
    return text if len(text) <= MOST_TEXT else text[: MOST_TEXT - 3] + "..."


def whose(value: Any) -> str:
    """The client at the other end of a socket; empty for anything else."""
    end = value.end if isinstance(value, Socket) else None
    return end.owner if isinstance(end, Stream) else ""


def guest_of(function: Any) -> str:
    """The client that a thread is started for: whose socket it is given."""
    thread = getattr(function, "__self__", None)
    given = attributes(thread)
    values = [*given.values()]
    for inside in (given.get("_args"), given.get("_kwargs")):
        if type(inside) is tuple:
            values += inside
        elif type(inside) is dict:
            values += inside.values()
    return next(filter(None, map(whose, values)), "")
