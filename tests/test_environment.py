"""The set-up: as a student meets it, and, with venv and pip played, for each state of `.venv`.

As a student meets it: the command, on a copy, with a bare Python. Packages come from a folder of
made-up wheels, so no network is needed. Their pytest prints what it was given. `-S` keeps
whatever the running Python has installed out of sight.
"""

import ast
import errno
import glob
import http.server
import io
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tarfile
import threading
import time
import venv
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from harness.setup import environment, installed, messages

ROOT = Path(environment.ROOT)
BARE_PYTHON = [getattr(sys, "_base_executable", sys.executable), "-S"]
STARTED_FIRST = ["__main__.py", *(f"setup/{each.name}" for each in ROOT.glob("harness/setup/*.py"))]
PRETEND_PYTEST = """
import json, os, sys
print(json.dumps({"arguments": sys.argv[1:], "prefix": sys.prefix, "cwd": os.getcwd()}))
sys.exit(int(os.environ.get("PRETEND_STATUS", "0")))
"""

posix_only = pytest.mark.skipif(os.name == "nt", reason="sends POSIX signals")


@dataclass(frozen=True)
class Copy:
    """A copy of the kit, as far as it takes part in the set-up."""

    root: Path
    environment: dict[str, str]

    @property
    def venv(self) -> Path:
        return self.root / ".venv"

    @property
    def unfinished(self) -> list[Path]:
        return list(self.root.glob(".venv.*"))

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        """Start `python -m harness` in a session of its own."""
        return subprocess.Popen(
            [*BARE_PYTHON, "-m", "harness", *arguments],
            cwd=self.root,
            env={**self.environment, **variables},
            # Under wine no Python starts with the null device, which it would inherit.
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, **variables: str) -> tuple[int, str, str]:
        """Its status, stdout and stderr."""
        return ended(self.start(*arguments, **variables))


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    try:
        # Only a broken one takes so long, or a machine that hardly runs: two may be made at once.
        out, err = process.communicate(timeout=240)
    finally:
        process.kill()
    return process.returncode, out, err


