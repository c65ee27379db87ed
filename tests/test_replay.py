"""`replay`: what it says of a story that is not there, and of one that fails otherwise now."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from harness import replay
from harness.contract.symptoms import Failure, Symptom
from harness.schedules import in_sandbox


def test_a_check_without_a_saved_story_is_told_what_to_do(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
):
    (tmp_path / "server.py").write_text("")
    status = replay.main(["start.listens", f"--submission={tmp_path}"], "en")
    assert status == replay.MISUSED
    said = capsys.readouterr().err
    assert "No story of start.listens was saved" in said
    assert f"python -m harness show start.listens --submission={tmp_path}" in said


@pytest.mark.parametrize(("now", "is_other"), [("died", False), ("lost", True)])
def test_another_fault_in_the_same_order_is_told_as_another(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, now: str, is_other: bool
):
    def example(kind: str) -> SimpleNamespace:
        return SimpleNamespace(violation=SimpleNamespace(kind=kind))

    verdict = SimpleNamespace(outcome="failed", reason="", counterexample=example(now))
    failure = Failure("server.py", Symptom.SCHEDULE_BREAKS, {"seen": "x"})
    monkeypatch.setattr(replay.Counterexample, "from_json", lambda document: example("died"))
    monkeypatch.setattr(in_sandbox, "again", lambda *_: verdict)
    monkeypatch.setattr(in_sandbox, "story", lambda _: [])
    monkeypatch.setattr(in_sandbox, "failure", lambda _: failure)
    found = replay._schedule({}, None, tmp_path, "en")  # type: ignore[arg-type]
    assert found is not None
    assert found.facts["is_other"] is is_other


def test_an_order_of_another_program_is_no_comfort(tmp_path: Path):
    (tmp_path / "server.py").write_text("a = 1\nb = 2\n", encoding="utf-8")
    step = {"file": "server.py", "line": 2, "source": "b = 2"}
    assert not replay.is_changed({"steps": [step]}, tmp_path)
    assert not replay.is_changed({}, tmp_path)
    (tmp_path / "server.py").write_text("a = 1\nprint()\nb = 2\n", encoding="utf-8")
    assert replay.is_changed({"steps": [step]}, tmp_path)
    (tmp_path / "server.py").write_text("a = 1\n", encoding="utf-8")
    assert replay.is_changed({"steps": [step]}, tmp_path)
