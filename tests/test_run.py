"""A run from outside: what ends it early, what must have no part in it, and where it can print."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.contract.rubric import load
from harness.grading.judge import REPO
from tests.conftest import Grader
from tests.tiny import SERVER
from tests.watching import LONG, eventually, processes_of

Submission = Callable[..., Path]
linux = pytest.mark.skipif(sys.platform != "linux", reason="seen in /proc")
posix = pytest.mark.skipif(os.name != "posix", reason="signals, devices and names of POSIX")

FRIENDLY = ("--modul4-friendly", "-p", "no:terminal", "-s")
# For the run of one story, as a pytest plugin: `{}` is what that story does.
ONE_STORY = """\
import errno, threading, types
from harness.actors.console import Console
from harness.grading import budget

def logs_joining_of(self, client):
    {}

Console.logs_joining_of = logs_joining_of
"""
HANGS = ONE_STORY.format("threading.Event().wait()")
# For 4 seconds, as nobody wants to wait for the real bound. The other checks have time for a slow
# start.
HANGS_BRIEFLY = (
    HANGS
    + """
from harness.grading import judge

budget.CALM = budget.MOST = 100.0

def pytest_runtest_setup(item):
    if item.name == "test_log":
        budget.PART = judge.PART = 0.04
"""
)
# There the main thread cannot be stopped.
HANGS_ON_WINDOWS = HANGS_BRIEFLY + "budget.sys = types.SimpleNamespace(platform='win32')\n"
# The story goes on once the run has ended its programs; the run waits for what is made of that.
GOES_ON = (
    ONE_STORY.format("closed.wait()")
    + """
from harness.program.sandbox import Sandbox
from harness.run import GradingRun
closed, kept = threading.Event(), threading.Event()
close, keep = Sandbox.close, GradingRun.keep_results

def close_and_wait(self):
    close(self)
    closed.set()
    kept.wait(60)

def keep_and_say(self):
    keep(self)
    if closed.is_set():
        kept.set()

Sandbox.close, GradingRun.keep_results = close_and_wait, keep_and_say
"""
)
GOES_ON_ON_WINDOWS = HANGS_ON_WINDOWS.replace(HANGS, GOES_ON)
DISK_FULL = ONE_STORY.format("raise OSError(errno.ENOSPC, 'No space left on device')")
# A Ctrl-C that is taken for something else on its way up, once it was pressed.
SWALLOWS = ONE_STORY.format(
    "print('now', flush=True)\n"
    "    while True:\n        try:\n            threading.Event().wait()\n"
    "        except KeyboardInterrupt:\n            pass"
)
CHOSEN = ("-k", "nickname.accept or nickname.log or nickname.retry")
JUDGED = {"nickname.accept": "passed", "nickname.retry": "passed"}


def with_plugin(
    grader: Grader, folder: Path, text: str
) -> tuple[tuple[object, ...], dict[str, str]]:
    """Words and variables for a run in which the plugin ``text`` has a part."""
    place = grader.folder.parent
    (place / "spoilt.py").write_text(text)
    words = ("--submission", folder, "-p", "spoilt", *FRIENDLY, *CHOSEN)
    return words, {"PYTHONPATH": str(place)}


# -- a story that hangs, a full disk, Ctrl-C


@posix
def test_a_check_that_hangs_costs_itself_alone(grader: Grader, submission: Submission):
    """Also without pytest's terminal, which pytest-timeout would need."""
    words, variables = with_plugin(grader, submission(SERVER), HANGS_BRIEFLY)
    graded = grader(*words, **variables)
    assert graded.status == 3, graded.said
    assert graded.outcomes() == JUDGED | {"nickname.log": "inconclusive"}
    assert (
        "satu pemeriksaan boleh berjalan paling lama 4 detik"
        in graded.check("nickname.log")["seen"]
    )
    assert graded.results["state"] == "complete"
    assert "INTERNAL" not in graded.said
    assert os.listdir(grader.folder) == []


def test_where_it_cannot_be_stopped_the_run_ends_with_what_is_known(
    grader: Grader, submission: Submission
):
    words, variables = with_plugin(grader, submission(SERVER), HANGS_ON_WINDOWS)
    graded = grader(*words, **variables)
    assert graded.status == 3, graded.said
    assert graded.outcomes() == {"nickname.accept": "passed", "nickname.log": "inconclusive"}
    assert (graded.results["state"], graded.results["max_score"]) == ("interrupted", 100)
    assert "1 pemeriksaan belum dilakukan" in graded.said
    assert os.listdir(grader.folder) == []


