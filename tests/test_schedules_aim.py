"""What a search is after: one fault costs its own points, here as elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from harness.contract.rubric import load as load_rubric
from harness.grading.judge import REPO
from harness.schedules.cycles import (
    EVERYTHING,
    LEAVERS,
    RIVALS,
    TALKERS,
    Aim,
    calm_cycles,
    mixed_cycle,
)
from harness.schedules.fixtures import TOLD_BY_SESSIONS, Schedules, is_about_the_room
from harness.schedules.launch import Find
from harness.schedules.oracle import Violation
from tests.explored import searched
from tests.proof.chaff import load
from tests.racy.faults import write

DICT_LEAVES = "        clients.pop(name)\n"
ONLY_RACES = replace(EVERYTHING, only_races=True)


def found(server: Path, aim: Aim, seed: int = 1) -> Find | None:
    return searched(server, seed, aim).find


@pytest.fixture
def edited(tmp_path: Path) -> Callable[[str, str, str], Path]:
    """A twin with one edit."""

    def edit(twin: str, old: str, new: str) -> Path:
        server = write(twin, tmp_path / "edited")
        text = server.read_text(encoding="utf-8")
        assert text.count(old) == 1
        server.write_text(text.replace(old, new), encoding="utf-8")
        return server

    return edit


# -- one fault, one check


def test_what_goes_wrong_in_the_calm_as_well_is_no_race(edited: Callable[[str, str, str], Path]):
    # One word is never passed on: whether it is said depends on the story, not on the threads.
    server = edited(
        "dict_lock",
        "    for conn in targets:\n",
        "    if 'hujan' in text:\n        return\n    for conn in targets:\n",
    )
    seed = next(n for n in range(100) if "hujan" not in str(calm_cycles(n)[0]))
    assert found(server, EVERYTHING, seed) is not None
    assert found(server, ONLY_RACES, seed) is None


@pytest.mark.parametrize("fault", ["two_sends_for_one_message", "unlocked_counter"])
def test_a_race_is_found_though_another_check_has_failed(fault: str, tmp_path: Path):
    assert found(write(fault, tmp_path), ONLY_RACES) is not None


@pytest.mark.parametrize(
    "fault", ["lock_taken_again_by_its_holder", "lock_never_released_after_an_error"]
)
def test_a_deadlock_is_told_in_any_case(fault: str, tmp_path: Path):
    find = found(write(fault, tmp_path), ONLY_RACES)
    assert find is not None
    assert find.violation.kind == "deadlock"


def test_who_takes_a_recv_for_a_line_is_spoken_to_politely(tmp_path: Path):
    chaff = {each.name: each for each in load(REPO, load_rubric().checks)}
    chaff["recv-is-a-message"].write(REPO, tmp_path / "made")
    server = tmp_path / "made" / "server.py"
    polite = replace(TALKERS, polite=True)
    outcomes = {searched(server, seed, TALKERS).outcome for seed in range(3)}
    assert "passed" not in outcomes
    assert {searched(server, seed, polite).outcome for seed in range(3)} == {"passed"}


def test_to_whom_a_reset_is_too_much_nobody_resets():
    gentle = replace(EVERYTHING, gentle=True)
    for seed in range(3):
        rough, soft = (str(calm_cycles(seed, aim)) for aim in (EVERYTHING, gentle))
        assert "['reset']" in rough
        assert rough.replace("['reset']", "['leave']") == soft


def test_a_program_that_ends_itself_has_ended(edited: Callable[[str, str, str], Path]):
    server = edited("dict_lock", DICT_LEAVES, DICT_LEAVES + "        __import__('os')._exit(1)\n")
    assert found(server, EVERYTHING) is None
    assert searched(server, 1, ONLY_RACES).outcome == "not_explorable"


@pytest.mark.parametrize(
    ("check", "answer"),
    [
        ("nickname.unique", True),
        ("disconnect.reset", True),
        ("broadcast.log", False),
        ("nickname.log", False),
        ("start.banner", False),
        ("client.prompt", False),
        ("exploration.sessions", True),
    ],
)
def test_a_log_line_breaks_no_story(check: str, answer: bool):
    assert is_about_the_room(check) is answer


def test_what_another_check_tells_calmly_is_not_told_as_a_race():
    """Who is on the list without a name hears others in any order; here it takes a switch."""
    setting = SimpleNamespace(failed={"broadcast.joined_only"}, memory=None)
    explorer = Schedules(SimpleNamespace(setting=setting))  # type: ignore[arg-type]
    aim = explorer._fair(EVERYTHING)
    assert EVERYTHING.wants(Violation("not_joined"))
    assert not aim.wants(Violation("not_joined"))
    assert aim.wants(Violation("lost"))


def test_what_a_session_has_shown_at_the_door_is_not_told_once_more():
    aim = replace(EVERYTHING, told_elsewhere=TOLD_BY_SESSIONS)
    assert EVERYTHING.wants(Violation("refused_free"))
    assert not aim.wants(Violation("refused_free"))
    assert aim.wants(Violation("two_holders"))


# -- for the checks that are about one thing


@pytest.mark.parametrize(
    ("aim", "fault", "is_found"),
    [
        (RIVALS, "name_checked_then_taken_dict", True),
        (RIVALS, "name_checked_then_taken_on_one_line", True),
        (RIVALS, "two_sends_for_one_message", False),
        (TALKERS, "two_sends_for_one_message", True),
        (TALKERS, "lock_taken_again_by_its_holder", False),
        (TALKERS, "name_checked_then_taken_dict", False),
        (LEAVERS, "dict_changed_while_walked", True),
        (LEAVERS, "list_walked_while_changed", True),
        (LEAVERS, "name_checked_then_taken_list", False),
    ],
)
def test_each_looks_for_its_own(aim: Aim, fault: str, is_found: bool, tmp_path: Path):
    assert (found(write(fault, tmp_path), aim) is not None) is is_found


@pytest.mark.parametrize("seed", [4, 7, 9])
def test_a_variable_that_all_threads_share_is_seen_under_any_seed(seed: int, tmp_path: Path):
    # Under these the shorter talk of an earlier version missed it.
    chaff = {each.name: each for each in load(REPO, load_rubric().checks)}
    chaff["line-in-a-shared-attribute"].write(REPO, tmp_path / "made")
    assert found(tmp_path / "made" / "server.py", TALKERS, seed) is not None


def test_who_is_cut_off_by_a_leaver_in_the_calm_is_cut_off(tmp_path: Path):
    chaff = {each.name: each for each in load(REPO, load_rubric().checks)}
    chaff["removed-while-walked"].write(REPO, tmp_path / "made")
    server = tmp_path / "made" / "server.py"
    assert all(found(server, LEAVERS, seed) for seed in range(4))


def violation(kind: str, **detail: object) -> Violation:
    return Violation(kind, "s0", detail=dict(detail))


def test_what_befalls_one_who_has_left_is_nothing_for_who_stays():
    assert LEAVERS.wants(violation("exception", had_left=False))
    assert not LEAVERS.wants(violation("exception", had_left=True))
    assert EVERYTHING.wants(violation("exception", had_left=True))


def test_a_deadlock_in_which_no_line_is_lost_is_not_about_lines():
    assert TALKERS.wants(violation("deadlock", instead_of="lost"))
    assert not TALKERS.wants(violation("deadlock", instead_of="unanswered"))
    assert EVERYTHING.wants(violation("deadlock", instead_of="unanswered"))


def test_an_aim_covers_what_it_could_have_found():
    assert EVERYTHING.covers("crowd", violation("anything"))
    assert RIVALS.covers("names", violation("two_holders"))
    assert not RIVALS.covers("handover", violation("two_holders"))
    assert not RIVALS.covers("names", violation("lost"))


def test_a_storm_can_be_left_out():
    fewer = EVERYTHING.without("slow")
    assert "slow" not in fewer.storms
    assert [cycle["storm"] for cycle in calm_cycles(1, fewer)] == list(fewer.calm)
    assert set(EVERYTHING.calm) - set(fewer.calm) == {"slow"}


@pytest.mark.parametrize("aim", [EVERYTHING, RIVALS, LEAVERS])
def test_in_one_process_nobody_comes_again_under_the_same_name(aim: Aim):
    for seed in range(5):
        calm = calm_cycles(seed, aim)
        mixed = [mixed_cycle(seed, at, [], aim) for at in range(24)]
        rows = [calm, *(mixed[at : at + aim.a_session] for at in range(0, 24, aim.a_session))]
        for cycles in rows:
            named = [
                set(re.findall(r"[a-z]+[1-9][0-9](?=\W)", str(each["phases"]))) for each in cycles
            ]
            assert all(named)
            assert sum(map(len, named)) == len(set().union(*named))
