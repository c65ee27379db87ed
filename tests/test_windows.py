"""What only Windows has: `python -m harness windows` runs this, elsewhere nothing is tested."""

import subprocess
import sys
from pathlib import Path

import pytest

from harness.grading.judge import REFERENCE, REPO
from harness.program.sandbox import Sandbox
from harness.reports.evidence import typed
from tests.client_judge import judge
from tests.watching import LONG

pytestmark = pytest.mark.skipif(sys.platform != "win32", reason="Windows has this, no other system")

# In a process of its own: the program waits for Ctrl-C and says that it came.
GRADER = """
import sys
from pathlib import Path
from harness.program import windows
from harness.program.sandbox import Sandbox

source = Path(sys.argv[1])
sandbox = Sandbox()
program = sandbox.spawn(["server.py"], sandbox.fresh(source))
program.stdout.readline()
windows.press_ctrl_c(program.pid)
said = program.stdout.readline()
sandbox.end(program)
sandbox.close()
sys.exit(0 if said.strip() == b"interrupted" else 1)
"""
PROGRAM = """
import time
try:
    print("waits", flush=True)
    while True:
        time.sleep(0.01)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


@pytest.mark.parametrize("is_alone", [False, True])
def test_a_grader_in_a_group_of_its_own_presses_ctrl_c_too(tmp_path: Path, is_alone: bool):
    """Its parent has Ctrl-C ignored in it, and in all that it starts, if it does nothing."""
    (tmp_path / "server.py").write_text(PROGRAM, encoding="utf-8")
    flags = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0) if is_alone else 0
    command = [sys.executable, "-c", GRADER, str(tmp_path)]
    done = subprocess.run(
        command, cwd=REPO, creationflags=flags, timeout=LONG, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, b"")


def test_the_screen_is_not_judged_and_the_reason_names_what_windows_has_instead_of_a_pty():
    verdict = judge(REFERENCE, frozenset(("client.screen",)))["client.screen"]
    assert str(verdict.outcome) == "not_run"
    assert "ConPTY" in verdict.reason


def test_a_run_that_ends_while_a_program_runs_leaves_no_folder(tmp_path: Path):
    """Where a check hangs that nothing can end, the run ends all the same."""
    (tmp_path / "server.py").write_text("import time\ntime.sleep(600)\n", encoding="utf-8")
    sandbox = Sandbox()
    program = sandbox.spawn(["server.py"], sandbox.fresh(tmp_path))
    sandbox.close()
    assert program.poll() is not None
    assert not sandbox.folder.exists()


def test_a_command_to_be_copied_has_the_quotes_of_windows():
    words = ["python", "-m", "harness", "--submission=C:\\Dwi Ayu\\kerja"]
    assert typed(words) == 'python -m harness "--submission=C:\\Dwi Ayu\\kerja"'


def test_a_pipe_understands_no_escapes():
    program = (
        "import sys; from harness.program import windows; "
        "sys.exit(windows.understands_escapes(sys.stdout))"
    )
    pipe = subprocess.PIPE
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=REPO, stdin=pipe, stdout=pipe, stderr=pipe, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
