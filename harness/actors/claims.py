"""What is wrong with the lines that came to a simulated client: pure functions over them.

Each looks for one kind of fault and returns the first, or None. A message counts as seen once its
drawn, unique text has come, however it is framed or decorated (SPEC section 6.1); only
`not_exact` judges the form.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from harness.contract import protocol, replies
from harness.contract.message import Message
from harness.contract.protocol import Line
from harness.contract.symptoms import Symptom

# What may stand round a name or a text in lines of another form.
DECORATION = " \t:<>[]()-|"


@dataclass(frozen=True)
class Fault:
    """What is wrong: the line that came ``at`` this byte, or one that is ``missing``."""

    symptom: Symptom
    facts: dict[str, object] = field(default_factory=dict)
    at: int | None = None
    missing: str | None = None
    by_clock: bool = False


def is_here(said: Message, raw: bytes | bytearray) -> bool:
    """Whether the message has come, whatever stands around it."""
    return said.text.encode() in raw


def came(said: Message, raw: bytes, symptom: Symptom, reader: str) -> Fault | None:
    """A message that ``reader`` should not have got."""
    if not is_here(said, raw):
        return None
    line = next((line for line in protocol.lines(raw) if said.text in line.text), None)
    seen = said.text if line is None else line.as_sent
    facts: dict[str, object] = {"line": said.line, "seen": seen, "name": reader}
    return Fault(symptom, facts, at=raw.find(said.text.encode()))


def came_as_chat(said: Message, raw: bytes, reader: str) -> Fault | None:
    """A chat line with this text, which ``reader`` should not have got; a notice may hold it."""
    if any(line.text.endswith(": " + said.text) for line in protocol.lines(raw)):
        return came(said, raw, Symptom.NOT_IN_ROOM, reader)
    return None


def disturbed(raw: bytes, start: int, reader: str) -> Fault | None:
    """Anything that came from byte ``start`` on, notices apart."""
    for line in replies.chat(raw, start):
        if protocol.is_notice(line.text):
            continue
        facts: dict[str, object] = {"seen": line.as_sent, "line": "", "name": reader}
        return Fault(Symptom.UNWANTED_LINE, facts, at=line.at)
    return None


def misnamed(messages: Iterable[Message], raw: bytes, said: Mapping[str, str]) -> Fault | None:
    """A message whose line does not name who said it. ``said``: all texts, and who said them.

    A program that names nobody is not judged here: that is another check's.
    """
    lines = protocol.lines(raw)
    if not any(t in line.text and name in line.text for line in lines for t, name in said.items()):
        return None
    for message in messages:
        line = next((line for line in lines if message.text in line.text), None)
        # In which letters the name is written is for `not_exact` to judge.
        if line is None or message.speaker.casefold() not in line.text.casefold():
            seen = "" if line is None else line.as_sent
            facts: dict[str, object] = {"line": message.line, "seen": seen}
            return Fault(Symptom.OTHER_LINE, facts, at=None if line is None else line.at)
    return None


def torn(messages: Sequence[Message], chat: Iterable[Line]) -> Fault | None:
    """A line that holds a part of one of ``messages`` and none of them whole."""
    for line in chat:
        piece = line.text.replace(messages[0].speaker, "").strip(DECORATION)
        meant = next((said for said in messages if piece and piece in said.text), None)
        if meant is not None and not any(said.text in line.text for said in messages):
            facts: dict[str, object] = {"line": meant.line, "seen": line.as_sent}
            return Fault(Symptom.OTHER_LINE, facts, at=line.at)
    return None


# What may be left of a line that was no text: bytes that are no UTF-8, and one far too long.
GARBLED = ("\ufffd" * 3, "\\xff", "ÿþ", "???", "x" * 100)


# Characters from which on a text tells whose line it is in.
TELLING = 3


def stray(
    chat: Sequence[Line],
    names: Sequence[str],
    said: Iterable[str],
    halves: Iterable[str],
    refused: Collection[str],
) -> Fault | None:
    """A line that is neither chat nor a notice: it holds nothing that anybody said.

    ``said``: the texts of the story, whole; ``halves``: those never finished; ``refused``: the
    names that were refused. A piece of a text, an empty message, a refused name told as chat, and
    what became of bytes that are no text are for other checks to judge.
    """
    known = [*said, *halves]
    for line in chat:
        text = line.text.strip()
        bare = text
        for name in sorted(names, key=len, reverse=True):
            bare = bare.replace(name, "", 1)
        bare = bare.strip(DECORATION)
        is_piece = bool(bare) and any(bare in each for each in known)
        # A text of a letter or two stands in any line.
        is_known = any(each in text for each in known if len(each) >= TELLING)
        is_known = is_known or any(each in text for each in GARBLED)
        spoken = text.partition(": ")[2]
        is_known = is_known or (bool(spoken) and spoken in refused)
        is_about_nobody = bool(text) and not bare and not any(name in text for name in names)
        if line.is_whole and (is_about_nobody or (bare and not is_piece and not is_known)):
            return Fault(Symptom.STRAY_LINE, {"seen": line.as_sent}, at=line.at)
    return None


def empty(chat: Sequence[Line], said: Collection[str], names: Sequence[str]) -> Fault | None:
    """A line that looks like an empty message of one of ``names``. ``said``: all texts."""
    for line, following in pairwise([*chat, Line("", 0, False, "")]):
        # A name alone is another check's matter, where the next line goes on with the text, or
        # with what is said of whoever has come (" joined").
        is_torn = bool(line.text.strip()) and (
            following.text.lstrip(": ") in said
            or (":" not in line.text and following.text.startswith(" "))
        )
        if line.is_whole and replies.is_empty_chat(line.text, list(names)) and not is_torn:
            return Fault(Symptom.EMPTY_SENT, {"seen": line.as_sent}, at=line.at)
    return None


def mixed(messages: Iterable[Message], chat: Sequence[Line]) -> Fault | None:
    """A line that holds the texts of two of ``messages``: what two threads sent at once."""
    due = list(messages)
    whole = {one.line for one in due}
    for line in chat:
        if line.is_whole and line.text not in whole:
            found = sum(one.text in line.text for one in due if len(one.text) >= TELLING)
            if found > 1:
                return Fault(Symptom.LINES_MIXED, {"seen": line.as_sent}, at=line.at)
    return None


def all_in_turn(said: Mapping[bytes, tuple[str, int]], chat: bytes, but: str) -> bool:
    """Whether ``chat`` is just these lines, each once, each speaker's in order, and notices.

    ``said``: for each line its speaker and its place among theirs; those of ``but`` are not due.
    So it is found quickly that a reader in a large crowd has all; what is wrong it does not say.
    """
    *lines, rest = chat.split(b"\n")
    next_of: dict[str, int] = {}
    whole = [line for line in lines if not line.startswith(b"* ")]
    for line in whole:
        speaker, number = said.get(line, ("", 0))
        if not speaker or speaker == but or next_of.get(speaker, 0) != number:
            return False
        next_of[speaker] = number + 1
    return not rest and len(whole) == sum(speaker != but for speaker, _ in said.values())


def out_of_order(
    said: Mapping[str, Sequence[Message]], chat: Sequence[Line], reader: str
) -> Fault | None:
    """A line of one speaker that came before an earlier one of the same, or once again.

    ``said``: what each speaker said, in order.
    """
    owner = {one.text: one for messages in said.values() for one in messages}
    next_of = dict.fromkeys(said, 0)
    for line in chat:
        # The text alone: whose line it is, and whether that shows, is another check's.
        one = owner.get(line.text.partition(": ")[2]) or owner.get(line.text)
        # A notice without a line feed stands before it, or the name in another form.
        one = one or next((owner[text] for text in owner if line.text.endswith(text)), None)
        if one is None or not line.is_whole:
            continue
        wanted, number = said[one.speaker], next_of[one.speaker]
        facts: dict[str, object] = {"seen": line.as_sent, "name": reader}
        if any(one is before for before in wanted[:number]):
            return Fault(Symptom.CAME_TWICE, facts, at=line.at)
        if wanted[number] is not one:
            facts["line"] = wanted[number].line
            return Fault(Symptom.WRONG_ORDER, facts, at=line.at)
        next_of[one.speaker] = number + 1
    return None


def not_exact(messages: Sequence[Message], chat: Sequence[Line]) -> Fault | None:
    """Anything but the lines of ``messages``, to the letter, each ended by a line feed.

    In which order and how often they came is another check's: each line stands for itself.
    """
    expected = {said.line for said in messages}
    whole = [line for line in chat if line.is_whole]
    rest = next((line for line in chat if not line.is_whole), None)
    came = {line.text for line in whole}
    for line in whole:
        if line.text not in expected:
            # A line is another form of a message only if that has not come as it should.
            return _strange(line, [said for said in messages if said.line not in came])
    for said in messages:
        if said.line not in came:
            seen = "" if rest is None else rest.as_sent
            is_unframed = seen.startswith(said.line)
            symptom = Symptom.CHAT_UNFRAMED if is_unframed else Symptom.OTHER_LINE
            return Fault(
                symptom, {"line": said.line, "seen": seen}, missing=said.line, by_clock=True
            )
    # More may be on its way: one of them once again, or a notice.
    if rest is None or any(line.startswith(rest.text) for line in (*expected, "* ")):
        return None
    return None if protocol.is_notice(rest.text) else _strange(rest, messages)


def _strange(line: Line, messages: Sequence[Message]) -> Fault:
    """A line that is none of ``messages``: another form of one, or a stranger."""
    meant = [said for said in messages if said.text in line.text]
    facts: dict[str, object] = {"seen": line.as_sent}
    if not meant:
        return Fault(Symptom.STRAY_LINE, facts, at=line.at)
    one = max(meant, key=lambda said: len(said.text))
    facts["line"] = one.line
    if line.text == one.text and one.text.startswith(f"{one.speaker}: "):
        # It comes as it was said: with one name where there must be two.
        facts |= {"name": one.speaker, "said": one.text}
        return Fault(Symptom.NAME_NOT_ADDED, facts, at=line.at)
    return Fault(Symptom.OTHER_LINE, facts, at=line.at)
