"""Doors out of this process: programs that use them cannot be put under control."""

from __future__ import annotations

import os
import queue
from typing import Any

from .clock import monotonic
from .world import unsupported


def _closed(name: str) -> Any:
    def refuse(*args: Any, **kwargs: Any) -> None:
        unsupported(name)

    return refuse


def install() -> None:
    system: Any = os
    for name in ("fork", "forkpty", "posix_spawn", "posix_spawnp", "startfile", "execv", "execve"):
        if hasattr(os, name):
            setattr(system, name, _closed(f"os.{name}"))
    queues: Any = queue
    queues.SimpleQueue = queues._PySimpleQueue
    queues.time = monotonic
