"""One grading run: verdicts, the machine as control group, and nothing left behind."""

import errno
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from harness.actors.client_room import ClientRoom
from harness.actors.known_facts import MOST_LOST
from harness.actors.patience import Patience, calibrated
from harness.actors.room import Room
from harness.contract import sentences
from harness.contract.rubric import Check, Rubric
from harness.contract.symptoms import (
    Failure,
    Inconclusive,
    NotReached,
    NotRunHere,
    StoryFailed,
    Symptom,
)
from harness.grading import judge as module
from harness.grading.budget import CALM, MOST
from harness.grading.judge import REFERENCE, TRIES, Grading
from harness.grading.results import Outcome, Run, Verdict
from harness.grading.submission import digests
from harness.grading.telling import Unfit, roles
from harness.program import ports
from harness.record.journal import What
from tests.tiny import SERVER, edited
from tests.watching import LONG, eventually, processes_of

WORDS = {"id": "a?", "en": "b?"}
FIRST = Check("start.first", 40.0, (), (1,), WORDS, WORDS)
SECOND = Check("start.second", 60.0, ("start.first",), (2,), WORDS, WORDS)
LISTENS = Check("start.listens", 0.0, (), (1,), WORDS, WORDS)
TALKS = Check("start.talks", 0.0, ("start.listens",), (2,), WORDS, WORDS)
TYPES = Check("client.types", 0.0, (), (3,), WORDS, WORDS)
RUBRIC = Rubric(
    {each.id: each for each in (FIRST, SECOND, LISTENS, TALKS, TYPES)},
    {"start": WORDS, "client": WORDS},
)

Grades = Callable[..., Grading]
posix = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")


@pytest.fixture
def grades(submission: Callable[..., Path]) -> Iterator[Grades]:
    """Begins runs on a server.py; without one, on the reference's."""
    begun: list[Grading] = []

    def begin(text: str | None = None, **of: object) -> Grading:
        folder = submission(text, f"submission {len(begun)}")
        run = Run("x", {}, 1, "en")
        begun.append(Grading(RUBRIC, run, folder, **of))  # type: ignore[arg-type]
        return begun[-1]

    yield begin
    for run in begun:
        run.sandbox.close()


class Told:
    """A story that does something else each time it is told; the last part again and again."""

    def __init__(self, *parts: Callable[[Room], object]) -> None:
        self.parts = list(parts)
        self.times = 0

    def __call__(self, room: Room) -> None:
        part = self.parts[min(self.times, len(self.parts) - 1)]
        self.times += 1
        part(room)


def nothing(room: Room) -> None:
    """A story in which all is well."""


def fails(*, by_clock: bool, symptom: Symptom = Symptom.SPINS) -> Callable[[Room], None]:
    def story(room: Room) -> None:
        raise StoryFailed(Failure("budi", symptom, {}, by_clock))

    return story


def stops(ending: Exception) -> Callable[[Room], None]:
    def story(room: Room) -> None:
        raise ending

    return story


def chat(room: Room) -> None:
    ani, budi = room.join("ani", "budi")
    budi.sees(ani.says("halo"))


# -- verdicts


def test_a_story_that_ends_well_passes(grades: Grades):
    run = grades()
    verdict = run.judge(FIRST, chat)
    assert verdict.outcome is Outcome.PASSED
    assert verdict.failure is None
    assert (verdict.story, verdict.reason, verdict.stderr) == ((), "", "")
    assert 0 < verdict.duration < LONG
    assert run.verdicts == {"start.first": verdict}


def test_what_a_program_complains_of_matters_only_where_it_fails(grades: Grades):
    complains = "import sys\nprint('aduh', file=sys.stderr)\n" + SERVER
    run = grades(complains)
    assert run.judge(FIRST, chat).stderr == ""

    def chats_and_fails(room: Room) -> None:
        chat(room)
        fails(by_clock=False)(room)

    assert "aduh" in run.judge(FIRST, chats_and_fails).stderr


