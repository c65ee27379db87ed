"""Threads of the submission: started, joined and ended by the scheduler's rules."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from typing import Any

from .locks import Lock, Signal
from .task import Task
from .told import guest_of
from .tracing import trace_this_thread
from .world import Unsupported, scheduler

errors: list[dict[str, Any]] = []
real_start: Callable[..., int]


def note_error(
    kind: type[BaseException], error: BaseException | None, trace: Any, thread: str
) -> None:
    """Keep an exception that ended a thread, with the lines of the submission it went through."""
    frames = [
        [frame.filename, frame.lineno, frame.line or ""] for frame in traceback.extract_tb(trace)
    ]
    errors.append(
        {
            "task": scheduler.current.key,
            "label": scheduler.current.label,
            "type": kind.__name__,
            "os_error": issubclass(kind, (OSError, Unsupported)),
            "text": str(error),
            "frames": frames,
            "thread": thread,
        }
    )


def _body(task: Task, function: Callable[..., Any], args: Any, kwargs: Any) -> None:
    task.gate.acquire()
    trace_this_thread()
    try:
        function(*args, **kwargs)
    except SystemExit:
        pass
    except BaseException:
        kind, error, trace = sys.exc_info()
        assert kind is not None
        note_error(kind, error, trace, task.key)
    finally:
        sys.settrace(None)
        if task.sentinel is not None:
            task.sentinel.release()
        scheduler.leave(task)


def start_new_thread(function: Callable[..., Any], args: Any, kwargs: Any = None) -> int:
    """`_thread.start_new_thread`, also what threading.Thread uses up to Python 3.12."""
    owner = getattr(function, "__self__", None)
    daemon = bool(getattr(owner, "daemon", True))
    task = scheduler.spawn(daemon)
    task.guest = guest_of(function)
    return real_start(_body, (task, function, args, kwargs or {}))


def set_sentinel() -> Lock:
    """Up to 3.12: the lock that is released when the current thread has ended."""
    lock = Signal()
    scheduler.current.sentinel = lock
    return lock


class Handle:
    """From 3.13 on: what Thread.join waits for."""

    def __init__(self) -> None:
        self.ident = 0
        self.lock: Lock | None = None
        self.done = False

    def is_done(self) -> bool:
        return self.done or (self.lock is not None and not self.lock.locked())

    def _set_done(self) -> None:
        self.done = True

    def join(self, timeout: float | None = None) -> None:
        if not self.is_done():
            limit = None if timeout is None or timeout < 0 else timeout
            scheduler.block(self.is_done, ("thread", self), limit)


def start_joinable_thread(
    function: Callable[..., Any], handle: Any = None, daemon: bool = True
) -> Any:
    """From 3.13 on: what threading.Thread uses."""
    handle = handle if handle is not None else Handle()
    task = scheduler.spawn(daemon)
    task.guest = guest_of(function)
    task.sentinel = handle.lock = Signal()
    handle.lock.owner = task
    handle.lock.waiters = 1
    handle.ident = real_start(_body, (task, function, (), {}))
    return handle


def install() -> None:
    global real_start
    import _thread
    import threading

    modules: list[Any] = [_thread, threading]
    thread, threads = modules
    real_start = thread.start_new_thread
    thread.start_new_thread = thread.start_new = start_new_thread
    if hasattr(threads, "_start_joinable_thread"):
        thread.start_joinable_thread = threads._start_joinable_thread = start_joinable_thread
        thread._ThreadHandle = threads._ThreadHandle = Handle
    else:
        threads._start_new_thread = start_new_thread
        threads._set_sentinel = set_sentinel

    def excepthook(args: Any) -> None:
        if args.exc_type is not SystemExit:
            note_error(
                args.exc_type,
                args.exc_value,
                args.exc_traceback,
                args.thread.name if args.thread is not None else "",
            )

    threads.excepthook = excepthook

    print_exc = traceback.print_exc

    def note_and_print(*args: Any, **kwargs: Any) -> None:
        # `socketserver` catches whatever ends the handler of a client, and prints it in this way.
        kind, error, trace = sys.exc_info()
        if kind is not None and sys._getframe(1).f_globals.get("__name__") == "socketserver":
            note_error(kind, error, trace, scheduler.current.key)
        print_exc(*args, **kwargs)

    traceback.print_exc = note_and_print
