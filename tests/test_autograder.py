"""The script for Classroom 50, in a bundle and a checkout as its runner lays them out."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from harness.exports.given import autograder
from harness.grading.judge import REPO
from harness.handout import hand_out
from tests.test_classroom50_result import RUNNER, complaints
from tests.watching import LONG


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundle")
    hand_out(folder / "modul4-lab", False, "en")
    shutil.copy(Path(autograder.__file__), folder)
    return folder


def graded(bundle: Path, checkout: Path, **changed: str) -> int:
    done = subprocess.run(
        [sys.executable, str(bundle / "autograder.py")],
        cwd=checkout, env=os.environ | RUNNER | {"MODUL4_LANG": "en"} | changed,
        capture_output=True, timeout=LONG * 5,
    )  # fmt: skip
    return done.returncode


@pytest.mark.parametrize("place", ["modul4/1.contoh", "."])
def test_a_checkout_is_graded_whatever_the_grade(bundle: Path, tmp_path: Path, place: str):
    (tmp_path / place).mkdir(parents=True, exist_ok=True)
    for name in ("server.py", "client.py"):
        shutil.copy(REPO / "modul4" / "1.contoh" / name, tmp_path / place)
    assert graded(bundle, tmp_path) == 0
    result = json.loads((tmp_path / "result.json").read_text())
    assert list(complaints(result)) == []
    assert (result["score"], result["max-score"]) == (0, 100)


def test_who_handed_in_nothing_has_a_grade(bundle: Path, tmp_path: Path):
    assert graded(bundle, tmp_path) == 0
    assert json.loads((tmp_path / "result.json").read_text())["score"] == 0


def test_trouble_is_told_by_the_status_and_leaves_no_result(bundle: Path, tmp_path: Path):
    assert graded(bundle, tmp_path, CLASSROOM="") == 4
    assert not (tmp_path / "result.json").exists()
