"""Plain black-box hammering: the same stories over real sockets, the system's own scheduling.

Only for comparison, in the benchmark: it waits for silence, which proves nothing, so on a loaded
machine it may find what is not there. No verdict of the kit rests on it.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from .oracle import Violation, judge
from .session import clean_environment, end_process

SILENCE = 0.1
PATIENCE = 1.0
ABORT = struct.pack("ii", 1, 0)


class Caller:
    """One client on a real socket that follows the steps of a story."""

    def __init__(self, key: str, port: int, journal: list[list[Any]]) -> None:
        self.key = key
        self.port = port
        self.journal = journal
        self.steps: list[list[Any]] = []
        self.sock: socket.socket | None = None
        self.rest = b""
        self.lines: list[str] = []
        self.joined = False
        self.left = False
        self.deaf = False

    def read(self, phase: int) -> bool:
        """Take what has come; True when there was something."""
        if self.sock is None or self.deaf:
            return False
        try:
            data = self.sock.recv(65536)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if not data:
            if not self.left:
                self.journal.append([phase, self.key, "end_by_server", ""])
            self.sock.close()
            self.sock, self.left = None, True
            return True
        *whole, self.rest = (self.rest + data).split(b"\n")
        for raw in whole:
            line = raw.removesuffix(b"\r").decode("utf-8", "replace")
            self.journal.append([phase, self.key, "got", line])
            self.lines.append(line)
        return True

    def _take(self, *words: str) -> str:
        for line in self.lines:
            if line.split(" ")[0] in words:
                self.lines.remove(line)
                return line
        return ""

    def step(self, phase: int, marks: set[str]) -> bool:
        """Do the next step if it can be done now."""
        if not self.steps:
            return False
        verb, *rest = self.steps[0]
        if verb == "after" and rest[0] not in marks and not self.left:
            return False
        if verb == "asked" and not self.left and not self._take("NICK"):
            return False
        answer = ""
        if verb == "answered":
            answer = self._take("OK", "ERR")
            if not answer and not self.left:
                return False
        self.steps.pop(0)
        if verb == "connect":
            self.sock = socket.create_connection(("127.0.0.1", self.port))
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.sock.setblocking(False)
            self.journal.append([phase, self.key, "connect", ""])
        elif verb == "claim":
            self.steps[0:0] = [["asked"], ["try", *rest]]
        elif verb in ("try", "quick"):
            self.journal.append([phase, self.key, "claim", rest[0]])
            self._send(rest[0])
            if verb == "try":
                self.steps[0:0] = [["answered", *rest[1:]]]
        elif verb == "answered" and answer == "OK":
            self.joined = True
            marks.add(f"{self.key}.joined")
        elif verb == "answered":
            self.steps = [["claim", *rest]] if rest else [["fin"]]
        elif verb == "say" and self.joined and not self.left:
            self.journal.append([phase, self.key, "say", rest[0]])
            self._send(rest[0])
        elif verb == "deaf":
            self.deaf = True
            self.journal.append([phase, self.key, "deaf", ""])
        elif verb in ("fin", "close", "rst"):
            self._leave(phase, verb)
            marks.add(f"{self.key}.left")
        return True

    def _send(self, text: str) -> None:
        if self.sock is not None:
            try:
                self.sock.send(text.encode() + b"\n")
            except OSError:
                self.left = True

    def _leave(self, phase: int, way: str) -> None:
        while self.read(phase):
            pass
        self.journal.append([phase, self.key, way, ""])
        if self.sock is None:
            return
        if way == "fin":
            with contextlib.suppress(OSError):
                self.sock.shutdown(socket.SHUT_WR)
        else:
            if way == "rst":
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
            self.sock.close()
            self.sock = None
        self.left = True


def hammer(server: Path, cycle: dict[str, Any], python: str = sys.executable) -> Violation | None:
    """Tell one story to a fresh server as fast as it goes; what the oracle makes of it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    process = subprocess.Popen(
        [python, "-u", str(server), "--host", "127.0.0.1", "--port", str(port)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=clean_environment(),
        start_new_session=True,
    )
    assert process.stdout is not None and process.stderr is not None
    try:
        process.stdout.readline()
        journal, stuck = _play(cycle, port)
    finally:
        process.kill()
        complaint = process.stderr.read().decode("utf-8", "replace")
        process.stdout.close()
        end_process(process)
    errors = [
        {"task": "", "label": "", "thread": "", "frames": [], "os_error": False} | named
        for named in ({"type": line, "text": ""} for line in complaint.splitlines())
        if str(named["type"]).startswith(("KeyError", "ValueError", "RuntimeError", "IndexError"))
    ]
    return judge(
        {"end": "done", "journal": journal, "stuck": stuck, "errors": errors, "waiting": []}
    )


def _play(cycle: dict[str, Any], port: int) -> tuple[list[list[Any]], list[list[Any]]]:
    journal: list[list[Any]] = []
    callers: dict[str, Caller] = {}
    marks: set[str] = set()
    for phase, steps in enumerate(cycle["phases"]):
        for key, more in steps.items():
            caller = callers.setdefault(key, Caller(key, port, journal))
            caller.steps += [list(step) for step in more]
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            busy = [caller.step(phase, marks) for caller in callers.values()]
            if any(busy):
                end = time.monotonic() + PATIENCE
                continue
            if not _wait(callers, phase, SILENCE) and not any(c.steps for c in callers.values()):
                break
        else:
            stuck = [[c.key, *c.steps[0]] for c in callers.values() if c.steps]
            return journal, stuck
    for caller in callers.values():
        if caller.sock is not None:
            caller.sock.close()
    return journal, []


def _wait(callers: dict[str, Caller], phase: int, seconds: float) -> bool:
    """Read whatever comes within some time; True when anything came."""
    with selectors.DefaultSelector() as selector:
        for caller in callers.values():
            if caller.sock is not None and not caller.deaf:
                selector.register(caller.sock, selectors.EVENT_READ, caller)
        if not selector.get_map():
            return False
        ready = selector.select(seconds)
        return bool(sum(key.data.read(phase) for key, _ in ready))
