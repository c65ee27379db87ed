"""Keeps pytest from running code of the submission: any conftest.py beside it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from harness.grading.judge import REPO


class Placeholder:
    """Stands where a conftest.py of the submission would have been."""


def bar(pluginmanager: Any, words: Iterable[str]) -> None:
    """Put placeholders where pytest would import a stranger's conftest.py.

    In ``--submission DIR`` pytest, not knowing the option yet, takes DIR for a path to collect and
    would run the conftest.py in it, above it, or in a folder test* below it. It imports none that
    is registered already.
    """
    for word in words:
        folder = Path(word.removeprefix("--submission=")).absolute()
        try:
            is_folder = bool(word) and folder.is_dir()
        except (OSError, ValueError):
            continue
        if is_folder:
            for place in (folder, *folder.parents, *folder.glob("test*")):
                name = str(place / "conftest.py")
                if not _is_ours(place) and not pluginmanager.has_plugin(name):
                    pluginmanager.register(Placeholder(), name)


def already_run(pluginmanager: Any) -> Path | None:
    """A stranger's conftest.py that was run before ours could bar it (options before harness/)."""
    for name, plugin in pluginmanager.list_name_plugin():
        is_conftest = Path(name).name == "conftest.py" and not isinstance(plugin, Placeholder)
        if is_conftest and plugin is not None and not _is_ours(Path(name)):
            return Path(name)
    return None


def _is_ours(place: Path) -> bool:
    return any(place.is_relative_to(REPO / name) for name in ("harness", "tests"))
