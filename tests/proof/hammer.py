"""The same stories over real sockets, with the order of threads that the system chooses.

Only for comparison, in the benchmark; no verdict of the kit rests on it. Silence decides when the
next phase begins, so on a loaded machine a phase may begin too soon. Hence only that counts which
is wrong whenever it is seen, and a line is lost only for somebody who has read to the end of file.
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

from harness.schedules.controlled_process import clean_environment, end_process
from harness.schedules.oracle import Violation, judge

SILENCE = 0.1
# Seconds after which a client without an answer counts as stuck.
PATIENCE = 5.0
# What no correct server does, fast or slow. (A name may seem taken just after its holder left.)
CERTAIN = frozenset(
    "two_holders lost doubled garbled wrong_name out_of_order echo not_joined exception dropped "
    "unanswered".split()
)
ABORT = struct.pack("ii", 1, 0)


class RealClient:
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
        # It has read to the end of file: everything that the server ever sends it is here.
        self.is_complete = False

    def read(self, phase: int) -> bool:
        """Read what has come; True when there was something."""
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
            self.sock, self.left, self.is_complete = None, True, True
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
            self.steps = [["claim", *rest]] if rest else [["half_close"]]
        elif verb == "say" and self.joined and not self.left:
            self.journal.append([phase, self.key, "say", rest[0]])
            self._send(rest[0])
        elif verb == "stop_reading":
            self.deaf = True
            self.journal.append([phase, self.key, "stop_reading", ""])
        elif verb in ("half_close", "leave", "reset"):
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
        if way == "half_close":
            with contextlib.suppress(OSError):
                self.sock.shutdown(socket.SHUT_WR)
        else:
            if way == "reset":
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
        journal, stuck, complete = _play(cycle, port)
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
    found = judge(
        {"end": "done", "journal": journal, "stuck": stuck, "errors": errors, "waiting": []}
    )
    if found is None or found.kind not in CERTAIN:
        return None
    return None if found.kind == "lost" and found.who not in complete else found


def _play(
    cycle: dict[str, Any], port: int
) -> tuple[list[list[Any]], list[list[Any]], frozenset[str]]:
    """The journal, who is stuck at which step, and who has read to the end of file."""
    journal: list[list[Any]] = []
    callers: dict[str, RealClient] = {}
    marks: set[str] = set()
    for phase, steps in enumerate(cycle["phases"]):
        for key, more in steps.items():
            caller = callers.setdefault(key, RealClient(key, port, journal))
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
            return journal, stuck, frozenset()
    _read_to_the_end(callers, len(cycle["phases"]))
    complete = frozenset(key for key, caller in callers.items() if caller.is_complete)
    for caller in callers.values():
        if caller.sock is not None:
            caller.sock.close()
    return journal, [], complete


def _read_to_the_end(callers: dict[str, RealClient], phase: int) -> None:
    """Whoever has said its last reads on until the server closes, or nothing comes for long."""
    for caller in callers.values():
        if caller.sock is not None and not caller.deaf:
            with contextlib.suppress(OSError):
                caller.sock.shutdown(socket.SHUT_WR)
            caller.left = True
    end = time.monotonic() + PATIENCE
    while any(c.sock is not None and not c.deaf for c in callers.values()):
        if time.monotonic() > end:
            return
        if _wait(callers, phase, SILENCE):
            end = time.monotonic() + PATIENCE


def _wait(callers: dict[str, RealClient], phase: int, seconds: float) -> bool:
    """Read whatever comes within some time; True when anything came."""
    with selectors.DefaultSelector() as selector:
        for caller in callers.values():
            if caller.sock is not None and not caller.deaf:
                selector.register(caller.sock, selectors.EVENT_READ, caller)
        if not selector.get_map():
            return False
        ready = selector.select(seconds)
        return bool(sum(key.data.read(phase) for key, _ in ready))