def test_a_broken_promise_fails_with_its_evidence(grades: Grades):
    deaf = edited(("                say(name, text)\n", "                1 / 0\n"))
    run = grades(deaf, patience=Patience(step=1))
    verdict = run.judge(FIRST, chat)
    assert verdict.outcome is Outcome.FAILED
    assert verdict.failure is not None
    assert verdict.failure.symptom is Symptom.HUNG_UP
    kinds = [event.what for event in verdict.story]
    assert kinds[0] is What.START
    assert What.CUT_OFF in kinds
    assert "ZeroDivisionError" in verdict.stderr


def test_what_is_seen_without_a_clock_is_believed_at_once(grades: Grades):
    story = Told(fails(by_clock=False))
    assert grades().judge(FIRST, story).outcome is Outcome.FAILED
    assert story.times == 1


@pytest.mark.parametrize(
    ("ending", "outcome", "times"),
    [
        (NotRunHere("no_pty"), Outcome.NOT_RUN, 1),
        (Inconclusive("no_free_port"), Outcome.INCONCLUSIVE, TRIES),
        (ValueError("a fault of ours"), Outcome.INCONCLUSIVE, TRIES),
    ],
)
def test_other_endings_cost_nobody_a_point(
    grades: Grades, ending: Exception, outcome: Outcome, times: int
):
    story = Told(stops(ending))
    verdict = grades().judge(FIRST, story)
    assert (verdict.check, verdict.outcome) == (FIRST.id, outcome)
    assert verdict.failure is None
    assert verdict.reason
    assert story.times == times


def test_what_a_story_found_not_to_stand_is_not_reached(grades: Grades):
    """The story stops for the submission, and ends well for the reference."""
    story = Told(stops(NotReached("nickname.unique")), nothing)
    verdict = grades().judge(FIRST, story)
    assert verdict.outcome is Outcome.NOT_REACHED
    assert "nickname.unique" in verdict.reason
    assert story.times == 2


SPINS = Failure("server.py", Symptom.SPINS)


def stops_at_talks(room: Room) -> None:
    """What the story saw is the failure that it handled."""
    try:
        raise StoryFailed(SPINS)
    except StoryFailed:
        raise NotReached("start.talks") from None


@pytest.mark.parametrize("is_passed_first", [True, False])
def test_no_check_waits_for_one_that_passed(grades: Grades, is_passed_first: bool):
    """Whether it passed before or after, what was seen is told as this check's own failure."""
    run, story = grades(), Told(stops_at_talks, nothing)
    if is_passed_first:
        run.judge(TALKS, nothing)
    first = run.judge(FIRST, story)
    if not is_passed_first:
        assert first.waits_for == "start.talks"
        run.judge(TALKS, nothing)
    verdict = run.verdicts["start.first"]
    assert (verdict.outcome, verdict.failure) == (Outcome.FAILED, SPINS)


@pytest.mark.parametrize("is_passed_first", [True, False])
def test_where_nothing_more_is_known_it_cannot_be_decided(grades: Grades, is_passed_first: bool):
    run = grades()
    stop, times = stops(NotReached("start.talks")), Told(nothing)
    story = Told(*([stop, nothing] * TRIES))
    if is_passed_first:
        run.judge(TALKS, times)
    run.judge(FIRST, story)
    run.judge(SECOND, nothing)
    if not is_passed_first:
        assert run.verdicts["start.second"].waits_for == "start.first"
        run.judge(TALKS, times)
        # What waits for a check that cannot be decided cannot be decided either.
        assert run.verdicts["start.second"].outcome is Outcome.INCONCLUSIVE
    verdict = run.verdicts["start.first"]
    assert (verdict.outcome, verdict.waits_for) == (Outcome.INCONCLUSIVE, "")
    assert verdict.reason.startswith("start.talks passed, but this time")


def test_what_waits_for_a_failure_goes_on_waiting(grades: Grades):
    run = grades()
    run.judge(TALKS, fails(by_clock=False))
    assert run.judge(FIRST, Told(stops_at_talks, nothing)).outcome is Outcome.NOT_REACHED


# -- the time of a run


