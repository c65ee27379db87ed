"""Correct servers of every style have full marks, or lack only the thread for each client.

Four styles that have little in common are graded in every run of the kit's tests; the others are
marked `slow`, see pyproject.toml. `python -m harness matrix` grades all of
them against every check, the client's and the explorations too.
"""

import os
from pathlib import Path

import pytest

from harness.contract.rubric import load
from harness.grading.judge import REPO, Grading
from harness.grading.results import Outcome, Run
from harness.grading.submission import digests
from harness.schedules.fixtures import FIXTURES
from tests.proof import bench

WHEAT = sorted(path.parent for path in (REPO / "tests" / "wheat").glob("*/server.py"))
ALWAYS = ("dispatcher", "lock_dict", "socketserver_threads")
# Built on one thread: SPEC section 6.4 takes only this from them.
ONE_THREAD = ("asyncio_protocol", "asyncio_streams", "selectors_loop")
LACK = "concurrency.thread_per_client"

RUBRIC = load()


def graded(folder: Path) -> dict[str, str]:
    """The outcome of every check on the server."""
    run = Run(str(folder), digests(folder), 11, "en")
    with Grading(RUBRIC, run, folder, fixtures=FIXTURES) as grading:
        grading.calibrate()
        for check, story in bench.stories(RUBRIC).items():
            grading.judge(RUBRIC.checks[check], story)
        return {name: str(verdict.outcome) for name, verdict in grading.verdicts.items()}


def asks_for_posix(folder: Path) -> bool:
    """Whether it uses an option of `send` that Windows lacks, without asking for it."""
    return "socket.MSG_DONTWAIT" in (folder / "server.py").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "folder",
    [
        pytest.param(
            folder, id=folder.name, marks=() if folder.name in ALWAYS else pytest.mark.slow
        )
        for folder in WHEAT
    ],
)
def test_a_correct_server_has_full_marks(folder: Path):
    if asks_for_posix(folder) and os.name != "posix":
        pytest.skip("this server is written for POSIX: it uses MSG_DONTWAIT")
    found = graded(folder)
    lost = {name: outcome for name, outcome in found.items() if outcome != Outcome.PASSED}
    assert lost == ({LACK: Outcome.FAILED} if folder.name in ONE_THREAD else {})
    assert len(found) == 35


def test_there_are_at_least_fourteen_styles():
    names = [folder.name for folder in WHEAT]
    assert set(ALWAYS) | set(ONE_THREAD) <= set(names)
    assert len(names) >= 14