def wheel(folder: Path, requirement: str, source: str) -> None:
    """Put a wheel of one module into `folder`, of the lowest version that is allowed."""
    name = installed.package(requirement).replace("-", "_")
    version = requirement.split(">=")[1].split(",")[0]
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": source,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{each},,\n" for each in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All that is required, and of the extras psutil alone; hypothesis also newer, as source."""
    folder = tmp_path_factory.mktemp("wheels")
    required, optional = installed.listed()
    for each in required + [each for each in optional if "psutil" in each]:
        wheel(folder, each, PRETEND_PYTEST if each.startswith("pytest>") else "")
    # A package that must be compiled, which nobody here can do: an older wheel is to be preferred.
    with tarfile.open(folder / "hypothesis-6.999.tar.gz", "w:gz") as archive:
        archive.addfile(tarfile.TarInfo("hypothesis-6.999/setup.py"))
    return folder


def copy_of_the_kit(folder: Path, wheels: Path) -> Copy:
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / "harness").mkdir()
    for path in (ROOT / "harness").glob("*.py"):
        shutil.copy(path, folder / "harness")
    shutil.copytree(ROOT / "harness" / "setup", folder / "harness" / "setup")
    # What the command line asks of Windows.
    (folder / "harness" / "program").mkdir()
    for name in ("__init__.py", "windows.py"):
        shutil.copy(ROOT / "harness" / "program" / name, folder / "harness" / "program")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "PYTHON", "MODUL4_"))}
    offline = {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels)}
    return Copy(folder, {**kept, **offline})


@pytest.fixture
def fresh(tmp_path: Path, wheels: Path) -> Copy:
    """A clone that nothing was done with."""
    return copy_of_the_kit(tmp_path, wheels)


@dataclass(frozen=True)
class FirstDay:
    """A copy that one command was killed on, and two were then started on at once."""

    copy: Copy
    left_by_the_killed: list[Path]
    results: list[tuple[int, str, str]]


def in_the_middle(copy: Copy) -> subprocess.Popen[str]:
    """A set-up that has begun and cannot have ended."""
    process = copy.start()
    deadline = time.monotonic() + 60
    while not copy.unfinished:
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.001)
    return process


@pytest.fixture(scope="module")
def first_day(tmp_path_factory: pytest.TempPathFactory, wheels: Path) -> FirstDay:
    copy = copy_of_the_kit(tmp_path_factory.mktemp("copy"), wheels)
    killed = in_the_middle(copy)
    os.killpg(killed.pid, signal.SIGKILL) if os.name == "posix" else killed.kill()
    killed.communicate()
    left = copy.unfinished
    both = [copy.start("--seed", "1"), copy.start("--seed", "2")]
    return FirstDay(copy, left, [ended(each) for each in both])


@pytest.fixture
def ready(first_day: FirstDay) -> Copy:
    """A copy with a complete environment."""
    return first_day.copy


def test_after_a_kill_two_at_once_use_one_environment_and_leave_nothing_else(first_day: FirstDay):
    assert len(first_day.left_by_the_killed) == 1
    assert [status for status, _, _ in first_day.results] == [0, 0], first_day.results
    for seed, (_, out, _) in enumerate(first_day.results, start=1):
        told = json.loads(out)
        assert told["prefix"] == str(first_day.copy.venv)
        assert f"--seed={seed}" in told["arguments"]
    assert first_day.copy.unfinished == []


def test_each_stage_of_the_set_up_is_one_line_in_a_pipe(first_day: FirstDay):
    lines = first_day.results[0][2].splitlines()
    assert lines[0] == messages.sentence("making", "id")
    assert [line[:7] for line in lines[1:4]] == ["  [1/6]", "  [2/6]", "  [3/6]"]
    assert lines[-1].startswith("Selesai dalam ")


def test_an_extra_that_cannot_be_had_is_told_and_does_no_harm(first_day: FirstDay):
    said = first_day.results[0][2]
    assert said.count("Paket tambahan pyte tidak dapat dipasang, maka pemeriksaan layar") == 1


@posix_only
def test_the_scripts_of_the_environment_know_its_final_name(ready: Copy):
    script = f'. .venv/bin/activate; [ "$VIRTUAL_ENV" = "{ready.venv}" ]; .venv/bin/pip --version'
    done = subprocess.run(["sh", "-ec", script], cwd=ready.root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert str(ready.venv) in done.stdout


def test_the_second_time_nothing_is_said_or_done(ready: Copy):
    before = ready.venv.stat()
    status, out, err = ready.run("-k", "nickname", "--submission", "a b")
    assert (status, err) == (0, "")
    told = json.loads(out)
    assert told["prefix"] == str(ready.venv)
    assert told["cwd"] == str(ready.root)
    assert told["arguments"][:2] == ["harness", "--modul4-friendly"]
    assert {"--submission=a b", "--modul4-only=nickname"} < set(told["arguments"])
    assert ready.venv.stat() == before


def test_the_exit_status_is_handed_back(ready: Copy):
    assert ready.run(PRETEND_STATUS="37")[0] == 37


def test_the_folder_can_be_run_from_elsewhere(ready: Copy, tmp_path: Path):
    (tmp_path / "socket.py").write_text("raise SystemExit('a file of the student was imported')")
    done = subprocess.run(
        [*BARE_PYTHON, str(ready.root / "harness"), "--submission", "here"],
        cwd=tmp_path,
        env=ready.environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert {f"--modul4-home={tmp_path}", "--submission=here"} < set(told["arguments"])


def test_the_kits_own_tests_run_in_it_too(ready: Copy):
    (ready.root / "tests").mkdir(exist_ok=True)
    _, out, err = ready.run("selftest", "-x")
    assert json.loads(out)["arguments"] == ["tests", "-x"]
    assert err == ""


def test_packages_hidden_by_older_ones_are_no_endless_loop(ready: Copy, tmp_path: Path):
    put(tmp_path, "pytest>=1.0,<2")
    status, _, err = ready.run("--lang", "en", PYTHONPATH=str(tmp_path))
    assert status == environment.SETUP_FAILED
    assert err == messages.sentence("of no use", "en") + "\n"


def test_help_and_mistakes_need_no_environment(fresh: Copy):
    assert fresh.run("--help")[0] == 0
    assert fresh.run("--nonsense")[0] == 4
    assert not fresh.venv.exists()


@pytest.mark.parametrize("missing", ["venv", "ensurepip"])
def test_a_python_without_venv_is_told_what_to_install(fresh: Copy, tmp_path: Path, missing: str):
    stubs = tmp_path / "stubs"
    stubs.mkdir()
    (stubs / f"{missing}.py").write_text("raise ImportError")
    status, out, err = fresh.run(PYTHONPATH=str(stubs))
    assert (status, out) == (environment.SETUP_FAILED, "")
    assert "sudo apt install python3-venv" in err
    assert err.count("\n") == 1
    assert not fresh.venv.exists()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_told(fresh: Copy):
    fresh.root.chmod(0o555)
    try:
        status, _, err = fresh.run("--lang=en")
    finally:
        fresh.root.chmod(0o755)
    assert status == environment.SETUP_FAILED
    assert "cannot be made" in err and err.count("\n") == 1


@posix_only
def test_ctrl_c_leaves_nothing_behind(fresh: Copy):
    process = in_the_middle(fresh)
    os.killpg(process.pid, signal.SIGINT)
    status, _, err = ended(process)
    assert status == environment.INTERRUPTED
    assert "Traceback" not in err
    assert not fresh.venv.exists()
    assert fresh.unfinished == []


# --- interpreters too old for the kit ---------------------------------------------------


@pytest.mark.parametrize("name", STARTED_FIRST)
def test_what_is_started_first_parses_on_old_pythons(name: str):
    source = (ROOT / "harness" / name).read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 6))


def old_pythons() -> list[str]:
    """Interpreters from 3.6 to 3.10 that this machine happens to have."""
    named = [shutil.which(f"python3.{minor}") for minor in range(6, 11)]
    kept = glob.glob(os.path.expanduser("~/.pyenv/versions/3.*/bin/python3"))
    ask = "import sys; sys.exit(not (3, 6) <= sys.version_info < (3, 11))"

    def is_old(python: str) -> bool:
        return subprocess.run([python, "-c", ask], capture_output=True).returncode == 0

    return sorted(each for each in filter(None, {*named, *kept}) if is_old(each))


def test_an_old_python_gets_one_sentence(fresh: Copy):
    pythons = old_pythons()
    if not pythons:
        pytest.skip("no Python from 3.6 to 3.10 here")
    for python in pythons:
        for arguments in (["-m", "harness"], ["harness"]):
            done = subprocess.run(
                [python, *arguments, "--lang", "en"],
                cwd=fresh.root,
                env=fresh.environment,
                capture_output=True,
                text=True,
                timeout=60,
            )
            assert done.returncode == environment.SETUP_FAILED, python
            assert "needs Python 3.11 or newer" in done.stderr
            assert done.stderr.count("\n") == 1


# --- small things -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "variable", "lang"),
    [
        ([], "", "id"),
        ([], "en", "en"),
        (["--lang", "id"], "en", "id"),
        (["--lang=en"], "", "en"),
        (["--seed", "1", "--lang", "en"], "id", "en"),
        (["--lang"], "en", "id"),
        ([], "fr", "id"),
    ],
)
def test_the_language(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], variable: str, lang: str
):
    monkeypatch.setenv("MODUL4_LANG", variable)
    assert environment.language(arguments) == lang


def test_the_set_up_speaks_both_languages():
    tables = [*messages.SENTENCES.values(), *messages.LOST_WITHOUT.values()]
    assert all(words.keys() == {"id", "en"} and all(words.values()) for words in tables)
    for words in tables:
        assert words["id"].count("{}") == words["en"].count("{}")


# --- each state of `.venv`, with venv and pip played ------------------------------------

REQUIRED, OPTIONAL = ["pytest>=9.0,<10"], ["pyte>=0.8.2,<0.9"]
ALL_DONE = ["venv", REQUIRED[0], OPTIONAL[0]]
NO_SUCH = "WARNING: x\nERROR: No matching distribution found for it\n"


def put(folder: Path, requirement: str) -> None:
    """Install a module, of the lowest version that is allowed, into `folder`."""
    name, version = installed.package(requirement), requirement.split(">=")[1].split(",")[0]
    (folder / f"{name}.py").touch()
    (folder / f"{name}-{version}.dist-info").mkdir(exist_ok=True)


def site_packages(folder: Path) -> Path:
    (found,) = [*folder.glob("lib/python3*/site-packages"), *folder.glob("Lib/site-packages")]
    return found


def make_venv(folder: Path, holds: list[str]) -> None:
    """A real environment without pip, with `holds` in it."""
    venv.EnvBuilder(symlinks=os.name != "nt").create(folder)
    for each in holds:
        put(site_packages(folder), each)


@dataclass
class Kit:
    """A folder that is set up. The environments in it are real; the work of pip is played."""

    root: Path
    refused: dict[str, str] = field(default_factory=dict)  # what pip fails with
    lost: set[str] = field(default_factory=set)  # what pip puts elsewhere
    did: list[str] = field(default_factory=list)
    meanwhile: dict[str, object] = field(default_factory=dict)  # called before that is done

    @property
    def venv(self) -> Path:
        return self.root / ".venv"

    @property
    def others(self) -> list[Path]:
        """What else is in the folder, beside `.venv`."""
        return sorted(each for each in self.root.iterdir() if each != self.venv)

    def has_venv(self, holds: list[str], is_ours: bool = False) -> None:
        make_venv(self.venv, holds)
        (self.venv / "mine").touch()
        if is_ours:
            (self.venv / environment.MARKER).touch()

    def has_python(self, script: str) -> None:
        """The interpreter of `.venv` is a shell script."""
        (self.venv / "bin").mkdir(parents=True)
        python = self.venv / "bin" / "python"
        python.write_text("#!/bin/sh\n" + script)
        python.chmod(0o755)
        (self.venv / "mine").touch()

    def run(self, progress: messages.SetupProgress, *command: str) -> None:
        for each in [word for word in command if word == "venv" or ">=" in word]:
            self.did.append(each)
            if each in self.meanwhile:
                self.meanwhile[each]()
            if each in self.refused:
                raise environment.SetupError(*messages.cause_of(self.refused[each]))
            if each == "venv":
                make_venv(Path(command[-1]), [])
            elif each not in self.lost:
                folder = Path(command[0]).parent.parent
                put(site_packages(folder), each)

    def set_up(self) -> None:
        environment.set_up(REQUIRED, OPTIONAL, "en")

    def is_ready(self) -> bool:
        return installed.state(str(self.venv), REQUIRED) == "ready"


@pytest.fixture
def kit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kit:
    kit = Kit(tmp_path / "kit")
    kit.root.mkdir()
    monkeypatch.setattr(environment, "ROOT", str(kit.root))
    monkeypatch.setattr(environment, "VENV", str(kit.venv))
    monkeypatch.setattr(environment, "run", kit.run)
    return kit


def test_where_there_is_none_one_is_made(kit: Kit, capsys: pytest.CaptureFixture[str]):
    kit.set_up()
    assert kit.did == ALL_DONE
    assert kit.is_ready() and environment.is_ours(str(kit.venv))
    assert kit.others == []
    assert capsys.readouterr().err.splitlines()[:2] == [
        messages.sentence("making", "en"),
        "  [1/3] making a Python environment",
    ]


@pytest.mark.parametrize("is_ours", [True, False])
def test_a_ready_one_is_left_alone(kit: Kit, capsys: pytest.CaptureFixture[str], is_ours: bool):
    kit.has_venv(REQUIRED, is_ours)
    kit.set_up()
    assert kit.did == []
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("holds", [[], ["pytest>=8.0,<9"]], ids=["lacks it", "too old"])
def test_ours_is_replaced_when_a_package_is_not_there_or_too_old(kit: Kit, holds: list[str]):
    kit.has_venv(holds, is_ours=True)
    kit.set_up()
    assert kit.did == ALL_DONE
    assert kit.is_ready()
    assert not (kit.venv / "mine").exists()
    assert kit.others == []


def test_a_persons_own_is_added_to_and_stays_theirs(kit: Kit):
    kit.has_venv([])
    kit.set_up()
    assert kit.did == ALL_DONE[1:]
    assert kit.is_ready() and not environment.is_ours(str(kit.venv))
    assert (kit.venv / "mine").exists()


def test_a_persons_own_without_pip_is_left_as_it_is(kit: Kit):
    kit.has_venv([])
    kit.refused[REQUIRED[0]] = "/x/python: No module named pip"
    with pytest.raises(environment.SetupError, match="no pip"):
        kit.set_up()
    assert (kit.venv / "mine").exists()
    assert kit.others == []


BROKEN = {
    "fails": ("exit 127", "broken"),
    "says something else": ("echo hello", "broken"),
    "says nothing": ("", "broken"),
    "is old": (r"printf '3.9\0/x'", "old"),
}


@posix_only
@pytest.mark.parametrize("is_ours", [True, False])
@pytest.mark.parametrize("how", BROKEN)
def test_one_that_cannot_be_used_is_replaced_and_a_persons_own_kept(
    kit: Kit, capsys: pytest.CaptureFixture[str], how: str, is_ours: bool
):
    script, about = BROKEN[how]
    kit.has_python(script)
    if is_ours:
        (kit.venv / environment.MARKER).touch()
    kit.set_up()
    assert kit.is_ready()
    said = capsys.readouterr().err
    assert said.startswith(messages.sentence(about, "en"))
    if is_ours:
        assert kit.others == []
    else:
        (kept,) = kit.others
        assert (kept / "mine").exists()
        assert messages.sentence("kept", "en", kept.name) in said


def test_one_whose_python_went_away_is_replaced(kit: Kit):
    kit.has_venv(REQUIRED, is_ours=True)
    Path(installed.python_in(str(kit.venv))).unlink()
    kit.set_up()
    assert kit.is_ready()


def test_a_file_of_that_name_is_kept_under_another(kit: Kit, capsys: pytest.CaptureFixture[str]):
    kit.venv.write_text("precious")
    kit.set_up()
    assert kit.is_ready()
    assert [each.read_text() for each in kit.others] == ["precious"]
    assert capsys.readouterr().err.startswith(messages.sentence("file", "en"))


@posix_only
def test_a_link_is_moved_and_not_what_it_leads_to(kit: Kit, tmp_path: Path):
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "file").touch()
    (tmp_path / "precious" / environment.MARKER).touch()
    kit.venv.symlink_to(tmp_path / "precious")
    kit.set_up()
    assert kit.is_ready() and not kit.venv.is_symlink()
    assert (tmp_path / "precious" / "file").exists()
    assert kit.others == []


def test_what_is_optional_may_fail(kit: Kit, capsys: pytest.CaptureFixture[str]):
    kit.refused[OPTIONAL[0]] = NO_SUCH
    kit.set_up()
    assert kit.is_ready()
    said = capsys.readouterr().err
    assert "the checks of the client's screen are not run" in said
    assert "No matching distribution found for it" in said


@pytest.mark.parametrize("step", ["venv", REQUIRED[0]])
def test_a_failure_changes_nothing(kit: Kit, step: str):
    kit.venv.write_text("precious")
    kit.refused[step] = NO_SUCH
    with pytest.raises(environment.SetupError, match="No matching distribution"):
        kit.set_up()
    assert kit.venv.read_text() == "precious"
    assert kit.others == []


def test_packages_that_pip_put_elsewhere_are_told(kit: Kit):
    kit.lost = set(REQUIRED)
    with pytest.raises(environment.SetupError, match="elsewhere"):
        kit.set_up()
    assert not kit.venv.exists()


@pytest.mark.parametrize("step", ALL_DONE)
def test_ctrl_c_leaves_nothing(kit: Kit, step: str):
    def interrupt() -> None:
        raise KeyboardInterrupt

    kit.meanwhile[step] = interrupt
    with pytest.raises(KeyboardInterrupt):
        kit.set_up()
    assert list(kit.root.iterdir()) == []


@pytest.mark.parametrize("refused", [{}, {OPTIONAL[0]: NO_SUCH}, {REQUIRED[0]: NO_SUCH}])
@pytest.mark.parametrize("before", ["nothing", "a file"])
def test_of_two_set_ups_the_first_to_be_ready_wins(kit: Kit, before: str, refused: dict[str, str]):
    if before == "a file":
        kit.venv.touch()

    def win() -> None:
        kit.venv.unlink(missing_ok=True)
        kit.has_venv(REQUIRED)

    kit.meanwhile[REQUIRED[0]] = win
    kit.refused = refused
    kit.set_up()
    assert (kit.venv / "mine").exists()
    assert kit.others == []


def test_what_a_killed_set_up_left_is_removed_and_a_living_one_is_not_disturbed(kit: Kit):
    kit.has_venv(REQUIRED)
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    for pid in (dead.pid, os.getpid(), os.getppid()):
        (kit.root / f".venv.new-{pid}" / "bin").mkdir(parents=True)
    kit.set_up()
    assert [each.name for each in kit.others] == [f".venv.new-{os.getppid()}"]


# --- reasons ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "The disk is full"),
        (errno.EDQUOT, "The disk is full"),
        (errno.EROFS, "cannot be made in"),
        (errno.EACCES, "cannot be made in"),
        (errno.EAGAIN, os.strerror(errno.EAGAIN)),
    ],
)
def test_what_the_system_refuses_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], number: int, said: str
):
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(environment, "listed", lambda: (["no-such-thing>=1,<2"], []))
    monkeypatch.setattr(environment, "set_up", refuse)
    with pytest.raises(SystemExit) as ending:
        environment.prepare(["--lang=en"])
    assert ending.value.code == environment.SETUP_FAILED
    told = capsys.readouterr().err
    assert said in told and told.count("\n") == 1


# As pip 23.2 and pip 26.3 say it, shortened.
NONE_FOUND = """
ERROR: Could not find a version that satisfies the requirement pytest<10,>=9.0 (from versions: none)
ERROR: No matching distribution found for pytest<10,>=9.0
"""
RETRYING = "WARNING: Retrying (Retry(total=0, connect=None)) after connection broken by "
REFUSED = (
    "'NewConnectionError('<X object at 0x7f1a>: Failed to establish: [Errno 111] Refused')': /x/"
)
UNKNOWN_CA = (
    "'SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] x (_ssl.c:1)'))'"
)
NO_RUST = """
Processing ./links/nowheel-1.0.tar.gz
  error: subprocess-exited-with-error

  × Preparing metadata (pyproject.toml) did not run successfully.
  │ exit code: 1
  ╰─> [1 lines of output]
      error: Rust is needed
      [end of output]

  note: This error originates from a subprocess, and is likely not a problem with pip.
