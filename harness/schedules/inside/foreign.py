"""Calls that leave this process: a program that uses them cannot be put under control."""

from __future__ import annotations

import os
import queue
from typing import Any

from .clock import monotonic
from .sockets import ends
from .world import scheduler, unsupported


def _closed(name: str) -> Any:
    def refuse(*args: Any, **kwargs: Any) -> None:
        unsupported(name)

    return refuse


def _not_on_sockets(name: str, real: Any) -> Any:
    def call(number: int, *args: Any, **kwargs: Any) -> Any:
        if number in ends:
            unsupported(f"os.{name}")
        return real(number, *args, **kwargs)

    return call


def install() -> None:
    system: Any = os
    for name in ("read", "readv", "write", "writev", "sendfile"):
        if hasattr(os, name):
            setattr(system, name, _not_on_sockets(name, getattr(os, name)))
    for name in ("fork", "forkpty", "posix_spawn", "posix_spawnp", "startfile", "execv", "execve"):
        if hasattr(os, name):
            setattr(system, name, _closed(f"os.{name}"))
    system._exit = lambda status=0: scheduler.over("ended")
    queues: Any = queue
    queues.SimpleQueue = queues._PySimpleQueue
    queues.time = monotonic
