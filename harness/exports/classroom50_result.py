"""Results as `result.json` of Classroom 50, the successor of GitHub Classroom.

Sources: foundation50/classroom50, wiki/Advanced-Autograding.md ("Contract", "The result.json
contract"), and `validate_result` of its runner.py. Scores are whole numbers, and the whole is the
sum of the parts. Who and what is graded is in variables that the runner sets. A status other than
0 means that the machine was in trouble, so results that are not final are refused.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from harness.exports.plain_text import as_json, plain, told
from harness.grading.results import Outcome, State

# The fields that are variables of the runner; the latter two only in some of its versions.
_VARIABLES = {
    "classroom": "CLASSROOM",
    "assignment": "ASSIGNMENT",
    "submission": "SUBMISSION_TAG",
    "commit": "COMMIT_URL",
    "release": "RELEASE_URL",
}
_OPTIONAL = {"owner": "OWNER", "assignment_type": "ASSIGNMENT_TYPE"}
# Points may have so many decimals: then all are counted in tenths, hundredths or thousandths.
_FACTORS = (1, 10, 100, 1000)


class MissingVariable(Exception):
    """A variable that the runner sets is not here. The text is its name."""


def is_final(document: Mapping[str, Any]) -> bool:
    """Whether a grade may be made of it: it came to its end, and the machine was in no trouble."""
    outcomes = {row["outcome"] for row in document["checks"]}
    return document.get("state") == State.COMPLETE and Outcome.INCONCLUSIVE not in outcomes


def classroom50(document: Mapping[str, Any], variables: Mapping[str, str]) -> str:
    """The JSON of a results document. Raises `MissingVariable`.

    Checks that could not be run here are left out, as their points are in no maximum.
    """
    rows = [row for row in document["checks"] if row["outcome"] != Outcome.NOT_RUN]
    factor = _factor(float(row[name]) for row in rows for name in ("points", "max_points"))
    tests = [_test(row, factor) for row in rows]
    result: dict[str, Any] = {"schema": "classroom50/result/v1"}
    for field, name in _VARIABLES.items():
        if not variables.get(name):
            raise MissingVariable(name)
        result[field] = variables[name]
    result |= {field: variables[name] for field, name in _OPTIONAL.items() if variables.get(name)}
    result["review"] = variables.get("REVIEW_URL") or variables["COMMIT_URL"]
    now = datetime.datetime.now(datetime.UTC)
    result["datetime"] = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    result["score"] = sum(each["score"] for each in tests)
    result["max-score"] = sum(each["max-score"] for each in tests)
    result["tests"] = tests
    return as_json(result)


def _test(row: Mapping[str, Any], factor: int) -> dict[str, Any]:
    is_passed = row["outcome"] == Outcome.PASSED
    return {
        "test-name": f"{plain(row['id'])}: {plain(row.get('title', ''))}",
        "passed": is_passed,
        "score": round(float(row["points"]) * factor),
        "max-score": round(float(row["max_points"]) * factor),
        # The runner keeps fields that it does not know.
        "output": "" if is_passed else told(row, "expected", "seen", "hint"),
    }


def _factor(points: Iterable[float]) -> int:
    """The smallest factor that makes them whole numbers, or nearly so."""
    values = list(points)
    for factor in _FACTORS[:-1]:
        if all(abs(each * factor - round(each * factor)) < 1e-6 for each in values):
            return factor
    return _FACTORS[-1]
