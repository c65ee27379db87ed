"""Printing on any stdout."""

import os
import subprocess
import sys

import pytest

from harness.grading.judge import REPO
from tests.watching import LONG

posix = pytest.mark.skipif(os.name != "posix", reason="descriptors of POSIX")


def prints(script: str, program: str) -> subprocess.CompletedProcess[str]:
    """Run ``program`` with its streams as ``script`` has them."""
    return subprocess.run(
        ["sh", "-c", script, "sh", sys.executable, "-c", program],
        cwd=REPO,
        capture_output=True,
        text=True,
        timeout=LONG,
    )


@posix
def test_no_file_takes_the_place_of_a_stream_that_was_closed():
    program = (
        "import os, sys; from harness import screen; screen.escape_what_cannot_be_encoded(); "
        "number = os.open('pyproject.toml', os.O_RDONLY); print('lost'); "
        "sys.exit(0 if number > 2 and sys.stdin and sys.stderr else 1)"
    )
    assert prints('exec "$@" <&- >&- 2>&-', program).returncode == 0


@posix
def test_a_reader_that_goes_away_is_no_news():
    program = (
        "from harness import screen; page = screen.Screen(); "
        "[page.say('x' * 70000) for _ in range(9)]; "
        "import sys; sys.stderr.write(repr(page.complaint))"
    )
    done = prints('"$@" | true', program)
    assert (done.returncode, done.stderr) == (0, "''")
