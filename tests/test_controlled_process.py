"""What a process under control says is believed in shape only; one that does not end is ended."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.schedules.controlled_process import Processes, end_process
from harness.schedules.launch import Launch
from harness.schedules.standing import Standing
from tests.explored import told_to
from tests.tiny import SERVER


@contextlib.contextmanager
def forged(folder: Path, code: str) -> Iterator[tuple[Standing, list[subprocess.Popen[bytes]]]]:
    """Runs ``code`` in our launcher's place; and all processes that were started."""
    started: list[subprocess.Popen[bytes]] = []

    def start(argv: list[str], where: Path) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        started.append(process)
        return process

    standing = Standing(folder / "server.py", processes=Processes(start, end_process))
    with contextlib.closing(standing):
        yield standing, started


@pytest.mark.parametrize(
    "text",
    ["[]", "{}", "7", "null", "{", '{"cycles": 3, "seen": []}', "[" * 200_000, "\\xff"],
)
def test_a_report_of_another_shape_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "forged").write_text(text + "\n")
    code = f"import sys; input(); sys.stdout.write(open({str(tmp_path / 'forged')!r}).read())"
    with forged(tmp_path, code) as (standing, _):
        report = standing.run([])
    assert (report.cycles, report.trouble) == ([], "no report")


def test_a_report_on_another_plan_is_none_and_nothing_more_is_read_there(tmp_path: Path) -> None:
    report = '{"number": %d, "cycles": [{"end": "done"}], "seen": [], "cpu": 0.1}'
    # It writes two reports on the first plan: the second of them is none on the second plan.
    code = f"input(); print({report % 1!r}); print({report % 1!r}, flush=True); input()"
    with forged(tmp_path, code) as (standing, started):
        assert standing.run([]).cycles == [{"end": "done"}]
        assert (standing.run([]).trouble, len(started)) == ("no report", 1)
        assert started[0].returncode is not None


def test_one_that_does_not_end_is_ended(tmp_path: Path) -> None:
    with forged(tmp_path, "import time; time.sleep(600)") as (standing, started):
        report = standing.run([], wall_limit=0.2)
        assert report.trouble == "time"
        assert started[0].returncode is not None
        assert not os.path.exists(f"/proc/{started[0].pid}/fd/0")


def test_one_that_ends_at_once_is_started_again_only_once(tmp_path: Path) -> None:
    with forged(tmp_path, "") as (standing, started):
        assert standing.run([]).trouble == "no report"
    assert len(started) == 2


def test_a_program_that_cannot_run_leaves_no_report(tmp_path: Path) -> None:
    (tmp_path / "server.py").write_text("def main(:\n")
    assert told_to(tmp_path / "server.py", []).trouble == "no report"


def test_after_an_interruption_no_report_is_taken_for_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "server.py").write_text(SERVER)
    closed: list[Standing] = []

    def interrupted(self: Standing, cycles: object, wall_limit: float = 0) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Standing, "run", interrupted)
    monkeypatch.setattr(Standing, "close", lambda self: closed.append(self))
    with contextlib.closing(Launch(tmp_path / "server.py")) as launch:
        with pytest.raises(KeyboardInterrupt):
            launch.run([])
        assert len(closed) == 1
    assert len(closed) == 1
