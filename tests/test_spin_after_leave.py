"""A thread that runs for ever once a client left is found, also where the others suffer."""

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.contract.rubric import load
from harness.contract.symptoms import Symptom
from harness.grading.judge import Grading
from harness.grading.results import Outcome, Run
from harness.program import observe
from tests.proof import bench
from tests.tiny import SERVER, edited

RUBRIC = load()
STORIES = bench.stories(RUBRIC)
CHECK = "disconnect.no_spin"
LEAVE = "disconnect.leave"
# Whoever has left is read from again and again.
SPINS = edited(
    (
        '        for raw in conn.makefile("rb"):\n',
        '        lines = conn.makefile("rb")\n        while True:\n'
        "            raw = lines.readline()\n            if not raw:\n                continue\n",
    )
)


# Ends as soon as somebody leaves.
ENDS = edited(
    ("    finally:\n        leave(name)\n", "    finally:\n        __import__('os')._exit(0)\n")
)


@pytest.mark.skipif(observe.snapshot(1) is None, reason="CPU time is not shown here")
@pytest.mark.parametrize(("text", "outcome"), [(SPINS, Outcome.FAILED), (SERVER, Outcome.PASSED)])
@pytest.mark.parametrize("failed", [frozenset(), frozenset((LEAVE,))], ids=["alone", "after leave"])
def test_a_spin_is_found_whatever_came_of_leaving(
    submission: Callable[[str], Path], text: str, outcome: Outcome, failed: frozenset[str]
):
    with Grading(RUBRIC, Run("x", {}, 3, "en"), submission(text), failed_before=failed) as grading:
        verdict = grading.judge(RUBRIC.checks[CHECK], STORIES[CHECK])
    assert verdict.outcome is outcome
    assert verdict.failure is None or verdict.failure.symptom is Symptom.SPINS


def test_one_that_has_ended_does_not_spin(submission: Callable[[str], Path]):
    failed = frozenset(
        ("disconnect.reset", "disconnect.before_nickname", "disconnect.mid_line", LEAVE)
    )
    run = Run("x", {}, 3, "en")
    with Grading(RUBRIC, run, submission(ENDS), failed_before=failed) as grading:
        verdict = grading.judge(RUBRIC.checks[CHECK], STORIES[CHECK])
    assert verdict.outcome in (Outcome.PASSED, Outcome.NOT_REACHED)
