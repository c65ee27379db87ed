"""Proof that a program does nothing more until somebody outside does something (Linux).

What never comes is otherwise waited for to the end of a bound, and that it did not come rests on a
clock. But when every thread waits in a system call without a limit of time, nothing we sent is
under way and nothing it wrote either, then waiting longer cannot change anything, however slow the
machine is. Two looks, with the queues looked at in between, make that exact: a thread that has
not run from the first look to the second has been asleep at every moment between them.

`syscall` in /proc/PID/task/TID (proc_pid_syscall(5)) tells in which call a thread waits, and with
which arguments; `schedstat` how often it has run. Where the system does not show them, nothing is
proven, and the clock decides as before.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
import platform
import socket
import struct
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from harness.program import sight, sockdiag
from harness.program.tree import tree

# A thread as seen: its id, how often it has run, the system call it waits in, with arguments.
Waiting = tuple[int, int, tuple[int, ...]]

_ENDLESS = 0xFFFFFFFF  # -1 as an int: no limit of time
_FUTEX_COMMAND, _FUTEX_WAITS = 0x7F, {0, 9}
_SIGALRM = 14
_PIDFD_GETFD = 438
_TIMEVAL = struct.Struct("@ll")


def _always(arguments: tuple[int, ...]) -> bool:
    return True


def _unlimited(at: int) -> Callable[[tuple[int, ...]], bool]:
    """The time limit is a pointer, the argument number ``at``: none given."""
    return lambda arguments: arguments[at] == 0


def _minus_one(at: int) -> Callable[[tuple[int, ...]], bool]:
    """The time limit is an int, the argument number ``at``: -1."""
    return lambda arguments: arguments[at] & _ENDLESS == _ENDLESS


def _futex(arguments: tuple[int, ...]) -> bool:
    return arguments[1] & _FUTEX_COMMAND in _FUTEX_WAITS and arguments[3] == 0


# By machine: the calls in which a thread may wait for ever, and whether it does. The time limit of
# a socket itself is not among the arguments: `_has_limit` asks for it.
_CALLS: Mapping[str, Mapping[int, Callable[[tuple[int, ...]], bool]]] = {
    "x86_64": {
        0: _always,  # read
        7: _minus_one(2),  # poll
        23: _unlimited(4),  # select
        34: _always,  # pause
        43: _always,  # accept
        44: _always,  # sendto: `Link` knows whether its other end is read
        45: _always,  # recvfrom
        46: _always,  # sendmsg
        47: _always,  # recvmsg
        61: _always,  # wait4: its children are looked at, too
        202: _futex,
        232: _minus_one(3),  # epoll_wait
        247: _always,  # waitid
        270: _unlimited(4),  # pselect6
        271: _unlimited(2),  # ppoll
        281: _minus_one(3),  # epoll_pwait
        288: _always,  # accept4
    },
    "aarch64": {
        22: _minus_one(3),  # epoll_pwait
        63: _always,  # read
        72: _unlimited(4),  # pselect6
        73: _unlimited(2),  # ppoll
        95: _always,  # waitid
        98: _futex,
        202: _always,  # accept
        206: _always,  # sendto
        207: _always,  # recvfrom
        211: _always,  # sendmsg
        212: _always,  # recvmsg
        242: _always,  # accept4
        260: _always,  # wait4
    },
}
# By machine: the call that reads a file.
_READ = {"x86_64": 0, "aarch64": 63}
# By machine: the calls that obey a time limit of the socket itself, and which of its two.
_RECEIVING, _SENDING = getattr(socket, "SO_RCVTIMEO", 0), getattr(socket, "SO_SNDTIMEO", 0)
_LIMITED_BY: Mapping[str, Mapping[int, int]] = {
    "x86_64": dict.fromkeys((0, 43, 45, 47, 288), _RECEIVING) | dict.fromkeys((44, 46), _SENDING),
    "aarch64": dict.fromkeys((63, 202, 207, 212, 242), _RECEIVING)
    | dict.fromkeys((206, 211), _SENDING),
}


@dataclass(frozen=True, slots=True)
class Link:
    """A connection to the program: our socket, the address of the program's end, and of ours.

    ``is_called``: it was the program that connected.
    """

    sock: socket.socket
    theirs: sockdiag.Address
    ours: sockdiag.Address
    is_called: bool = False

    def is_quiet(self, is_read: bool = True) -> bool:
        """Whether all that either end has sent has arrived at the other, its end included.

        Where our end is not read, what the program sent may wait for ever (`held`).
        """
        theirs = sockdiag.queues(self.theirs, self.ours)
        ours = self._ours()
        if ours is None:
            return theirs is None or theirs.state in _AFTER_THE_END
        if ours.state == sockdiag.CLOSE:
            return True  # what it did came with the reset that ended it
        arrived = ours.state in _CALM and ours.unsent == 0
        if not arrived or theirs is None or theirs.state not in _CALM:
            return False
        return theirs.unsent == 0 or not is_read

    def held(self) -> tuple[int, int] | None:
        """What waits at our end to be read and at theirs to be taken (bytes); None if nothing does.

        Of an end that nobody reads: once neither changes any more, our buffer is full.
        """
        theirs, ours = sockdiag.queues(self.theirs, self.ours), self._ours()
        if theirs is None or ours is None or not theirs.unsent:
            return None
        return ours.unread, theirs.unsent

    def _ours(self) -> sockdiag.Queues | None:
        """Our end; None once it is gone."""
        if self.sock.fileno() < 0:
            found = sockdiag.queues(self.ours, self.theirs)
            gone = found is None or found.state in (sockdiag.TIME_WAIT, sockdiag.CLOSE)
            return None if gone else found
        return sockdiag.own(self.sock)


_AFTER_THE_END = (
    sockdiag.TIME_WAIT, sockdiag.CLOSE, sockdiag.CLOSE_WAIT, sockdiag.LAST_ACK,
)  # fmt: skip
_CALM = (sockdiag.ESTABLISHED, sockdiag.FIN_WAIT2, sockdiag.CLOSE_WAIT)


@functools.cache
def shows_sockets() -> bool:
    """Whether the kernel tells of sockets at all: it is asked about one of ours."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        found = sockdiag.queues(listener.getsockname())
    return found is not None and found.state == sockdiag.LISTEN


