"""The files of grafts: one program of a submission with some of its TODO functions replaced."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from harness.contract.splice import CannotSplice, is_same, spliced
from harness.contract.todos import TodoFunction, still_open
from harness.program.removing import remove
from harness.program.sandbox import Sandbox

Numbers = frozenset[int]


class Grafts:
    """The grafts of one file; they stand in the sandbox until `remove`, or the end of the run.

    ``all`` are the TODOs that can be replaced, ``open`` those of them that nobody has begun, and
    ``same`` those that are written as the reference has them: to replace these changes nothing.
    There are none where the file or its reference is not there, or cannot be read.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        submission: Path,
        reference: Path,
        file: str,
        todos: Iterable[TodoFunction],
    ) -> None:
        self._sandbox, self._submission, self._file = sandbox, submission, file
        self._made: dict[Numbers, Path] = {}
        self._functions: dict[int, str] = {}
        try:
            self._source = (submission / file).read_bytes()
            self._reference = (reference / file).read_text(encoding="utf-8")
        except (OSError, ValueError):
            todos = ()
        same = set()
        for todo in todos:
            try:
                spliced(self._source, self._reference, [todo.function])
            except CannotSplice:
                continue
            self._functions[todo.number] = todo.function
            if is_same(self._source, self._reference, todo.function):
                same.add(todo.number)
        self.all = Numbers(self._functions)
        self.same = Numbers(same)
        self.open = self.all & still_open(submission, [file])

    def folder(self, numbers: Numbers) -> Path:
        """The submission with these TODOs replaced. Raises `CannotSplice`, `OSError`."""
        if not numbers - self.same:
            return self._submission
        if numbers not in self._made:
            names = [self._functions[number] for number in sorted(numbers)]
            text = spliced(self._source, self._reference, names)
            folder = self._sandbox.fresh(self._submission)
            self._made[numbers] = folder
            (folder / self._file).write_bytes(text)
        return self._made[numbers]

    def remove(self) -> None:
        """Remove the folders."""
        while self._made:
            remove(self._made.popitem()[1])
