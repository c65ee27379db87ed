"""The kit's own files, to be given to others: what is made while it runs stays behind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from harness.grading.judge import REPO

SKIPPED = ("__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".venv", ".modul4")


def kit_files(parts: Sequence[str]) -> Iterator[Path]:
    """The files of these parts of the repository, each a file or a folder; none where it is not."""
    for part in parts:
        path = REPO / part
        for each in sorted(path.rglob("*")) if path.is_dir() else [path]:
            below = each.relative_to(REPO).parts
            if each.is_file() and not any(name in SKIPPED for name in below):
                yield each
