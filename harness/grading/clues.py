"""What the evidence of a failure says of where in the server it comes from, beside the rubric.

Pure but for reading the submission's file. The functions are those of the skeleton:
`suspects` looks where they are in this one.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from pathlib import Path

from harness.actors.server_program import FILE
from harness.contract import protocol
from harness.contract.symptoms import Symptom
from harness.grading.results import Verdict
from harness.record.journal import What

# Each as the file and the function of the skeleton.
_ASKS, _LETS_IN, _TAKES_PART = ((FILE, name) for name in ("ask_nickname", "join", "take_part"))
_GOES = (What.LEAVE, What.RESET, What.HALF_CLOSE)
# Methods of a socket, or of the file made of one, that read from it.
_READS = frozenset(("recv", "recv_into", "recvfrom", "readline", "readlines", "makefile"))
# What is done with the socket that clients come in by, and with no client's connection.
_LISTENS = frozenset(("accept", "bind", "listen"))


def functions_behind(verdict: Verdict) -> Sequence[tuple[str, str]]:
    """The functions from which a line can have come that nobody should have got; none if unknown.

    An answer to a nickname comes from where names are asked for; what is said of somebody who has
    just gone, from where a member is cleaned up after.
    """
    failure = verdict.failure
    if failure is None or failure.symptom is not Symptom.STRAY_LINE:
        return ()
    line = str(failure.facts.get("seen", "")).strip()
    if line in (protocol.ACCEPTED, protocol.REQUEST) or line.startswith(protocol.REFUSED):
        return (_ASKS, _LETS_IN)
    gone = {event.who for event in verdict.story if event.what in _GOES}
    return (_TAKES_PART,) if any(name in line for name in gone) else ()


def lines_behind(verdict: Verdict, folder: Path) -> list[str]:
    """The lines that read from a socket, where what was read and not finished was dealt with wrong.

    As ``server.py:70``; none where the failure is of another kind or the file cannot be read.
    """
    failure = verdict.failure
    kinds = (("disconnect.mid_line", Symptom.HALF_LINE), ("broadcast.long_line", Symptom.HUNG_UP))
    if failure is None or (verdict.check, failure.symptom) not in kinds:
        return []
    return [f"{FILE}:{call.lineno}" for call, how in _method_calls(folder) if how.attr in _READS]


def serves_one_at_a_time(verdict: Verdict) -> bool:
    """Whether the first client was let in and stays, and the second one gets no answer."""
    failure = verdict.failure
    if failure is None or verdict.check != "nickname.accept":
        return False
    if failure.symptom not in (Symptom.NO_REQUEST, Symptom.NO_REPLY):
        return False
    came = [event.who for event in verdict.story if event.what is What.CONNECT]
    let_in = {
        event.to
        for event in verdict.story
        if event.what is What.SEE and event.text.strip() == protocol.ACCEPTED
    }
    gone = {event.who for event in verdict.story if event.what in _GOES}
    return len(came) == 2 and let_in == {came[0]} and came[1] == failure.who and not gone


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
    try:
        tree = ast.parse((folder / FILE).read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return []
    return [
        (node, node.func)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]
