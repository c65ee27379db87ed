"""From verdicts to results: SPEC section 4 to the letter, and who waits for whom."""

import json
import platform
import tomllib
from collections.abc import Mapping
from dataclasses import replace

import pytest

from harness.contract import hints
from harness.contract.rubric import LANGUAGES, Check, Language, Rubric, load
from harness.contract.symptoms import Failure, Symptom
from harness.contract.version import VERSION
from harness.grading.judge import REPO
from harness.grading.next_step import first_to_mend
from harness.grading.results import (
    Outcome,
    Run,
    State,
    Verdict,
    blame,
    document,
    exit_status,
    explained,
    group_scores,
    in_doubt,
    score,
    unmet,
)
from harness.record.journal import Event, What

WORDS = {"id": "a?", "en": "b?"}


def check(name: str, points: float, *requires: str, blame: tuple[int, ...] = (1,)) -> Check:
    return Check(name, points, requires, blame, WORDS, WORDS)


RUBRIC = Rubric(
    {
        each.id: each
        for each in (
            check("start.a", 40.0),
            check("start.b", 10.0, "start.a"),
            check("talk.c", 20.0, "start.b", blame=(2, 3)),
            check("talk.d", 30.0, "start.a"),
        )
    },
    {"start": {"id": "Awal", "en": "Start"}, "talk": {"id": "Bicara", "en": "Talk"}},
)
STORY = (Event(0.0123, "ani", "server.py", What.SAY, "halo"),)
ECHO = Failure("ani", Symptom.ECHO, {"name": "ani", "seen": "ani: halo"})


def failed(name: str, symptom: Symptom = Symptom.ECHO, **facts: object) -> Verdict:
    failure = Failure("ani", symptom, facts or ECHO.facts)
    return Verdict(name, Outcome.FAILED, failure, story=STORY, duration=0.123456)


def passed(name: str) -> Verdict:
    return Verdict(name, Outcome.PASSED)


def verdicts(*some: Verdict) -> Mapping[str, Verdict]:
    return {verdict.check: verdict for verdict in some}


def results(*some: Verdict, lang: Language = "id") -> dict:
    run = Run("a/b", {"server.py": "abc"}, 1234, lang)
    # As a reader of the file gets it.
    found = document(RUBRIC, run, verdicts(*some), 2.12345, State.COMPLETE)
    return json.loads(json.dumps(found))


MIXED = (
    passed("start.a"),
    failed("start.b"),
    Verdict("talk.c", Outcome.NOT_REACHED, reason="wait for start.b"),
    Verdict("talk.d", Outcome.NOT_RUN, reason="no terminal"),
)


def test_the_document_has_the_keys_of_the_spec_and_no_others():
    found = results(*MIXED)
    assert list(found) == (
        "schema submission state python kit seed lang duration_s score max_score "
        "groups checks".split()
    )
    assert list(found["submission"]) == ["path", "sha256"]
    assert all(list(group) == "id title score max_score".split() for group in found["groups"])
    keys = (
        "id group title outcome points max_points requires expected seen hint blame "
        "blame_is_shown places isolated story duration_s"
    ).split()
    assert all(list(row) == keys for row in found["checks"])
    (event,) = found["checks"][1]["story"]
    assert event == {"t": 0.0123, "who": "ani", "to": "server.py", "what": "say", "text": "halo"}


def test_the_documents_head():
    found = results(*MIXED)
    assert found["schema"] == "modul4-results/1"
    assert found["submission"] == {"path": "a/b", "sha256": {"server.py": "abc"}}
    assert (found["seed"], found["lang"], found["duration_s"]) == (1234, "id", 2.123)
    assert (found["state"], found["python"]) == ("complete", platform.python_version())
    assert found["kit"] == VERSION


def test_the_version_is_the_one_of_the_package():
    settings = tomllib.loads((REPO / "pyproject.toml").read_text(encoding="utf-8"))
    assert settings["project"]["version"] == VERSION


