"""What is said under load, by whom, and when it is due. Pure: numbers in, a table out.

Open loop: a message is due at a fixed time, whatever became of the ones before it. A loop that
waits for an answer before it asks again says nothing while the server stands still, and so leaves
the worst times out ("coordinated omission", Gil Tene, *How NOT to Measure Latency*, 2013).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from harness.contract import protocol

# So many of the clients speak, taking turns; all of them listen.
MOST_SPEAKERS = 10
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Due:
    """One message: its text, the number of its speaker among the clients, and when it is due.

    ``due`` is in seconds from the beginning of its part.
    """

    text: str
    speaker: int
    due: float


def nicknames(drawn: random.Random, count: int) -> list[str]:
    """So many different nicknames, drawn."""
    stem = "".join(drawn.choices(_LETTERS, k=5))
    return [f"{stem}{number}" for number in range(count)]


def at_once(drawn: random.Random, clients: int, messages: int) -> list[Due]:
    """So many messages that are all due at the beginning."""
    return _table(drawn, clients, [0.0] * messages)


def at_rate(drawn: random.Random, clients: int, messages: int, rate: float) -> list[Due]:
    """So many messages, ``rate`` of them a second, at equal distances."""
    return _table(drawn, clients, [number / rate for number in range(messages)])


def _table(drawn: random.Random, clients: int, times: Sequence[float]) -> list[Due]:
    speakers = drawn.sample(range(clients), min(MOST_SPEAKERS, clients))
    return [
        Due(_text(drawn, number), speakers[number % len(speakers)], due)
        for number, due in enumerate(times)
    ]


def _text(drawn: random.Random, number: int) -> str:
    """A text that no other message has: some 20 to 40 characters, as people chat."""
    return f"{''.join(drawn.choices(_LETTERS, k=drawn.randint(16, 36)))} {number}"


def wire(nickname: str, text: str) -> bytes:
    """The line that everybody else must see, without its end."""
    return protocol.chat_line(nickname, text).encode(protocol.ENCODING)
