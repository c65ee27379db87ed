"""What is published of a grading: what is whole, and nothing that is no results document."""

import json
import os
from pathlib import Path

import pytest

from harness.exports import gradescope_grading
from harness.grading.results_file import write
from tests.exported import document, row


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "[" * 100_000,
        '{"schema": "modul4-results/1", "checks": [{}]}',
        '{"score": 1}',
    ],
)
def test_what_is_no_results_document_is_not_published(tmp_path: Path, text: str):
    (tmp_path / "found").write_text(text)
    target = tmp_path / "results.json"
    assert gradescope_grading._publish(tmp_path / "found", None, str(target), "en") is None
    assert not target.exists()


def test_only_what_is_new_is_published(tmp_path: Path):
    found, target = tmp_path / "found", tmp_path / "results.json"
    write(str(found), document(row("start.a", "passed"), row("start.b", None), state="running"))
    last = gradescope_grading._publish(found, None, str(target), "en")
    assert json.loads(target.read_text())["score"] == 50
    target.unlink()
    assert gradescope_grading._publish(found, last, str(target), "en") == last
    assert not target.exists()


@pytest.mark.skipif(os.name != "posix", reason="runs where Gradescope does")
def test_a_grading_without_results_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "submission").mkdir()
    (tmp_path / "results").mkdir()
    (tmp_path / "submission" / "server.py").write_text("x = 1")
    monkeypatch.setattr(gradescope_grading, "SELF_CHECK", str(tmp_path / "none.py"))
    assert gradescope_grading.main([str(tmp_path), "en"]) == 0
    results = json.loads((tmp_path / "results" / "results.json").read_text())
    assert results["output"].startswith("The grading could not be run.")


@pytest.mark.skipif(os.name != "posix", reason="runs where Gradescope does")
def test_a_grading_that_takes_too_long_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "submission").mkdir()
    (tmp_path / "results").mkdir()
    (tmp_path / "submission" / "server.py").write_text("x = 1")
    (tmp_path / "waits.py").write_text("import signal; signal.pause()")
    tmp_path.chmod(0o755)
    monkeypatch.setattr(gradescope_grading, "SELF_CHECK", str(tmp_path / "waits.py"))
    monkeypatch.setattr(gradescope_grading, "LONGEST", 0.1)
    assert gradescope_grading.main([str(tmp_path), "id"]) == 0
    results = json.loads((tmp_path / "results" / "results.json").read_text())
    assert results["output"].startswith("Penilaian tidak bisa dijalankan.")
