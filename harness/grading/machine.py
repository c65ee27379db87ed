"""Whether this machine can judge anything at all: asked where even a correct program fails."""

from __future__ import annotations

import socket
import subprocess
import sys

from harness.grading.telling import refusal
from harness.program.sandbox import Sandbox

if sys.platform != "win32":
    import resource

LONGEST = 30.0  # seconds; a Python starts in 0.02
ROOM = 64  # descriptors that a run needs beside one for each client


def unfit_for(sandbox: Sandbox) -> str:
    """The reason why nothing can be judged here, empty if none is found.

    It is a key of `sentences.REASONS` without facts.
    """
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            address = server.getsockname()
            with socket.create_connection(address, timeout=LONGEST):
                pass
    except OSError as error:
        return refusal(error) or "no_loopback"
    try:
        folder = sandbox.fresh(sandbox.folder / "nothing")
        process = sandbox.spawn(["-c", "import threading"], folder)
        try:
            process.wait(LONGEST)
        finally:
            sandbox.end(process)
    except subprocess.TimeoutExpired:
        return "no_python"
    except (OSError, RuntimeError) as error:
        return refusal(error) or "no_python"
    return "no_python" if process.returncode else ""


def make_room(clients: int) -> int | None:
    """Let this process have a descriptor for each client, as far as the system allows it.

    Returns None, or if it does not, how many descriptors there can be (POSIX only).
    """
    if sys.platform != "win32":
        needed = clients + ROOM
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        is_enough = soft == resource.RLIM_INFINITY or soft >= needed
        if not is_enough and hard != resource.RLIM_INFINITY and hard < needed:
            return hard
        if not is_enough:
            resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
    return None
