"""select, poll and selectors over the network in memory."""

from __future__ import annotations

import select
import selectors
from collections.abc import Callable
from typing import Any

from .network import Port, Stream
from .sockets import ends
from .stdin import STDIN
from .world import scheduler, unsupported

real_select: Callable[..., Any] = select.select


def _number(thing: Any) -> int:
    number = thing if isinstance(thing, int) else int(thing.fileno())
    if number < 0:
        raise ValueError(f"file descriptor cannot be a negative integer ({number})")
    return number


def can_read(end: Stream | Port | None, number: int) -> bool:
    if isinstance(end, Stream):
        return not end.closed and end.readable()
    if isinstance(end, Port):
        return bool(end.pending) or not end.open
    return _really(number, 0)


def can_write(end: Stream | Port | None, number: int) -> bool:
    if isinstance(end, Stream):
        return not end.closed and end.looks_writable()
    return end is None and _really(number, 1)


def _really(number: int, which: int) -> bool:
    """A file number that is not one of ours: ask the system, without waiting."""
    if number == STDIN:
        return False
    try:
        lists: list[list[int]] = [[], [], []]
        lists[which] = [number]
        return bool(real_select(*lists, 0)[which])
    except (OSError, ValueError):
        return False


def wait_for(
    readers: list[int], writers: list[int], timeout: float | None
) -> tuple[list[int], list[int]]:
    """The numbers that can be read or written, after waiting as long as it takes."""
    reading = [(number, ends.get(number)) for number in readers]
    writing = [(number, ends.get(number)) for number in writers]

    def found() -> tuple[list[int], list[int]]:
        return (
            [number for number, end in reading if can_read(end, number)],
            [number for number, end in writing if can_write(end, number)],
        )

    scheduler.point()
    if timeout != 0:
        streams = [end for _, end in reading if isinstance(end, Stream)]
        scheduler.block(lambda: any(found()), ("select", streams), timeout)
    return found()


def virtual_select(readers: Any, writers: Any, others: Any, timeout: float | None = None) -> Any:
    reading = [(_number(thing), thing) for thing in readers]
    writing = [(_number(thing), thing) for thing in writers]
    can, may = wait_for([n for n, _ in reading], [n for n, _ in writing], timeout)
    return (
        [thing for number, thing in reading if number in can],
        [thing for number, thing in writing if number in may],
        [],
    )


class Selector(selectors.SelectSelector):
    """All of `selectors`: DefaultSelector and its kinds."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        keys = sorted(self.get_map().values(), key=lambda key: key.fd)
        can, may = wait_for(
            [key.fd for key in keys if key.events & selectors.EVENT_READ],
            [key.fd for key in keys if key.events & selectors.EVENT_WRITE],
            None if timeout is None else max(timeout, 0.0),
        )
        found = []
        for key in keys:
            events = (selectors.EVENT_READ if key.fd in can else 0) | (
                selectors.EVENT_WRITE if key.fd in may else 0
            )
            if events & key.events:
                found.append((key, events & key.events))
        return found

    def fileno(self) -> int:
        return -1


POLLIN, POLLPRI, POLLOUT, POLLHUP = 1, 2, 4, 16


class Poll:
    """select.poll() and select.epoll(): the same numbers, another unit of time."""

    def __init__(self, seconds: float) -> None:
        self.unit = seconds
        self.wanted: dict[int, int] = {}

    def register(self, thing: Any, events: int = POLLIN | POLLPRI | POLLOUT) -> None:
        self.wanted[_number(thing)] = events

    modify = register

    def unregister(self, thing: Any) -> None:
        del self.wanted[_number(thing)]

    def poll(self, timeout: float | None = None, limit: int = -1) -> list[tuple[int, int]]:
        patience = None if timeout is None or timeout < 0 else timeout * self.unit
        can, may = wait_for(
            [number for number, events in self.wanted.items() if events & (POLLIN | POLLPRI)],
            [number for number, events in self.wanted.items() if events & POLLOUT],
            patience,
        )
        both = sorted(set(can) | set(may))
        return [(n, (POLLIN if n in can else 0) | (POLLOUT if n in may else 0)) for n in both]

    def close(self) -> None:
        self.wanted.clear()

    def __enter__(self) -> Poll:
        return self

    def __exit__(self, *rest: object) -> None:
        self.close()


def install() -> None:
    chosen: Any = select
    chosen.select = virtual_select
    if hasattr(select, "poll"):
        chosen.poll = lambda: Poll(0.001)
    if hasattr(select, "epoll"):
        chosen.epoll = lambda *rest: Poll(1.0)
    for name in ("kqueue", "devpoll"):
        if hasattr(select, name):
            setattr(chosen, name, lambda *rest, what=name: unsupported(f"select.{what}"))
    module: Any = selectors
    for name in (
        "DefaultSelector",
        "SelectSelector",
        "PollSelector",
        "EpollSelector",
        "DevpollSelector",
        "KqueueSelector",
    ):
        if hasattr(selectors, name):
            setattr(module, name, Selector)
