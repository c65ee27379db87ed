"""A simulated client's end of its connection: opened when first needed, told in the journal."""

from __future__ import annotations

from harness.actors.connection import Connection
from harness.actors.received import Received
from harness.actors.server import Server
from harness.actors.server_program import FILE
from harness.actors.stage import Stage
from harness.contract import protocol
from harness.contract.symptoms import Failure, StoryFailed, Symptom
from harness.record.journal import Event, What


class Endpoint:
    """Bytes in and out for the client called ``name``; what came is in the journal, a line each."""

    def __init__(self, stage: Stage, server: Server, name: str) -> None:
        self.name = name
        self.server = server
        self._stage = stage
        self._connection: Connection | None = None
        self._received: Received | None = None
        self._end: Event | None = None
        stage.closing.callback(self.vanishes)

    def notes(self, what: What, text: str = "") -> None:
        """Write into the journal what the client does."""
        self._stage.note(self.name, FILE, what, text)

    # -- opening and ending

    def connects(self, bind_to: str | None = None, receive_buffer: int = 0) -> None:
        """Open the connection; the program may still be starting."""
        sock = self.server.reach(bind_to, receive_buffer)
        self.notes(What.CONNECT)
        self._connection = Connection(self._stage, sock, self._on_news)
        self._received = Received(self._stage, self._connection, FILE, self.name)

    @property
    def connection(self) -> Connection:
        """The connection, opened now if the story did not."""
        if self._connection is None:
            self.connects()
        assert self._connection is not None
        return self._connection

    @property
    def is_closed(self) -> bool:
        """Whether it has been ended, by either side."""
        return self._connection is not None and self._connection.is_closed

    @property
    def was_reset(self) -> bool:
        """Whether the server ended it with a reset."""
        return self._connection is not None and self._connection.was_reset

    def is_still_there(self) -> None:
        """Nobody has ended it. Raises `StoryFailed`."""
        if self.is_closed:
            self.marks_end()
            raise StoryFailed(Failure(self.name, Symptom.HUNG_UP, {"seen": self.last_line()}))

    def was_not_cut_off(self) -> None:
        """The server has not ended it while this side was still open. Raises `StoryFailed`."""
        if self._end is not None and not self.connection.has_half_closed:
            self.is_still_there()

    def vanishes(self) -> None:
        """End of the story: reset, so that no address stays taken after the program is gone."""
        if self._connection is not None:
            self._connection.resets()

    # -- bytes in

    @property
    def raw(self) -> bytearray:
        """Every byte that came."""
        return bytearray() if self._connection is None else self._connection.raw

    def _on_news(self) -> None:
        assert self._received is not None
        self._received.shows()
        if self.is_closed:
            self._end = self._stage.note(FILE, self.name, What.CLOSED)

    # -- what is wrong, marked in the journal

    def marks(self, at: int, what: What = What.UNWANTED) -> None:
        """The line that holds byte ``at`` should not have come, or not so."""
        if self._received is not None:
            self._received.marks(at, what)

    def marks_missing(self, line: str) -> None:
        """``line`` should have come by now."""
        self.shows_rest()
        self._stage.note(FILE, self.name, What.MISSING, line)

    def marks_end(self) -> None:
        """The server should not have ended the connection."""
        if self._end is not None:
            self._stage.journal.mark(self._end)
            self._end = None

    def shows_rest(self) -> None:
        """Note an unfinished line in the journal, where the story comes to speak of it."""
        if self._received is not None:
            self._received.shows_rest()

    def forgets(self) -> None:
        """Let go of what has come so far."""
        if self._received is not None:
            self._received.forgets()

    def last_line(self) -> str:
        """The last line that came, for the sentence about what came instead."""
        lines = [line.as_sent for line in protocol.lines(bytes(self.raw)) if line.text.strip()]
        return lines[-1] if lines else ""

    def last_refusal(self) -> str:
        """The last refusal that came, the request behind it left out; else the last line."""
        lines = [line.text for line in protocol.lines(bytes(self.raw))]
        refusals = [line for line in lines if line.startswith(protocol.REFUSED)]
        return refusals[-1] if refusals else self.last_line()

    # -- bytes out

    def sends(self, data: bytes) -> None:
        """Send ``data``, as one segment where the system takes it whole."""
        self.connection.sends(data)

    def sends_in_pieces(self, data: bytes, *cuts: int) -> None:
        """Send ``data`` cut at ``cuts``, each piece once the program has read the one before.

        The journal tells each segment as it goes out.
        """
        self.connection.sends_in_pieces(
            data, *cuts, notes=self._notes_piece, waits_until_read=self.is_read_so_far
        )

    def _notes_piece(self, piece: bytes) -> None:
        self.notes(What.PIECE, protocol.decode(piece))

    def is_read_so_far(self) -> None:
        """Wait until the program has read all that this client sent."""
        connection = self.connection
        if connection.is_consumed() is None:
            # No way to know here: let the program come to rest, then it has read what there was.
            self.server.settles()
            return
        self._stage.wait_until(lambda: connection.is_consumed() is not False)
