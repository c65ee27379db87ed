"""`export` writes what was asked for, and says in one sentence what cannot be."""

import json
from pathlib import Path
from typing import Any

import pytest

from harness import export
from harness.command_line import Misuse
from harness.commands import FORMATS
from harness.grading.results_file import write
from tests.exported import document, row
from tests.test_classroom50_result import RUNNER

FINAL = document(row("start.a", "passed"), row("start.b", "failed"))


@pytest.fixture
def results(tmp_path: Path) -> Path:
    path = tmp_path / "results.json"
    write(str(path), FINAL)
    return path


@pytest.fixture(autouse=True)
def runner(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in RUNNER.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("to", FORMATS)
def test_a_file_holds_what_is_else_printed(
    to: str, results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    out = tmp_path / "out"
    assert export.main([str(results), "--to", to, "--out", str(out)], "en") == 0
    assert capsys.readouterr().out == ""
    assert export.main([str(results), f"--to={to}"], "en") == 0
    assert "start.b" in out.read_text() or 'name="b"' in out.read_text()
    assert len(capsys.readouterr().out) == len(out.read_text())


def test_a_grade_that_is_not_final_is_trouble_for_classroom_50(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    write(str(tmp_path / "r.json"), document())
    arguments = [str(tmp_path / "r.json"), "--to=classroom50", f"--out={tmp_path / 'result.json'}"]
    assert export.main(arguments, "en") == 3
    assert "no grade yet" in capsys.readouterr().err
    assert not (tmp_path / "result.json").exists()


def test_outside_of_its_runner_there_is_no_result(results: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("CLASSROOM")
    with pytest.raises(Misuse, match="The variable CLASSROOM"):
        export.main([str(results), "--to=classroom50"], "en")


@pytest.mark.parametrize(
    "changed",
    [
        {"score": "5"}, {"max_score": None}, {"score": float("nan")}, {"groups": {}},
        {"submission": []}, {"checks": [row("a.b", "passed", max_points="x")]},
        {"checks": [row("a.b", "failed", places=[{"file": "x"}])]},
        {"checks": [row("a.b", "failed") | {"outcome": []}]}, {"schema": "other"},
    ],
)  # fmt: skip
@pytest.mark.parametrize("to", FORMATS)
def test_what_is_no_results_file_is_told(tmp_path: Path, to: str, changed: dict[str, Any]):
    (tmp_path / "r.json").write_text(json.dumps(FINAL | changed))
    with pytest.raises(Misuse, match="no results file"):
        export.main([str(tmp_path / "r.json"), "--to", to], "en")


def test_a_format_must_be_named(results: Path):
    with pytest.raises(Misuse, match="choose junit, sarif, classroom50, gradescope"):
        export.main([str(results)], "en")
    with pytest.raises(Misuse, match="'pdf'"):
        export.main([str(results), "--to=pdf"], "en")
