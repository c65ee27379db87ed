"""What a process under control says is believed in shape only, and costs no memory."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.schedules import controlled_process
from harness.schedules.controlled_process import Processes, run_session


def forged(tmp_path: Path, code: str) -> Processes:
    """Processes that run ``code`` in our launcher's place, the report's path in ``sys.argv[1]``."""

    def start(argv: list[str], folder: Path) -> subprocess.Popen[bytes]:
        result = argv[3]
        return subprocess.Popen(
            [sys.executable, "-c", code, result],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    return Processes(start, controlled_process.end_process, tmp_path)


@pytest.mark.parametrize(
    "text",
    ["[]", "{}", "7", "null", "{", '{"cycles": 3, "seen": []}', "[" * 200_000, "\\xff"],
)
def test_a_report_of_another_shape_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "forged").write_text(text)
    code = f"import shutil, sys; shutil.copyfile({str(tmp_path / 'forged')!r}, sys.argv[1])"
    report = run_session(tmp_path / "server.py", [], processes=forged(tmp_path, code))
    assert report.cycles == []
    assert report.trouble.startswith("no report: ")


def test_of_what_it_says_the_end_is_kept(tmp_path: Path) -> None:
    code = (
        "import sys\nfor _ in range(300): sys.stderr.write('x' * 100_000)\nsys.stderr.write('END')"
    )
    report = run_session(tmp_path / "server.py", [], processes=forged(tmp_path, code))
    assert report.trouble.rstrip().endswith("xEND")
    assert len(report.trouble) < 3000


def test_one_that_does_not_end_is_ended(tmp_path: Path) -> None:
    started: list[subprocess.Popen[bytes]] = []
    how = forged(tmp_path, "import time; time.sleep(600)")

    def start(argv: list[str], folder: Path) -> subprocess.Popen[bytes]:
        started.append(how.start(argv, folder))
        return started[0]

    end = controlled_process.end_process
    report = run_session(
        tmp_path / "server.py", [], wall_limit=0.2, processes=Processes(start, end, tmp_path)
    )
    assert report.trouble == "time"
    assert started[0].returncode is not None
    assert not os.path.exists(f"/proc/{started[0].pid}/fd/0")
