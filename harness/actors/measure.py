"""What is seen of the server from outside: whether it rests, its threads, its open sockets."""

from __future__ import annotations

from harness.actors.server_program import FILE, ServerProgram
from harness.contract.symptoms import Failure, NotRunHere, StoryFailed, Symptom
from harness.program import observe
from harness.program.idle import IdleWatch
from harness.record.journal import What

# Seconds for a program to come to rest where nothing but a better moment hangs on it.
NOTICE = 0.5
# Seconds from one look that finds it at rest to another; longer where rest cannot be seen.
SEEN_REST, UNSEEN_REST = 0.001, 0.05
# The same where the verdict hangs on it. Threads that flood a client all sleep for the moment in
# which its buffer is full; every look empties that, so several looks never find them so.
LASTING_REST = 0.05


class Measure:
    """The measurements of one server."""

    def __init__(self, server: ServerProgram) -> None:
        self._server = server
        self._stage = server.stage

    def notices(self) -> None:
        """Let it see what has just happened: wait until it rests, if it ever does."""
        known = self._stage.setting.known_facts
        if known.rests:
            known.restless = 0 if self.settles(NOTICE) else known.restless + 1

    def settles(self, bound: float | None = None, moment: float = SEEN_REST) -> bool:
        """Wait until it rests: has ended, or every thread sleeps and no processor time is used.

        ``moment`` is for how many seconds it must, where that can be seen.
        """
        program = self._server.running
        rest = IdleWatch(program)
        lasting = UNSEEN_REST if observe.snapshot(program.pid) is None else moment
        return self._stage.wait_until(lambda: rest.has_lasted(lasting), bound, is_passive=False)

    def rests(self) -> None:
        """With nobody talking it burns no processor time."""
        program = self._server.running
        # One that has ended uses none.
        if program.status is None and observe.snapshot(program.pid) is None:
            raise observe.unseen()
        if not self.settles(moment=LASTING_REST):
            quiet = {"id": "semua diam", "en": "everybody was silent"}
            raise StoryFailed(Failure(FILE, Symptom.SPINS, {"after_what": quiet}, by_clock=True))

    def count_threads(self) -> int:
        """Its threads, once it rests: one that only sends a line does not count.

        Of a program that is known not to rest, the fewest that are seen for a moment.
        """
        self.notices()
        pid = self._server.running.pid
        fewest = observe.threads(pid)
        if not self._stage.setting.known_facts.rests:

            def has_ended() -> bool:
                nonlocal fewest
                fewest = min(fewest, observe.threads(pid))
                return False

            self._stage.wait_until(has_ended, NOTICE, is_passive=False)
        return self._counted(fewest, "threads")

    def must_show_sockets(self) -> None:
        """Where the system does not say which sockets are the program's, they are not judged."""
        if observe.hides_sockets(self._server.running.pid):
            raise NotRunHere("no_socket_view")

    def count_sockets(self) -> int:
        """Its open sockets now."""
        return self._counted(observe.sockets(self._server.running.pid), "sockets")

    def has_threads(self, before: int, more: int) -> None:
        """It has at least ``more`` threads than ``before``."""
        pid = self._server.running.pid
        enough = self._stage.wait_until(lambda: observe.threads(pid) >= before + more)
        now = self.count_threads()
        if not enough:
            facts = {"before": before, "after": now, "clients": more}
            raise StoryFailed(Failure(FILE, Symptom.FEW_THREADS, facts, by_clock=True))

    def _counted(self, count: int, what: str) -> int:
        self._stage.note(FILE, "", What.MEASURE, f"{what} {count}")
        return count
