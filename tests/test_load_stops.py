"""What `load` says stops a server: which part was busy, what comes first with more clients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from harness.loads import system_limits
from harness.loads.bottleneck import Busy, Limit, allowances, bottleneck
from harness.loads.driver import Ending
from harness.loads.figures import Burst, Figures, PerClient
from harness.loads.load_results import Measured
from harness.loads.one_load import LoadPlan
from harness.loads.stops import crowd_told, stops
from harness.loads.system_limits import SystemLimits, limits_here

LIMITS = SystemLimits(1024, 4096, 32_000, 2**30)


def figures(clients: int, server: float, driver: float, seconds: float = 1.0) -> Figures:
    """100,000 deliveries in so many seconds, with so much CPU time of the two."""
    found = Figures(clients, clients, 0.5, per_client=PerClient(25_600.0, 1.0, 1.0))
    found.burst = Burst(10, 100_000, seconds, server, driver)
    found.ending = Ending.DONE
    return found


def measured(load: float | None = 0.1) -> Measured:
    return Measured("2026-11-30 20:00", "Linux", 2, "3.11.7", load, LIMITS)


def told(*runs: Mapping[str, Figures], name: str = "yours") -> list[str]:
    plans = [LoadPlan(next(iter(each.values())).clients, 10, 5, 10.0, 1) for each in runs]
    found = stops(list(zip(plans, runs, strict=True)), name, measured(), "en")
    return found.lines("en") if found else []


@pytest.mark.parametrize(
    ("server", "driver", "part"),
    [
        (0.98, 0.40, Busy.SERVER),
        # A server whose `send` runs without the interpreter's lock may use more than one core.
        (1.40, 0.90, Busy.SERVER),
        (0.30, 0.95, Busy.DRIVER),
        # Both are busy: the server may be able to do more, so nothing else can be said.
        (0.97, 0.93, Busy.DRIVER),
        (0.05, 0.05, Busy.NOBODY),
        (0.79, 0.79, Busy.NOBODY),
    ],
)
def test_who_was_busy_is_the_bottleneck(server: float, driver: float, part: Busy):
    found = bottleneck(figures(100, server, driver), cores=2)
    assert found is not None and found.part is part


def test_on_one_core_both_share_it():
    found = bottleneck(figures(100, 0.45, 0.45), cores=1)
    assert found is not None and found.part is Busy.MACHINE


def test_what_was_too_short_says_nothing():
    assert bottleneck(figures(100, 0.05, 0.05, seconds=0.05), cores=2) is None
    assert "the limit was not seen" in told({"yours": figures(100, 0.05, 0.05, 0.05)})[1]


def test_each_limit_allows_so_many_clients():
    found = {each.limit: each.clients for each in allowances(figures(100, 1.78, 0.5), LIMITS)}
    # 17.8 microseconds a delivery: 1,836 x 1,835 / 60 of them are 1.0 s of CPU time.
    assert found == {
        Limit.DESCRIPTORS: 1024,
        Limit.TALK: 1836,
        Limit.THREADS: 32_000,
        Limit.MEMORY: 2**30 // 25_600,
    }


def test_a_server_that_waits_is_limited_by_its_pace_and_not_by_its_processor_time():
    """100,000 deliveries in 20 s are 5,000 a second: 548 x 547 / 60 of them."""
    said = told({"yours": figures(100, 1.0, 1.0, seconds=20.0)})
    assert "The first limit is at 548 clients: the 5,000 lines a second" in said[2]
    assert "one core" not in " ".join(said[2:])


def test_a_limit_that_a_server_does_not_use_or_nobody_knows_is_left_out():
    event_loop = figures(100, 1.0, 0.5)
    event_loop.per_client = PerClient(None, 0.0, 1.0)
    found = {each.limit for each in allowances(event_loop, SystemLimits(1024, threads=100))}
    assert found == {Limit.DESCRIPTORS, Limit.TALK}


def test_the_sentence_names_the_limit_and_what_comes_next():
    heading, busy, first, rest = told({"yours": figures(100, 0.98, 0.4)})
    assert heading == "What stops your program:"
    assert "the limit was your program itself: it used 98% of one core" in busy
    assert "100,000 lines a second, and no more" in busy
    assert first == (
        "The first limit is at 1,024 clients: open files ('ulimit -n' is "
        "1,024 now, 4,096 are allowed)."
    )
    assert rest.startswith("After that: 2,474 clients: the time of one core")
    assert rest.index("one core") < rest.index("threads") < rest.index("memory")


def test_where_the_simulated_clients_are_the_limit_the_server_can_do_at_least_that():
    busy = told({"yours": figures(100, 0.5, 0.95)})[1]
    assert "the limit was the simulated clients" in busy
    assert "at least 100,000 lines a second" in busy
    assert "(5.0 µs a delivery), one core has time for 200,000" in busy


def test_a_server_that_waits_is_told_so():
    waiting = figures(100, 0.05, 0.05)
    assert "So your program waited" in told({"yours": waiting})[1]


def test_where_other_programs_used_the_cores_nothing_is_said_of_the_server():
    beside = figures(100, 0.05, 0.05)
    assert beside.burst is not None
    beside.burst = replace(beside.burst, machine_cpu=1.9)
    busy = told({"yours": beside})[1]
    assert "the limit was not seen" in busy
    assert "other programs 180%" in busy
    # A server that is busy all the same is its own limit.
    busy_too = figures(100, 0.95, 0.3)
    assert busy_too.burst is not None
    busy_too.burst = replace(busy_too.burst, machine_cpu=1.9)
    assert "the limit was your program itself" in told({"yours": busy_too})[1]


def test_a_server_that_ended_was_stopped_by_that():
    dead = figures(2000, 0.5, 0.5)
    dead.ending, dead.reason = Ending.SERVER_GONE, "the server ended (status 1)"
    said = told({"yours": figures(100, 0.98, 0.4)}, {"yours": dead})
    assert said[1:] == [
        "The first thing that stops it: with 2,000 clients your program did not come to the end "
        "(the server ended (status 1))."
    ]


def test_a_cost_that_grows_with_the_clients_is_told_if_the_reference_does_not_grow_so():
    slow = [{"yours": figures(n, c, 0.4), "reference": figures(n, r, 0.4)}
            for n, c, r in ((10, 1.0, 1.0), (1000, 9.0, 1.5))]  # fmt: skip
    (grown,) = [each for each in told(*slow) if "one delivery takes" in each]
    assert "9.0 times" in grown and "(the reference: 1.5 times)" in grown
    assert not [each for each in told(*slow, name="reference") if "one delivery takes" in each]
    both = [{"yours": figures(n, c, 0.4), "reference": figures(n, c, 0.4)}
            for n, c in ((10, 1.0), (1000, 9.0))]  # fmt: skip
    assert not [each for each in told(*both) if "one delivery takes" in each]


def test_nothing_is_said_of_what_was_not_seen():
    interrupted = figures(100, 0.9, 0.4)
    interrupted.ending = Ending.INTERRUPTED
    assert told({"yours": interrupted}) == []
    assert told({"yours": figures(100, 0.9, 0.4)}, name="reference") == []


@pytest.mark.parametrize(("load", "is_told"), [(0.2, False), (None, False), (3.0, True)])
def test_a_machine_that_was_busy_before_is_told(load: float | None, is_told: bool):
    assert ("Close them and measure again" in crowd_told(measured(load), "en")) is is_told


def test_the_limits_of_a_control_group_and_of_those_around_it_hold(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setattr(system_limits, "GROUPS", tmp_path)
    own = Path("/proc/self/cgroup")
    if not own.exists() or "0::/" not in own.read_text(encoding="utf-8"):
        pytest.skip("needs control groups of version 2")
    (tmp_path / "pids.max").write_text("50\n", encoding="ascii")
    (tmp_path / "memory.max").write_text("max\n", encoding="ascii")
    assert limits_here().threads == 50
    assert (limits_here().memory or 0) > 2**20
