"""Tells the stories of the client checks about one folder, without a process for the grader."""

from pathlib import Path

from harness.actors.patience import Patience
from harness.contract import rubric
from harness.grading.judge import Grading
from harness.grading.results import Run, Verdict
from harness.grading.story_files import STORIES, load_stories
from harness.grading.telling import roles
from harness.program.inheritance import restore_interrupt
from tests.conftest import UNHURRIED

RUBRIC = rubric.load()
CHECKS = [check for check in RUBRIC if check.group == "client"]
ALL_PASSED = {check.id: "passed" for check in CHECKS}


def judge(folder: Path, only: frozenset[str] = frozenset(), seed: int = 7) -> dict[str, Verdict]:
    """The verdicts on ``folder``; with ``only``, of these checks alone, and in a hurry.

    What is right is not hurried; for what never comes nobody waits long.
    """
    stories = load_stories(STORIES / "client.py")
    restore_interrupt()
    run = Run(path=str(folder), sha256={}, seed=seed, lang="en")
    patience = Patience(step=1.5, start=2.0) if only else UNHURRIED
    with Grading(RUBRIC, run, folder, patience=patience) as grading:
        for check in CHECKS:
            if not only or check.id in only:
                name = "test_" + check.id.partition(".")[2]
                grading.judge(check, roles(getattr(stories, name)))
        return grading.verdicts


def lost(verdicts: dict[str, Verdict]) -> dict[str, str]:
    """The checks that did not pass, and how."""
    outcomes = {check: str(verdict.outcome) for check, verdict in verdicts.items()}
    return {check: outcome for check, outcome in outcomes.items() if outcome != "passed"}
