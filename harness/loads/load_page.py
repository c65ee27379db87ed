"""The page about a `load`: the tables, latency over time, cost against N. Figures in, text out.

Needs Jinja2, the extra `report`. Nothing is loaded from elsewhere, and what a server said is text.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from harness.contract.rubric import Language
from harness.loads.figures import Figures
from harness.loads.load_results import Measured
from harness.loads.load_table import examples_told, flaws_told, table_rows
from harness.loads.load_words import load_say, numeral
from harness.loads.one_load import LoadPlan
from harness.loads.plots import Axis, Curve, plot
from harness.loads.stop_words import TERMS
from harness.loads.stops import Runs, crowd_told, stops
from harness.reports import page

TEMPLATE = "load_page.html.jinja"
# Of these servers the page says what stops them; the others are there for comparison only.
STOPPED = ("yours", "reference")


def load_page(
    runs: Runs, path: str, measured: Measured, is_interrupted: bool, lang: Language
) -> str:
    """The page about ``runs`` on the submission in ``path``."""
    from markupsafe import Markup

    made: str = page.template(TEMPLATE, Path(__file__).parent).render(
        lang=lang,
        path=path,
        machine=measured.told(runs[0][0].seed, lang),
        is_interrupted=is_interrupted,
        crowd=crowd_told(measured, lang),
        stops=[each for name in STOPPED if (each := stops(runs, name, measured, lang))],
        terms=TERMS,
        sections=[_section(plan, columns, lang) for plan, columns in runs],
        costs=_costs(runs, lang) if len(runs) > 1 else [],
        draw=Markup,
        say=lambda key, **facts: load_say(key, lang, **facts),
    )
    return made


def _section(plan: LoadPlan, columns: Mapping[str, Figures], lang: Language) -> dict[str, Any]:
    """All about one number of clients."""
    return {
        "id": f"n{plan.clients}",
        "heading": load_say("page_clients", lang, clients=f"{plan.clients:,}"),
        "plan": load_say(
            "heading", lang, clients=f"{plan.clients:,}", at_once=plan.at_once,
            messages=plan.messages, rate=f"{plan.rate:g}",
        ),
        "heads": [load_say(name, lang) for name in columns],
        "rows": table_rows(columns, lang),
        "remarks": [
            remark
            for name, each in columns.items()
            for remark in _remarks(name, each, lang)
        ],
        "picture": _over_time(plan, columns, lang),
    }  # fmt: skip


def _remarks(name: str, figures: Figures, lang: Language) -> list[str]:
    facts = {"who": load_say(name, lang), "clients": f"{figures.clients:,}"}
    said = []
    if figures.reason:
        said.append(load_say("broken_off", lang, why=figures.reason, **facts))
    if figures.flaws:
        said.append(load_say("some_wrong", lang, flaws=flaws_told(figures, lang), **facts))
        said += examples_told(figures, lang)
    return said


def _over_time(plan: LoadPlan, columns: Mapping[str, Figures], lang: Language) -> str:
    """How late each message came to the last of its listeners, by when it was due."""
    curves = [
        Curve(load_say(name, lang), kind, [(o.due, o.most * 1000) for o in each.over_time])
        for kind, (name, each) in enumerate(columns.items())
    ]
    lasts = {name: [o.most * 1000 for o in each.over_time] for name, each in columns.items()}
    middles = ", ".join(
        f"{load_say(name, lang)} {numeral(f'{statistics.median(late):,.1f}', lang)} / "
        f"{numeral(f'{max(late):,.1f}', lang)} ms"
        for name, late in lasts.items()
        if late
    )
    return plot(
        f"time-{plan.clients}", load_say("plot_time", lang),
        load_say("plot_time_said", lang, middles=middles), curves,
        Axis(load_say("axis_time", lang), lang=lang),
        Axis(load_say("axis_late", lang), is_log=True, lang=lang),
    )  # fmt: skip


def _costs(runs: Runs, lang: Language) -> list[str]:
    """Each cost against the number of clients."""
    shows: dict[str, Callable[[Figures], float | None]] = {
        "plot_rate": lambda f: f.burst.rate if f.burst else None,
        "plot_cpu": lambda f: f.burst.cost * 1e6 if f.burst and f.burst.cost else None,
        "plot_memory": lambda f: f.per_client.memory / 1024 if f.per_client.memory else None,
        "plot_late": lambda f: f.latency.p99 * 1000 if f.latency else None,
    }
    names = list(dict.fromkeys(name for _, columns in runs for name in columns))
    pictures = []
    for key, value in shows.items():
        curves = []
        for kind, name in enumerate(names):
            found = ((p.clients, value(run[name])) for p, run in runs if name in run)
            points = sorted((float(n), y) for n, y in found if y is not None)
            curves.append(Curve(load_say(name, lang), kind, points))
        said = "; ".join(
            f"{each.label}: "
            + ", ".join(
                f"{numeral(f'{x:,.0f}', lang)}: {numeral(f'{y:,.1f}', lang)}"
                for x, y in each.points
            )
            for each in curves
        )
        up = Axis(load_say(key, lang), is_log=True, lang=lang)
        across = Axis(load_say("axis_clients", lang), is_log=True, lang=lang)
        pictures.append(plot(key, load_say(key, lang), said, curves, across, up))
    return [each for each in pictures if each]
