"""`load`: simulated clients on a server, and what is said of servers that fail."""

from __future__ import annotations

import json
import os
import re
import selectors
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from harness import load
from harness.grading.judge import REFERENCE, REPO
from harness.loads import ceiling, one_load
from harness.loads.timetable import Due, at_rate
from tests.watching import LONG, eventually, processes_of

BROADCAST = "    with lock:\n        for name, conn"
JOINED = '        send_line(conn, "OK")\n'
WORDS = ("--clients", "8", "--messages", "10", "--rate", "50")


def loaded(
    capsys: pytest.CaptureFixture[str], folder: Path, *more: str, lang: str = "en"
) -> tuple[int, str]:
    status = load.main([f"--submission={folder}", *WORDS, *more], lang)
    captured = capsys.readouterr()
    return status, captured.out + captured.err


def made(folder: Path, old: str, new: str) -> Path:
    """The reference with one change."""
    text = (REFERENCE / "server.py").read_text(encoding="utf-8")
    assert text.count(old) == 1
    (folder / "server.py").write_text(text.replace(old, new), encoding="utf-8")
    return folder


def test_the_reference_has_every_line_right(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    out = tmp_path / "load.json"
    status, said = loaded(capsys, REFERENCE, "--json", str(out))
    assert status == load.DONE, said
    assert said.endswith("Done: every line was right.\n")
    written = json.loads(out.read_text(encoding="utf-8"))
    assert written["schema"] == "modul4-load/1"
    assert written["state"] == "complete"
    (run,) = written["runs"]
    assert run["plan"]["clients"] == 8
    yours = run["servers"]["yours"]
    assert yours["joined"] == 8
    # Each message, of both parts, at each of the seven others.
    assert yours["right"] == yours["due"] == 7 * (run["plan"]["at_once"] + 10)
    assert yours["latency"]["count"] == 70
    assert 0 < yours["latency"]["p50"] <= yours["latency"]["most"]
    assert len(yours["over_time"]) == 10
    assert yours["burst"]["deliveries"] == 7 * run["plan"]["at_once"]
    if sys.platform == "linux":
        assert yours["per_client"]["threads"] == pytest.approx(1, abs=0.2)
        assert yours["per_client"]["descriptors"] == pytest.approx(1, abs=0.2)


def test_the_reference_and_the_bare_loop_stand_beside_a_submission(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
):
    made(tmp_path, '"""Server chat', '"""Servernya chat')
    out = tmp_path / "load.html"
    status, said = loaded(capsys, tmp_path, "--report", str(out), lang="id")
    assert status == load.DONE, said
    assert out.read_text(encoding="utf-8").count("<polyline") == 3
    assert "Apa yang membatasi programmu:" in said
    assert "Batas yang pertama ada di " in " ".join(said.split())
    heads = said.splitlines()[1]
    assert heads.index("programmu") < heads.index("acuan") < heads.index("loop kosong")


def test_without_a_compiler_the_bare_loop_is_in_python(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(ceiling, "COMPILERS", ())
    status, said = loaded(capsys, REFERENCE)
    assert status == load.DONE, said
    assert said.splitlines()[1].endswith("bare loop")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("if name != sender:", "if True:", "came back to the sender: "),
        ('send_line(conn, line)\n', 'send_line(conn, line + "!")\n', "nobody's message: "),
        ('send_line(conn, line)\n', '[send_line(conn, line) for _ in "ab"]\n', "came twice: "),
        ('send_line(conn, "OK")', 'send_line(conn, "OKE")', "(another line before OK: "),
        ("if name in members:", "if len(members) > 3:", "(valid names refused: "),
    ],
)  # fmt: skip
def test_wrong_lines_are_told(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    old: str,
    new: str,
    said: str,
):
    monkeypatch.setattr(one_load, "STANDSTILL", 1.0)
    status, told = loaded(capsys, made(tmp_path, old, new))
    assert status == load.WRONG, told
    assert said in told
    assert "Traceback" not in told


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("raise SystemExit('selesai')", "your program did not come to the end"),
        ("import time\ntime.sleep(600)", "your program did not come to the end"),
        ("this is no Python", "your program did not come to the end"),
    ],
)
def test_a_server_that_nobody_can_join_is_told_in_one_sentence(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, program: str, said: str
):
    (tmp_path / "server.py").write_text(program, encoding="utf-8")
    status, told = loaded(capsys, tmp_path)
    assert status == load.WRONG, told
    assert said in told
    assert "Traceback" not in told


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        # It ends in the middle of the talk.
        (BROADCAST, "    os._exit(7)\n" + BROADCAST, "the server ended (status 7)"),
        # It says nothing more.
        (BROADCAST, "    time.sleep(600)\n" + BROADCAST, "nothing came for 1 seconds"),
        # It never asks.
        ('    send_line(conn, "NICK")\n    for', "    for", "nothing came for 1 seconds"),
        # It talks without end.
        (JOINED, JOINED + '        while 1: send_line(conn, "ha" * 2000)\n', "too much was wrong"),
        # It closes every connection.
        ("        limit_sending(conn)\n", "        return\n", "too much was wrong"),
    ],
)  # fmt: skip
def test_a_server_that_gives_up_is_told_and_ended(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    old: str,
    new: str,
    said: str,
):
    monkeypatch.setattr(one_load, "STANDSTILL", 1.0)
    folder = tmp_path / "made"
    folder.mkdir()
    status, told = loaded(capsys, made(folder, old, new))
    assert status == load.WRONG, told
    assert said in told
    assert "Traceback" not in told