def test_what_is_seen_of_programs_that_the_run_has_ended_is_no_verdict(
    grader: Grader, submission: Submission
):
    words, variables = with_plugin(grader, submission(SERVER), GOES_ON_ON_WINDOWS)
    graded = grader(*words, **variables)
    assert graded.status == 3, graded.said
    assert graded.outcomes() == {"nickname.accept": "passed", "nickname.log": "inconclusive"}


def test_a_full_disk_is_told_in_a_sentence(grader: Grader, submission: Submission):
    words, variables = with_plugin(grader, submission(SERVER), DISK_FULL)
    graded = grader(*words, **variables)
    assert graded.status == 3, graded.said
    assert "bukan salah programmu): disk penuh" in graded.said
    assert graded.outcomes() == {"nickname.accept": "passed"}
    assert graded.results["state"] == "interrupted"


@posix
def test_ctrl_c_that_a_story_swallows_ends_the_run_all_the_same(
    grader: Grader, submission: Submission
):
    words, variables = with_plugin(grader, submission(SERVER), SWALLOWS)
    process = grader.starts(*words, **variables)
    assert process.stdout is not None
    before = ""
    while "now" not in before:
        before += process.stdout.read(1)
    process.send_signal(signal.SIGINT)
    said = before + process.communicate(timeout=LONG)[0]
    graded = grader.graded(process.returncode, said)
    assert graded.status == 2, graded.said
    assert graded.results["state"] == "interrupted"
    assert graded.check("nickname.accept")["outcome"] == "passed"
    assert graded.check("nickname.log")["outcome"] is None
    assert graded.check("nickname.retry")["outcome"] is None
    assert "Dihentikan sebelum selesai" in graded.said
    assert "Traceback" not in graded.said


@linux
def test_a_killed_run_says_that_it_was_running(grader: Grader, submission: Submission):
    words, variables = with_plugin(grader, submission(SERVER), HANGS)
    process = grader.starts(*words, **variables)
    assert eventually(lambda: grader.results.exists() and "passed" in grader.results.read_text())
    process.kill()
    graded = grader.graded(process.wait(), process.communicate()[0])
    assert (graded.results["state"], graded.results["max_score"]) == ("running", 100)
    assert eventually(lambda: not processes_of(grader.folder))


def test_what_minus_x_leaves_out_has_no_outcome(grader: Grader, submission: Submission):
    words = ("--submission", submission("raise SystemExit(1)"), "-x", "-k", "start")
    graded = grader(*words)
    assert graded.status == 1
    assert graded.outcomes() == {"start.listens": "failed"}
    assert (graded.results["state"], graded.results["max_score"]) == ("interrupted", 100)


# -- results


@pytest.mark.parametrize("name", ["Server.py", "tugas.zip"])
def test_old_results_do_not_outlive_a_submission_that_is_refused(
    grader: Grader, tmp_path: Path, name: str
):
    folder = tmp_path / "submission"
    folder.mkdir()
    (folder / name).write_text("")
    (folder / "client.py").write_text("") if name.endswith(".py") else None
    if (folder / "server.py").exists():
        pytest.skip("to this file system the two names are one")
    grader.results.write_text('{"score": 100}')
    graded = grader("--submission", folder)
    assert graded.status == 4
    assert name in graded.said
    assert graded.results["state"] == "interrupted"
    assert (graded.results["score"], graded.outcomes()) == (0, {})


@posix
def test_results_to_nowhere_leave_the_device_alone(grader: Grader, submission: Submission):
    words = ("--submission", submission(SERVER), "-k", "start.listens", "--results=/dev/null")
    graded = grader(*words)
    assert graded.status == 0, graded.said
    assert Path("/dev/null").is_char_device()


# -- what must have no part in it


class Kit:
    """`python -m harness`, in whatever folder it lies."""

    def __init__(self, root: Path, results: Path) -> None:
        self.root = root
        self.results = results

    def __call__(
        self, *words: str, stdout: int | None = None, **variables: str
    ) -> subprocess.CompletedProcess[bytes]:
        kept = {name: value for name, value in os.environ.items() if name != "MODUL4_LANG"}
        return subprocess.run(
            [sys.executable, str(self.root / "harness"), f"--results={self.results}", *words],
            env=kept | variables,
            cwd=self.results.parent,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if stdout is None else stdout,
            stderr=subprocess.PIPE,
            timeout=5 * LONG,
        )

    def outcomes(self) -> dict[str, str]:
        rows = json.loads(self.results.read_text(encoding="utf-8"))["checks"]
        return {row["id"]: row["outcome"] for row in rows if row["outcome"]}


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    return Kit(REPO, tmp_path / "results.json")


