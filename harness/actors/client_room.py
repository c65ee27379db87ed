"""What a story about the client calls `stage`, `user` and `server`."""

from __future__ import annotations

from functools import cached_property

from harness.actors.calling import Address
from harness.actors.client_way import learn
from harness.actors.listener import Listener
from harness.actors.patience import GRACE
from harness.actors.person import Person
from harness.actors.scripted_server import ScriptedServer
from harness.actors.stage import Stage
from harness.contract.protocol import DEFAULT_HOST, DEFAULT_PORT
from harness.program import ports
from harness.program.process import Program


class ClientRoom:
    """One story's users, each with a client and a scripted server of its own."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.draw = stage.draw
        self.users: list[Person] = []
        # Where all clients connect that connect to one address whatever they are told.
        self._shared: Listener | None = None

    @cached_property
    def user(self) -> Person:
        """The user of a story that has one."""
        return self.newcomer("pengguna")

    @property
    def server(self) -> ScriptedServer:
        """The server that this user's client talks to."""
        return self.user.server

    def newcomer(self, role: str) -> Person:
        """Somebody who has not yet started the client."""
        source = self._stage.setting.source
        user = Person(
            self._stage, self.draw.name(role), source, lambda: self._address_for(user.server)
        )
        self.users.append(user)
        return user

    def newcomers(self, *roles: str) -> tuple[Person, ...]:
        """People who have not yet started the client."""
        return tuple(self.newcomer(role) for role in roles)

    def _address_for(self, server: ScriptedServer) -> Address:
        """Where a client is told to connect; one that connects elsewhere is met there."""
        known = self._stage.setting.known_facts
        if known.client_way is None:
            learn(self._stage.setting)
        if known.client_port and self._shared is None:
            if known.client_port == DEFAULT_PORT:
                self._stage.closing.enter_context(ports.default_port())
            self._shared = Listener(self._stage, (DEFAULT_HOST, known.client_port))
        if self._shared is not None:
            server.listens_with(self._shared)
        return server.address

    def start(self, *roles: str) -> tuple[Person, ...]:
        """They start their clients, all at once: each has a server of its own."""
        users = self.newcomers(*roles)
        for user in users:
            user.starts()
            if self._shared is not None:
                # At one address they come one after the other, or they would be mistaken.
                rest = user.client.rest()
                user.client.waits(lambda u=user, r=rest: u.server.has_client or r.has_lasted(GRACE))  # type: ignore[misc]
        return users

    def join(self, *roles: str) -> tuple[Person, ...]:
        """They start their clients and come to the prompt."""
        users = self.start(*roles)
        for user in users:
            user.joins()
        return users

    # -- for the grader

    def role(self, name: str) -> object:
        """What a story means by a parameter of this name."""
        return {"room": self, "draw": self.draw}.get(name) or getattr(self, name)

    @property
    def programs(self) -> list[Program]:
        """The programs of the submission that ran in this story."""
        return [user.client.program for user in self.users if user.client.program is not None]

    @property
    def suspects(self) -> list[Program]:
        """Those of them that the story ended with: the one that failed, where that is known."""
        clients = [user.client for user in self._suspects]
        return [client.program for client in clients if client.program is not None]

    @property
    def _suspects(self) -> list[Person]:
        return [user for user in self.users if user.client.is_at_fault] or self.users

    def last_words(self) -> str:
        """What they wrote of an error, for the report."""
        started = (user.client for user in self._suspects if user.client.program)
        return next(filter(None, (client.last_words() for client in started)), "")
