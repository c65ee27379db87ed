"""How races are measured: what is counted, how it is printed, and hammering that is never wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.schedules.cycles import CALM, RIVALS, Aim, mixed_cycle
from harness.schedules.launch import Launch
from harness.schedules.storms import STORMS
from tests.proof import hammer, races
from tests.proof.races import (
    FOUND,
    MISSED,
    UNSURE,
    Graded,
    Row,
    in_turn,
    launches,
)
from tests.racy.faults import FAULTS, TWINS, write
from tests.slow import slow_but

RACY = Row(
    "some_fault",
    [Graded(FOUND, 20, 0.5, True), Graded(FOUND, 32, 1.0, True), Graded(MISSED, 248, 2.5)],
    [1.0, 4.0, 2.0],
    "0 of 9",
)
RIGHT = Row("right", [Graded(MISSED, 248, 2.0), Graded(UNSURE, 20, 4.0), Graded(FOUND, 20, 3.0)])


def test_a_row_counts_what_came_out():
    assert (RACY.count(FOUND), RACY.again, RACY.seconds) == (2, 2, 4.0)


def test_the_tables_are_markdown():
    assert list(races.racy_table([RACY]))[2:] == [
        "| some_fault | 2 of 3 | 2 | 32 | 2.00 | 2.0 / 4.0 | 0 of 9 |"
    ]
    assert list(races.wheat_table([RIGHT]))[2:] == ["| right | 3 | 1 | 1 | 3.00 | - |"]
    for table in (races.racy_table([RACY]), races.wheat_table([RIGHT])):
        assert len({row.count("|") for row in table}) == 1


def test_programs_take_turns():
    assert in_turn("ab", 5) == [("a", 0), ("b", 0), ("a", 1), ("b", 1), ("a", 2)]
    assert in_turn("ab", 3, 7) == [("a", 7), ("b", 7), ("a", 8)]


def test_a_race_is_found_and_fails_again_and_its_twin_passes(tmp_path: Path):
    chaff = write("two_sends_for_one_message", tmp_path / "chaff")
    twin = write(FAULTS["two_sends_for_one_message"].twin, tmp_path / "twin")
    with launches() as make:
        found, passed = races.graded(make(chaff, 2), 1), races.graded(make(twin, 2), 1)
        assert races.whole(make(chaff, 2), 1) > 0
    assert (found.outcome, found.again) == (FOUND, True)
    assert (passed.outcome, passed.again) == (MISSED, False)
    assert passed.cycles > found.cycles > 0


def test_what_does_not_fail_again_is_not_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    chaff = write("lock_taken_again_by_its_holder", tmp_path)
    monkeypatch.setattr(races, "first_find", lambda *_: None)
    with launches() as make:
        graded = races.graded(make(chaff, 1), 1)
    assert (graded.outcome, graded.again) == (MISSED, False)


@pytest.fixture
def measures(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Runs the command with made-up outcomes for racy and for correct programs."""

    def run(racy: str, right: str, seeds: int = 2, whole: int = 0) -> int:
        def graded(launch: Launch, seed: int, aim: Aim) -> Graded:
            is_racy = launch.server.parent.name in FAULTS
            return Graded(racy if is_racy else right, 20, 0.1, is_racy)

        monkeypatch.setattr(races, "graded", graded)
        arguments = [f"-n={seeds}", "--wheat=4", f"--whole={whole}"]
        return races.main([*arguments, "unlocked_counter", "writers"])

    return run


@pytest.mark.parametrize(
    ("racy", "right", "status", "said"),
    [
        (FOUND, MISSED, 0, "2 gradings of 1 racy programs: 2 found, each failed again."),
        (FOUND, MISSED, 0, "4 gradings of 1 correct programs: 0 false alarms."),
        (MISSED, MISSED, 1, "Found in fewer than 99 of 100: unlocked_counter."),
        (FOUND, FOUND, 1, "4 gradings of 1 correct programs: 4 false alarms."),
    ],
)
def test_the_command_says_whether_it_is_as_it_must(
    measures: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
    racy: str,
    right: str,
    status: int,
    said: str,
):
    assert measures(racy, right) == status
    assert said in capsys.readouterr().out