ONE = {"start.listens": "passed"}


def test_variables_of_pytest_have_no_part_in_a_self_check(kit: Kit, submission: Submission):
    folder = submission(SERVER)
    (folder.parent / "evil.py").write_text("raise SystemExit(77)\n")
    done = kit(
        f"--submission={folder}",
        "-k",
        "nickname.re",
        PYTEST_ADDOPTS="-k banner -x --collect-only",
        PYTEST_PLUGINS="evil",
        PYTHONPATH=str(folder.parent),
    )
    assert done.returncode == 0, done.stderr
    assert kit.outcomes() == {"nickname.request": "passed", "nickname.retry": "passed"}


def test_a_word_chooses_the_checks_whose_name_contains_it(kit: Kit, submission: Submission):
    done = kit(f"--submission={submission(SERVER)}", "-k", "uniq,LISTENS")
    assert done.returncode == 0, done.stderr
    assert kit.outcomes() == ONE | {"nickname.unique": "passed"}
    # On Windows a pipe has the encoding of the console.
    said = done.stdout.decode(errors="replace")
    assert "Yang kamu pilih lulus semua (2). Selanjutnya: semua pemeriksaan" in said
    assert "Selamat" not in said


@pytest.mark.parametrize("word", ["unique", "nick", "nickname.u"])
def test_so_does_the_option_of_pytest(grader: Grader, word: str):
    graded = grader("-k", word, "--collect-only", "-q")
    names = {line.rpartition("::test_")[2] for line in graded.said.splitlines() if "::" in line}
    expected = {c.id.partition(".")[2] for c in load() if word in c.id}
    assert names == expected


def test_several_at_once_are_refused(grader: Grader):
    pytest.importorskip("xdist")
    graded = grader("-n", "2")
    assert graded.status == 4
    assert "hilangkan -n 2 (pytest-xdist)" in graded.said
    assert graded.said.strip().count("\n") == 0


@posix
@pytest.mark.parametrize("name", ["Tugas [4]", "modul:4", "a=b 'c'"])
def test_a_folder_may_have_any_name(tmp_path: Path, submission: Submission, name: str):
    root = tmp_path / name / "kit"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(REPO / "harness", root / "harness", ignore=ignored)
    shutil.copytree(REPO / "modul4", root / "modul4")
    shutil.copy(REPO / "pyproject.toml", root)
    folder = submission(SERVER, f"of {name}")
    kit = Kit(root, tmp_path / f"{name}.json")
    done = kit("--submission", f"of {name}", "-k", "start.listens")
    assert done.returncode == 0, done.stderr
    assert kit.outcomes() == ONE
    assert folder.is_dir()


# -- where it prints


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_what_cannot_be_encoded_is_escaped(kit: Kit, submission: Submission, encoding: str):
    folder = submission("raise SystemExit('日本語 ✓')", "Ñandú ✓")
    done = kit(f"--submission={folder}", "-k", "start.listens", PYTHONIOENCODING=encoding)
    assert done.returncode == 1, done.stderr
    assert b"Traceback" not in done.stdout + done.stderr
    said = done.stdout.decode(encoding)
    assert "start.listens" in said
    assert ("日本語" if encoding == "utf-8" else "\\u65e5\\u672c\\u8a9e") in said


@posix
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")
def test_a_report_that_cannot_be_printed_is_told(kit: Kit, submission: Submission):
    words = (f"--submission={submission(SERVER)}", "-k", "start.listens")
    with open("/dev/full", "wb") as full:
        done = kit(*words, stdout=full.fileno())
    assert (done.returncode, kit.outcomes()) == (0, ONE)
    said = done.stderr.decode()
    assert said == "Laporan tidak bisa dicetak: No space left on device.\n"


@posix
def test_a_closed_stdout_changes_nothing(kit: Kit, submission: Submission):
    words = [sys.executable, str(REPO / "harness"), f"--submission={submission(SERVER)}"]
    words += ["-k", "start.listens", f"--results={kit.results}"]
    script = 'exec "$@" >&- 2>&-'
    done = subprocess.run(["sh", "-c", script, "sh", *words], timeout=5 * LONG)
    assert (done.returncode, kit.outcomes()) == (0, ONE)
