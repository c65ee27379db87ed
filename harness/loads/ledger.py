"""Every line that the clients get, checked as it comes: which are right, which are not, which lack.

The rules, from the protocol: each other member gets each message once, exactly as `{name}: {text}`,
one speaker's messages in their order; the speaker gets nothing back. Messages of two speakers may
come to two listeners in different order. Notices (`* ...`) are let pass.

A message has a place among its speaker's messages, and a client knows the place that must come next
from each speaker. So a right line costs one look into a dictionary and one comparison. A place that
was passed over is a gap: it is lost, unless the line comes later after all, out of order.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from harness.contract import protocol
from harness.loads.load_client import LoadClient
from harness.loads.timetable import Due, wire

# So many wrong lines are told whole.
MOST_EXAMPLES = 3
LONGEST_EXAMPLE = 120


class Flaw(StrEnum):
    """The ways in which lines can be wrong. The values are part of the JSON that `load` writes."""

    GARBLED = "garbled"
    ECHO = "echo"
    TWICE = "twice"
    DISORDERED = "disordered"
    EARLY = "early"
    REFUSED = "refused"
    CUT_OFF = "cut_off"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class FlawExample:
    """One wrong line: what kind, at which client, and what came."""

    flaw: Flaw
    who: str
    text: str


class Ledger:
    """What was said, what has come of it, and how late.

    ``target`` is how many lines must have come by now, ``delivered`` how many have. ``due`` is when
    each message was due and ``latencies`` the seconds from then to each listener, both by the
    message's number. ``notices`` counts what a server may send and need not.
    """

    def __init__(self) -> None:
        self.target = self.delivered = self.notices = 0
        self.flaws: Counter[Flaw] = Counter()
        self.examples: list[FlawExample] = []
        self.due: list[float] = []
        self.latencies: list[array[float]] = []
        self._numbers: dict[bytes, int] = {}
        # By message: its speaker among those who speak, and its place among that one's messages.
        self._speakers: list[int] = []
        self._places: list[int] = []
        # By client number, a number among those who speak; and how many messages each has.
        self._order: dict[int, int] = {}
        self._said: list[int] = []

    def learns(self, table: Sequence[Due], clients: Sequence[LoadClient], began: float) -> None:
        """Take in messages that will be said, from ``began`` on."""
        for message in table:
            client = clients[message.speaker]
            if client.number not in self._order:
                self._order[client.number] = len(self._order)
                self._said.append(0)
                client.speaks_as = self._order[client.number]
                for each in clients:
                    each.places.append(0)
            speaker = self._order[client.number]
            self._numbers[wire(client.name, message.text)] = len(self.due)
            self._speakers.append(speaker)
            self._places.append(self._said[speaker])
            self._said[speaker] += 1
            self.due.append(began + message.due)
            self.latencies.append(array("d"))

    def hears(self, client: LoadClient, lines: Sequence[bytes], now: float) -> None:
        """Check the lines that came to ``client``, who has joined, at ``now``."""
        numbers, places = self._numbers, client.places
        for line in lines:
            number = numbers.get(line)
            if number is None:
                number = self._unknown(client, line)
                if number is None:
                    continue
            speaker = self._speakers[number]
            if places[speaker] == self._places[number] and speaker != client.speaks_as:
                places[speaker] += 1
            elif not self._comes_late(client, number, line):
                continue
            client.got += 1
            self.delivered += 1
            self.latencies[number].append(now - self.due[number])

    def _unknown(self, client: LoadClient, line: bytes) -> int | None:
        """The number of a line that is not known as it stands; None for one that is no message."""
        stripped = line.removesuffix(b"\r")
        if stripped in self._numbers:
            return self._numbers[stripped]
        if line.startswith(b"* "):
            self.notices += 1
        else:
            self.wrong(Flaw.GARBLED, client.name, stripped)
        return None

    def _comes_late(self, client: LoadClient, number: int, line: bytes) -> bool:
        """Whether a message in a place where it was not due counts as come."""
        speaker, place = self._speakers[number], self._places[number]
        if speaker == client.speaks_as:
            self.wrong(Flaw.ECHO, client.name, line)
            return False
        if place > client.places[speaker]:
            client.gaps |= {(speaker, each) for each in range(client.places[speaker], place)}
            client.places[speaker] = place + 1
            return True
        if (speaker, place) in client.gaps:
            client.gaps.remove((speaker, place))
            self.wrong(Flaw.DISORDERED, client.name, line)
            return True
        self.wrong(Flaw.TWICE, client.name, line)
        return False

    def is_said(self, speaker: LoadClient, listeners: int) -> None:
        """``speaker`` has said one message: each of so many others must get it."""
        speaker.said += 1
        self.target += listeners

    def leaves(self, client: LoadClient, said: int) -> None:
        """``client`` was cut off after ``said`` messages of all: nothing more will come to it."""
        self.target -= said - client.said - client.got

    def counts_lost(self) -> None:
        """Nothing more will come: what has not come yet is lost."""
        if self.target > self.delivered:
            self.flaws[Flaw.LOST] = self.target - self.delivered

    def wrong(self, flaw: Flaw, who: str, line: bytes) -> None:
        """Count one line, or client, that is wrong; the first few are kept."""
        self.flaws[flaw] += 1
        if len(self.examples) < MOST_EXAMPLES:
            text = protocol.decode(line[: LONGEST_EXAMPLE * 4])[:LONGEST_EXAMPLE]
            self.examples.append(FlawExample(flaw, who, text))

    @property
    def wrongs(self) -> int:
        """How many lines were wrong so far."""
        return sum(self.flaws.values())