error: metadata-generation-failed

× Encountered error while generating package metadata.
╰─> nowheel

hint: See above for details.
"""
NO_SPACE = "Collecting a\nERROR: Could not install packages: [Errno 28] No space left on device\n"
CAUSES = [
    (RETRYING + REFUSED + NONE_FOUND, "network", REFUSED),
    (RETRYING + UNKNOWN_CA + NONE_FOUND, "certificate", UNKNOWN_CA),
    (NO_RUST, "no wheel", "error: Rust is needed"),
    (NONE_FOUND, "no such package", NONE_FOUND.splitlines()[-1]),
    (NO_SPACE, "disk", NO_SPACE.splitlines()[-1]),
    ("", "other", "-"),
    ("one\ntwo\n\n", "other", "two"),
    ("WARNING: a\nERROR: b\nERROR: c\nhint: See d\n[notice] e\n", "other", "ERROR: c"),
    ("Traceback:\nOSError: a\nhint: b", "other", "OSError: a"),
    ("one\nnote: two\nhint: three", "other", "one"),
    ("x" * 1000, "other", "x" * 300),
]


@pytest.mark.parametrize(("said", "about", "words"), CAUSES)
def test_the_line_that_names_the_cause_is_told(said: str, about: str, words: str):
    assert messages.cause_of(said) == (about, words)
    assert messages.sentence(about, "en", words).endswith(words)


# --- reasons, each with the real pip in the real failure --------------------------------


@pytest.fixture(scope="module")
def bare_venv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment as a person makes it: pip is in it, and nothing else."""
    if os.name == "nt":
        pytest.skip("an environment cannot be lent by a link")
    folder = tmp_path_factory.mktemp("bare") / ".venv"
    subprocess.run([*BARE_PYTHON[:1], "-m", "venv", str(folder)], check=True, capture_output=True)
    return folder


