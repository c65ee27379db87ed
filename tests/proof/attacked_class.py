"""Grades a class of three with an attacker in it, and says what it found: a process of its own.

`python -m tests.proof.attacked_class`, with the kit under attack first in PYTHONPATH. What is asked
comes on standard input as JSON, and what was found goes to standard output. The class has a network
of its own, and all that the attacker leaves behind becomes a child of this process (Linux).
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import re
import signal
import socket
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from harness.classroom import limits
from harness.classroom.box import Box
from harness.classroom.handed_in import HandedIn
from harness.classroom.one import CONSOLE, ClassEntry, Running, Terms, graded
from harness.program.tree import children, is_dead, tree
from tests import own_network

BESIDE, ATTACKER, AFTER = "ani", "eve", "zaki"
# Seconds in which what is left may still end by itself; between two looks at the grader.
CLOSING, LOOK = 5.0, 0.05


def main() -> None:
    """Do it."""
    asked = json.load(sys.stdin)
    own_network.enter()
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
    for name, value in asked["limits"].items():
        setattr(limits, name, value)
    root = Path(asked["root"])
    peak = Peak()
    with _teachers_services(root, asked["mark"], asked["port"]):
        around = Box(asked["box"], (root / "class", root / "out"))
        around.hide()
        rows = _graded(root, around, asked["checks"])
        most = peak.end()
    left = sorted({f"process {each}" for each in _left_running()}) + _left_listening()
    found = {"rows": rows, "left": left, "memory": most}
    sys.stdout.write(json.dumps(found))


def _graded(root: Path, box: Box, checks: str) -> dict[str, dict[str, Any]]:
    """The attacker with a neighbour at its side, and then another one."""
    out, running = root / "out", Running()
    work = out / ".work"
    work.mkdir()
    terms = Terms(1, "en", box, checks=checks)

    def one(name: str) -> dict[str, Any]:
        sent = HandedIn(name, name, "", root / "class" / name)
        return _told(out, graded(sent, out, work, terms, running))

    with ThreadPoolExecutor(2) as pool:
        found = dict(zip((BESIDE, ATTACKER), pool.map(one, (BESIDE, ATTACKER)), strict=True))
    found[AFTER] = one(AFTER)
    with contextlib.suppress(OSError):
        work.rmdir()
    return found


def _told(out: Path, row: ClassEntry) -> dict[str, Any]:
    console = ""
    with contextlib.suppress(OSError):
        console = (out / row.sent.key / CONSOLE).read_text(encoding="utf-8", errors="replace")
    checks = (row.results or {}).get("checks", ())
    return {
        "score": row.score,
        "problem": row.problem.key if row.problem else "",
        "console": console,
        "failed": [
            each["id"] for each in checks if each["outcome"] not in ("passed", "not_run", None)
        ],
    }


@contextlib.contextmanager
def _teachers_services(root: Path, mark: str, port: int) -> Any:
    """What the teacher's machine offers to the teacher: on the network, and as sockets."""
    if sys.platform == "win32":
        raise OSError("Linux only")
    with contextlib.ExitStack() as all_of_them:
        for kind, address in (
            (socket.AF_INET, ("127.0.0.1", port)),
            (socket.AF_UNIX, "\0" + mark),
            (socket.AF_UNIX, str(root / "socket")),
        ):
            listener = all_of_them.enter_context(socket.socket(kind))
            listener.bind(address)
            listener.listen()
        yield


class Peak:
    """The most memory, in bytes, that a grader took so far."""

    def __init__(self) -> None:
        self._most = 0
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._is_over.wait(LOOK):
            for pid in tree(os.getpid())[:200]:
                with contextlib.suppress(OSError, AttributeError):
                    if "self_check.py" not in Path(f"/proc/{pid}/cmdline").read_text():
                        continue
                    status = Path(f"/proc/{pid}/status").read_text()
                    found = re.search(r"VmHWM:\s+(\d+)", status)
                    self._most = max(self._most, int(found[1]) * 1024 if found else 0)

    def end(self) -> int:
        """Look no more; returns it, or that of this process if it is more."""
        self._is_over.set()
        self._thread.join()
        own = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
        return max(self._most, int(own[1]) * 1024 if own else 0)


def _left_running() -> list[str]:
    """What still runs, by its command line; it is ended."""
    if sys.platform == "win32":
        raise OSError("Linux only")
    until = time.monotonic() + CLOSING
    while (left := _living()) and time.monotonic() < until:
        time.sleep(LOOK)
    told = []
    for _ in range(20):
        for pid in _living():
            with contextlib.suppress(OSError):
                words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
                told.append(b" ".join(words).decode(errors="replace")[-80:])
                os.kill(pid, signal.SIGKILL)
        if not left:
            break
        left = _living()
    return told


def _living() -> list[int]:
    return [pid for pid in children(os.getpid()) if not is_dead(pid)]


def _left_listening() -> list[str]:
    """Sockets of this network, which was new, that are still there."""
    left = []
    for name in ("tcp", "tcp6", "udp", "udp6"):
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]:
                local, state = line.split()[1], line.split()[3]
                # What is closed and only waits for stray packets is nobody's any more.
                if state in ("0A", "07", "01"):
                    left.append(f"{name} {local}")
    return left


if __name__ == "__main__":
    main()
