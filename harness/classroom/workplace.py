"""A folder to work in that is gone afterwards, also that of a run that was killed."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from harness.setup import environment


@contextlib.contextmanager
def workplace(place: Path, prefix: str) -> Iterator[Path]:
    """A new folder in ``place`` with this ``prefix``. Raises `OSError`.

    It is gone afterwards, and so are those that processes left here which are no more.
    """
    for old in place.glob(f"{prefix}*"):
        if not _is_running(old.name.removeprefix(prefix).partition("-")[0]):
            shutil.rmtree(old, ignore_errors=True)
    work = Path(tempfile.mkdtemp(prefix=f"{prefix}{os.getpid()}-", dir=place))
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _is_running(pid: str) -> bool:
    """Whether there may still be a process with this number."""
    return pid.isdigit() and (int(pid) == os.getpid() or environment.is_alive(int(pid)))
