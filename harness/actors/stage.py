"""The stage of one story: every simulated client on one selector, beside the program under test.

All that waits in a story waits in `Stage.wait_until`: it returns the moment its condition holds,
and is charged in fair time (`patience`). Nothing here sleeps.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from harness.actors.known_facts import KnownFacts
from harness.actors.patience import ASKING, TICK, WALL_FACTOR, FairClock, Patience
from harness.contract.symptoms import Inconclusive
from harness.program import idle_proof, observe
from harness.program.idle_proof import Link, Waiting
from harness.program.sandbox import Sandbox
from harness.record.draw import Draw
from harness.record.journal import Event, Journal, What

# Seconds: the first look of a wait, and every further one takes up to twice as long.
SHORTEST_LOOK = 0.0005
# Seconds into a wait before anybody asks whether it is of any use.
FIRST_PROOF = 0.01
# Seconds without a change after which a connection that nobody reads is taken to be full; what is
# sent on the loopback arrives within microseconds, and a full window is asked again every 0.2 s.
FULL = 0.5


class SocketHandler(Protocol):
    """Something with a socket that the stage's selector watches."""

    def on_readable(self) -> None:
        """Its socket can be read."""

    def on_writable(self) -> None:
        """Its socket takes more."""


class RunningProgram(Protocol):
    """A program that runs in this story."""

    def collect(self) -> None:
        """Take in what it printed."""

    @property
    def starved(self) -> Callable[[], bool]:
        """Says whether it was kept from running since it was last asked."""

    @property
    def pid(self) -> int:
        """Its process id."""

    @property
    def is_over(self) -> bool:
        """Whether it has ended, and all that it printed is here."""

    @property
    def is_drained(self) -> bool:
        """Whether all that it printed so far has been taken in."""

    def waiting(self) -> frozenset[Waiting] | None:
        """Its threads, if each of them waits for ever for somebody outside."""


@dataclass(frozen=True)
class Setting:
    """What a story stands on: the submission, and what is known of it and of this machine."""

    sandbox: Sandbox
    source: Path
    patience: Patience
    known_facts: KnownFacts
    clients: int = 20
    # Checks that the submission has failed so far, and where exploring keeps what it found.
    failed: frozenset[str] = frozenset()
    memory: Path | None = None
    # Is told of a search how much of it is done, and out of how much at the most.
    counts: Callable[[int, int], object] | None = None
    # Is told each event of a story as it happens.
    watch: Callable[[Event], object] | None = None


