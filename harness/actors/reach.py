"""How the simulated clients get to the server: where it was told to listen, or where it does."""

from __future__ import annotations

import contextlib
import socket
import time

from harness.actors import calling
from harness.actors.calling import Address
from harness.actors.connection import connect
from harness.actors.patience import HURRY
from harness.actors.server_program import FILE, ServerProgram
from harness.contract import protocol
from harness.contract.symptoms import Failure, Inconclusive, StoryFailed, Symptom
from harness.program import ports
from harness.program.idle_proof import Link
from harness.program.listening import listening, reachable, shown

# Seconds between two attempts to connect to a program that does not listen yet.
PACE = 0.005
# Refusals before anybody looks where else it listens; it must be seen there twice.
ENOUGH_REFUSALS = 20


class Reach:
    """The ways to one server."""

    def __init__(self, server: ServerProgram) -> None:
        self._server = server
        self._stage = server.stage
        self._known = server.known
        # Where it was seen to listen, other than where it was told to.
        self._seen_at: list[Address] = []

    def reach(self, bind_to: str | None = None, receive_buffer: int = 0) -> socket.socket:
        """A new connection, retried while it is refused: the first client is the readiness probe.

        Nothing is ever connected and thrown away: that alone breaks half of beginners' servers.
        A program that nobody knows yet is called in other ways, too, when it refuses its arguments.
        """
        how = (bind_to, receive_buffer)
        sock = self._connects(*how) or self._once_nothing_fades(*how)
        if sock is None and not self._known.is_met and not self._server.must_be_there:
            sock = self._once_its_port_is_free(*how) or self._called_otherwise(*how)
        self._is_met(sock)
        if sock is None:
            raise StoryFailed(self._server.why_unreachable())
        with contextlib.suppress(OSError):  # reset already: nothing of it is under way
            theirs, ours = sock.getpeername()[:2], sock.getsockname()[:2]
            self._stage.links.append(Link(sock, theirs, ours))
        return sock

    def _is_met(self, sock: socket.socket | None) -> None:
        """Remember that it is known from now on where it listens, or that it does not."""
        known = self._known
        if sock is not None and self._server.started_at is not None:
            known.spares.learn(self._server.running, time.monotonic() - self._server.started_at)
            self._server.started_at = None
        if sock is not None or listening(self._server.running.pid) is not None:
            self._server.is_met()
        if not self._server.must_be_there:
            known.never_listened = sock is None and self._server.running.status is None

    def _connects(self, bind_to: str | None, receive_buffer: int) -> socket.socket | None:
        """A connection, once it listens; None if it ended or did not within the bound."""
        program, refusals = self._server.running, 0
        opened: list[socket.socket] = []

        def is_reached() -> bool:
            nonlocal refusals
            sock = self.connect(self._server.address, bind_to, receive_buffer)
            if sock is None and program.status is not None:
                return True
            if sock is None:
                refusals += 1
                if refusals % ENOUGH_REFUSALS == 0:
                    sock = self._reach_elsewhere(bind_to, receive_buffer)
            if sock is not None:
                opened.append(sock)
                return True
            self._stage.look(PACE)
            return False

        # To be refused changes nothing in the program, so this wait may end when it rests for ever.
        self._stage.wait_until(is_reached, self.start_bound)
        if not opened and program.status is None:
            self._seen_at = listening(program.pid) or []
            if sock := self._reach_elsewhere(bind_to, receive_buffer):
                opened.append(sock)
        return opened[0] if opened else None

    @property
    def start_bound(self) -> float:
        """Seconds until it listens and says so; fewer once it was seen that it never does."""
        bound = self._stage.patience.start
        return bound * HURRY if self._known.never_listened else bound

    def connect(
        self, address: Address, bind_to: str | None = None, receive_buffer: int = 0
    ) -> socket.socket | None:
        """A connection to ``address``; None when it is refused."""
        return connect(address, max(self._stage.patience.step, 3.0), bind_to, receive_buffer)

    def _reach_elsewhere(
        self, bind_to: str | None = None, receive_buffer: int = 0
    ) -> socket.socket | None:
        """A connection to where it listens that was told to listen elsewhere, and remember it."""
        places = listening(self._server.running.pid)
        if places is None:
            return self._knock_elsewhere()
        if not places or self._server.address in map(reachable, places):
            return None
        if places != self._seen_at:
            # It may be about to open the one that it was told, too.
            self._seen_at = places
            return None
        if self._server.must_be_there:
            facts = {"address": self._server.place, "seen": ", ".join(map(shown, places))}
            raise StoryFailed(Failure(FILE, Symptom.OTHER_DEFAULT, facts))
        for place in sorted(places, key=lambda each: (each[1] != self._server.told[1], each)):
            for address in calling.doors(place):
                if sock := self.connect(address, bind_to, receive_buffer):
                    self._is_found_at(address)
                    return sock
        return None

    def _is_found_at(self, address: Address) -> None:
        host, port = address
        self._server.address = address
        self._known.listens_at = (host, 0 if port == self._server.told[1] else port)
        if port not in (self._server.told[1], protocol.DEFAULT_PORT):
            program = self._server.running
            self._stage.closing.enter_context(ports.held_now(port))
            # Before that port is let go.
            self._stage.closing.callback(lambda: program.end())

    def _knock_elsewhere(self) -> socket.socket | None:
        """The same where the system does not show who listens where."""
        program, (host, port) = self._server.running, self._server.told
        if self._known.listens_at or not program.has_printed(protocol.BANNER):
            return None
        for address in ((protocol.DEFAULT_HOST, port), calling.DEFAULT):
            # At the default port there may be somebody else's program when nobody holds it.
            if address != (host, port) and (sock := self.connect(address)):
                self._is_found_at(address)
                return sock
        return None

    def _once_its_port_is_free(
        self, bind_to: str | None, receive_buffer: int
    ) -> socket.socket | None:
        """Start it again when another grader's program has the port that is written into it.

        Raises `Inconclusive` when a program that is no grader's has it: close that one first.
        """
        program = self._server.with_all_its_words()
        if program is None or not calling.found_port_taken(program):
            return None
        if (wanted := self._known.wants_port) and not ports.is_free(wanted):
            raise Inconclusive("port_taken", port=wanted)
        assert self._server.folder is not None
        written = calling.ports_in(self._server.folder / FILE)
        taken = [port for port in written if not ports.is_free(port)]
        for port in taken:
            self._stage.closing.enter_context(ports.held_in_case(port))
        ports.wait_until_free(taken)
        for port in written:
            # Connections of an earlier run may fade away there.
            if port not in taken and not ports.wait_until_untouched(port):
                raise Inconclusive("port_taken", port=port)
        self._server.launch(self._server.told, self._server.arguments)
        sock = self._connects(bind_to, receive_buffer)
        again = self._server.with_all_its_words()
        still = [port for port in taken if not ports.is_free(port)]
        if sock is None and again is not None and still and calling.found_port_taken(again):
            self._known.wants_port = still[0]
            raise Inconclusive("port_taken", port=still[0])
        return sock

    def _once_nothing_fades(self, bind_to: str | None, receive_buffer: int) -> socket.socket | None:
        """Start it again once the system lets go of the address where it is to be met.

        Another program's connections may be in its way, if it does not set SO_REUSEADDR: whether
        it does is for a story of its own. Raises `Inconclusive` when it takes too long.
        """
        program = self._server.with_all_its_words()
        port = self._server.address[1]
        if program is None or self._server.is_again or not calling.found_port_taken(program):
            return None
        if ports.is_untouched(port) or not ports.is_free(port):
            return None
        if not ports.wait_until_untouched(port):
            raise Inconclusive("port_taken", port=port)
        met_at = self._server.address
        self._server.launch(self._server.told, self._server.arguments, met_at)
        return self._connects(bind_to, receive_buffer)

    def _called_otherwise(self, bind_to: str | None, receive_buffer: int) -> socket.socket | None:
        """A connection once it is called in a way that it takes; remember that way."""
        first = self._server.with_all_its_words()
        if first is None or not calling.refused(first):
            return None
        told = self._server.told
        refusal = (first.status, self._server.last_words())
        for way in calling.OTHER_WAYS:
            self._server.launch(told, calling.arguments(way, *told))
            sock = self._connects(bind_to, receive_buffer)
            if sock is not None:
                self._known.called = way
                self._known.refusal = refusal
                return sock
            if self._server.running.status is None:
                break
        self._server.ends_now()
        self._server.program = first
        return None
