"""How results, or a page about them, are written: as a whole, never over a device or a link."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import time
from pathlib import Path

# Windows replaces no file while somebody reads it, be it a virus scanner: seconds to wait for that.
READ_WITHIN = 2.0 if os.name == "nt" else 0.0
PACE = 0.01


def write(target: str, values: dict[str, object]) -> None:
    """Write ``values`` to ``target`` as JSON. Raises `OSError`."""
    write_text(target, json.dumps(values, ensure_ascii=False, indent=1) + "\n")


def write_text(target: str, text: str) -> None:
    """Write ``text`` to ``target``. Raises `OSError`.

    A file is replaced as a whole: who reads it sees the old one or the new one. Of a link the file
    that it leads to is replaced. A device is written to as it is; a pipe is refused.
    """
    # A folder may have a name that is no text; backslashes are what JSON would escape it with.
    encoded = text.encode("utf-8", errors="backslashreplace")
    path = Path(os.path.realpath(Path(target).expanduser()))
    if path.is_char_device():
        with open(path, "wb") as device:
            device.write(encoded)
        return
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "it is no file")
    aside = path.parent / f".{path.name}.{os.getpid()}"
    try:
        aside.write_bytes(encoded)
        replaces(aside, path)
    except OSError:
        with contextlib.suppress(OSError):
            aside.unlink()
        raise


def replaces(new: Path, old: Path) -> None:
    """Put ``new`` in the place of ``old``, once nobody reads that any more. Raises `OSError`."""
    deadline = time.monotonic() + READ_WITHIN
    while True:
        try:
            return os.replace(new, old)
        except PermissionError:
            if time.monotonic() >= deadline:
                raise
            # Nothing tells when it is closed.
            time.sleep(PACE)
