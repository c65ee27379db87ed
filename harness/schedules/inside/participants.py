"""The people of the story: each follows its steps, one step at a time when the scheduler says so.

A step is a list, its first word the verb. What happens to anybody is written to the journal, in
the order in which it happened. The judging is done elsewhere, from the journal alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .network import Network, Stream

if TYPE_CHECKING:
    from .scheduler import Scheduler

# Virtual seconds: how long an actor waits for an answer, and how long a late echo may take.
PATIENCE = 30.0
SETTLE = 2.5
# The same as a number of wake-ups, for programs that look at the clock every millisecond.
PATIENT_WAKES = 4000
SETTLE_WAKES = 300
# What a client does, in the journal's words.
ACTS = ("connect", "claim", "say", "half_close", "leave", "reset")
# Noted when only an actor can make anything happen: no thread spins, none waits for a time.
QUIET = "quiet"


class Actor:
    """One simulated client."""

    def __init__(self, key: str, story: Cycle) -> None:
        self.key = key
        self.story = story
        self.steps: list[list[Any]] = []
        self.stream: Stream | None = None
        self.lines: list[str] = []
        self.partial = b""
        self.hung = False
        self.left = False
        self.room: int | None = None
        self.state = "new"
        self.name = ""
        self.order = 0
        self.preempted = False
        self.was_enabled = False

    # The peer's side: called when the server sends.

    @property
    def gone(self) -> bool:
        return self.left

    def space(self) -> int:
        return 1 << 30 if self.room is None else max(self.room, 0)

    def deliver(self, data: bytes) -> None:
        if self.room is not None:
            self.room -= len(data)
            return
        if self.story.raw:
            self.story.note(self.key, "raw", data.decode("latin-1"))
            return
        *whole, self.partial = (self.partial + data).split(b"\n")
        for line in whole:
            self._got(line.removesuffix(b"\r").decode("utf-8", "replace"))
        # A request without a line end is understood, so that this fault costs its points once.
        if self.partial in (b"NICK", b"OK"):
            self.story.unframed = True
        self.story.scheduler.dirty = True

    def _got(self, line: str) -> None:
        self.story.note(self.key, "got", line)
        self.lines.append(line)

    def hung_up(self, reset: bool) -> None:
        self.hung = True
        if not self.left:
            self.story.note(self.key, "reset_by_server" if reset else "end_by_server", "")

    # The story's side.

    def can_step(self) -> bool:
        if not self.steps:
            return False
        verb, *rest = self.steps[0]
        if verb == "connect":
            port = self.story.network.front_door()
            return port is not None and port.has_room()
        if verb == "asked":
            return self._find("NICK") or self.hung
        if verb == "answered":
            return self._find("OK") or self._find("ERR") or self.hung
        if verb == "after":
            return rest[0] in self.story.marks or self.hung
        if verb == "say" and self.story.polite and self.stream is not None:
            # Only after the line before was read: two lines in one segment belong to another check.
            return not self.stream.received or self.hung
        return True

    def _find(self, word: str) -> bool:
        return any(line == word or line.startswith(word + " ") for line in self.lines)

    def _take(self, word: str) -> bool:
        for line in self.lines:
            if line == word or line.startswith(word + " "):
                self.lines.remove(line)
                return True
        return False

    def step(self) -> None:
        verb, *rest = self.steps.pop(0)
        getattr(self, f"do_{verb}")(*rest)

    def do_connect(self) -> None:
        network = self.story.network
        port = network.front_door()
        assert port is not None
        self.stream = network.call(port, self, self.key)
        self.story.note(self.key, "connect", "")

    def do_asked(self) -> None:
        self._take("NICK")

    def do_claim(self, *names: str) -> None:
        """Ask for the first name, after a refusal for the next; without any left, leave."""
        if not names:
            self.story.mark(f"{self.key}.refused")
            self.do_half_close()
            self.steps.clear()
            return
        self.name = names[0]
        self.steps[0:0] = [["asked"], ["try", *names]]

    def do_try(self, *names: str) -> None:
        self.story.note(self.key, "claim", names[0])
        self._send(names[0] + "\n")
        self.steps[0:0] = [["answered"], ["retry", *names[1:]]]

    def do_quick(self, name: str) -> None:
        """Answer with a name and do not wait for what comes back."""
        self.story.note(self.key, "claim", name)
        self._send(name + "\n")

    def do_answered(self) -> None:
        pass

    def do_retry(self, *names: str) -> None:
        if self._take("OK"):
            self.story.mark(f"{self.key}.joined")
        elif self._take("ERR"):
            self.steps.insert(0, ["claim", *names])
        else:
            self.steps.clear()

    def do_after(self, mark: str) -> None:
        pass

    def do_say(self, text: str) -> None:
        # A client that was refused and left says nothing.
        if f"{self.key}.joined" not in self.story.marks:
            return
        self.story.note(self.key, "say", text)
        self._send(text + "\n")

    def do_bytes(self, data: str) -> None:
        """Bytes that the grader judges by itself, each written as one character."""
        if self.stream is not None and not self.left:
            self.stream.deliver(data.encode("latin-1"))

    def do_stop_reading(self, room: int) -> None:
        self.room = room
        self.story.note(self.key, "stop_reading", "")

    def do_half_close(self) -> None:
        """End sending, and read until the server closes."""
        self.story.note(self.key, "half_close", "")
        if self.stream is not None and not self.left:
            self.stream.end()
        self.story.mark(f"{self.key}.left")

    def do_leave(self) -> None:
        self.story.note(self.key, "leave", "")
        if self.stream is not None and not self.left:
            self.left = True
            self.stream.end()
        self.story.mark(f"{self.key}.left")

    def do_reset(self) -> None:
        self.story.note(self.key, "reset", "")
        if self.stream is not None and not self.left:
            self.left = True
            self.stream.reset()
        self.story.mark(f"{self.key}.left")

    def _send(self, text: str) -> None:
        if self.stream is not None and not self.left:
            self.stream.deliver(text.encode())


class Cycle:
    """One cycle: its phases, actors and journal. A phase ends when the program is idle."""

    def __init__(
        self,
        scheduler: Scheduler,
        network: Network,
        phases: list[dict[str, list[list[Any]]]],
        polite: bool = False,
        raw: bool = False,
    ) -> None:
        self.scheduler = scheduler
        self.network = network
        self.phases = list(phases)
        self.polite = polite
        # What comes is noted as it comes, not line by line.
        self.raw = raw
        self.actors: dict[str, Actor] = {}
        self.journal: list[list[Any]] = []
        self.marks: set[str] = set()
        self.unframed = False
        self.stuck: list[list[Any]] = []
        self.done = False
        self.why = "done"
        self.rest_since: float | None = None
        self.wakes = 0
        self.phase = -1

    def note(self, who: str, what: str, text: str) -> None:
        self.journal.append([self.phase, who, what, text])
        if self.scheduler.stints is not None and what in ACTS:
            self.scheduler.stints.append(["act", who, what, text])

    def extra(self) -> dict[str, Any]:
        """What the report says besides."""
        return {}

    def mark(self, mark: str) -> None:
        self.marks.add(mark)

    def enabled(self) -> list[Actor]:
        ready = []
        for actor in self.actors.values():
            if actor.can_step():
                if not actor.was_enabled:
                    actor.was_enabled = True
                    self.scheduler.clock += 1
                    actor.order = self.scheduler.clock
                ready.append(actor)
            else:
                actor.was_enabled = False
        if ready:
            self.rest_since = None
        return ready

    def at_rest(self) -> None:
        """No thread and no actor can go on: let virtual time pass, or begin the next phase."""
        scheduler = self.scheduler
        if self.phase >= 0:
            if self.rest_since is None:
                self.rest_since = scheduler.now
                self.wakes = 0
            waiting = [actor for actor in self.actors.values() if actor.steps]
            patience = PATIENCE if waiting else SETTLE
            wakes = PATIENT_WAKES if waiting else SETTLE_WAKES
            deadline = scheduler.next_deadline()
            if deadline is not None and deadline <= self.rest_since + patience:
                self.wakes += 1
                if self.wakes <= wakes:
                    scheduler.advance(deadline)
                    return
                if waiting:
                    self.why = "budget"
            if waiting:
                self.stuck = [[actor.key, *actor.steps[0]] for actor in waiting]
                self.why = "stuck" if self.why == "done" else self.why
                self.done = True
                scheduler.over("stuck")
                return
            scheduler.now = max(scheduler.now, self.rest_since + patience)
            self.note("", "rest", QUIET if scheduler.is_quiet() else "")
        self._turn()

    def _turn(self) -> None:
        self.rest_since = None
        self.phase += 1
        if self.phase >= len(self.phases):
            self.done = True
            self.scheduler.over("done")
            return
        for key, steps in self.phases[self.phase].items():
            actor = self.actors.setdefault(key, Actor(key, self))
            actor.steps.extend([list(step) for step in steps])
        self.scheduler.progress()
