"""`python -m harness gradescope --out autograder.zip`: the kit as an autograder of Gradescope.

Source: gradescope/autograder_samples, docs/specs.md: `setup.sh` and `run_autograder` are at the
root of the zip, and the latter can be executed.
"""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

from harness import command_line, commands
from harness.classroom.exercises import HANDED_OUT
from harness.command_line import Misuse
from harness.contract.rubric import LANGUAGES, Bilingual, Language
from harness.exports.gradescope_results import without_grade
from harness.exports.kit_files import kit_files
from harness.grading.judge import REPO

GIVEN = Path(__file__).parent / "exports" / "given"
PARTS = ("harness", "solutions", *HANDED_OUT, "pyproject.toml", "LICENSE")
SCRIPTS = ("setup.sh", "run_autograder")
# Permissions of a program and of any other file, as a zip has them.
_RUNS, _READS = 0o100755 << 16, 0o100644 << 16

_SAID: dict[str, Bilingual] = {
    "no out": {
        "id": "Yang kurang: --out FILE, misalnya --out autograder.zip.",
        "en": "Missing: --out FILE, --out autograder.zip for one.",
    },
    "there": {
        "id": "'{path}' sudah ada. Pilih nama yang belum ada.",
        "en": "There is a '{path}' already. Choose a name that is not there yet.",
    },
    "no reference": {
        "id": "Perhatikan: solutions/ tidak ada di sini. Tanpa itu komputer yang sibuk tidak "
        "dikenali, dan TODO yang salah tidak pasti.",
        "en": "Note: there is no solutions/ here. Without it a busy machine is not recognised, and "
        "no TODO is named for certain.",
    },
    "done": {
        "id": "{count} file untuk Gradescope: {path}",
        "en": "{count} files for Gradescope: {path}",
    },
}


def main(arguments: Sequence[str], lang: str = LANGUAGES[0]) -> int:
    """Write it; returns 0. Raises `Misuse`, `OSError`."""
    spoken = LANGUAGES[1] if lang == LANGUAGES[1] else LANGUAGES[0]
    takes = commands.COMMANDS["gradescope"].arguments or ()
    asked = command_line.read("gradescope ", takes, arguments, lang)
    if not asked.out:
        raise Misuse(_SAID["no out"][spoken])
    out = Path(asked.out).expanduser()
    if out.exists():
        raise Misuse(_SAID["there"][spoken].format(path=out))
    if not (REPO / "solutions").is_dir():
        sys.stderr.write(_SAID["no reference"][spoken] + "\n")
    count = autograder(out, spoken)
    sys.stdout.write(_SAID["done"][spoken].format(count=count, path=out) + "\n")
    return 0


def autograder(out: Path, lang: Language) -> int:
    """Write the zip, of which students read ``lang``; returns how many files. Raises `OSError`."""
    out.parent.mkdir(parents=True, exist_ok=True)
    # Written beside it and then renamed: half of it is never there.
    aside = out.with_name(f".{out.name}.new")
    try:
        with zipfile.ZipFile(aside, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in SCRIPTS:
                # A checkout on Windows may have other line ends, which bash does not take.
                text = (
                    (GIVEN / name)
                    .read_text(encoding="utf-8")
                    .replace("\nlang=id\n", f"\nlang={lang}\n")
                )
                _add(archive, name, text, _RUNS)
            _add(archive, "begun.json", without_grade("begun", {}, lang), _READS)
            for path in kit_files(PARTS):
                archive.write(path, path.relative_to(REPO))
            count = len(archive.namelist())
        aside.replace(out)
    finally:
        aside.unlink(missing_ok=True)
    return count


def _add(archive: zipfile.ZipFile, name: str, text: str, permissions: int) -> None:
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3  # Unix: elsewhere the permissions would not be read
    entry.external_attr = permissions
    archive.writestr(entry, text)
