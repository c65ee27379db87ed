"""What this run has learned of the program so far: how it is reached, how it speaks, what works.

This is how one fault costs its own points only. A program that was seen to write ``NICK`` without
a line feed fails `nickname.request`; every later story knows about it and reads accordingly. And a
check whose requirement failed is still run when the thing required was *seen* to work in spite of
the failure (`demonstrated`).
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Acquaintance:
    """Facts about one submission, shared by all checks of a run."""

    # Checks whose point was seen to work at least once, whatever their verdict.
    demonstrated: set[str] = field(default_factory=set)
    # Where it listens in spite of what it was told, if it was seen to: (host, port).
    listens_at: tuple[str, int] | None = None
    # False once it was seen to ask for no nickname at all: the client then speaks first.
    asks: bool = True
    # True once it was seen to ask, or to accept, in words of its own: any text is then taken for it.
    asks_otherwise: bool = False
    accepts_otherwise: bool = False
    # Of the client: prompts of SPEC section 1 that it was seen not to show; and whether it was seen
    # to take a whole recv for a word of the handshake, which must then come without a line feed.
    own_prompts: set[str] = field(default_factory=set)
    wants_bare_words: bool = False
    # False once it was seen to end its request, or its chat lines, without a line feed.
    frames_request: bool = True
    frames_chat: bool = True
    # False once it was seen to keep a connection open that its client had closed.
    closes: bool = True

    def saw(self, check: str) -> None:
        """Remember that what ``check`` is about was seen to work."""
        self.demonstrated.add(check)
