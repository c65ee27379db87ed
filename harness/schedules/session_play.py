"""Plays the acts of a session on a real server, over real sockets, and compares with what is due.

Raises `StoryFailed` where server and model part.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from harness.actors.room import Room
from harness.actors.server_program import FILE
from harness.actors.simulated_client import Client
from harness.actors.stage import Stage
from harness.contract import protocol, replies
from harness.contract.message import Message
from harness.contract.replies import Answer
from harness.contract.symptoms import Failure, StoryFailed, Symptom
from harness.record.journal import What
from harness.schedules.acts import Act, Verb
from harness.schedules.session_world import STRICT, Leniency

GOING = {
    Verb.LEAVE: Client.leaves,
    Verb.RESET: Client.resets,
    Verb.HALF_CLOSE: Client.half_closes,
    Verb.STOP_READING: Client.stops_reading,
}


class Play:
    """One session on one fresh server."""

    def __init__(self, room: Room, stage: Stage, lenient: Leniency = STRICT) -> None:
        self._room = room
        self._stage = stage
        self._lenient = lenient
        self._clients: dict[str, Client] = {}
        self._due: dict[str, list[Message]] = defaultdict(list)
        # Those who are there and read.
        self._there: dict[str, Client] = {}
        # Keys and names of those who did what may cost them the connection.
        self._risky: set[str] = set()
        self._doubtful: frozenset[str] = frozenset()
        # How much had come to each when it spoke last.
        self._since: dict[str, int] = {}

    def acts(self, acts: Sequence[Act]) -> None:
        """Play them all; in the end everybody has got what was due, and nothing else."""
        named = {act.who: act.name for act in acts if act.answer is Answer.ACCEPTED}
        for act in acts:
            self._doubtful = act.doubtful
            if act.verb is Verb.CONNECT:
                self._connects(act.who, named.get(act.who))
            elif act.verb in GOING:
                self._goes(act)
            else:
                self._speaks(act, self._clients[act.who])
            if act.who in act.doubtful:
                # Whether it is cut off is known before anybody waits for what it said, or for it.
                self._room.server.notices()
            self._brings(act)
        self._room.server.notices()
        for key in self._there:
            self._has_seen_its_due(key)

    def _connects(self, key: str, name: str | None) -> None:
        client = self._room.newcomer_called(name) if name else self._room.newcomer(key)
        self._clients[key] = self._there[key] = client
        client.is_asked()

    def _goes(self, act: Act) -> None:
        self._room.server.notices()
        if act.who in self._there:
            self._has_seen_its_due(act.who)
            del self._there[act.who]
        GOING[act.verb](self._clients[act.who])

    def _speaks(self, act: Act, client: Client) -> None:
        if act.answer is Answer.REFUSED:
            holders = [each for each in self._there.values() if each.name == act.name]
            client.is_refused(act.name, *holders[:1])
        elif act.answer is Answer.ACCEPTED:
            client.said.extend(act.said)
            self._gets_its_name(act, client)
        elif act.verb is Verb.SAY:
            self._since[act.who] = client.takes_note()
            client.says_bytes(act.data, *(said.text for said in act.said))
        else:
            if act.is_risky:
                self._risky |= {act.who, act.name}
            client.sends_bytes(act.data)

    def _gets_its_name(self, act: Act, client: Client) -> None:
        line = act.data.decode().removesuffix("\n")
        if not act.is_return:
            client.answers(line)
            client.is_accepted()
            return

        def has_it() -> bool:
            client.answers(line)
            return client.gets_answer() is Answer.ACCEPTED or client.is_closed

        # The program may still be at it.
        if not self._stage.wait_until(has_it, is_passive=False):
            facts = {"name": act.name, "seen": client.was_told_last()}
            raise StoryFailed(Failure(client.name, Symptom.NAME_NOT_FREED, facts, by_clock=True))
        client.is_still_there()

    def _brings(self, act: Act) -> None:
        """What the act brings has come, to each who must have it."""
        if act.due and self._is_cut_off(act.who):
            return
        for key, messages in act.due.items():
            if key in self._there and not self._is_cut_off(key):
                self._due[key] += messages
                self._gets(self._there[key], act, messages)

    def _gets(self, listener: Client, act: Act, messages: Sequence[Message]) -> None:
        """``listener`` sees all that the act brings; where not, the answer to it may say why."""
        try:
            listener.sees(*messages)
        except StoryFailed:
            if act.verb is Verb.SAY:
                since = self._since[act.who]
                self._clients[act.who].handshake.is_asked_no_more(messages[0], since, listener.name)
            raise

    def _is_cut_off(self, key: str) -> bool:
        """Whether it did what may cost it its connection, and has lost it."""
        return key in self._doubtful and self._clients[key].is_closed

    def _has_seen_its_due(self, key: str) -> None:
        """What came so far, now that the program is at rest, is what was due, in that order."""
        client, due = self._there[key], self._due[key]
        if key in self._risky:
            # It may have been told so.
            return
        client.is_still_there()
        if self._lenient.form or (self._lenient.handshake and not client.is_joined):
            return
        expected = [said.line for said in due]

        def is_all_here() -> bool:
            return client.is_closed or len(self._judged_lines(client, expected)) >= len(expected)

        self._stage.wait_until(is_all_here)
        came = self._judged_lines(client, expected)
        for number, line in enumerate(came):
            if number >= len(expected) or line != expected[number]:
                raise StoryFailed(self._unwanted(client, line, due[number:]))
        if len(came) < len(expected):
            facts: dict[str, object] = {"line": expected[len(came)], "seen": client.end.last_line()}
            self._stage.note(FILE, client.name, What.MISSING, expected[len(came)])
            raise StoryFailed(Failure(client.name, Symptom.OTHER_LINE, facts))

    def _judged_lines(self, client: Client, expected: Sequence[str]) -> list[str]:
        """What came to it, without what may come or not."""
        came = _lines_of(client)
        for name in self._risky:
            came = [line for line in came if line in expected or not line.startswith(f"{name}: ")]
        if self._lenient.echo:
            came = [line for line in came if line not in {said.line for said in client.said}]
        return came

    def _unwanted(self, client: Client, line: str, due: Sequence[Message]) -> Failure:
        """What to say of the first line that is not the one due."""
        self._stage.note(FILE, client.name, What.UNWANTED, line)
        facts = {"line": due[0].line if due else "", "seen": line, "name": client.name}
        if line in {said.line for said in client.said}:
            return Failure(client.name, Symptom.ECHO, facts)
        if line in {said.line for said in due}:
            return Failure(client.name, Symptom.WRONG_ORDER, facts)
        if not client.is_joined:
            return Failure(client.name, Symptom.UNWANTED_LINE, facts)
        meant = [said for said in due if said.text in line]
        if meant:
            facts["line"] = meant[0].line
            return Failure(client.name, Symptom.OTHER_LINE, facts)
        names = [each.name for each in self._clients.values()]
        is_empty = replies.is_empty_chat(line, names)
        return Failure(client.name, Symptom.EMPTY_SENT if is_empty else Symptom.STRAY_LINE, facts)


def _lines_of(client: Client) -> list[str]:
    """What came to it since it joined; before that, all but the words of the handshake."""
    if client.is_joined:
        lines, rest = client.chat_since_joining()
        return [*lines, rest] if rest else lines
    words = (protocol.REQUEST, protocol.REFUSED)
    lines = [line.text for line in replies.chat(bytes(client.raw))]
    return [line for line in lines if not line.startswith(words)]