def waiting(pid: int) -> frozenset[Waiting] | None:
    """The threads of process ``pid`` and its children, if all wait for ever; else None."""
    if sys.platform != "linux":
        return None
    calls = _CALLS.get(platform.machine())
    if calls is None or struct.calcsize("P") != 8:
        return None
    found = set()
    family = tree(pid)
    try:
        for base in (
            f"/proc/{each}/task/{task}"
            for each in family
            for task in os.listdir(f"/proc/{each}/task")
        ):
            runs = _runs(base)
            number, *arguments = (int(word, 0) for word in _read(f"{base}/syscall").split()[:7])
            if not calls.get(number, _never)(tuple(arguments)) or not _sleeps(base):
                return None
            # Woken, run and asleep again between two of these lines, it would look as if it slept.
            if _runs(base) != runs:
                return None
            found.add((int(base.rpartition("/")[2]), runs, (number, *arguments)))
    except (OSError, ValueError, IndexError):
        return None  # it runs, has just ended, or the system does not tell
    return frozenset(found) if found and tree(pid) == family else None


def has_alarm(pid: int, threads: frozenset[Waiting]) -> bool:
    """Whether it may be woken by a time after all: an alarm, a timer, a limit of its sockets."""
    if sys.platform != "linux":
        return True
    with sight.as_user_of(pid):
        return any(_has_alarm(each, threads) for each in tree(pid))


def _has_alarm(pid: int, threads: frozenset[Waiting]) -> bool:
    """The same of one process; ``threads`` may be others', too."""
    if sys.platform != "linux":
        return True
    try:
        caught = next(
            line for line in _read(f"/proc/{pid}/status").splitlines() if line.startswith("SigCgt:")
        )
        if int(caught.split()[1], 16) >> (_SIGALRM - 1) & 1:
            return True
        folder = f"/proc/{pid}/fd"
        if any("timerfd" in os.readlink(f"{folder}/{fd}") for fd in os.listdir(folder)):
            return True
        limited = _LIMITED_BY[platform.machine()]
        own = set(map(int, os.listdir(f"/proc/{pid}/task")))
        return _has_limit(
            pid,
            {
                (call[1], limited[call[0]])
                for thread, _, call in threads
                if thread in own and call[0] in limited
            },
        )
    except (OSError, ValueError, StopIteration):
        return True


def reads_keyboard(pid: int) -> bool:
    """Whether one of its threads waits for its standard input; False where it is not shown."""
    wanted = _READ.get(platform.machine())
    if sys.platform != "linux" or wanted is None:
        return False
    for task in _listed(f"/proc/{pid}/task"):
        with sight.as_user_of(pid), contextlib.suppress(OSError, ValueError):
            words = _read(f"/proc/{pid}/task/{task}/syscall").split()[:2]
            if [int(word, 0) for word in words] == [wanted, 0]:
                return True
    return False


def _listed(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _never(arguments: tuple[int, ...]) -> bool:
    return False


def _runs(base: str) -> int:
    """How often the thread was given a processor."""
    return int(_read(f"{base}/schedstat").split()[2])


def _sleeps(base: str) -> bool:
    """Asleep and not stopped: a thread that was stopped while it waited shows the same call."""
    return _read(f"{base}/stat").rpartition(")")[2].split()[0] == "S"


def _read(path: str) -> str:
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def _has_limit(pid: int, asked: set[tuple[int, int]]) -> bool:
    """Whether a socket has a time limit: each is asked for as its number and the option.

    Of SO_RCVTIMEO and SO_SNDTIMEO only the one counts that ends the call at hand: a limit on
    sending does not wake a thread that receives. Raises `OSError`. Python's own `settimeout`
    waits in `poll` instead, and shows there.
    """
    if sys.platform != "linux":
        return True
    libc = ctypes.CDLL(None, use_errno=True)
    process = os.pidfd_open(pid)
    try:
        for fd, option in asked:
            copy = libc.syscall(_PIDFD_GETFD, process, fd, 0)
            if copy < 0:
                raise OSError(ctypes.get_errno(), "pidfd_getfd")
            try:
                same = socket.socket(fileno=copy)
            except OSError:
                os.close(copy)
                continue  # not a socket: a pipe has no limit
            with same:
                limit = same.getsockopt(socket.SOL_SOCKET, option, _TIMEVAL.size)
            if limit != bytes(_TIMEVAL.size):
                return True
    finally:
        os.close(process)
    return False
