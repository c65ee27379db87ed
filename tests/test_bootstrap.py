"""The self-setup as a student meets it: the command, on a copy, with a bare Python.

Packages come from a folder of made-up wheels, so no network is needed. Their pytest prints
what it was given. `-S` keeps whatever the running Python has installed out of sight.
"""

import ast
import contextlib
import glob
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness import bootstrap, bootstrap_words, requirements

ROOT = Path(bootstrap.ROOT)
BARE_PYTHON = [getattr(sys, "_base_executable", sys.executable), "-S"]
STARTED_FIRST = ["__main__", "bootstrap", "bootstrap_words", "own_venv", "requirements"]
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
    def stamp(self) -> Path:
        return self.venv / "modul4-setup.txt"

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        """Start `python -m harness` in a session of its own."""
        return subprocess.Popen(
            [*BARE_PYTHON, "-m", "harness", *arguments],
            cwd=self.root,
            env={**self.environment, **variables},
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
        out, err = process.communicate(timeout=120)
    finally:
        process.kill()
    return process.returncode, out, err


def wheel(folder: Path, requirement: str, source: str) -> None:
    """Put a wheel of one module into `folder`, of the lowest version that is allowed."""
    name = requirements.package(requirement).replace("-", "_")
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
    """All that is required, and of the extras psutil alone."""
    folder = tmp_path_factory.mktemp("wheels")
    required, optional = requirements.listed(("processes",))
    for each in required + optional:
        wheel(folder, each, PRETEND_PYTEST if each.startswith("pytest>") else "")
    return folder


def copy_of_the_kit(folder: Path, wheels: Path) -> Copy:
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / "harness").mkdir()
    for path in (ROOT / "harness").glob("*.py"):
        shutil.copy(path, folder / "harness")
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
    left_by_the_killed: str
    results: list[tuple[int, str, str]]


@contextlib.contextmanager
def in_the_middle(copy: Copy) -> Iterator[subprocess.Popen[str]]:
    """A set-up that has begun and cannot have ended."""
    process = copy.start()
    deadline = time.monotonic() + 60
    while not copy.stamp.exists():
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.001)
    yield process


@pytest.fixture(scope="module")
def first_day(tmp_path_factory: pytest.TempPathFactory, wheels: Path) -> FirstDay:
    copy = copy_of_the_kit(tmp_path_factory.mktemp("copy"), wheels)
    with in_the_middle(copy) as killed:
        killed.kill()
        killed.communicate()
    left = copy.stamp.read_text()
    both = [copy.start("--seed", "1"), copy.start("--seed", "2")]
    return FirstDay(copy, left, [ended(each) for each in both])


@pytest.fixture
def ready(first_day: FirstDay) -> Copy:
    """A copy with a complete environment."""
    return first_day.copy


MAKING = bootstrap_words.SENTENCES["making"]["id"].split("{}")[0]


def test_two_at_once_make_one_environment_out_of_a_half_made_one(first_day: FirstDay):
    assert first_day.left_by_the_killed == "making\n"
    assert [status for status, _, _ in first_day.results] == [0, 0]
    said = "".join(err for _, _, err in first_day.results)
    assert said.count(MAKING) == 1
    for seed, (_, out, _) in enumerate(first_day.results, start=1):
        told = json.loads(out)
        assert told["prefix"] == str(first_day.copy.venv)
        assert f"--seed={seed}" in told["arguments"]


def test_an_extra_that_cannot_be_had_is_told_and_does_no_harm(first_day: FirstDay):
    said = "".join(err for _, _, err in first_day.results)
    assert said.count("Paket tambahan pyte tidak dapat dipasang, maka pemeriksaan layar") == 1
    assert "without pyte" in first_day.copy.stamp.read_text()


