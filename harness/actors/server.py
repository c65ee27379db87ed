"""The student's server as an actor: started, reached, interrupted, looked at from outside."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Sequence
from typing import Protocol

from harness.actors.connection import connect, reset
from harness.actors.stage import Stage
from harness.contract import protocol
from harness.contract.symptoms import Failure, NotRunHere, StoryFailed, Symptom
from harness.program import observe, ports
from harness.program.idle import IdleWatch
from harness.program.idle_proof import Link
from harness.program.process import Program
from harness.record.journal import What

FILE = "server.py"
# Seconds between two attempts to connect to a program that does not listen yet.
PACE = 0.005
# Refusals after the banner, or after the program came to rest, before other addresses are tried.
ENOUGH_REFUSALS = 20
LOOKBACK = 12
# Seconds for a program to come to rest where nothing but a better moment hangs on it.
NOTICE = 0.5
# Seconds from one look that finds it at rest to another; longer where rest cannot be seen.
SEEN_REST, UNSEEN_REST = 0.001, 0.05
# The same where the verdict hangs on it. Threads that flood a client all sleep for the moment in
# which its buffer is full; every look empties that, so several looks never find them so.
LASTING_REST = 0.05


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


class Server:
    """The server of one story. It is started by the first who needs it."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.program: Program | None = None
        self.address = (protocol.DEFAULT_HOST, 0)
        self._folder = None if not (stage.setting.source / FILE).is_file() else stage.setting.source

    # -- starting and ending

    def starts(self, host: str = protocol.DEFAULT_HOST) -> None:
        """Start it on a free port of ``host``; it is met where it is known to listen instead."""
        known = self.stage.setting.known_facts
        elsewhere = known.listens_at
        if elsewhere and elsewhere[1] == protocol.DEFAULT_PORT:
            self.stage.closing.enter_context(ports.default_port())
        elif not elsewhere and "start.listens" not in known.demonstrated:
            self.stage.closing.enter_context(ports.default_port_in_case())
        port = self.stage.closing.enter_context(ports.reserved_port())
        self._launch((host, port), ["--host", host, "--port", str(port)])
        if elsewhere:
            self.address = elsewhere if elsewhere[1] else (elsewhere[0], port)

    def starts_without_arguments(self) -> None:
        """Start it as a student does; it must listen on the default address."""
        port = self.stage.closing.enter_context(ports.default_port())
        self._launch((protocol.DEFAULT_HOST, port), [])

    def starts_again(self) -> None:
        """Start it again on the same address."""
        assert self.program is not None
        arguments = self._arguments
        self._launch(self._told, arguments, keep_address=self.address)

    def _launch(
        self,
        told: tuple[str, int],
        arguments: Sequence[str],
        keep_address: tuple[str, int] | None = None,
    ) -> None:
        setting = self.stage.setting
        if self._folder is None:
            raise StoryFailed(Failure(FILE, Symptom.NO_FILE, {"file": FILE}))
        self._told, self._arguments = told, list(arguments)
        self.address = keep_address or told
        folder = setting.sandbox.fresh(setting.source)
        stage = self.stage
        # Before the ports that are held for it are let go.
        stage.closing.callback(self.ends_now)
        self.program = Program(setting.sandbox, folder, FILE, arguments, stage.journal, stage.wake)
        stage.attends(self.program)

    def ends_now(self) -> None:
        """Kill it and everything it started."""
        if self.program is not None:
            self.program.end()

    is_killed = ends_now

    # -- reaching it

    @property
    def running(self) -> Program:
        """The program, started now if nobody did."""
        if self.program is None:
            self.starts()
        assert self.program is not None
        return self.program

    def reach(self, bind_to: str | None = None, receive_buffer: int = 0) -> socket.socket:
        """A new connection, retried while it is refused: the first client is the readiness probe.

        Nothing is ever connected and thrown away: that alone breaks half of beginners' servers.
        """
        program, refusals = self.running, 0
        opened: list[socket.socket] = []

        def is_reached() -> bool:
            nonlocal refusals
            sock = self._connect(self.address, bind_to, receive_buffer)
            if sock is None and program.status is not None:
                return True
            if sock is None:
                refusals += 1
                if refusals % ENOUGH_REFUSALS == 0 and program.has_printed(protocol.BANNER):
                    sock = self._reach_elsewhere()
            if sock is not None:
                opened.append(sock)
                return True
            self.stage.look(PACE)
            return False

        # To be refused changes nothing in the program, so this wait may end when it rests for ever.
        self.stage.wait_until(is_reached, self.stage.patience.start)
        if not opened and program.status is None and (sock := self._reach_elsewhere()):
            opened.append(sock)
        if not opened:
            raise StoryFailed(self.why_unreachable())
        (sock,) = opened
        self.stage.links.append(Link(sock, sock.getpeername(), sock.getsockname()))
        return sock

    def _connect(
        self, address: tuple[str, int], bind_to: str | None = None, receive_buffer: int = 0
    ) -> socket.socket | None:
        return connect(address, max(self.stage.patience.step, 3.0), bind_to, receive_buffer)

    def _reach_elsewhere(self) -> socket.socket | None:
        """A connection to where a program listens that ignores its arguments, and remember it."""
        host, port = self._told
        known_facts = self.stage.setting.known_facts
        if known_facts.listens_at:
            return None
        if host != protocol.DEFAULT_HOST:
            sock = self._connect((protocol.DEFAULT_HOST, port))
            if sock is not None:
                known_facts.listens_at = (protocol.DEFAULT_HOST, 0)
                self.address = (protocol.DEFAULT_HOST, port)
                return sock
        # At somebody else's program we must not even knock.
        if (
            port == protocol.DEFAULT_PORT
            or observe.listens(self.running.pid, protocol.DEFAULT_PORT) is False
        ):
            return None
        sock = self._connect((protocol.DEFAULT_HOST, protocol.DEFAULT_PORT))
        if sock is not None:
            known_facts.listens_at = self.address = (protocol.DEFAULT_HOST, protocol.DEFAULT_PORT)
        return sock

    def why_unreachable(self) -> Failure:
        """What to say of a program that nobody can connect to."""
        program = self.running
        if program.status is None:
            facts = {"address": self.place, **self.stage.waited}
            return Failure(FILE, Symptom.NEVER_LISTENS, facts, by_clock=True)
        self.stage.wait_until(lambda: program.has_ended_output)
        if error := program.syntax_error:
            return Failure(FILE, Symptom.SYNTAX_ERROR, {"error": error})
        return Failure(
            FILE, Symptom.ENDED_EARLY, {"status": program.status, "last": self.last_words()}
        )

    @property
    def place(self) -> str:
        """``host:port`` as the program was told."""
        return f"{self._told[0]}:{self._told[1]}"

    def last_words(self) -> str:
        """The last line on stderr, or else on stdout; empty when it printed nothing."""
        program = self.running
        for text in (program.stderr.text(), program.stdout.text()):
            lines = [line.strip() for line in text.splitlines() if line.strip()]
            if lines:
                return lines[-1][:300]
        return ""

    def stderr_tail(self) -> str:
        """The last lines of stderr, for the report."""
        if self.program is None:
            return ""
        return "\n".join(self.program.stderr.text().rstrip().splitlines()[-LOOKBACK:])

    # -- what a story says of it

    def listens(self) -> None:
        """It accepts a connection where it was told, and goes on running."""
        self.starts(self._drawn_host())
        self.is_reached()
        elsewhere = self.stage.setting.known_facts.listens_at
        if elsewhere:
            seen = f"{self.address[0]}:{self.address[1]}"
            facts = {"address": self.place, "seen": seen}
            raise StoryFailed(Failure(FILE, Symptom.OTHER_PORT, facts))

    def is_reached(self) -> None:
        """Somebody can connect, and the program takes the connection."""
        sock = self.reach()
        self.stage.note(self.stage.draw.name("tamu"), FILE, What.CONNECT, self.place)
        try:
            self._is_accepted(sock)
        finally:
            # With a reset: the address must not stay taken for whoever comes next.
            reset(sock)

    def _drawn_host(self) -> str:
        """An address of the loopback that nobody guesses, where the system has more than one."""
        some = [str(self.stage.draw.random.randrange(2, 250)) for _ in range(3)]
        host = f"127.{'.'.join(some)}"
        return host if ports.is_free(0, host) else protocol.DEFAULT_HOST

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
        self.stage.setting.known_facts.saw("start.listens")

    def notices(self) -> None:
        """Let it see what has just happened: wait until it rests, if it ever does."""
        known = self.stage.setting.known_facts
        if known.rests:
            known.restless = 0 if self.settles(NOTICE) else known.restless + 1

    def settles(self, bound: float | None = None, moment: float = SEEN_REST) -> bool:
        """Wait until it rests: has ended, or every thread sleeps and no processor time is used.

        ``moment`` is for how many seconds it must, where that can be seen.
        """
        program = self.running
        rest = IdleWatch(program)
        lasting = UNSEEN_REST if observe.snapshot(program.pid) is None else moment
        return self.stage.wait_until(lambda: rest.has_lasted(lasting), bound, is_passive=False)

    def prints_banner(self) -> None:
        """The banner stands on stdout."""
        if not self.prints_within(protocol.BANNER):
            facts = {"line": protocol.BANNER, "seen": self._printed()}
            raise StoryFailed(Failure(FILE, Symptom.NO_BANNER, facts, by_clock=True))

    def prints(self, line: str, symptom: Symptom) -> None:
        """``line`` stands on stdout, on a line of its own."""
        self.stage.note(FILE, "stdout", What.MEASURE, line)
        if not self.prints_within(line):
            facts = {"line": line, "seen": self._printed()}
            raise StoryFailed(Failure(FILE, symptom, facts, by_clock=True))

    def prints_within(self, line: str) -> bool:
        """Whether ``line`` came on stdout in time."""
        program = self.running
        return self.stage.wait_until(
            lambda: program.has_printed(line) or program.has_ended_output
        ) and program.has_printed(line)

    def _printed(self) -> str:
        lines = [line for line in self.running.stdout.text().splitlines() if line.strip()]
        return "\n".join(lines[-6:])

    def logs_joining_of(self, client: HasName) -> None:
        """The console line for one who has joined: ip and nickname."""
        self.prints(protocol.joined_line(client.address[0], client.name), Symptom.NO_LOG)

    def logs(self, said: HasLine) -> None:
        """The console line for a message.

        Ask after each message: two threads that print at once may end up on one line, and a
        program that prints without a lock is not wrong for that.
        """
        self.prints(said.line, Symptom.NO_CHAT_LOG)

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
        if not self.stage.wait_until(lambda: program.status is not None, bound):
            facts: dict[str, object] = {"seconds": round(bound, 1)}
            raise StoryFailed(Failure(FILE, Symptom.NOT_ENDED, facts, by_clock=True))
        self.stage.wait_until(lambda: program.has_ended_output)
        if program.has_traceback:
            facts = {"last": self.last_words()}
            raise StoryFailed(Failure(FILE, Symptom.TRACEBACK, facts))

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

    # -- seen from outside

    def count_threads(self) -> int:
        """Its threads, once it rests: one that only sends a line does not count."""
        self.notices()
        return self._counted(observe.threads(self.running.pid), "threads")

    def count_sockets(self) -> int:
        """Its open sockets now."""
        return self._counted(observe.sockets(self.running.pid), "sockets")

    def has_threads(self, before: int, more: int) -> None:
        """It has at least ``more`` threads than ``before``."""
        pid = self.running.pid
        enough = self.stage.wait_until(lambda: observe.threads(pid) >= before + more)
        now = self.count_threads()
        if not enough:
            facts = {"before": before, "after": now, "clients": more}
            raise StoryFailed(Failure(FILE, Symptom.FEW_THREADS, facts, by_clock=True))

    def rests(self) -> None:
        """With nobody talking it burns no processor time."""
        if observe.snapshot(self.running.pid) is None:
            raise NotRunHere("no_process_view")
        if not self.settles(moment=LASTING_REST):
            raise StoryFailed(Failure(FILE, Symptom.SPINS, {}, by_clock=True))

    def _counted(self, count: int, what: str) -> int:
        self.stage.note(FILE, "", What.MEASURE, f"{what} = {count}")
        return count
