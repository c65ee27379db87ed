"""`demo`: the course's sample conversation, with the submission's programs."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from harness import demo
from harness.grading.judge import REFERENCE, REPO
from harness.program import display

DRAWN = display.CAN_DRAW and sys.platform != "win32"


def played(capsys: pytest.CaptureFixture[str], folder: Path) -> tuple[int, str]:
    status = demo.main([f"--submission={folder}"], "en")
    captured = capsys.readouterr()
    return status, captured.out + captured.err


def test_the_conversation_of_the_course_is_on_three_screens_and_the_console(
    capsys: pytest.CaptureFixture[str],
):
    status, said = played(capsys, REFERENCE)
    assert status == demo.DONE, said
    steps, _, screens = said.partition("\n\n")
    assert "user1 types 'Hello everyone!'" in steps.splitlines()
    assert "user3 sees 'user2: Hi there!'" in steps.splitlines()
    if DRAWN:
        assert "Masukkan username: user1\n>> Hello everyone!\nuser2: Hi there!\n>>\n" in screens
        assert "Masukkan username: user3\nuser1: Hello everyone!\nuser2: Hi there!\n" in screens
    console = screens.partition("server.py prints")[2]
    assert "\nServer menunggu koneksi...\n" in console
    assert "\nuser1: Hello everyone!\nuser2: Hi there!\n" in console
    assert said.endswith("Done: the sample conversation came to its end.\n")


def test_an_open_todo_is_named_and_where_to_go_on(capsys: pytest.CaptureFixture[str]):
    status, said = played(capsys, REPO / "modul4" / "1.contoh")
    assert status == demo.FAILED
    assert "TODO 1 is still open" in said
    assert said.endswith("What to mend first: python -m harness\n")


def test_a_conversation_that_stops_shows_how_far_it_came(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    folder = Path(shutil.copytree(REFERENCE, tmp_path / "made"))
    server = folder / "server.py"
    text = server.read_text(encoding="utf-8")
    first = "def broadcast("
    assert text.count(first) == 1
    server.write_text(text.replace(first, "def broadcast(*_):\n    pass\n\n\ndef unused("), "utf-8")
    status, said = played(capsys, folder)
    assert status == demo.FAILED
    assert "user1 types 'Hello everyone!'" in said
    assert "user2 sees" not in said
    assert "The conversation stops here. Expected: " in said


@pytest.mark.skipif(not DRAWN, reason="needs a pseudo-terminal, and pyte to read it")
def test_on_a_terminal_three_screens_stand_side_by_side_and_fit():
    rows = at_a_terminal([sys.executable, "-m", "harness", "demo", f"--submission={REFERENCE}"])
    assert any(row.split() == ["user1", "|", "user2", "|", "user3"] for row in rows)
    assert any(row.startswith("Selesai: percakapan contoh") for row in rows)


def at_a_terminal(command: list[str]) -> list[str]:
    """What stands on a terminal of 80 by 24 once ``command`` has ended."""
    import fcntl
    import pty
    import struct
    import termios

    import pyte

    screen = pyte.Screen(80, 24)
    stream = pyte.ByteStream(screen)
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    environment = {**os.environ, "TERM": "xterm"}
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=REPO, env=environment
    ):
        os.close(theirs)
        with contextlib.suppress(OSError):  # Linux: nobody has the other end any more
            while data := os.read(ours, 4096):
                stream.feed(data)
    os.close(ours)
    return [row.rstrip() for row in screen.display]
