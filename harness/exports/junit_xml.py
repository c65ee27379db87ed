"""Results as JUnit XML, as the xUnit plugin of Jenkins takes it; GitLab and others read the same.

Source: `junit-10.xsd` of jenkinsci/xunit-plugin (src/main/resources/org/jenkinsci/plugins/xunit/
types/model/xsd). It allows no points: those of a group are properties of its suite. Times are
digits and a point, without an exponent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from harness.exports.plain_text import plain, told
from harness.grading.results import Outcome

# What a check of each outcome holds: the machine's trouble is an error, and no failure.
_CHILDREN = {
    Outcome.PASSED: "",
    Outcome.FAILED: "failure",
    Outcome.INCONCLUSIVE: "error",
}
_COUNTED = {"failures": "failure", "errors": "error", "skipped": "skipped"}


def junit(document: Mapping[str, Any]) -> str:
    """The XML of a results document, in ASCII characters alone."""
    root = Element("testsuites", name="modul4")
    rows = document["checks"]
    root.set("time", _seconds(document.get("duration_s", 0)))
    root.set("tests", str(len(rows)))
    for name in ("failures", "errors"):
        root.set(name, str(sum(_child(row) == _COUNTED[name] for row in rows)))
    for group in document.get("groups", ()):
        _add_suite(root, group, [row for row in rows if row.get("group") == group["id"]])
    indent(root)
    # Characters beyond ASCII become references, so any encoding is right.
    text = bytes(tostring(root, "us-ascii", xml_declaration=False)).decode("ascii")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _add_suite(root: Element, group: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> None:
    suite = SubElement(root, "testsuite", name=plain(group["id"]), tests=str(len(rows)))
    for name, child in _COUNTED.items():
        suite.set(name, str(sum(_child(row) == child for row in rows)))
    suite.set("time", _seconds(sum(float(row.get("duration_s", 0)) for row in rows)))
    properties = SubElement(suite, "properties")
    for name in ("title", "score", "max_score"):
        SubElement(properties, "property", name=name, value=plain(group.get(name, "")))
    for row in rows:
        _add_case(suite, row)


def _add_case(suite: Element, row: Mapping[str, Any]) -> None:
    group, _, name = str(row["id"]).partition(".")
    case = SubElement(suite, "testcase", name=plain(name), classname=f"modul4.{plain(group)}")
    case.set("time", _seconds(row.get("duration_s", 0)))
    child = _child(row)
    if child:
        title = plain(row.get("title", ""))
        reason = title if child == "failure" else plain(row.get("seen") or title)
        about = SubElement(case, child, type=plain(row["outcome"] or "not_judged"), message=reason)
        if child == "failure":
            about.text = told(row, "expected", "seen", "hint")


def _child(row: Mapping[str, Any]) -> str:
    """What stands in the row's element, empty where it passed."""
    return _CHILDREN.get(row["outcome"], "skipped")


def _seconds(value: object) -> str:
    return f"{float(str(value)):.3f}"
