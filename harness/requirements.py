"""What the kit requires, as pyproject.toml lists it, and whether it is here.

Parses on Python 3.6, as bootstrap.py does and for the same reason.
"""

import importlib.util
import os
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

PROJECT = os.path.join(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "pyproject.toml"
)


def listed(extras: "Sequence[str]") -> "tuple[list[str], list[str]]":
    """What pyproject.toml requires, and what it lists under `extras`."""
    import tomllib  # not there before Python 3.11

    with open(PROJECT, "rb") as file:
        project = tomllib.load(file)["project"]
    optional = project["optional-dependencies"]
    return project["dependencies"], [each for extra in extras for each in optional[extra]]


def lacking(required: "Sequence[str]") -> "list[str]":
    """Those of `required` that the running interpreter lacks, or has in another version."""
    if unimportable(required):
        return unimportable(required)
    from importlib.metadata import PackageNotFoundError, version

    def is_met(requirement: str) -> bool:
        try:
            return allows(requirement, version(package(requirement)))
        except PackageNotFoundError:
            return False

    return [each for each in required if not is_met(each)]


def unimportable(required: "Sequence[str]") -> "list[str]":
    """Those of `required` that no import would find; nothing is imported to see it."""

    def spec(requirement: str) -> object:
        return importlib.util.find_spec(package(requirement).replace("-", "_"))

    return [each for each in required if spec(each) is None]


def package(requirement: str) -> str:
    """'pytest>=9.0,<10' -> 'pytest'."""
    return requirement.split(">=")[0]


def allows(requirement: str, version: str) -> bool:
    """Whether 'name>=lowest,<limit' lets `version` in; any other form is a mistake of ours."""

    def numbers(text: str) -> "list[int]":
        parts = [int(part) for part in re.findall(r"(?:^|\.)(\d+)", text)]
        return [*parts, 0, 0, 0][:4]  # 9 is 9.0

    lowest, limit = requirement.split(">=")[1].split(",<")
    return numbers(lowest) <= numbers(version) < numbers(limit)
