"""The program under test: started, watched from outside, interrupted, ended."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from harness.contract import protocol, todos
from harness.contract.symptoms import Failure
from harness.program import idle_proof, last_words, sight
from harness.program.copying import LARGEST_FILE
from harness.program.idle_proof import Waiting
from harness.program.observe import Starvation
from harness.program.output import Output
from harness.program.sandbox import Sandbox
from harness.program.terminal import Terminal
from harness.program.unprivileged import content_of
from harness.record.journal import Journal, What

if sys.platform == "win32":
    from harness.program import windows

# Console lines noted in the journal per program; the console itself keeps more.
MOST_NOTED = 60
_UNTOUCHED = re.compile(r"""raise NotImplementedError\(["']TODO \d""")
# The end of its traceback; `NotImplementedError(` is the line of the file, shown above it.
_NOT_IMPLEMENTED = re.compile(r"NotImplementedError(?!\()")


class Program:
    """One run of ``FILE`` with ``arguments``. ``wake`` is called when it printed something."""

    def __init__(
        self,
        sandbox: Sandbox,
        folder: Path,
        file: str,
        arguments: Sequence[str],
        journal: Journal,
        wake: Callable[[], None],
        terminal: Terminal | None = None,
    ) -> None:
        """``terminal``: where somebody sits at it; without one nobody types."""
        self.file = file
        self._sandbox = sandbox
        self._journal = journal
        self._noted = 0
        self._ended = False
        self._source = folder / file
        self._command = " ".join([file, *arguments])
        self._wake = wake
        journal.note(file, "", What.START, self._command)
        self._terminal = terminal
        if terminal is not None:
            self._process = terminal.starts(sandbox, [file, *arguments], folder, wake)
            self.stdout, self.stderr = terminal.stdout, terminal.stderr
        else:
            self._process = sandbox.spawn([file, *arguments], folder)
            assert self._process.stdout is not None and self._process.stderr is not None
            self.stdout = Output(self._process.stdout, lambda: self._wake())
            self.stderr = Output(self._process.stderr, lambda: self._wake())
        self.starved = Starvation(self._process.pid)

    def is_moved_to(self, journal: Journal, wake: Callable[[], None]) -> None:
        """It was started beforehand: what it does is told in ``journal`` from now on."""
        self._journal, self._wake = journal, wake
        journal.note(self.file, "", What.START, self._command)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def status(self) -> int | None:
        """The exit status, negative for a signal; None while it runs."""
        return self._process.poll()

    def collect(self) -> None:
        """Take in what was printed and note it."""
        self._take("stdout", self.stdout.collect())
        self._take("stderr", self.stderr.collect())

    def _take(self, stream: str, lines: list[str]) -> None:
        for line in lines:
            self._noted += 1
            if self._noted <= MOST_NOTED:
                self._note(stream, line.rstrip("\r"))

    def _note(self, stream: str, line: str) -> None:
        line = self._sandbox.as_handed_in(line)
        if self._terminal is None:
            self._journal.note(self.file, stream, What.PRINT, line)
        elif shown := protocol.plain(line.rpartition("\r")[2]):
            self._journal.note(self._terminal.owner, "", What.SHOW, shown)

    def has_printed(self, wanted: str) -> bool:
        """Whether ``wanted`` stands on stdout on a line of its own (`protocol.is_console_line`)."""
        return any(
            wanted in line and protocol.is_console_line(line, wanted) for line in self.stdout.lines
        )

    def waiting(self) -> frozenset[Waiting] | None:
        """Its threads, if each of them waits for ever for somebody outside; None if not known.

        Of one at a terminal also the terminal must say that nothing is under way.
        """
        with sight.as_user_of(self.pid):
            threads = idle_proof.waiting(self.pid)
        return threads if self._terminal is None else self._terminal.waiting(threads)

    @property
    def is_over(self) -> bool:
        """Whether it has ended, and all that it printed has been taken in."""
        return self.status is not None and self.has_ended_output

    @property
    def is_drained(self) -> bool:
        """Whether all that it printed so far has been taken in."""
        return self.stdout.is_drained and self.stderr.is_drained

    @property
    def has_ended_output(self) -> bool:
        """Whether both streams were closed."""
        return self.stdout.has_ended and self.stderr.has_ended

    @property
    def has_traceback(self) -> bool:
        """Whether a Python traceback stands on stderr, other than one of an open TODO.

        Tracebacks of several threads may be mixed, but never inside a word: so they are counted.
        """
        text = self.stderr.text()
        return text.count("Traceback (most recent call last)") > self.todo_tracebacks

    @property
    def todo_tracebacks(self) -> int:
        """How many times it has said that a TODO is open: each ended a thread, or the program."""
        if self.open_todo is None:
            return 0
        return len(_NOT_IMPLEMENTED.findall(self.stderr.text()))

    @property
    def may_name_a_todo(self) -> bool:
        """Whether its source still holds a TODO as the skeleton has it, and it has named none."""
        # The program may have put anything there since.
        source = (content_of(self._source, LARGEST_FILE) or b"").decode("utf-8", "replace")
        return self.open_todo is None and _UNTOUCHED.search(source) is not None

    @property
    def hidden_todos(self) -> tuple[int, ...]:
        """The TODOs that are open in its source and used, whether or not it came to say so."""
        source = (content_of(self._source, LARGEST_FILE) or b"").decode("utf-8", "replace")
        with contextlib.suppress(SyntaxError, ValueError, RecursionError):
            return todos.open_and_used(source)
        return ()

    @property
    def open_todo(self) -> int | None:
        """The TODO that the program says is still open, the lowest if there are more."""
        return last_words.open_todo(self.stderr.text())

    @property
    def crash(self) -> last_words.Crash | None:
        """The exception of its last traceback, if there is one."""
        return last_words.crash(self.stderr.text(), self._source.parent)

    def why_not_started(self) -> Failure | None:
        """What keeps it from starting whatever it is told, as far as Python says it."""
        return last_words.why_not_started(self.stderr.text(), self._source)

    def interrupt(self) -> bool:
        """Press Ctrl-C; False when this system has no way to do it.

        It goes to the whole group, as a terminal's goes to all that run in the foreground.
        """
        who = self._terminal.owner if self._terminal is not None else ""
        self._journal.note(who, self.file, What.INTERRUPT)
        if sys.platform == "win32":
            # Who has ended has no console any more, and notices no key either.
            return windows.press_ctrl_c(self.pid) or self.status is not None
        with contextlib.suppress(OSError):
            os.killpg(self.pid, signal.SIGINT)
        return True

    def end(self) -> None:
        """Kill it and all it started; the rest of its output is taken in. May be called again."""
        if self._ended:
            return
        self._ended = True
        self._sandbox.end(self._process)
        self._take("stdout", self.stdout.close())
        self._take("stderr", self.stderr.close())
        if self._terminal is not None:
            self._terminal.closes()
        self._journal.note(self.file, "", What.END)
