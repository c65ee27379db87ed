"""Time is charged only while it was fair, and bounds follow the machine."""

import pytest

from harness.actors.patience import CALM, TICK, FairClock, Patience, calibrated


def clock(*, starved: bool = False) -> FairClock:
    return FairClock(lambda: starved)


def test_fair_time_is_charged_whole():
    fair = clock()
    charged = sum(fair.charge(TICK / 8) for _ in range(80))
    assert charged == pytest.approx(10 * TICK)


def test_small_times_are_gathered_and_the_program_not_asked_each_time():
    asked = []
    fair = FairClock(lambda: bool(asked.append(1)))
    assert [fair.charge(TICK * 0.4) for _ in range(2)] == [0, 0]
    assert asked == []
    assert fair.charge(TICK * 0.4) == pytest.approx(TICK * 1.2)
    assert len(asked) == 1


def test_starved_time_is_not_charged():
    fair = clock(starved=True)
    assert sum(fair.charge(TICK) for _ in range(100)) == 0


def test_starved_time_is_forgotten_and_not_charged_later():
    answers = iter([True, False])
    fair = FairClock(lambda: next(answers))
    assert fair.charge(TICK) == 0
    assert fair.charge(TICK) == pytest.approx(TICK)


def test_a_long_gap_is_the_graders_own_and_clipped():
    """Nobody waits four seconds in a look of 20 ms: the grader itself was stopped."""
    assert clock().charge(4.0) == pytest.approx(2 * TICK)


def test_a_calm_machine_has_the_bounds_as_they_stand():
    for took in (0.0, CALM / 3, CALM):
        assert calibrated(took) == Patience()


def test_a_slow_machine_has_wider_ones():
    slow = calibrated(CALM * 3)
    assert slow.scale == pytest.approx(3)
    assert slow.step == pytest.approx(Patience().step * 3)
    assert slow.start == pytest.approx(Patience().start * 3)
    assert slow.seconds(2) == pytest.approx(6)


def test_bounds_have_a_ceiling_on_the_slowest_machine():
    assert calibrated(1000.0) == calibrated(100.0)
    assert calibrated(1000.0).scale == 8


def test_what_did_not_work_before_is_waited_for_less():
    patience = Patience(step=5, start=8, scale=2)
    assert patience.hurried() == Patience(step=2, start=8, scale=2)
