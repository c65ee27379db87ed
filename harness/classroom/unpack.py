"""Unpacks a zip that a student or a learning platform made. Nothing in it is trusted.

Names that lead out of the folder, links, and what macOS and Windows leave behind are left out. A
zip that would fill the disk is refused. Zips inside a zip are unpacked beside themselves.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import unicodedata
import zipfile
from pathlib import Path, PurePosixPath

# A class in one zip; and how deep a zip may lie in a zip.
MOST_FILES, MOST_BYTES, DEEPEST = 20_000, 1_000_000_000, 3
# Bytes that are read at once.
PIECE = 1 << 16
LITTER = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")
# Set by a program that writes its names as UTF-8.
SAYS_UTF8 = 0x800
# What Windows refuses in a name.
FORBIDDEN = dict.fromkeys(map(ord, '<>:"|?*'), "_")


class NotUnpacked(Exception):
    """A zip cannot be unpacked; the text is a key of `problems.PROBLEMS`."""


class Unpacking:
    """One zip and all within it: counts what has been written."""

    def __init__(self, most_bytes: int = MOST_BYTES, most_files: int = MOST_FILES) -> None:
        self._bytes_left = most_bytes
        self._files_left = most_files

    def unpack(self, archive: Path, target: Path, depth: int = 0) -> None:
        """Write what ``archive`` holds below ``target``. Raises `NotUnpacked`, `OSError`."""
        try:
            with zipfile.ZipFile(archive) as opened:
                inner = [self._write(opened, entry, target) for entry in opened.infolist()]
        except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, ValueError):
            raise NotUnpacked("broken_zip") from None
        except (RuntimeError, NotImplementedError):  # encrypted; packed in a way we cannot read
            raise NotUnpacked("locked_zip") from None
        except OSError as error:
            if isinstance(error, (FileExistsError, NotADirectoryError, IsADirectoryError)):
                raise NotUnpacked("broken_zip") from None
            raise
        for path in inner:
            if path is not None and path.suffix.lower() == ".zip" and depth < DEEPEST:
                self._unpack_inner(path, depth)

    def _unpack_inner(self, path: Path, depth: int) -> None:
        """Put a folder with what a zip holds in its place; one that is broken stays as it is."""
        folder = path.with_name(path.name + ".d")
        try:
            self.unpack(path, folder, depth + 1)
        except NotUnpacked as error:
            if str(error) == "huge_zip":
                raise
            shutil.rmtree(folder, ignore_errors=True)
            return
        path.unlink()
        aside = path.with_suffix("")
        if not aside.exists():
            folder.rename(aside)

    def _write(self, opened: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> Path | None:
        """Write one entry; returns where, None for what is left out."""
        parts = safe_parts(name_of(entry))
        is_link = stat.S_ISLNK(entry.external_attr >> 16)
        if not parts or is_link or entry.is_dir():
            return None
        self._files_left -= 1
        if self._files_left < 0:
            raise NotUnpacked("huge_zip")
        path = target.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        with opened.open(entry) as source, open(path, "wb") as sink:
            while data := source.read(PIECE):
                self._bytes_left -= len(data)
                if self._bytes_left < 0:
                    raise NotUnpacked("huge_zip")
                sink.write(data)
        return path


def name_of(entry: zipfile.ZipInfo) -> str:
    """The name of an entry. Windows' own zips and some others write UTF-8 and do not say so."""
    name = entry.filename
    if not entry.flag_bits & SAYS_UTF8:
        # Otherwise it is cp437, as the standard has it.
        with contextlib.suppress(UnicodeEncodeError, UnicodeDecodeError):
            name = name.encode("cp437").decode("utf-8")
    return unicodedata.normalize("NFC", name)


def safe_parts(name: str) -> tuple[str, ...]:
    """The folders and the file of a path in a zip; nothing where it leads out or is litter."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if any(part in ("..", "/") or part.endswith(":") for part in parts):
        return ()
    if any(is_litter(part) for part in parts):
        return ()
    return tuple(_printable(part).translate(FORBIDDEN).rstrip(". ") or "_" for part in parts)


def is_litter(name: str) -> bool:
    """Whether a system left it behind: no student wrote it."""
    return name in LITTER or name.startswith("._")


def _printable(text: str) -> str:
    return "".join(
        "_" if unicodedata.category(each) in ("Cc", "Cf", "Cs") else each for each in text
    )


def is_archive(path: Path) -> bool:
    """Whether it is a zip by its content; a name says little."""
    return os.path.isfile(path) and zipfile.is_zipfile(path)
