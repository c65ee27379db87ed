"""A submission with modules of its own under names that the launcher uses is explored, too."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.schedules.cycles import mixed_cycle
from tests.explored import told_to
from tests.tiny import edited

OURS = ("queue", "json", "random", "selectors", "traceback", "contextlib", "model", "oracle")
# Every Python has these before it reads the first line of the program: a file changes nothing.
PYTHONS = ("os", "abc")


def ends(folder: Path, check: str) -> list[str]:
    text = edited(("import time\n", f"import time\n{check}\n"))
    (folder / "server.py").write_text(text, encoding="utf-8")
    report = told_to(folder / "server.py", [mixed_cycle(1, number, []) for number in range(2)])
    assert report.trouble == ""
    return [cycle["end"] for cycle in report.cycles]


@pytest.mark.parametrize("name", OURS)
def test_its_own_file_is_imported_where_python_would(tmp_path: Path, name: str) -> None:
    (tmp_path / f"{name}.py").write_text("MINE = True\n", encoding="utf-8")
    assert ends(tmp_path, f"import {name} as own\nassert own.MINE") == ["done", "done"]


def test_a_package_counts_too(tmp_path: Path) -> None:
    (tmp_path / "json").mkdir()
    (tmp_path / "json" / "__init__.py").write_text("MINE = True\n", encoding="utf-8")
    assert ends(tmp_path, "import json\nassert json.MINE") == ["done", "done"]


@pytest.mark.parametrize("name", PYTHONS)
def test_what_python_has_loaded_is_no_file_of_the_submission(tmp_path: Path, name: str) -> None:
    (tmp_path / f"{name}.py").write_text("raise SystemExit('mine')\n", encoding="utf-8")
    assert ends(tmp_path, f"import {name}") == ["done", "done"]
