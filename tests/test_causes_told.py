"""What stands behind a failure is told where it is known: each case misled somebody once."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.actors import departures
from harness.actors.room import Room
from harness.actors.stage import Stage
from harness.contract.rubric import load
from harness.contract.symptoms import Failure, StoryFailed, Symptom
from harness.grading.judge import REFERENCE, Grading
from harness.grading.results import Outcome, Run, Verdict, blamed_numbers
from harness.grading.submission import digests
from harness.schedules.fixtures import FIXTURES
from tests.proof import bench
from tests.tiny import SERVER, edited

RUBRIC = load()
STORIES = bench.stories(RUBRIC, (*bench.GROUPS, "exploration"))
Judges = Callable[..., list[Verdict]]
idle_is_proven = pytest.mark.skipif(sys.platform != "linux", reason="idle is proven on Linux alone")


@pytest.fixture
def judges(tmp_path: Path) -> Judges:
    """Judges some checks of a server given as text, one after the other."""

    def judge(text: str, *checks: str) -> list[Verdict]:
        folder = tmp_path / "submission"
        folder.mkdir()
        (folder / "server.py").write_text(text, encoding="utf-8")
        run = Run(str(folder), digests(folder), 1, "en")
        with Grading(RUBRIC, run, folder, fixtures=FIXTURES) as grading:
            return [grading.judge(RUBRIC.checks[check], STORIES[check]) for check in checks]

    return judge


def failure_of(verdict: Verdict) -> Failure:
    assert verdict.failure is not None, verdict
    return verdict.failure


@idle_is_proven
def test_behind_silence_a_deadlock_is_looked_for(judges: Judges):
    text = edited(("                with lock:\n", "                with lock, lock:\n"))
    accept, schedules = judges(text, "nickname.accept", "exploration.schedules")
    assert failure_of(accept).facts.get("is_idle")
    assert failure_of(schedules).symptom is Symptom.DEADLOCK


@idle_is_proven
def test_behind_silence_without_a_deadlock_nothing_is_told(judges: Judges):
    text = edited(('conn.sendall(b"OK\\n")', "pass"))
    accept, schedules = judges(text, "nickname.accept", "exploration.schedules")
    assert failure_of(accept).facts.get("is_idle")
    assert schedules.outcome is Outcome.NOT_REACHED


def test_who_was_cut_off_is_told_and_not_who_missed_the_line(judges: Judges):
    text = edited(("                say(name, text)", "                return"))
    (delivers,) = judges(text, "broadcast.delivers")
    failure = failure_of(delivers)
    assert failure.symptom is Symptom.HUNG_UP
    said = next(each for each in delivers.story if each.what == "say" and " " in each.text)
    assert failure.who == said.who


HIDDEN = (
    "def say(speaker",
    """def chat():
    raise NotImplementedError("TODO 8")


def say(speaker""",
)
SWALLOWED = (
    "                say(name, text)",
    "                try:\n                    chat()\n                except Exception:\n"
    "                    return",
)


def test_an_open_todo_that_an_except_swallows_is_named(judges: Judges):
    (delivers,) = judges(edited(HIDDEN, SWALLOWED), "broadcast.delivers")
    assert delivers.open_todo == 8


def test_an_open_todo_that_nothing_uses_is_not_named(judges: Judges):
    text = edited(HIDDEN, ("                say(name, text)", "                pass"))
    (delivers,) = judges(text, "broadcast.delivers")
    assert failure_of(delivers).symptom is Symptom.NOTHING_CAME


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        # The lines that decide are the ones to look at, and no others.
        ({"lines": ["server.py:{6}", "server.py:{7}"]}, [6, 7]),
        # An exception from elsewhere than the rubric thinks.
        ({"crash": {"error": "TypeError", "place": "server.py:{4}"}}, [4]),
        # From a TODO of the rubric's: that one first, as the cause may be another.
        ({"crash": {"error": "KeyError", "place": "server.py:{6}"}}, [6, 3]),
        ({"crash": {"error": "KeyError", "place": ""}}, [3, 6]),
        ({}, [3, 6]),
    ],
)
def test_the_todo_is_that_of_the_lines_that_the_failure_names(
    tmp_path: Path, facts: dict[str, object], told: list[int]
):
    folder = Path(shutil.copytree(REFERENCE, tmp_path / "reference"))
    run = Run(str(folder), digests(folder), 1, "en")
    check = RUBRIC.checks["nickname.unique"]
    assert list(check.blame) == [3, 6]
    with Grading(RUBRIC, run, folder) as grading:
        rows = (folder / "server.py").read_text(encoding="utf-8").splitlines()
        lines = {
            n: next(i for i, row in enumerate(rows, 1) if f"# TODO {n}:" in row)
            for n in range(1, 10)
        }

        def placed(value: object) -> object:
            if isinstance(value, str) and value.startswith("server.py:{"):
                return f"server.py:{lines[int(value[11])]}"
            if isinstance(value, list):
                return [placed(each) for each in value]
            return (
                {key: placed(each) for key, each in value.items()}
                if isinstance(value, dict)
                else value
            )

        failure = Failure("server.py", Symptom.NO_REPLY, {k: placed(v) for k, v in facts.items()})
        verdict = grading._keep(Verdict(check.id, Outcome.FAILED, failure))
    assert blamed_numbers(check, verdict) == told


def test_where_the_server_has_dropped_all_members_that_is_told(
    opened: Callable[..., Stage], submission: Callable[..., Path]
):
    text = edited(("    name = None\n", "    name = None\n    conn.settimeout(0.2)\n"))
    room = Room(opened(submission(text)))
    (ani,) = room.join("ani")
    assert room.server.stage.wait_until(lambda: ani.is_closed, 60)
    with pytest.raises(StoryFailed) as stopped:
        departures._refused(room, "pergi")
    failure = stopped.value.failure
    assert (failure.who, failure.symptom) == (ani.name, Symptom.HUNG_UP)


def test_where_all_members_have_left_a_newcomer_has_the_name(
    opened: Callable[..., Stage], submission: Callable[..., Path]
):
    room = Room(opened(submission(SERVER)))
    (ani,) = room.join("ani")
    ani.leaves()
    client = departures._refused(room, "pergi")
    assert not client.is_joined
    assert b"ERR" in client.raw
