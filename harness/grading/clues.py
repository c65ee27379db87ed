"""What the evidence of a failure says of where in the server it comes from, beside the rubric.

Pure but for reading the submission's file. The functions are those of the skeleton:
`suspects` looks where they are in this one.
"""

from __future__ import annotations

import ast
import codecs
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from harness.actors.server_program import FILE
from harness.contract import protocol
from harness.contract.symptoms import Symptom
from harness.grading.results import Verdict
from harness.record.journal import What

# Each as the file and the function of the skeleton.
_ASKS, _LETS_IN, _TAKES_PART = ((FILE, name) for name in ("ask_nickname", "join", "take_part"))
_CHATS, _BROADCASTS = (FILE, "chat"), (FILE, "broadcast")
_GOES = (What.LEAVE, What.RESET, What.HALF_CLOSE)
# Methods of a socket, or of the file made of one, that read from it.
_READS = frozenset(("recv", "recv_into", "recvfrom", "readline", "readlines", "makefile"))
# What is done with the socket that clients come in by, and with no client's connection.
_LISTENS = frozenset(("accept", "bind", "listen"))


def functions_behind(verdict: Verdict, folder: Path) -> Sequence[tuple[str, str]]:
    """The functions from which a line can have come that nobody should have got; none if unknown.

    A message that came back comes from where it is sent to all, or from who says whose it is, as
    far as ``folder``'s file shows which of them. An answer to a nickname comes from where names are
    asked for; what is said of somebody who has just gone, from where a member is cleaned up after.
    """
    failure = verdict.failure
    if failure and (verdict.check, failure.symptom) == ("broadcast.not_to_sender", Symptom.ECHO):
        return _behind_an_echo(folder)
    if failure is None or failure.symptom is not Symptom.STRAY_LINE:
        return ()
    line = str(failure.facts.get("seen", "")).strip()
    if line in (protocol.ACCEPTED, protocol.REQUEST) or line.startswith(protocol.REFUSED):
        return (_ASKS, _LETS_IN)
    gone = {event.who for event in verdict.story if event.what in _GOES}
    return (_TAKES_PART,) if any(name in line for name in gone) else ()


def _behind_an_echo(folder: Path) -> Sequence[tuple[str, str]]:
    """Where the sender is not looked at, or where the line is given as the sender; else none.

    Of functions as in the skeleton: who sends to all takes the line and the sender.
    """
    functions = {node.name: node for node in _nodes(folder) if isinstance(node, ast.FunctionDef)}
    chats, sends = functions.get(_CHATS[1]), functions.get(_BROADCASTS[1])
    if chats is None or sends is None or len(sends.args.args) != 2:
        return ()
    sender = sends.args.args[1].arg
    if not any(isinstance(each, ast.Name) and each.id == sender for each in ast.walk(sends)):
        return (_BROADCASTS,)
    lines = {arg.arg for arg in chats.args.args}
    said = {
        loop.target.id
        for loop in ast.walk(chats)
        if isinstance(loop, ast.For) and isinstance(loop.target, ast.Name)
        if isinstance(loop.iter, ast.Name) and loop.iter.id in lines
    }
    calls = [
        call
        for call in ast.walk(chats)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == sends.name
    ]
    given = [
        value
        for call in calls
        for value in (*call.args[1:2], *(k.value for k in call.keywords if k.arg == sender))
    ]
    is_line = [isinstance(value, ast.Name) and value.id in said for value in given]
    return (_CHATS,) if calls and len(given) == len(calls) and all(is_line) else ()


def lines_behind(verdict: Verdict, folder: Path) -> list[str]:
    """The lines that read from a socket, where what was read and not finished was dealt with wrong.

    As ``server.py:70``; none where the failure is of another kind or the file cannot be read.
    """
    failure = verdict.failure
    kinds = (("disconnect.mid_line", Symptom.HALF_LINE), ("broadcast.long_line", Symptom.HUNG_UP))
    if failure is None or (verdict.check, failure.symptom) not in kinds:
        return []
    return [f"{FILE}:{call.lineno}" for call, how in _method_calls(folder) if how.attr in _READS]


