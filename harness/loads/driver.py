"""The simulated clients of a load: one thread, one selector, thousands of connections.

Nothing here sends to an address that is not this machine's own (`must_be_here`). The clock is
`time.perf_counter`. A part (joining, or talking through a table) ends when all is done, when the
server has gone, when nothing has moved for too long, when too much was wrong, or at Ctrl-C:
`Ending` says which. What is known by then stands in the `Ledger`.

A line counts as seen when it has been read. So the time that the driver itself needs for thousands
of sockets is in the figures: `ceiling` measures how much that is.
"""

from __future__ import annotations

import ipaddress
import selectors
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum

from harness.actors.calling import Address
from harness.actors.connection import reset
from harness.contract import protocol
from harness.loads.ledger import Flaw, Ledger
from harness.loads.load_client import Joining, LoadClient
from harness.loads.timetable import Due

# So many connections are on their way at once: fewer than the shortest usual backlog of a busy
# server would be slow, more would be sent away for a second each (SYN retries).
WINDOW = 64
# Seconds: how long one look lasts at most, and how often the outside is looked at.
TURN = 0.05
# After so many sockets the driver looks whether a message has become due.
OFTEN = 64
# A server that sends that much nonsense is not listened to any longer.
MOST_WRONG = 10_000
# A line longer than this is none of ours.
LONGEST_REST = 4 * protocol.MAX_LINE


class Ending(StrEnum):
    """How one part of a load ended. The values are part of the JSON that `load` writes."""

    DONE = "done"
    INTERRUPTED = "interrupted"
    STALLED = "stalled"
    SERVER_GONE = "server_gone"
    NONSENSE = "nonsense"


class NotHere(Exception):
    """Load would go to an address that is not this machine's own."""


def must_be_here(address: Address) -> Address:
    """``address``, which must be on the loopback. Raises `NotHere`."""
    try:
        is_here = ipaddress.ip_address(address[0]).is_loopback
    except ValueError:
        is_here = False
    if not is_here:
        raise NotHere(address[0])
    return address


