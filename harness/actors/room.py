"""What a story calls `room`: clients by role, the proofs of absence, and what a crowd does."""

from __future__ import annotations

import contextlib

from harness.actors.cleanup import Cleanup
from harness.actors.server import Server
from harness.actors.server_program import FILE
from harness.actors.simulated_client import Client
from harness.actors.stage import Stage
from harness.contract import protocol
from harness.contract.message import Message
from harness.contract.replies import Answer
from harness.contract.symptoms import Failure, NotReached, StoryFailed, Symptom
from harness.program import observe, ports
from harness.program.process import Program
from harness.record.journal import What

# Bytes: what a sleeping client's receive buffer holds; a line of the flood; the most that is sent.
SMALL_BUFFER, LINE, MOST_FLOOD = 4096, 4000, 16_000_000
# Lines between two looks at how full the sleeper's connection is.
BATCH = 32
# Looks in a row that must find it as full as before. What is said meanwhile fills a queue of the
# program's own, if it has one and that has an end.
FULL_LOOKS = 8
# Seconds without news after which messages that are all here count as come without line feeds.
UNFRAMED = 0.5
# From this many members on each says one line only: the lines grow with the square.
LARGE_CROWD = 60
# Seconds within which a timer of the program must have gone off, to be judged.
LATE = 1.0
# Seconds to wait for the first word of a program that may have none.
VISIT = 0.5
# Of the attempts to get a name that is not free yet, so many are told in the story.
TOLD_ATTEMPTS = 2


