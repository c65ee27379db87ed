"""Where the program under test runs and how it ends: fresh folder, process, limits.

The program is a stranger. It runs in a process of its own, in a copy of its folder, in its own
session (POSIX) or job (Windows), and nothing of it outlives the run, however the run ends:
the whole process group is killed; on Linux orphans that left the group come back to us as the
nearest subreaper; a guardian process ends the rest when the grader itself was killed.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from harness.program import confinement, guardian, leftovers
from harness.program.copies import Copies
from harness.program.copy_names import names_of_copies
from harness.program.inheritance import adopt_orphans, own_the_terminal
from harness.program.interpreter import PYTHON, bare_python, environment
from harness.program.program_user import ProgramUser
from harness.program.removing import remove
from harness.program.tree import children, session, tree

if sys.platform != "win32":
    import resource
if sys.platform == "win32":
    from harness.program import windows

LARGEST_OUTPUT_FILE = 64_000_000


class Sandbox:
    """The folders and processes of one grading run.

    ``confines``: each program can open only its own folder and what every program needs
    (`confinement`; Linux). ``user``: whom each program becomes; it is let go of with the run.
    """

    def __init__(self, *, confines: bool = False, user: ProgramUser | None = None) -> None:
        self._confines = confines
        self._user = user
        self.mark = secrets.token_hex(8)
        self._folder = Path(tempfile.mkdtemp(prefix="modul4-", suffix=f"-{self.mark}"))
        self.copies = Copies(self._folder)
        # Files of the copies are called in reports as in the student's own folder.
        self.as_handed_in = names_of_copies(self._folder)
        self._guardian: subprocess.Popen[bytes] | None = None
        self._ours: set[int] = set()
        # By process: our end of its standard input, at which nobody types.
        self._keyboards: dict[int, int] = {}
        # Every session that a program of ours led, ended or not.
        self._sessions: set[int] = set()
        # What is held for as long as the run lasts.
        self.closing = contextlib.ExitStack()
        self._family = threading.Lock()
        # Held while a program is started, and for good once the run is closed.
        self._starting = threading.Lock()
        self._is_closed = False
        self.python = bare_python(self._folder / "python")
        if user is not None:
            user.lets_through(self._folder, self._folder / "python")
        adopt_orphans()
        if sys.platform == "win32":
            windows.allow_ctrl_c()

    @property
    def folder(self) -> Path:
        """The run's own folder: gone with the run, however it ends."""
        return self._folder

    def fresh(self, source: Path, *, lasts: bool = False) -> Path:
        """A copy, as `Copies.make` makes it. Raises `OSError`."""
        target = self.copies.make(source, lasts=lasts)
        if self._user is not None:
            # Nobody else's, until it is given to a program.
            os.chmod(target, 0o700)
        return target

    def spawn(
        self,
        argv: Sequence[str],
        folder: Path,
        *,
        stdin: int | None = None,
        stdout: int = subprocess.PIPE,
        terminal: int | None = None,
        settings: Mapping[str, str] = MappingProxyType({}),
    ) -> subprocess.Popen[bytes]:
        """Start ``python argv...`` in ``folder``, output in pipes, at the head of its own group.

        Without ``stdin`` its standard input is a pipe into which nobody writes, open until `end`:
        a program that waits for somebody to type waits, as it does at a terminal.
        With ``terminal``, the program's end of a pty, all three streams are that terminal (POSIX).
        ``settings`` are environment variables for this program alone. Where programs are
        confined it may change ``folder`` and nothing else.

        Once the run is closed, nothing is started, and this does not return: another thread is
        about to end our process. On Windows a program whose starter ends halfway would stay.
        """
        command = [*self._confinement(folder), self.python, *argv]
        if stdin is not None or terminal is not None:
            with self._starting:
                return self._spawn(command, folder, stdin, stdout, terminal, settings)
        theirs, ours = os.pipe()
        try:
            with self._starting:
                process = self._spawn(command, folder, theirs, stdout, None, settings)
        except BaseException:
            os.close(ours)
            raise
        finally:
            os.close(theirs)
        self._keyboards[process.pid] = ours
        return process

    def _confinement(self, folder: Path) -> list[str]:
        """What goes before a command whose folder this is."""
        rules: list[str] = []
        if self._confines:
            rules += confinement.of_files(self._folder / "python", [folder])
        if self._user is not None:
            self._user.owns([folder])
            rules += self._user.rules(FSIZE=LARGEST_OUTPUT_FILE)
        return confinement.prefix(rules) if rules else []

    def _spawn(
        self,
        command: Sequence[str],
        folder: Path,
        stdin: int | None,
        stdout: int,
        terminal: int | None,
        settings: Mapping[str, str],
    ) -> subprocess.Popen[bytes]:
        variables = environment(folder, self.mark) | dict(settings)
        if sys.platform == "win32":
            process = subprocess.Popen(
                command,
                cwd=folder,
                env=variables,
                stdin=stdin,
                stdout=stdout,
                stderr=subprocess.PIPE,
                creationflags=windows.CREATION_FLAGS,
                startupinfo=windows.hidden_console(),
            )
            process.job = windows.Job(process)  # type: ignore[attr-defined]
            # A folder in which a program still runs cannot be removed.
            self.closing.callback(self._end, process)
            return process
        # Between its start and its entry in our list another thread could take it for an orphan.
        with self._family:
            process = subprocess.Popen(
                command,
                cwd=folder,
                env=variables,
                stdin=stdin if terminal is None else terminal,
                stdout=stdout if terminal is None else terminal,
                stderr=subprocess.PIPE if terminal is None else terminal,
                start_new_session=True,
                # Two system calls and no lock, so that it is safe beside our threads.
                preexec_fn=None if terminal is None else own_the_terminal,
            )
            self.watch(process.pid)
        return process

    def watch(self, pid: int) -> None:
        """Count a started process as ours: limited, known to the guardian, ended with the run."""
        if sys.platform == "win32":
            return
        self._ours.add(pid)
        self._sessions.add(pid)
        self._tell_guardian(f"+{pid}\n")
        if sys.platform == "linux":
            with contextlib.suppress(OSError):
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (LARGEST_OUTPUT_FILE,) * 2)
                resource.prlimit(pid, resource.RLIMIT_CORE, (0, 0))

    def end(self, process: subprocess.Popen[bytes]) -> None:
        """Kill the program and everything it started; returns when nothing of it is left."""
        try:
            self._end(process)
        finally:
            # Not before it is dead: it must not see an end of its input.
            if (keyboard := self._keyboards.pop(process.pid, None)) is not None:
                os.close(keyboard)

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        if sys.platform == "win32":
            process.job.end()  # type: ignore[attr-defined]
            process.wait()
            return
        # Also who has left the group, as long as it still hangs on the program.
        below = tree(process.pid)[1:] if process.poll() is None else []
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
        for pid in below:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        process.wait()
        for pid in below:
            # Parents come first: what hung on one that is gone has come to us.
            with contextlib.suppress(OSError):
                os.waitpid(pid, 0)
        with self._family:
            self._ours.discard(process.pid)
            self._end_orphans()
        self._tell_guardian(f"-{process.pid}\n")

    def close(self) -> None:
        """End what is left and remove the folders."""
        if not self._is_closed:
            self._is_closed = True
            self._starting.acquire()
        if sys.platform != "win32":
            while self._ours:
                with contextlib.suppress(OSError):
                    os.killpg(self._ours.pop(), signal.SIGKILL)
            self._end_orphans()
            if self._guardian is not None:
                assert self._guardian.stdin is not None
                # What is in the buffer cannot be told to one that has ended.
                with contextlib.suppress(OSError):
                    self._guardian.stdin.close()
                self._guardian.wait()
        if self._user is not None:
            self._user.close()
        self.closing.close()
        while self._keyboards:
            os.close(self._keyboards.popitem()[1])
        remove(self._folder)

    def _tell_guardian(self, line: str) -> None:
        if self._guardian is None:
            words = [PYTHON, "-I", "-S", guardian.__file__, self.mark, str(self._folder)]
            held: tuple[int, ...] = ()
            if self._user is not None:
                # Nobody may take the user while it has not been cleaned up after.
                words += [leftovers.__file__, str(self._user.number)]
                held = (self._user.lock,)
            self._guardian = subprocess.Popen(
                words,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                pass_fds=held,
            )
        assert self._guardian.stdin is not None
        # A `ValueError` says that the run is closed: a program may be ended late, by an alarm.
        with contextlib.suppress(OSError, ValueError):
            self._guardian.stdin.write(line.encode())
            self._guardian.stdin.flush()

    def _is_nobodys(self, born: int) -> bool:
        """Whether a child of ours with this session can only be a stranger's that hides.

        Programs are confined where this process does nothing but grade; what it runs beside
        programs stays in its own session.
        """
        is_alone = self._confines or self._user is not None
        return is_alone and sys.platform != "win32" and born not in (0, os.getsid(0))

    def _end_orphans(self) -> None:
        """Kill and reap what the programs left behind, inside their groups and outside (Linux).

        Told by the run's mark or, once it is dead and has none, by the session it was born in:
        other children of this process are none of our concern, unless it only grades.
        """
        if sys.platform != "linux":
            return
        spared = self._ours | ({self._guardian.pid} if self._guardian else set())
        for _ in range(100):
            orphans = [
                pid
                for pid in children(os.getpid())
                if pid not in spared
                and (born := session(pid)) not in self._ours
                and (
                    born in self._sessions
                    or guardian.has_mark(pid, self.mark)
                    or self._is_nobodys(born)
                )
            ]
            if not orphans:
                return
            for pid in orphans:
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
                with contextlib.suppress(OSError):
                    os.waitpid(pid, 0)
