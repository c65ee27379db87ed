"""The student's server as a program: started where a story wants it, ended, and its last words."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence

from harness.actors import calling
from harness.actors.calling import Address
from harness.actors.known_facts import KnownFacts
from harness.actors.stage import Stage
from harness.contract import protocol
from harness.contract.symptoms import Failure, StoryFailed, Symptom
from harness.program import idle_proof, ports
from harness.program.listening import shown
from harness.program.process import Program

FILE = "server.py"
LOOKBACK = 12


class ServerProgram:
    """The server of one story. It is started by the first who needs it.

    ``told`` is where it was told to listen, ``address`` where it is met; ``started_at`` when it was
    started, until somebody has reached it.
    """

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.program: Program | None = None
        self.address: Address = (protocol.DEFAULT_HOST, 0)
        self.told = self.address
        self.arguments: list[str] = []
        self.started_at: float | None = None
        # Whether the system may still hold the address for an earlier one of this story.
        self.is_again = False
        # Whether it is wrong to meet it anywhere else.
        self.must_be_there = False
        # None when there is no such file.
        self.folder = None if not (stage.setting.source / FILE).is_file() else stage.setting.source
        # The default port, held for a program that nobody knows yet.
        self._in_case = contextlib.ExitStack()

    @property
    def known(self) -> KnownFacts:
        """What this run has learned of the program."""
        return self.stage.setting.known_facts

    @property
    def running(self) -> Program:
        """The program, started now if nobody did."""
        if self.program is None and not self._takes_a_spare():
            self.starts()
        assert self.program is not None
        return self.program

    # -- starting and ending

    def starts(self, host: str = protocol.DEFAULT_HOST) -> None:
        """Start it on a free port of ``host``; it is met where it is known to listen instead."""
        known = self.known
        elsewhere = known.listens_at
        if elsewhere and elsewhere[1]:
            self.stage.closing.enter_context(ports.held_port(elsewhere[1]))
        elif not elsewhere and not known.is_met and "start.listens" not in known.demonstrated:
            self._in_case.enter_context(ports.default_port_in_case())
            self.stage.closing.enter_context(self._in_case)
        port = self.stage.closing.enter_context(ports.reserved_port())
        self.launch((host, port), calling.arguments(known.called, host, port))
        if elsewhere:
            self.address = (elsewhere[0], elsewhere[1] or port)

    def starts_without_arguments(self) -> None:
        """Start it as a student does; it must listen on the default address."""
        port = self.stage.closing.enter_context(ports.default_port())
        elsewhere = self.known.listens_at
        if elsewhere and elsewhere[1] not in (0, port):
            self.stage.closing.enter_context(ports.held_port(elsewhere[1]))
        self.must_be_there = True
        self.launch((protocol.DEFAULT_HOST, port), [])

    def starts_again(self) -> None:
        """Start it again on the same address, while connections of the first still fade away."""
        assert self.program is not None
        self.is_again = True
        self.launch(self.told, self.arguments, keep_address=self.address)

    def launch(
        self,
        told: Address,
        arguments: Sequence[str],
        keep_address: Address | None = None,
    ) -> None:
        """Start it with ``arguments``; it is met at ``keep_address``, or else where it is told."""
        setting = self.stage.setting
        if self.folder is None:
            raise StoryFailed(Failure(FILE, Symptom.NO_FILE, {"file": FILE}))
        if self.program is not None and self.program.status is not None:
            self.program.end()
            self.stage.dismisses(self.program)
        self.told, self.arguments = told, list(arguments)
        self.address = keep_address or told
        folder = setting.sandbox.fresh(setting.source)
        stage = self.stage
        self.started_at = time.monotonic()
        self._has(Program(setting.sandbox, folder, FILE, arguments, stage.journal, stage.wake))

    def _takes_a_spare(self) -> bool:
        """Go on with a server that was started beforehand, and see to it that there are more."""
        known, setting = self.known, self.stage.setting
        if known.listens_at and known.listens_at[1]:
            return False  # two of them cannot be there at once
        spare = known.spares.take(setting.source)
        known.spares.fill(setting.sandbox, setting.source, FILE, known.called)
        if spare is None:
            return False
        setting.sandbox.copies.passes(spare.folder)
        self.told, self.arguments = spare.told, spare.arguments
        self.address = (known.listens_at or spare.told)[0], spare.told[1]
        self.started_at = None
        spare.program.is_moved_to(self.stage.journal, self.stage.wake)
        self._has(spare.program)
        return True

    def _has(self, program: Program) -> None:
        stage = self.stage
        # Before the ports that are held for it are let go.
        stage.closing.callback(lambda: program.end())
        self.program = program
        stage.attends(program)

    def ends_now(self) -> None:
        """Kill it and everything it started."""
        if self.program is not None:
            self.program.end()

    def is_met(self) -> None:
        """Somebody knows where it listens: nobody needs to hold the default port for it."""
        self.known.is_met = True
        if self.address[1] != protocol.DEFAULT_PORT:
            self._in_case.close()

    # -- what it said last, and what to say of it

    def with_all_its_words(self) -> Program | None:
        """The program, if it has ended, with all that it printed."""
        program = self.running
        if program.status is None:
            return None
        self.stage.wait_until(lambda: program.has_ended_output)
        return program

    def why_unreachable(self) -> Failure:
        """What to say of a program that nobody can connect to."""
        program = self.running
        if program.status is None:
            if idle_proof.reads_keyboard(program.pid):
                return Failure(FILE, Symptom.WAITS_FOR_TYPING, {"address": self.place})
            facts = {"address": self.place, **self.stage.waited}
            return Failure(FILE, Symptom.NEVER_LISTENS, facts, by_clock=True)
        self.with_all_its_words()
        return program.why_not_started() or Failure(
            FILE, Symptom.ENDED_EARLY, {"status": program.status, "last": self.last_words()}
        )

    @property
    def place(self) -> str:
        """``host:port`` as the program was told."""
        return shown(self.told)

    def last_words(self) -> str:
        """The last line on stderr, or else on stdout; empty when it printed nothing."""
        program = self.running
        for text in (program.stderr.text(), program.stdout.text()):
            lines = [line.strip() for line in text.split("\n") if line.strip()]
            if lines:
                return lines[-1][:300]
        return ""

    def stderr_tail(self) -> str:
        """The last lines of stderr, for the report."""
        if self.program is None:
            return ""
        return "\n".join(self.program.stderr.text().rstrip().split("\n")[-LOOKBACK:])
