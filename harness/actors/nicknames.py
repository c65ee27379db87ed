"""Who has a nickname: it is held by one, goes to one of many, and is free again afterwards."""

from __future__ import annotations

import contextlib

from harness.actors.clients import Clients
from harness.actors.server_program import FILE
from harness.actors.simulated_client import Client
from harness.contract import protocol, replies
from harness.contract.nickname_rules import IN_USE
from harness.contract.replies import Answer
from harness.contract.symptoms import Failure, NotReached, StoryFailed, Symptom
from harness.record.journal import What

# Of the attempts to get a name that is not free yet, so many are told in the story.
TOLD_ATTEMPTS = 2


class Nicknames:
    """What a story says of a nickname and those who want it."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._stage = clients.stage
        # Whether several have claimed one name already.
        self._had_rivals = False

    def is_held(self, holder: Client) -> None:
        """The name is taken: nobody else can have it."""
        other = self._clients.newcomer(f"peniru {holder.name}")
        other.is_asked()
        other.is_refused(holder.name, holder)

    def had_to_choose_again(self, holder: Client) -> list[Client]:
        """One who was refused the name of ``holder`` and joined under another.

        Nobody where the program does not get that far: that is for other checks.
        """
        other = self._clients.newcomer(f"peminta {holder.name}")
        with self._stage.journal.unjudged(), contextlib.suppress(StoryFailed):
            other.is_asked()
            other.answers(holder.name)
            if other.gets_answer() is Answer.REFUSED:
                other.joins_again()
                return [other]
        return []

    def hears_after_refusal(self, listener: Client, speaker: Client) -> None:
        """What ``speaker`` says, who joined after a refusal, reaches ``listener``.

        Where what another says, who was never refused, does not reach it either, it is not about
        the refusal.
        """
        self._clients.server.notices()
        before = speaker.takes_note()
        said = speaker.says("halo sesudah ditolak")
        self._stage.wait_until(
            lambda: listener.has_seen(said) or listener.is_closed or speaker.is_closed
        )
        if listener.has_seen(said):
            return
        speaker.handshake.is_asked_no_more(said, before, listener.name)
        if self._hears_a_newcomer(listener):
            listener.sees(said)

    def _hears_a_newcomer(self, listener: Client) -> bool:
        """Whether ``listener`` hears one who joins now, at the first name."""
        with self._stage.journal.unjudged(), contextlib.suppress(StoryFailed):
            (other,) = self._clients.join("belum pernah ditolak")
            said = other.says("halo tanpa ditolak")
            self._stage.wait_until(lambda: listener.has_seen(said) or listener.is_closed)
            return listener.has_seen(said)
        return False

    def spaces_leave_no_name_behind(self, role: str) -> None:
        """A name with a space before and behind it is refused, or stripped and free again later.

        A program may strip it. One that checks the stripped name and keeps the other never frees
        it. Where a name without spaces is not free again either, it is not about the spaces.
        """
        guest = self._clients.newcomer(role)
        guest.is_asked()
        guest.answers(f" {guest.name} ")
        if guest.gets_answer() is not Answer.ACCEPTED:
            guest.steps_aside()
            return
        guest.leaves()
        with contextlib.suppress(NotReached):
            try:
                self.is_free_again(guest.name).leaves()
            except StoryFailed:
                if self._frees_a_plain_name(f"{role} polos"):
                    raise

    def _frees_a_plain_name(self, role: str) -> bool:
        """Whether the name of an ordinary member is free again once it has left."""
        with self._stage.journal.unjudged(), contextlib.suppress(StoryFailed):
            (plain,) = self._clients.join(role)
            plain.leaves()
            self.is_free_again(plain.name)
            return True
        return False

    def holder_keeps_its_name(self, holder: Client, refused: Client, witness: Client) -> None:
        """Who was ``refused`` leaves: the name is taken still, and its holder hears the others.

        Where nobody can come in after that, or ``witness`` hears nothing either, it is not about
        this name.
        """
        refused.leaves()
        self._clients.server.notices()
        other = self._clients.newcomer(f"penguji {holder.name}")
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
                "why": IN_USE,
                "seen": protocol.decode(bytes(other.raw)),
            }
            raise StoryFailed(Failure(other.name, Symptom.NOT_REFUSED, facts))
        if other.is_joined and witness.is_joined:
            said = other.says(f"masih di sini, {holder.name}?")
            self._stage.wait_until(lambda: witness.has_seen(said))
            if witness.has_seen(said):
                holder.sees(said)

    def exactly_one_gets(self, role: str, rivals: int) -> None:
        """Many who were asked answer with one name at the same instant: exactly one gets it.

        Where only some are asked, these are the rivals: a program need not serve very many.
        """
        name = self._stage.draw.name(role)
        many = self._are_asked_together(role, rivals)
        if not many:
            return
        for rival in many:
            rival.answers(name)
        winners = [rival for rival in many if rival.gets_answer() is Answer.ACCEPTED]
        if len(winners) != 1:
            for winner in winners:
                for line in replies.chat(bytes(winner.raw), winner.handshake.joined_at)[:1]:
                    winner.end.marks(line.at)
            symptom = Symptom.MANY_WON if winners else Symptom.NOBODY_WON
            facts = {"name": name, "rivals": len(many), "winners": len(winners)}
            raise StoryFailed(Failure(FILE, symptom, facts))

    def _are_asked_together(self, role: str, rivals: int) -> list[Client]:
        """Those who stand at the door at once; none once there was a race and there is no room.

        A program that asks one at a time cannot be raced.
        """
        asked: list[Client] = []
        try:
            for number in range(rivals):
                rival = self._clients.newcomer(f"{role} {number}")
                rival.is_asked()
                asked.append(rival)
        except StoryFailed as failed:
            is_silent = failed.failure.symptom is Symptom.NO_REQUEST
            if not is_silent or not (asked or self._had_rivals):
                raise
        if len(asked) < 2 and not self._had_rivals:
            raise NotReached("concurrency.silent_newcomer")
        self._had_rivals = True
        return asked

    def is_free_again(self, name: str) -> Client:
        """A newcomer gets ``name``. Refused, it tries again: the program may still be at it."""
        heir = self._clients.newcomer_called(name)

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
            self._stage.note(heir.name, FILE, What.MEASURE, f"refused {attempts}")
            self._stage.note(FILE, heir.name, What.MISSING, protocol.ACCEPTED)
            gone = {"id": "pemiliknya pergi", "en": "its holder left"}
            facts = {"name": name, "seen": heir.was_told_last(), "after_what": gone}
            raise StoryFailed(Failure(heir.name, Symptom.NAME_NOT_FREED, facts, by_clock=True))
        return heir
