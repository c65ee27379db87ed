"""Results as a SARIF log, for the code scanning of GitHub and for editors.

Sources: the schema of OASIS (sarif-schema-2.1.0.json); GitHub's documentation, "SARIF support for
code scanning". GitHub refuses a result without a place (github/codeql-action, issue 2459) and
wants a line in it, so where no line is at fault for certain the first one stands for the file.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

from harness.exports.plain_text import as_json, plain, told
from harness.grading.results import Outcome, State

SCHEMA_AT = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)


def sarif(document: Mapping[str, Any]) -> str:
    """The log of a results document, as JSON: a rule for each check, a result for each failure."""
    rows = document["checks"]
    folder = str(document.get("submission", {}).get("path", "."))
    failed = [(i, row) for i, row in enumerate(rows) if row["outcome"] == Outcome.FAILED]
    run = {
        "tool": {
            "driver": {
                "name": "Modul 4 Lab Kit",
                "version": plain(document.get("kit", "")),
                "rules": [_rule(row) for row in rows],
            }
        },
        "invocations": [{"executionSuccessful": document.get("state") == State.COMPLETE}],
        "results": [_result(i, row, folder) for i, row in failed],
    }
    return as_json({"$schema": SCHEMA_AT, "version": "2.1.0", "runs": [run]})


def _rule(row: Mapping[str, Any]) -> dict[str, Any]:
    title = plain(row.get("title") or row["id"])
    return {
        "id": plain(row["id"]),
        "shortDescription": {"text": title},
        "fullDescription": {"text": title},
        "help": {"text": told(row, "hint") or title},
        "defaultConfiguration": {"level": "error"},
    }


def _result(index: int, row: Mapping[str, Any], folder: str) -> dict[str, Any]:
    name, region = _place(row)
    where = {"artifactLocation": {"uri": _address(folder, name)}, "region": region}
    return {
        "ruleId": plain(row["id"]),
        "ruleIndex": index,
        "level": "error",
        "message": {"text": told(row, "title", "expected", "seen", "hint")},
        "locations": [{"physicalLocation": where}],
        # The same failure of the same file is the same alert, though its lines have moved.
        "partialFingerprints": {"modul4Check/v1": f"{plain(row['id'])}:{name}"},
    }


def _place(row: Mapping[str, Any]) -> tuple[str, dict[str, int]]:
    """The file that a failure is about, and the lines; the first one where none is certain."""
    places = list(row.get("places") or ())
    if not places:
        # A check that is about no TODO is about one of the programs all the same.
        is_client = str(row["id"]).startswith("client.")
        return "client.py" if is_client else "server.py", {"startLine": 1}
    first = places[0]
    name = plain(first["file"])
    if not row.get("blame_is_shown"):
        return name, {"startLine": 1}
    return name, {"startLine": int(first["first_line"]), "endLine": int(first["last_line"])}


def _address(folder: str, name: str) -> str:
    """The file as a URI: relative where the submission lies below the current folder."""
    path = Path(os.path.normpath(Path(folder, name)))
    if path.is_absolute():
        if not path.is_relative_to(Path.cwd()):
            return path.as_uri()
        path = path.relative_to(Path.cwd())
    return quote(str(PurePosixPath(*path.parts)))
