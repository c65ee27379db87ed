"""Whom a message reaches: all other members, or only those who joined before its speaker."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from harness.actors.clients import Clients
from harness.actors.simulated_client import Client
from harness.contract.message import Message
from harness.contract.symptoms import Failure, StoryFailed, Symptom


class Audience:
    """What a story says of all who hear a message."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._stage = clients.stage

    def all_others_see(self, speaker: Client, said: Message) -> None:
        """Every other member sees what ``speaker`` said."""
        self._waits_for_all(speaker, said)
        if self._reaches_only_earlier(speaker, said) and self._does_so_always(speaker):
            _, later = self._others(speaker)
            missed = later[0]
            missed.end.marks_missing(said.line)
            facts = {"line": said.line, "name": speaker.name, **self._stage.waited}
            raise StoryFailed(Failure(missed.name, Symptom.ONLY_EARLIER, facts, by_clock=True))
        earlier, later = self._others(speaker)
        for other in (*earlier, *later):
            other.sees(said)

    def _others(self, speaker: Client) -> tuple[Sequence[Client], Sequence[Client]]:
        """Those who joined before ``speaker``, and those who joined later."""
        there = [each for each in self._clients.everybody if each.is_joined]
        at = there.index(speaker)
        return there[:at], there[at + 1 :]

    def _waits_for_all(self, speaker: Client, said: Message) -> None:
        earlier, later = self._others(speaker)
        self._stage.wait_until(
            lambda: all(each.has_seen(said) or each.is_closed for each in (*earlier, *later))
        )

    def _reaches_only_earlier(self, speaker: Client, said: Message) -> bool:
        earlier, later = self._others(speaker)
        is_cut = any(each.is_closed for each in (*earlier, speaker, *later))
        reached = [each for each in (*earlier, *later) if each.has_seen(said)]
        return not is_cut and bool(later) and reached == list(earlier)

    def _does_so_always(self, speaker: Client) -> bool:
        """Whether it is so for those who have others before and behind them, and for the two ends.

        A loop that stops after its first receiver, or before its last, reaches some of them.
        """
        earlier, later = self._others(speaker)
        if not earlier:
            return False
        with self._stage.journal.unjudged(), contextlib.suppress(StoryFailed):
            first, last = earlier[0], later[-1]
            from_first, from_last = first.says("dari yang pertama"), last.says("dari yang terakhir")
            self._waits_for_all(last, from_last)
            self._waits_for_all(first, from_first)
            is_heard = all(each.has_seen(from_last) for each in self._others(last)[0])
            return is_heard and self._reaches_only_earlier(first, from_first)
        return False
