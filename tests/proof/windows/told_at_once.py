"""A plugin of pytest: why a test failed is printed at once, not at the end, which may never come.

Each line begins with a bar, so that nothing in it is taken for a test's outcome.
"""

from __future__ import annotations

import pytest

_BAR = "  | "
# Of what the test printed so many of the last lines.
MOST = 30


class ToldAtOnce:
    """Prints to the terminal that ``config`` has."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Called for each phase of each test; by pytest-xdist in the process that prints."""
        terminal = self._config.pluginmanager.get_plugin("terminalreporter")
        if report.failed and terminal is not None:
            terminal.ensure_newline()
            printed = (report.capstdout + report.capstderr).splitlines()[-MOST:]
            for line in [*report.longreprtext.splitlines(), *printed]:
                terminal.write_line(_BAR + line)


def pytest_configure(config: pytest.Config) -> None:
    """Only where there is a terminal: the workers of pytest-xdist print nothing."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(ToldAtOnce(config))
