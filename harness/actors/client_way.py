"""How a client is started, and where it connects, that does not do as SPEC section 1 says.

One that knows no ``--host``, or connects to an address written in it, is told so by one check,
`client.no_server`. For all the others it is found out here, once a run, how it can be met.
"""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from harness.actors import calling
from harness.actors.client_program import FILE
from harness.actors.known_facts import KnownFacts
from harness.actors.listener import Listener
from harness.actors.patience import GRACE
from harness.actors.person import Person
from harness.actors.stage import Setting, Stage
from harness.contract.protocol import DEFAULT_HOST, DEFAULT_PORT
from harness.contract.symptoms import Inconclusive
from harness.program import ports
from harness.record.draw import Draw
from harness.record.journal import Journal

# So many ports written in a program are tried, and so many of its files are read.
MOST_PORTS, MOST_FILES, MOST_BYTES = 8, 20, 200_000


def learn(setting: Setting) -> None:
    """Find out how the client can be met, and remember it in the known facts of the run.

    Raises `Inconclusive` where it may talk to another program, at the default port.
    """
    known = setting.known_facts
    if known.is_client_astray:
        raise Inconclusive("port_taken", port=DEFAULT_PORT)
    known.client_way = calling.USUAL
    if not (setting.source / FILE).is_file():
        return
    written = list(ports_written_in(setting.source))
    # No other grader's server may stand there: a client that has the port in it would find that.
    with ports.default_port_in_case():
        met = _met(setting, calling.USUAL, [])
        is_taken = met == "astray" and not ports.is_free(DEFAULT_PORT)
    if is_taken and DEFAULT_PORT in written:
        known.client_way, known.is_client_astray = None, True
        raise Inconclusive("port_taken", port=DEFAULT_PORT)
    if met != "refused":
        return
    for way in (calling.USUAL, *calling.OTHER_WAYS):
        found = _met(setting, way, written)
        if isinstance(found, int):
            known.client_way, known.client_port = way, found or None
            return


def _met(setting: Setting, way: tuple[str, ...], written: list[int]) -> int | str:
    """Where the client connects when it is started in this ``way``.

    0: to the address it was told; another number: to that one of the ports ``written`` in it;
    "refused": it ended without a connection; "astray": it went on without one; "unknown": Python
    or an open TODO kept it from trying.
    """
    stage = Stage(
        replace(setting, known_facts=KnownFacts(client_way=calling.USUAL)),
        Draw(0, "way"),
        Journal(),
    )
    try:
        told = Listener(stage, (DEFAULT_HOST, 0))
        listeners = {0: told}
        for port in written:
            with contextlib.suppress(Inconclusive):
                if port == DEFAULT_PORT:
                    stage.closing.enter_context(ports.default_port())
                listeners[port] = Listener(stage, (DEFAULT_HOST, port))
        person = Person(stage, stage.draw.name("pengguna"), setting.source)
        called: list[int] = []
        for port, listener in listeners.items():
            listener.serves(_Called(called, port, person))
        person.client.starts_as(way, told.address)
        if not _calls(person, called):
            person.types_its_name_if_asked()
            _calls(person, called)
        if called:
            return called[0]
        program = person.client.running
        is_excused = program.why_not_started() is not None or program.open_todo is not None
        if is_excused:
            return "unknown"
        return "astray" if program.status is None else "refused"
    finally:
        stage.close()


def _calls(person: Person, called: list[int]) -> bool:
    """Whether the client connects before it ends or is idle."""
    rest = person.client.rest()
    person.client.waits(lambda: bool(called) or rest.has_lasted(GRACE))
    return bool(called)


class _Called:
    """Waits at one of the listeners and notes which one it was."""

    def __init__(self, called: list[int], port: int, person: Person) -> None:
        self.calls = 0
        self._called = called
        self._port = port
        self._person = person

    def takes(self, sock: object) -> None:
        """The client has connected here."""
        self.calls += 1
        self._called.append(self._port)
        self._person.server.takes(sock)  # type: ignore[arg-type]


def ports_written_in(folder: Path) -> Iterator[int]:
    """The numbers in the Python files of ``folder`` that may be a port, each once.

    Powers of two are taken for sizes of buffers.
    """
    seen: set[int] = set()
    files = sorted(folder.glob("*.py"), key=lambda path: path.name != FILE)
    for path in files[:MOST_FILES]:
        for number in _numbers(path):
            is_port = 1024 < number < 65536 and number & (number - 1)
            if is_port and number not in seen and len(seen) < MOST_PORTS:
                seen.add(number)
                yield number


def _numbers(path: Path) -> Iterator[int]:
    """The whole numbers in a Python file, those in quotes too; none of one that cannot be read."""
    try:
        tree = ast.parse(path.read_bytes()[:MOST_BYTES])
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            if type(node.value) is int:
                yield node.value
            elif isinstance(node.value, str) and node.value.isascii() and node.value.isdigit():
                yield int(node.value[:6])
