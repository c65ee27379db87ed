"""`--report FILE`, from outside: the page is there when a run ends, and says how the run ended."""

import json
from pathlib import Path

import pytest

from tests.conftest import Grader

pytest.importorskip("jinja2", reason="the page needs Jinja2 (pip install jinja2)")
OTHER_REQUEST = """import socket, sys
listener = socket.create_server(("127.0.0.1", int(sys.argv[sys.argv.index("--port") + 1])))
while True:
    conn, _ = listener.accept()
    conn.sendall(b"NICKNAME?\\n")
"""


def test_a_run_writes_its_page(grader: Grader, submission, tmp_path: Path):
    page = tmp_path / "page.html"
    page.write_text("an old page", encoding="utf-8")
    graded = grader(
        f"--submission={submission(OTHER_REQUEST)}",
        f"--report={page}",
        "-k",
        "nickname.request",
        "--seed=7",
    )
    assert graded.outcomes() == {"nickname.request": "failed"}
    text = page.read_text(encoding="utf-8")
    assert "an old page" not in text
    assert "nilai ini belum akhir" not in text
    assert "NICKNAME?" in text
    assert text.count('-picture-title"') >= 1
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".page")] == []


def test_a_page_that_cannot_be_written_is_told_before_the_work(grader: Grader, tmp_path: Path):
    graded = grader(f"--report={tmp_path / 'gone' / 'page.html'}", "--lang=en")
    assert graded.status == 4
    assert "The page cannot be written to" in graded.said
    assert json.loads(grader.results.read_text(encoding="utf-8"))["state"] == "interrupted"
