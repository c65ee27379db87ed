"""A counterexample with each client by its nickname, as a person reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from harness.schedules.counterexample import Counterexample


def by_name(example: Counterexample) -> Counterexample:
    """The same, with each client by the nickname that it asked for, not as c0 or s1."""
    asked = {who: text for _, who, what, text in example.journal if what == "claim" and text}
    names: dict[str, str] = {}
    for who, name in asked.items():
        count = list(names.values()).count(name) + sum(
            each.startswith(f"{name} (") for each in names.values()
        )
        names[who] = f"{name} ({count + 1})" if count else name
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
