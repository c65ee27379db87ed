"""A server that waits for one client: its address, its connection, and the end of it."""

from __future__ import annotations

import socket
from collections.abc import Callable

from harness.actors.calling import Address
from harness.actors.client_program import FILE, ClientProgram
from harness.actors.connection import Connection
from harness.actors.listener import Listener
from harness.actors.received import Received
from harness.actors.stage import Stage
from harness.contract import protocol
from harness.contract.symptoms import Failure, Symptom
from harness.program import ports
from harness.program.idle_proof import Link
from harness.record.journal import CALLS_NOT, What

WHO = "server"
# Seconds of idleness after which a program has read what was sent, where that cannot be seen.
A_WHILE = 0.2


class WaitingServer:
    """A server for one client. It listens from the moment on that somebody asks for its address.

    ``calls``: how often the client has connected; the connection is the latest.
    """

    def __init__(self, stage: Stage, client: ClientProgram) -> None:
        self._stage = stage
        self._client = client
        self._listener: Listener | None = None
        self._address: Address | None = None
        self._connection: Connection | None = None
        self._received: Received | None = None
        self.calls = 0

    # -- being there

    @property
    def address(self) -> Address:
        """Where it listens, or would."""
        if self._address is None:
            self.listens_with(Listener(self._stage, (protocol.DEFAULT_HOST, 0)))
        assert self._address is not None
        return self._address

    def listens_with(self, listener: Listener) -> None:
        """It waits for its client at ``listener``."""
        self._listener, self._address = listener, listener.address
        self._stage.closing.callback(self._vanishes)
        listener.serves(self)

    def expects_its_client(self) -> None:
        """The next connection is for this server, where several share a listener."""
        if self._listener is not None:
            self._listener.expects(self)

    def is_where_nobody_guesses(self) -> None:
        """It listens at a drawn address of the loopback, where the system has more than one."""
        host = ports.loopback(self._stage.draw.random)
        self.listens_with(Listener(self._stage, (host, 0)))

    def is_at_the_default_address(self) -> None:
        """It listens at the address of SPEC section 1. Raises `Inconclusive` where it is taken."""
        port = self._stage.closing.enter_context(ports.default_port())
        self.listens_with(Listener(self._stage, (protocol.DEFAULT_HOST, port)))

    def is_not_there(self) -> None:
        """Nobody listens at its address, and nobody will."""
        port = self._stage.closing.enter_context(ports.reserved_port())
        self._address = (protocol.DEFAULT_HOST, port)

    def takes(self, sock: socket.socket) -> None:
        """The client has connected: ``sock`` is this end."""
        self.calls += 1
        self._connection = taken = Connection(self._stage, sock, self._on_news)
        self._stage.links.append(Link(sock, taken.theirs, taken.ours, is_called=True))
        self._received = Received(self._stage, self._connection, FILE, WHO)
        self._stage.note(FILE, WHO, What.CONNECT)
        self._welcomes()

    def _welcomes(self) -> None:
        """Greet a client that has just connected."""

    def _vanishes(self) -> None:
        if self._connection is not None:
            self._connection.resets()

    @property
    def has_client(self) -> bool:
        """Whether the client has connected."""
        return self._connection is not None

    @property
    def connection(self) -> Connection:
        """The connection; waits for it."""
        if self._connection is None and not self._waits(
            lambda: self.has_client, self._stage.patience.start, is_passive=True
        ):
            self._client.must_run()
            host, port = self.address
            facts = {"address": f"{host}:{port}", **self._stage.waited}
            not_called = Failure(FILE, Symptom.NOT_CALLED, facts, by_clock=True)
            raise self._client.fails(not_called, CALLS_NOT)
        assert self._connection is not None
        return self._connection

    def _waits(
        self,
        condition: Callable[[], bool],
        bound: float | None = None,
        *,
        is_passive: bool = False,
    ) -> bool:
        """Whether ``condition`` came to hold; a client that has gone is not waited for.

        ``is_passive``: nor one that can do nothing more; the condition waits for no time to pass.
        """

        def is_over() -> bool:
            return condition() or self._client.has_ended or self._is_left

        self._stage.wait_until(is_over, bound, is_passive=is_passive)
        return condition()

    @property
    def _is_left(self) -> bool:
        return self._connection is not None and self._connection.is_closed

    def _on_news(self) -> None:
        """Note the lines that have become whole, and the end."""
        connection = self._connection
        assert connection is not None and self._received is not None
        self._received.shows()
        if connection.is_closed:
            self._stage.note(FILE, WHO, What.RESET if connection.was_reset else What.LEAVE)
            connection.finishes()

    def _sends_in_pieces(self, data: bytes, *cuts: int) -> None:
        self.connection.sends_in_pieces(
            data, *cuts, notes=self._notes_piece, waits_until_read=self._is_read_so_far
        )

    def _notes_piece(self, piece: bytes) -> None:
        self._stage.note(WHO, FILE, What.PIECE, protocol.decode(piece))

    def _is_read_so_far(self) -> None:
        """Wait until the program has read all that was sent."""
        connection, rest = self.connection, self._client.rest()

        def is_read() -> bool:
            consumed = connection.is_consumed()
            return rest.has_lasted(A_WHILE) if consumed is None else consumed

        self._waits(is_read)

    # -- leaving

    def hangs_up(self) -> None:
        """It ends the connection in order (FIN)."""
        self._stage.note(WHO, FILE, What.LEAVE)
        self._closes(Connection.finishes)

    def resets(self) -> None:
        """It is cut off (RST)."""
        self._stage.note(WHO, FILE, What.RESET)
        self._closes(Connection.resets)

    def _closes(self, how: Callable[[Connection], None]) -> None:
        how(self.connection)
        # Nobody is there any more, for a program that tries again either.
        assert self._listener is not None
        self._listener.closes()