def test_when_the_time_is_over_nothing_more_is_told(
    grades: Grades, monkeypatch: pytest.MonkeyPatch
):
    run, story = grades(), Told(nothing)
    monkeypatch.setattr(run, "_reference_takes", lambda: (0.1, ""))
    run.budget.began -= run.budget.limit
    verdict = run.judge(FIRST, story)
    assert (verdict.outcome, story.times) == (Outcome.INCONCLUSIVE, 0)
    assert "all checks together may take 90 seconds" in verdict.reason
    assert not verdict.is_slow
    # Where checks took long, the program may be why: the longest are named.
    for name, took in (("start.a", 3.0), ("start.b", 9.0), ("exploration.x", 30.0)):
        run.verdicts[name] = Verdict(name, Outcome.PASSED, duration=took)
    verdict = run.cut_short(FIRST)
    assert verdict.is_slow
    assert "longest in start.b (9 s): what is it there" in verdict.reason


def test_time_in_which_another_grader_had_the_port_is_not_the_programs(
    grades: Grades, monkeypatch: pytest.MonkeyPatch
):
    """Else a check that only queued for it is named as one in which the program was slow."""
    waited = [0.0]
    monkeypatch.setattr(ports, "waited", lambda: waited[0])

    def queues(room: Room) -> None:
        waited[0] += 50.0

    # No time passed, and 50 s of it are taken for waiting.
    assert grades().judge(FIRST, queues).duration < -40


def test_a_machine_that_became_slow_is_given_more_time(
    grades: Grades, monkeypatch: pytest.MonkeyPatch
):
    run = grades()
    monkeypatch.setattr(run, "_reference_takes", lambda: (0.24, ""))
    run.budget.began -= CALM + 1
    assert run.judge(FIRST, nothing).outcome is Outcome.PASSED
    run.budget.began -= CALM
    assert run.judge(FIRST, nothing).outcome is Outcome.INCONCLUSIVE


def test_a_fault_of_ours_says_where(grades: Grades):

    def breaks() -> None:
        raise ValueError("aduh")

    verdict = grades().judge(FIRST, lambda room: breaks())
    assert f"test_judge.py:{breaks.__code__.co_firstlineno + 1}: " in verdict.reason
    assert "ValueError: aduh" in verdict.reason


def test_a_check_without_a_story_is_not_run(grades: Grades):
    verdict = grades().not_built(FIRST)
    assert (verdict.check, verdict.outcome) == (FIRST.id, Outcome.NOT_RUN)
    assert verdict.reason == sentences.reason("not_built", {}, "en")


def test_a_story_stands_on_what_was_asked_for_and_learnt(grades: Grades, tmp_path: Path):
    run = grades(clients=7, memory=tmp_path)
    run.judge(FIRST, fails(by_clock=False))
    run.judge(LISTENS, nothing)
    settings = []
    run.judge(TALKS, lambda room: settings.append(room.server.stage.setting))
    (setting,) = settings
    assert (setting.source, setting.clients, setting.memory) == (run.pristine, 7, tmp_path)
    assert setting.failed == {"start.first"}
    assert setting.patience == run.patience


def test_the_seed_and_the_check_decide_what_is_drawn(grades: Grades):
    drawn = []

    def draws(room: Room) -> None:
        drawn.append(room.server.stage.draw.name("ani"))

    run, other = grades(), grades()
    other.run = replace(other.run, seed=2)
    for each, check in ((run, FIRST), (run, FIRST), (run, LISTENS), (other, FIRST)):
        each.judge(check, draws)
    assert drawn[0] == drawn[1]
    assert len(set(drawn)) == 3


def test_stories_of_the_client_have_a_scene_of_their_own(grades: Grades):
    rooms = []
    run = grades()
    for check in (FIRST, TYPES):
        assert run.judge(check, lambda room: rooms.append(type(room))).outcome is Outcome.PASSED
    assert rooms == [Room, ClientRoom]


def test_what_the_machine_spoilt_is_tried_again(grades: Grades):
    story = Told(stops(Inconclusive("no_free_port")), nothing)
    assert grades().judge(FIRST, story).outcome is Outcome.PASSED
    assert story.times == 2


