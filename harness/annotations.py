"""`python -m harness annotations RESULTS`: each failure beside the lines it is about, for GitHub.

GitHub Actions turns lines of the form ``::error file=...,line=...,title=...::text`` into remarks in
the file. Source: GitHub's documentation, "Workflow commands for GitHub Actions".
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from harness import command_line, commands
from harness.classroom.one import read
from harness.command_line import Misuse
from harness.compared import is_results
from harness.contract.rubric import LANGUAGES, Bilingual

_NO_RESULTS: Bilingual = {
    "id": "'{path}' bukan file hasil (results.json).",
    "en": "'{path}' is no results file (results.json).",
}


def main(arguments: Sequence[str], lang: str = LANGUAGES[0]) -> int:
    """Print them; returns 0. Raises `Misuse`."""
    takes = commands.COMMANDS["annotations"].arguments or ()
    asked = command_line.read("annotations ", takes, arguments, lang)
    document = read(Path(asked.results))
    if document is None or not is_results(document):
        raise Misuse(_NO_RESULTS[lang].format(path=asked.results))
    sys.stdout.write("".join(f"{line}\n" for line in remarks(document)))
    return 0


def remarks(document: Mapping[str, Any]) -> Iterator[str]:
    """One line for each failed check that is about a place in a file."""
    folder = str(document.get("submission", {}).get("path", "."))
    for row in document["checks"]:
        if row["outcome"] != "failed":
            continue
        text = "\n".join(
            str(row[name]) for name in ("title", "expected", "seen", "hint") if row.get(name)
        )
        for place in list(row.get("places") or ())[:1]:
            file = f"{folder}/{place['file']}"
            where = f"file={_escaped(file, ':,')}"
            if row.get("blame_is_shown"):  # Otherwise the lines are only suspected.
                where += f",line={place['first_line']},endLine={place['last_line']}"
            yield f"::error {where},title={_escaped(str(row['id']), ':,')}::{_escaped(text)}"


def _escaped(text: str, more: str = "") -> str:
    """As GitHub wants it: what would end the line, or a property, is written as %XX."""
    for each in "%\r\n" + more:
        text = text.replace(each, f"%{ord(each):02X}")
    return text
