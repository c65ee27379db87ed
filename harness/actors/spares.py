"""Servers that were started beforehand, for a program that sleeps long before it listens.

Every story has a server of its own. One that needs six seconds until it listens, and sleeps in
them, would cost six seconds a story; so while one story is told those of the next are on their way.
A program that works while it starts is not started beforehand: that would slow the story down.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from harness.actors import calling
from harness.actors.calling import Address
from harness.contract import protocol
from harness.program import observe, ports
from harness.program.process import Program
from harness.program.sandbox import Sandbox
from harness.record.journal import Journal

# Seconds until it listens from which on a start is slow, and the part of it that may be work.
SLOW, WORK = 0.8, 0.25
# So many are on their way at a time.
MOST = 6


@dataclass(frozen=True, slots=True)
class Spare:
    """A server that is about to listen at ``told``, started in ``folder``, a copy of ``source``."""

    program: Program
    source: Path
    folder: Path
    told: Address
    arguments: list[str]


@dataclass(slots=True)
class Spares:
    """Those of one submission. The sandbox ends them, and lets go of their ports, with the run."""

    # Whether it was seen to sleep before it listened.
    are_wanted: bool = False
    _waiting: list[Spare] = field(default_factory=list)

    def learn(self, program: Program, took: float) -> None:
        """It listened after ``took`` seconds."""
        worked = observe.worked(program.pid)
        if worked is not None:
            self.are_wanted = took > SLOW and worked < took * WORK

    def take(self, source: Path) -> Spare | None:
        """The one that was started first and still runs, if there is one."""
        while self._waiting and self._waiting[0].source == source:
            spare = self._waiting.pop(0)
            if spare.program.status is None:
                return spare
        return None

    def fill(self, sandbox: Sandbox, source: Path, file: str, way: tuple[str, ...]) -> None:
        """Start as many as are lacking."""
        while self.are_wanted and len(self._waiting) < MOST:
            port = sandbox.closing.enter_context(ports.reserved_port())
            told = (protocol.DEFAULT_HOST, port)
            arguments = calling.arguments(way, *told)
            # It will be read, and its modules imported, when this story is over.
            folder = sandbox.fresh(source, lasts=True)
            program = Program(sandbox, folder, file, arguments, Journal(), lambda: None)
            self._waiting.append(Spare(program, source, folder, told, arguments))