def test_each_telling_has_a_fresh_stage_and_the_same_draws(grades: Grades):
    seen = []

    def story(room: Room) -> None:
        (ani,) = room.join("ani")
        seen.append((ani.name, room.server.running.pid))
        raise Inconclusive("no_free_port")

    grades().judge(FIRST, story)
    names, pids = zip(*seen, strict=True)
    assert len(set(names)) == 1
    assert len(set(pids)) == TRIES


def test_what_failed_in_an_earlier_run_is_known_to_the_checks_after_it(grades: Grades):
    grading = grades()
    grading.failed_before = frozenset(("start.second", "start.talks", "of.old"))
    assert grading.failed_earlier(FIRST) == frozenset()
    assert grading.failed_earlier(TALKS) == {"start.second"}
    seen: list[frozenset[str]] = []

    def looks(room: Room) -> None:
        seen.append(room._stage.setting.failed)

    grading.judge(TALKS, roles(looks))
    assert seen == [{"start.second"}]


CLOSES_THEN_SAYS = """
import argparse, socket, time
parser = argparse.ArgumentParser()
parser.add_argument("--host")
parser.add_argument("--port", type=int)
options = parser.parse_args()
listener = socket.create_server((options.host, options.port))
print("Server menunggu koneksi...", flush=True)
while True:
    with listener.accept()[0]:
        pass
    time.sleep(0.2)
    raise NotImplementedError("TODO 3")
"""


def test_an_open_todo_is_the_cause(grades: Grades):
    todo = "import sys\nsys.exit('TODO 3 belum dikerjakan')"
    verdict = grades(todo).judge(FIRST, chat)
    assert verdict.failure == Failure("server.py", Symptom.TODO_OPEN, {"todo": 3})


def test_an_open_todo_may_be_named_after_what_broke_because_of_it(grades: Grades):
    assert grades(CLOSES_THEN_SAYS).judge(FIRST, chat).open_todo == 3


def test_but_not_of_a_file_that_cannot_be_read(grades: Grades):
    verdict = grades("# TODO 3\nx = (  # TODO 3").judge(FIRST, chat)
    assert verdict.failure is not None
    assert verdict.failure.symptom is Symptom.SYNTAX_ERROR


# -- who waits for whom


def test_what_stands_on_a_failure_is_not_reached(grades: Grades):
    run, story = grades(), Told(nothing)
    run.judge(FIRST, fails(by_clock=False))
    verdict = run.judge(SECOND, story)
    assert (verdict.check, verdict.outcome) == (SECOND.id, Outcome.NOT_REACHED)
    assert "start.first" in verdict.reason
    assert story.times == 0


def test_what_was_seen_to_work_all_the_same_is_stood_on(grades: Grades):
    run, story = grades(), Told(nothing)
    run.judge(FIRST, fails(by_clock=False))
    run.known_facts.saw("start.first")
    assert run.judge(SECOND, story).outcome is Outcome.PASSED


@pytest.fixture
def doubtful(grades: Grades) -> Grading:
    """A run in which the server was not reached, and then was."""
    run = grades()
    run.judge(LISTENS, fails(by_clock=False, symptom=Symptom.NOT_ACCEPTED))
    run.known_facts.saw("start.listens")
    return run


def test_what_may_be_a_sign_of_what_is_in_doubt_is_not_failed_for_it(doubtful: Grading):
    sign = Told(fails(by_clock=False, symptom=Symptom.NEVER_LISTENS))
    for _ in range(MOST_LOST + 1):
        verdict = doubtful.judge(TALKS, sign)
        assert (verdict.check, verdict.outcome) == (TALKS.id, Outcome.NOT_REACHED)
        assert verdict.reason == sentences.not_reached("start.listens", "en")
    # After a few times nobody waits for it again.
    assert sign.times == MOST_LOST


def test_something_else_is(doubtful: Grading):
    verdict = doubtful.judge(TALKS, fails(by_clock=False, symptom=Symptom.ECHO))
    assert verdict.outcome is Outcome.FAILED


