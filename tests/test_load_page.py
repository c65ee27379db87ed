"""The page of `load` and its plots: what is drawn, and that nothing in it is markup of others."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from harness.loads.driver import Ending
from harness.loads.figures import Burst, Figures, OverTime, PerClient, Spread
from harness.loads.ledger import Flaw, FlawExample
from harness.loads.load_page import load_page
from harness.loads.load_results import measured_here
from harness.loads.one_load import LoadPlan
from harness.loads.plots import Axis, Curve, plot
from tests.hostile import TEXTS

pytest.importorskip("jinja2")
ACROSS, UP = Axis("clients", is_log=True), Axis("ms", is_log=True)


def figures(clients: int, late: float = 0.004, **more: object) -> Figures:
    found = Figures(clients, clients, 0.5, per_client=PerClient(25_000.0, 1.0, 1.0))
    found.burst = Burst(10, 10 * clients, 0.1, 0.02, 0.01)
    found.latency = Spread(100, late, 2 * late, 3 * late, 4 * late)
    found.over_time = [OverTime(n / 10, late, 4 * late) for n in range(5)]
    found.ending = Ending.DONE
    for name, value in more.items():
        setattr(found, name, value)
    return found


def told(*runs: dict[str, Figures], is_interrupted: bool = False) -> str:
    plans = [LoadPlan(each["yours"].clients, 10, 5, 10.0, 1) for each in runs]
    return load_page(
        list(zip(plans, runs, strict=True)), "a/b", measured_here(), is_interrupted, "en"
    )


def curves_in(text: str) -> list[list[tuple[float, float]]]:
    """The points of every curve, in pixels."""
    found = re.findall(r'<polyline[^>]* points="([^"]*)"', text)
    return [[tuple(map(float, p.split(","))) for p in each.split()] for each in found]  # type: ignore[misc]


def test_a_point_that_is_ten_times_as_high_is_as_far_above_anywhere():
    points = [(10.0, 1.0), (100.0, 10.0), (1_000.0, 100.0)]
    ((first, second, third),) = curves_in(plot("p", "t", "s", [Curve("a", 0, points)], ACROSS, UP))
    assert second[0] - first[0] == pytest.approx(third[0] - second[0], abs=0.3)
    assert first[1] - second[1] == pytest.approx(second[1] - third[1], abs=0.3)
    assert first[1] > second[1]


@pytest.mark.parametrize("values", [[3.0], [0.0], [0.0, 7.3], [5.0, 5.0], [0.001, 12_345.0]])
def test_all_values_lie_between_the_ticks(values: list[float]):
    for axis in (Axis("a"), Axis("a", is_log=True)):
        shown = [value for value in values if value > 0 or not axis.is_log]
        if shown:
            ticks = axis.ticks(shown)
            assert len(ticks) >= 2
            assert all(-1e-9 <= axis.place(value, ticks) <= 1 + 1e-9 for value in shown)


def test_without_a_point_nothing_is_drawn():
    assert plot("p", "t", "s", [Curve("a", 0, [(10.0, 0.0)])], ACROSS, UP) == ""


def test_a_picture_can_be_read_without_seeing_it():
    root = ElementTree.fromstring(plot("p", "t", "said", [Curve("a", 0, [(1.0, 1.0)])], ACROSS, UP))
    assert root.get("role") == "img"
    assert [each.text for each in root if each.tag in ("title", "desc")] == ["t", "said"]


def test_each_number_of_clients_has_a_section_and_the_costs_are_drawn_against_it():
    one, two = ({"yours": figures(n), "ceiling_c": figures(n, 0.001)} for n in (10, 100))
    text = told(one, two)
    assert re.findall(r"<h2[^>]*>([^<]+)</h2>", text) == [
        "What stops the server", "Cost against the number of clients", "10 clients",
        "100 clients", "How to read this page",
    ]  # fmt: skip
    # Four costs and two pictures over time, with two curves each.
    assert len(curves_in(text)) == 12
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(ids) == len(set(ids))


def test_with_one_number_of_clients_there_is_no_curve_against_it():
    text = told({"yours": figures(10)})
    assert "Cost against" not in text
    assert len(curves_in(text)) == 1


def test_what_is_known_of_an_interrupted_load_is_shown_as_such():
    text = told({"yours": Figures(10, joined=4)}, is_interrupted=True)
    assert "Interrupted." in text
    assert "<svg" not in text


@pytest.mark.parametrize("hostile", TEXTS)
def test_what_a_server_said_stays_text(hostile: str):
    wrong = {"flaws": {Flaw.GARBLED: 1}, "examples": [FlawExample(Flaw.GARBLED, "ani", hostile)]}
    text = told({"yours": figures(10, reason=f"x{hostile}", **wrong)})
    assert tags(text) == tags(told({"yours": figures(10, reason="x", **wrong | {"examples": [
        FlawExample(Flaw.GARBLED, "ani", "x")]})}))  # fmt: skip


def tags(text: str) -> list[str]:
    """The elements of a page, in their order."""
    found: list[str] = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attrs: found.append(tag)  # type: ignore[method-assign]
    parser.feed(text)
    return found


def test_nothing_is_loaded_from_elsewhere():
    text = told({"yours": figures(10)})
    assert "default-src 'none'" in text
    assert not re.search(
        r"<script|<link(?! rel=\"icon\" href=\"data:)|https?://(?!www\.w3\.org)", text
    )


def test_the_page_says_what_stops_each_server_and_explains_its_words():
    text = told({"yours": figures(1000), "reference": figures(1000), "ceiling_c": figures(1000)})
    assert text.index("What stops your program:") < text.index("What stops the reference:")
    assert "What stops the bare loop" not in text
    assert all(
        f"<dt>{term}</dt>" in text for term in ("delivery", "limit of the driver", "driver late by")
    )


def test_clients_that_were_cut_off_are_not_counted_as_lines_and_joins_end_with_the_last():
    dead = figures(
        10, joined=4, flaws={Flaw.CUT_OFF: 4}, examples=[FlawExample(Flaw.CUT_OFF, "ani", "")]
    )
    rows = dict(
        re.findall(r'<tr><th scope="row">([^<]*)</th><td>([^<]*)</td>', told({"yours": dead}))
    )
    assert rows["lines wrong or lost"] == "0"
    assert rows["clients cut off or refused"] == "4"
    assert rows["joins a second"] == rows["join, p99 (ms)"] == "–"
    assert "ani, one of the simulated clients, was cut off" in told({"yours": dead})


def test_the_legend_names_only_what_is_drawn():
    curves = [Curve("drawn", 0, [(10.0, 1.0)]), Curve("nothing", 1, [])]
    text = plot("p", "t", "s", curves, ACROSS, UP)
    assert ">drawn<" in text and ">nothing<" not in text


def test_the_text_of_a_picture_tells_its_own_points():
    late = figures(10)
    late.over_time = [OverTime(n / 10, 0.001, each) for n, each in enumerate((0.002, 0.004, 0.009))]
    assert "your program 4.0 / 9.0 ms" in told({"yours": late})
