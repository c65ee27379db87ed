"""What a server must have cleaned up after each departure, measured after each by itself.

Promises: the others go on, the name is free at once, the thread has ended, the socket is closed, no
CPU is used. Together with `departures` this is a table of ways of leaving times promises; which
cell failed is part of the evidence.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from typing import Protocol

from harness.actors.departures import CUT, DEPARTURES, LEAVE, ORDERLY, Departure, Host
from harness.actors.server_program import FILE
from harness.actors.simulated_client import Client
from harness.actors.stage import Stage
from harness.contract.symptoms import Failure, Inconclusive, NotReached, StoryFailed, Symptom
from harness.program import observe
from harness.record.journal import What

# The check that says whether somebody who gives no name holds up others.
SILENT = "concurrency.silent_newcomer"
# Seconds for the second look at a thread pool: whatever grows has grown by then.
SECOND_LOOK = 1.0


class CleanHost(Host, Protocol):
    """A room that can also say whether it goes on, and whether a name is free."""

    def goes_on(self, ani: Client, citra: Client) -> Client:
        """Members talk and a newcomer joins; returns the newcomer."""

    def is_free_again(self, name: str) -> Client:
        """A newcomer gets ``name``."""


class Cleanup:
    """The departures of one story, and what is measured after each."""

    def __init__(self, stage: Stage, room: CleanHost) -> None:
        self._stage = stage
        self._room = room

    def others_go_on(self, *names: str) -> None:
        """After each of the departures ``names`` the others talk on and newcomers join.

        The leaver has a member before it and one behind it, as in a list of members. A leaver that
        gives no name does not hold up the one behind it, if it was seen to hold up newcomers.
        """
        fair = self._of_those(names)
        if not fair:
            return
        front = self._joins("depan")
        for name in fair:
            departure = DEPARTURES[name]
            is_held_up = not departure.is_named and SILENT in self._stage.setting.failed
            behind = self._joins(f"belakang {name}") if is_held_up else None
            leaver = departure.comes(self._room, f"pergi {name}")
            behind = behind or self._joins(f"belakang {name}")
            departure.goes(self._room, leaver)
            newcomer = self._room.goes_on(front, behind)
            self._make_room(behind, newcomer)

    def names_are_free(self) -> None:
        """After each departure of a member its name can be taken again at once.

        Somebody has joined behind the leaver: it is not always the latest name that goes. Where
        one who leaves in order keeps its name, one who is cut off is tried as well.
        """
        fair = [(name, each) for name, each in self._fair() if each.is_named]
        if not fair:
            raise NotReached(LEAVE)
        for name, departure in fair:
            leaver = departure.comes(self._room, f"tamu {name}")
            behind = self._joins(f"belakang {name}")
            departure.goes(self._room, leaver)
            self._room.server.notices()
            with self._in_words(departure):
                try:
                    heir = self._room.is_free_again(leaver.name)
                except StoryFailed as failed:
                    is_told = name == ORDERLY and CUT in dict(fair)
                    if is_told and self._keeps_the_name_of_one_cut_off():
                        failed.failure = replace(failed.failure, symptom=Symptom.NAME_NEVER_FREED)
                    raise
            self._make_room(behind, heir)

    def _keeps_the_name_of_one_cut_off(self) -> bool:
        """Whether the name is not free again either of a member whose connection breaks off."""
        departure = DEPARTURES[CUT]
        with self._stage.journal.unjudged(), contextlib.suppress(NotReached):
            try:
                leaver = departure.comes(self._room, "tamu yang terputus")
                departure.goes(self._room, leaver)
                self._room.server.notices()
                self._room.is_free_again(leaver.name)
            except StoryFailed as failed:
                return failed.failure.symptom is Symptom.NAME_NOT_FREED
        return False

    def threads_end(self) -> None:
        """After each departure there are no more threads than before.

        A pool keeps its workers for the next client: then a second one must not add any, and
        none of them holds on to a socket.
        """
        server = self._room.server
        for name, departure in self._fair():
            before, sockets = server.count_threads(), server.count_sockets()
            self._comes_and_goes(name, departure)
            if self._falls_to(observe.threads, before):
                continue
            left = observe.threads(server.running.pid)
            pool = server.count_threads()
            self._comes_and_goes(f"{name} lagi", departure)
            is_pool = self._falls_to(observe.threads, pool, SECOND_LOOK)
            if not (is_pool and self._falls_to(observe.sockets, sockets, SECOND_LOOK)):
                raise self._left(Symptom.THREADS_LEFT, before, left, departure)

    def sockets_close(self) -> None:
        """After each departure there are no more sockets than before."""
        server = self._room.server
        for name, departure in self._fair():
            before = server.count_sockets()
            server.must_show_sockets()
            self._comes_and_goes(name, departure)
            if not self._falls_to(observe.sockets, before):
                left = observe.sockets(server.running.pid)
                raise self._left(Symptom.SOCKETS_LEFT, before, left, departure)

    def cpu_is_idle(self) -> None:
        """After each departure, with nobody talking, the server uses no processor time.

        An orderly end is tried in any case, as the last: that the others suffer from it does not
        make a thread run for ever.
        """
        fair = self._of_those(DEPARTURES)
        for name in dict.fromkeys([*fair, ORDERLY]):
            try:
                self._comes_and_goes(name, DEPARTURES[name])
            except (StoryFailed, NotReached):
                if name in fair:
                    raise
                raise NotReached(LEAVE) from None
            with self._in_words(DEPARTURES[name]):
                self._room.server.rests()
        if not fair:
            raise NotReached(LEAVE)

    def everybody_comes_and_goes(self) -> None:
        """All departures, one after the other; what goes wrong is for other checks to say."""
        for name, departure in self._fair():
            try:
                self._comes_and_goes(name, departure)
            except StoryFailed:
                return

    # -- one departure

    def _fair(self) -> Iterator[tuple[str, Departure]]:
        """The departures after which the others were not seen to suffer."""
        fair = self._of_those(DEPARTURES)
        if not fair:
            raise NotReached(LEAVE)
        for name in fair:
            yield name, DEPARTURES[name]

    def _of_those(self, names: Collection[str]) -> list[str]:
        """Those of the departures ``names`` that no failed check stands in the way of.

        That others were not tried becomes part of the verdict.
        """
        failed = self._stage.setting.failed
        why = {n: failed & {DEPARTURES[n].judged_by, *DEPARTURES[n].needs} for n in names}
        fair = [name for name in names if not why[name]]
        if len(fair) < len(names):
            checks = ", ".join(sorted(set().union(*why.values())))
            count, total = len(names) - len(fair), len(names)
            self._stage.not_asked = Inconclusive(
                "ways_left_out", count=count, total=total, checks=checks
            )
        return fair

    def _comes_and_goes(self, name: str, departure: Departure) -> Client:
        leaver = departure.comes(self._room, f"tamu {name}")
        departure.goes(self._room, leaver)
        # What the program makes of it is done; a pool has got back the thread.
        self._room.server.notices()
        return leaver

    def _make_room(self, *clients: Client) -> None:
        """They leave, if leaving works: a program need not have room for very many."""
        if LEAVE not in self._stage.setting.failed:
            for client in clients:
                client.leaves()

    def _joins(self, role: str) -> Client:
        client = self._room.newcomer(role)
        client.joins()
        return client

    # -- measuring

    def _falls_to(self, look: Callable[[int], int], count: int, bound: float | None = None) -> bool:
        pid = self._room.server.running.pid
        return self._stage.wait_until(lambda: look(pid) <= count, bound)

    def _left(self, symptom: Symptom, before: int, after: int, departure: Departure) -> StoryFailed:
        what = "threads" if symptom is Symptom.THREADS_LEFT else "sockets"
        self._stage.note(FILE, "", What.MEASURE, f"{what} {before} → {after}")
        facts = {"before": before, "after": after, "after_what": departure.told}
        return StoryFailed(Failure(FILE, symptom, facts, by_clock=True))

    def _in_words(self, departure: Departure) -> _AfterWhat:
        return _AfterWhat(departure)


class _AfterWhat:
    """A failure inside says after which departure it came."""

    def __init__(self, departure: Departure) -> None:
        self._departure = departure

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, StoryFailed):
            failure = error.failure
            facts = {**failure.facts, "after_what": self._departure.told}
            error.failure = Failure(failure.who, failure.symptom, facts, failure.by_clock)
