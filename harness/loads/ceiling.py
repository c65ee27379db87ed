"""The driver's own ceiling: a server that costs next to nothing, loaded in the same way.

What the driver reaches with it is the most that it could show of any server. The bare loop is
compiled on Linux where there is a C compiler; elsewhere the same loop runs in Python.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

GIVEN = Path(__file__).parent / "given"
COMPILERS = ("cc", "gcc", "clang")
# Seconds; a compiler needs less than one.
LONGEST = 60.0


def bare_loop(folder: Path) -> str:
    """Put the bare loop into ``folder`` as a submission; returns the key of what it is called.

    Raises `OSError` when it cannot be written.
    """
    folder.mkdir(parents=True)
    shutil.copyfile(GIVEN / "bare_server.py", folder / "server.py")
    return "ceiling_c" if _is_compiled(folder / "fan_out") else "ceiling_python"


def _is_compiled(program: Path) -> bool:
    compiler = next(filter(None, map(shutil.which, COMPILERS)), None)
    if compiler is None or sys.platform != "linux":
        return False
    words = [compiler, "-O2", "-o", str(program), str(GIVEN / "fan_out.c")]
    try:
        done = subprocess.run(
            words, stdin=subprocess.DEVNULL, capture_output=True, timeout=LONGEST, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
