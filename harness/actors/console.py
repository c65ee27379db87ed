"""What the server prints: its banner, and a line for each who joins and each message."""

from __future__ import annotations

import contextlib
import os
import re
from typing import Protocol

from harness.actors.connection import reset
from harness.actors.reach import Reach
from harness.actors.server_program import FILE, ServerProgram
from harness.contract import protocol
from harness.contract.symptoms import Failure, StoryFailed, Symptom
from harness.program import observe
from harness.program.idle import IdleWatch
from harness.program.listening import listening
from harness.record.journal import What

# Seconds after the banner within which a connection must be taken.
AT_ONCE = 0.3


class HasName(Protocol):
    """A client, as far as the server's log knows it."""

    name: str

    @property
    def address(self) -> tuple[str, int]:
        """Where it comes from."""


class HasLine(Protocol):
    """A message as it goes over the wire."""

    @property
    def line(self) -> str:
        """``{username}: {message}``."""

    @property
    def text(self) -> str:
        """``{message}``."""


def _joined_lines(client: HasName, name: str) -> list[str]:
    """The console line for one who has joined under ``name``, as IPv4 and as part of IPv6."""
    ip = client.address[0]
    return [protocol.joined_line(address, name) for address in (ip, f"::ffff:{ip}")]


class Console:
    """The standard output of one server."""

    def __init__(self, server: ServerProgram, reach: Reach) -> None:
        self._server = server
        self._reach = reach
        self._stage = server.stage

    def prints_banner(self) -> None:
        """The banner stands on stdout, and whoever comes then is not refused."""
        if not self.prints_within(protocol.BANNER, self._reach.start_bound):
            self._stage.note(FILE, "stdout", What.MISSING, protocol.BANNER)
            facts = {"line": protocol.BANNER, "seen": self._printed()}
            raise StoryFailed(Failure(FILE, Symptom.NO_BANNER, facts, by_clock=True))
        if not self._listens_by_now():
            facts = {"line": protocol.BANNER, "address": self._server.place}
            raise StoryFailed(Failure(FILE, Symptom.BANNER_TOO_EARLY, facts, by_clock=True))

    def _listens_by_now(self) -> bool:
        """Whether a connection is taken, there or elsewhere, a moment after the banner at most.

        The moment is longer on a busy machine; but a program that rests all through a short one
        was not held up by the machine.
        """
        program, opened = self._server.running, contextlib.ExitStack()
        self._stage.closing.enter_context(opened)
        rest = IdleWatch(program)
        is_seen = observe.snapshot(program.pid) is not None

        def is_taken() -> bool:
            sock = self._reach.connect(self._server.address)
            if sock is not None:
                opened.callback(reset, sock)
            # At which address is another check's.
            return sock is not None or bool(listening(program.pid)) or program.status is not None

        def is_clear() -> bool:
            return is_taken() or (is_seen and rest.has_lasted(AT_ONCE))

        at_once = self._stage.patience.seconds(AT_ONCE)
        self._stage.wait_until(is_clear, at_once, is_passive=False)
        return is_taken()

    def prints(self, line: str, symptom: Symptom, *or_else: str, about: str) -> None:
        """``line``, or one of those that say the same, stands on stdout, on a line of its own.

        A line that holds ``about`` instead of it is told as a line that differs.
        """
        if self.prints_within(line, None, *or_else):
            return
        self._stage.note(FILE, "stdout", What.MISSING, line)
        whole = self._server.running.stdout.text().split("\n")[:-1]
        word = re.compile(rf"(?<!\w){re.escape(about)}(?!\w)")
        near = next((other for other in reversed(whole) if word.search(other)), None)
        if near is not None:
            facts = {"line": line, "seen": near}
            raise StoryFailed(Failure(FILE, Symptom.OTHER_LOG, facts, by_clock=True))
        facts = {"line": line, "seen": self._printed()}
        raise StoryFailed(Failure(FILE, symptom, facts, by_clock=True))

    def prints_within(self, line: str, bound: float | None = None, *or_else: str) -> bool:
        """Whether ``line``, or one of the others, came on stdout in time."""
        program = self._server.running

        def has_come() -> bool:
            return any(map(program.has_printed, (line, *or_else)))

        self._stage.wait_until(lambda: has_come() or program.has_ended_output, bound)
        return has_come()

    def _printed(self) -> str:
        # On Windows every line ends in `\r\n`, which no student typed.
        text = self._server.running.stdout.text().replace(os.linesep, "\n")
        lines = [line for line in text.split("\n") if line.strip()]
        return "\n".join(lines[-6:])

    def logs_joining_of(self, client: HasName) -> None:
        """The console line for one who has joined: ip and nickname.

        One that listens for IPv4 and IPv6 alike sees an IPv4 address as part of an IPv6 one.
        """
        line, *others = _joined_lines(client, client.name)
        self.prints(line, Symptom.NO_LOG, *others, about=client.name)

    def logs_no_joining_of(self, refused: HasName, holder: HasName) -> None:
        """No console line says that ``refused`` has joined under the name of ``holder``.

        Ask once the line of ``refused`` under its own name is there: its thread printed what it had
        to say of the first name before. Where both come from one address, one line is the holder's.
        """
        wanted = _joined_lines(refused, holder.name)
        # Each as it was noted: Windows ends a line with a carriage return as well.
        found = [
            line.rstrip("\r")
            for line in self._server.running.stdout.lines
            if any(protocol.is_console_line(line, each) for each in wanted)
        ]
        if found[refused.address[0] == holder.address[0] :]:
            journal = self._stage.journal
            for event in reversed(journal.events):
                if event.what is What.PRINT and event.text == found[-1]:
                    journal.mark(event)
                    break
            facts = {"line": found[-1], "name": holder.name}
            raise StoryFailed(Failure(refused.name, Symptom.REFUSED_LOGGED, facts))

    def logs(self, said: HasLine) -> None:
        """The console line for a message.

        Ask after each message: two threads that print at once may end up on one line, and a
        program that prints without a lock is not wrong for that.
        """
        self.prints(said.line, Symptom.NO_CHAT_LOG, about=said.text)
