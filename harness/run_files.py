"""The files that a run writes: its results, and the page about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harness.contract import sentences
from harness.contract.rubric import Language
from harness.grading import results_file
from harness.grading.telling import Unfit, refusal
from harness.reports.page import Known, page

_SAID: dict[str, dict[Language, str]] = {
    "results": {
        "id": "Hasil tidak bisa ditulis ke '{value}': {why}.",
        "en": "The results cannot be written to '{value}': {why}.",
    },
    "page": {
        "id": "Halaman tidak bisa ditulis ke '{value}': {why}.",
        "en": "The page cannot be written to '{value}': {why}.",
    },
}


class ResultsLost(Exception):
    """The results or their page cannot be written. The text is the sentence that says so."""


@dataclass(frozen=True, slots=True)
class RunFiles:
    """Where the results go and the page; each is None where it is not wanted.

    A relative path is taken from ``folder``, by default the current one when this was made: pytest
    goes to another before the end of a run. Both methods raise `ResultsLost`, and `Unfit` when the
    disk is full.
    """

    results: str | None
    page: str | None
    lang: Language
    folder: Path = field(default_factory=Path.cwd)

    def write_results(self, values: dict[str, object]) -> None:
        """Write the results document."""
        if target := self.results:
            self._try("results", target, lambda: results_file.write(self._place(target), values))

    def write_page(self, values: Mapping[str, object], known: Known) -> None:
        """Write the page about these results."""
        if target := self.page:
            text = page(values, known)
            self._try("page", target, lambda: results_file.write_text(self._place(target), text))

    def _place(self, target: str) -> str:
        return str(self.folder / Path(target).expanduser())

    def _try(self, what: str, target: str, write: Callable[[], None]) -> None:
        try:
            write()
        except OSError as error:
            if refusal(error) == "disk_full":
                raise Unfit(sentences.reason("disk_full", {}, self.lang)) from None
            facts = {"value": target, "why": error.strerror}
            raise ResultsLost(_SAID[what][self.lang].format(**facts)) from None
