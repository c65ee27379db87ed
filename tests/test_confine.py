"""A program that is confined: it works as before, and reaches nothing that is not its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.contract.rubric import load
from harness.grading.judge import REPO, Grading
from harness.grading.results import Outcome, Run
from harness.program import confine, confinement
from harness.program.sandbox import Sandbox
from harness.program.tree import is_dead
from harness.schedules.fixtures import FIXTURES
from tests.proof import bench
from tests.proof.cases import EXPLORATION
from tests.tiny import SERVER, edited

RUBRIC = load()
STORIES = bench.stories(RUBRIC, (*bench.GROUPS, EXPLORATION))
landlock = pytest.mark.skipif(not confinement.is_possible(), reason="needs Landlock")
has_scopes = pytest.mark.skipif(
    confine.version() < confine.SCOPES_SINCE, reason="needs Landlock's scopes"
)


def said(tmp_path: Path, program: str, *, confines: bool = True) -> str:
    """What a program in the sandbox prints."""
    (tmp_path / "own").mkdir(exist_ok=True)
    (tmp_path / "own" / "program.py").write_text(program)
    sandbox = Sandbox(confines=confines)
    try:
        folder = sandbox.fresh(tmp_path / "own")
        process = sandbox.spawn(["program.py"], folder)
        out, err = process.communicate(timeout=60)
        assert not err, err.decode()
        return out.decode().strip()
    finally:
        sandbox.close()


RACY = edited(
    (
        "                with lock:\n                    if text",
        "                if 1:\n                    if text",
    )
)

TRY = """
import os
def reached(do):
    try:
        do()
        return True
    except OSError:
        return False
"""


@landlock
@pytest.mark.parametrize(
    "path",
    [REPO / "solutions" / "1.contoh" / "server.py", REPO / "harness" / "contract", Path("/")],
)
def test_it_opens_nothing_of_the_kit(tmp_path: Path, path: Path):
    look = "os.listdir" if path.is_dir() else "open"
    program = f"{TRY}\nprint(reached(lambda: {look}({str(path)!r})))"
    assert said(tmp_path, program) == "False"
    assert said(tmp_path, program, confines=False) == "True"


@landlock
def test_it_changes_its_own_folder_and_no_other(tmp_path: Path):
    (tmp_path / "other").mkdir()
    there = str(tmp_path / "other" / "x")
    program = (
        f"{TRY}\nprint(reached(lambda: open({there!r}, 'w')), reached(lambda: open('x', 'w')))"
    )
    assert said(tmp_path, program) == "False True"
    assert said(tmp_path, program, confines=False) == "True True"


@landlock
def test_what_it_starts_is_confined_as_well(tmp_path: Path):
    inner = f"import os; os.listdir({str(REPO)!r})"
    program = (
        "import subprocess, sys\n"
        f"done = subprocess.run([sys.executable, '-c', {inner!r}], capture_output=True)\n"
        "print(done.returncode, b'PermissionError' in done.stderr)"
    )
    assert said(tmp_path, program) == "1 True"


@has_scopes
def test_it_can_send_no_signal_to_the_grader(tmp_path: Path):
    program = f"{TRY}\nprint(reached(lambda: os.kill(os.getppid(), 0)))"
    assert said(tmp_path, program) == "False"
    assert said(tmp_path, program, confines=False) == "True"


@landlock
def test_it_cannot_look_into_the_memory_of_the_grader(tmp_path: Path):
    program = f"{TRY}\nprint(reached(lambda: open('/proc/%d/mem' % os.getppid(), 'rb')))"
    assert said(tmp_path, program) == "False"


@landlock
def test_nothing_of_it_is_left_that_hides_from_the_grader(tmp_path: Path):
    program = """
import os
if os.fork() == 0:
    os.setsid()
    if (pid := os.fork()) == 0:
        os.chdir("/")
        os.closerange(0, 100)
        os.execve("/bin/sleep", ["sleep", "60"], {})
    print(pid, flush=True)
    os._exit(0)
os.wait()
"""
    pid = int(said(tmp_path, program))
    assert is_dead(pid)


@landlock
def test_it_changes_how_no_other_process_runs(tmp_path: Path):
    program = f"""{TRY}
import resource
parent, now = os.getppid(), resource.getrlimit(resource.RLIMIT_CPU)
print(
    reached(lambda: resource.prlimit(parent, resource.RLIMIT_CPU, now)),
    reached(lambda: os.sched_setaffinity(parent, os.sched_getaffinity(parent))),
    reached(lambda: os.setpriority(os.PRIO_PROCESS, parent, 0)),
    reached(lambda: os.sched_setaffinity(0, os.sched_getaffinity(0))),
    reached(lambda: resource.setrlimit(resource.RLIMIT_CPU, now)),
)"""
    assert said(tmp_path, program) == "False False False True True"
    assert said(tmp_path, program, confines=False) == "True True True True True"


@landlock
def test_it_opens_no_terminal_by_its_name(tmp_path: Path):
    ours, theirs = os.openpty()
    try:
        name = os.ttyname(theirs)
        program = f"{TRY}\nprint(reached(lambda: os.open({name!r}, os.O_RDWR | os.O_NOCTTY)))"
        assert said(tmp_path, program) == "False"
        assert said(tmp_path, program, confines=False) == "True"
    finally:
        os.close(ours)
        os.close(theirs)


@landlock
def test_it_does_all_that_a_chat_needs(tmp_path: Path):
    program = """
import argparse, multiprocessing, queue, socket, ssl, tempfile, threading, unicodedata, zoneinfo
with tempfile.TemporaryFile() as file:
    file.write(b"x")
multiprocessing.Queue().close()
listener = socket.create_server(("127.0.0.1", 0))
with socket.create_connection(listener.getsockname()) as sock:
    sock.sendall(b"x")
    print(listener.accept()[0].recv(1), socket.gethostbyname("localhost"))
"""
    assert said(tmp_path, program) == "b'x' 127.0.0.1"


@landlock
@pytest.mark.parametrize("check", ["broadcast.delivers", "exploration.schedules", "nickname.race"])
@pytest.mark.parametrize(
    ("program", "outcome"),
    [
        (SERVER, Outcome.PASSED),
        (RACY, None),
    ],
    ids=["right", "racy"],
)  # fmt: skip
def test_a_verdict_is_the_same_in_it(
    tmp_path: Path, check: str, program: str, outcome: Outcome | None
):
    (tmp_path / "server.py").write_text(program)
    found = []
    for confines in (True, False):
        run = Run("x", {}, 3, "en")
        with Grading(RUBRIC, run, tmp_path, fixtures=FIXTURES, confines=confines) as grading:
            found.append(grading.judge(RUBRIC.checks[check], STORIES[check]).outcome)
    assert found[0] == found[1]
    assert outcome is None or found[0] is outcome


@landlock
def test_where_it_cannot_be_done_nothing_runs(tmp_path: Path):
    script = (
        f"import sys; sys.path.insert(0, {str(REPO)!r}); from harness.program import confine;"
        "confine.version = lambda: 0; confine.main(['r:/', '--', '/bin/echo', 'ran'])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (confine.CANNOT, "")
    assert "cannot be confined here" in done.stderr
