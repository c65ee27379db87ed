"""`python -m harness diff OUT1 OUT2`: whose grade changed from one grading to the next."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harness import command_line, commands
from harness.classroom.one import RESULTS, read
from harness.classroom.overrides import OVERRIDES
from harness.command_line import Misuse
from harness.compared import changes, is_results
from harness.contract.rubric import LANGUAGES, Bilingual, Language

SAME, CHANGED = 0, 1

_SAID: dict[str, Bilingual] = {
    "no class": {
        "id": "'{path}' bukan hasil `grade`: tidak ada folder berisi results.json di dalamnya.",
        "en": "'{path}' is no result of `grade`: no folder in it holds a results.json.",
    },
    "only": {
        "id": "{name}: hanya punya nilai di {path}",
        "en": "{name}: has a grade only in {path}",
    },
    "score": {"id": "{name}: {before:g} -> {after:g}", "en": "{name}: {before:g} -> {after:g}"},
    "by hand": {
        "id": "Yang dibandingkan adalah nilai dari penilai; perubahan di {file} tidak ikut.",
        "en": "Compared is what the grader gave; the changes in {file} are not.",
    },
    "end": {
        "id": "{changed} dari {all} berubah.",
        "en": "{changed} of {all} changed.",
    },
}


def main(arguments: Sequence[str], lang: str = LANGUAGES[0]) -> int:
    """Do it; returns 0 where nothing changed. Raises `Misuse`."""
    spoken = LANGUAGES[1] if lang == LANGUAGES[1] else LANGUAGES[0]
    asked = command_line.read("diff ", commands.COMMANDS["diff"].arguments or (), arguments, lang)
    lines, changed = compared(Path(asked.before), Path(asked.after), spoken)
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return CHANGED if changed else SAME


def compared(before: Path, after: Path, lang: Language) -> tuple[list[str], int]:
    """What is printed, and how many changed. Raises `Misuse`."""
    old, new = _results(before, lang), _results(after, lang)
    lines, changed = [], 0
    for name in sorted(old.keys() | new.keys()):
        if name not in old or name not in new:
            path = before if name in old else after
            lines.append(_SAID["only"][lang].format(name=name, path=path))
            changed += 1
            continue
        found = changes(old[name], new[name])
        if not found:
            continue
        changed += 1
        scores = {"before": old[name].get("score", 0), "after": new[name].get("score", 0)}
        lines.append(_SAID["score"][lang].format(name=name, **scores))
        lines += [f"  {each.told(lang)}" for each in found]
    together = len(old.keys() | new.keys())
    if any((folder / OVERRIDES).exists() for folder in (before, after)):
        lines.append(_SAID["by hand"][lang].format(file=OVERRIDES))
    lines.append(_SAID["end"][lang].format(changed=changed, all=together))
    return lines, changed


def _results(folder: Path, lang: Language) -> dict[str, dict[str, Any]]:
    """The results documents of a class, by the name of the folder."""
    found = {}
    for path in sorted(folder.glob(f"*/{RESULTS}")):
        document = read(path)
        if document is not None and is_results(document):
            found[path.parent.name] = document
    if not found:
        raise Misuse(_SAID["no class"][lang].format(path=folder))
    return found
