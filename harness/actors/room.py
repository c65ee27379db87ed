"""What a story calls `room`: who is there, what nobody may have seen, the proofs of absence.

It is put together from its `Clients`, what is said of `Nicknames`, the `Audience`, the `Crowd` and
the `Flood`.
"""

from __future__ import annotations

from harness.actors.audience import Audience
from harness.actors.cleanup import Cleanup
from harness.actors.clients import Clients
from harness.actors.crowd import Crowd
from harness.actors.flood import Flood
from harness.actors.nicknames import Nicknames
from harness.actors.server import Server
from harness.actors.server_program import FILE
from harness.actors.simulated_client import Client
from harness.actors.stage import Stage
from harness.contract import protocol
from harness.contract.message import Message
from harness.contract.symptoms import StoryFailed
from harness.program import ports
from harness.program.process import Program
from harness.record.journal import What

# Seconds within which a timer of the program must have gone off, to be judged.
LATE = 1.0


class Room:
    """One story's clients and their server. Roles are drawn names on the wire (`record.draw`)."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.server = Server(stage)
        self.draw = stage.draw
        self.fences: list[Message] = []
        self._rounds = 0
        clients = Clients(stage, self.server)
        self.clients = clients.everybody
        self.newcomer = clients.newcomer
        self.newcomer_called = clients.newcomer_called
        self.join = clients.join
        self.visits = clients.visits
        nicknames = Nicknames(clients)
        self.is_held = nicknames.is_held
        self.hears_after_refusal = nicknames.hears_after_refusal
        self.had_to_choose_again = nicknames.had_to_choose_again
        self.holder_keeps_its_name = nicknames.holder_keeps_its_name
        self.spaces_leave_no_name_behind = nicknames.spaces_leave_no_name_behind
        self.exactly_one_gets = nicknames.exactly_one_gets
        self.is_free_again = nicknames.is_free_again
        self.all_others_see = Audience(clients).all_others_see
        crowd = Crowd(clients)
        self.crowd = crowd.joins
        self.all_talk_at_once = crowd.all_talk_at_once
        self.some_leave_while_all_talk = crowd.some_leave_while_all_talk
        self.each_sees_exactly = crowd.each_sees_exactly
        flood = Flood(clients)
        self.joins_and_stops_reading = flood.joins_and_stops_reading
        self.fills_up = flood.fills_up
        self.cleanup = Cleanup(stage, self)

    def role(self, name: str) -> object:
        """What a story means by a parameter called ``name``. Raises `KeyError`."""
        return {
            "room": self,
            "server": self.server,
            "draw": self.draw,
            "cleanup": self.cleanup,
        }[name]

    @property
    def programs(self) -> list[Program]:
        """The programs of the submission that ran in this story."""
        return [self.server.program] if self.server.program is not None else []

    suspects = programs

    def last_words(self) -> str:
        """What they wrote to stderr at last, for the report."""
        return self.server.stderr_tail()

    # -- who is there

    def another_address(self) -> str | None:
        """An address of this machine that nobody guesses to come from, where it has several."""
        host = ports.loopback(self.draw.random)
        return None if host == protocol.DEFAULT_HOST else host

    def nobody_saw_a_stray_line(self) -> None:
        """Whoever is in the room has seen chat lines and notices only, since it joined.

        A message without content is no chat line: nobody sent one, but for those who sent bytes of
        which a program may make whatever it likes.
        """
        names = [client.name for client in self.clients]
        plain = [name for name in names if name not in self._stage.garblers]
        for client in self.clients:
            if client.is_joined:
                client.has_seen_no_stray_line(names)
                client.has_seen_no_empty_line(plain)

    def nobody_saw_a_half_line(self) -> None:
        """Nobody in the room has seen a line that its sender never finished."""
        for text, speaker in self._stage.halves.items():
            for client in self.clients:
                if client.is_joined:
                    client.never_saw_half(Message(speaker, text))

    def nobody_heard_themselves(self) -> None:
        """No member got any of its own lines back."""
        for client in self.clients:
            for said in client.said:
                client.got_no_echo_of(said)

    # -- absence without a clock

    def fence(self, speaker: Client, *witnesses: Client) -> None:
        """``speaker`` says one more line and every witness sees it: what came before has passed."""
        role = f"pagar {len(self.fences)}"
        self._stage.journal.fences.append(self.draw.text(role))
        witnessed = speaker.says(role)
        self.fences.append(witnessed)
        for witness in witnesses:
            witness.sees(witnessed)

    def double_fence(self, speaker: Client, witness: Client) -> None:
        """A fence there and a fence back.

        Whatever an earlier line wrongly caused for ``speaker`` stands before the second one: it
        rests on the order of TCP and of a handler that serves one line after the other.
        """
        self.fence(speaker, witness)
        self.fence(witness, speaker)

    def waits_for_timers(self) -> None:
        """Wait until nothing can come any more: at once, or where a clock runs in the program, long
        enough for a line that a timer sends late."""
        self._stage.wait_until(lambda: False, LATE)

    def reads_to_the_end(self, *clients: Client) -> None:
        """Each half-closes in turn and reads to the end of file: then nothing can come any more."""
        for client in clients:
            client.reads_to_the_end()

    # -- scenes that several checks share

    def goes_on(self, ani: Client, citra: Client) -> Client:
        """The room works after somebody left: three lines there, one back, a newcomer who hears.

        Returns the newcomer.

        Three, each awaited: the first send to a dead peer still succeeds, so a server that cuts
        the others off does so from the second line on.
        """
        # Whoever left: what the program makes of it is done, before the others talk.
        self.server.notices()
        self._rounds += 1
        for number in (1, 2, 3):
            citra.sees(ani.says(f"masih ada {number}, {self._rounds}"))
        ani.sees(citra.says(f"masih ada juga {self._rounds}"))
        (pendatang,) = self.join(f"pendatang {self._rounds}")
        pendatang.sees(citra.says(f"selamat datang {self._rounds}"))
        said = pendatang.says(f"terima kasih {self._rounds}")
        ani.sees(said)
        citra.sees(said)
        return pendatang

    def goes_on_beside(self, silent: Client, ani: Client, citra: Client) -> None:
        """The same while ``silent`` has been asked for its name and does not answer.

        Where it fails the story says so: that client has done nothing for many lines by then.
        """
        try:
            self.goes_on(ani, citra)
        except StoryFailed:
            self._stage.note(silent.name, FILE, What.MEASURE, "silent")
            raise

    def has_seen_to_work(self, check: str) -> None:
        """What ``check`` is about works; a failure from here on is about the words only."""
        self._stage.setting.known_facts.saw(check)
