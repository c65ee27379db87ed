"""The wire format of the chat as pure functions (SPEC section 1)."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

ENCODING = "utf-8"
DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 55555
MAX_LINE = 4096
MAX_NICKNAME = 20

BANNER = "Server menunggu koneksi..."
REQUEST = "NICK"
ACCEPTED = "OK"
REFUSED = "ERR"

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
# What a logger may put before a console line: a tag in brackets, a bullet, a date or time, a level.
_DECORATION = re.compile(
    r"(?:\[[^\]]*\]|\([^)]*\)|[^\w\s*\[(]+)\s*"
    r"|\d[\d:.,/T+-]*Z?(?:\s*[:|>-]+\s*|\s+)"
    r"|(?:DEBUG|INFO|WARNING|ERROR|CRITICAL|LOG)(?::[\w.]+:\s*|\s*[:|>-]+\s*|\s+)",
    re.IGNORECASE,
)
_LONGEST_DECORATION = 200


def encode(line: str) -> bytes:
    """The bytes of one line on the wire, its line feed included."""
    return line.encode(ENCODING) + b"\n"


def decode(raw: bytes) -> str:
    """The text of one received line; bytes that are not UTF-8 stay visible as ``\\xff``."""
    return raw.decode(ENCODING, "backslashreplace")


def split_lines(buffer: bytes) -> tuple[list[bytes], bytes]:
    """The whole lines in ``buffer``, without ``\\n`` and one ``\\r`` before it, and the rest."""
    *whole, rest = buffer.split(b"\n")
    return [line.removesuffix(b"\r") for line in whole], rest


class Line(NamedTuple):
    """A line that came: its text, the byte at which it began, and whether it was ended.

    ``as_sent`` is the text with a ``\\r`` that stood before its end.
    """

    text: str
    at: int
    is_whole: bool
    as_sent: str


def lines(raw: bytes, start: int = 0) -> list[Line]:
    """The lines in ``raw`` from byte ``start`` on; a last one without its end is not whole.

    Only ``\n`` ends a line: U+2028, ``\x0b``, ``\x85`` and their like are part of the text.
    """
    *whole, rest = raw[start:].split(b"\n")
    found = []
    for line in whole:
        found.append(Line(decode(line.removesuffix(b"\r")), start, True, decode(line)))
        start += len(line) + 1
    if rest:
        found.append(Line(decode(rest), start, False, decode(rest)))
    return found


def next_line(raw: bytes, offset: int) -> int:
    """The byte at which the next line begins: ``offset``, or behind a line end that is due there.

    A program that sent a line without its end may send the end with the next one.
    """
    if offset and raw[offset - 1 : offset] != b"\n":
        rest = raw[offset : offset + 2]
        return offset + len(rest) - len(rest.removeprefix(b"\r").removeprefix(b"\n"))
    return offset


def is_notice(line: str) -> bool:
    """Whether ``line`` is a server's notice: optional, shown by clients, let pass by the grader."""
    return line.startswith("* ")


def chat_line(nickname: str, text: str) -> str:
    """What every other joined client must see when ``nickname`` said ``text``."""
    return f"{nickname}: {text}"


def joined_line(ip: str, nickname: str) -> str:
    """What the server prints when a client has joined."""
    return f"Client {ip} terhubung dengan nickname: {nickname}"


def is_valid_nickname(name: str) -> bool:
    """1 to 20 characters, no white space, control characters or ``:``, no ``*`` in front."""
    return (
        1 <= len(name) <= MAX_NICKNAME
        and not name.startswith("*")
        and not any(c == ":" or c.isspace() or unicodedata.category(c) == "Cc" for c in name)
    )


def plain(line: str) -> str:
    """A console line without colours and without white space at either end."""
    return _ANSI.sub("", line).replace("\r", "").strip()


def is_console_line(line: str, wanted: str) -> bool:
    """Whether a console line says ``wanted``; colours, a time stamp or a tag before it may stand.

    >>> is_console_line("[12:00] INFO ani: halo", "ani: halo")
    True
    >>> is_console_line("pesan dari ani: halo", "ani: halo")
    False
    """
    text, wanted = plain(line), wanted.strip()
    before = text.removesuffix(wanted)
    if not text.endswith(wanted) or len(before) > _LONGEST_DECORATION:
        return False
    while before and (decoration := _DECORATION.match(before)):
        before = before[decoration.end() :]
    return not before