def test_what_works_in_between_is_relied_on(doubtful: Grading):
    sign = fails(by_clock=False, symptom=Symptom.NEVER_LISTENS)
    for _ in range(2):
        for _ in range(MOST_LOST - 1):
            doubtful.judge(TALKS, sign)
        assert doubtful.judge(TALKS, nothing).outcome is Outcome.PASSED


def test_what_is_in_doubt_is_waited_for_less(doubtful: Grading):
    patience = []
    doubtful.judge(TALKS, lambda room: patience.append(room.server.stage.patience))
    assert patience == [doubtful.patience.hurried()]


# -- the control group


class Reference:
    """Knows which tellings are the reference's."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.folder = folder
        monkeypatch.setattr(module, "REFERENCE", folder)

    def is_told(self, room: Room) -> bool:
        return room.server.stage.setting.source == self.folder


@pytest.fixture
def reference(monkeypatch: pytest.MonkeyPatch, submission: Callable[..., Path]) -> Reference:
    return Reference(monkeypatch, submission(SERVER, "reference"))


def test_a_failure_by_the_clock_stands_where_the_reference_keeps_the_bound(
    grades: Grades, reference: Reference
):
    told = []

    def story(room: Room) -> None:
        told.append(reference.is_told(room))
        if not told[-1]:
            fails(by_clock=True)(room)

    assert grades().judge(FIRST, story).outcome is Outcome.FAILED
    assert told == [False, True]


def test_a_failure_by_the_clock_is_nobodys_where_the_reference_fails_too(
    grades: Grades, reference: Reference
):
    story = Told(fails(by_clock=True))
    verdict = grades().judge(FIRST, story)
    assert (verdict.check, verdict.outcome) == (FIRST.id, Outcome.INCONCLUSIVE)
    assert "the reference did not answer in time either" in verdict.reason
    assert verdict.failure is None
    assert story.times == 2 * TRIES


def test_the_reference_stands_on_nothing_that_is_the_submissions(
    grades: Grades, reference: Reference, tmp_path: Path
):
    run = grades(memory=tmp_path)
    run.judge(LISTENS, fails(by_clock=False))
    settings = []

    def story(room: Room) -> None:
        settings.append(room.server.stage.setting)
        if not reference.is_told(room):
            fails(by_clock=True)(room)

    run.judge(FIRST, story)
    mine, control = settings
    assert (mine.failed, mine.memory) == ({"start.listens"}, tmp_path)
    assert (control.failed, control.memory) == (frozenset(), None)


@pytest.mark.parametrize("symptom", [Symptom.HUNG_UP, Symptom.NOBODY_WON])
def test_what_a_poor_machine_causes_is_asked_of_the_reference_too(
    grades: Grades, reference: Reference, symptom: Symptom
):
    """Without threads for all, the reference hangs up as well: nobody waited for anything."""

    def story(room: Room) -> None:
        facts = {"seen": "", "name": "ani", "rivals": 20, "winners": 0}
        raise StoryFailed(Failure("budi", symptom, facts))

    verdict = grades().judge(FIRST, story)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert verdict.reason.startswith("on this machine the reference fails too: ")


@pytest.mark.parametrize(("check", "times"), [(TYPES, 2), (FIRST, 1)])
def test_each_program_has_its_own_reference(
    grades: Grades, reference: Reference, check: Check, times: int
):
    """Here it is the client's alone that is there."""
    (reference.folder / "server.py").rename(reference.folder / "client.py")
    story = Told(fails(by_clock=True), nothing)
    assert grades().judge(check, story).outcome is Outcome.FAILED
    assert story.times == times


def test_a_calmer_moment_decides(grades: Grades, reference: Reference):
    """Submission and reference miss the bound once; then the machine is calm."""
    story = Told(fails(by_clock=True), fails(by_clock=True), nothing)
    assert grades().judge(FIRST, story).outcome is Outcome.PASSED
    assert story.times == 3


def test_a_slow_program_against_a_real_reference(grades: Grades):
    """End to end: the student's server never answers, the reference does."""
    deaf = edited(("                say(name, text)\n", "                pass\n"))
    verdict = grades(deaf, patience=Patience(step=1)).judge(FIRST, chat)
    assert verdict.outcome is Outcome.FAILED