class Stage:
    """One story's selector, journal and draws, and the list of what must be closed at its end."""

    def __init__(self, setting: Setting, draw: Draw, journal: Journal) -> None:
        self.setting = setting
        self.draw = draw
        self.journal = journal
        self.patience = setting.patience
        self.closing = contextlib.ExitStack()
        # What was said so far, by whom: text -> name.
        self.said: dict[str, str] = {}
        # Texts that somebody began to say and has not finished, by whom.
        self.halves: dict[str, str] = {}
        # The names of those who sent bytes that are no line of chat.
        self.garblers: set[str] = set()
        # By name, of everybody who spoke: raises `StoryFailed` where the server has cut it off.
        self.cut_off: dict[str, Callable[[], None]] = {}
        # Names that were refused, to whoever answered with them.
        self.refused: set[str] = set()
        # Names under which somebody has joined.
        self.joined: set[str] = set()
        # Every connection to or from a program under test, the ended ones too.
        self.links: list[Link] = []
        # Why a part of this story was not asked, the rest being judged.
        self.not_asked: Inconclusive | None = None
        self._held: list[tuple[int, int] | None] = []
        self._held_since = 0.0
        # Of the last wait in vain: how long it was, or that it was of no use any more.
        self.waited: dict[str, object] = {"seconds": round(self.patience.step, 1)}
        self._programs: list[RunningProgram] = []
        # All are asked every time: each remembers when it was last looked at.
        self._clock = FairClock(lambda: sum(program.starved() for program in self._programs) > 0)
        self._selector = self.closing.enter_context(selectors.DefaultSelector())
        # A byte through this pair ends a wait in `select` from another thread.
        self._woken, self._waker = socket.socketpair()
        for end in (self._woken, self._waker):
            end.setblocking(False)
            self.closing.enter_context(end)
        self._selector.register(self._woken, selectors.EVENT_READ, None)

    # -- waiting

    def wait_until(
        self,
        condition: Callable[[], bool],
        bound: float | None = None,
        progress: Callable[[], int] | None = None,
        is_passive: bool = True,
    ) -> bool:
        """Whether ``condition`` came to hold within ``bound`` seconds of fair time (default: step).

        With ``progress`` the bound is for standing still: it begins anew whenever the count grows.
        A wait ends early once nothing can happen any more (`idle_proof`), unless its condition
        does something itself, or waits for time to pass: then it is not ``is_passive``.
        Raises `Inconclusive` when the machine gave the program no fair chance for too long.
        """
        bound = self.patience.step if bound is None else bound
        charged, began, last, longest = 0.0, time.monotonic(), 0, SHORTEST_LOOK
        now, proof_at = began, began + FIRST_PROOF
        while not condition():
            if charged >= bound:
                self.waited = {"seconds": round(bound, 1)}
                return False
            if is_passive and now >= proof_at:
                if self._is_idle():
                    if self.look(0):
                        continue  # what has just come may have been answered
                    if condition():
                        return True  # it came about between the last look and the proof
                    self.waited = {"is_idle": True}
                    return False
                proof_at = time.monotonic() + max(TICK, ASKING * (time.monotonic() - now))
            if now - began > bound * WALL_FACTOR:
                raise Inconclusive("machine_too_slow", seconds=round(now - began, 1))
            # Not everything that is waited for wakes us: look soon at first, then less often.
            self.look(longest)
            longest = min(longest * 2, TICK)
            before, now = now, time.monotonic()
            charged += self._clock.charge(now - before)
            if progress is not None and (count := progress()) != last:
                charged, began, last = 0.0, now, count
        return True

    def _is_idle(self) -> bool:
        """Whether nothing can happen any more until we do something."""
        # Of several some may have ended, with all that they said here: they do nothing more.
        programs = [program for program in self._programs if not program.is_over]
        before = [program.waiting() for program in programs]
        if not before or None in before:
            return False
        # One who listens is always found, or the kernel does not tell us of sockets at all.
        listening = {link.theirs for link in self.links if not link.is_called}
        if any(observe.unaccepted(each) is None for each in listening):
            return False
        if self.links and not listening and not idle_proof.shows_sockets():
            return False
        watched = self._selector.get_map().values()
        read = {key.fileobj for key in watched if key.events & selectors.EVENT_READ}
        if not all(link.is_quiet(link.sock in read) for link in self.links):
            return False
        held = [link.held() for link in self.links if link.sock not in read]
        if held != self._held:
            self._held, self._held_since = held, time.monotonic()
        if any(held) and time.monotonic() - self._held_since < FULL:
            return False
        if any(
            threads is None or idle_proof.has_alarm(program.pid, threads)
            for program, threads in zip(programs, before, strict=True)
        ):
            return False
        after = [program.waiting() for program in programs]
        return before == after and all(program.is_drained for program in programs)

    def look(self, longest: float) -> bool:
        """Take in what happened; waits at most ``longest`` seconds for something to happen.

        Returns whether anything did.
        """
        found = self._selector.select(longest)
        for key, mask in found:
            handler: SocketHandler | None = key.data
            if handler is None:
                with contextlib.suppress(BlockingIOError):
                    while self._woken.recv(4096):
                        pass
                continue
            if mask & selectors.EVENT_READ:
                handler.on_readable()
            if mask & selectors.EVENT_WRITE:
                handler.on_writable()
        for program in self._programs:
            program.collect()
        return bool(found)

    def wake(self) -> None:
        """Called from another thread: there is news outside the sockets, so end the wait."""
        with contextlib.suppress(OSError):
            self._waker.send(b"!")

    # -- the selector

    def watch(
        self, sock: socket.socket, handler: SocketHandler, *, reads: bool, writes: bool
    ) -> None:
        """Watch ``sock`` for what is wanted now; nothing wanted takes it off the list."""
        events = selectors.EVENT_READ * reads | selectors.EVENT_WRITE * writes
        known = sock in self._selector.get_map()
        if not events:
            if known:
                self._selector.unregister(sock)
        elif known:
            self._selector.modify(sock, events, handler)
        else:
            self._selector.register(sock, events, handler)

    # -- the story

    def attends(self, program: RunningProgram) -> None:
        """Take in what ``program`` prints from now on, and be patient with it."""
        self._programs.append(program)

    def dismisses(self, program: RunningProgram) -> None:
        """``program`` has been ended: it is nobody to wait for any more."""
        if program in self._programs:
            self._programs.remove(program)

    def note(self, who: str, to: str, what: What, text: str = "") -> Event:
        """Write one event into the journal, and return it."""
        return self.journal.note(who, to, what, text)

    def close(self) -> None:
        """End the story: every actor goes, then the program."""
        self.closing.close()