class Driver:
    """So many clients of the server at ``address``; use as a context manager.

    ``looks`` is called every turn, some 20 times a second: it takes in what the server prints, and
    returns an `Ending` when the load is to end. It is told whether anything is being waited for and
    has not moved since the last turn.
    """

    def __init__(
        self, address: Address, names: Sequence[str], looks: Callable[[bool], Ending | None]
    ) -> None:
        self._address = must_be_here(address)
        self._names = names
        self._looks = looks
        self._looked = 0.0
        self._moved = 0
        self._selector = selectors.DefaultSelector()
        self.ledger = Ledger()
        self.clients: list[LoadClient] = []
        self.alive = self.joined = 0
        # Seconds that each client needed from its connection to `OK`, in the order of joining.
        self.waits: list[float] = []
        # Seconds by which the driver itself was late with a message.
        self.lateness = 0.0
        self._said = 0

    def __enter__(self) -> Driver:
        return self

    def __exit__(self, *_: object) -> None:
        for client in self.clients:
            reset(client.sock)
        self._selector.close()

    # -- joining

    def join(self, first: socket.socket) -> Ending:
        """Let all clients join, ``first`` being the connection of the first. Raises `OSError`."""
        self._adds(first)
        while self.joined < self.alive or len(self.clients) < len(self._names):
            while len(self.clients) < len(self._names) and self.alive - self.joined < WINDOW:
                self._adds(self._connects())
            if ending := self._turn(TURN):
                return ending
            if self.ledger.flaws[Flaw.CUT_OFF] + self.ledger.flaws[Flaw.REFUSED] >= WINDOW:
                return Ending.NONSENSE
        return Ending.DONE if self.joined else Ending.NONSENSE

    def _connects(self) -> socket.socket:
        family = socket.AF_INET6 if ":" in self._address[0] else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.setblocking(False)
        try:
            sock.connect(self._address)
        except (BlockingIOError, ConnectionError):
            pass  # on its way; or refused, as reading will say
        except OSError:
            sock.close()
            raise
        return sock

    def _adds(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        number = len(self.clients)
        client = LoadClient(number, self._names[number], sock, time.perf_counter())
        self.clients.append(client)
        self.alive += 1
        self._selector.register(sock, selectors.EVENT_READ, client)

    # -- talking

    def talk(self, table: Sequence[Due]) -> Ending:
        """Say each message of ``table`` when it is due; returns when all have come everywhere."""
        began = time.perf_counter()
        self.ledger.learns(table, self.clients, began)
        due = self._becoming_due(table, began)
        wait: float | None = 0.0
        while wait is not None or self.ledger.delivered < self.ledger.target:
            wait = next(due, None)
            if ending := self._turn(TURN if wait is None else min(wait, TURN), due):
                return ending
        return Ending.DONE

    def _becoming_due(self, table: Sequence[Due], began: float) -> Iterator[float]:
        """Says what is due each time it is asked; gives the seconds until the next message."""
        for message in table:
            while (ahead := began + message.due - time.perf_counter()) > 0:
                yield ahead
            self.lateness = max(self.lateness, -ahead)
            self._says(self.clients[message.speaker], message.text)

    def _says(self, speaker: LoadClient, text: str) -> None:
        if speaker.joining is not Joining.JOINED:
            return
        self._said += 1
        self.ledger.is_said(speaker, self.alive - 1)
        self._sends(speaker, protocol.encode(text))

    def _sends(self, client: LoadClient, data: bytes) -> None:
        try:
            is_left = client.sends(data)
        except OSError:
            self._is_cut_off(client)
            return
        events = selectors.EVENT_READ | selectors.EVENT_WRITE * is_left
        if self._selector.get_key(client.sock).events != events:
            self._selector.modify(client.sock, events, client)

    # -- one look at all sockets

    def _turn(self, wait: float, due: Iterator[float] | None = None) -> Ending | None:
        """Take in what has come; waits so many seconds at most for anything to come."""
        for at, (key, mask) in enumerate(self._ready(max(wait, 0.0))):
            client: LoadClient = key.data
            if client.joining is Joining.GONE:
                continue
            if mask & selectors.EVENT_READ:
                self._hears(client)
            if client.unsent and mask & selectors.EVENT_WRITE:
                self._sends(client, b"")
            if due is not None and at % OFTEN == OFTEN - 1:
                next(due, None)
        now = time.perf_counter()
        if now - self._looked < TURN:
            return None
        self._looked = now
        moved = self.ledger.delivered + self.joined
        has_stood, self._moved = moved == self._moved, moved
        is_waiting = self.joined < self.alive or self.ledger.delivered < self.ledger.target
        if self.ledger.wrongs > MOST_WRONG:
            return Ending.NONSENSE
        return self._looks(has_stood and is_waiting)

    def _ready(self, wait: float) -> list[tuple[selectors.SelectorKey, int]]:
        """What there is to read and to write; with nobody left it only waits.

        Windows takes no empty select: it fails at once with WSAEINVAL (WinError 10022).
        """
        if self.alive:
            return self._selector.select(wait)
        time.sleep(wait)
        return []

    def _hears(self, client: LoadClient) -> None:
        lines = client.reads()
        now = time.perf_counter()
        if lines is None:
            self._is_cut_off(client)
            return
        if client.joining is not Joining.JOINED:
            lines = self._shakes_hands(client, lines, now)
        if lines:
            self.ledger.hears(client, lines, now)
        if len(client.rest) > LONGEST_REST:
            self.ledger.wrong(Flaw.GARBLED, client.name, client.rest)
            self._drops(client)

    def _shakes_hands(self, client: LoadClient, lines: list[bytes], now: float) -> list[bytes]:
        """Answer; returns the lines that came behind `OK`."""
        for at, raw in enumerate(lines):
            line = protocol.decode(raw.removesuffix(b"\r"))
            if protocol.is_notice(line):
                self.ledger.notices += 1
            elif client.joining is Joining.UNASKED and line == protocol.REQUEST:
                client.joining = Joining.NAMED
                self._sends(client, protocol.encode(client.name))
            elif client.joining is Joining.NAMED and line == protocol.ACCEPTED:
                client.joining = Joining.JOINED
                self.joined += 1
                self.waits.append(now - client.opened)
                return lines[at + 1 :]
            else:
                is_refusal = line.split(" ")[0] == protocol.REFUSED
                flaw = Flaw.REFUSED if is_refusal else Flaw.EARLY
                self.ledger.wrong(flaw, client.name, raw)
                self._drops(client)
            if client.joining is Joining.GONE:
                return []
        return []

    def _is_cut_off(self, client: LoadClient) -> None:
        if client.joining is not Joining.GONE:
            self.ledger.wrong(Flaw.CUT_OFF, client.name, client.rest)
            self._drops(client)

    def _drops(self, client: LoadClient) -> None:
        """Whatever became of ``client``, it does not take part any more."""
        if client.joining is Joining.JOINED:
            self.joined -= 1
            self.ledger.leaves(client, self._said)
        client.joining, client.unsent = Joining.GONE, b""
        self.alive -= 1
        self._selector.unregister(client.sock)
        reset(client.sock)