def test_the_same_on_a_machine_that_nobody_can_work_on(
    grades: Grades, monkeypatch: pytest.MonkeyPatch, submission: Callable[..., Path]
):
    deaf = edited(("                say(name, text)\n", "                pass\n"))
    Reference(monkeypatch, submission(deaf, "reference"))
    monkeypatch.setattr(module, "TRIES", 1)
    verdict = grades(deaf, patience=Patience(step=0.5)).judge(FIRST, chat)
    assert verdict.outcome is Outcome.INCONCLUSIVE


def test_what_is_learnt_of_the_reference_is_not_held_for_the_submissions(
    grades: Grades, reference: Reference
):
    run = grades()

    def story(room: Room) -> None:
        if reference.is_told(room):
            chat(room)
        else:
            fails(by_clock=True)(room)

    run.judge(FIRST, story)
    assert run.known_facts.demonstrated == set()


# Seconds for which a program is stopped in mid-story; more than any bound below.
STOPPED = 4.0


def stop(pid: int) -> None:
    """Stop the program; a thread that runs on another processor stops a moment later."""
    os.kill(pid, signal.SIGSTOP)
    threads = list(Path(f"/proc/{pid}/task").glob("*/stat"))
    assert eventually(lambda: all(") T " in thread.read_text() for thread in threads))


@posix
@pytest.mark.skipif(sys.platform != "linux", reason="whether it is stopped is seen in /proc")
def test_a_program_that_was_stopped_for_seconds_is_never_failed(grades: Grades):
    waited = []

    def story(room: Room) -> None:
        ani, budi = room.join("ani", "budi")
        pid = room.server.running.pid
        stop(pid)
        goes_on = threading.Timer(STOPPED, os.kill, (pid, signal.SIGCONT))
        goes_on.start()
        budi.sees(ani.says("halo"))
        waited.append(not goes_on.is_alive())

    verdict = grades(patience=Patience(step=1.0)).judge(FIRST, story)
    assert verdict.outcome is Outcome.PASSED
    assert waited == [True]


@posix
@pytest.mark.skipif(sys.platform != "linux", reason="whether it is stopped is seen in /proc")
def test_nor_is_one_that_never_goes_on(grades: Grades, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "TRIES", 1)

    def story(room: Room) -> None:
        (ani,) = room.join("ani")
        stop(room.server.running.pid)
        room.server.stage.wait_until(lambda: b"never" in ani.raw, 0.05)

    verdict = grades().judge(FIRST, story)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert "too busy" in verdict.reason


def test_calibration_measures_this_machine(grades: Grades, monkeypatch: pytest.MonkeyPatch):
    run = grades()
    monkeypatch.setattr(run, "_reference_takes", lambda: (0.36, ""))
    run.calibrate()
    assert run.patience.scale == pytest.approx(3)
    assert run.budget.limit == MOST


def test_a_slow_start_does_not_make_the_machine_slow(
    grades: Grades, monkeypatch: pytest.MonkeyPatch
):
    run, took = grades(), [0.96, 0.14, 5.0]
    monkeypatch.setattr(run, "_reference_takes", lambda: (took.pop(0), ""))
    run.calibrate()
    assert run.patience == calibrated(0.14)
    assert run.budget.limit == MOST, "the time for all of it is that of the slow one"
    assert took == [5.0], "a calm measurement is the last"


def test_a_very_slow_machine_is_not_measured_for_long(
    grades: Grades, monkeypatch: pytest.MonkeyPatch
):
    """Its first check would have no time left; on Windows the whole run would end."""
    run, took = grades(), [3.0, 4.0, 5.0]
    monkeypatch.setattr(run, "_reference_takes", lambda: (took.pop(0), ""))
    run.calibrate()
    assert took == [5.0]


