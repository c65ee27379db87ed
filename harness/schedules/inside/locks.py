"""Locks that block a task, never the thread of the operating system."""

from __future__ import annotations

from types import TracebackType
from typing import Any

from .task import Task
from .world import scheduler


class Lock:
    """What `threading.Lock()` gives the submission."""

    kind = "lock"

    def __init__(self) -> None:
        self.owner: Task | None = None
        self.place: tuple[str, int] = ("", 0)
        me = scheduler.current
        self.made = (me.file, me.line)
        self.waiters = 0

    def free(self) -> bool:
        return self.owner is None

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        if self.owner is not None:
            if not blocking:
                return False
            self.waiters += 1
            try:
                if not scheduler.block(
                    self.free, (self.kind, self), None if timeout < 0 else timeout
                ):
                    return False
            finally:
                self.waiters -= 1
        me = scheduler.current
        self.owner = me
        self.place = (me.file, me.line)
        if self.kind == "lock":
            me.locks.append(self)
        if self.waiters:
            scheduler.dirty = True
        return True

    def release(self) -> None:
        if self.owner is None:
            raise RuntimeError("release unlocked lock")
        self._let_go()
        if self.waiters:
            scheduler.dirty = True

    def _let_go(self) -> None:
        if self.owner is not None and self.kind == "lock":
            # Another thread than its owner may do that.
            self.owner.locks.remove(self)
        self.owner = None

    def locked(self) -> bool:
        return self.owner is not None

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

    acquire_lock = acquire
    release_lock = release
    locked_lock = locked

    def _at_fork_reinit(self) -> None:
        self._let_go()


class Signal(Lock):
    """The lock inside a Condition, an Event, a Thread: waited for, never 'held'."""

    kind = "signal"


class RLock(Lock):
    """What `threading.RLock()` gives the submission."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        if self.owner is scheduler.current:
            self.count += 1
            return True
        if not super().acquire(blocking, timeout):
            return False
        self.count = 1
        return True

    def release(self) -> None:
        if self.owner is not scheduler.current:
            raise RuntimeError("cannot release un-acquired lock")
        self.count -= 1
        if not self.count:
            super().release()

    def __enter__(self) -> bool:
        return self.acquire()

    def _is_owned(self) -> bool:
        return self.owner is scheduler.current

    def _recursion_count(self) -> int:
        return self.count if self._is_owned() else 0

    def _release_save(self) -> tuple[int, Any]:
        if self.owner is not scheduler.current:
            raise RuntimeError("cannot release un-acquired lock")
        saved = (self.count, self.place)
        self.count = 0
        super().release()
        return saved

    def _acquire_restore(self, saved: tuple[int, Any]) -> None:
        super().acquire()
        self.count, self.place = saved


def install() -> None:
    """Put these locks wherever the standard library hands out its own."""
    import _thread
    import threading

    modules: list[Any] = [_thread, threading]
    thread, threads = modules
    thread.allocate_lock = thread.allocate = Lock
    thread.RLock = RLock
    thread.LockType = Lock
    if hasattr(thread, "lock"):
        thread.lock = Lock
    threads.Lock = Lock
    threads.RLock = RLock
    threads._RLock = RLock
    threads._CRLock = RLock
    threads._allocate_lock = Signal