def test_the_second_time_nothing_is_said_or_done(ready: Copy):
    before = ready.stamp.stat()
    status, out, err = ready.run("-k", "nickname", "--submission", "a b")
    assert (status, err) == (0, "")
    told = json.loads(out)
    assert told["prefix"] == str(ready.venv)
    assert told["cwd"] == str(ready.root)
    harness = str(ready.root / "harness")
    assert told["arguments"][:2] == [harness, "--modul4-friendly"]
    assert {"--submission=a b", "--modul4-only=nickname"} < set(told["arguments"])
    assert ready.stamp.stat() == before


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
    assert told["cwd"] == str(tmp_path)
    assert "--submission=here" in told["arguments"]


def test_the_kits_own_tests_get_what_they_need_too(ready: Copy):
    _, out, _ = ready.run("selftest", "-x")
    assert json.loads(out)["arguments"] == [str(ready.root / "tests"), "-x"]
    assert "psutil" in ready.stamp.read_text()
    _, _, err = ready.run("selftest", "-x")
    assert err == ""


def test_packages_hidden_by_older_ones_are_no_endless_loop(ready: Copy, tmp_path: Path):
    required, _ = requirements.listed(())
    older = tmp_path / "pytest-1.0.dist-info"
    older.mkdir()
    (older / "METADATA").write_text("Metadata-Version: 2.1\nName: pytest\nVersion: 1.0\n")
    (tmp_path / "pytest.py").write_text(PRETEND_PYTEST)
    ready_stamp = ready.stamp.read_text()
    ready.stamp.unlink()  # as somebody else's, whose versions nothing vouches for
    try:
        status, _, err = ready.run("--lang", "en", PYTHONPATH=str(tmp_path))
    finally:
        ready.stamp.write_text(ready_stamp)
    assert status == bootstrap.SETUP_FAILED
    assert err == bootstrap_words.sentence("of no use", "en") + "\n"
    assert required


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
    assert (status, out) == (bootstrap.SETUP_FAILED, "")
    assert "sudo apt install python3-venv" in err
    assert err.count("\n") == 1
    assert not fresh.venv.exists()


def test_without_a_network_the_student_is_told_what_to_do(fresh: Copy, tmp_path: Path):
    (tmp_path / "none").mkdir()
    status, out, err = fresh.run("--lang=en", PIP_FIND_LINKS=str(tmp_path / "none"))
    assert (status, out) == (bootstrap.SETUP_FAILED, "")
    assert "check the network" in err
    assert "Traceback" not in err
    assert err.count("\n") == 2
    assert not fresh.venv.exists()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_told(fresh: Copy):
    fresh.root.chmod(0o555)
    try:
        status, _, err = fresh.run("--lang=en")
    finally:
        fresh.root.chmod(0o755)
    assert status == bootstrap.SETUP_FAILED
    assert "cannot be made" in err and "Traceback" not in err


def test_something_else_named_venv_is_told(fresh: Copy):
    fresh.venv.touch()
    status, _, err = fresh.run("--lang=en")
    assert status == bootstrap.SETUP_FAILED
    assert "cannot be made" in err and "Traceback" not in err
    assert fresh.venv.is_file()


@posix_only
def test_ctrl_c_leaves_nothing_behind(fresh: Copy):
    with in_the_middle(fresh) as process:
        os.killpg(process.pid, signal.SIGINT)
    status, _, err = ended(process)
    assert status == 130
    assert "Traceback" not in err
    assert not fresh.venv.exists()


# --- interpreters too old for the kit ---------------------------------------------------


@pytest.mark.parametrize("name", STARTED_FIRST)
def test_what_is_started_first_parses_on_old_pythons(name: str):
    source = (ROOT / "harness" / f"{name}.py").read_text(encoding="utf-8")
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
            assert done.returncode == bootstrap.SETUP_FAILED, python
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
    assert bootstrap.language(arguments) == lang


def test_the_set_up_speaks_both_languages():
    tables = [*bootstrap_words.SENTENCES.values(), *bootstrap_words.LOST_WITHOUT.values()]
    assert all(words.keys() == {"id", "en"} and all(words.values()) for words in tables)
    for words in tables:
        assert words["id"].count("{}") == words["en"].count("{}")


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
    assert (status, err.count("\n")) == (0, 1), err
    assert "1 passed" in out