@dataclass(frozen=True)
class Failing:
    """A copy whose `.venv` has pip and lacks all packages."""

    copy: Copy
    venv: Path

    def says(self, about: str, index: str = "", **variables: str) -> str:
        """The command's last sentence, which must be the one of ``about``; nothing is lost."""
        if index:
            variables |= {"PIP_NO_INDEX": "0", "PIP_INDEX_URL": index, "PIP_FIND_LINKS": ""}
        status, out, err = self.copy.run("--lang=en", PIP_RETRIES="1", **variables)
        assert (status, out) == (environment.SETUP_FAILED, ""), err
        assert "Traceback" not in err
        said = err.splitlines()[-1]
        assert said.startswith(messages.SENTENCES[about]["en"].partition("{}")[0]), err
        assert not self.copy.unfinished
        assert self.venv.is_dir()
        return said


@pytest.fixture
def failing(fresh: Copy, bare_venv: Path) -> Failing:
    fresh.venv.symlink_to(bare_venv, target_is_directory=True)
    return Failing(fresh, bare_venv)


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that nobody listens at, and that nobody else can get meanwhile."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def test_no_server_there(failing: Failing, closed_port: int):
    said = failing.says("network", f"http://127.0.0.1:{closed_port}/simple")
    assert "onnection" in said or "Failed to" in said


