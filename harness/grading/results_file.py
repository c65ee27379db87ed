"""How results, or a page about them, are written: as a whole, never over a device or a link."""

from __future__ import annotations

import contextlib
import errno
import json
import os
from pathlib import Path


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
        os.replace(aside, path)
    except OSError:
        with contextlib.suppress(OSError):
            aside.unlink()
        raise
