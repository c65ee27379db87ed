"""Names and texts at the edges of the contract (SPEC section 1), by number. Pure."""

from __future__ import annotations

import random

from harness.record.draw import SEPARATORS

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_WIDE = "ÉéÜñøžλжשע你好世界日本"


def edge_name(number: int, draw: random.Random) -> str:
    """A valid nickname of the kind ``number``, from 0 to 8."""

    def some(letters: str, count: int) -> str:
        return "".join(draw.choices(letters, k=count))

    return (
        lambda: some(_LETTERS, 5).upper() + some("0123456789", 3),
        lambda: some(_LETTERS, 6).capitalize() + some("0123456789", 2),
        lambda: some(_LETTERS + _LETTERS.upper() + _WIDE, 1),
        lambda: some(_LETTERS, 20),
        lambda: some(_WIDE, 20),
        lambda: some("0123456789", 6),
        lambda: f"{some(_WIDE, 1)}{some(_LETTERS, 4)}_1*",
        lambda: f"{some(_LETTERS, 3)}.{some(_LETTERS, 3)}-{some('0123456789', 2)}!",
        lambda: f"{some(_LETTERS, 4)}😀{some(_LETTERS, 2)}",
    )[number]()


def invalid_name(number: int, draw: random.Random) -> str:
    """A nickname that must be refused, of the kind ``number``, from 0 to 13.

    Without what `SEPARATORS` has: who takes that for a line end is told of it elsewhere.
    """
    one, other = ("".join(draw.choices(_LETTERS, k=4)) for _ in range(2))
    return (
        "",
        "   ",
        "".join(draw.choices(_LETTERS, k=21)),
        "".join(draw.choices(_LETTERS, k=draw.randrange(30, 200))),
        f"{one} {other}",
        f"{one}\t{other}",
        f"{one}\u2003{other}",
        f"{one}\xa0{other}",
        f"{one}\x07{other}",
        f"{one}\x1b{other}",
        f"{one}\x7f{other}",
        f"{one}:{other}",
        f"*{one}",
        ":",
    )[number]


def disguised(number: int, speaker: str, other: str, text: str) -> str:
    """A message of ``speaker`` that looks like something else, of the kind ``number``, 0 to 14."""
    return (
        f"{other}: {text}",
        "NICK",
        "OK",
        f"ERR {text}",
        f"* {text}",
        f"{text}: a: b",
        "/quit",
        f"/{text}",
        "exit",
        "quit",
        "7",
        "x",
        ":",
        "None",
        f"{speaker}: {text}",
    )[number]


def separated(number: int, text: str) -> str:
    """A message with one of the ``SEPARATORS`` inside."""
    first, _, rest = text.partition(" ")
    return f"{first}{SEPARATORS[number]}{rest}"


def bad_bytes(number: int) -> bytes:
    """A line that is not UTF-8: alone, behind letters, a character cut off; from 0 to 2."""
    return (b"\xff\xfe\x80 \xc3(\n", b"halo \xff\n", "é".encode()[:1] + b"\n")[number]
