"""What fails with no thread interrupted is told as an ordinary fault, and never as a race."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.contract.rubric import load as load_rubric
from harness.contract.symptoms import Symptom
from harness.grading.judge import REPO, Grading
from harness.grading.results import Run
from harness.grading.submission import digests
from harness.schedules.counterexample import is_calm
from harness.schedules.cycles import CALM, EACH
from harness.schedules.fixtures import FIXTURES
from tests.proof import bench, calm_first
from tests.proof.cases import EXPLORATION, GROUPS, all_cases
from tests.proof.chaff import load
from tests.proof.grade_case import Seen
from tests.tiny import edited

RUBRIC = load_rubric()
STORIES = bench.stories(RUBRIC, (*bench.GROUPS, EXPLORATION))
CHAFF = {chaff.name: chaff for chaff in load(REPO, RUBRIC.checks)}
CASES = all_cases(REPO, RUBRIC)


@pytest.mark.parametrize(
    ("policy", "calm"),
    [
        (CALM, True),
        ({**CALM, "grain": "opcode"}, True),
        ({**CALM, "choices": [["s1", 4, "c0"]]}, False),
        (EACH, False),
    ],
)
def test_the_calm_order_is_the_one_without_a_choice(policy: dict[str, object], calm: bool):
    assert is_calm(policy) is calm


@pytest.mark.parametrize(
    ("chaff", "symptom"),
    [
        ("reset-not-cleaned-up", Symptom.CALM_BREAKS),
        ("list-made-anew-without-the-lock", Symptom.SCHEDULE_BREAKS),
    ],
)
def test_exploring_calls_a_race_only_what_needs_a_switch(
    chaff: str, symptom: Symptom, tmp_path: Path
):
    folder = tmp_path / "submission"
    CHAFF[chaff].write(REPO, folder)
    run = Run(str(folder), digests(folder), 1, "en")
    check = "exploration.schedules"
    with Grading(RUBRIC, run, folder, fixtures=FIXTURES) as grading:
        # Asked for alone: no failure of another check says beforehand that the fault is ordinary.
        verdict = grading.judge(RUBRIC.checks[check], STORIES[check])
    assert verdict.failure is not None and verdict.failure.symptom is symptom


def test_what_only_many_stories_in_a_row_bring_out_is_no_race(
    submission: Callable[[str], Path],
):
    # After the eighth who has left nobody is heard any more: one story has at most three.
    text = edited(
        ("def leave(name):\n", "gone = []\n\n\ndef leave(name):\n    gone.append(name)\n"),
        (
            "                say(name, text)\n",
            "                len(gone) < 9 and say(name, text)\n",
        ),
    )
    check = "disconnect.mid_broadcast"
    with Grading(RUBRIC, Run("x", {}, 1, "en"), submission(text), fixtures=FIXTURES) as grading:
        verdict = grading.judge(RUBRIC.checks[check], STORIES[check])
    assert verdict.failure is not None
    assert verdict.failure.symptom is Symptom.CALM_BREAKS


def test_the_measure_explores_server_chaff_that_are_no_races():
    chosen = {case.name: case for case in calm_first.no_races(CASES)}
    assert all(EXPLORATION in case.groups and case.file == "server.py" for case in chosen.values())
    assert not {"looked-for-then-kept", "list-made-anew-without-the-lock"} & set(chosen)
    assert len(chosen) > 100
    name = "sender-compared-by-name-object"
    assert GROUPS["server.py"] == chosen[name].groups[:-1]
    assert all(EXPLORATION not in case.groups for case in CASES if case.name == name)


def test_only_the_sentence_about_a_race_counts_as_calling_it_one():
    evidence = {
        "exploration.schedules": f"{calm_first.RACE} | 'x'",
        "broadcast.crowd": "all lines | some lines",
    }
    outcomes = dict.fromkeys(evidence, "failed")
    told = calm_first.called_a_race(CASES[0], Seen(outcomes, evidence, 1.0))
    assert list(told.checks) == ["exploration.schedules"]
    passed = Seen(dict.fromkeys(evidence, "passed"), evidence, 1.0)
    assert not calm_first.called_a_race(CASES[0], passed).checks
