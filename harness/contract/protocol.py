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
# What a logger may put before a console line: a tag in brackets, a bullet, a date or time, a level,
# the name of a thread or process of Python's own.
_AFTER = r"(?:\s*[:|/>-]+\s*|\s+)"
_LEVEL = re.compile(
    rf"(?:DEBUG|INFO|WARN(?:ING)?|ERROR|CRITICAL|FATAL|NOTICE|LOG)(?::[\w.]+:\s*|{_AFTER})",
    re.IGNORECASE,
)
_MONTHS = (
    "jan(?:uari|uary)?|feb(?:ruari|ruary)?|mar(?:et|ch)?|apr(?:il)?|may|mei|jun[ie]?|jul[iy]?"
    "|aug(?:ust)?|agt|agu(?:stus)?|sept?(?:ember)?|o[ck]t(?:ober)?|nov(?:ember)?|de[cs](?:ember)?"
)
_DAYS = (
    "mon(?:day)?|tue(?:sday)?|wed(?:nesday)?|thu(?:rsday)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?"
    "|sen(?:in)?|sel(?:asa)?|rab(?:u)?|kam(?:is)?|jum(?:at)?|sab(?:tu)?|min(?:ggu)?"
)
_DECORATION = re.compile(
    r"(?:\[[^\]]*\]|\([^)]*\)|[^\w\s*\[(]+)\s*"
    rf"|\d[\d:.,/T+-]*Z?{_AFTER}"
    rf"|(?:{_MONTHS}|{_DAYS}|am|pm|utc|gmt|wi[bt]|wita)[.,]?{_AFTER}"
    rf"|Main(?:Thread|Process){_AFTER}"
    rf"|(?:Thread|Process|Dummy|\w*Executor)-[\d_-]+\s*(?:\([^)]*\))?{_AFTER}",
    re.IGNORECASE,
)
# Where a field of a log ends, whatever stands in it. A colon ends a logger's name only: it ends a
# nickname, too.
_FIELD_ENDS = re.compile(r"(?:[-–—|>»\])}=~•·→]|::)\s+$|[\])}>|»]$")
_LOGGER = re.compile(r"(?:root|__main__|(?:chat[_-]?)?server|chat|log):\s*$", re.IGNORECASE)
_NAME_OF_A_LOGGER = re.compile(r"(?:[\w.-]+\s+)?[\w.-]+(?:\[\d+\])?:\s+$")
_BARE_NAME = re.compile(r"[\w.]+\s+$")
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
    """Whether a console line says ``wanted``; a logger's fields may stand before it, and colours.

    What stands before it must end as a field of a log ends, or be made of what loggers print:
    words of a sentence do not.

    >>> is_console_line("[12:00] INFO ani: halo", "ani: halo")
    True
    >>> is_console_line("2026-11-28 10:00:00,123 - chat - INFO - ani: halo", "ani: halo")
    True
    >>> is_console_line("pesan dari ani: halo", "ani: halo")
    False
    """
    text, wanted = plain(line), wanted.strip()
    before = text.removesuffix(wanted)
    if not text.endswith(wanted) or len(before) > _LONGEST_DECORATION:
        return False
    if _FIELD_ENDS.search(before) or _LOGGER.fullmatch(before):
        return True
    is_logged = has_level = False
    while before:
        if level := _LEVEL.match(before):
            has_level = True
        decoration = level or _DECORATION.match(before)
        if not decoration:
            break
        is_logged, before = True, before[decoration.end() :]
    speaker = wanted.partition(":")[0]
    if not before or before.split()[-1].rstrip(":") == speaker:
        return not before
    return bool(
        (is_logged and _NAME_OF_A_LOGGER.fullmatch(before))
        or (has_level and _BARE_NAME.fullmatch(before))
    )
