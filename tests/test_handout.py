"""What students get: all that the self-check needs, and nothing that gives answers away."""

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from harness import handout
from harness.command_line import Misuse
from harness.grading.judge import REPO
from tests.watching import LONG


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("handed out") / "lab"
    handout.hand_out(folder, False, "en")
    return folder


def files(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8", errors="replace")
        for path in folder.rglob("*")
        if path.is_file() and not {".git", ".modul4", "__pycache__"} & set(path.parts)
    }


def solution_lines() -> set[str]:
    """The longer lines of the solution that stand between its marks."""
    found = set()
    for name in ("server.py", "client.py"):
        text = (REPO / "solutions" / "1.contoh" / name).read_text(encoding="utf-8")
        for body in re.findall(r"# BEGIN SOLUTION\n(.*?)# END SOLUTION", text, re.DOTALL):
            found |= {line.strip() for line in body.splitlines() if len(line.strip()) > 30}
    return found


def test_it_holds_what_a_student_needs_and_no_answers(lab: Path):
    given = files(lab)
    assert {"modul4/1.contoh/server.py", "modul4/1.contoh/README.md", "docs/id/race.md"} <= set(
        given
    )
    assert {"README.md", "LICENSE", ".github/workflows/periksa.yml"} <= set(given)
    assert not [name for name in given if name.startswith(("solutions", "tests", ".modul4"))]
    whole = "\n".join(given.values())
    lines = solution_lines()
    assert len(lines) > 15
    # What the exercises have of it as well they are given on purpose.
    exercises = "\n".join(text for name, text in given.items() if "2.latihan" in name)
    assert [line for line in lines if line in whole and line not in exercises] == []


def run(lab: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "harness", *words, "--lang=en"],
        cwd=lab, capture_output=True, text=True, timeout=LONG * 10,
    )  # fmt: skip


def test_a_part_of_a_correct_program_of_another_kind_passes_there(lab: Path):
    wheat = REPO / "tests" / "wheat" / "parallel_lists"
    done = run(lab, f"--submission={wheat}", "-k", "nickname.,broadcast.delivers,exploration.sch")
    assert done.returncode == 0, done.stdout
    assert "All that you chose passed" in done.stdout


def test_the_skeleton_names_its_first_todo_there(lab: Path):
    done = run(lab, "-k", "start.listens")
    assert done.returncode == 1
    assert "TODO 1" in done.stdout
    hint = run(lab, "hint")
    assert hint.returncode == 0, hint.stderr
    assert "start.listens" in hint.stdout


@pytest.mark.parametrize("words", [["schedule", "--help"], ["watch", "--help"]])
def test_the_other_commands_of_students_are_there(lab: Path, words: list[str]):
    done = run(lab, *words)
    assert done.returncode in (0, 1)
    assert done.stdout.strip()
    assert "Traceback" not in done.stderr


def test_those_of_maintainers_are_not_offered_there(lab: Path):
    offered = run(lab, "--help").stdout
    assert "watch" in offered
    assert "matrix" not in offered
    assert "selftest" not in offered


def test_as_a_zip_it_is_in_a_folder_of_its_own(tmp_path: Path, lab: Path):
    handout.hand_out(tmp_path / "lab.zip", False, "en")
    with zipfile.ZipFile(tmp_path / "lab.zip") as archive:
        names = {name.partition("/")[2] for name in archive.namelist()}
        assert {name.partition("/")[0] for name in archive.namelist()} == {"modul4-lab"}
    assert names == set(files(lab))


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_as_a_repository_it_has_one_commit_and_nothing_left_to_do(tmp_path: Path, lab: Path):
    handout.hand_out(tmp_path / "lab", True, "en")
    git = ["git", "-C", str(tmp_path / "lab")]
    log = subprocess.run([*git, "log", "--oneline"], capture_output=True, text=True, check=True)
    assert len(log.stdout.splitlines()) == 1
    status = subprocess.run([*git, "status", "-s"], capture_output=True, text=True, check=True)
    assert status.stdout == ""
    assert set(files(tmp_path / "lab")) == set(files(lab))


def test_nothing_is_overwritten(tmp_path: Path):
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "mine").write_text("x")
    (tmp_path / "there.zip").write_text("x")
    for name in ("there", "there.zip"):
        with pytest.raises(Misuse, match="already"):
            handout.hand_out(tmp_path / name, False, "en")
    with pytest.raises(Misuse, match="do not go together"):
        handout.hand_out(tmp_path / "new.zip", True, "en")
    (tmp_path / "empty").mkdir()
    assert handout.hand_out(tmp_path / "empty", False, "en") > 100
