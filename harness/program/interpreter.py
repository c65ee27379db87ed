"""The Python that runs the program, and the environment variables that it gets."""

from __future__ import annotations

import os
import sys
from pathlib import Path

# The interpreter itself, not the grader's environment with its packages; on Windows that
# environment's python.exe would moreover be a launcher that starts a second process.
PYTHON = os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)

_KEPT_VARIABLES = ("PATH", "SYSTEMROOT", "COMSPEC", "PATHEXT", "LANG", "LC_ALL", "LC_CTYPE", "TZ")


def bare_python(home: Path, program: str = PYTHON) -> str:
    """An interpreter with the standard library alone, made in ``home`` (POSIX) of ``program``.

    What a machine has installed beside it would be in the program's reach, and can cost more at
    every start than the program itself: 30 ms instead of 7 were measured.
    """
    if sys.platform == "win32":
        return program
    python = home / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(program)
    settings = f"home = {Path(program).parent}\ninclude-system-site-packages = false\n"
    (home / "pyvenv.cfg").write_text(settings, encoding="utf-8")
    return str(python)


def environment(folder: Path, mark: str) -> dict[str, str]:
    """Nothing of the grader's environment that could steer the program or tell it things.

    ``folder`` is the program's own, ``mark`` the run's, by which its processes are known.
    """
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    return kept | {
        "HOME": str(folder),
        "USERPROFILE": str(folder),
        "TMPDIR": str(folder),
        "TEMP": str(folder),
        "TMP": str(folder),
        "TERM": "xterm-256color",
        # What a pipe buffers would be seen too late; no student should have to flush for us.
        "PYTHONUNBUFFERED": "1",
        "PYTHONIOENCODING": "utf-8",
        # On a terminal newer Pythons paint their tracebacks.
        "PYTHON_COLORS": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "MODUL4_RUN": mark,
    }
