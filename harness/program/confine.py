"""Confines a program to the files it needs, then becomes it: `confine.py RULE... -- PROGRAM...`.

A rule is `r:PATH` (may be read and run) or `w:PATH` (may be changed as well); all else it can
neither open nor list nor change, and so for all that it starts. `u:NUMBER` makes it that user and
group, for good, and `l:NAME=N` sets a limit (setrlimit(2)); without a rule for files, all that this
user may open stays open to it. It cannot look into processes
outside and, on newer kernels, cannot send them a signal. Nor can it change how other processes run
(limits, priority, processors), or make what outlives all processes (shared memory and queues of
System V and POSIX). Linux, by Landlock and seccomp, which need no privileges. Its own process stays
the same one: nothing is between the grader and the program.

Source: the kernel's documentation, "Landlock: unprivileged access control" and "Seccomp BPF"; the
numbers are those of its user-space interface and of its tables of system calls. Nothing but the
standard library is loaded, as it runs at every start.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
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
# By machine: what it is called in <linux/audit.h>; the calls that are forbidden (setpriority,
# ioprio_set, shmget, semget, msgget, mq_open); those with which a process may change itself alone,
# which it names as 0 (sched_setparam, sched_setscheduler, sched_setaffinity, sched_setattr and
# prlimit).
CALLS = {
    "x86_64": (0xC000003E, (141, 251, 29, 64, 68, 240), (142, 144, 203, 314, 302)),
    "aarch64": (0xC00000B7, (140, 30, 194, 190, 186, 180), (118, 119, 122, 274, 261)),
}
# Where in `struct seccomp_data` the number is, the machine, the lower half of the first argument.
NUMBER, MACHINE, ARGUMENT = 0, 4, 16
LOAD, IS, IS_AT_LEAST, END = 0x20, 0x15, 0x35, 0x06
ALLOWED, FORBIDDEN = 0x7FFF0000, 0x00050001
# From here on the same calls are there once more, for programs of another kind (x86_64).
OTHER_KIND = 0x40000000
PR_SET_SECCOMP, MODE_FILTER = 22, 2


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


def confine(readable: list[str], writable: list[str], user: int = 0) -> None:
    """Confine this process to these paths; those that are not there are left out.

    Without any it keeps all. ``user``: whom it becomes, if not 0. Raises `OSError` where it cannot
    be done.
    """
    # As who it is now: that user may not see all of the way to them.
    ruleset = _ruleset(readable, writable) if readable or writable else -1
    if user:
        _become(user)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "new privileges")
    if ruleset >= 0:
        if _call(RESTRICT_SELF, ruleset, 0):
            raise OSError(ctypes.get_errno(), "not restricted")
        os.close(ruleset)


def _become(user: int) -> None:
    """Be that user and group, and nobody else. Raises `OSError`."""
    if sys.platform != "win32":
        os.setgroups([])
        # As root: the saved ones too.
        os.setgid(user)
        os.setuid(user)


def limit(words: list[str]) -> None:
    """Set limits, each as `NAME=N`. Raises `OSError`, `ValueError`."""
    if sys.platform != "win32":
        import resource

        for word in words:
            name, _, most = word.partition("=")
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (int(most), int(most)))


def _ruleset(readable: list[str], writable: list[str]) -> int:
    """The open file of these rules. Raises `OSError`."""
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
    return ruleset


class FilterProgram(ctypes.Structure):
    """The rules, as the kernel takes them: how many, and where they are."""

    _fields_ = [("count", ctypes.c_ushort), ("rules", ctypes.c_char_p)]


def rules(machine: int, forbidden: tuple[int, ...], itself: tuple[int, ...]) -> list[bytes]:
    """The rules in their order; a jump is counted from the next one."""
    asked = [*((number, "no") for number in forbidden), *((number, "self") for number in itself)]
    # After the questions: allowed; then the first argument, whether it is 0; forbidden.
    wanted = [(LOAD, 0, 0, MACHINE), (IS, 1, 0, machine), (END, 0, 0, FORBIDDEN)]
    wanted += [(LOAD, 0, 0, NUMBER), (IS_AT_LEAST, len(asked) + 3, 0, OTHER_KIND)]
    for at, (number, kind) in enumerate(asked):
        left = len(asked) - at - 1
        wanted.append((IS, left + (3 if kind == "no" else 1), 0, number))
    wanted += [(END, 0, 0, ALLOWED), (LOAD, 0, 0, ARGUMENT), (IS, 1, 0, 0)]
    wanted += [(END, 0, 0, FORBIDDEN), (END, 0, 0, ALLOWED)]
    return [struct.pack("HBBI", *each) for each in wanted]


def narrow() -> bool:
    """Do it to this process; whether it could be done. It can gain no privileges afterwards."""
    if sys.platform != "linux" or os.uname().machine not in CALLS:
        return False
    whole = rules(*CALLS[os.uname().machine])
    program = FilterProgram(len(whole), b"".join(whole))
    libc = ctypes.CDLL(None, use_errno=True)
    done: int = libc.prctl(PR_SET_SECCOMP, MODE_FILTER, ctypes.byref(program), 0, 0)
    return done == 0


def main(words: list[str]) -> None:
    """Confine, and become the program; ends the process with `CANNOT` where that is impossible."""
    at = words.index("--")
    program = words[at + 1 :]
    of_kind = {kind: [word[2:] for word in words[:at] if word[:2] == f"{kind}:"] for kind in "rwul"}
    try:
        limit(of_kind["l"])
        confine(of_kind["r"], of_kind["w"], int((of_kind["u"] or ["0"])[0]))
        # Some machines have no such filter; the files are ruled all the same.
        narrow()
        os.execv(program[0], program)
    except (OSError, ValueError) as error:
        os.write(2, f"The program cannot be confined here: {error}\n".encode())
        os._exit(CANNOT)


if __name__ == "__main__":
    main(sys.argv[1:])
