"""The connection of a simulated client as an actor holds it: sending, hearing, leaving.

Every byte that came is kept (`Line.raw`): what it means is for the floors above to say.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable

from harness.actors.connection import finish, reset
from harness.actors.server import FILE, Server
from harness.actors.stage import Stage
from harness.contract import protocol
from harness.contract.message import Message
from harness.contract.symptoms import Failure, StoryFailed, Symptom
from harness.program import observe
from harness.record.journal import What


class Line:
    """One simulated client's connection. ``name`` is its nickname on the wire."""

    def __init__(self, stage: Stage, server: Server, name: str) -> None:
        self.name = name
        self.raw = bytearray()
        self.is_closed = False
        self.was_reset = False
        self.is_joined = False
        self._stage = stage
        self._server = server
        self._sock: socket.socket | None = None
        self._unsent = bytearray()
        self._reading = True
        self._shown = 0
        self._answered_at = 0
        self._is_request_due = False
        self.joined_at = 0
        self._chat_at = 0
        self.said: list[Message] = []
        stage.closing.callback(self._vanishes)

    def connects(self, bind_to: str | None = None, receive_buffer: int = 0) -> None:
        """Open the connection; the program may still be starting."""
        self._sock = self._server.reach(bind_to, receive_buffer)
        self._stage.note(self.name, FILE, What.CONNECT)
        self._listen()

    @property
    def sock(self) -> socket.socket:
        """The open socket; connects first where the story did not."""
        if self._sock is None:
            self.connects()
        assert self._sock is not None
        return self._sock

    @property
    def address(self) -> tuple[str, int]:
        """Its own address as the server sees it."""
        host, port = self.sock.getsockname()
        return host, port

    @property
    def is_listening(self) -> bool:
        """Whether its connection is open and it reads what comes."""
        return self._reading and self._sock is not None and not self.is_closed

    def hears(self) -> None:
        """The selector says that there is something to read."""
        while self.is_listening:
            try:
                data = self.sock.recv(262_144)
            except BlockingIOError:
                return
            except OSError:
                self._hung_up(was_reset=True)
                return
            if not data:
                self._hung_up(was_reset=False)
                return
            self.raw += data
            self._show()
            if len(data) < 4096:
                return

    def can_speak(self) -> None:
        """The selector says that the socket takes more."""
        if self._sock is None or self.is_closed:
            self._unsent.clear()
            return
        try:
            sent = self._sock.send(self._unsent)
            del self._unsent[:sent]
        except BlockingIOError:
            pass
        except OSError:
            self._unsent.clear()
        if not self._unsent:
            self._listen()

    def _listen(self) -> None:
        if self._sock is not None:
            reads = self._reading and not self.is_closed
            self._stage.watch(self._sock, self, reads=reads, writes=bool(self._unsent))

    def _hung_up(self, was_reset: bool) -> None:
        self.is_closed, self.was_reset = True, was_reset
        self._unsent.clear()
        self._listen()
        self._show(at_end=True)
        self._stage.note(FILE, self.name, What.CLOSED)

    def _show(self, at_end: bool = False) -> None:
        """Note the lines that have become whole; at the end of a connection the rest as well."""
        end = len(self.raw) if at_end else self.raw.rfind(b"\n") + 1
        if end > self._shown:
            if not self._stage.journal.is_full:
                for line in protocol.decode(bytes(self.raw[self._shown : end])).splitlines():
                    self._stage.note(FILE, self.name, What.SEE, line)
            self._shown = end

    def _show_rest(self) -> None:
        """Note an unfinished line, where the story comes to speak of it."""
        rest = bytes(self.raw[self._shown :])
        if rest:
            self._stage.note(FILE, self.name, What.SEE, protocol.decode(rest) + " (…)")
            self._shown = len(self.raw)

    def _vanishes(self) -> None:
        """End of the story: reset, so that no address stays taken after the program is gone."""
        if self._sock is not None:
            self._stage.watch(self._sock, self, reads=False, writes=False)
            reset(self._sock)
            self._sock = None

    def sends(self, data: bytes) -> None:
        """Hand bytes to the system, as one segment where it takes them whole."""
        if self.is_closed:
            return
        self._unsent += data
        if len(self._unsent) == len(data):
            self.can_speak()
        if self._unsent:
            self._listen()

    def sends_in_pieces(self, data: bytes, *cuts: int) -> None:
        """Send ``data`` cut at ``cuts``; a piece goes out once the one before was read.

        Sent too early, the pieces would become one segment again.
        """
        for start, end in zip((0, *cuts), (*cuts, len(data)), strict=True):
            self.sends(data[start:end])
            if end < len(data):
                self.is_heard_so_far()

    def is_heard_so_far(self) -> None:
        """Wait until the program has read all that this client sent."""
        server, mine = self._server.address, self.address
        if observe.is_consumed(server, mine) is None:
            # No way to know here: let the program come to rest, then it has read what there was.
            self._server.settles()
            return
        self._stage.wait_until(lambda: observe.is_consumed(server, mine) is not False)

    def has_seen_last(self) -> str:
        """The last line that came, for the sentence about what came instead."""
        lines = [line for line in protocol.decode(bytes(self.raw)).splitlines() if line.strip()]
        return lines[-1] if lines else ""

    def was_told_last(self) -> str:
        """The last refusal that came, the request behind it left out; else the last line."""
        lines = protocol.decode(bytes(self.raw)).splitlines()
        refusals = [line for line in lines if line.startswith(protocol.REFUSED)]
        return refusals[-1] if refusals else self.has_seen_last()

    def _must_be_open(self) -> None:
        if self.is_closed:
            raise StoryFailed(Failure(self.name, Symptom.HUNG_UP, {"seen": self.has_seen_last()}))

    def leaves(self) -> None:
        """An orderly end (FIN), as when a person quits the client; once the program rests.

        What was said or answered last may still be on its way to others, to this client too. Who
        goes in the middle of that is the matter of the checks that say ``at_once``.
        """
        self._server.notices()
        self.leaves_at_once()

    def leaves_at_once(self) -> None:
        """An orderly end, whatever the program does at this moment."""
        self._stage.note(self.name, FILE, What.LEAVE)
        self._closes(finish)

    def resets(self) -> None:
        """A reset (RST), as when a laptop's network or program breaks down; once it rests."""
        self._server.notices()
        self.resets_at_once()

    def resets_at_once(self) -> None:
        """A reset, whatever the program does at this moment."""
        self._stage.note(self.name, FILE, What.RESET)
        self._closes(reset)

    def _closes(self, how: Callable[[socket.socket], None]) -> None:
        sock = self.sock
        self._stage.watch(sock, self, reads=False, writes=False)
        self._sock = None
        self.is_closed = True
        self.is_joined = False
        how(sock)

    def half_closes(self) -> None:
        """Say nothing more, but read on: the server must then end the connection."""
        self._stage.note(self.name, FILE, What.HALF_CLOSE)
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_WR)

    def reads_to_the_end(self) -> bool:
        """Half-close and read until the server ends the connection; whether it does.

        Then every byte it will ever send is here. A server known not to close is not waited for.
        """
        self._server.notices()
        self.half_closes()
        known = self._stage.setting.known_facts
        bound = None if known.closes else 0.0
        closed = self._stage.wait_until(lambda: self.is_closed, bound)
        known.closes = known.closes and closed
        return closed

    def forgets(self) -> None:
        """Let go of what it has read so far, where a story floods it."""
        self.raw.clear()
        self._shown = self.joined_at = self._answered_at = self._chat_at = 0

    def stops_reading(self) -> None:
        """Leave what comes in the socket: its buffers fill, then the server's."""
        self._stage.note(self.name, FILE, What.STOP_READING)
        self._reading = False
        self._listen()
