"""A crowd in the room: all talk at once, some leave meanwhile, and nobody may miss a line."""

from __future__ import annotations

from harness.actors.clients import Clients
from harness.actors.simulated_client import Client
from harness.contract.message import Message

# Seconds without news after which messages that are all here count as come without line feeds.
UNFRAMED = 0.5
# From this many members on each says one line only: the lines grow with the square.
LARGE_CROWD = 60


class Crowd:
    """What many clients do together, and what each of them must have seen then."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._stage = clients.stage

    def joins(self) -> list[Client]:
        """As many members as ``--clients`` asks for."""
        count = self._stage.setting.clients
        return list(self._clients.join(*(f"anggota {number}" for number in range(count))))

    def all_talk_at_once(self, crowd: list[Client]) -> dict[str, list[Message]]:
        """Every member says a few lines, nobody waits for anybody."""
        lines_each = 3 if len(crowd) <= LARGE_CROWD else 1
        texts = self._stage.draw.texts(lines_each * len(crowd))
        said: dict[str, list[Message]] = {client.name: [] for client in crowd}
        for _ in range(lines_each):
            for client in crowd:
                said[client.name].append(client.says_exactly(texts.pop()))
        return said

    def each_sees_exactly(self, listeners: list[Client], said: dict[str, list[Message]]) -> None:
        """Each listener gets every line of every other speaker, once, each speaker's in order."""
        total = sum(map(len, said.values()))
        missing = {c: total - len(said.get(c.name, [])) for c in listeners}

        due = [one for lines in said.values() for one in lines]
        is_framed = self._stage.setting.known_facts.frames_chat

        def has_all(client: Client) -> bool:
            if is_framed:
                return client.chat_count() >= missing[client]
            return all(client.has_seen(one) for one in due if one.speaker != client.name)

        looked_at: dict[Client, int] = {}

        def has_news(client: Client) -> bool:
            # Looking through all that came is done again only where more has come.
            before, looked_at[client] = looked_at.get(client, -1), len(client.raw)
            return before != looked_at[client]

        def is_complete() -> bool:
            for client in [c for c in missing if c.is_closed or (has_news(c) and has_all(c))]:
                del missing[client]
            return not missing

        def has_come() -> int:
            return sum(len(client.raw) for client in listeners)

        if not self._stage.wait_until(is_complete, UNFRAMED, has_come):
            known = self._stage.setting.known_facts
            # All texts are here, only the ends of their lines are not: then they never will be.
            known.frames_chat = not all(
                c.has_seen(o) for c in missing for o in due if o.speaker != c.name
            )
            if known.frames_chat:
                looked_at.clear()
                self._stage.wait_until(is_complete, progress=has_come)
        places = {
            one.line.encode(): (name, number)
            for name, lines in said.items()
            for number, one in enumerate(lines)
        }
        rest = [client for client in listeners if not client.has_all_in_turn(places)]
        for client in rest:
            client.sees_each_in_order(said)
        if not rest:
            self._stage.setting.known_facts.saw("broadcast.delivers")

    def some_leave_while_all_talk(
        self, stay: list[Client], go: list[Client]
    ) -> dict[str, list[Message]]:
        """In each round everybody who stays says a line and one of those who go leaves.

        The last two go without a word when the talk is over. Who is found to be gone in the middle
        of a line may cost somebody that line, and one of a leaver need not come: these two can only
        be found in a line of somebody who stays.
        """
        *midway, quiet, broken = go
        said: dict[str, list[Message]] = {client.name: [] for client in stay}
        for number, leaver in enumerate(midway):
            for client in stay:
                said[client.name].append(client.says(f"tetap {client.name} {number}"))
            leaver.says(f"sampai jumpa {leaver.name}")
            leave = leaver.resets_at_once if number % 2 else leaver.leaves_at_once
            leave()
        quiet.leaves()
        broken.resets()
        # What the program makes of it is done, so that whoever is cut off by it misses a line.
        self._clients.server.notices()
        for client in stay:
            said[client.name].append(client.says(f"akhirnya {client.name}"))
        return said
