"""A cycle that somebody plays by hand: a list of moves decides everything, and the rest waits.

The list is played from the start each time; where it ends, the process reports how things stand
and ends too. The moves:

    step KEY          the thread goes on to its next line, or until it has to wait
    run KEY           the thread goes on until it has to wait
    until KEY POINTS  the thread goes on to its point of that number (of a schedule that was found)
    rest              all threads go on, calmly, until none can
    act WHO WHAT TEXT a client does something: connect, claim, say, half_close, leave, reset
    time              the virtual clock goes on to the next moment that a thread waits for

A move that nobody can make is left out and noted in `skipped`: the program may have changed since
the list was made. A thread that was just started runs up to its first line by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .network import Network
from .participants import QUIET, SETTLE, Actor, Cycle
from .task import Place, Runner, Task
from .told import shared_values, threads_told

if TYPE_CHECKING:
    from .scheduler import Scheduler

# Of a thread: the moves by which it goes on.
GOING = ("step", "run", "until")
# Points that one move may take: a thread that goes round and round has none that ends it.
MOST_POINTS = 20_000


class GuidedClient(Actor):
    """A client that does what the moves say, and waits for nothing."""

    def _got(self, line: str) -> None:
        super()._got(line)
        if line == "OK" and self.name:
            self.story.mark(f"{self.key}.joined")

    def do_claim(self, *names: str) -> None:
        """Answer with this name."""
        self.name = names[0]
        self.do_quick(self.name)


class Hand:
    """Can always go on, so that the scheduler asks at every point; performs what no thread does."""

    key = "hand"
    order = 1 << 60
    preempted = False

    def __init__(self, story: ByHand) -> None:
        self.story = story

    def step(self) -> None:
        self.story.perform()


class ByHand(Cycle):
    """The story, its environment and its policy in one: all of it is in the list of moves."""

    def __init__(self, scheduler: Scheduler, network: Network, moves: list[list[Any]]) -> None:
        super().__init__(scheduler, network, [])
        self.moves = moves
        self.at = 0
        self.phase = 0
        self.hand = Hand(self)
        self.move: list[Any] = []
        self.points = 0
        self.lines_before = 0
        # A move that had to wait for a new thread to begin, and the lines when it began.
        self.interrupted: tuple[list[Any], int] | None = None
        # Whether something happened since everything was at rest.
        self.is_stirred = False
        # Of each move: the entries of the journal and the lines there were when it began.
        self.begun: list[list[int]] = []
        self.skipped: list[int] = []
        scheduler.lines = []

    # The environment.

    def enabled(self) -> list[Any]:
        return [self.hand]

    def at_rest(self) -> None:
        """Never asked: the hand can always go on."""

    # The policy.

    def wants(self, task: Task) -> bool:
        """At a point of the running thread: whether its move ends here."""
        self.points += 1
        if self.points > MOST_POINTS:
            return True
        kind = self.move[0] if self.move else "step"
        if kind == "step":
            return len(self.scheduler.lines or ()) > self.lines_before
        if kind == "until":
            return bool(task.points >= self.move[2])
        return False

    def pick(self, place: Place, default: Runner, runners: list[Any]) -> Any:
        """Who goes next: as the moves say, and a thread that is new first of all."""
        able = [runner for runner in runners if runner is not self.hand]
        new = [task for task in able if not task.line]
        if new and self.move and self.move[0] in ("step", "run"):
            if self.interrupted is None:
                self.interrupted = (self.move, self.lines_before)
            return self._go(new[0], ["step", new[0].key])
        if self.interrupted is not None:
            move, lines = self.interrupted
            self.interrupted = None
            starter = next((task for task in able if task.key == move[1]), None)
            if starter is not None and starter.waits is not None and starter.waits[0] == "signal":
                # Thread.start() has waited until the new thread runs: the step is not done yet.
                self._go(starter, move)
                self.lines_before = lines
                return starter
        if self.move and self.move[0] == "rest" and self.points <= MOST_POINTS:
            if able:
                return default if default is not self.hand else able[0]
            self.move = []
        while self.at < len(self.moves):
            move = self.moves[self.at]
            if move[0] == "rest" and able:
                self._begin(move)
                return default if default is not self.hand else able[0]
            if move[0] not in GOING:
                break
            wanted = next((t for t in self.scheduler.tasks if t.key == move[1]), None)
            if wanted is not None and wanted.lazy:
                wanted.lazy = False
                self._begin(move)
                return self._go(wanted, move)
            if wanted in able:
                self._begin(move)
                assert wanted is not None
                return self._go(wanted, move)
            self._leave_out(move)
        return self.hand

    def release(self, parked: list[Task]) -> Task:
        return parked[0]

    def _go(self, task: Task, move: list[Any]) -> Task:
        self.move = move
        self.points = 0
        self.is_stirred = True
        self.lines_before = len(self.scheduler.lines or ())
        return task

    def _begin(self, move: list[Any]) -> None:
        self.begun.append([len(self.journal), len(self.scheduler.lines or ())])
        self.at += 1
        self.move = move
        self.points = 0

    def _leave_out(self, move: list[Any]) -> None:
        self.skipped.append(self.at)
        self._begin(move)

    # What no thread does.

    def perform(self) -> None:
        """The next move, if it is nobody's; without any more of them the story is over."""
        scheduler = self.scheduler
        if self.at >= len(self.moves):
            self.done = True
            scheduler.over("done")
            return
        move = self.moves[self.at]
        kind = move[0]
        if kind == "act":
            self._note_rest()
            self._begin(move)
            self._act(*move[1:])
        elif kind == "time":
            deadline = scheduler.next_deadline()
            if deadline is None:
                self._leave_out(move)
            else:
                self._begin(move)
                scheduler.advance(deadline)
        elif kind == "rest":
            self._begin(move)
        else:
            self._leave_out(move)

    def _note_rest(self) -> None:
        """Where all is at rest a new phase begins, as in a story that is told."""
        if self.is_stirred and self.rests():
            scheduler = self.scheduler
            scheduler.now += SETTLE
            self.note("", "rest", QUIET if scheduler.is_quiet() else "")
            self.phase += 1
            self.is_stirred = False

    def rests(self) -> bool:
        """Whether no thread can go on."""
        self.scheduler._refresh()
        return not any(task.runnable for task in self.scheduler.tasks)

    def _act(self, who: str, what: str, text: str) -> None:
        actor = self.actors.setdefault(who, GuidedClient(who, self))
        if what == "connect":
            port = self.network.front_door()
            if actor.stream is not None or port is None or not port.has_room():
                self.skipped.append(self.at - 1)
                return
        elif actor.stream is None or actor.left:
            self.skipped.append(self.at - 1)
            return
        self.is_stirred = True
        getattr(actor, f"do_{what}")(*([text] if what in ("claim", "say") else []))

    # The report.

    def extra(self) -> dict[str, Any]:
        """How things stand: threads, clients, what they share; and where each move began."""
        waiting = {id(stream) for port in self.network.ports for stream in port.pending}
        return {
            "rests": self.rests(),
            "threads_told": threads_told(self.scheduler),
            "clients": {
                key: {
                    "unread": bytes(actor.stream.received).decode("utf-8", "replace"),
                    "is_waiting": id(actor.stream) in waiting,
                }
                for key, actor in self.actors.items()
                if actor.stream is not None
            },
            "shared": shared_values(),
            "begun": self.begun,
            "skipped": self.skipped,
            "has_deadline": self.scheduler.next_deadline() is not None,
        }
