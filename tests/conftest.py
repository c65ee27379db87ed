"""What several test files start from: programs in folders, stages to play on, whole gradings."""

import json
import os
import string
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from harness.actors.known_facts import KnownFacts
from harness.actors.patience import Patience
from harness.actors.room import Room
from harness.actors.stage import Setting, Stage
from harness.contract import sentences
from harness.contract.symptoms import Failure, StoryFailed
from harness.grading.judge import REFERENCE, REPO
from harness.program.inheritance import restore_interrupt
from harness.program.sandbox import Sandbox
from harness.record.draw import Draw
from harness.record.journal import Journal
from tests import own_network
from tests.meeting import counterpart, joined, meets
from tests.watching import ctrl_c

# How long an input takes to be drawn says how busy the machine is, and nothing of the code.
settings.register_profile("kit", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("kit")

# Fixtures of one simulated client, for its test files.
__all__ = ["counterpart", "joined", "meets"]

# For stories that must come to a good end, however busy the machine is.
UNHURRIED = Patience(step=10, start=20)


def pytest_configure() -> None:
    """Let the tests' programs get Ctrl-C, and keep other programs on this machine off their ports.

    Started in the background, where Ctrl-C is ignored, the tests' programs must still get it. The
    set-up with the real packages needs the machine's own network.
    """
    restore_interrupt()
    if "MODUL4_REAL_SETUP" not in os.environ:
        own_network.enter()


def lacking_facts(failure: Failure) -> set[str]:
    """The facts that the sentences about ``failure`` name and that it does not bring."""
    both = sentences.SYMPTOMS[failure.symptom]
    texts = [text for pair in both.values() for text in pair]
    if failure.facts.get("is_idle"):
        texts = [pair[0] for pair in both.values()]
        texts += sentences.IDLE.get(failure.symptom, {}).values()
    needed = {name for text in texts for _, name, _, _ in string.Formatter().parse(text) if name}
    return needed - {"who", *failure.facts}


@pytest.fixture(autouse=True)
def every_failure_brings_its_facts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A student would read a gap otherwise. What a test makes up itself is its own matter."""
    found: list[str] = []
    plain = StoryFailed.__init__

    def checked(self: StoryFailed, failure: Failure) -> None:
        plain(self, failure)
        maker = sys._getframe(1).f_globals.get("__name__", "")
        if str(maker).startswith("harness.") and (lacking := lacking_facts(failure)):
            found.append(f"{maker}: {failure.symptom} lacks {sorted(lacking)}")

    monkeypatch.setattr(StoryFailed, "__init__", checked)
    yield
    assert found == []


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """The folders and processes of one run; nothing of it is left after the test."""
    made = Sandbox()
    yield made
    made.close()


@pytest.fixture
def submission(tmp_path: Path) -> Callable[..., Path]:
    """Makes a folder with the given server.py; without one, the reference's."""

    def make(server: str | None = None, name: str = "submission") -> Path:
        folder = tmp_path / name
        folder.mkdir()
        if server is None:
            server = (REFERENCE / "server.py").read_text(encoding="utf-8")
        (folder / "server.py").write_text(server, encoding="utf-8")
        return folder

    return make


@pytest.fixture
def opened(sandbox: Sandbox) -> Iterator[Callable[..., Stage]]:
    """Opens rooms; `source` is the folder with the program, the reference's by default."""
    rooms = []

    def make(
        source: Path = REFERENCE,
        patience: Patience = UNHURRIED,
        known_facts: KnownFacts | None = None,
        clients: int = 20,
    ) -> Stage:
        setting = Setting(sandbox, source, patience, known_facts or KnownFacts(), clients)
        stage = Stage(setting, Draw(7, "test"), Journal())
        rooms.append(stage)
        return stage

    yield make
    for stage in rooms:
        stage.close()


@pytest.fixture
def play(opened: Callable[..., Stage]) -> Callable[..., Room]:
    """Sets scenes; takes what `opened` takes."""
    return lambda *args, **kwargs: Room(opened(*args, **kwargs))


@dataclass(frozen=True)
class Graded:
    """What became of one grading in a process of its own."""

    status: int
    said: str
    results: dict[str, Any]

    def check(self, name: str) -> dict[str, Any]:
        """The row of one check."""
        return next(row for row in self.results["checks"] if row["id"] == name)

    def outcomes(self) -> dict[str, str]:
        """Every check that was judged, and how."""
        rows = self.results["checks"]
        return {row["id"]: row["outcome"] for row in rows if row["outcome"]}


class Grader:
    """`pytest harness/` in a process of its own; its temporary files go into `folder`."""

    def __init__(self, tmp_path: Path) -> None:
        self.folder = tmp_path / "temporary"
        self.folder.mkdir()
        self.results = tmp_path / "results.json"

    def command(self, *arguments: object) -> list[str]:
        """The command line, results file included."""
        words = [sys.executable, "-m", "pytest", "harness/", f"--results={self.results}"]
        return [*words, *map(str, arguments)]

    def starts(self, *arguments: object, **environment: str) -> subprocess.Popen[str]:
        """Start it; both streams come in one pipe."""
        lang = {name: value for name, value in os.environ.items() if name != "MODUL4_LANG"}
        return subprocess.Popen(
            self.command(*arguments),
            cwd=REPO,
            # In a pipe Windows has no UTF-8 unless told so.
            env=lang | {"TMPDIR": str(self.folder), "PYTHONIOENCODING": "utf-8"} | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )

    def __call__(self, *arguments: object, **environment: str) -> Graded:
        """Grade and say what became of it."""
        with self.starts(*arguments, **environment) as process:
            said, _ = process.communicate()
        return self.graded(process.returncode, said)

    def graded(self, status: int, said: str) -> Graded:
        """What became of it, with the results where there are any."""
        results = {}
        if self.results.is_file():
            results = json.loads(self.results.read_text(encoding="utf-8"))
        return Graded(status, said, results)


@pytest.fixture
def grader(tmp_path: Path) -> Grader:
    """Runs `pytest harness/` as a person would."""
    return Grader(tmp_path)


@pytest.fixture(autouse=True)
def _ctrl_c_is_left_alone() -> Iterator[None]:
    """No test leaves Ctrl-C blocked or ignored: every later program would inherit that."""
    before = ctrl_c()
    yield
    assert ctrl_c() == before
