"""`bench limits`: a figure is the median of rounds with its range; a lost line is no figure."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.loads.driver import Ending
from harness.loads.figures import Burst, Figures, PerClient, Spread
from tests.proof import bench, load_rounds


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ([7.84, 9.0, 7.1], "7.8 (7.1–9.0)"),
        ([61_287.4, 12_000.0, 70_000.0], "61,287 (12,000–70,000)"),
        ([None, 3.0], "3.0 (3.0–3.0)"),
        ([None], "–"),
    ],
)
def test_a_figure_has_its_range(values: list[float | None], shown: str):
    assert load_rounds.in_range(values) == shown


def test_a_row_has_every_figure():
    found = Figures(3, burst=Burst(10, 20, 0.1, 0.0002, 0.0001), ending=Ending.DONE)
    found.per_client = PerClient(2048.0, 1.0, 1.0)
    found.latency = Spread(20, 0.001, 0.002, 0.003, 0.004)
    (row,) = load_rounds.rows(1000, {"reference": [found]})
    assert row == (
        "| 1,000 | reference | 10.0 (10.0–10.0) | 200.0 (200.0–200.0) | 200,000 (200,000–200,000) |"
        " 2.0 (2.0–2.0) | 1.0 (1.0–1.0) | 3.0 (3.0–3.0) |"
    )


def test_both_servers_are_measured(monkeypatch: pytest.MonkeyPatch, capsys):
    monkeypatch.setattr(load_rounds, "CLIENTS", "3")
    monkeypatch.setattr(load_rounds, "ROUNDS", 1)
    assert bench.main(["limits"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("| clients | server | CPU µs a delivery")
    assert told[2].startswith("| 3 | reference | ")
    assert told[3].startswith("| 3 | ceiling_")
    assert told[4].startswith("Measured ")


def test_a_lost_line_is_no_measurement(monkeypatch: pytest.MonkeyPatch, capsys):
    monkeypatch.setattr(load_rounds, "CLIENTS", "3")

    def stalled(source: Path, *_: object) -> Figures:
        return Figures(3, ending=Ending.STALLED)

    monkeypatch.setattr(load_rounds, "load_on", stalled)
    assert bench.main(["limits"]) == 1
    assert "reference: lines were wrong or lost" in capsys.readouterr().out
