"""The log is SARIF 2.1.0 as OASIS' schema has it and GitHub's code scanning takes it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.exports.sarif_log import sarif
from tests.exported import PLACE, document, row

# Of sarif-schema-2.1.0.json (oasis-tcs/sarif-spec, sarif-2.1/schema): what an object must have,
# and what it may have, of that which the kit writes. No object may have anything else.
SCHEMA: dict[str, tuple[set[str], set[str]]] = {
    "log": ({"version", "runs"}, {"$schema"}),
    "run": ({"tool"}, {"results", "invocations"}),
    "tool": ({"driver"}, set()),
    "driver": ({"name"}, {"version", "rules"}),
    "rule": (
        {"id"},
        {"shortDescription", "fullDescription", "help", "defaultConfiguration"},
    ),
    "invocation": ({"executionSuccessful"}, set()),
    "result": ({"message"}, {"ruleId", "ruleIndex", "level", "locations", "partialFingerprints"}),
}


def complaints(log: dict[str, Any]) -> Iterator[str]:
    """What OASIS' schema, or GitHub beyond it, would not take."""
    yield from _shape("log", log)
    if log.get("version") != "2.1.0":
        yield "version"
    for run in log["runs"]:
        driver = run["tool"]["driver"]
        yield from [*_shape("run", run), *_shape("tool", run["tool"]), *_shape("driver", driver)]
        for each in run["invocations"]:
            yield from _shape("invocation", each)
        for rule in driver["rules"]:
            yield from _shape("rule", rule)
            # GitHub's "SARIF support for code scanning": these are required.
            texts = [rule[name]["text"] for name in ("shortDescription", "fullDescription", "help")]
            if not all(texts):
                yield "a rule without text"
        for result in run["results"]:
            yield from _shape("result", result)
            yield from _result(result, driver["rules"])


def _shape(kind: str, value: dict[str, Any]) -> Iterator[str]:
    required, allowed = SCHEMA[kind]
    if required - value.keys() or value.keys() - required - allowed:
        yield f"{kind} has {sorted(value)}"


def _result(result: dict[str, Any], rules: list[dict[str, Any]]) -> Iterator[str]:
    if rules[result["ruleIndex"]]["id"] != result["ruleId"]:
        yield "another rule"
    if result["level"] not in ("none", "note", "warning", "error") or not result["message"]["text"]:
        yield "no level or text"
    if not result["locations"]:
        yield "no place"  # github/codeql-action, issue 2459
    for each in result["locations"]:
        place = each["physicalLocation"]
        uri, region = place["artifactLocation"]["uri"], place["region"]
        if " " in uri or "\\" in uri or region["startLine"] < 1:
            yield f"{uri} {region}"
        if region.get("endLine", region["startLine"]) < region["startLine"]:
            yield "ends before it begins"


def log_of(made: dict[str, Any]) -> dict[str, Any]:
    log: dict[str, Any] = json.loads(sarif(made))
    assert list(complaints(log)) == []
    return log


def test_each_failure_is_a_result_of_its_rule_and_nothing_else_is():
    (run,) = log_of(document())["runs"]
    assert len(run["tool"]["driver"]["rules"]) == 6
    (result,) = run["results"]
    assert result["ruleId"] == "nickname.n1"
    assert "exactly one" in result["message"]["text"]
    (place,) = result["locations"]
    assert place["physicalLocation"] == {
        "artifactLocation": {"uri": "modul4/1.contoh/server.py"},
        "region": {"startLine": 10, "endLine": 20},
    }


@pytest.mark.parametrize(
    ("name", "more", "file"),
    [
        ("nickname.race", {"blame_is_shown": False}, "server.py"),
        ("nickname.race", {"places": []}, "server.py"),
        ("client.send", {"places": []}, "client.py"),
    ],
)
def test_without_certainty_the_file_is_named_and_no_lines(
    name: str, more: dict[str, Any], file: str
):
    (run,) = log_of(document(row(name, "failed", **more)))["runs"]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"].endswith(f"/{file}")
    assert place["region"] == {"startLine": 1}


def test_a_place_is_a_uri_from_here_or_a_whole_one():
    odd = [PLACE | {"file": "a b/#ñ.py"}]
    for path, uri in {
        "./x/../y": "y/a%20b/%23%C3%B1.py",
        str(Path.cwd() / "y"): "y/a%20b/%23%C3%B1.py",
        str(Path.cwd().parent / "y"): (Path.cwd().parent / "y/a b/#ñ.py").as_uri(),
    }.items():
        made = document(row("nickname.race", "failed", places=odd), submission={"path": path})
        (run,) = log_of(made)["runs"]
        place = run["results"][0]["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] == uri


def test_a_run_that_did_not_end_is_told_as_that():
    (run,) = log_of(document(state="interrupted"))["runs"]
    assert run["invocations"] == [{"executionSuccessful": False}]


def test_the_validator_finds_what_is_wrong():
    for change in ({"version": "2.0.0"}, {"more": 1}):
        assert list(complaints(json.loads(sarif(document())) | change))
    log = json.loads(sarif(document()))
    log["runs"][0]["results"][0]["locations"] = []
    assert list(complaints(log)) == ["no place"]
