"""The server's side of a story about the client: it says what the story wants, in any pieces.

Reading is lenient, as on the other side: a name or a message counts as heard once its drawn text
has come. What it must look like to the letter is judged in one check each.
"""

from __future__ import annotations

import socket
from collections.abc import Callable

from harness.actors.client_program import A_MOMENT, FILE, ClientProgram
from harness.actors.connection import Address, Connection
from harness.actors.listener import Listener
from harness.actors.patience import GRACE
from harness.actors.received import Received
from harness.actors.stage import Stage
from harness.contract import protocol
from harness.contract.message import Message
from harness.contract.symptoms import Failure, StoryFailed, Symptom
from harness.program import ports
from harness.record.journal import What

WHO = "server"
# Seconds of idleness after which a program has read what was sent, where that cannot be seen.
A_WHILE = 0.2


class ScriptedServer:
    """A server for one client. It listens from the moment on that somebody asks for its address."""

    def __init__(self, stage: Stage, client: ClientProgram) -> None:
        self._stage = stage
        self._client = client
        self._listener: Listener | None = None
        self._address: Address | None = None
        self._connection: Connection | None = None
        self._received: Received | None = None
        self._asks_at_once = True
        self._asked_at = self._accepted_at = 0
        # How often the client connected.
        self.calls = 0
        self._refused_as_heard: set[str] = set()

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
        self._asked_at = self._accepted_at = 0
        self.calls += 1
        self._connection = Connection(self._stage, sock, self._on_news)
        self._received = Received(self._stage, self._connection, FILE, WHO)
        self._stage.note(FILE, WHO, What.CONNECT)
        if self._asks_at_once:
            self.asks()

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
            lambda: self.has_client, self._stage.patience.start
        ):
            self._client.must_run()
            host, port = self.address
            facts = {"address": f"{host}:{port}", "seconds": round(self._stage.patience.start, 1)}
            raise StoryFailed(Failure(FILE, Symptom.NOT_CALLED, facts, by_clock=True))
        assert self._connection is not None
        return self._connection

    def _waits(self, condition: Callable[[], bool], bound: float | None = None) -> bool:
        """Whether ``condition`` came to hold; a client that has gone is not waited for."""

        def is_over() -> bool:
            return condition() or self._client.has_ended or self._is_left

        self._stage.wait_until(is_over, bound)
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

    # -- the handshake

    def holds_back_its_request(self) -> None:
        """It will not ask for a nickname until the story says so."""
        self._asks_at_once = False

    def asks(self) -> None:
        """It asks for a nickname, in the form in which the program is known to understand it."""
        self._asked_at = len(self.connection.raw)
        self._says_word(protocol.REQUEST)

    def asks_exactly(self) -> None:
        """It asks for a nickname, to the letter."""
        self._asked_at = len(self.connection.raw)
        self._stage.note(WHO, FILE, What.SAY, protocol.REQUEST)
        self.connection.sends(protocol.encode(protocol.REQUEST))

    def asks_in_pieces(self, request: str, *cuts: int) -> None:
        """It asks with ``request``, its line end included, cut after so many bytes."""
        self._asked_at = len(self.connection.raw)
        self._sends_in_pieces(request.encode(), *cuts)

    def asks_barely(self) -> bool:
        """To a program that did not answer: ask without a line feed; whether that could be done.

        It would spoil the next line for any other program, so it comes when nothing else helped.
        """
        known = self._stage.setting.known_facts
        if known.wants_bare_words or not self.has_client or self._is_left:
            return False
        self.connection.sends(protocol.REQUEST.encode())
        return True

    def _says_word(self, word: str) -> None:
        self._stage.note(WHO, FILE, What.SAY, word)
        bare = self._stage.setting.known_facts.wants_bare_words
        self.connection.sends(word.encode() if bare else protocol.encode(word))

    @property
    def answer(self) -> bytes:
        """Every byte since it asked last."""
        return bytes(self.connection.raw[self._asked_at :])

    def accepts(self, name: str) -> None:
        """It hears ``name`` and says ``OK``: the client is in the room."""
        self._is_answered_with(name)
        self._accepted_at = len(self.connection.raw)
        self._says_word(protocol.ACCEPTED)

    def accepts_and_says(self, name: str, *roles: str) -> list[Message]:
        """The same, and messages follow in the same segment."""
        self._is_answered_with(name)
        self._accepted_at = len(self.connection.raw)
        said = [Message(self.somebody, self._stage.draw.text(role)) for role in roles]
        lines = [protocol.ACCEPTED, *(one.line for one in said)]
        self._sends_in_pieces(b"".join(map(protocol.encode, lines)))
        return said

    def refuses(self, name: str, role: str) -> str:
        """It hears ``name``, refuses it and asks again; returns the reason it gave."""
        self._is_answered_with(name)
        reason = self._stage.draw.text(role)
        self._refused_as_heard.add(protocol.decode(self.answer).strip())
        self._asked_at = len(self.connection.raw)
        refusal = f"{protocol.REFUSED} {reason}"
        self._stage.note(WHO, FILE, What.SAY, refusal)
        self.connection.sends(protocol.encode(refusal))
        # Two lines in one segment are another check's matter.
        self._is_read_so_far()
        self._says_word(protocol.REQUEST)
        return reason

    def _is_answered_with(self, name: str) -> None:
        """Something comes for an answer; other words than ``name`` are for `was_given` to judge."""
        wanted = name.encode()
        self._waits(lambda: bool(self.answer))
        if not self.answer and self.asks_barely() and self._waits(lambda: bool(self.answer), GRACE):
            self._stage.setting.known_facts.wants_bare_words = True
        self._waits(lambda: wanted in self.answer, GRACE)
        if not self.answer.strip():
            raise StoryFailed(self._misses_name(name))
        self._stage.setting.known_facts.saw("client.nickname")

    def was_given(self, name: str) -> None:
        """The answer was ``name`` on a line of its own, to the letter."""
        wanted = protocol.encode(name)

        def is_exact() -> bool:
            return self.answer.replace(b"\r\n", b"\n").startswith(wanted)

        if not self._waits(is_exact):
            known = self._stage.setting.known_facts
            known.changes_names = wanted.rstrip() not in self.answer
            raise StoryFailed(self._misses_name(name))

    def has_heard_of(self, name: str) -> None:
        """What was accepted had ``name`` in it, in whatever form.

        Of a program that is known to change names: it was not a name refused before.
        """
        accepted = protocol.decode(bytes(self.connection.raw[self._asked_at : self._accepted_at]))
        if self._stage.setting.known_facts.changes_names:
            is_heard = accepted.strip() not in self._refused_as_heard
        else:
            is_heard = name in accepted
        if not is_heard:
            raise StoryFailed(self._misses_name(name))

    def was_called_once(self) -> None:
        """The client has kept to its first connection."""
        if self.calls > 1:
            facts = {"count": self.calls}
            raise StoryFailed(Failure(WHO, Symptom.CALLED_AGAIN, facts))

    def _misses_name(self, name: str) -> Failure:
        self._client.must_run()
        self._stage.note(FILE, WHO, What.MISSING, name)
        facts = {"line": name + "\n", "seen": protocol.decode(self.answer)}
        return Failure(WHO, Symptom.NICKNAME_NOT_SENT, facts, by_clock=not self._is_left)

    def has_heard_nothing(self) -> None:
        """The client has sent nothing yet. Asked when it rests: then it is not on its way."""
        rest = self._client.rest()
        self._waits(lambda: rest.has_lasted(A_MOMENT))
        if self.has_client and self.connection.raw:
            seen = protocol.decode(bytes(self.connection.raw))
            assert self._received is not None
            self._received.marks(0)
            raise StoryFailed(Failure(WHO, Symptom.NAME_TOO_EARLY, {"seen": seen}))

    # -- hearing

    def hears_message(self, said: Message) -> None:
        """The message comes, whatever stands around it."""
        connection, wanted = self.connection, said.text.encode()
        if not self._waits(lambda: wanted in connection.raw):
            raise StoryFailed(self._misses(said, self._last_heard()))

    def hears_exactly(self, *messages: Message) -> None:
        """The client has sent its name and then each of ``messages`` once, on a line of its own.

        Judged when the client is idle: then nothing more is on its way. Empty lines count for
        nothing, and white space at the two ends of a message may be gone.
        """
        for said in messages:
            self.hears_message(said)
        self._waits(lambda: len(self._lines()) >= len(messages))
        rest = self._client.rest()
        self._waits(lambda: rest.has_lasted(A_MOMENT))
        heard = self._lines()
        for number, said in enumerate(messages):
            if number == len(heard):
                raise StoryFailed(self._misses(said, self._unfinished()))
            if heard[number] in (said.text, said.text.strip()):
                continue
            if said.text in heard[number:]:
                raise StoryFailed(self._had_no_need_of(heard[number]))
            raise StoryFailed(self._misses(said, heard[number] + "\n", by_clock=False))
        if extra := [*heard[len(messages) :], *filter(None, [self._unfinished()])]:
            raise StoryFailed(self._had_no_need_of(extra[0]))

    def _lines(self) -> list[str]:
        """The whole lines behind the name that are not empty.

        A name without its line end is another check's matter: it ends where it was accepted.
        """
        raw = bytes(self.connection.raw)
        answer = protocol.lines(raw[self._asked_at : self._accepted_at])
        rest = [line for line in protocol.lines(raw, self._accepted_at) if line.is_whole]
        return [line.text for line in [*answer[1:], *rest] if line.text.strip()]

    def _unfinished(self) -> str:
        """What came behind the last line end since the name was accepted."""
        return protocol.decode(bytes(self.connection.raw[self._accepted_at :]).rpartition(b"\n")[2])

    def _had_no_need_of(self, line: str) -> Failure:
        self._stage.note(FILE, WHO, What.UNWANTED, line)
        return Failure(WHO, Symptom.SENT_UNTYPED, {"seen": line})

    def _misses(self, said: Message, seen: str, by_clock: bool = True) -> Failure:
        self._client.must_run()
        self._stage.note(FILE, WHO, What.MISSING, said.text)
        facts = {"line": said.text + "\n", "seen": seen}
        by_clock = by_clock and not self._is_left
        return Failure(WHO, Symptom.LINE_NOT_SENT, facts, by_clock)

    def _last_heard(self) -> str:
        lines = protocol.lines(bytes(self.connection.raw))
        return lines[-1].text + "\n" * lines[-1].is_whole if lines else ""

    def sees_the_end(self) -> None:
        """The client ended its connection."""
        if not self._waits(lambda: self._is_left):
            raise StoryFailed(Failure(WHO, Symptom.NOT_POLITE, {}, by_clock=True))

    # -- speaking

    @property
    def somebody(self) -> str:
        """Another member, whose messages it passes on."""
        return self._stage.draw.name("orang lain")

    def _is_about_to_say(self, text: str) -> Message:
        said = Message(self.somebody, text)
        self._stage.note(WHO, FILE, What.SAY, said.line)
        return said

    def says(self, role: str) -> Message:
        """It passes on the message that stands for ``role``."""
        return self.says_exactly(self._stage.draw.text(role))

    def says_exactly(self, text: str) -> Message:
        """It passes on ``text``."""
        return self.says_together(text)[0]

    def says_together(self, *texts: str, line_end: str = "\n") -> list[Message]:
        """It passes on several messages in one segment."""
        said = [self._is_about_to_say(text) for text in texts]
        self.connection.sends("".join(one.line + line_end for one in said).encode())
        return said

    def says_in_pieces(self, text: str, *cuts: int) -> Message:
        """It passes on ``text`` in several segments, cut after so many bytes of the text."""
        said = Message(self.somebody, text)
        start = len(said.line.encode()) - len(text.encode())
        self._sends_in_pieces(protocol.encode(said.line), *(start + cut for cut in cuts))
        return said

    def gives_notice(self, role: str) -> str:
        """It gives a notice, a line that begins with ``* ``; returns what stands behind that."""
        text = self._stage.draw.text(role)
        self._stage.note(WHO, FILE, What.SAY, f"* {text}")
        self.connection.sends(protocol.encode(f"* {text}"))
        return text

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
