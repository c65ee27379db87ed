"""Failures as remarks of GitHub: beside the lines only where these are at fault for certain."""

from pathlib import Path
from typing import Any

import pytest

from harness import annotations
from harness.command_line import Misuse
from harness.grading.results_file import write

PLACE = {"todo": 3, "file": "server.py", "function": "f", "first_line": 10, "last_line": 20}


def document(**of: Any) -> dict[str, Any]:
    row = {
        "id": "nickname.race", "outcome": "failed", "points": 0, "title": "One name, one client",
        "expected": "exactly one", "seen": "100%: two\ngot it", "hint": "Who looks first?",
        "places": [PLACE], "blame_is_shown": True,
    }  # fmt: skip
    return {
        "schema": "modul4-results/1",
        "submission": {"path": "modul4/1.contoh"},
        "checks": [row | of, row | {"id": "start.listens", "outcome": "passed"}],
    }


def test_a_failure_stands_beside_its_lines():
    assert list(annotations.remarks(document())) == [
        "::error file=modul4/1.contoh/server.py,line=10,endLine=20,title=nickname.race::"
        "One name, one client%0Aexactly one%0A100%25: two%0Agot it%0AWho looks first?"
    ]


def test_without_certainty_no_line_is_accused():
    (line,) = annotations.remarks(document(blame_is_shown=False))
    assert line.startswith("::error file=modul4/1.contoh/server.py,title=nickname.race::")


def test_one_without_a_place_has_no_remark():
    assert list(annotations.remarks(document(places=[]))) == []


def test_no_text_of_a_student_becomes_a_command():
    (line,) = annotations.remarks(document(seen="x\n::error file=y::z\r\n::stop-commands::t"))
    assert "\n" not in line and "\r" not in line
    (line,) = annotations.remarks(document(places=[PLACE | {"file": "a,b:c.py"}]))
    assert "file=modul4/1.contoh/a%2Cb%3Ac.py," in line


def test_the_command_prints_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    write(str(tmp_path / "r.json"), document())
    assert annotations.main([str(tmp_path / "r.json")], "en") == 0
    assert capsys.readouterr().out.count("::error") == 1
    with pytest.raises(Misuse, match="no results file"):
        annotations.main([str(tmp_path / "none.json")], "en")
