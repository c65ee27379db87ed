"""Wine: installed with apt where it is missing, and a machine of its own to run programs on.

Wine's processes belong to a server of their own. It is started beforehand and ended at the end, so
that no process of it outlives the proof and none of the user's own wine is touched.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

PACKAGES = ("wine", "wine64")
# Seconds, each far more than it takes.
INSTALLED_WITHIN, BEGUN_WITHIN = 600, 300
# Wine's own complaints are not what the programs say; and it is to open no window.
SETTINGS = {"WINEDEBUG": "-all", "DISPLAY": "", "WINEDLLOVERRIDES": "mscoree=;mshtml="}


class NoWine(Exception):
    """Wine is not here and cannot be had; the text says why."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of a program: its exit status, None if it took too long, and what it printed."""

    status: int | None
    said: str

    @property
    def last(self) -> str:
        """The last lines that it printed."""
        return "\n".join(self.said.rstrip().splitlines()[-15:])


def install() -> None:
    """See that wine is here. Raises `NoWine`."""
    if shutil.which("wine"):
        return
    apt = shutil.which("apt-get")
    if apt is None:
        raise NoWine("wine is not installed, and there is no apt-get to install it")
    wanted = [apt, "install", "-y", "--no-install-recommends", *PACKAGES]
    # The lists of packages may be missing or old.
    why = _fails(wanted) and (_fails([apt, "update"]) or _fails(wanted))
    if why:
        raise NoWine(f"wine is not installed, and apt-get cannot install it: {why}")


def _fails(command: Sequence[str]) -> str:
    """Why ``command`` fails; empty if it does not."""
    settings = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            command, env=settings, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, encoding="utf-8", errors="replace", timeout=INSTALLED_WITHIN,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    said = done.stdout.strip().splitlines() or [f"status {done.returncode}"]
    return said[-1] if done.returncode else ""


class Wine:
    """A Windows machine of its own below ``folder``, which is made if it is not there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # The disk C: as seen from here.
        self.disk = folder / "prefix" / "drive_c"
        # How often all that ran was ended.
        self.endings = 0
        # A program that is started in between would start the services, which hold its pipes.
        self._begins_again = threading.Lock()
        self._settings = os.environ | SETTINGS | {"WINEPREFIX": str(folder / "prefix")}
        for name in [each for each in self._settings if each.startswith(("PYTEST_", "MODUL4_"))]:
            del self._settings[name]

    def begins(self) -> None:
        """Make the machine and start its server. Raises `NoWine`."""
        self.disk.mkdir(parents=True, exist_ok=True)
        self._server("-p")
        # Its services are started by the first program, and would keep that one's pipes open.
        begun = self._quietly(["wine", "wineboot", "-i"])
        if begun or not (self.disk / "windows").is_dir():
            raise NoWine(f"wine cannot begin: wineboot ends with status {begun}")

    def ends(self) -> None:
        """End all of it that still runs."""
        self.endings += 1
        self._server("-k")

    def _server(self, option: str) -> None:
        server = shutil.which("wineserver")
        server = server or shutil.which("wineserver-stable") or "/usr/lib/wine/wineserver"
        self._quietly([server, option])

    def _quietly(self, command: Sequence[str]) -> int | None:
        """Run it without streams; its status, None if it took too long."""
        nowhere = subprocess.DEVNULL
        try:
            return subprocess.run(
                command, env=self._settings, stdin=nowhere, stdout=nowhere, stderr=nowhere,
                check=False, timeout=BEGUN_WITHIN,
            ).returncode  # fmt: skip
        except subprocess.TimeoutExpired:
            return None

    def path(self, here: Path) -> str:
        r"""What a file on the disk C: is called there: `C:\folder\file`."""
        return "C:\\" + str(PurePosixPath(here.relative_to(self.disk))).replace("/", "\\")

    def runs(self, command: Sequence[str], folder: Path, within: float, **settings: str) -> Ran:
        """Run a program in ``folder`` for at most ``within`` seconds."""
        return self._run(["wine", *command], folder, within, settings)

    def _run(
        self, command: Sequence[str], folder: Path | None, within: float, more: Mapping[str, str]
    ) -> Ran:
        """All streams are pipes: CPython does not start there with a file or the null device."""
        with self._begins_again:
            process = subprocess.Popen(
                command, cwd=folder, env=self._settings | dict(more), stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
                errors="replace",
            )  # fmt: skip
        with process:
            try:
                said, _ = process.communicate("", timeout=within)
                return Ran(process.returncode, said)
            except subprocess.TimeoutExpired:
                with self._begins_again:
                    # What it has started holds the pipes as well.
                    self.ends()
                    process.kill()
                    self.begins()
                said, _ = process.communicate()
                return Ran(None, said)