class WindowsSelector(selectors.SelectSelector):
    """Takes no empty select, as Windows does not (WSAEINVAL)."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if not self.get_map():
            raise OSError(10022, "Invalid argument")
        return super().select(timeout)


def test_a_server_that_cuts_everybody_off_is_told_on_windows_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setattr(selectors, "DefaultSelector", WindowsSelector)
    folder = made(tmp_path, BROADCAST, "    os._exit(7)\n" + BROADCAST)
    status, told = loaded(capsys, folder)
    assert status == load.WRONG, told
    assert "the server ended (status 7)" in told


def test_a_server_that_ends_and_cuts_off_many_at_once_is_told_with_its_last_words(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
):
    """As `select` does when a client has too high a number: all are cut off before it is gone."""
    listening = "        conn, address = listener.accept()\n"
    ends = listening + "        if conn.fileno() > 150: sys.exit('ValueError: out of range')\n"
    folder = made(tmp_path, listening, ends)
    status, told = loaded(capsys, folder, "--clients=400")
    assert status == load.WRONG, told
    assert "the server ended (status 1)" in told and "ValueError: out of range" in told


def test_a_folder_that_is_not_there_is_wrong_usage(capsys: pytest.CaptureFixture[str]):
    status, told = loaded(capsys, Path("nowhere"))
    assert status == load.MISUSED
    assert told.count("\n") == 1


def test_a_file_that_cannot_be_written_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    status, told = loaded(capsys, REFERENCE, "--json", str(tmp_path))
    assert status == load.HINDERED
    assert "Traceback" not in told


@pytest.mark.skipif(os.name != "posix", reason="a signal to one process")
def test_ctrl_c_ends_it_with_what_is_known_so_far(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    """Just as the part at a fixed rate begins, which would go on for hours."""

    def interrupted(*asked: Any) -> list[Due]:
        os.kill(os.getpid(), signal.SIGINT)
        return at_rate(*asked)

    monkeypatch.setattr(one_load, "at_rate", interrupted)
    out = tmp_path / "load.json"
    more = ("--messages", "1000", "--rate", "0.1", "--json", str(out))
    status, said = loaded(capsys, REFERENCE, *more)
    assert status == load.INTERRUPTED, said
    assert said.splitlines()[-1].startswith("Interrupted.")
    assert re.search(r"^clients that joined +8$", said, re.MULTILINE)
    written = json.loads(out.read_text(encoding="utf-8"))
    assert written["state"] == "interrupted"
    assert list(written["runs"][0]["servers"]) == ["yours"]
    assert written["runs"][0]["servers"]["yours"]["burst"]["deliveries"] > 0


@pytest.mark.skipif(os.name != "posix", reason="a signal to one process")
def test_ctrl_c_at_any_time_leaves_nothing_running(tmp_path: Path):
    process = subprocess.Popen(
        [sys.executable, "-m", "harness", "load", f"--submission={REFERENCE}", "--lang=en"],
        cwd=REPO,
        env=os.environ | {"TMPDIR": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    try:
        assert eventually(lambda: len(processes_of(tmp_path)) > 1)
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=LONG)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == load.INTERRUPTED, said
    assert "Interrupted." in said
    assert "Traceback" not in said
    assert eventually(lambda: not processes_of(tmp_path))
    assert not list(tmp_path.iterdir())
