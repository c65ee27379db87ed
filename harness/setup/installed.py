"""What the kit requires, as pyproject.toml lists it, and what is installed where.

Parses on Python 3.6, as environment.py does and for the same reason.
"""

import os
import re
from importlib.machinery import PathFinder
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

OLDEST = (3, 11)
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
EXTRAS = (
    "terminal",
    "processes",
    "report",
    "parallel",
)  # installed along where we install anything
ANSWERED_WITHIN = 60.0  # seconds
QUESTION = (
    "import sys; answer = ['%d.%d' % sys.version_info[:2]] + sys.path; "
    "sys.stdout.buffer.write('\\0'.join(answer).encode('utf-8', 'surrogateescape'))"
)


def listed() -> "tuple[list[str], list[str]]":
    """What pyproject.toml requires, and what it lists under `EXTRAS`."""
    import tomllib  # not there before Python 3.11

    with open(os.path.join(ROOT, "pyproject.toml"), "rb") as file:
        project = tomllib.load(file)["project"]
    optional = project["optional-dependencies"]
    return project["dependencies"], [each for extra in EXTRAS for each in optional[extra]]


def lacking(required: "Sequence[str]", path: "Sequence[str]") -> "list[str]":
    """Those of `required` that cannot be imported from `path`, or only in another version.

    The names of the .dist-info folders tell the versions: importlib.metadata takes 40 ms.
    """
    versions = dict(distributions(path))

    def is_met(requirement: str) -> bool:
        name = package(requirement)
        module = PathFinder.find_spec(name.replace("-", "_"), list(path))
        return module is not None and allows(requirement, versions.get(name, "0"))

    return [each for each in required if not is_met(each)]


def distributions(path: "Sequence[str]") -> "Iterator[tuple[str, str]]":
    """Name and version of all that is installed on `path`; the last of a name is the one used."""
    for folder in reversed(path):
        try:
            names = os.listdir(folder or ".")
        except OSError:  # a zip file, or nothing
            continue
        for name in names:
            found = re.match(r"(\w.*?)-(\d[^-]*?)(-py[\d.]+)?\.(dist|egg)-info$", name)
            if found:
                yield re.sub(r"[-_.]+", "-", found.group(1)).lower(), found.group(2)


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


def can_make() -> bool:
    """Whether this Python has all that venv needs; Debian's own has not, out of the box."""
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        return False
    return True


def python_in(venv: str) -> str:
    """The interpreter of an environment."""
    where = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
    return os.path.join(venv, *where)


def state(venv: str, required: "Sequence[str]") -> str:
    """What `venv` is: "nothing", a "file", or an environment: "broken", "old", "lacking", "ready".

    Its interpreter is asked what is on its path.
    """
    if not os.path.isdir(venv):
        return "file" if os.path.lexists(venv) else "nothing"
    import subprocess  # 14 ms, for nothing in most runs

    try:
        done = subprocess.run(
            [python_in(venv), "-I", "-c", QUESTION],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=ANSWERED_WITHIN,
        )
    except (OSError, subprocess.TimeoutExpired):
        return "broken"
    version, *path = done.stdout.decode("utf-8", "surrogateescape").split("\0")
    if done.returncode or not path:
        return "broken"
    if tuple(int(part) for part in version.split(".")) < OLDEST:
        return "old"
    return "lacking" if lacking(required, path) else "ready"
