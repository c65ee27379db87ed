"""`python -m harness handout OUT`: what students get, as a folder, a zip or a git repository.

The skeletons, the lab sheet, the pages for students and the grader: all that the self-check needs.
Not the solution, not the kit's own tests, and none of the faulty programs, which give answers away.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from harness import command_line, commands
from harness.command_line import Misuse
from harness.contract.rubric import LANGUAGES, Bilingual, Language
from harness.exports.kit_files import kit_files
from harness.grading.judge import REPO

GIVEN = Path(__file__).parent / "classroom" / "given"
# What goes along as it is; all below a folder.
PARTS = (
    "modul4", "harness", "docs/id", "pyproject.toml", "LICENSE", ".gitignore", ".gitattributes",
)  # fmt: skip
# What is written for students: the file, and where it goes.
WRITTEN = {"README.md": "README.md", "periksa.yml": ".github/workflows/periksa.yml"}
AUTHOR = ("-c", "user.name=Modul 4", "-c", "user.email=modul4@localhost")

_SAID: dict[str, Bilingual] = {
    "there": {
        "id": "'{path}' sudah ada isinya. Pilih nama yang belum ada.",
        "en": "There is something in '{path}' already. Choose a name that is not there yet.",
    },
    "no git": {
        "id": "--git membutuhkan program git, yang tidak ada di sini.",
        "en": "--git needs the program git, which is not here.",
    },
    "git zip": {
        "id": "--git dan .zip tidak bisa bersama: pilih salah satu.",
        "en": "--git and .zip do not go together: choose one.",
    },
    "done": {
        "id": "{count} file untuk mahasiswa: {path}",
        "en": "{count} files for students: {path}",
    },
}


def main(arguments: Sequence[str], lang: str = LANGUAGES[0]) -> int:
    """Write it; returns 0. Raises `Misuse`, `OSError`."""
    spoken = LANGUAGES[1] if lang == LANGUAGES[1] else LANGUAGES[0]
    takes = commands.COMMANDS["handout"].arguments or ()
    asked = command_line.read("handout ", takes, arguments, lang)
    out = Path(asked.out).expanduser()
    count = hand_out(out, asked.git, spoken)
    sys.stdout.write(_SAID["done"][spoken].format(count=count, path=out) + "\n")
    return 0


def hand_out(out: Path, is_repository: bool, lang: Language) -> int:
    """Write what students get to ``out``; returns how many files. Raises `Misuse`, `OSError`."""
    is_zip = out.suffix.lower() == ".zip"
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise Misuse(_SAID["there"][lang].format(path=out))
    if is_repository and is_zip:
        raise Misuse(_SAID["git zip"][lang])
    if is_repository and shutil.which("git") is None:
        raise Misuse(_SAID["no git"][lang])
    out.parent.mkdir(parents=True, exist_ok=True)
    # Built beside it and then renamed: half of it is never there.
    with tempfile.TemporaryDirectory(prefix=".handout-", dir=out.parent) as work:
        folder = Path(work) / "modul4-lab"
        _copy_to(folder)
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        if is_repository:
            _commit(folder)
        if is_zip:
            _pack(folder, files, out)
        else:
            if out.exists():
                out.rmdir()
            folder.rename(out)
    return len(files)


def _copy_to(folder: Path) -> None:
    for path in kit_files(PARTS):
        target = folder / path.relative_to(REPO)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    for name, place in WRITTEN.items():
        target = folder / place
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(GIVEN / name, target)


def _commit(folder: Path) -> None:
    """Make it a repository with one commit."""
    for words in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-q", "-m", "Modul 4")):
        subprocess.run(["git", *AUTHOR, *words], cwd=folder, check=True)


def _pack(folder: Path, files: Sequence[Path], out: Path) -> None:
    aside = folder.with_suffix(".zip")
    with zipfile.ZipFile(aside, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            archive.write(path, path.relative_to(folder.parent))
    aside.rename(out)
