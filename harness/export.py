"""`python -m harness export RESULTS --to FORMAT`: results as another system takes them."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from harness import command_line, commands
from harness.classroom.one import read
from harness.command_line import Misuse
from harness.contract.rubric import LANGUAGES, Bilingual, Language
from harness.exports.classroom50_result import MissingVariable, classroom50, is_final
from harness.exports.fitness import is_exportable
from harness.exports.gradescope_results import gradescope
from harness.exports.junit_xml import junit
from harness.exports.sarif_log import sarif
from harness.grading import results_file

DONE, NOT_FINAL = 0, 3

_SAID: dict[str, Bilingual] = {
    "no results": {
        "id": "'{path}' bukan file hasil (results.json).",
        "en": "'{path}' is no results file (results.json).",
    },
    "no format": {
        "id": "Yang kurang: --to; pilih {formats}.",
        "en": "Missing: --to; choose {formats}.",
    },
    "no variable": {
        "id": "Variabel {name} tidak ada: hasil untuk Classroom 50 dibuat di dalam runner-nya.",
        "en": "The variable {name} is not set: a result for Classroom 50 is made in its runner.",
    },
    "not final": {
        "id": "Belum menjadi nilai: penilaiannya belum selesai, atau komputernya terganggu. "
        "Nilai sekali lagi.",
        "en": "This is no grade yet: the grading did not come to its end, or the machine got in "
        "the way. Grade again.",
    },
}


def main(arguments: Sequence[str], lang: str = LANGUAGES[0]) -> int:
    """Write it; returns 0, and 3 where no grade can be made of it. Raises `Misuse`, `OSError`."""
    spoken = LANGUAGES[1] if lang == LANGUAGES[1] else LANGUAGES[0]
    takes = commands.COMMANDS["export"].arguments or ()
    asked = command_line.read("export ", takes, arguments, lang)
    if not asked.to:
        raise Misuse(_SAID["no format"][spoken].format(formats=", ".join(commands.FORMATS)))
    document = read(Path(asked.results).expanduser())
    if document is None or not is_exportable(document):
        raise Misuse(_SAID["no results"][spoken].format(path=asked.results))
    if asked.to == "classroom50" and not is_final(document):
        sys.stderr.write(_SAID["not final"][spoken] + "\n")
        return NOT_FINAL
    text = _exported(document, asked.to, spoken)
    if asked.out:
        results_file.write_text(asked.out, text)
    else:
        sys.stdout.write(text)
    return DONE


def _exported(document: Mapping[str, Any], to: str, lang: Language) -> str:
    """The document in that format. Raises `Misuse`."""
    if to == "junit":
        return junit(document)
    if to == "sarif":
        return sarif(document)
    if to == "gradescope":
        return gradescope(document, lang)
    try:
        return classroom50(document, os.environ)
    except MissingVariable as error:
        raise Misuse(_SAID["no variable"][lang].format(name=error)) from None
