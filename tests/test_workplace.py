"""A folder to work in: whose is let alone, and whose is removed."""

import subprocess
import sys
from pathlib import Path

from harness.classroom.workplace import workplace


def test_two_of_one_process_leave_each_other_alone(tmp_path: Path):
    with workplace(tmp_path, "work-") as first:
        with workplace(tmp_path, "work-") as second:
            assert first.is_dir() and second.is_dir()
        assert first.is_dir() and not second.exists()
    assert not list(tmp_path.iterdir())


def test_that_of_another_process_is_removed_once_it_is_no_more(tmp_path: Path):
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    left = tmp_path / f"work-{other.pid}-x"
    left.mkdir()
    with workplace(tmp_path, "work-"):
        assert left.is_dir()
    other.communicate(b"\n")
    with workplace(tmp_path, "work-"):
        assert not left.exists()


def test_what_has_no_number_is_nobodys(tmp_path: Path):
    (tmp_path / "work-").mkdir()
    with workplace(tmp_path, "work-"):
        assert not (tmp_path / "work-").exists()
