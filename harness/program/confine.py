"""Confines a program to the files it needs, then becomes it: `confine.py RULE... -- PROGRAM...`.

A rule is `r:PATH` (may be read and run) or `w:PATH` (may be changed as well); all else it can
neither open nor list nor change, and so for all that it starts. It cannot look into processes
outside and, on newer kernels, cannot send them a signal. Linux, by Landlock, which needs no
privileges. Its own process stays the same one: nothing is between the grader and the program.

Source: the kernel's documentation, "Landlock: unprivileged access control"; the numbers are those
of its user-space interface. Nothing but the standard library is loaded, as it runs at every start.
"""

from __future__ import annotations

import ctypes
import os
import stat
import sys

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
ASK_VERSION, PATH_BENEATH, NO_NEW_PRIVILEGES = 1, 1, 38
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
# From the first version on; since the second, files may move between folders; since the third,
# cutting a file short is a right of its own.
FIRST, MOVE, TRUNCATE = (1 << 13) - 1, 1 << 13, 1 << 14
# Since the sixth version: signals and abstract sockets to those outside.
SCOPES = 0b11
SCOPES_SINCE, MOVE_SINCE, TRUNCATE_SINCE = 6, 2, 3
CANNOT = 125


class Ruleset(ctypes.Structure):
    """What is ruled at all; whatever no rule allows of it is forbidden."""

    _fields_ = [("files", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scopes", ctypes.c_uint64)]


class Beneath(ctypes.Structure):
    """What is allowed in a folder and all below it, or with one file."""

    _pack_ = 1
    _fields_ = [("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32)]


def version() -> int:
    """Which Landlock this kernel has; 0 for none."""
    if sys.platform != "linux":
        return 0
    return max(int(_call(CREATE_RULESET, None, 0, ASK_VERSION)), 0)


def _call(*words: object) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    found: int = libc.syscall(*words)
    return found


def confine(readable: list[str], writable: list[str]) -> None:
    """Confine this process to these paths; those that are not there are left out.

    Raises `OSError` where it cannot be done.
    """
    has = version()
    if has < 1:
        raise OSError("this kernel has no Landlock")
    files = FIRST
    files |= MOVE if has >= MOVE_SINCE else 0
    files |= TRUNCATE if has >= TRUNCATE_SINCE else 0
    wanted = Ruleset(files, 0, SCOPES if has >= SCOPES_SINCE else 0)
    # Older kernels know a shorter one, and take a longer one only if the rest of it is 0.
    ruleset = _call(CREATE_RULESET, ctypes.byref(wanted), ctypes.sizeof(wanted), 0)
    if ruleset < 0:
        raise OSError(ctypes.get_errno(), "no ruleset")
    of_file = EXECUTE | WRITE_FILE | READ_FILE | (files & TRUNCATE)
    for paths, rights in ((readable, EXECUTE | READ_FILE | READ_DIR), (writable, files)):
        for path in paths:
            try:
                number = os.open(path, getattr(os, "O_PATH", 0))
            except OSError:
                continue
            is_folder = stat.S_ISDIR(os.fstat(number).st_mode)
            rule = Beneath(rights if is_folder else rights & of_file, number)
            if _call(ADD_RULE, ruleset, PATH_BENEATH, ctypes.byref(rule), 0):
                raise OSError(ctypes.get_errno(), path)
            os.close(number)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0) or _call(RESTRICT_SELF, ruleset, 0):
        raise OSError(ctypes.get_errno(), "not restricted")
    os.close(ruleset)


def main(words: list[str]) -> None:
    """Confine, and become the program; ends the process with `CANNOT` where that is impossible."""
    at = words.index("--")
    rules, program = words[:at], words[at + 1 :]
    try:
        confine(
            [rule[2:] for rule in rules if rule.startswith("r:")],
            [rule[2:] for rule in rules if rule.startswith("w:")],
        )
        os.execv(program[0], program)
    except OSError as error:
        os.write(2, f"The program cannot be confined here: {error}\n".encode())
        os._exit(CANNOT)


if __name__ == "__main__":
    main(sys.argv[1:])
