"""Another user for a process that nobody should trust, and the files of one (POSIX)."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

if sys.platform != "win32":
    import pwd

# Who is taken, the first that there is: the one of `given/setup.sh`, else the one of every system.
NAMES = ("modul4", "nobody")


@dataclass(frozen=True, slots=True)
class Unprivileged:
    """A user by number. ``Popen(..., **user.settings)`` starts a process as that user."""

    uid: int
    gid: int

    @property
    def settings(self) -> dict[str, Any]:
        """What `subprocess.Popen` takes; no group of ours is left."""
        return {"user": self.uid, "group": self.gid, "extra_groups": ()}

    def own(self, folder: Path) -> None:
        """Give them a folder. Raises `OSError`."""
        if sys.platform != "win32":
            os.chown(folder, self.uid, self.gid)


def somebody() -> Unprivileged | None:
    """The user to become; None where we are not root, who alone can become another."""
    if sys.platform != "win32" and os.geteuid() == 0:
        for name in NAMES:
            with contextlib.suppress(KeyError):
                found = pwd.getpwnam(name)
                return Unprivileged(found.pw_uid, found.pw_gid)
    return None


def for_good() -> list[str]:
    """What goes before a command so that no program can make it root again."""
    return ["setpriv", "--no-new-privs", "--"] if shutil.which("setpriv") else []


def content_of(path: Path, most: int) -> bytes | None:
    """The bytes of a file that another user may have made: no link, pipe or giant is followed.

    None where it is no regular file of at most ``most`` bytes.
    """
    flags = os.O_RDONLY
    if sys.platform != "win32":
        flags |= os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        number = os.open(path, flags)
    except OSError:
        return None
    facts = os.fstat(number)
    if not stat.S_ISREG(facts.st_mode) or facts.st_size > most:
        os.close(number)
        return None
    with os.fdopen(number, "rb") as file:
        # Room is made for as much as is asked for.
        content = file.read(min(facts.st_size, most) + 1)
    return content if len(content) <= most else None