def test_no_proxy_there(failing: Failing, closed_port: int):
    proxy = f"http://127.0.0.1:{closed_port}"
    failing.says("network", "https://x.test/simple", PIP_PROXY=proxy)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
def test_a_server_with_a_certificate_that_nobody_knows(failing: Failing, tmp_path: Path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), http.server.BaseHTTPRequestHandler
    ) as it:
        it.socket = context.wrap_socket(it.socket, server_side=True)
        it.handle_error = lambda *_: None  # type: ignore[method-assign]
        threading.Thread(target=it.serve_forever, daemon=True).start()
        failing.says("certificate", f"https://127.0.0.1:{it.server_address[1]}/simple")
        it.shutdown()


def test_a_server_without_the_package(failing: Failing, tmp_path: Path):
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "pytest" in failing.says("no such package", PIP_FIND_LINKS=str(empty))


def test_a_package_that_must_be_compiled(failing: Failing, tmp_path: Path):
    only = tmp_path / "only"
    only.mkdir()
    with tarfile.open(only / "pytest-9.0.tar.gz", "w:gz") as archive:
        script = b"raise SystemExit('a compiler is needed')"
        about = tarfile.TarInfo("pytest-9.0/setup.py")
        about.size = len(script)
        archive.addfile(about, io.BytesIO(script))
    failing.says("no wheel", PIP_FIND_LINKS=str(only))


