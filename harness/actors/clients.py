"""The simulated clients of one story: they come by role, which is a drawn name on the wire."""

from __future__ import annotations

import contextlib

from harness.actors.server import Server
from harness.actors.simulated_client import Client
from harness.actors.stage import Stage
from harness.contract.symptoms import StoryFailed

# Seconds to wait for the first word of a program that may have none.
VISIT = 0.5


class Clients:
    """All who have come so far (``everybody``), in the order of their coming."""

    def __init__(self, stage: Stage, server: Server) -> None:
        self.stage = stage
        self.server = server
        self.everybody: list[Client] = []

    def newcomer(self, role: str) -> Client:
        """Somebody who has not yet connected."""
        return self.newcomer_called(self.stage.draw.name(role))

    def newcomer_called(self, name: str) -> Client:
        """Somebody who has not yet connected, with just this nickname."""
        client = Client(self.stage, self.server, name)
        self.everybody.append(client)
        return client

    def join(self, *roles: str) -> tuple[Client, ...]:
        """They join one after the other: a beginner's short backlog drops bursts."""
        clients = tuple(self.newcomer(role) for role in roles)
        for client in clients:
            client.joins()
        return clients

    def visits(self, *roles: str) -> tuple[Client, ...]:
        """They connect and go as far into the room as the program lets them."""
        clients = tuple(self.newcomer(role) for role in roles)
        for client in clients:
            client.connects()
            self.stage.wait_until(lambda c=client: bool(c.raw) or c.is_closed, VISIT)  # type: ignore[misc]
            with self.stage.journal.unjudged(), contextlib.suppress(StoryFailed):
                if client.raw:
                    client.joins()
        return clients
