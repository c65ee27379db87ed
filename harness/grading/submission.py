"""What a submission is made of: the folder with the two programs, or why there is none."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from harness.contract.rubric import Bilingual, Language

PROGRAMS = ("server.py", "client.py")
# The statement of a TODO that nobody has begun; not one in a comment.
STILL_OPEN = r"^\s*raise NotImplementedError\(.TODO (\d{1,3}).\)"
# Folders deep in which a program is looked for; what a zip or Moodle wraps around it is one or two.
DEEPEST = 3
# Entries that are looked at, so that a huge folder costs no time.
MOST_ENTRIES = 2000

_SAID: Mapping[str, Bilingual] = {
    "no folder": {
        "id": "Folder '{path}' tidak ada. Berikan folder yang berisi server.py dan client.py.",
        "en": "There is no folder '{path}'. Give one that holds server.py and client.py.",
    },
    "unreadable": {
        "id": "'{path}' tidak bisa dibaca: {why}.",
        "en": "'{path}' cannot be read: {why}.",
    },
    "a link": {
        "id": "{program} di folder '{path}' hanya tautan (link): taruh file aslinya di sana.",
        "en": "{program} in the folder '{path}' is a link only: put the file itself there.",
    },
    "a program": {
        "id": "'{path}' bukan folder. Berikan folder tempat file itu: --submission={found}",
        "en": "'{path}' is no folder. Give the folder that it is in: --submission={found}",
    },
    "a file": {
        "id": "'{path}' bukan folder. Berikan folder yang berisi server.py dan client.py; "
        "kalau ini zip, bukalah dulu.",
        "en": "'{path}' is no folder. Give one that holds server.py and client.py; "
        "if this is a zip, unpack it first.",
    },
    "other name": {
        "id": "Di folder '{path}' tidak ada {program}, tetapi ada '{found}': ganti namanya menjadi "
        "{program}.",
        "en": "In the folder '{path}' there is no {program}, but there is '{found}': rename it to "
        "{program}.",
    },
    "inside": {
        "id": "Di folder '{path}' tidak ada server.py dan client.py, tetapi di dalamnya ada: "
        "--submission={found}",
        "en": "In the folder '{path}' there is no server.py and no client.py, but further inside "
        "there is: --submission={found}",
    },
    "many inside": {
        "id": "Di folder '{path}' tidak ada server.py dan client.py, tetapi ada di {count} folder "
        "di dalamnya; pilih satu, misalnya --submission={found}",
        "en": "In the folder '{path}' there is no server.py and no client.py, but there is in "
        "{count} folders inside; choose one, for example --submission={found}",
    },
    "zip inside": {
        "id": "Di folder '{path}' tidak ada server.py dan client.py, tetapi ada '{found}': bukalah "
        "dulu.",
        "en": "In the folder '{path}' there is no server.py and no client.py, but there is "
        "'{found}': unpack it first.",
    },
}


class NoSubmission(Exception):
    """Nothing there can be graded. The text is a sentence that says what to do."""


def folder_of(given: str, lang: Language) -> Path:
    """The submission's folder, as it was given on the command line (`~` is the home folder).

    One without any program is a submission all the same, unless it is plain where they are.
    Raises `NoSubmission`.
    """
    path = Path(given).expanduser()
    try:
        return _folder_of(path, given, lang)
    except OSError as error:
        raise _no("unreadable", lang, given, why=error.strerror) from None


def _folder_of(path: Path, given: str, lang: Language) -> Path:
    """As `folder_of`. Raises `OSError` as well."""
    if not path.is_dir():
        if not path.exists():
            raise _no("no folder", lang, given)
        is_program = path.name in PROGRAMS
        raise _no("a program" if is_program else "a file", lang, given, found=path.parent)
    if links := [name for name in PROGRAMS if (path / name).is_symlink()]:
        raise _no("a link", lang, given, program=links[0])
    lacking = [name for name in PROGRAMS if not (path / name).exists()]
    for name in lacking:
        if found := _other_name(path, name):
            raise _no("other name", lang, given, program=name, found=found)
    if len(lacking) == len(PROGRAMS):
        _look_inside(path, lang, given)
    return path


def _no(key: str, lang: Language, given: str, **facts: object) -> NoSubmission:
    return NoSubmission(_SAID[key][lang].format(path=given, **facts))


def _other_name(folder: Path, program: str) -> str | None:
    """The one file that is ``program`` under a name that a browser, Windows or a person gave it."""
    stem = program.removesuffix(".py")
    # server (1).py, Server.PY, server.py.txt, server - Copy.py, server_final.py, my-server.py
    named = re.compile(rf"([\w ]*[-_ ])?{stem}([-_ (].*)?\.py(\.txt)?", re.IGNORECASE)
    try:
        names = [each.name for each in folder.iterdir() if each.is_file()]
    except OSError:
        return None
    found = [name for name in names if name not in PROGRAMS and named.fullmatch(name)]
    return found[0] if len(found) == 1 else None


def _look_inside(path: Path, lang: Language, given: str) -> None:
    """Say where the programs are, if they are in a folder inside or in a zip."""
    left, folders, zips, looked = [(path, 0)], [], [], 0
    while left and looked < MOST_ENTRIES:
        folder, depth = left.pop(0)
        try:
            entries = sorted(folder.iterdir())
        except OSError:
            continue
        looked += len(entries)
        zips += [each.name for each in entries if each.suffix.lower() in (".zip", ".rar", ".7z")]
        if any(each.name in PROGRAMS for each in entries):
            folders.append(folder)
        elif depth < DEEPEST:
            inner = (e for e in entries if e.is_dir() and not e.is_symlink() and e.name[0] != ".")
            left += [(each, depth + 1) for each in inner]
    if folders:
        why = "inside" if len(folders) == 1 else "many inside"
        raise _no(why, lang, given, found=folders[0], count=len(folders))
    if zips:
        raise _no("zip inside", lang, given, found=zips[0])


def next_todo(folder: Path) -> int | None:
    """The number of the first TODO that is still open in the programs, None if there is none."""
    still_open: list[int] = []
    for name in PROGRAMS:
        try:
            text = (folder / name).read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        still_open += map(int, re.findall(STILL_OPEN, text, re.MULTILINE))
    return min(still_open, default=None)


def digests(folder: Path) -> Mapping[str, str]:
    """The SHA-256 of the programs in ``folder``; a missing one is left out. Raises `OSError`."""
    return {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for name in PROGRAMS
        if (folder / name).is_file()
    }
