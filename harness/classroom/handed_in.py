"""What a class handed in: who sent which files, from whatever platform it was downloaded.

Sources, in the platforms' own forms: Moodle's "Download all submissions" (in folders or flat, of
any age, blind or by teams), Canvas' flat zip, a Google Classroom folder with a `names.csv`, and a
folder with one folder, zip or git clone for each student.
"""

from __future__ import annotations

import csv
import re
import shutil
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from harness.classroom.programs import Problem
from harness.classroom.unpack import NotUnpacked, Unpacking, is_archive, is_litter

# "Full Name_123_assignsubmission_file" (Moodle 4.1 and later), "..._file_" (older); flat, the
# file's name follows. A team has its name and the number of the group.
_MOODLE = re.compile(
    r"(?P<name>.*)_(?P<id>\d+)_assignsubmission_(?P<kind>file|onlinetext)_?(?P<file>.*)"
)
# "sortablename[_LATE]_USERID_ATTACHID_filename"
_CANVAS = re.compile(r"(?P<name>[^_]+)(_LATE)?_(?P<id>\d+)_(?P<attach>\d+)_(?P<file>.+)")
# Who sent a file of a Google Classroom folder, which does not say so itself.
NAMES = "names.csv"
MOODLE, CANVAS = "moodle", "canvas"


@dataclass(frozen=True, slots=True)
class HandedIn:
    """One submission as it came: who sent it, and the folder with the files.

    ``key`` names it in the results and is safe as the name of a folder; ``number`` is the
    platform's own for the student or the team, empty where there is none; ``platform`` is
    `MOODLE`, `CANVAS`, or empty where it does not show.
    """

    key: str
    name: str
    number: str
    folder: Path
    problem: Problem | None = None
    platform: str = ""


def collected(source: Path, work: Path) -> list[HandedIn]:
    """All submissions in ``source``, a folder or a zip, in the order of their names.

    ``work``: an empty folder for what is unpacked and sorted. Raises `NotUnpacked` where the zip of
    the whole class cannot be read, and `OSError`.
    """
    top = source
    if not source.is_dir():
        top = work / "class"
        Unpacking().unpack(source, top)
    # Some platforms wrap the class in one folder.
    inside = _entries(top)
    while len(inside) == 1 and inside[0].is_dir() and _looks_like_a_class(inside[0]):
        top, inside = inside[0], _entries(inside[0])
    grouped, platforms = _grouped(top, inside)
    seen: dict[str, int] = defaultdict(int)
    found = []
    for (name, number), paths in sorted(grouped.items(), key=lambda each: each[0]):
        key = _key(name, number)
        seen[key.casefold()] += 1
        if seen[key.casefold()] > 1:
            key = f"{key}-{seen[key.casefold()]}"
        sent = _gathered(key, name, number, paths, work / "sent" / key)
        found.append(replace(sent, platform=platforms.get((name, number), "")))
    return found


def _entries(folder: Path) -> list[Path]:
    entries = sorted(folder.iterdir())
    return [e for e in entries if not is_litter(e.name) and not e.name.startswith(".")]


def _looks_like_a_class(folder: Path) -> bool:
    """Whether a folder holds several submissions, rather than the parts of one."""
    entries = _entries(folder)
    parts = ("server", "client")
    is_one = any(each.suffix.lower() == ".py" or each.stem.lower() in parts for each in entries)
    return len(entries) > 1 and not is_one and not _MOODLE.fullmatch(folder.name)


def _grouped(
    top: Path, entries: list[Path]
) -> tuple[dict[tuple[str, str], list[tuple[Path, str]]], dict[tuple[str, str], str]]:
    """Name and number of each student with the files, and with the platform.

    Of each file it is said where it is, and what it was called.
    """
    grouped: dict[tuple[str, str], list[tuple[Path, str]]] = defaultdict(list)
    platforms: dict[tuple[str, str], str] = {}
    names = _names(top / NAMES)
    for path in entries:
        name = unicodedata.normalize("NFC", path.name)
        if names is not None:
            if path.name != NAMES and (who := names.get(name.casefold())):
                grouped[who].append((path, path.name))
            continue
        moodle, canvas = _MOODLE.fullmatch(name), _CANVAS.fullmatch(name)
        if moodle:
            who = (moodle["name"].replace("_", " ").strip(), moodle["id"])
            files = grouped[who]
            platforms[who] = MOODLE
            if moodle["kind"] == "file":
                files.append((path, moodle["file"] if path.is_file() else ""))
        elif canvas and path.is_file():
            who = (canvas["name"], canvas["id"])
            platforms[who] = CANVAS
            files = grouped[who]
            files.append((path, canvas["file"]))
        elif path.is_dir():
            grouped[name, ""].append((path, ""))
        elif is_archive(path) or path.suffix.lower() in (".zip", ".rar", ".7z"):
            grouped[path.stem, ""].append((path, path.name))
    return grouped, platforms


def _names(path: Path) -> dict[str, tuple[str, str]] | None:
    """Of `names.csv`: file name -> name and number of the student; None where there is none.

    Columns: the file, the student's name and, where wanted, a number; commas or semicolons.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None
    first = text.partition("\n")[0]
    rows = csv.reader(text.splitlines(), delimiter=";" if ";" in first else ",")
    found = {}
    for row in rows:
        cells = [cell.strip() for cell in row]
        if len(cells) >= 2 and cells[0]:
            file = unicodedata.normalize("NFC", cells[0]).casefold()
            found[file] = (cells[1], cells[2] if len(cells) > 2 else "")
    return found


def _gathered(
    key: str, name: str, number: str, paths: list[tuple[Path, str]], target: Path
) -> HandedIn:
    """One student's files in one folder, zips unpacked."""
    problem = None
    target.mkdir(parents=True)
    if not paths:
        return HandedIn(key, name, number, target, Problem("nothing"))
    if len(paths) == 1 and paths[0][0].is_dir() and not any(_archives(paths[0][0])):
        return HandedIn(key, name, number, paths[0][0])
    for path, called in paths:
        try:
            if path.is_dir():
                shutil.copytree(path, target, symlinks=True, dirs_exist_ok=True, ignore=_hidden)
            elif not path.is_symlink():
                shutil.copy(path, _free(target, called))
        except (OSError, shutil.Error) as error:
            problem = Problem("unreadable", {"found": str(error)})
    for archive in list(_archives(target)):
        folder = archive.with_name(archive.name + ".d")
        try:
            Unpacking().unpack(archive, folder)
            archive.unlink()
        except NotUnpacked as error:
            problem = Problem(str(error))
            shutil.rmtree(folder, ignore_errors=True)
    return HandedIn(key, name, number, target, problem)


def _hidden(_folder: str, names: list[str]) -> list[str]:
    return [each for each in names if each.startswith(".")]


def _archives(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*.[zZ][iI][pP]")):
        if not path.is_symlink() and is_archive(path):
            yield path


def _free(folder: Path, name: str) -> Path:
    """A path for a file of this name; another one where there is such a file already."""
    path = folder / name
    count = 1
    while path.exists():
        count += 1
        path = folder / f"{Path(name).stem} ({count}){Path(name).suffix}"
    return path


def _key(name: str, number: str) -> str:
    """What a folder can be called everywhere: letters, digits and dashes, and the number."""
    plain = re.sub(r"[^\w-]+", "-", unicodedata.normalize("NFC", name)).strip("-_")[:60]
    return "-".join(each for each in (plain or "tanpa-nama", number) if each)
