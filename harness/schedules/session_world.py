"""A session in the deterministic world: its acts told one by one, and judged from what came.

Everything is at rest before the next act, so each client must have got just what this act brings
it, and nothing else; what is missing then will never come by itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from harness.contract import replies
from harness.contract.message import Message
from harness.contract.protocol import ACCEPTED, REFUSED, REQUEST, decode
from harness.contract.replies import Answer
from harness.schedules.acts import Act, Verb
from harness.schedules.cycles import CALM

# Whoever stops reading has room for all that comes: for so many bytes.
ROOM = 1 << 30
_GOING = frozenset((Verb.LEAVE, Verb.RESET, Verb.HALF_CLOSE))


@dataclass(frozen=True, slots=True)
class Leniency:
    """What is not judged, as the checks that are about it have failed."""

    # The form of chat lines; what the sender gets back; the words of the handshake.
    form: bool = False
    echo: bool = False
    handshake: bool = False


STRICT = Leniency()


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Where the server and the model part: in which act, whose, what should have come."""

    act: int
    who: str
    expected: str
    seen: str


def cycle_of(acts: Sequence[Act]) -> dict[str, Any]:
    """The acts as a cycle for the launcher: one phase for each, nobody switched."""
    phases = [{act.who: [_step(act)]} for act in acts]
    return {"storm": "session", "seed": 0, "policy": CALM, "phases": phases, "raw": True}


def _step(act: Act) -> list[Any]:
    """The act in the words of the launcher's participants, which are those of the journal."""
    if act.data:
        return ["bytes", act.data.decode("latin-1")]
    return [str(act.verb), ROOM] if act.verb is Verb.STOP_READING else [str(act.verb)]


def is_beyond_control(cycle: dict[str, Any]) -> bool:
    """Whether the program does what cannot be put under control, or never rests."""
    return str(cycle["end"]).partition(":")[0] in ("unsupported", "stalled", "budget")


def disagreement(
    acts: Sequence[Act], cycle: dict[str, Any], lenient: Leniency = STRICT
) -> Disagreement | None:
    """The first one in the report of a session, None where server and model agree."""
    came: dict[tuple[int, str], bytes] = defaultdict(bytes)
    ended: dict[str, int] = {}
    for phase, who, what, text in cycle["journal"]:
        if what == "raw":
            came[phase, who] += text.encode("latin-1")
        elif what in ("end_by_server", "reset_by_server"):
            ended.setdefault(who, phase)
    told = max((phase for phase, *_ in cycle["journal"]), default=-1)
    there: dict[str, None] = {}
    for number, act in enumerate(acts):
        if number > told:
            return Disagreement(number, act.who, "server berjalan", str(cycle["end"]))
        if act.verb is Verb.CONNECT:
            there[act.who] = None
        elif act.verb in _GOING or act.verb is Verb.STOP_READING:
            there.pop(act.who, None)
        for who in there:
            gone = ended.get(who, number + 1) <= number
            if gone and who not in act.doubtful:
                return Disagreement(number, who, "koneksi tetap ada", "koneksi diputus")
            if gone:
                continue
            is_silenced = ended.get(act.who, number + 1) <= number
            wrong = _wrong(act, who, came[number, who], is_silenced, lenient)
            if wrong is not None:
                return Disagreement(number, who, *wrong)
    return None


def _wrong(
    act: Act, who: str, raw: bytes, is_silenced: bool, lenient: Leniency
) -> tuple[str, str] | None:
    """What the act should have brought ``who``, and what came instead; None where it is right.

    ``is_silenced``: who acts has been cut off by now.
    """
    if who == act.who and act.verb is Verb.CONNECT:
        right = lenient.handshake or replies.meant_lines(raw) == [REQUEST]
        return None if right else (REQUEST, decode(raw))
    if who == act.who and act.answer is not None:
        return _wrong_answer(act.answer, raw, lenient)
    lines = [line.text for line in replies.chat(raw)]
    due = list(act.due.get(who, ()))
    if act.is_risky and who == act.who:
        # It may be told so, or taken for somebody.
        return None
    if act.is_risky:
        lines = [line for line in lines if not line.startswith(f"{act.name}: ")]
    if is_silenced and not lines:
        return None
    if who == act.who and lenient.echo:
        return None
    if lenient.form:
        missing = [said.line for said in due if said.text.encode() not in raw]
        return (missing[0], decode(raw)) if missing else None
    return _first_difference(due, lines)


def _wrong_answer(wanted: Answer, raw: bytes, lenient: Leniency) -> tuple[str, str] | None:
    meant = replies.answer(raw)
    if lenient.handshake and meant is Answer.OTHER:
        meant = Answer.ACCEPTED
    word = ACCEPTED if wanted is Answer.ACCEPTED else REFUSED
    if meant is not wanted:
        return word, decode(raw)
    if lenient != STRICT:
        # Words of its own, an echo of what was said in the same segment, a welcome behind.
        return None
    if wanted is Answer.ACCEPTED:
        return None if replies.meant_lines(raw) == [ACCEPTED] else (word, decode(raw))
    return None if replies.exact_refusal(raw) else (f"{word} / {REQUEST}", decode(raw))


def _first_difference(due: Sequence[Message], lines: Sequence[str]) -> tuple[str, str] | None:
    for said, line in zip(due, lines, strict=False):
        if said.line != line:
            return said.line, line
    if len(due) > len(lines):
        return due[len(lines)].line, ""
    return ("", lines[len(due)]) if len(lines) > len(due) else None
