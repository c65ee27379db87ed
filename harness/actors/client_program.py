"""The student's client as it runs at one person's terminal: started, waited for, ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from harness.actors import calling
from harness.actors.calling import Address
from harness.actors.stage import Stage
from harness.contract import protocol
from harness.contract.symptoms import Failure, StoryFailed, Symptom
from harness.program.idle import IdleWatch
from harness.program.process import Program
from harness.program.terminal import terminal_for
from harness.program.time_limits import limited_waits, still_lasts
from harness.record.journal import QUIET, RUNS, What

FILE = "client.py"
LOOKBACK = 12
# Seconds: so long a program is idle that has done what it was going to do.
A_MOMENT = 0.03
# Seconds: for so long at most a client that waits with a limit of time is left alone.
LONGEST_LIMIT = 12


class ClientProgram:
    """One run of the client; the first who needs it starts it.

    ``owner`` sits at its terminal; ``address`` is asked where the client is to connect.
    ``is_at_fault``: the story ended in what this one did.
    """

    def __init__(
        self, stage: Stage, owner: str, source: Path, address: Callable[[], Address]
    ) -> None:
        self.terminal = terminal_for(owner)
        self.screen = self.terminal.display
        self.program: Program | None = None
        self.is_at_fault = False
        self._stage = stage
        self._source = source
        self._address = address
        stage.closing.callback(self._vanishes)

    def starts(self) -> None:
        """Start it in the way it is known to understand."""
        address = self._address()  # asked first: it may have to be found out, with the way
        way = self._stage.setting.known_facts.client_way
        self.starts_as(calling.USUAL if way is None else way, address)

    def starts_as(self, way: Sequence[str], address: Address) -> None:
        """Start it with the arguments that ``way`` makes of ``address``."""
        self.starts_with(*calling.arguments(way, *address))

    def starts_with(self, *arguments: str) -> None:
        """Start it with these arguments."""
        sandbox = self._stage.setting.sandbox
        if not (self._source / FILE).is_file():
            raise StoryFailed(Failure(FILE, Symptom.NO_FILE, {"file": FILE}))
        folder, stage = sandbox.fresh(self._source), self._stage
        self.program = Program(
            sandbox, folder, FILE, arguments, stage.journal, stage.wake, self.terminal
        )
        stage.attends(self.program)

    @property
    def running(self) -> Program:
        """The program, started now if nobody did."""
        if self.program is None:
            self.starts()
        assert self.program is not None
        return self.program

    def _vanishes(self) -> None:
        if self.program is not None:
            self.program.end()

    def rest(self) -> IdleWatch:
        """Begin to watch whether it is idle."""
        return IdleWatch(self.running)

    @property
    def has_ended(self) -> bool:
        """Whether it is gone, and all that it wrote is here."""
        return self.running.status is not None and self.running.has_ended_output

    def waits(
        self,
        condition: Callable[[], bool],
        bound: float | None = None,
        *,
        is_passive: bool = False,
    ) -> bool:
        """Whether ``condition`` came to hold; once the program has ended, nobody waits for it.

        ``is_passive``: nor once it can do nothing more; the condition waits for no time to pass.
        """
        self._stage.wait_until(lambda: condition() or self.has_ended, bound, is_passive=is_passive)
        return condition()

    def waits_out_its_limits(self) -> float:
        """Leave it alone until its threads that wait only for some time have waited so long.

        Returns the longest of these times, 0 where there is none or the system shows none. One
        beyond `LONGEST_LIMIT` is left out.
        """
        seen = limited_waits(self.running.pid)
        waits = [each for each in seen if each.seconds <= LONGEST_LIMIT]
        if not waits:
            return 0.0
        longest = max(each.seconds for each in waits)
        self.waits(lambda: not any(map(still_lasts, waits)), longest + self._stage.patience.step)
        self._stage.note(FILE, "", What.MEASURE, f"{QUIET} {longest:g}")
        return longest

    def must_run(self) -> None:
        """It goes on; one that has ended says why."""
        program = self.running
        if program.status is None:
            return
        self._stage.wait_until(lambda: program.has_ended_output)
        if wrong := program.why_not_started():
            raise StoryFailed(wrong)
        facts = {"status": program.status, "last": self.last_row()}
        raise self.fails(Failure(FILE, Symptom.CLIENT_ENDED, facts), f"status {program.status}")

    def fails(self, failure: Failure, amiss: str) -> StoryFailed:
        """What ends the story, as ``failure`` of this client among several; ``amiss`` is marked."""
        self.is_at_fault = True
        self._stage.note(FILE, self.terminal.owner, What.AMISS, amiss)
        return StoryFailed(failure)

    def ends(self, within: float, status: int) -> None:
        """It ends within ``within`` seconds with ``status``, and without a traceback."""
        program = self.running
        bound = self._stage.patience.seconds(within)
        if not self._stage.wait_until(lambda: program.status is not None, bound):
            facts: dict[str, object] = {**self._stage.waited, "seconds": round(bound, 1)}
            raise self.fails(Failure(FILE, Symptom.NOT_ENDED, facts, by_clock=True), RUNS)
        self._stage.wait_until(lambda: program.has_ended_output)
        if wrong := program.why_not_started():
            raise StoryFailed(wrong)
        if program.has_traceback:
            last = self.last_row()
            raise self.fails(Failure(FILE, Symptom.TRACEBACK, {"last": last}), f"traceback: {last}")
        if program.open_todo is not None:
            raise StoryFailed(Failure(FILE, Symptom.TODO_OPEN, {"todo": program.open_todo}))
        if program.status != status:
            facts = {"line": status, "seen": program.status}
            wrong = Failure(FILE, Symptom.WRONG_STATUS, facts)
            raise self.fails(wrong, f"status {program.status}")

    def last_row(self) -> str:
        """The last row on which something was shown, for the sentence about what came instead."""
        rows = [row for row in self.screen.text.split("\n") if row.strip()]
        return rows[-1].strip() if rows else ""

    def last_words(self) -> str:
        """The end of what it wrote, from its last traceback on, for the report."""
        text = protocol.plain(self.running.stderr.text())
        _, found, rest = text.rpartition("Traceback (most recent call last)")
        rows = (found + rest).replace("\r", "").rstrip().splitlines() if found else []
        return "\n".join(rows[:1] + rows[1:][-LOOKBACK:])
