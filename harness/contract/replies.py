"""What a server's answer means, read leniently: by a person's eyes, not by the letter.

Beginners' servers forget the line feed, use other words, put a welcome before or behind. Whether
an answer is *exactly* right is judged in one check; all others only need to know what was meant.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from harness.contract import protocol
from harness.contract.protocol import Line


class Answer(Enum):
    """How a server answered a nickname."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    OTHER = "other"


def meant_lines(raw: bytes) -> list[str]:
    """The lines in ``raw``, the unfinished one too, without notices and blank ones."""
    lines = [line.text.strip("\r") for line in protocol.lines(raw)]
    return [line for line in lines if line.strip() and not protocol.is_notice(line)]


def is_request(raw: bytes) -> bool:
    """Whether ``raw`` is a nickname request in the words of SPEC section 1, line feed or not."""
    return any(line.strip().upper().startswith(protocol.REQUEST) for line in meant_lines(raw))


def answer(raw: bytes) -> Answer | None:
    """What the bytes after a nickname mean; None while they mean nothing yet."""
    lines = meant_lines(raw)
    for line in lines:
        if line.startswith(protocol.ACCEPTED):
            return Answer.ACCEPTED
        if line.startswith((protocol.REFUSED, protocol.REQUEST)):
            return Answer.REFUSED
    return Answer.OTHER if lines else None


def asks_again(raw: bytes) -> bool:
    """Whether a refusal in ``raw`` is followed by the request, a notice behind it or none.

    The reason is free text: in ``ERR isi NICK`` the word is no request, in ``ERR salahNICK`` it is
    one without the line feed before it.
    """
    *_, last = ["", *meant_lines(raw)]
    before, word, rest = last.strip().rpartition(protocol.REQUEST)
    return bool(word) and not rest and before.rstrip() == before


def without_request(raw: bytes) -> bytes:
    """``raw`` without a request at its beginning, as far as that has come."""
    line, feed, rest = raw.partition(b"\n")
    word = line.removesuffix(b"\r")
    if word == protocol.REQUEST.encode():
        return rest
    return raw if feed or not protocol.REQUEST.encode().startswith(word) else b""


def exact_request(raw: bytes) -> bool:
    """Whether the first line of a connection is ``NICK`` to the letter (notices let pass)."""
    whole, _ = protocol.split_lines(raw)
    lines = [line for line in map(protocol.decode, whole) if not protocol.is_notice(line)]
    return bool(lines) and lines[0] == protocol.REQUEST


def exact_acceptance(raw: bytes) -> bool:
    """Whether the first line after a nickname is ``OK`` to the letter (notices let pass)."""
    whole, _ = protocol.split_lines(raw)
    lines = [line for line in map(protocol.decode, whole) if not protocol.is_notice(line)]
    return bool(lines) and lines[0] == protocol.ACCEPTED


def exact_refusal(raw: bytes, frames_request: bool = True) -> bool:
    """Whether the lines after a nickname are ``ERR <reason>`` and ``NICK``, to the letter.

    Without ``frames_request`` the request may lack its line feed: that is another check's fault.
    """
    whole, rest = protocol.split_lines(raw)
    lines = [line for line in map(protocol.decode, whole) if not protocol.is_notice(line)]
    if not frames_request and rest == protocol.REQUEST.encode():
        lines, rest = [*lines, protocol.REQUEST], b""
    return len(lines) == 2 and not rest and _is_refusal(lines[0]) and lines[1] == protocol.REQUEST


def odd_in_refusal(lines: Sequence[Line]) -> Line | None:
    """The first of the ``lines`` of a refusal that is not as it must be, or is one too many.

    Where each is right and the request is not among them, it stands in the last one.
    """
    for number, line in enumerate(lines):
        is_right = (
            line.is_whole and line.text == protocol.REQUEST
            if number == 1
            else number == 0 and _is_refusal(line.text)
        )
        if not is_right:
            return line
    return lines[-1] if lines else None


def _is_refusal(line: str) -> bool:
    return line == protocol.REFUSED or line.startswith(protocol.REFUSED + " ")


def chat(raw: bytes, start: int = 0) -> list[Line]:
    """The lines from byte ``start`` on that are no notices, blank ones and an unfinished one too.

    Where a line that began before ``start`` is still to be ended, its end is left out.
    """
    found = protocol.lines(raw, protocol.next_line(raw, start))
    return [line for line in found if not (line.is_whole and protocol.is_notice(line.text))]


def is_empty_chat(line: str, names: list[str]) -> bool:
    """Whether ``line`` is what an empty message looks like once sent: a name and nothing said."""
    for name in names:
        # Once: "ani: ani" is a name that was said.
        line = line.replace(name, "", 1)
    return not line.strip(" \t\r:<>[]()-|")
