"""`python -m harness verify RESULTS DIR`: grade a submission again, and say whether a grade stands.

The same files are graded with the seed of the results. What needs an unlucky moment need not come
again by itself, so a check that failed and passes now is named, and a person decides.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harness import command_line, commands
from harness.classroom.box import Box, strongest
from harness.classroom.one import RESULTS, SELF_CHECK, read, variables
from harness.command_line import Misuse
from harness.compared import changes, is_results
from harness.contract.rubric import LANGUAGES, Bilingual, Language
from harness.contract.version import VERSION
from harness.grading.submission import NoSubmission, digests, folder_of

STANDS, CHANGED, UNJUDGED = 0, 1, 3

_SAID: dict[str, Bilingual] = {
    "no results": {
        "id": "'{path}' bukan file hasil yang utuh (results.json).",
        "en": "'{path}' is no whole results file (results.json).",
    },
    "other files": {
        "id": "Di '{path}' file ini berbeda dari yang dinilai waktu itu: {files}.",
        "en": "In '{path}' these files differ from those that were graded: {files}.",
    },
    "other kit": {
        "id": "Perhatikan: dinilai dengan versi {before}; di sini versi {after}.",
        "en": "Note: it was graded with version {before}; this is version {after}.",
    },
    "stands": {
        "id": "Nilainya tetap: {score:g} dari {most:g}.",
        "en": "The grade stands: {score:g} of {most:g}.",
    },
    "changed": {
        "id": "Nilainya tidak sama: {before:g} lalu, {after:g} sekarang.",
        "en": "The grade is another one: {before:g} then, {after:g} now.",
    },
    "outcomes": {
        "id": "Nilainya sama ({score:g}), hasil pemeriksaan ini tidak:",
        "en": "The points are the same ({score:g}), these outcomes are not:",
    },
    "unjudged": {
        "id": "Tidak bisa dinilai lagi di sini: {why}",
        "en": "It could not be graded again here: {why}",
    },
}


def main(arguments: Sequence[str], lang: str = LANGUAGES[0]) -> int:
    """Do it; returns 0 where the grade stands. Raises `Misuse`, `OSError`."""
    spoken = LANGUAGES[1] if lang == LANGUAGES[1] else LANGUAGES[0]
    asked = command_line.read(
        "verify ", commands.COMMANDS["verify"].arguments or (), arguments, lang
    )
    before = _document(asked.results, spoken)
    folder = _same_files(before, asked.dir, spoken).resolve()
    if before.get("kit") != VERSION:
        _say(_SAID["other kit"][spoken].format(before=before.get("kit"), after=VERSION))
    after, why = _again(folder, before, spoken)
    if after is None or not is_results(after) or after.get("state") != "complete":
        _say(_SAID["unjudged"][spoken].format(why=why))
        return UNJUDGED
    return _told(before, after, spoken)


def _document(given: str, lang: Language) -> dict[str, Any]:
    document = read(Path(given).expanduser())
    if document is None or not is_results(document) or document.get("state") != "complete":
        raise Misuse(_SAID["no results"][lang].format(path=given))
    return document


def _same_files(before: dict[str, Any], given: str, lang: Language) -> Path:
    """The folder, if it holds what was graded. Raises `Misuse`."""
    try:
        folder = folder_of(given, lang)
    except NoSubmission as error:
        raise Misuse(str(error)) from None
    then, now = dict(before.get("submission", {}).get("sha256", {})), dict(digests(folder))
    if then != now:
        files = sorted(name for name in then.keys() | now.keys() if then.get(name) != now.get(name))
        raise Misuse(_SAID["other files"][lang].format(files=", ".join(files), path=given))
    return folder


def _again(
    folder: Path, before: dict[str, Any], lang: Language
) -> tuple[dict[str, Any] | None, str]:
    """The results of a second grading, and the last line that it printed.

    It runs in the strongest box there is: nobody should trust the program.
    """
    around = Box(strongest())
    around.hide()
    with tempfile.TemporaryDirectory(prefix="modul4-") as work:
        results = Path(work) / RESULTS
        options = [f"--submission={folder}", f"--results={results}", f"--seed={before['seed']}"]
        options += [f"--lang={lang}", "--modul4-batch"]
        options += around.options
        words = [sys.executable, "-P", SELF_CHECK, *options]
        done = subprocess.run(
            around.command(words, folder, Path(work)), env=variables(),
            stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", errors="replace",
        )  # fmt: skip
        said = (done.stderr.strip() or done.stdout.strip() or "?").splitlines()[-1]
        return read(results), said


def _told(before: dict[str, Any], after: dict[str, Any], lang: Language) -> int:
    found = changes(before, after)
    if any("inconclusive" in (each.before, each.after) for each in found):
        status = UNJUDGED
    else:
        status = CHANGED if found else STANDS
    then, now = float(before.get("score", 0)), float(after["score"])
    if not found:
        _say(_SAID["stands"][lang].format(score=now, most=float(after["max_score"])))
    elif then == now:
        _say(_SAID["outcomes"][lang].format(score=now))
    else:
        _say(_SAID["changed"][lang].format(before=then, after=now))
    _say(*(f"  {each.told(lang)}" for each in found))
    return status


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()
