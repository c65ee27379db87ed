"""What a case earns, what it loses beyond its own checks, and what moved between gradings."""

from harness.contract.rubric import load
from tests.proof.cases import Case
from tests.proof.chaff import Chaff
from tests.proof.grade_case import Seen
from tests.proof.points import beyond, charged, earned, moved
from tests.proof.same import Grades, is_allowed, told

RUBRIC = load()
WORDS = {"id": "x", "en": "x"}
CHAFF = Chaff("echo", WORDS, "tests/wheat/x", "server.py", (), ("broadcast.order",), (), "x:1")
CASE = Case("echo", "server.py", "tests/wheat/x", CHAFF, own=frozenset(("broadcast.order",)))


def seen(**outcomes: str) -> Seen:
    return Seen({name.replace("__", "."): o for name, o in outcomes.items()}, {}, 1.0)


def test_only_what_passed_earns_points():
    found = seen(start__listens="passed", start__banner="failed", start__restart="inconclusive")
    assert earned(RUBRIC, found) == RUBRIC.checks["start.listens"].points


def test_a_chaff_is_charged_for_what_fails_or_waits_beside_its_own_checks():
    found = seen(
        broadcast__order="failed", broadcast__log="failed", broadcast__crowd="not_reached",
        broadcast__format="passed", broadcast__unicode="not_run",
    )  # fmt: skip
    points = RUBRIC.checks["broadcast.log"].points + RUBRIC.checks["broadcast.crowd"].points
    assert beyond(RUBRIC, CASE, found) == points
    said = charged(RUBRIC, [(CASE, found)])
    assert said == [f"Points lost beyond a chaff's own checks: {points:.2f} in the mean of 1."]


def test_a_chaff_that_loses_much_beside_is_named():
    found = seen(
        broadcast__order="failed", broadcast__delivers="failed", disconnect__leave="failed"
    )
    assert charged(RUBRIC, [(CASE, found)])[-1] == "More than 5 (1): echo 9."


def test_wheat_is_charged_nothing():
    assert charged(RUBRIC, [(Case("w", "server.py", "w"), seen(start__listens="failed"))]) == []


def test_what_moved_is_named_with_its_counts_and_what_was_not_judged_is_left_out():
    both = [
        seen(broadcast__order="passed", start__banner="passed"),
        seen(broadcast__order="failed", start__banner="inconclusive"),
    ]
    assert moved(RUBRIC, both) == ["broadcast.order (1 passed, 1 failed)"]


def test_a_racy_program_may_be_moved_by_the_checks_for_races_alone():
    racy = Case("racy: x", "server.py", "x")
    race = [seen(nickname__race="passed"), seen(nickname__race="failed")]
    plain = [seen(broadcast__log="passed"), seen(broadcast__log="failed")]
    assert is_allowed(RUBRIC, Grades(racy, race))
    assert not is_allowed(RUBRIC, Grades(racy, plain))
    assert not is_allowed(RUBRIC, Grades(CASE, race))
    assert not Grades(racy, race).is_one(RUBRIC)
    assert told(RUBRIC, Grades(racy, race)) == (
        "| racy: x | 0, 2 | nickname.race (1 passed, 1 failed) |"
    )
