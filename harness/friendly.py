"""Progress and the report in place of pytest's own output: hooks, called by pytest."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from harness.contract.rubric import Bilingual
from harness.grading.results import Outcome
from harness.run import GradingRun
from harness.screen import Screen

_UNPRINTED: Bilingual = {
    "id": "Laporan tidak bisa dicetak: {why}.",
    "en": "The report cannot be printed: {why}.",
}


class Friendly:
    """Progress and the report, without pytest's own output (run with ``-p no:terminal``)."""

    def __init__(self, run: GradingRun, shows_all: bool = False) -> None:
        """``shows_all``: the whole report comes before the last screen."""
        self._run = run
        self._shows_all = shows_all
        self._screen = Screen()
        self._total = self._done = 0
        run.progress = self._screen.progress
        run.grading.counts = self._screen.counts

    def pytest_collection_finish(self, session: Any) -> None:
        """How much there is to do."""
        self._total = len(session.items)
        self._screen.say(self._run.header() + "\n")

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Which check is running."""
        self._done += 1
        check = self._run.rubric.checks.get(_short(nodeid))
        title = check.title[self._run.grading.run.lang] if check else ""
        self._screen.progress(f"[{self._done}/{self._total}] {_short(nodeid)}. {title}")

    def pytest_runtest_logreport(self, report: Any) -> None:
        """A fault of the kit is shown; verdicts wait for the report."""
        check = _short(report.nodeid)
        verdict = self._run.grading.verdicts.get(check)
        if report.failed and (verdict is None or verdict.outcome is not Outcome.FAILED):
            self._screen.progress("")
            self._screen.say(f"{check}: {report.longreprtext}\n")

    def pytest_keyboard_interrupt(self, excinfo: Any) -> None:
        """Why the run ends early, if it is not Ctrl-C."""
        if not isinstance(excinfo.value, KeyboardInterrupt):
            self._screen.progress("")
            sys.stderr.write(f"{excinfo.value.msg}\n")

    def pytest_sessionfinish(self) -> None:
        """Nothing of the progress stays."""
        self._screen.progress("")

    def pytest_unconfigure(self) -> None:
        """The report."""
        if self._run.grading.verdicts:
            if self._shows_all:
                self._screen.say("\n" + self._run.report() + "\n")
            self._screen.say("\n" + self._run.last_screen() + "\n")
        if self._screen.complaint:
            lang = self._run.grading.run.lang
            sys.stderr.write(_UNPRINTED[lang].format(why=self._screen.complaint) + "\n")


def _short(nodeid: str) -> str:
    """``harness/stories/start.py::test_banner`` as ``start.banner``."""
    path, _, name = nodeid.partition("::")
    return f"{Path(path).stem}.{name.removeprefix('test_')}"
