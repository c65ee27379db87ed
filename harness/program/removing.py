"""Removes a folder that a stranger's program has written into."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path


def remove(folder: Path) -> None:
    """Remove ``folder`` as far as it can be; links in it are removed, not followed."""
    try:
        shutil.rmtree(folder, ignore_errors=True)
    except RecursionError:
        # Python 3.11 and 3.12 remove folders within folders by recursion.
        with contextlib.suppress(OSError):
            _flatten(folder)
        shutil.rmtree(folder, ignore_errors=True)


def _flatten(folder: Path) -> None:
    """Bring every folder below ``folder`` up to its top, one after the other."""
    left, number = [str(folder)], 0
    while left:
        with contextlib.suppress(OSError), os.scandir(left.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    number += 1
                    top = os.path.join(folder, f".{number}.removed")
                    os.rename(entry.path, top)
                    left.append(top)
