"""A client that joins and reads nothing more, and the flood that fills its connection."""

from __future__ import annotations

from harness.actors.clients import Clients
from harness.actors.simulated_client import Client
from harness.contract import protocol
from harness.contract.symptoms import Failure, NotReached, Symptom
from harness.program import observe

# Bytes: what a sleeping client's receive buffer holds; a line of the flood; the most that is sent.
SMALL_BUFFER, LINE, MOST_FLOOD = 4096, 4000, 16_000_000
# Lines between two looks at how full the sleeper's connection is.
BATCH = 32
# Looks in a row that must find it as full as before. What is said meanwhile fills a queue of the
# program's own, if it has one and that has an end.
FULL_LOOKS = 8


class Flood:
    """Who falls asleep in the room, and who talks until nothing more fits."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._stage = clients.stage
        self._server = clients.server

    def joins_and_stops_reading(self, role: str) -> Client:
        """Somebody joins, then falls asleep: its small receive buffer is soon full."""
        sleeper = self._clients.newcomer(role)
        sleeper.connects(receive_buffer=SMALL_BUFFER)
        sleeper.joins()
        sleeper.stops_reading()
        return sleeper

    def fills_up(self, sleeper: Client, speaker: Client, witness: Client) -> None:
        """``speaker`` talks until nothing more fits into the connection to ``sleeper``.

        After every batch the witness must have got it. It is full when the server's kernel holds
        as much for the sleeper after ``FULL_LOOKS`` batches as before, each time with the server
        at rest, or when the server has dropped it; where that cannot be seen, after
        ``MOST_FLOOD`` bytes.
        """
        self._takes_long_lines(speaker, witness)
        held, batches, full = -1, 0, 0
        while batches * BATCH * LINE < MOST_FLOOD:
            batches += 1
            for number in range(BATCH - 1):
                speaker.sends(protocol.encode(f"{batches}-{number} ".ljust(LINE, ".")))
            # In a segment of its own: whether lines are told apart is another check's.
            speaker.is_read_so_far()
            witness.sees(speaker.says(f"gelombang {batches}"))
            witness.forgets()
            if held >= 0:
                # Else a writer of the sleeper's own that has not run looks like one that cannot.
                self._server.notices()
            now = observe.unsent(self._server.address, sleeper.address)
            full = full + 1 if now is not None and now == held else 0
            if full == FULL_LOOKS or (now is None and held >= 0):
                return
            held = -1 if now is None else now

    def _takes_long_lines(self, speaker: Client, witness: Client) -> None:
        """Who is cut off for a long line cannot fill up anybody; that is another check's."""
        speaker.sends(protocol.encode("0-0 ".ljust(LINE, ".")))
        speaker.is_read_so_far()
        said = speaker.says("gelombang")
        self._stage.wait_until(lambda: witness.has_seen(said) or speaker.is_closed)
        if speaker.is_closed:
            facts = {"seen": speaker.end.last_line()}
            hung_up = Failure(speaker.name, Symptom.HUNG_UP, facts)
            raise NotReached("broadcast.long_line", hung_up)