def test_the_maximum_is_fixed_from_the_start():
    """Stopped in the middle, a run has earned what it has earned of all that there is."""
    assert [(r["score"], r["max_score"]) for r in (results(), results(MIXED[0]))] == [
        (0, 100),
        (40, 100),
    ]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_failed_check_in_the_document(lang: Language):
    row = results(*MIXED, lang=lang)["checks"][1]
    assert row["outcome"] == "failed"
    assert (row["points"], row["max_points"]) == (0, 10)
    assert row["requires"] == ["start.a"]
    assert row["blame"] == ["TODO 1"]
    assert row["title"] == WORDS[lang]
    assert row["hint"] == hints.of_symptoms()["echo"][lang][0]
    assert "'ani: halo'" in row["seen"]
    assert row["expected"]
    assert row["duration_s"] == 0.1235


def test_the_other_outcomes_in_the_document():
    unfounded = replace(passed("start.a"), story=STORY)
    first, _, waiting, not_run = results(unfounded, *MIXED[1:])["checks"]
    assert (first["points"], first["max_points"]) == (40, 40)
    assert [row["outcome"] for row in (first, waiting, not_run)] == (
        "passed not_reached not_run".split()
    )
    for row in (first, waiting, not_run):
        assert (row["expected"], row["hint"], row["blame"], row["story"]) == ("", "", [], [])
    assert waiting["seen"] == "wait for start.b"
    assert not_run["seen"] == "no terminal"


def test_the_hint_may_be_one_for_this_kind_of_failure():
    silent = {"id": "diam?", "en": "silent?"}
    rubric = Rubric(
        {"start.a": replace(RUBRIC.checks["start.a"], hints={"no_reply": silent})}, RUBRIC.groups
    )
    run = Run("a/b", {}, 1, "en")
    for symptom, hint in ((Symptom.NO_REPLY, "silent?"), (Symptom.NOTHING_CAME, "b?")):
        seen = verdicts(failed("start.a", symptom))
        (row,) = json.loads(json.dumps(document(rubric, run, seen, 0.0, State.RUNNING)))["checks"]
        assert row["hint"] == hint


def test_every_check_of_the_rubric_is_there_judged_or_not():
    rubric = load()
    found = document(rubric, Run("x", {}, 0, "en"), {}, 0.0, State.RUNNING)
    rows = found["checks"]
    assert isinstance(rows, list)
    assert [row["id"] for row in rows] == [each.id for each in rubric]
    assert {row["outcome"] for row in rows} == {None}
    # What is not judged yet can be earned still.
    assert (found["score"], found["max_score"]) == (0, 100)


def test_scores_and_groups():
    found = results(*MIXED)
    assert (found["score"], found["max_score"]) == (40, 70)
    assert found["groups"] == [
        {"id": "start", "title": "Awal", "score": 40, "max_score": 50},
        {"id": "talk", "title": "Bicara", "score": 0, "max_score": 20},
    ]


@pytest.mark.parametrize(
    ("outcome", "earned", "most"),
    [
        (Outcome.PASSED, 40, 40),
        (Outcome.FAILED, 0, 40),
        (Outcome.NOT_REACHED, 0, 40),
        (Outcome.INCONCLUSIVE, 0, 40),
        (Outcome.NOT_RUN, 0, 0),
    ],
)
def test_what_an_outcome_earns(outcome: Outcome, earned: float, most: float):
    """Of the 40 points of one check; the 60 of the others can be had still."""
    verdict = failed("start.a") if outcome is Outcome.FAILED else Verdict("start.a", outcome)
    assert score(RUBRIC, verdicts(verdict)) == (earned, most + 60)


def test_full_marks_are_a_hundred():
    rubric = load()
    every = {each.id: passed(each.id) for each in rubric}
    assert score(rubric, every) == (100, 100)
    groups = group_scores(rubric, every, "en")
    assert sum(float(str(group["max_score"])) for group in groups) == 100


def test_tenths_do_not_leave_dust():
    rubric = Rubric({f"start.{n}": check(f"start.{n}", 0.1) for n in range(3)}, RUBRIC.groups)
    every = {each.id: passed(each.id) for each in rubric}
    assert score(rubric, every) == (0.3, 0.3)
    assert group_scores(rubric, every, "en")[0]["score"] == 0.3


