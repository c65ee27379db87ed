"""What this run has learned of the program so far: how it is reached, how it speaks, what works.

This is how one fault costs its own points only. A program that was seen to write ``NICK`` without
a line feed fails `nickname.request`; every later story knows about it and reads accordingly. And a
check whose requirement failed is still run when the thing required was *seen* to work in spite of
the failure (`demonstrated`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from harness.actors import calling
from harness.actors.spares import Spares

# So many checks in a row are told in spite of a requirement that failed, and lost by it, before the
# rest waits for it: each costs a whole wait.
MOST_LOST = 4
# So often in a row it may not come to rest in time before nobody waits for that any more: a busy
# machine can do that once.
MOST_RESTLESS = 3


@dataclass(slots=True)
class KnownFacts:
    """Facts about one submission, shared by all checks of a run."""

    # Of the client: how it is told its address, None before anybody has asked; and the port that
    # is written in it, if it connects there whatever it is told.
    client_way: tuple[str, ...] | None = None
    client_port: int | None = None
    # True once it was seen to connect nowhere while somebody who is no grader has the default port:
    # it may have found somebody there.
    is_client_astray: bool = False
    # Checks whose point was seen to work at least once, whatever their verdict.
    demonstrated: set[str] = field(default_factory=set)
    # Where it listens in spite of what it was told, if it was seen to: (host, port).
    listens_at: tuple[str, int] | None = None
    # The port that it asks for whatever it is told, if somebody who is no grader was seen to have
    # it.
    wants_port: int | None = None
    # How it is called (`calling`), and its status and last words when it refused the usual way.
    called: tuple[str, ...] = calling.USUAL
    refusal: tuple[int | None, str] = (None, "")
    # True once it was started and looked for; and whether it then listened nowhere, to the end of
    # the bound.
    is_met: bool = False
    # Servers started beforehand, where a start takes long.
    spares: Spares = field(default_factory=Spares)
    never_listened: bool = False
    # False once it was seen to ask for no nickname at all: the client then speaks first.
    asks: bool = True
    # True once it was seen to ask, or to accept, in words of its own: any text then stands for it.
    asks_otherwise: bool = False
    accepts_otherwise: bool = False
    # Of the client: prompts of SPEC section 1 that it was seen not to show; and whether it was seen
    # to take a whole recv for a word of the handshake, which must then come without a line feed.
    own_prompts: set[str] = field(default_factory=set)
    wants_bare_words: bool = False
    # True once the client was seen to send another name than the one that was typed.
    changes_names: bool = False
    # False once it was seen to end its request, or its chat lines, without a line feed.
    frames_request: bool = True
    frames_chat: bool = True
    # False once it was seen to keep a connection open that its client had closed.
    closes: bool = True

    # How often in a row it did not come to rest though nobody talked; the same of the client.
    restless: int = 0
    client_restless: int = 0
    # Why its threads cannot be put in order, in each language, once that was seen.
    unexplorable: Mapping[str, str] = field(default_factory=dict)
    # How often in a row a check was lost because what it stands on, seen to work, then did not.
    lost: Counter[str] = field(default_factory=Counter)

    @property
    def rests(self) -> bool:
        """Whether it is worth while to wait until it rests."""
        return self.restless < MOST_RESTLESS

    def saw(self, check: str) -> None:
        """Remember that what ``check`` is about was seen to work."""
        if self.lost[check] < MOST_LOST:
            self.demonstrated.add(check)

    def failed_again(self, check: str) -> None:
        """What ``check`` is about did not work once more; after a few times nobody relies on it."""
        self.lost[check] += 1
        if self.lost[check] >= MOST_LOST:
            self.demonstrated.discard(check)

    def worked_again(self, checks: Iterable[str]) -> None:
        """What these checks are about worked well enough for another check to pass."""
        for check in checks:
            self.lost[check] = 0
