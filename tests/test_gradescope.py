"""The zip for Gradescope, unpacked as Gradescope lays it out, set up and run.

Source of the layout: gradescope/autograder_samples, docs/specs.md, "File hierarchy".
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harness import gradescope
from harness.command_line import Misuse
from harness.grading.judge import REPO
from harness.program.unprivileged import somebody
from tests.test_gradescope_results import complaints
from tests.watching import LONG, eventually, processes_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Gradescope's machines are Linux")
BULKY = ("mypy*", "ruff*", "pip*", "setuptools*", "pkg_resources", "PIL", "pillow*", "ast_ser*")


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("packed") / "autograder.zip"
    assert gradescope.main([f"--out={out}"], "en") == 0
    return out


@dataclass(frozen=True)
class Machine:
    """A folder laid out as `/autograder`."""

    root: Path

    @property
    def source(self) -> Path:
        return self.root / "source"

    def start(self) -> subprocess.Popen[bytes]:
        """Run `run_autograder` as Gradescope does, for what is in `submission`."""
        shutil.rmtree(self.root / "results", ignore_errors=True)
        with open(self.root / "stdout", "wb") as stdout:
            return subprocess.Popen(
                [str(self.root / "run_autograder")],
                cwd=self.root, env=os.environ | {"MODUL4_AUTOGRADER": str(self.root)},
                stdout=stdout, stderr=subprocess.STDOUT,
            )  # fmt: skip

    def results(self) -> dict[str, Any]:
        results: dict[str, Any] = json.loads((self.root / "results" / "results.json").read_text())
        assert list(complaints(results)) == []
        return results

    def graded(self, **files: str) -> dict[str, Any]:
        """The results for a submission of these programs."""
        self.submit(**files)
        assert self.start().wait(LONG * 5) == 0, (self.root / "stdout").read_text()
        return self.results()

    def submit(self, **files: str) -> None:
        shutil.rmtree(self.root / "submission", ignore_errors=True)
        (self.root / "submission").mkdir()
        for name, text in files.items():
            (self.root / "submission" / f"{name}.py").write_text(text)


@pytest.fixture(scope="module")
def machine(packed: Path) -> Iterator[Machine]:
    # Where every user may go: pytest's own folders are for one user alone.
    root = Path(tempfile.mkdtemp(prefix="modul4-autograder-"))
    root.chmod(0o755)
    try:
        with zipfile.ZipFile(packed) as archive:
            archive.extractall(root / "source")
        shutil.copyfile(root / "source" / "run_autograder", root / "run_autograder")
        (root / "run_autograder").chmod(0o755)
        (root / "submission_metadata.json").write_text("{}")
        _give_python(root / "source" / ".venv")
        yield Machine(root)
    finally:
        shutil.rmtree(root)


def _give_python(place: Path) -> None:
    """An environment that the grading's user can run: setup.sh makes one from the network."""
    user = somebody()
    if user is None:
        (place / "bin").mkdir(parents=True)
        (place / "bin" / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        (place / "bin" / "python").chmod(0o755)
        return
    base = getattr(sys, "_base_executable", sys.executable)
    for each in (base, "/usr/bin/python3"):
        question = ["-c", "import sys, venv; print(sys.version_info[:2])"]
        try:
            done = subprocess.run([each, *question], capture_output=True, **user.settings)
        except OSError:
            continue
        if done.stdout.decode().strip() == str(sys.version_info[:2]):
            subprocess.run([each, "-m", "venv", "--without-pip", place], check=True)
            break
    else:
        pytest.skip("no Python of this version that another user can run")
    (packages,) = place.glob("lib/python*/site-packages")
    here = Path(pytest.__file__).parent.parent
    shutil.copytree(
        here, packages, ignore=shutil.ignore_patterns(*BULKY), dirs_exist_ok=True, symlinks=True
    )


def test_the_scripts_are_at_the_root_and_the_answers_of_the_tests_are_not(packed: Path):
    with zipfile.ZipFile(packed) as archive:
        modes = {each.filename: each.external_attr >> 16 for each in archive.infolist()}
        scripts = archive.read("run_autograder") + archive.read("setup.sh")
    assert modes["run_autograder"] & 0o111 == 0o111
    assert modes["setup.sh"] & 0o111 == 0o111
    tops = {name.partition("/")[0] for name in modes}
    assert tops == {
        "setup.sh", "run_autograder", "begun.json", "harness", "solutions", "modul4",
        "pyproject.toml", "LICENSE",
    }  # fmt: skip
    assert not [name for name in modes if "__pycache__" in name]
    assert b"\r" not in scripts
    assert b"\nlang=en\n" in scripts


@pytest.mark.parametrize("name", gradescope.SCRIPTS)
def test_bash_understands_the_scripts(name: str):
    script = gradescope.GIVEN / name
    done = subprocess.run(["bash", "-n", str(script)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert script.read_text().startswith("#!/usr/bin/env bash\n")


def test_nothing_is_overwritten_and_a_name_is_asked_for(packed: Path):
    with pytest.raises(Misuse, match="already"):
        gradescope.main([f"--out={packed}"], "en")
    with pytest.raises(Misuse, match="--out"):
        gradescope.main([], "en")
    assert not list(packed.parent.glob(".*"))


def test_without_the_reference_it_says_what_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(gradescope, "REPO", tmp_path)
    monkeypatch.setattr(gradescope, "PARTS", ())
    assert gradescope.main([f"--out={tmp_path / 'a.zip'}"], "en") == 0
    assert "no solutions/" in capsys.readouterr().err


def test_the_skeleton_is_graded_check_by_check(machine: Machine):
    skeleton = REPO / "modul4" / "1.contoh"
    names = ("server", "client")
    results = machine.graded(**{each: (skeleton / f"{each}.py").read_text() for each in names})
    assert results["score"] == 0
    assert len(results["tests"]) > 40
    assert sum(each["max_score"] for each in results["tests"]) == 100
    assert "TODO 1" in results["tests"][0]["output"]
    assert "--seed" in results["output"]


@pytest.mark.slow
def test_the_reference_gets_full_marks(machine: Machine):
    folder = REPO / "solutions" / "1.contoh"
    names = ("server", "client")
    results = machine.graded(**{each: (folder / f"{each}.py").read_text() for each in names})
    assert results["score"] == 100
    assert {each["status"] for each in results["tests"]} == {"passed"}


def test_what_is_no_submission_is_told_in_a_sentence(machine: Machine):
    assert "no server.py" in machine.graded(notes="x = 1")["output"]
    assert "no file" in machine.graded()["output"]
    two = machine.graded(**{"my-server": "x = 1", "server-2": "x = 2"})
    assert two["output"].startswith("There are 2 files that may be server.py")


ATTACK = """
import os, pathlib, sys, time
root = pathlib.Path({root!r})
for target in (root / "results" / "results.json", root / "submission_metadata.json",
               root / "source" / "harness" / "attack.py", root / "source" / "begun.json"):
    try:
        target.write_text("forged")
    except OSError:
        pass
for fd in range(3, 50):
    try:
        os.write(fd, b"forged")
    except OSError:
        pass
time.sleep(600)
"""


def test_the_grading_is_another_users_and_a_time_out_leaves_valid_results(machine: Machine):
    machine.submit(server=ATTACK.format(root=str(machine.root)))
    process = machine.start()
    try:
        assert eventually(lambda: "are done" in _output(machine))
        if (user := somebody()) is not None:
            assert {_uid(pid) for pid in _children(process.pid)} == {user.uid}
            for path in ("results/results.json", "submission_metadata.json"):
                done = subprocess.run(
                    ["/bin/cat", str(machine.root / path)], capture_output=True, **user.settings
                )
                assert done.returncode != 0
        grading = [Path(each) for each in _work_folders(process.pid)]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(LONG)
    results = machine.results()
    assert "time was up" in results["output"]
    assert results["tests"][-1]["output"] == "Not judged yet."
    assert "forged" not in (machine.root / "results" / "results.json").read_text()
    assert not (machine.source / "harness" / "attack.py").exists()
    assert grading
    for folder in grading:
        assert eventually(lambda folder=folder: not processes_of(folder))
        assert not folder.exists()


def _output(machine: Machine) -> str:
    path = machine.root / "results" / "results.json"
    return json.loads(path.read_text())["output"] if path.exists() else ""


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(each) for each in listed]


def _uid(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    (line,) = [each for each in status.splitlines() if each.startswith("Uid:")]
    return int(line.split()[1])


def _work_folders(pid: int) -> Iterator[str]:
    for child in _children(pid):
        for word in Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0"):
            if word.startswith(b"--results="):
                yield os.path.dirname(os.fsdecode(word.removeprefix(b"--results=")))


def test_without_any_python_there_is_a_valid_result(machine: Machine):
    hidden = machine.source / ".venv-away"
    (machine.source / ".venv").rename(hidden)
    try:
        machine.submit(server="x = 1")
        assert machine.start().wait(LONG) != 0
        assert "did not come to its end" in machine.results()["output"]
    finally:
        hidden.rename(machine.source / ".venv")


# A program of each name that setup.sh runs; what it was asked is written down.
STUB = """#!/bin/bash
echo "$(basename "$0") $*" >> "{log}"
"""
# Python: the version test ends well if the name stands in the file of those that are good.
PYTHON = STUB + 'grep -qxF "$(basename "$0")" "{good}"\n'
APT = """
case "$1" in
  install) for word in "$@"; do echo "$word" >> "{good}"; done ;;
esac
"""
CACHE = 'grep -xF "$2" "{offered}" || true\n'
PPA = 'printf "%s\\n" {ppa} >> "{offered}"\n'


class SetUp:
    """setup.sh in a folder like Gradescope's, where all that it calls is played."""

    def __init__(
        self,
        folder: Path,
        here: tuple[str, ...] = (),
        offered: tuple[str, ...] = (),
        ppa: tuple[str, ...] = ("python3.12-venv",),
    ) -> None:
        self.root, self.log, stubs = folder, folder / "log", folder / "bin"
        names = {
            "ppa": " ".join(ppa),
            "log": self.log,
            "good": folder / "good",
            "offered": folder / "offered",
        }
        (folder / "source" / "harness").mkdir(parents=True)
        stubs.mkdir()
        (folder / "good").write_text("".join(f"{each}\n" for each in here))
        (folder / "offered").write_text("".join(f"{each}\n" for each in offered))
        parts = {
            "apt-get": STUB + APT, "apt-cache": STUB + CACHE, "add-apt-repository": STUB + PPA,
            "id": STUB + "exit 1\n", "useradd": STUB, "chown": STUB,
        }  # fmt: skip
        parts |= {f"python3{each}": PYTHON for each in ("", ".11", ".12", ".13", ".14")}
        for name, text in parts.items():
            (stubs / name).write_text(text.format(**names))
            (stubs / name).chmod(0o755)
        self.done = subprocess.run(
            ["bash", str(gradescope.GIVEN / "setup.sh")],
            env={"PATH": f"{stubs}:/usr/bin:/bin", "MODUL4_AUTOGRADER": str(folder)},
            capture_output=True, text=True, timeout=LONG,
        )  # fmt: skip

    @property
    def chosen(self) -> str:
        return Path((self.root / "source" / "python").read_text().strip()).name

    @property
    def said(self) -> str:
        return self.log.read_text()


def test_a_python_that_is_there_and_new_enough_is_taken(tmp_path: Path):
    done = SetUp(tmp_path, here=("python3", "python3.12"))
    assert done.done.returncode == 0, done.done.stderr
    assert done.chosen == "python3.12"
    assert "apt-get" not in done.said
    assert "useradd --system" in done.said
    assert f"chown -R root:modul4 {tmp_path / 'source'}" in done.said
    assert (tmp_path / "source").stat().st_mode & 0o027 == 0


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (("python3.11-venv",), "python3.11"),  # Ubuntu 22.04
        (("python3.11-venv", "python3.13-venv"), "python3.13"),
    ],
)
def test_on_an_older_system_the_newest_of_its_packages_is_installed(
    tmp_path: Path, offered: tuple[str, ...], chosen: str
):
    done = SetUp(tmp_path, offered=offered)
    assert done.done.returncode == 0, done.done.stderr
    assert done.chosen == chosen
    assert "add-apt-repository" not in done.said


def test_where_it_has_none_another_archive_is_asked(tmp_path: Path):
    done = SetUp(tmp_path)
    assert done.done.returncode == 0, done.done.stderr
    assert "add-apt-repository -y ppa:deadsnakes/ppa" in done.said
    assert done.chosen == "python3.12"


def test_a_build_without_python_fails_with_a_sentence(tmp_path: Path):
    done = SetUp(tmp_path, offered=("python3.10-venv",), ppa=())
    assert done.done.returncode == 1
    assert done.done.stderr.startswith("Python 3.11 or later could not be installed")
    assert not (tmp_path / "source" / "python").exists()