@pytest.mark.parametrize(
    ("outcomes", "status"),
    [
        ([], 0),
        ([Outcome.PASSED, Outcome.PASSED], 0),
        ([Outcome.PASSED, Outcome.NOT_RUN], 0),
        ([Outcome.PASSED, Outcome.FAILED], 1),
        ([Outcome.NOT_REACHED], 1),
        ([Outcome.INCONCLUSIVE, Outcome.PASSED], 3),
        ([Outcome.INCONCLUSIVE, Outcome.FAILED], 3),
    ],
)
def test_exit_status(outcomes: list[Outcome], status: int):
    assert exit_status([Verdict(f"x.{n}", each) for n, each in enumerate(outcomes)]) == status


def test_a_failed_check_is_about_its_todos():
    about = RUBRIC.checks["talk.c"]
    assert blame(about, failed("talk.c")) == ["TODO 2", "TODO 3"]
    assert blame(about, passed("talk.c")) == []
    assert blame(about, failed("talk.c", Symptom.TODO_OPEN, todo=7)) == ["TODO 7"]


@pytest.mark.parametrize("symptom", [Symptom.NO_FILE, Symptom.SYNTAX_ERROR])
def test_a_file_that_cannot_run_is_no_todos_fault(symptom: Symptom):
    assert blame(RUBRIC.checks["talk.c"], failed("talk.c", symptom, file="x", error="y")) == []


def test_an_open_todo():
    assert failed("talk.c", Symptom.TODO_OPEN, todo="3").open_todo == 3
    assert failed("talk.c").open_todo is None
    assert passed("talk.c").open_todo is None


def test_mend_first_what_unlocks_most_points():
    small, large = failed("start.b"), failed("talk.d")
    assert RUBRIC.checks["talk.d"].points > RUBRIC.checks["start.b"].points
    assert first_to_mend(RUBRIC, verdicts(large, passed("start.a"), small)) is large
    waits = Verdict("talk.c", Outcome.NOT_REACHED)
    assert first_to_mend(RUBRIC, verdicts(large, small, waits)) is small
    assert first_to_mend(RUBRIC, verdicts(passed("start.a"))) is None
    assert first_to_mend(RUBRIC, {}) is None


def test_mend_what_was_tried_before_what_was_not_begun():
    open_3 = failed("start.a", Symptom.TODO_OPEN, todo=3)
    open_2 = failed("start.b", Symptom.TODO_OPEN, todo=2)
    wrong = failed("talk.d")
    assert first_to_mend(RUBRIC, verdicts(open_3, open_2, wrong)) is wrong
    assert first_to_mend(RUBRIC, verdicts(open_3, open_2)) is open_2


def test_a_race_is_told_by_the_check_that_explains_it():
    race = failed("start.b", Symptom.SCHEDULE_BREAKS)

    def died(error: str) -> Verdict:
        return failed("start.a", Symptom.NOTHING_CAME, crash={"error": error, "place": "a.py:1"})

    changed = died("RuntimeError: dictionary changed size during iteration")
    assert first_to_mend(RUBRIC, verdicts(changed, race)) is race
    assert first_to_mend(RUBRIC, verdicts(changed)) is changed
    misspelt = died("NameError: name 'x' is not defined")
    assert first_to_mend(RUBRIC, verdicts(misspelt, race)) is misspelt


def test_a_deadlock_that_shows_as_silence_is_told_by_the_check_that_names_the_lock():
    deadlock = failed("start.b", Symptom.DEADLOCK)
    silent = failed("start.a", Symptom.NOTHING_CAME, is_idle=True)
    assert first_to_mend(RUBRIC, verdicts(silent, deadlock)) is deadlock
    late = failed("start.a", Symptom.NOTHING_CAME)
    assert first_to_mend(RUBRIC, verdicts(late, deadlock)) is late


def test_a_deadlock_is_told_before_the_slow_reader_that_it_held_up():
    rubric = load()
    deadlock = failed("exploration.schedules", Symptom.DEADLOCK)
    for check in ("concurrency.slow_reader", "disconnect.mid_broadcast"):
        held_up = failed(check, Symptom.NOTHING_CAME)
        assert first_to_mend(rubric, verdicts(held_up, deadlock)) is deadlock
        assert first_to_mend(rubric, verdicts(held_up)) is held_up
    # What came and should not is no sign of a deadlock.
    twice = failed("broadcast.crowd", Symptom.CAME_TWICE)
    assert first_to_mend(rubric, verdicts(twice, deadlock)) is twice


