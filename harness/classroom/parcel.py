"""A folder as bytes, to be sent to another machine and made a folder again.

What comes in is not trusted: it holds plain files below the folder and nothing else, or `BadParcel`
is raised.
"""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path, PurePosixPath

from harness.program.unprivileged import content_of

# Bytes that the files of a graded submission may have together: results, a page, a console.
MOST_BYTES = 300_000_000


class BadParcel(Exception):
    """The bytes are no folder that we packed."""


def packed(folder: Path) -> bytes:
    """All plain files in ``folder`` and below it; links, pipes and devices are left out.

    Raises `BadParcel` where they are too large together.
    """
    sink, size = io.BytesIO(), 0
    with tarfile.open(fileobj=sink, mode="w:gz", compresslevel=1) as archive:
        for path in sorted(folder.rglob("*")):
            content = content_of(path, MOST_BYTES)
            if content is None:
                continue
            size += len(content)
            if size > MOST_BYTES:
                raise BadParcel("too large")
            told = tarfile.TarInfo(path.relative_to(folder).as_posix())
            told.size = len(content)
            archive.addfile(told, io.BytesIO(content))
    return sink.getvalue()


def unpacked(content: bytes, folder: Path) -> None:
    """Write what `packed` has made into ``folder``, a new one. Raises `BadParcel`, `OSError`."""
    folder.mkdir(parents=True)
    size = 0
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
            for told in archive:
                size += told.size
                file = archive.extractfile(told) if told.isreg() else None
                if file is None or not _is_below(told.name) or size > MOST_BYTES:
                    raise BadParcel(told.name)
                path = folder / told.name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(file.read())
    except (tarfile.TarError, EOFError, ValueError, OverflowError) as error:
        raise BadParcel(str(error)) from None


def _is_below(name: str) -> bool:
    """Whether it names something below a folder, on every system."""
    path = PurePosixPath(name)
    is_odd = os.name == "nt" and any(sign in name for sign in "\\:")
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts and not is_odd
