"""Plays the steps of a session on a real server, beside the model, and compares."""

from __future__ import annotations

from collections.abc import Iterable

from harness.actors.room import Room
from harness.actors.simulated_client import Client
from harness.contract.message import Message
from harness.schedules.model import Member, Model, Step


class Play:
    """One session on one fresh server. Raises `StoryFailed` where server and model part."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self.model = Model()
        self._clients: dict[str, Client] = {}
        self._count = 0

    def steps(self, steps: Iterable[Step]) -> None:
        """Play all steps that make sense when their turn comes, then compare at the end."""
        for step in steps:
            self.step(step)
        self.end()

    def step(self, step: Step) -> bool:
        """Play one step; False when it makes no sense now."""
        if not self.model.can(step.kind):
            return False
        getattr(self, f"_{step.kind}")(step)
        return True

    def end(self) -> None:
        """Everything due has come, once and in order, and nothing else that was said.

        Everybody says something first: what a step has spoilt shows in who is heard, and by whom.
        """
        awake = self.model.awake()
        if len(awake) > 1:
            for member in awake:
                self._says_a_last_line(member)
            self._room.double_fence(*(self._clients[member.name] for member in awake[:2]))
        for member in awake:
            self._has_seen_its_due(member)

    # -- the steps

    def _join(self, step: Step) -> None:
        del step
        newcomer = self._newcomer()
        newcomer.joins()
        self._is_in(newcomer)

    def _claim(self, step: Step) -> None:
        holder = self.model.chosen(step)
        newcomer = self._newcomer()
        newcomer.is_asked()
        newcomer.is_refused(holder.name)
        newcomer.joins_again()
        self._is_in(newcomer)

    def _return(self, step: Step) -> None:
        name = self.model.gone[step.who % len(self.model.gone)]
        self._is_in(self._room.is_free_again(name))

    def _silent(self, step: Step) -> None:
        del step
        self._newcomer().is_asked()
        self.model.silent += 1

    def _say(self, step: Step) -> None:
        self._says(self.model.chosen(step))

    def _says(self, speaker: Member) -> None:
        self._spoke(speaker, [self._clients[speaker.name].says(self._text())])

    def _together(self, step: Step) -> None:
        speaker = self.model.chosen(step)
        texts = [self._room.draw.text(self._text()) for _ in range(step.count + 1)]
        self._spoke(speaker, self._clients[speaker.name].says_together(*texts))

    def _half(self, step: Step) -> None:
        speaker = self.model.chosen(step)
        speaker.half = self._clients[speaker.name].says_half(self._text()).text

    def _finish(self, step: Step) -> None:
        self._finishes(self.model.chosen(step))

    def _finishes(self, speaker: Member) -> None:
        rest = self._room.draw.text(self._text())
        said = self._clients[speaker.name].finishes(speaker.half, rest)
        speaker.half = ""
        self._spoke(speaker, [said])

    def _leave(self, step: Step) -> None:
        member = self.model.chosen(step)
        self._clients[member.name].leaves()
        self.model.left(member)

    def _reset(self, step: Step) -> None:
        member = self.model.chosen(step)
        self._clients[member.name].resets()
        self.model.left(member)

    def _sleep(self, step: Step) -> None:
        member = self.model.chosen(step)
        self._clients[member.name].stops_reading()
        member.awake = False

    # -- comparing

    def _newcomer(self) -> Client:
        self._count += 1
        return self._room.newcomer(f"orang {self._count}")

    def _text(self) -> str:
        self._count += 1
        return f"pesan {self._count}"

    def _is_in(self, client: Client) -> None:
        self._clients[client.name] = client
        self.model.joined(client.name)

    def _says_a_last_line(self, speaker: Member) -> None:
        if speaker.half:
            self._finishes(speaker)
        else:
            self._says(speaker)

    def _spoke(self, speaker: Member, messages: list[Message]) -> None:
        for said in messages:
            self.model.said(speaker, said.text)
        for member in self.model.awake():
            if member is not speaker:
                self._clients[member.name].sees(*messages)

    def _has_seen_its_due(self, member: Member) -> None:
        """Each speaker's lines once and in order; of what came before it joined, nothing."""
        due: dict[str, list[Message]] = {}
        for speaker, text in member.due:
            due.setdefault(speaker, []).append(Message(speaker, text))
        client = self._clients[member.name]
        self._room.each_sees_exactly([client], due)
        expected = {text for _, text in member.due} | {said.text for said in self._room.fences}
        for other in self._clients.values():
            for said in other.said:
                if said.speaker != member.name and said.text not in expected:
                    client.never_saw(said)
