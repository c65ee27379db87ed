"""The student's server as an actor: started, reached, interrupted, looked at from outside."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Sequence
from typing import Protocol

from harness.actors import calling
from harness.actors.calling import Address
from harness.actors.connection import connect, reset
from harness.actors.known_facts import KnownFacts
from harness.actors.patience import HURRY
from harness.actors.stage import Stage
from harness.contract import protocol
from harness.contract.symptoms import Failure, NotRunHere, StoryFailed, Symptom
from harness.program import idle_proof, observe, ports
from harness.program.idle import IdleWatch
from harness.program.idle_proof import Link
from harness.program.listening import listening, reachable, shown
from harness.program.process import Program
from harness.record.journal import What

FILE = "server.py"
# Seconds between two attempts to connect to a program that does not listen yet.
PACE = 0.005
# Refusals before anybody looks where else it listens; it must be seen there twice.
ENOUGH_REFUSALS = 20
# Seconds after the banner within which a connection must be taken.
AT_ONCE = 0.3
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
        # The default port, held for a program that nobody knows yet.
        self._in_case = contextlib.ExitStack()
        # Where it was seen to listen, other than where it was told to.
        self._seen_at: list[Address] = []
        self._must_be_there = False
        # When it was started, until somebody has reached it.
        self._started_at: float | None = None

    # -- starting and ending

    def starts(self, host: str = protocol.DEFAULT_HOST) -> None:
        """Start it on a free port of ``host``; it is met where it is known to listen instead."""
        known = self._known
        elsewhere = known.listens_at
        if elsewhere and elsewhere[1]:
            self.stage.closing.enter_context(ports.held_port(elsewhere[1]))
        elif not elsewhere and not known.is_met and "start.listens" not in known.demonstrated:
            self._in_case.enter_context(ports.default_port_in_case())
            self.stage.closing.enter_context(self._in_case)
        port = self.stage.closing.enter_context(ports.reserved_port())
        self._launch((host, port), calling.arguments(known.called, host, port))
        if elsewhere:
            self.address = (elsewhere[0], elsewhere[1] or port)

    def starts_without_arguments(self) -> None:
        """Start it as a student does; it must listen on the default address."""
        port = self.stage.closing.enter_context(ports.default_port())
        elsewhere = self._known.listens_at
        if elsewhere and elsewhere[1] not in (0, port):
            self.stage.closing.enter_context(ports.held_port(elsewhere[1]))
        self._must_be_there = True
        self._launch((protocol.DEFAULT_HOST, port), [])

    def starts_again(self) -> None:
        """Start it again on the same address."""
        assert self.program is not None
        self._launch(self._told, self._arguments, keep_address=self.address)

    def _launch(
        self,
        told: Address,
        arguments: Sequence[str],
        keep_address: Address | None = None,
    ) -> None:
        setting = self.stage.setting
        if self._folder is None:
            raise StoryFailed(Failure(FILE, Symptom.NO_FILE, {"file": FILE}))
        if self.program is not None and self.program.status is not None:
            self.program.end()
            self.stage.dismisses(self.program)
        self._told, self._arguments = told, list(arguments)
        self.address = keep_address or told
        folder = setting.sandbox.fresh(setting.source)
        stage = self.stage
        self._started_at = time.monotonic()
        self._has(Program(setting.sandbox, folder, FILE, arguments, stage.journal, stage.wake))

    def _takes_a_spare(self) -> bool:
        """Go on with a server that was started beforehand, and see to it that there are more."""
        known, setting = self._known, self.stage.setting
        if known.listens_at and known.listens_at[1]:
            return False  # two of them cannot be there at once
        spare = known.spares.take(setting.source)
        known.spares.fill(setting.sandbox, setting.source, FILE, known.called)
        if spare is None:
            return False
        self._told, self._arguments = spare.told, spare.arguments
        self.address = (known.listens_at or spare.told)[0], spare.told[1]
        self._started_at = None
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

    is_killed = ends_now

    # -- reaching it

    @property
    def _known(self) -> KnownFacts:
        return self.stage.setting.known_facts

    @property
    def running(self) -> Program:
        """The program, started now if nobody did."""
        if self.program is None and not self._takes_a_spare():
            self.starts()
        assert self.program is not None
        return self.program

    def reach(self, bind_to: str | None = None, receive_buffer: int = 0) -> socket.socket:
        """A new connection, retried while it is refused: the first client is the readiness probe.

        Nothing is ever connected and thrown away: that alone breaks half of beginners' servers.
        A program that nobody knows yet is called in other ways, too, when it refuses its arguments.
        """
        how = (bind_to, receive_buffer)
        sock = self._connects(*how)
        if sock is None and not self._known.is_met and not self._must_be_there:
            sock = self._once_its_port_is_free(*how) or self._called_otherwise(*how)
        self._is_met(sock)
        if sock is None:
            raise StoryFailed(self.why_unreachable())
        with contextlib.suppress(OSError):  # reset already: nothing of it is under way
            server, client = sock.getpeername()[:2], sock.getsockname()[:2]
            self.stage.links.append(Link(sock, server, client))
        return sock

    def _is_met(self, sock: socket.socket | None) -> None:
        """Remember that it is known from now on where it listens, or that it does not."""
        known = self._known
        if sock is not None and self._started_at is not None:
            known.spares.learn(self.running, time.monotonic() - self._started_at)
            self._started_at = None
        if sock is not None or listening(self.running.pid) is not None:
            known.is_met = True
            if self.address[1] != protocol.DEFAULT_PORT:
                self._in_case.close()
        if not self._must_be_there:
            known.never_listened = sock is None and self.running.status is None

    def _connects(self, bind_to: str | None, receive_buffer: int) -> socket.socket | None:
        """A connection, once it listens; None if it ended or did not within the bound."""
        program, refusals = self.running, 0
        opened: list[socket.socket] = []

        def is_reached() -> bool:
            nonlocal refusals
            sock = self._connect(self.address, bind_to, receive_buffer)
            if sock is None and program.status is not None:
                return True
            if sock is None:
                refusals += 1
                if refusals % ENOUGH_REFUSALS == 0:
                    sock = self._reach_elsewhere(bind_to, receive_buffer)
            if sock is not None:
                opened.append(sock)
                return True
            self.stage.look(PACE)
            return False

        # To be refused changes nothing in the program, so this wait may end when it rests for ever.
        self.stage.wait_until(is_reached, self._start_bound)
        if not opened and program.status is None:
            self._seen_at = listening(program.pid) or []
            if sock := self._reach_elsewhere(bind_to, receive_buffer):
                opened.append(sock)
        return opened[0] if opened else None

    @property
    def _start_bound(self) -> float:
        """Seconds until it listens and says so; fewer once it was seen that it never does."""
        bound = self.stage.patience.start
        return bound * HURRY if self._known.never_listened else bound

    def _connect(
        self, address: Address, bind_to: str | None = None, receive_buffer: int = 0
    ) -> socket.socket | None:
        return connect(address, max(self.stage.patience.step, 3.0), bind_to, receive_buffer)

    def _reach_elsewhere(
        self, bind_to: str | None = None, receive_buffer: int = 0
    ) -> socket.socket | None:
        """A connection to where it listens that was told to listen elsewhere, and remember it."""
        places = listening(self.running.pid)
        if places is None:
            return self._knock_elsewhere()
        if not places or self.address in map(reachable, places):
            return None
        if places != self._seen_at:
            # It may be about to open the one that it was told, too.
            self._seen_at = places
            return None
        if self._must_be_there:
            facts = {"address": self.place, "seen": ", ".join(map(shown, places))}
            raise StoryFailed(Failure(FILE, Symptom.OTHER_DEFAULT, facts))
        for place in sorted(places, key=lambda each: (each[1] != self._told[1], each)):
            for address in calling.doors(place):
                if sock := self._connect(address, bind_to, receive_buffer):
                    self._is_found_at(address)
                    return sock
        return None

    def _is_found_at(self, address: Address) -> None:
        host, port = address
        self.address = address
        self._known.listens_at = (host, 0 if port == self._told[1] else port)
        if port not in (self._told[1], protocol.DEFAULT_PORT):
            program = self.running
            self.stage.closing.enter_context(ports.held_now(port))
            # Before that port is let go.
            self.stage.closing.callback(lambda: program.end())

    def _knock_elsewhere(self) -> socket.socket | None:
        """The same where the system does not show who listens where."""
        program, (host, port) = self.running, self._told
        if self._known.listens_at or not program.has_printed(protocol.BANNER):
            return None
        for address in ((protocol.DEFAULT_HOST, port), calling.DEFAULT):
            # At the default port there may be somebody else's program when nobody holds it.
            if address != (host, port) and (sock := self._connect(address)):
                self._is_found_at(address)
                return sock
        return None

    def _once_its_port_is_free(
        self, bind_to: str | None, receive_buffer: int
    ) -> socket.socket | None:
        """Start it again when another grader's program has the port that is written into it."""
        program = self._with_all_its_words()
        if program is None or not calling.found_port_taken(program):
            return None
        assert self._folder is not None
        taken = [port for port in calling.ports_in(self._folder / FILE) if not ports.is_free(port)]
        for port in taken:
            self.stage.closing.enter_context(ports.held_in_case(port))
        ports.wait_until_free(taken)
        self._launch(self._told, self._arguments)
        return self._connects(bind_to, receive_buffer)

    def _called_otherwise(self, bind_to: str | None, receive_buffer: int) -> socket.socket | None:
        """A connection once it is called in a way that it takes; remember that way."""
        first = self._with_all_its_words()
        if first is None or not calling.refused(first):
            return None
        told = self._told
        refusal = (first.status, self.last_words())
        for way in calling.OTHER_WAYS:
            self._launch(told, calling.arguments(way, *told))
            sock = self._connects(bind_to, receive_buffer)
            if sock is not None:
                self._known.called = way
                self._known.refusal = refusal
                return sock
            if self.running.status is None:
                break
        self.ends_now()
        self.program = first
        return None

    def _with_all_its_words(self) -> Program | None:
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
        self._with_all_its_words()
        return program.why_not_started() or Failure(
            FILE, Symptom.ENDED_EARLY, {"status": program.status, "last": self.last_words()}
        )

    @property
    def place(self) -> str:
        """``host:port`` as the program was told."""
        return shown(self._told)

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

    # -- what a story says of it

    def listens(self) -> None:
        """It accepts a connection where it was told and nowhere else, and goes on running."""
        self.starts(self._drawn_host())
        self.is_reached()
        known, places = self._known, listening(self.running.pid)
        seen = ", ".join(map(shown, places if places else [self.address]))
        if known.called != calling.USUAL:
            status, last = known.refusal
            facts: dict[str, object] = {
                "address": self.place,
                "seen": seen,
                "status": status,
                "last": last,
                "way": " ".join([FILE, *self._arguments]),
            }
            raise StoryFailed(Failure(FILE, Symptom.ARGUMENTS_REFUSED, facts))
        facts = {"address": self.place, "seen": seen}
        if known.listens_at:
            raise StoryFailed(Failure(FILE, Symptom.OTHER_PORT, facts))
        if places is None:
            self._answers_nobody_at_another_host()
        elif places != [self._told]:
            raise StoryFailed(Failure(FILE, Symptom.OTHER_ADDRESS_TOO, facts))

    def _answers_nobody_at_another_host(self) -> None:
        """Where the system does not show who listens where: knock at the port of another host."""
        host = self._drawn_host()
        if host not in (self._told[0], protocol.DEFAULT_HOST):
            sock = self._connect((host, self._told[1]))
            if sock is not None:
                reset(sock)
                facts = {"address": self.place, "seen": f"0.0.0.0:{self._told[1]}"}
                raise StoryFailed(Failure(FILE, Symptom.OTHER_ADDRESS_TOO, facts))

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
        """The banner stands on stdout, and whoever comes then is not refused."""
        if not self.prints_within(protocol.BANNER, self._start_bound):
            self.stage.note(FILE, "stdout", What.MISSING, protocol.BANNER)
            facts = {"line": protocol.BANNER, "seen": self._printed()}
            raise StoryFailed(Failure(FILE, Symptom.NO_BANNER, facts, by_clock=True))
        if not self._listens_by_now():
            facts = {"line": protocol.BANNER, "address": self.place}
            raise StoryFailed(Failure(FILE, Symptom.BANNER_TOO_EARLY, facts, by_clock=True))

    def _listens_by_now(self) -> bool:
        """Whether a connection is taken, there or elsewhere, a moment after the banner at most."""
        program, opened = self.running, contextlib.ExitStack()
        self.stage.closing.enter_context(opened)

        def is_taken() -> bool:
            sock = self._connect(self.address)
            if sock is not None:
                opened.callback(reset, sock)
            # At which address is another check's.
            return sock is not None or bool(listening(program.pid)) or program.status is not None

        at_once = self.stage.patience.seconds(AT_ONCE)
        return self.stage.wait_until(is_taken, at_once, is_passive=False)

    def prints(self, line: str, symptom: Symptom, *or_else: str) -> None:
        """``line``, or one of those that say the same, stands on stdout, on a line of its own."""
        if not self.prints_within(line, None, *or_else):
            self.stage.note(FILE, "stdout", What.MISSING, line)
            facts = {"line": line, "seen": self._printed()}
            raise StoryFailed(Failure(FILE, symptom, facts, by_clock=True))

    def prints_within(self, line: str, bound: float | None = None, *or_else: str) -> bool:
        """Whether ``line``, or one of the others, came on stdout in time."""
        program = self.running

        def has_come() -> bool:
            return any(map(program.has_printed, (line, *or_else)))

        self.stage.wait_until(lambda: has_come() or program.has_ended_output, bound)
        return has_come()

    def _printed(self) -> str:
        lines = [line for line in self.running.stdout.text().split("\n") if line.strip()]
        return "\n".join(lines[-6:])

    def logs_joining_of(self, client: HasName) -> None:
        """The console line for one who has joined: ip and nickname.

        One that listens for IPv4 and IPv6 alike sees an IPv4 address as part of an IPv6 one.
        """
        ip = client.address[0]
        line, *others = (
            protocol.joined_line(address, client.name) for address in (ip, f"::ffff:{ip}")
        )
        self.prints(line, Symptom.NO_LOG, *others)

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

    def gives_way_to_itself(self) -> None:
        """Another one on the same address says in a sentence that it is taken: status 1."""
        self.starts_again()
        second = self.running
        has_ended = self.stage.wait_until(lambda: second.status is not None, self._start_bound)
        if has_ended:
            self._with_all_its_words()
        if wrong := calling.ended_badly(second):
            facts = {"address": shown(self.address), "seen": wrong}
            raise StoryFailed(Failure(FILE, Symptom.TAKEN_PORT_BADLY_TOLD, facts, not has_ended))

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
            quiet = {"id": "semua diam", "en": "everybody was silent"}
            raise StoryFailed(Failure(FILE, Symptom.SPINS, {"after_what": quiet}, by_clock=True))

    def _counted(self, count: int, what: str) -> int:
        self.stage.note(FILE, "", What.MEASURE, f"{what} = {count}")
        return count
