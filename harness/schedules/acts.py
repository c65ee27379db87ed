"""An act: one thing that one client does in a session, with what it must bring to whom.

The same acts are played in the deterministic world (`session_world`) and over real sockets
(`session_play`), and judged against the same dues. `expansion` makes them out of steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from harness.contract.message import Message
from harness.contract.replies import Answer


class Verb(StrEnum):
    """What a client does, in the words of the journal where it has one."""

    CONNECT = "connect"
    ANSWER = "answer"
    SAY = "say"
    SEND = "send"
    LEAVE = "leave"
    RESET = "reset"
    HALF_CLOSE = "half_close"
    STOP_READING = "stop_reading"


@dataclass(frozen=True, slots=True)
class Act:
    """One client does one thing; ``due`` are the messages it brings, by client.

    ``data``: the bytes that go out, as one segment. ``name``: the nickname claimed; ``answer``: how
    the server must answer it. ``doubtful``: clients that need not be connected any more; what one
    of them says is due only while it is. ``is_risky``: this act may cost the client its connection,
    and a line of its ``name`` may come of it, or none.
    """

    who: str
    verb: Verb
    data: bytes = b""
    name: str = ""
    answer: Answer | None = None
    said: tuple[Message, ...] = ()
    due: Mapping[str, tuple[Message, ...]] = field(default_factory=dict)
    doubtful: frozenset[str] = frozenset()
    is_risky: bool = False
    # Whose name is asked for again and again until it is free, over real sockets.
    is_return: bool = False