@pytest.mark.parametrize(
    ("check", "outcomes", "status"),
    [
        ("exploration.schedules", (MISSED, MISSED), 1),
        ("nickname.race", (MISSED, MISSED), 0),
        ("nickname.race", (FOUND, MISSED), 1),
        ("nickname.race", (FOUND, FOUND), 0),
    ],
)
def test_a_check_about_one_thing_finds_a_fault_always_or_never(
    monkeypatch: pytest.MonkeyPatch, check: str, outcomes: tuple[str, str], status: int
):
    def graded(launch: Launch, seed: int, aim: Aim) -> Graded:
        assert aim is races.AIMS[check]
        return Graded(outcomes[seed - 7], 20, 0.1, True)

    monkeypatch.setattr(races, "graded", graded)
    arguments = ["-n=2", "--wheat=0", "--whole=0", "--seed=7", f"--check={check}"]
    assert races.main([*arguments, "unlocked_counter"]) == status


def test_a_check_about_one_thing_is_measured_by_itself(tmp_path: Path):
    chaff = write("name_checked_then_taken_dict", tmp_path / "chaff")
    with launches() as make:
        assert races.graded(make(chaff, 1), 1, RIVALS).outcome == FOUND
    other = write("two_sends_for_one_message", tmp_path / "other")
    with launches() as make:
        assert races.graded(make(other, 1), 1, RIVALS).outcome == MISSED


def test_correct_programs_can_be_measured_by_themselves(
    measures: Callable[..., int],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    monkeypatch.setattr(races, "whole", lambda *_: pytest.fail("a racy program was explored"))
    assert measures(FOUND, MISSED, seeds=0, whole=1) == 0
    out = capsys.readouterr().out
    assert "0 gradings of 0 racy programs: 0 found" in out
    assert "4 gradings of 1 correct programs: 0 false alarms." in out


def test_an_unknown_program_name_is_told(capsys: pytest.CaptureFixture[str]):
    assert races.main(["nobody"]) == 4
    assert capsys.readouterr().err == "no fault and no program is called nobody\n"


# -- hammering


@pytest.fixture
def echoing(tmp_path: Path) -> Path:
    """A server that sends everybody's lines back to them: wrong in any order of its threads."""
    server = write("dict_lock", tmp_path / "echo")
    text = server.read_text(encoding="utf-8")
    assert text.count(" if name != sender]") == 1
    server.write_text(text.replace(" if name != sender]", "]"), encoding="utf-8")
    return server


def calm(storm: str, seed: int) -> dict[str, object]:
    return {"storm": storm, "seed": seed, "policy": CALM, "phases": STORMS[storm](seed)}


def test_hammering_sees_what_is_always_wrong(echoing: Path):
    found = hammer.hammer(echoing, calm("talk", 1))
    assert found is not None
    assert found.kind == "echo"


@pytest.mark.parametrize("twin", slow_but(1, TWINS))
def test_hammering_finds_nothing_in_a_correct_server(twin: str, tmp_path: Path):
    server = write(twin, tmp_path)
    for index in range(3):
        assert hammer.hammer(server, {**mixed_cycle(0, index, []), "policy": CALM}) is None


def test_a_whole_server_folder_can_be_measured():
    names = races.wheat()
    assert "1.contoh" in names
    assert "pemula" in names
    assert all(path.name == "server.py" for path in names.values())


def test_no_twin_takes_the_place_of_a_correct_program_of_its_name(tmp_path: Path):
    _, twins, _ = races.racy(tmp_path)
    servers = races.wheat(taken=twins)
    assert "wheat/dispatcher" in servers
    assert not servers.keys() & twins.keys()
    assert sorted(servers.values()) == sorted(races.wheat().values())
