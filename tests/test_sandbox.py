"""The program under test is a stranger: its own copy, a clean environment, and nothing left."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.grading.judge import REPO
from harness.program import sandbox as sandbox_module
from harness.program.inheritance import restore_interrupt
from harness.program.sandbox import Sandbox
from harness.program.tree import children, session
from tests.watching import LONG, eventually, processes_of

posix = pytest.mark.skipif(os.name != "posix", reason="processes, groups and signals of POSIX")
linux = pytest.mark.skipif(sys.platform != "linux", reason="seen in /proc")


# -- the fresh copy


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    (folder / "paket").mkdir(parents=True)
    (folder / "server.py").write_text("print('halo')")
    (folder / "paket" / "ruang.py").write_text("x = 1")
    (folder / ".env").write_text("setting")
    return folder


def files_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


# -- the process


Runs = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def runs(sandbox: Sandbox, tmp_path: Path) -> Iterator[Runs]:
    """Runs a program in the sandbox."""
    running = []

    def run(program: str, *arguments: str) -> subprocess.Popen[bytes]:
        folder = tmp_path / f"program {len(running)}"
        folder.mkdir()
        (folder / "server.py").write_text(textwrap.dedent(program), encoding="utf-8")
        process = sandbox.spawn(["server.py", *arguments], sandbox.fresh(folder))
        running.append(process)
        return process

    yield run
    for process in running:
        sandbox.end(process)
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        process.stderr.close()


def printed(process: subprocess.Popen[bytes]) -> list[str]:
    assert process.stdout is not None
    return process.stdout.read().decode().splitlines()


def first_line(process: subprocess.Popen[bytes]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().decode().strip()


def test_a_program_gets_its_arguments_and_its_folder(runs: Runs):
    process = runs(
        "import os, sys; print(sys.argv[1:]); print(sorted(os.listdir()))", "--port", "1"
    )
    assert printed(process) == ["['--port', '1']", "['server.py']"]


@posix  # Windows selects sockets only
def test_nobody_types_and_nothing_is_buffered(runs: Runs):
    process = runs(
        """
        import select, sys, time
        print("early")
        print(select.select([sys.stdin], [], [], 0.1))
        sys.stdin.read()
        """
    )
    assert first_line(process) == "early"
    assert first_line(process) == "([], [], [])"
    assert process.poll() is None


def test_the_environment_is_clean(runs: Runs, monkeypatch: pytest.MonkeyPatch):
    for name in ("SECRET", "PYTHONPATH", "PYTHONSTARTUP", "PYTEST_CURRENT_TEST", "LD_PRELOAD_X"):
        monkeypatch.setenv(name, "/from/the/grader")
    monkeypatch.setenv("LANG", "C.UTF-8")
    process = runs("import os\nfor pair in os.environ.items(): print(*pair, sep='=')")
    found = dict(line.split("=", 1) for line in printed(process))
    assert "/from/the/grader" not in found.values()
    assert found["LANG"] == "C.UTF-8"
    folder = found["HOME"]
    assert folder == found["TMPDIR"]
    assert not any(str(REPO) in value for value in found.values())


def test_the_interpreter_is_bare(runs: Runs):
    """What is installed beside the grader is out of reach, and costs no time."""
    process = runs("import sys; print(sys.version_info[:2]); import pytest")
    assert process.stderr is not None
    assert first_line(process) == str(sys.version_info[:2])
    assert b"ModuleNotFoundError" in process.stderr.read()


def test_a_program_prints_any_character(runs: Runs, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LC_ALL", "C")
    assert printed(runs("print('你好 😀')")) == ["你好 😀"]


@posix
def test_a_program_leads_a_group_of_its_own(runs: Runs):
    process = runs("import os; print(os.getpgrp(), os.getsid(0), os.getpid())")
    assert first_line(process) == f"{process.pid} {process.pid} {process.pid}"


@linux
def test_a_file_cannot_grow_without_end(runs: Runs, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sandbox_module, "LARGEST_OUTPUT_FILE", 100_000)
    process = runs(
        """
        import resource
        while resource.getrlimit(resource.RLIMIT_FSIZE)[0] < 0:
            pass
        try:
            open("x", "wb").write(b"x" * 200_000)
        except OSError as error:
            print(error.strerror)
        """
    )
    assert printed(process) == ["File too large"]


@posix
def test_ctrl_c_works_also_where_the_grader_ignores_it():
    """Started in the background a grader ignores SIGINT, and its children would as well."""
    grader = """
        import signal, subprocess, sys
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        from harness.program.inheritance import restore_interrupt
        restore_interrupt()
        child = "from signal import *; print(getsignal(SIGINT) is default_int_handler)"
        print(subprocess.run([sys.executable, "-c", child], capture_output=True).stdout)
        signal.raise_signal(signal.SIGINT)
        print("and the grader still takes no notice")
        """
    ignoring = "from signal import *; signal(SIGINT, SIG_IGN); import os, sys; {}".format(
        "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
    )
    done = subprocess.run(
        [sys.executable, "-c", ignoring, "-c", textwrap.dedent(grader)],
        cwd=REPO,
        capture_output=True,
        encoding="utf-8",
        timeout=LONG,
    )
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        r"b'True\n'",
        "and the grader still takes no notice",
    ]


def test_a_ctrl_c_that_is_not_ignored_is_left_alone():
    before = signal.getsignal(signal.SIGINT)
    restore_interrupt()
    assert signal.getsignal(signal.SIGINT) is before


# -- the end


SLEEPER = "import time\nprint('ready')\ntime.sleep(600)"
# It says nothing: its parent writes to the same pipe.
SILENT = "import time\ntime.sleep(600)"
# Each prints the id of a process that it left behind, and then does what it does.
LEFT_BEHIND = {
    "a child": f"""
        import subprocess, sys, time
        print(subprocess.Popen([sys.executable, "-c", {SILENT!r}]).pid)
        time.sleep(600)
        """,
    "the child of one that has ended": f"""
        import subprocess, sys
        print(subprocess.Popen([sys.executable, "-c", {SILENT!r}]).pid)
        """,
    "a daemon in a session of its own": """
        import os, time
        if os.fork():
            os.wait()
            time.sleep(600)
        os.setsid()
        if os.fork():
            os._exit(0)
        print(os.getpid())
        time.sleep(600)
        """,
    "an orphaned daemon of one that has ended": """
        import os, time
        if os.fork():
            os._exit(0)
        os.setsid()
        if os.fork():
            os._exit(0)
        print(os.getpid())
        time.sleep(600)
        """,
    "a daemon with an environment of its own": """
        import os, subprocess, sys
        command = [sys.executable, "-c", "import time; time.sleep(600)"]
        print(subprocess.Popen(command, env={}, start_new_session=True, cwd="/").pid)
        """,
    "a daemon that is another program": """
        import subprocess
        print(subprocess.Popen(["sleep", "600"], env={}, start_new_session=True).pid)
        """,
    "a daemon without anything that is ours": """
        import subprocess, time
        print(subprocess.Popen(["sleep", "600"], env={}, start_new_session=True, cwd="/").pid)
        time.sleep(600)  # ended by itself, nothing would tell whose the daemon is
        """,
    "one that ignores every polite request": """
        import os, signal, time
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        print(os.getpid())
        time.sleep(600)
        """,
    "one that is stopped": """
        import os, signal
        print(os.getpid(), flush=True)
        os.kill(os.getpid(), signal.SIGSTOP)
        """,
}


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and was not fetched yet does not."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as stat:
            return stat.read().rpartition(b")")[2].split()[0] not in (b"Z", b"X")
    except OSError:
        return False


@linux
@pytest.mark.parametrize("way", LEFT_BEHIND)
def test_nothing_outlives_its_end(sandbox: Sandbox, runs: Runs, way: str):
    process = runs(LEFT_BEHIND[way])
    pid = int(first_line(process))
    assert is_alive(pid)
    sandbox.end(process)
    assert not is_alive(pid)


@linux
@pytest.mark.parametrize("goes", ["time.sleep(600)", "os._exit(0)"])
def test_no_dead_children_are_left_either(sandbox: Sandbox, runs: Runs, goes: str):
    """They come to us when the program ends, and have no mark any more."""
    process = runs(
        f"""
        import os, time
        pids = [os.fork() or os._exit(0) for _ in range(40)]
        if os.fork() == 0:
            time.sleep(600)
        print("ready")
        {goes}
        """
    )
    assert first_line(process) == "ready"
    if goes != "time.sleep(600)":
        process.wait()
    sandbox.end(process)
    assert [pid for pid in children(os.getpid()) if session(pid) == process.pid] == []


@linux
def test_the_end_of_one_program_is_not_the_end_of_another(sandbox: Sandbox, runs: Runs):
    one, other = runs(SLEEPER), runs(SLEEPER)
    stranger = subprocess.Popen([sys.executable, "-c", SLEEPER], stdout=subprocess.PIPE)
    assert first_line(one) == first_line(other) == first_line(stranger) == "ready"
    sandbox.end(one)
    assert other.poll() is None
    assert stranger.poll() is None
    stranger.kill()
    stranger.communicate()


def test_a_program_may_be_ended_after_the_run_is_closed(tmp_path: Path):
    sandbox = Sandbox()
    folder = tmp_path / "own"
    folder.mkdir()
    process = sandbox.spawn(["-c", "import time; time.sleep(600)"], folder)
    sandbox.close()
    sandbox.end(process)
    assert process.poll() is not None


@linux
def test_closing_ends_all_and_removes_the_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sandbox_module.tempfile, "tempdir", str(tmp_path))
    sandbox = Sandbox()
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "server.py").write_text(SLEEPER)
    process = sandbox.spawn(["server.py"], sandbox.fresh(tmp_path / "source"))
    assert first_line(process) == "ready"
    assert len(processes_of(tmp_path)) == 2  # the program and the guardian
    sandbox.close()
    assert processes_of(tmp_path) == []
    assert os.listdir(tmp_path) == ["source"]
    process.wait()


# A grader that runs a program, and a daemon which leaves the program's group, until it is killed.
GRADER = """
    import sys
    from pathlib import Path
    from harness.program.sandbox import Sandbox

    sandbox = Sandbox()
    process = sandbox.spawn(["server.py"], sandbox.fresh(Path(sys.argv[1])))
    print(process.stdout.readline().decode(), end="", flush=True)
    sys.stdin.read()
    """


@linux
@pytest.mark.parametrize("end", ["SIGKILL", "SIGTERM", "SIGHUP"])
def test_a_grader_that_is_killed_leaves_nothing(tmp_path: Path, end: str):
    source = tmp_path / "source"
    source.mkdir()
    daemon = LEFT_BEHIND["a daemon in a session of its own"]
    (source / "server.py").write_text(textwrap.dedent(daemon))
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    grader = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(GRADER), str(source)],
        cwd=REPO,
        env=os.environ | {"TMPDIR": str(temporary)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert int(first_line(grader)) > 0
    # the grader, the program, its daemon, the guardian
    assert len(processes_of(temporary)) == 4
    grader.send_signal(signal.Signals[end])
    grader.communicate()
    assert eventually(lambda: not processes_of(temporary))
    assert eventually(lambda: os.listdir(temporary) == [])


@posix
def test_the_guardian_outlives_ctrl_c_and_whoever_ends_all_programs(sandbox: Sandbox, runs: Runs):
    """It cleans up after the grader, so it must be the last to go."""
    runs(SLEEPER)
    guardian = sandbox._guardian
    assert guardian is not None
    if sys.platform == "linux":
        status = Path(f"/proc/{guardian.pid}/status")
        ignored = sum(1 << (s - 1) for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP))

        def ignores() -> bool:
            line = next(row for row in status.read_text().splitlines() if row.startswith("SigIgn"))
            return int(line.split()[1], 16) & ignored == ignored

        assert eventually(ignores)
    assert os.getpgid(guardian.pid) != os.getpgrp()


# -- the end


def test_a_closed_run_starts_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A thread that would start a program waits; another one is about to end our process."""
    started: list[object] = []
    sandbox = Sandbox()
    monkeypatch.setattr(sandbox, "_spawn", lambda *words: started.append(words))
    sandbox.close()
    sandbox.close()
    late = threading.Thread(target=sandbox.spawn, args=([], tmp_path), daemon=True)
    late.start()
    late.join(0.2)
    assert late.is_alive()
    assert started == []


def test_a_start_under_way_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """It has its entry among what the end of the run ends."""
    begun, may_go_on, order = threading.Event(), threading.Event(), list[str]()

    def slow(*words: object) -> None:
        begun.set()
        may_go_on.wait(LONG)
        order.append("started")

    sandbox = Sandbox()
    monkeypatch.setattr(sandbox, "_spawn", slow)
    nothing = {"stdin": subprocess.DEVNULL}
    starts = threading.Thread(target=sandbox.spawn, args=([], tmp_path), kwargs=nothing)
    ends = threading.Thread(target=lambda: (sandbox.close(), order.append("closed")))
    starts.start()
    assert begun.wait(LONG)
    ends.start()
    ends.join(0.2)
    may_go_on.set()
    starts.join(LONG)
    ends.join(LONG)
    assert order == ["started", "closed"]