def test_a_loop_that_goes_on_is_told_before_the_send_that_failed_for_it():
    spins = failed("start.b", Symptom.SPINS)
    crash = {"error": "BrokenPipeError: [Errno 32] Broken pipe", "place": "a.py:1"}
    broken = failed("start.a", Symptom.NOTHING_CAME, crash=crash)
    assert first_to_mend(RUBRIC, verdicts(broken, spins)) is spins
    assert first_to_mend(RUBRIC, verdicts(broken)) is broken
    misspelt = failed("start.a", Symptom.NOTHING_CAME, crash={"error": "NameError: x", "place": ""})
    assert first_to_mend(RUBRIC, verdicts(misspelt, spins)) is misspelt


def test_a_check_waits_for_what_failed():
    needs_b = RUBRIC.checks["talk.c"]
    for outcome in (Outcome.FAILED, Outcome.NOT_REACHED):
        assert unmet(needs_b, verdicts(Verdict("start.b", outcome)), ()) == "start.b"
    for outcome in (Outcome.PASSED, Outcome.INCONCLUSIVE, Outcome.NOT_RUN):
        assert unmet(needs_b, verdicts(Verdict("start.b", outcome)), ()) is None


def test_a_check_does_not_wait_for_what_was_not_judged():
    """With `-k` only some are told."""
    assert unmet(RUBRIC.checks["talk.c"], {}, ()) is None


def test_what_failed_but_was_seen_to_work_holds_up_nobody():
    seen = verdicts(failed("start.a"), failed("start.b"))
    assert unmet(RUBRIC.checks["talk.c"], seen, {"start.b"}) is None
    assert unmet(RUBRIC.checks["talk.c"], seen, {"start.a"}) == "start.b"
    assert unmet(RUBRIC.checks["start.a"], seen, ()) is None
    both = check("talk.e", 1.0, "start.a", "start.b")
    assert unmet(both, seen, {"start.a"}) == "start.b"
    assert unmet(both, verdicts(failed("start.b")), ()) == "start.b"


@pytest.mark.parametrize(
    ("verdict", "doubtful"),
    [
        (failed("nickname.accept", Symptom.NO_REPLY), ["nickname.accept"]),
        (failed("nickname.accept", Symptom.NO_REQUEST), ["nickname.accept"]),
        (failed("broadcast.delivers", Symptom.NOTHING_CAME), ["broadcast.delivers"]),
        (failed("broadcast.format", Symptom.NOTHING_CAME), []),
        # Words that are wrong, or one name that is refused: the thing itself works.
        (failed("nickname.accept", Symptom.OTHER_REPLY), []),
        (failed("nickname.accept", Symptom.VALID_REFUSED), []),
        (failed("nickname.request", Symptom.REQUEST_UNFRAMED), []),
        (passed("broadcast.delivers"), []),
    ],
)
def test_what_did_not_work_now_and_then_is_in_doubt(verdict: Verdict, doubtful: list[str]):
    rubric = load()
    assert in_doubt(rubric, rubric.checks["broadcast.order"], verdicts(verdict)) == doubtful


def test_what_no_other_check_can_be_a_sign_of_is_not_in_doubt():
    rubric = load()
    seen = verdicts(failed("nickname.unique"), failed("nickname.accept", Symptom.NO_REPLY))
    assert in_doubt(rubric, rubric.checks["nickname.race"], seen) == ["nickname.accept"]


def test_a_failure_of_the_kind_that_is_in_doubt_is_explained_by_it():
    silent, echo = Failure("ani", Symptom.NOTHING_CAME), ECHO
    assert explained(silent, ["nickname.accept", "broadcast.delivers"]) == "broadcast.delivers"
    assert explained(silent, ["nickname.accept"]) is None
    assert explained(silent, []) is None
    assert explained(echo, ["broadcast.delivers"]) is None
