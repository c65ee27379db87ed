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


def on_a_terminal(program: str, **environment: str) -> str:
    """What ``program`` writes to a terminal of 40 columns."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    settings = dict(os.environ) | {"TERM": "xterm", "COLUMNS": "40"} | environment
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=REPO, env=settings, stdout=theirs, stdin=theirs
    ) as process:
        os.close(theirs)
        said = b""
        while True:
            try:
                new = os.read(ours, 1000)
            except OSError:  # how Linux tells that the other end is closed
                break
            if not new:
                break
            said += new
        os.close(ours)
    assert process.returncode == 0
    return said.decode()


PROGRESS = (
    "from harness import screen; import threading; screen.LONG = screen.TICK = 0.05; "
    "page = screen.Screen(); page.progress('[1/2] ' + 'a' * 50); "
)


@posix
def test_progress_fits_on_one_line_and_says_how_long_it_takes():
    said = on_a_terminal(
        PROGRESS + "page.counts(3, 48); threading.Event().wait(1.3); page.say('done\\n')"
    )
    shown = said.split("\r\x1b[K")
    assert {len(each) for each in shown[1:-1]} == {39}
    assert "aa  3/48  1 s" in said
    assert shown[-1] == "done\r\n"


@posix
def test_nothing_is_written_over_what_was_printed():
    said = on_a_terminal(
        PROGRESS + "page.progress('next'); page.say('done\\n'); threading.Event().wait(0.5)"
    )
    assert said.endswith("next\r\x1b[Kdone\r\n")


@posix
@pytest.mark.parametrize("term", ["dumb", "xterm"])
def test_progress_is_for_terminals_that_can_change_a_line(term: str):
    program = "from harness import screen; screen.Screen().progress('busy')"
    assert ("busy" in on_a_terminal(program, TERM=term)) == (term != "dumb")
    assert prints('"$@"', program).stdout == ""
