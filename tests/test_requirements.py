"""What is required is read from pyproject.toml and looked for without importing it."""

import pytest

from harness import requirements


@pytest.mark.parametrize(
    ("requirement", "version", "is_allowed"),
    [
        ("a>=9.0,<10", "9.2.0", True),
        ("a>=9.0,<10", "9", True),
        ("a>=9.0,<10", "8.9.9", False),
        ("a>=9.0,<10", "10.0", False),
        ("a>=9.0,<10", "9.10.1", True),
        ("a>=0.8.2,<0.9", "0.8.2", True),
        ("a>=0.8.2,<0.9", "0.9.0", False),
        ("a>=6.100,<7", "6.99.1", False),
        ("a>=6.100,<7", "6.170.15", True),
        ("a>=9.0,<10", "9.1.0rc1", True),
        ("a>=9.0,<10", "9.1.dev3+local.77", True),
    ],
)
def test_a_version_is_allowed_or_not(requirement: str, version: str, is_allowed: bool):
    assert requirements.allows(requirement, version) is is_allowed


def test_whatever_pyproject_lists_is_understood():
    required, optional = requirements.listed(("terminal", "processes"))
    names = [requirements.package(each) for each in required + optional]
    assert names == ["pytest", "pytest-timeout", "hypothesis", "pyte", "psutil"]
    for each in required + optional:
        assert requirements.allows(each, each.split(">=")[1].split(",")[0])


def test_the_running_interpreter_is_asked():
    required, _ = requirements.listed(())
    assert requirements.lacking(required) == []
    assert requirements.lacking(["pytest>=1.0,<2"]) == ["pytest>=1.0,<2"]
    assert requirements.lacking(["no-such-thing>=1.0,<2"]) == ["no-such-thing>=1.0,<2"]


def test_a_module_without_its_metadata_does_not_count():
    # `json` can be imported, and no distribution of that name is installed.
    assert requirements.lacking(["json>=1.0,<99"]) == ["json>=1.0,<99"]