class Room:
    """One story's clients and their server. Roles are drawn names on the wire (`record.draw`)."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.server = Server(stage)
        self.draw = stage.draw
        self.clients: list[Client] = []
        self.fences: list[Message] = []
        self._rounds = 0
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

    def last_words(self) -> str:
        """What they wrote to stderr at last, for the report."""
        return self.server.stderr_tail()

    # -- who is there

    def newcomer(self, role: str) -> Client:
        """Somebody who has not yet connected."""
        return self.newcomer_called(self.draw.name(role))

    def newcomer_called(self, name: str) -> Client:
        """Somebody who has not yet connected, with just this nickname."""
        client = Client(self._stage, self.server, name)
        self.clients.append(client)
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
            self._stage.wait_until(lambda c=client: bool(c.raw) or c.is_closed, VISIT)  # type: ignore[misc]
            with self._stage.journal.unjudged(), contextlib.suppress(StoryFailed):
                if client.raw:
                    client.joins()
        return clients

    def another_address(self) -> str | None:
        """An address of this machine that nobody guesses to come from, where it has several."""
        some = [str(self.draw.random.randrange(2, 250)) for _ in range(3)]
        host = f"127.{'.'.join(some)}"
        return host if ports.is_free(0, host) else None

    def nobody_saw_a_stray_line(self) -> None:
        """Whoever is in the room has seen chat lines and notices only, since it joined."""
        names = [client.name for client in self.clients]
        for client in self.clients:
            if client.is_joined:
                client.has_seen_no_stray_line(names)

    def nobody_saw_a_half_line(self) -> None:
        """Nobody in the room has seen a line that its sender never finished."""
        for text, speaker in self._stage.halves.items():
            for client in self.clients:
                if client.is_joined:
                    client.never_saw_half(Message(speaker, text))

    def holder_keeps_its_name(self, holder: Client, refused: Client, witness: Client) -> None:
        """Who was ``refused`` leaves: the name is taken still, and its holder hears the others.

        Where nobody can come in after that, or ``witness`` hears nothing either, it is not about
        this name.
        """
        refused.leaves()
        self.server.notices()
        other = self.newcomer(f"penguji {holder.name}")
        meant: Answer | None = None
        with contextlib.suppress(StoryFailed):
            other.is_asked()
            other.answers(holder.name)
            meant = other.gets_answer()
            if meant is Answer.REFUSED:
                other.joins_again()
        if other.is_joined and meant is Answer.ACCEPTED:
            facts: dict[str, object] = {
                "name": holder.name,
                "seen": protocol.decode(bytes(other.raw)),
            }
            raise StoryFailed(Failure(other.name, Symptom.NOT_REFUSED, facts))
        if other.is_joined and witness.is_joined:
            said = other.says(f"masih di sini, {holder.name}?")
            self._stage.wait_until(lambda: witness.has_seen(said))
            if witness.has_seen(said):
                holder.sees(said)

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

    def goes_on(self, ani: Client, citra: Client) -> None:
        """The room works after somebody left: three lines there, one back, a newcomer who hears.

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

    def exactly_one_gets(self, role: str, rivals: int) -> None:
        """Many who were asked answer with one name at the same instant: exactly one gets it."""
        name = self.draw.name(role)
        many = [self.newcomer(f"{role} {number}") for number in range(rivals)]
        self._are_asked_together(many)
        for rival in many:
            rival.answers(name)
        winners = [rival for rival in many if rival.gets_answer() is Answer.ACCEPTED]
        if len(winners) != 1:
            symptom = Symptom.MANY_WON if winners else Symptom.NOBODY_WON
            facts = {"name": name, "rivals": rivals, "winners": len(winners)}
            raise StoryFailed(Failure(FILE, symptom, facts))

    def _are_asked_together(self, many: list[Client]) -> None:
        """All stand at the door at once; a program that asks one at a time cannot be raced."""
        many[0].is_asked()
        try:
            for rival in many[1:]:
                rival.is_asked()
        except StoryFailed as failed:
            if failed.failure.symptom is Symptom.NO_REQUEST:
                raise NotReached("concurrency.silent_newcomer") from None
            raise

    def is_free_again(self, name: str) -> Client:
        """A newcomer gets ``name``. Refused, it tries again: the program may still be at it."""
        heir = self.newcomer_called(name)

        def comes_in() -> None:
            try:
                if heir.is_closed:
                    heir.starts_over()
                heir.is_asked()
            except StoryFailed:
                # Nobody can come in any more: that is not about this name.
                raise NotReached("disconnect.leave") from None

        comes_in()
        attempts = 0

        def has_it() -> bool:
            nonlocal attempts
            attempts += 1
            self._stage.journal.is_muted = attempts > TOLD_ATTEMPTS
            if heir.is_closed:
                comes_in()
            heir.answers(name)
            meant = heir.gets_answer()
            if meant is None and not heir.is_closed:
                facts = {"line": "OK", **self._stage.waited}
                silent = Failure(heir.name, Symptom.NO_REPLY, facts, by_clock=True)
                raise NotReached("disconnect.leave", silent)
            return meant is Answer.ACCEPTED

        is_free = self._stage.wait_until(has_it, is_passive=False)
        self._stage.journal.is_muted = False
        if not is_free:
            self._stage.note(heir.name, FILE, What.MEASURE, f"ERR x {attempts}")
            gone = {"id": "pemiliknya pergi", "en": "its holder left"}
            facts = {"name": name, "seen": heir.was_told_last(), "after_what": gone}
            raise StoryFailed(Failure(heir.name, Symptom.NAME_NOT_FREED, facts, by_clock=True))
        return heir

    def has_seen_to_work(self, check: str) -> None:
        """What ``check`` is about works; a failure from here on is about the words only."""
        self._stage.setting.known_facts.saw(check)

    def is_held(self, holder: Client) -> None:
        """The name is taken: nobody else can have it."""
        other = self.newcomer(f"peniru {holder.name}")
        other.is_asked()
        other.is_refused(holder.name, holder)

    def joins_and_stops_reading(self, role: str) -> Client:
        """Somebody joins, then falls asleep: its small receive buffer is soon full."""
        sleeper = self.newcomer(role)
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
                self.server.notices()
            now = observe.unsent(self.server.address, sleeper.address)
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
        self.server.notices()
        for client in stay:
            said[client.name].append(client.says(f"akhirnya {client.name}"))
        return said

    def crowd(self) -> list[Client]:
        """As many members as ``--clients`` asks for."""
        count = self._stage.setting.clients
        return list(self.join(*(f"anggota {number}" for number in range(count))))

    def all_talk_at_once(self, crowd: list[Client]) -> dict[str, list[Message]]:
        """Every member says a few lines, nobody waits for anybody."""
        lines_each = 3 if len(crowd) <= LARGE_CROWD else 1
        texts = self.draw.texts(lines_each * len(crowd))
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

        def is_complete() -> bool:
            for client in [c for c in missing if c.is_closed or has_all(c)]:
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
                self._stage.wait_until(is_complete, progress=has_come)
        for client in listeners:
            client.sees_each_in_order(said)
