"""The XML is what Jenkins' xUnit plugin accepts."""

import re
from collections.abc import Iterator
from xml.etree import ElementTree

from harness.exports.junit_xml import junit
from tests.exported import document, row

# Of junit-10.xsd in jenkinsci/xunit-plugin (src/main/resources/org/jenkinsci/plugins/xunit/types/
# model/xsd): element -> (attributes that it must have, those that it may have, its children).
ABOUT: tuple[set[str], set[str], set[str]] = (set(), {"type", "message"}, set())
XSD: dict[str, tuple[set[str], set[str], set[str]]] = {
    "testsuites": (set(), {"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors"},
        {
            "group",
            "time",
            "skipped",
            "timestamp",
            "hostname",
            "id",
            "package",
            "file",
            "log",
            "url",
        },
        {"testsuite", "properties", "testcase", "system-out", "system-err"},
    ),
    "testcase": (
        {"name"},
        {"time", "classname", "group"},
        {"skipped", "error", "failure", "system-out", "system-err"},
    ),
    "properties": (set(), set(), {"property"}),
    "property": ({"name", "value"}, set(), set()),
    "failure": ABOUT,
    "error": ABOUT,
    "skipped": ABOUT,
}
SUREFIRE_TIME = re.compile(r"(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]*)?")


def complaints(element: ElementTree.Element) -> Iterator[str]:
    """What the schema would not let pass."""
    required, allowed, children = XSD[element.tag]
    names = set(element.attrib)
    if required - names or names - required - allowed:
        yield f"{element.tag} has {sorted(names)}"
    if element.tag.startswith("testsuite") and not SUREFIRE_TIME.fullmatch(element.attrib["time"]):
        yield f"time {element.attrib['time']}"
    if children and (element.text or "").strip():
        yield f"{element.tag} holds text"
    for child in element:
        if child.tag not in children:
            yield f"{child.tag} in {element.tag}"
        else:
            yield from complaints(child)


def test_the_schema_of_jenkins_is_kept_with_every_outcome_and_any_text():
    root = ElementTree.fromstring(junit(document()))
    assert list(complaints(root)) == []
    found = [[child.tag for child in case] for case in root.iter("testcase")]
    assert found == [[], ["failure"], ["skipped"], ["error"], ["skipped"], ["skipped"]]


def test_the_counts_are_those_of_the_cases():
    root = ElementTree.fromstring(junit(document(*document()["checks"], row("start.a", "failed"))))
    assert (root.attrib["tests"], root.attrib["failures"], root.attrib["errors"]) == ("7", "2", "1")
    first, second = root
    counts = [first.attrib[name] for name in ("tests", "failures", "errors", "skipped")]
    assert counts == ["6", "1", "1", "3"]
    assert second.attrib["failures"] == "1"
    (points,) = [each for each in first.iter("property") if each.attrib["name"] == "max_score"]
    assert points.attrib["value"] == "30.0"


def test_what_was_seen_is_told_and_what_xml_forbids_is_marked():
    text = junit(document())
    assert text.isascii()
    failure = ElementTree.fromstring(text).find(".//failure")
    assert failure is not None
    assert failure.text is not None
    assert failure.text.startswith("exactly one\n\ufffd\ufffd[31m]]><b>&\ufffd\ufffd\nñ \U0001f600")
    assert failure.text.endswith("Who looks first?")


def test_no_time_has_an_exponent():
    root = ElementTree.fromstring(junit(document(duration_s=1e-9)))
    assert root.attrib["time"] == "0.000"


def test_the_validator_finds_what_is_wrong():
    for bad in (
        '<testsuites time="1e-9"/>',
        '<testsuites time="1"><testcase name="a"/></testsuites>',
        '<testsuite name="a" tests="1" time="1"/>',
        '<testcase id="x"/>',
    ):
        assert list(complaints(ElementTree.fromstring(bad)))
