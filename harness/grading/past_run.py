"""What a run knows of the runs before it, and keeps for the next one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from harness.grading import last_run
from harness.grading.results import Outcome, Verdict


class PastRun:
    """What is remembered of a submission when its run begins. ``files``: the digests of its files.

    Without ``memory`` nothing is, and nothing is kept.
    """

    def __init__(self, memory: Path | None = None, files: Mapping[str, str] | None = None) -> None:
        self._memory = memory
        self._files = last_run.mark_of(files or {})
        self._last = last_run.recall_all(memory)
        self._open = last_run.recall_todos(memory)

    @property
    def outcomes(self) -> dict[str, str]:
        """The outcome of each check when it was judged last."""
        return {check: each.outcome for check, each in self._last.items()}

    @property
    def in_part(self) -> frozenset[str]:
        """The checks that passed then, though not all of them could be tried."""
        return frozenset(check for check, each in self._last.items() if each.in_part)

    @property
    def of_these_files(self) -> frozenset[str]:
        """The checks that were judged then on the very same files."""
        return frozenset(check for check, each in self._last.items() if each.files == self._files)

    @property
    def mistakes(self) -> frozenset[str]:
        """The checks that failed then, though no open TODO was the reason."""
        failed = Outcome.FAILED
        return frozenset(
            n for n, each in self._last.items() if each.outcome == failed and not each.todo
        )

    @property
    def open_todos(self) -> frozenset[int]:
        """The TODOs that were not done then."""
        return self._open

    def failed(self, asked: Collection[str]) -> frozenset[str]:
        """What these very files failed the last time, of the checks that are not ``asked`` for now.

        So a check is judged alone as in the run of all that named it.
        """
        failed = (Outcome.FAILED, self._files)
        return frozenset(
            name
            for name, each in self._last.items()
            if name not in asked and (each.outcome, each.files) == failed
        )

    def keep(
        self, verdicts: Mapping[str, Verdict], shown: str, open_todos: Collection[int] = ()
    ) -> None:
        """Remember these verdicts, and the TODOs that are not done.

        ``shown`` is the check that the report tells to mend first.
        """
        last_run.keep(self._memory, self.outcomes, verdicts, shown, self._files)
        last_run.keep_todos(self._memory, open_todos)
