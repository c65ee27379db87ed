"""What is known of the chaff: the signature of each, and the idea behind it.

`misconceptions.json` is measured, not written: `python -m harness matrix` writes it when a whole
matrix was exact, `python -m harness.matrix.misconceptions` brings it up to date. It holds all that
a grading needs, so that nothing but the kit's own tests looks into `tests/`.

    {"schema": "modul4-misconceptions/1",
     "ideas": {"echo": {"id": "…", "en": "…"}},
     "chaff": {"echo-to-sender": {"idea": "echo", "signature": {"broadcast.log": "no_chat_log"}}}}

A chaff that stops a grading early has `not_reached` as well: the checks that nothing is known of.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

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
    """A program with a known fault: the idea behind it, how it fails, what was not reached."""

    chaff: str
    idea: str
    signature: Signature
    not_reached: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Misconceptions:
    """All that is known: programs, and the sentence of each idea that several of them share."""

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
            Known(name, row["idea"], row["signature"], tuple(row.get("not_reached", ())))
            for name, row in table["chaff"].items()
        ]
        return Misconceptions(tuple(programs), table["ideas"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        mend = "write it again: python -m harness.matrix.misconceptions --all"
        raise MisconceptionsError(f"{path.name}: {error!r}; {mend}") from None


def dump(programs: Iterable[Known], ideas: Mapping[str, Idea]) -> str:
    """The text of the file: a line a program, in the order of names, so that changes show."""
    chaff = {each.chaff: _row(each) for each in sorted(programs, key=lambda each: each.chaff)}
    says = {name: dict(idea.says) for name, idea in sorted(ideas.items())}
    rows = [f' "schema": {json.dumps(SCHEMA)}']
    for key, table in (("ideas", says), ("chaff", chaff)):
        lines = ",\n".join(f"  {_json(name)}: {_json(row)}" for name, row in table.items())
        rows.append(f' "{key}": {{\n{lines}\n }}')
    return "{\n" + ",\n".join(rows) + "\n}\n"


def _row(known: Known) -> dict[str, object]:
    signature = dict(sorted(known.signature.items()))
    row: dict[str, object] = {"idea": known.idea, "signature": signature}
    return {**row, "not_reached": sorted(known.not_reached)} if known.not_reached else row


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
