"""Stories that explore schedules: what real sockets nearly never show is failed all the same."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from harness.contract.rubric import load as load_rubric
from harness.contract.symptoms import Failure, Symptom
from harness.grading.judge import REFERENCE, REPO, Grading
from harness.grading.results import Outcome, Run, Verdict
from harness.grading.submission import digests
from harness.record.journal import WRONG, What
from harness.schedules.fixtures import FIXTURES, RIVALS_FILE, SCHEDULE_FILES, TALKERS_FILE, Memory
from tests.proof import bench
from tests.proof.chaff import load

RUBRIC = load_rubric()
STORIES = bench.stories(RUBRIC, (*bench.GROUPS, "exploration"))
CHAFF = {chaff.name: chaff for chaff in load(REPO, RUBRIC.checks)}
LANES = {What.RUN, What.HELD, What.WAIT}


def judge(folder: Path, *checks: str, memory: Path | None = None, seed: int = 1) -> list[Verdict]:
    run = Run(str(folder), digests(folder), seed, "en")
    with Grading(RUBRIC, run, folder, memory=memory, fixtures=FIXTURES) as grading:
        return [grading.judge(RUBRIC.checks[check], STORIES[check]) for check in checks]


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    return Path(shutil.copytree(REFERENCE, tmp_path / "reference"))


@pytest.mark.parametrize(
    ("chaff", "check", "file"),
    [
        ("looked-for-then-kept", "nickname.race", RIVALS_FILE),
        ("line-in-a-shared-attribute", "broadcast.crowd", TALKERS_FILE),
    ],
)
def test_a_rare_order_is_found_told_saved_and_told_again_until_it_is_mended(
    chaff: str, check: str, file: str, tmp_path: Path, reference: Path
):
    folder, memory = tmp_path / "submission", tmp_path / "memory"
    CHAFF[chaff].write(REPO, folder)
    (first,) = judge(folder, check, memory=memory)
    assert first.outcome is Outcome.FAILED
    assert first.failure is not None and first.failure.symptom is Symptom.SCHEDULE_BREAKS
    # The interleaving and what came of it are the story: nothing of what went well before it.
    assert {event.what for event in first.story} <= LANES | WRONG
    saved = memory / file
    assert first.failure.facts["saved"] == str(saved)
    # Other checks that promise as much run it first: they tell of the same schedule.
    again, everything = judge(folder, check, "exploration.schedules", memory=memory)
    assert again.story == first.story == everything.story
    (mended,) = judge(reference, check, memory=memory)
    assert mended.outcome is Outcome.PASSED
    assert not saved.exists()


def test_where_schedules_cannot_be_explored_the_sockets_decide(reference: Path):
    server = reference / "server.py"
    text = server.read_text(encoding="utf-8")
    copies = "import socket\none = socket.socket()\n"
    copies += "socket.fromfd(one.fileno(), one.family, one.type)\n"
    marker = "import argparse\n"
    assert text.count(marker) == 1
    server.write_text(text.replace(marker, marker + copies), encoding="utf-8")
    checks = ("nickname.race", "broadcast.crowd", "exploration.schedules")
    outcomes = [verdict.outcome for verdict in judge(reference, *checks)]
    assert outcomes == [
        Outcome.PASSED,
        Outcome.PASSED,
        Outcome.NOT_RUN,
    ]


def test_where_talk_fails_leaving_is_not_blamed_for_it(tmp_path: Path):
    folder = tmp_path / "submission"
    CHAFF["line-in-a-global"].write(REPO, folder)
    crowd, leaving = judge(folder, "broadcast.crowd", "disconnect.mid_broadcast")
    assert (crowd.outcome, leaving.outcome) == (
        Outcome.FAILED,
        Outcome.PASSED,
    )


@pytest.mark.slow
def test_no_seed_leaves_out_a_step_that_is_wrong(tmp_path: Path):
    # Under this one no random session has somebody return, stay awake and speak.
    folder = tmp_path / "submission"
    CHAFF["returner-is-not-heard"].write(REPO, folder)
    (sessions,) = judge(folder, "exploration.sessions", seed=42)
    assert sessions.outcome is Outcome.FAILED


FAILURE = Failure("server.py", Symptom.SCHEDULE_BREAKS, {"seen": "x"})


def test_memory_keeps_reads_and_forgets(tmp_path: Path):
    memory = Memory(tmp_path / "new")
    assert memory.read(RIVALS_FILE) is None
    kept = memory.keep(FAILURE, RIVALS_FILE, json.dumps({"a": 1}))
    assert kept.facts == {"seen": "x", "saved": str(memory.path(RIVALS_FILE))}
    assert memory.read(RIVALS_FILE) == {"a": 1}
    memory.forget(RIVALS_FILE)
    memory.forget(RIVALS_FILE)
    assert memory.read(RIVALS_FILE) is None


@pytest.mark.parametrize("text", ["[1]", "{", ""])
def test_what_is_no_story_is_as_good_as_nothing(text: str, tmp_path: Path):
    (tmp_path / SCHEDULE_FILES[-1]).write_text(text, encoding="utf-8")
    assert Memory(tmp_path).read(SCHEDULE_FILES[-1]) is None


def test_without_a_folder_nothing_is_kept():
    memory = Memory(None)
    assert memory.keep(FAILURE, RIVALS_FILE, "{}") is FAILURE
    memory.forget(RIVALS_FILE)
    assert memory.read(RIVALS_FILE) is None


def test_where_nothing_can_be_written_the_failure_stands(tmp_path: Path):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    assert Memory(tmp_path / "file").keep(FAILURE, RIVALS_FILE, "{}") is FAILURE
