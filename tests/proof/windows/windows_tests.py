"""The kit's own tests on the Windows Python: what failed, and what was left out and why."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.proof.windows import told_at_once
from tests.proof.windows.wine import Ran
from tests.proof.windows.wine_faults import blamed

# Of a hundred tests so many may be left out there.
MOST_SKIPPED = 10
SLICES = 6
# Seconds for one test. Where the main thread cannot be stopped, pytest-timeout ends the process,
# and with it what other tests have set up.
TEST_WITHIN = 600
# As pytest-xdist says it with -v: `[gw0] [  3%] PASSED tests/test_a.py::test_b[c d]`.
ONE = re.compile(r"\[gw\d+\] \[ *\d+%\] ([A-Z]+) (\S.*?)\s*$")
ALL = re.compile(r"\[(\d+) items\]")
LEFT_OUT = re.compile(r"SKIPPED \[(\d+)\] \S+: (.*)")
# What has a name of its own in that closing list too, and may be no test (a file that cannot be
# imported, for example).
FAILED = re.compile(r"(?:FAILED|ERROR) (tests\S.*?)(?: - .*)?$")


@dataclass
class TestsThere:
    """What became of the tests: how many there are, and each one's outcome by its name."""

    __test__ = False  # no test of pytest's

    total: int = 0
    outcomes: dict[str, str] = field(default_factory=dict)
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def failed(self) -> list[str]:
        """The names of those that failed."""
        return [name for name, out in self.outcomes.items() if out in ("FAILED", "ERROR")]

    @property
    def skipped(self) -> int:
        """How many were left out."""
        return sum(out == "SKIPPED" for out in self.outcomes.values())

    @property
    def in_a_line(self) -> str:
        """How many ran, failed and were left out."""
        return (
            f"{len(self.outcomes)} of {self.total} tests have an outcome: {len(self.failed)} "
            f"failed, {self.skipped} left out ({100 * self.skipped / (self.total or 1):.1f} %)"
        )

    def add(self, more: TestsThere) -> None:
        """Take in what became of some more."""
        self.total += more.total
        self.outcomes |= more.outcomes
        self.reasons += more.reasons


def slices(root: Path, only: Sequence[str]) -> dict[str, list[str]]:
    """The test files, in parts that are run one after the other, by the number of each.

    What failed is told in full at the end of a part, and a part that hangs takes no other along.
    """
    if only:
        return {"alone": list(only)}
    files = sorted(f"tests/{each.name}" for each in root.glob("tests/test_*.py"))
    return {str(number): files[number - 1 :: SLICES] for number in range(1, SLICES + 1)}


def words(tests: Sequence[str], at_once: int) -> list[str]:
    """What `selftest` is asked, so that `read_tests` understands what it prints."""
    told = ["-v", "-rsfE", "--tb=short", "--show-capture=no", "--durations=50"]
    told += ["-p", told_at_once.__name__]
    return ["-n", str(at_once), *told, f"--timeout={TEST_WITHIN}", *tests]


def read_tests(said: str) -> TestsThere:
    """What `selftest` printed, be it to the end or not."""
    found = TestsThere()
    for line in said.splitlines():
        if all_of_them := ALL.search(line):
            found.total = int(all_of_them[1])
        elif one := ONE.match(line):
            found.outcomes[one[2].replace("\\", "/")] = one[1]
        elif left_out := LEFT_OUT.match(line):
            found.reasons[left_out[2]] += int(left_out[1])
        elif failed := FAILED.match(line):
            found.outcomes.setdefault(failed[1].replace("\\", "/"), "FAILED")
    return found


def told_of_tests(tests: TestsThere, ran: Ran) -> Iterator[str]:
    """Each difference of one part: a failed test that is not wine's fault, an end too early."""
    yield from (f"fails: {name}" for name in tests.failed if not blamed(name))
    if ran.status is None or len(tests.outcomes) < tests.total:
        yield f"selftest did not come to its end: {tests.in_a_line}"
    elif ran.status != 0 and not tests.failed:
        yield f"selftest: status {ran.status}\n{ran.last}"


def too_many_left_out(tests: TestsThere) -> Iterator[str]:
    """A difference of the whole suite: what is left out there is no longer the exception."""
    if 100 * tests.skipped > MOST_SKIPPED * tests.total:
        yield f"selftest leaves out more than {MOST_SKIPPED} of 100 tests: {tests.in_a_line}"
