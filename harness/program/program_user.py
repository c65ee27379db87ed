"""A user of its own for the programs of one grading (Linux, as root).

The kernel then keeps them from the grader, which stays root: they cannot send it a signal, read its
memory or variables, or open what only root may. Two gradings have two users, so that neither can
harm or read the other. The user has no account: a free number of `leftovers.FIRST` to `LAST`, held
by a lock for as long as the grading or its guardian lives.
"""

from __future__ import annotations

import contextlib
import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from harness.program import confinement, leftovers
from harness.program.interpreter import PYTHON, bare_python

if sys.platform != "win32":
    import fcntl
    import pwd

# The first of these that can be written holds the locks; no other user can take one there.
LOCKS = ("/run", "/dev/shm")
# Processes and threads that the programs of one grading may have at a time: 500 clients need a
# thread each.
MOST_PROCESSES = 2_000
# Seconds for the trial whether all this can be done here.
TRIAL = 20.0
# What a program must be able to do, and what it must not: as that user, from its own folder.
_TRIED = """
import os, sys
number, launcher = int(sys.argv[1]), sys.argv[2]
open(launcher).close()
open("own", "w").close()
sys.exit(0 if os.getresuid() == (number,) * 3 and not os.getgroups() else 1)
"""


class NoFreeUser(OSError):
    """There is no user to become: we are not root, or all are taken."""


class ProgramUser:
    """One such user, taken until `close`. Raises `NoFreeUser`."""

    def __init__(self) -> None:
        self.number, self.lock = _free()

    def rules(self, **limits: int) -> list[str]:
        """The rules of `confine` by which a program becomes it; ``limits`` beside its own."""
        return confinement.of_user(self.number, {"NPROC": MOST_PROCESSES, "CORE": 0, **limits})

    def owns(self, folders: Iterable[Path]) -> None:
        """Give it these folders, unless they are its own already. Raises `OSError`.

        Until then nobody but root can look into them, so no link of a program is in them.
        """
        if sys.platform == "win32":
            return
        for folder in folders:
            if os.lstat(folder).st_uid == self.number:
                continue
            for place, _, names in os.walk(folder):
                for path in (place, *(os.path.join(place, name) for name in names)):
                    os.chown(path, self.number, self.number, follow_symlinks=False)
            os.chmod(folder, 0o700)

    def lets_through(self, folder: Path, readable: Path) -> None:
        """Let it pass through ``folder``, which it cannot list, and read all in ``readable``."""
        os.chmod(folder, 0o711)
        for place, _, names in os.walk(readable):
            os.chmod(place, 0o755)
            for path in (os.path.join(place, name) for name in names):
                if not os.path.islink(path):
                    os.chmod(path, 0o644)

    def clean(self) -> None:
        """End what it still runs, and remove what it has left where everybody may write."""
        words = [PYTHON, "-I", "-S", leftovers.__file__, str(self.number)]
        subprocess.run(words, stdin=subprocess.DEVNULL, check=False)

    def close(self) -> None:
        """Clean up, and let others take it."""
        if self.lock >= 0:
            self.clean()
            os.close(self.lock)
            self.lock = -1


def _free() -> tuple[int, int]:
    """The number of a free user, and the file that holds it for us. Raises `NoFreeUser`."""
    if sys.platform != "linux":
        raise NoFreeUser("Linux only")
    if os.geteuid() != 0:
        raise NoFreeUser("only root can become another user")
    place = next((each for each in LOCKS if os.access(each, os.W_OK)), None)
    if place is None:
        raise NoFreeUser("no folder for locks can be written")
    for number in range(leftovers.FIRST, leftovers.LAST + 1):
        with contextlib.suppress(OSError):
            lock = _held(f"{place}/modul4-user-{number}")
            if not _has_account(number) and not leftovers.living(number):
                return number, lock
            os.close(lock)
    raise NoFreeUser("all users for programs are taken")


def _held(path: str) -> int:
    """An open file that is locked for us. Raises `OSError` where somebody else has it."""
    if sys.platform != "win32":
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        lock = os.open(path, flags, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            raise
        return lock
    raise OSError("POSIX only")


def _has_account(number: int) -> bool:
    if sys.platform != "win32":
        with contextlib.suppress(KeyError):
            return pwd.getpwuid(number).pw_uid == number
    return False


def out_of_reach() -> str:
    """The first folder on the way to Python, the kit or temporary files that bars other users."""
    for needed in (Path(PYTHON), confinement.LAUNCHER, Path(tempfile.gettempdir())):
        for folder in (*reversed(needed.parents), needed):
            if folder.is_dir() and not folder.stat().st_mode & stat.S_IXOTH:
                return str(folder)
    return ""


def is_possible() -> bool:
    """Whether a program can run here as such a user: tried with one that needs what all need.

    It cannot where root may not become others, or where others cannot reach Python, the kit or the
    folder for temporary files.
    """
    try:
        user = ProgramUser()
    except NoFreeUser:
        return False
    try:
        with tempfile.TemporaryDirectory(prefix="modul4-") as folder:
            python = Path(folder, "python")
            own = Path(folder, "own")
            own.mkdir()
            words = [bare_python(python), "-c", _TRIED, str(user.number)]
            words.append(str(confinement.LAUNCHER / "launcher.py"))
            user.lets_through(Path(folder), python)
            user.owns([own])
            rules = confinement.of_files(python, [own]) if confinement.is_possible() else []
            prefix = confinement.prefix([*rules, *user.rules()])
            done = subprocess.run([*prefix, *words], cwd=own, capture_output=True, timeout=TRIAL)
            return done.returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
    finally:
        user.close()
