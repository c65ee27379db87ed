"""A counterexample with each client by its nickname, as a person reads it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from harness.schedules.counterexample import Counterexample

# Of those whose names are marked: one, or more.
_MARKED = {
    "id": (". {them}: client lain yang meminta nama yang sama",) * 2,
    "en": (
        ". {them}: another client that asked for the same name",
        ". {them}: other clients that asked for the same names",
    ),
}


def names_of(example: Counterexample) -> dict[str, str]:
    """How each client is called: by the nickname that it asked for last.

    Whoever asked for one that another client has as well is marked by a number: ``ani (2)``.
    """
    asked = {who: text for _, who, what, text in example.journal if what == "claim" and text}
    names: dict[str, str] = {}
    for who, name in asked.items():
        count = list(names.values()).count(name) + sum(
            each.startswith(f"{name} (") for each in names.values()
        )
        names[who] = f"{name} ({count + 1})" if count else name
    return names


def marked_in_words(names: Iterable[str], told: Iterable[str]) -> dict[str, str]:
    """What the number behind a name means, in each language, where one of ``told`` has it.

    ``names`` as of `names_of`. It stands behind the first sentence about them.
    """
    texts = list(told)
    marked = [each for each in names if each.endswith(")") and any(each in text for text in texts)]
    if not marked:
        return dict.fromkeys(_MARKED, "")
    them = ", ".join(marked)
    return {lang: forms[len(marked) > 1].format(them=them) for lang, forms in _MARKED.items()}


def by_name(example: Counterexample) -> Counterexample:
    """The same, with each client by the nickname that it asked for, not as c0 or s1."""
    names = names_of(example)
    waits = [
        {
            **wait,
            "who": names.get(wait["who"], wait["who"]),
            "holder": names.get(wait["holder"], wait["holder"]),
        }
        for wait in example.waits
    ]
    conflict = example.conflict and {
        **example.conflict,
        **{
            end: names.get(example.conflict[end], example.conflict[end]) for end in ("who", "other")
        },
        **_rows_by_name(example.conflict, names),
    }
    broken = example.violation
    return replace(
        example,
        steps=[replace(step, lane=names.get(step.lane, step.lane)) for step in example.steps],
        waits=waits,
        violation=replace(broken, who=names.get(broken.who, broken.who)),
        conflict=conflict,
    )


def _rows_by_name(conflict: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """What `meeting` found: its lines by nickname, and the receiver where that is who is named."""
    if "rows" not in conflict:
        return {}
    rows = [{**row, "lane": names.get(row["lane"], row["lane"])} for row in conflict["rows"]]
    # A variable may be called as a client is in the story.
    is_client = conflict["kind"] in ("in_turns", "hurried")
    name = conflict["name"]
    return {"rows": rows, "name": names.get(name, name) if is_client else name}