def served_alone(verdict: Verdict) -> str:
    """The first client, where it was let in and stays, and the second one gets no answer.

    Else empty.
    """
    failure = verdict.failure
    if failure is None or verdict.check != "nickname.accept":
        return ""
    if failure.symptom not in (Symptom.NO_REQUEST, Symptom.NO_REPLY):
        return ""
    came = [event.who for event in verdict.story if event.what is What.CONNECT]
    let_in = {
        event.to
        for event in verdict.story
        if event.what is What.SEE and event.text.strip() == protocol.ACCEPTED
    }
    gone = {event.who for event in verdict.story if event.what in _GOES}
    is_alone = len(came) == 2 and let_in == {came[0]} and came[1] == failure.who and not gone
    return came[0] if is_alone else ""


def asks_under_a_lock(folder: Path) -> bool:
    """Whether the function that asks for names holds something while it does, or may wait for it.

    Of a function as in the skeleton.
    """
    asks = (n for n in _nodes(folder) if isinstance(n, ast.FunctionDef) and n.name == _ASKS[1])
    return any(
        isinstance(each, ast.With) or (isinstance(each, ast.Attribute) and each.attr == "acquire")
        for function in asks
        for each in ast.walk(function)
    )


def has_other_letters(verdict: Verdict, folder: Path) -> bool:
    """Whether a valid name with letters beyond ASCII was refused, and ordinary ones were not.

    What nobody sees is no letter: there it is the condition, unless the file decodes otherwise.
    """
    failure = verdict.failure
    if failure is None or failure.symptom is not Symptom.ODD_REFUSED:
        return False
    name = str(failure.facts.get("name", ""))
    is_seen = all(unicodedata.category(letter) != "Cf" for letter in name)
    return not name.isascii() and (is_seen or bool(decodes_otherwise(folder)))


def decodes_otherwise(folder: Path) -> list[str]:
    """The lines that make text of bytes with an encoding that is named and is not UTF-8.

    As ``server.py:70``.
    """
    found = []
    for call in (node for node in _nodes(folder) if isinstance(node, ast.Call)):
        how = call.func
        place = {"str": 1, "decode": 0}.get(
            how.id if isinstance(how, ast.Name) else getattr(how, "attr", ""), len(call.args)
        )
        named = [
            *call.args[place : place + 1],
            *(each.value for each in call.keywords if each.arg == "encoding"),
        ]
        if any(isinstance(each, ast.Constant) and _is_other(each.value) for each in named):
            found.append(f"{FILE}:{call.lineno}")
    return found


def _is_other(encoding: object) -> bool:
    """Whether this is the name of an encoding in which letters are other bytes than in UTF-8."""
    try:
        return codecs.lookup(str(encoding)).name not in ("utf-8", "utf-8-sig")
    except (LookupError, ValueError):
        return False


def time_limits(verdict: Verdict, folder: Path) -> list[str]:
    """The lines that limit the time of a client's connection, where one that reads no more shows.

    `settimeout` is for sending too: the others wait for as long. As ``server.py:70``.
    """
    if verdict.failure is None or verdict.check != "concurrency.slow_reader":
        return []
    calls = _method_calls(folder)
    doors = {ast.dump(how.value) for _, how in calls if how.attr in _LISTENS}
    return [
        f"{FILE}:{call.lineno}"
        for call, how in calls
        if (how.attr == "settimeout" and ast.dump(how.value) not in doors)
        or how.attr == "setdefaulttimeout"
        if not any(isinstance(each, ast.Constant) and each.value is None for each in call.args)
    ]


def _method_calls(folder: Path) -> list[tuple[ast.Call, ast.Attribute]]:
    """Each ``x.name(...)`` of the server's file; none where that cannot be read."""
    return [
        (node, node.func)
        for node in _nodes(folder)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]


def _nodes(folder: Path) -> list[ast.AST]:
    """Everything in the server's file, as Python reads it; none where that cannot be read."""
    try:
        return list(ast.walk(ast.parse((folder / FILE).read_bytes())))
    except (OSError, SyntaxError, ValueError, RecursionError):
        return []
