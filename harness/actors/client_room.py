"""What a story about the client calls `stage`, `user` and `server`."""

from __future__ import annotations

from functools import cached_property

from harness.actors.person import Person
from harness.actors.scripted_server import ScriptedServer
from harness.actors.stage import Stage
from harness.program.process import Program


class ClientRoom:
    """One story's users, each with a client and a scripted server of its own."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.draw = stage.draw
        self.users: list[Person] = []

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
        user = Person(self._stage, self.draw.name(role), self._stage.setting.source)
        self.users.append(user)
        return user

    def start(self, *roles: str) -> tuple[Person, ...]:
        """They start their clients, all at once: each has a server of its own."""
        users = tuple(self.newcomer(role) for role in roles)
        for user in users:
            user.starts()
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

    def last_words(self) -> str:
        """What they wrote of an error, for the report."""
        return next(
            filter(None, (u.client.last_words() for u in self.users if u.client.program)), ""
        )
