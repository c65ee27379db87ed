"""`bench fanout`: who passes a line on how fast, measured in turn and told as a ratio."""

from __future__ import annotations

import platform
import sys
from pathlib import Path

import pytest

from harness.loads.driver import Ending
from harness.loads.figures import Burst, Figures
from harness.loads.ledger import Flaw
from tests.proof import bench, fan_out
from tests.proof.fan_out import BARE, Costs


def measured(rate: float, **more: object) -> Figures:
    found = Figures(3, burst=Burst(10, 20, 20 / rate, 0.0002, 0.0001), ending=Ending.DONE)
    for name, value in more.items():
        setattr(found, name, value)
    return found


def test_a_ratio_is_that_of_one_round_and_the_median_of_all():
    costs = {"a": Costs(), BARE: Costs()}
    # The machine was half as fast in the second round: the ratios are 2, 2 and 3.
    for mine, bare in ((200.0, 100.0), (100.0, 50.0), (300.0, 100.0)):
        costs["a"].add(measured(mine))
        costs[BARE].add(measured(bare))
    head, first, second = fan_out.told(100, costs)
    assert head == "100 receivers"
    assert "200 deliveries/s" in first and "2.00 of the bare loop (2.00 to 3.00)" in first
    assert "10.0 us each" in first
    assert "1.00 of the bare loop" in second


@pytest.mark.parametrize(
    "found",
    [
        measured(1.0, flaws={Flaw.LOST: 1}),
        measured(1.0, ending=Ending.STALLED),
        measured(1.0, burst=None),
    ],
)
def test_what_was_not_right_is_no_measurement(found: Figures):
    with pytest.raises(ValueError, match="wrong or lost"):
        Costs().add(found)


def test_each_server_begins_in_its_turn():
    assert fan_out.rounds_of("abc", 4) == [
        ["a", "b", "c"], ["b", "c", "a"], ["c", "a", "b"], ["a", "b", "c"],
    ]  # fmt: skip


def test_all_servers_pass_lines_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    monkeypatch.setattr(fan_out, "RECEIVERS", (5,))
    monkeypatch.setattr(fan_out, "DELIVERIES", 50)
    monkeypatch.setattr(bench, "FAN_OUT_ROUNDS", 1)
    assert bench.main(["fanout", f"--pythons={sys.executable}"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("5 receivers\n")
    mine = f"writer threads, {platform.python_version()}"
    assert all(name in told for name in ("reference", "asyncio", "selectors", BARE, mine))


def test_what_is_no_python_is_said_before_anything_is_measured(capsys):
    assert bench.main(["fanout", "--pythons=nowhere"]) == 4
    told = capsys.readouterr()
    assert not told.out and "'nowhere' is no Python that the kit runs on" in told.err
