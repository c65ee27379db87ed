"""The student's server as an actor: what a story says of it.

It is put together from its `ServerProgram` (started and ended), the ways to `Reach` it, its
`Console` (what it prints), and the `Measure` taken of it from outside.
"""

from __future__ import annotations

import contextlib
import socket
import sys

from harness.actors import calling
from harness.actors.calling import Address
from harness.actors.connection import reset
from harness.actors.console import Console
from harness.actors.measure import Measure
from harness.actors.reach import Reach
from harness.actors.server_program import FILE, ServerProgram
from harness.actors.stage import Stage
from harness.contract import protocol
from harness.contract.symptoms import Failure, Inconclusive, NotRunHere, StoryFailed, Symptom
from harness.program import observe, ports
from harness.program.listening import listening, reachable, shown
from harness.program.process import Program
from harness.record.journal import RUNS, What

# On Windows Ctrl-C does not end a blocking call of a socket: it sets a flag, which Python looks at
# once that call returns (CPython, "signal": execution of Python signal handlers).
CTRL_C_WAITS_FOR_A_CALL = sys.platform == "win32"


class Server:
    """The server of one story. It is started by the first who needs it."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        own = self.own = ServerProgram(stage)
        ways = self._ways = Reach(own)
        console = Console(own, ways)
        measure = self.measure = Measure(own)
        self.starts = own.starts
        self.starts_without_arguments = own.starts_without_arguments
        self.starts_again = own.starts_again
        self.is_killed = own.ends_now
        self.why_unreachable = own.why_unreachable
        self.last_words = own.last_words
        self.stderr_tail = own.stderr_tail
        self.reach = ways.reach
        self.prints = console.prints
        self.prints_within = console.prints_within
        self.prints_banner = console.prints_banner
        self.logs_joining_of = console.logs_joining_of
        self.logs_no_joining_of = console.logs_no_joining_of
        self.logs = console.logs
        self.notices = measure.notices
        self.settles = measure.settles
        self.rests = measure.rests
        self.count_threads = measure.count_threads
        self.count_sockets = measure.count_sockets
        self.must_show_sockets = measure.must_show_sockets
        self.has_threads = measure.has_threads

    @property
    def program(self) -> Program | None:
        """The program; None when nobody has started it."""
        return self.own.program

    @property
    def running(self) -> Program:
        """The program, started now if nobody did."""
        return self.own.running

    @property
    def address(self) -> Address:
        """Where it is met."""
        return self.own.address

    @property
    def place(self) -> str:
        """``host:port`` as the program was told."""
        return self.own.place

    # -- its start

    def listens(self) -> None:
        """It accepts a connection where it was told and nowhere else, and goes on running."""
        self.starts(ports.loopback(self.stage.draw.random))
        known = self.own.known
        try:
            places = self.is_reached()
        except Inconclusive as stopped:
            raise self._asks_for_another_port() or stopped from None
        seen = ", ".join(map(shown, places if places else [self.address]))
        if known.called != calling.USUAL:
            status, last = known.refusal
            facts: dict[str, object] = {
                "address": self.place,
                "seen": seen,
                "status": status,
                "last": last,
                "way": " ".join([FILE, *self.own.arguments]),
            }
            raise StoryFailed(Failure(FILE, Symptom.ARGUMENTS_REFUSED, facts))
        facts = {"address": self.place, "seen": seen}
        if known.listens_at:
            is_port = known.listens_at[1]
            symptom = Symptom.OTHER_PORT if is_port else Symptom.OTHER_HOST
            raise StoryFailed(Failure(FILE, symptom, facts))
        if places is None:
            self._answers_nobody_at_another_host()
        elif places != [self.own.told]:
            raise StoryFailed(Failure(FILE, Symptom.OTHER_ADDRESS_TOO, facts))

    def _asks_for_another_port(self) -> StoryFailed | None:
        """What it ended for, if it was a port that it was not told, and that somebody has."""
        wanted, told = self.own.known.wants_port, self.own.told
        if wanted is None or not ports.is_free(told[1], told[0]):
            return None
        facts = {"address": self.place, "port": wanted}
        return StoryFailed(Failure(FILE, Symptom.ASKS_OTHER_PORT, facts))

    def _answers_nobody_at_another_host(self) -> None:
        """Where the system does not show who listens where: knock at the port of another host."""
        host = ports.loopback(self.stage.draw.random)
        if host not in (self.own.told[0], protocol.DEFAULT_HOST):
            sock = self._ways.connect((host, self.own.told[1]))
            if sock is not None:
                reset(sock)
                facts = {"address": self.place, "seen": f"0.0.0.0:{self.own.told[1]}"}
                raise StoryFailed(Failure(FILE, Symptom.OTHER_ADDRESS_TOO, facts))

    def is_reached(self) -> list[tuple[str, int]] | None:
        """Somebody can connect, and the program takes the connection.

        Returns where it listens by then, None where the system does not show it.
        """
        sock = self.reach()
        self.stage.note(self.stage.draw.name("tamu"), FILE, What.CONNECT, self.place)
        try:
            self._is_accepted(sock)
            # Before the connection ends: a program that dies of that is another check's.
            places = listening(self.running.pid)
            return None if observe.hides_sockets(self.running.pid) else places
        finally:
            # With a reset: the address must not stay taken for whoever comes next.
            reset(sock)

    def _is_accepted(self, sock: socket.socket) -> None:
        """Wait until the program took the connection: it spoke, or nobody queues any more."""
        program = self.running

        def is_taken() -> bool:
            with contextlib.suppress(OSError):
                if sock.recv(1, socket.MSG_PEEK):
                    return True
            return program.status is not None or observe.unaccepted(self.address) == 0

        taken = self.stage.wait_until(is_taken)
        self.settles()
        if program.status is not None:
            raise StoryFailed(self.why_unreachable())
        if not taken and observe.unaccepted(self.address):
            raise StoryFailed(Failure(FILE, Symptom.NOT_ACCEPTED, {"address": self.place}, True))
        self.own.known.saw("start.listens")

    # -- its end

    def is_interrupted(self) -> None:
        """Somebody presses Ctrl-C, once the program rests.

        A main thread that is just starting another takes no signal: some other thread gets it, and
        the main one goes to sleep in accept without ever hearing of it.
        """
        self.notices()
        if not self.running.interrupt():
            raise NotRunHere("no_interrupt")

    def ends_politely(self, within: float) -> None:
        """It ends within ``within`` seconds, and without a traceback."""
        program = self.running
        bound = self.stage.patience.seconds(within)
        left = self._lets_accept_return(bound) if CTRL_C_WAITS_FOR_A_CALL else bound
        if not self.stage.wait_until(lambda: program.status is not None, left):
            facts: dict[str, object] = {**self.stage.waited, "seconds": round(bound, 1)}
            self.stage.note(FILE, "", What.AMISS, RUNS)
            raise StoryFailed(Failure(FILE, Symptom.NOT_ENDED, facts, by_clock=True))
        self.stage.wait_until(lambda: program.has_ended_output)
        if program.has_traceback:
            last = self.last_words()
            self.stage.note(FILE, "", What.AMISS, f"traceback: {last}")
            raise StoryFailed(Failure(FILE, Symptom.TRACEBACK, {"last": last}))

    def _lets_accept_return(self, bound: float) -> float:
        """Half the bound over, a program that runs still may wait in accept: let that return.

        Returns the seconds that are left of the bound.
        """
        program = self.running
        if not self.stage.wait_until(lambda: program.status is not None, bound / 2):
            sock = self._ways.connect(self.address)
            if sock is not None:
                self.stage.note(self.stage.draw.name("tamu"), FILE, What.CONNECT, self.place)
                # Gone at once, it would be an error of accept on Windows, before the Ctrl-C is.
                self.stage.closing.callback(reset, sock)
        return bound / 2

    def restarts_at_once(self) -> None:
        """Killed with clients connected and started again at once, it listens on the same port."""
        self.is_killed()
        self.starts_again()
        try:
            sock = self.reach()
        except StoryFailed as failed:
            facts = {"address": self.place, "last": self.last_words()}
            by_clock = failed.failure.by_clock
            wrong = Failure(FILE, Symptom.PORT_NOT_FREED, facts, by_clock)
            raise StoryFailed(wrong) from None
        self.stage.closing.callback(sock.close)

    def gives_way_to_itself(self) -> None:
        """Another one on the same address says in a sentence that it is taken: status 1."""
        self.starts_again()
        second = self.running
        has_ended = self.stage.wait_until(lambda: second.status is not None, self._ways.start_bound)
        if has_ended:
            self.own.with_all_its_words()
        if wrong := calling.ended_badly(second):
            facts = {"address": shown(self.address), "seen": wrong}
            if self.address in map(reachable, listening(second.pid) or []):
                raise StoryFailed(Failure(FILE, Symptom.PORT_SHARED, facts, not has_ended))
            raise StoryFailed(Failure(FILE, Symptom.TAKEN_PORT_BADLY_TOLD, facts, not has_ended))