def test_where_the_reference_does_not_run_nothing_is_judged(
    grades: Grades, monkeypatch: pytest.MonkeyPatch, submission: Callable[..., Path]
):
    Reference(monkeypatch, submission("raise SystemExit(7)", "reference"))
    with pytest.raises(Unfit, match=r"on this machine the reference fails too: .* 7"):
        grades().calibrate()


@pytest.mark.parametrize("has_reference", [True, False])
def test_a_machine_that_starts_no_program_is_told_as_one(
    grades: Grades, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, has_reference: bool
):
    if not has_reference:
        monkeypatch.setattr(module, "REFERENCE", tmp_path / "gone")
    run = grades()

    def refuses(*_: object, **__: object) -> None:
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(run.sandbox, "spawn", refuses)
    with pytest.raises(Unfit, match="no more threads or processes"):
        run.calibrate()


def test_a_full_disk_ends_the_run(grades: Grades, monkeypatch: pytest.MonkeyPatch):
    run = grades()

    def full(source: Path) -> Path:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(run.sandbox, "fresh", full)
    with pytest.raises(Unfit, match="the disk is full"):
        run.judge(FIRST, chat)
    assert run.verdicts == {}


def test_calibration_really_runs_the_reference(grades: Grades, monkeypatch: pytest.MonkeyPatch):
    took = []
    monkeypatch.setattr(
        module.patience, "calibrated", lambda seconds: took.append(seconds) or Patience()
    )
    run = grades("raise SystemExit")
    began = time.monotonic()
    run.calibrate()
    assert 0 < took[0] <= time.monotonic() - began


@pytest.mark.parametrize(
    ("check", "begin"), [(FIRST, chat), (TYPES, lambda room: room.join("ani"))]
)
def test_for_the_reference_no_other_grader_is_waited_for(
    grades: Grades,
    monkeypatch: pytest.MonkeyPatch,
    check: Check,
    begin: Callable[..., object],
):
    """All begin with it: where many graders begin, each would wait for the default port."""
    run, asked = grades(), []
    monkeypatch.setattr(ports, "_queued", lambda port: asked.append(port))
    run.calibrate()
    run._spoilt(check, begin, Verdict(check.id, Outcome.FAILED))
    assert asked == []


def test_without_a_reference_patience_stays_and_failures_stand(
    grades: Grades, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setattr(module, "REFERENCE", tmp_path / "gone")
    run = grades()
    run.calibrate()
    assert run.patience == Patience()
    assert run.judge(FIRST, fails(by_clock=True)).outcome is Outcome.FAILED


# -- the submission


def test_a_submission_edited_meanwhile_stays_one_program(grades: Grades):
    run = grades()
    (run.source / "server.py").write_text("raise SystemExit(1)")
    assert run.judge(FIRST, chat).outcome is Outcome.PASSED


def test_nothing_is_written_into_the_submission(grades: Grades):
    litter = "open('litter', 'w').close()\n" + SERVER
    run = grades(litter)
    assert run.judge(FIRST, chat).outcome is Outcome.PASSED
    assert os.listdir(run.source) == ["server.py"]


def test_after_a_run_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, submission: Callable[..., Path]
):
    folder = submission()
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    with Grading(RUBRIC, Run("x", {}, 1, "en"), folder) as run:
        run.judge(FIRST, chat)
        assert os.listdir(temporary)
    assert os.listdir(temporary) == []
    if sys.platform == "linux":
        assert processes_of(temporary) == []


def test_digests_of_the_programs(tmp_path: Path):
    assert digests(tmp_path) == {}
    (tmp_path / "client.py").write_bytes(b"")
    (tmp_path / "other.py").write_bytes(b"")
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert digests(tmp_path) == {"client.py": empty}
    assert digests(REFERENCE).keys() == {"server.py", "client.py"}


def test_a_story_asks_for_what_it_needs(grades: Grades):
    asked = []

    def story(server: object, room: Room) -> None:
        asked.append((server, room))

    def wrong(reference: object) -> None:
        raise AssertionError

    run = grades()
    run.judge(FIRST, roles(story))
    ((server, room),) = asked
    assert room.server is server
    assert run.judge(FIRST, roles(wrong)).outcome is Outcome.INCONCLUSIVE
