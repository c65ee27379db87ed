"""How a server is called, and what it says when it is not called as it wants to be.

SPEC section 3: the program is started as `server.py --host H --port P`. One that refuses these
arguments loses `start.listens` and is judged the way it can be called.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.contract import protocol
from harness.program.listening import reachable
from harness.program.process import Program

Address = tuple[str, int]
DEFAULT: Address = (protocol.DEFAULT_HOST, protocol.DEFAULT_PORT)
USUAL = ("--host", "{host}", "--port", "{port}")
# What real programs of beginners take instead, the most frequent first.
OTHER_WAYS: tuple[tuple[str, ...], ...] = (
    ("--port", "{port}"),
    ("{host}", "{port}"),
    ("{port}",),
    ("-p", "{port}"),
    ("{port}", "{host}"),
    (),
)
_USAGE = re.compile(r"\b(usage|penggunaan|pemakaian|cara (?:pakai|menjalankan))\b", re.IGNORECASE)
# What POSIX and Windows say of an address that somebody has; Python shows the number, too.
_TAKEN = re.compile(r"Address already in use|\b(?:Errno (?:98|48)|WinError 100(?:48|13))\b")


def arguments(way: Sequence[str], host: str, port: int) -> list[str]:
    """The arguments of one way of calling.

    >>> arguments(USUAL, "127.0.0.1", 5000)
    ['--host', '127.0.0.1', '--port', '5000']
    """
    return [word.format(host=host, port=port) for word in way]


def doors(place: Address) -> list[Address]:
    """The addresses to try for one who listens at ``place``."""
    own_family = [("::1", place[1])] if place[0] == "::" else []
    return [reachable(place), *own_family]


def refused(program: Program) -> bool:
    """Whether a program that has ended may have done so for its arguments.

    Not for what would end it in any case: it cannot be read, or a TODO of it is open.
    """
    if program.why_not_started() is not None or program.open_todo is not None:
        return False
    return program.status != 0 or bool(_USAGE.search(_words(program)))


def found_port_taken(program: Program) -> bool:
    """Whether it says that somebody has its address."""
    return bool(_TAKEN.search(_words(program)))


def ports_in(file: Path) -> list[int]:
    """The numbers in a source that may be a port, smallest first; none if it cannot be read."""
    try:
        nodes = ast.walk(ast.parse(file.read_bytes()))
        numbers = {node.value for node in nodes if isinstance(node, ast.Constant)}
    except (OSError, SyntaxError, ValueError, RecursionError):
        return []
    # A True is a 1 for `isinstance`.
    return sorted(n for n in numbers if type(n) is int and 1024 <= n <= 65535)


def ended_badly(program: Program) -> Mapping[str, str] | None:
    """What was wrong with the end of one whose port was taken, in each language; None: nothing."""
    said = [line for line in program.stderr.text().splitlines() if line.strip()]
    if program.status is None:
        return {"id": "program kedua itu tetap berjalan", "en": "the second one goes on running"}
    if program.has_traceback:
        return {
            "id": f"ada traceback, akhirnya {said[-1].strip()!r}",
            "en": f"there is a traceback, ending in {said[-1].strip()!r}",
        }
    if program.status != 1:
        return {"id": f"statusnya {program.status}", "en": f"its status is {program.status}"}
    if not said:
        return {"id": "tidak ada kalimat di stderr", "en": "there is no sentence on stderr"}
    return None


def _words(program: Program) -> str:
    return f"{program.stdout.text()}\n{program.stderr.text()}"