def test_packages_that_are_put_elsewhere(failing: Failing, tmp_path: Path):
    failing.says("elsewhere", PIP_TARGET=str(tmp_path / "elsewhere"))


def test_an_environment_without_pip(fresh: Copy):
    command = [*BARE_PYTHON[:1], "-m", "venv", "--without-pip", str(fresh.venv)]
    subprocess.run(command, check=True, capture_output=True)
    status, _, err = fresh.run("--lang=en")
    assert status == environment.SETUP_FAILED
    assert err.splitlines()[-1].startswith(messages.sentence("no pip", "en", ""))


# So little room that an environment does not fit, in a mount namespace of the command's own.
SMALL_DISK = 'mount -t tmpfs -o size=300k none $1 && cp -r $2/. $1 && cd $1 && shift 2 && exec "$@"'
NAMESPACE = ["unshare", "--user", "--map-root-user", "--mount"]


def may_mount() -> bool:
    """Whether a command can have a disk of its own here."""
    if shutil.which("unshare") is None:
        return False
    trial = [*NAMESPACE, "sh", "-c", "mount -t tmpfs none /mnt"]
    return subprocess.run(trial, capture_output=True).returncode == 0


@pytest.mark.skipif(not may_mount(), reason="needs a mount namespace (Linux)")
@pytest.mark.parametrize("broken", [False, True])
def test_a_full_disk_in_the_middle_of_the_set_up(
    fresh: Copy, tmp_path_factory: pytest.TempPathFactory, broken: bool
):
    disk = tmp_path_factory.mktemp("disk")
    if broken:
        fresh.venv.write_text("precious")
    size = sum(each.stat().st_size for each in fresh.root.rglob("*") if each.is_file()) // 1024
    script = SMALL_DISK.replace("300k", f"{size + 400}k")
    harness = [*BARE_PYTHON, "-m", "harness", "--lang=en"]
    words = [*NAMESPACE, "sh", "-c", script, "sh", str(disk), str(fresh.root), *harness]
    done = subprocess.run(
        words, env=fresh.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    assert done.returncode == environment.SETUP_FAILED, done.stderr
    assert done.stderr.splitlines()[-1].startswith("The disk is full"), done.stderr
    assert "Traceback" not in done.stderr


@posix_only
def test_a_closed_stderr_hinders_nothing(ready: Copy):
    command = ["sh", "-c", 'exec "$@" 2>&-', "sh", *BARE_PYTHON, "-m", "harness"]
    done = subprocess.run(command, cwd=ready.root, env=ready.environment, capture_output=True)
    assert done.returncode == 0
    assert json.loads(done.stdout)["prefix"] == str(ready.venv)


def test_nobody_to_tell_is_no_error(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "stderr", None)
    progress = messages.SetupProgress(1, "en")
    progress.next("stage venv")
    progress.clear()
    progress.end()


# --- progress ---------------------------------------------------------------------------


class Terminal(io.StringIO):
    """What was written to a terminal; `rows` are what stays to be read."""

    def isatty(self) -> bool:
        return True

    def rows(self) -> list[str]:
        return [
            re.sub(r"^.*\r(?=.)", "", row.rstrip("\r")).rstrip()
            for row in self.getvalue().split("\n")
        ]


def progress_on(terminal: Terminal, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", kind)
    monkeypatch.setenv("COLUMNS", "50")
    progress = messages.SetupProgress(2, "en")
    progress.next("stage venv")
    progress.show("first " * 20)
    progress.next("stage pip", "pytest")
    progress.show("second")
    progress.clear()
    progress.end()


def test_on_a_terminal_one_line_changes(monkeypatch: pytest.MonkeyPatch):
    terminal = Terminal()
    progress_on(terminal, monkeypatch, "xterm")
    assert terminal.rows() == ["Done in 1 seconds.", ""]
    assert "[2/2] installing pytest  0 s  second" in terminal.getvalue()
    assert "\x1b" not in terminal.getvalue()
    assert max(len(line) for line in re.split("[\r\n]", terminal.getvalue())) < 50


def test_on_a_dumb_terminal_each_stage_is_one_line(monkeypatch: pytest.MonkeyPatch):
    terminal = Terminal()
    progress_on(terminal, monkeypatch, "dumb")
    stages = ["  [1/2] making a Python environment", "  [2/2] installing pytest"]
    assert terminal.getvalue().split("\n") == [*stages, "Done in 1 seconds.", ""]


# --- what is required, and what is here -------------------------------------------------


@pytest.mark.parametrize(
    ("requirement", "version", "is_allowed"),
    [
        ("a>=9.0,<10", "9.2.0", True),
        ("a>=9.0,<10", "9", True),
        ("a>=9.0,<10", "8.9.9", False),
        ("a>=9.0,<10", "10.0", False),
        ("a>=9.0,<10", "9.10.1", True),
        ("a>=0.8.2,<0.9", "0.8.2", True),
        ("a>=0.8.2,<0.9", "0.9.0", False),
        ("a>=6.100,<7", "6.99.1", False),
        ("a>=6.100,<7", "6.170.15", True),
        ("a>=9.0,<10", "9.1.0rc1", True),
        ("a>=9.0,<10", "9.1.dev3+local.77", True),
    ],
)
def test_a_version_is_allowed_or_not(requirement: str, version: str, is_allowed: bool):
    assert installed.allows(requirement, version) is is_allowed


def test_whatever_pyproject_lists_is_understood():
    required, optional = installed.listed()
    names = [installed.package(each) for each in required + optional]
    assert names[:3] == ["pytest", "pytest-timeout", "hypothesis"]
    assert names[3:] == ["pyte", "psutil", "jinja2", "pytest-xdist"]
    for each in required + optional:
        assert installed.allows(each, each.split(">=")[1].split(",")[0])


def test_what_the_running_interpreter_has_is_found():
    required, _ = installed.listed()
    assert installed.lacking(required, sys.path) == []
    for other in ("pytest>=1.0,<2", "no-such-thing>=1.0,<2"):
        assert installed.lacking([other], sys.path) == [other]


def test_a_module_without_its_metadata_does_not_count():
    # `json` can be imported, and no distribution of that name is installed.
    assert installed.lacking(["json>=1.0,<99"], sys.path) == ["json>=1.0,<99"]


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("some_thing-1.5.dist-info", "1.5"),
        ("Some.Thing-1.5.0rc1.dist-info", "1.5.0rc1"),
        ("some_thing-1.5-py3.11.egg-info", "1.5"),
        ("some-thing-1.5.egg-info", "1.5"),
    ],
)
def test_a_version_is_read_from_the_name_of_a_folder(tmp_path: Path, name: str, version: str):
    (tmp_path / name).mkdir()
    (tmp_path / "~ome_thing-1.0.dist-info").mkdir()
    assert list(installed.distributions([str(tmp_path)])) == [("some-thing", version)]


def test_of_two_versions_the_first_on_the_path_counts(tmp_path: Path):
    for folder, version in (("first", "9.0"), ("second", "8.0")):
        (tmp_path / folder).mkdir()
        put(tmp_path / folder, f"pytest>={version},<10")
    first, second, zipped = str(tmp_path / "first"), str(tmp_path / "second"), "/no/such.zip"
    assert installed.lacking(REQUIRED, [zipped, first, second]) == []
    assert installed.lacking(REQUIRED, [second, first]) == REQUIRED


# --- for real ---------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.skipif("MODUL4_REAL_SETUP" not in os.environ, reason="MODUL4_REAL_SETUP is not set")
def test_the_real_packages_are_installed(tmp_path: Path, wheels: Path):
    copy = copy_of_the_kit(tmp_path, wheels)
    own = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "MODUL4_"))}
    copy = Copy(copy.root, own)
    (copy.root / "tests").mkdir()
    (copy.root / "tests" / "test_one.py").write_text("def test_one(): import pyte, hypothesis")
    status, out, err = copy.run("selftest", "-q")
    # The beginning, a line for each of six stages, the end.
    assert (status, err.count("\n")) == (0, 1 + 6 + 1), err
    assert "1 passed" in out
