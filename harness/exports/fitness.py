"""Whether a results document can be exported: a file may have been cut, or changed by hand."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from harness.compared import is_results


def is_exportable(document: Mapping[str, Any] | None) -> bool:
    """Whether it holds all that the exports read, each of its kind."""
    if document is None or not is_results(document):
        return False
    submission, groups = document.get("submission", {}), document.get("groups", [])
    return (
        all(_is_number(document.get(name)) for name in ("score", "max_score"))
        and _is_number(document.get("duration_s", 0))
        and isinstance(submission, dict)
        and isinstance(groups, list)
        and all(isinstance(each, dict) and "id" in each for each in groups)
        and all(_is_row(row) for row in document["checks"])
    )


def _is_row(row: Mapping[str, Any]) -> bool:
    numbers = (row.get("points"), row.get("max_points"), row.get("duration_s", 0))
    places = row.get("places") or []
    return (
        all(_is_number(each) for each in numbers)
        and isinstance(row["outcome"], str | None)
        and isinstance(places, list)
        and all(isinstance(each, dict) and _is_place(each) for each in places)
    )


def _is_place(place: Mapping[str, Any]) -> bool:
    lines = (place.get("first_line"), place.get("last_line"))
    return isinstance(place.get("file"), str) and all(isinstance(each, int) for each in lines)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value) and value >= 0
