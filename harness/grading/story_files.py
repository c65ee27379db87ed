"""The files of stories: loaded by path, as they import nothing and nothing imports them."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

from harness.contract.rubric import Check

STORIES = Path(__file__).resolve().parents[1] / "stories"


def load_stories(path: Path) -> ModuleType:
    """The module of stories in ``path``."""
    spec = importlib.util.spec_from_file_location(f"modul4_stories_{path.stem}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def has_story(check: Check) -> bool:
    """Whether somebody wrote one for it."""
    path = STORIES / f"{check.group}.py"
    name = f"def test_{check.id.partition('.')[2]}("
    return path.is_file() and name in path.read_text(encoding="utf-8")
