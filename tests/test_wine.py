"""Wine for the proof on Windows: how it is installed, how programs run in it and are ended."""

import os
import sys
import threading
from pathlib import Path

import pytest

from tests.proof.windows import wine
from tests.proof.windows.wine import NoWine, Wine


@pytest.mark.skipif(os.name != "posix", reason="a script stands for apt-get")
def test_the_last_word_of_apt_get_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    apt = tmp_path / "apt-get"
    apt.write_text("#!/bin/sh\necho E: no such package\nexit 100\n")
    apt.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/bin")
    found = {"apt-get": str(apt)}
    monkeypatch.setattr(wine.shutil, "which", found.get)
    with pytest.raises(NoWine, match="E: no such package"):
        wine.install()


@pytest.mark.skipif(os.name != "posix", reason="a script stands for wine")
def test_a_program_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    machine = Wine(tmp_path / "machine")
    begun: list[str] = []
    monkeypatch.setattr(Wine, "begins", lambda self: begun.append("begins"))
    monkeypatch.setattr(Wine, "ends", lambda self: begun.append("ends"))
    waits = [
        sys.executable,
        "-c",
        "import time; print('halo', flush=True); time.sleep(99)",
    ]
    ran = machine._run(waits, tmp_path, 1.0, {})
    assert (ran.status, ran.said, begun) == (None, "halo\n", ["ends", "begins"])


@pytest.mark.skipif(os.name != "posix", reason="a script stands for wine")
def test_no_program_is_started_before_wine_has_begun_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    machine = Wine(tmp_path / "machine")
    order: list[str] = []
    says = [sys.executable, "-c", "print('halo')"]
    other = threading.Thread(target=lambda: order.append(machine._run(says, tmp_path, 60, {}).said))

    def begins(self: Wine) -> None:
        other.start()
        other.join(1.0)
        order.append("begins")

    monkeypatch.setattr(Wine, "begins", begins)
    monkeypatch.setattr(Wine, "ends", lambda self: None)
    machine._run([sys.executable, "-c", "import time; time.sleep(99)"], tmp_path, 0.1, {})
    other.join()
    assert order == ["begins", "halo\n"]


def test_a_file_on_the_disk_has_its_name_there(tmp_path: Path):
    machine = Wine(tmp_path)
    assert machine.path(machine.disk / "Dwi Ayu" / "a.json") == "C:\\Dwi Ayu\\a.json"


def test_the_grader_s_settings_do_not_reach_the_programs_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("MODUL4_LANG", "en")
    monkeypatch.setenv("PYTEST_ADDOPTS", "-x")
    show = [sys.executable, "-c", "import os; print(sorted(os.environ))"]
    said = Wine(tmp_path)._run(show, tmp_path, 60, {}).said
    assert "WINEPREFIX" in said
    assert "MODUL4_LANG" not in said
    assert "PYTEST_ADDOPTS" not in said
