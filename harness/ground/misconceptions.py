"""What is known of the chaff: the signature of each, and the idea behind it.

`misconceptions.json` is measured, not written: `python -m harness matrix` writes it when a whole
matrix was exact, `python -m harness.matrix.misconceptions` brings it up to date. It holds all that
a grading needs, so that nothing but the kit's own tests looks into `tests/`.

    {"schema": "modul4-misconceptions/1",
     "ideas": {"echo": {"id": "…", "en": "…"}},
     "chaff": {"echo-to-sender": {"idea": "echo", "signature": {"broadcast.not_to_sender": "echo"}}}}
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harness.ground.chaff import Chaff
from harness.ground.ideas import Idea

SCHEMA = "modul4-misconceptions/1"
FILE = Path(__file__).with_name("misconceptions.json")
# Where every idea has a paragraph, under its name.
PAGE = "docs/id/kekeliruan.md"

# Check id -> its sign (`pure.diagnosis`).
Signature = Mapping[str, str]


class MisconceptionsError(Exception):
    """The file cannot be used; says where, and the mending."""


@dataclass(frozen=True, slots=True)
class Known:
    """A program with a known fault: the idea behind it, and how it fails."""

    chaff: str
    idea: str
    signature: Signature


@dataclass(frozen=True, slots=True)
class Misconceptions:
    """All that is known: programs, and the sentence of each idea."""

    programs: tuple[Known, ...] = ()
    sentences: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def load(path: Path = FILE) -> Misconceptions:
    """What ``path`` holds; nothing when it is not there. Raises `MisconceptionsError`."""
    if not path.is_file():
        return Misconceptions()
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
        if table["schema"] != SCHEMA:
            raise ValueError(f"its schema is {table['schema']!r}")
        programs = [
            Known(name, row["idea"], row["signature"]) for name, row in table["chaff"].items()
        ]
        return Misconceptions(tuple(programs), table["ideas"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        mend = "write it again: python -m harness.matrix.misconceptions --all"
        raise MisconceptionsError(f"{path.name}: {error!r}; {mend}") from None


def dump(programs: Iterable[Known], sentences: Mapping[str, Mapping[str, str]]) -> str:
    """The text of the file: a line a program, in the order of names, so that changes show."""
    chaff = {
        each.chaff: {"idea": each.idea, "signature": dict(sorted(each.signature.items()))}
        for each in sorted(programs, key=lambda each: each.chaff)
    }
    used = {row["idea"] for row in chaff.values()}
    ideas = {name: dict(says) for name, says in sorted(sentences.items()) if name in used}
    rows = [f' "schema": {json.dumps(SCHEMA)}']
    for key, table in (("ideas", ideas), ("chaff", chaff)):
        lines = ",\n".join(f"  {_json(name)}: {_json(row)}" for name, row in table.items())
        rows.append(f' "{key}": {{\n{lines}\n }}')
    return "{\n" + ",\n".join(rows) + "\n}\n"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def sentences(chaff: Iterable[Chaff], ideas: Mapping[str, Idea]) -> dict[str, Mapping[str, str]]:
    """The sentence of each idea: its own, or that of the one chaff which is an idea of its own."""
    found: dict[str, Mapping[str, str]] = {}
    for each in chaff:
        shared = ideas.get(each.idea)
        found[each.idea] = shared.says if shared else each.misconception
    return found
