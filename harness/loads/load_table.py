"""The figures as a table for a terminal: a column for each server. Pure: figures in, lines out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from harness.contract.rubric import Language
from harness.contract.sentences import visible
from harness.loads.figures import Figures
from harness.loads.ledger import Flaw
from harness.loads.load_words import flaw_words, load_say, numeral

LEFT, COLUMN = 34, 15
# Flaws that are counted by clients; the others by lines.
OF_CLIENTS = (Flaw.CUT_OFF, Flaw.REFUSED)


def _ms(value: float | None) -> str:
    return "" if value is None else f"{value * 1000:,.1f}"


def _us(value: float | None) -> str:
    return "" if value is None else f"{value * 1e6:,.1f}"


def _count(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"


def _driver_cpu(each: Figures) -> float | None:
    burst = each.burst
    return burst.driver_cpu / burst.deliveries if burst and burst.deliveries else None


# Each row of the table: its key in the words, and what stands in it; empty where it is unknown.
ROWS: Mapping[str, Callable[[Figures], str]] = {
    "joined": lambda f: _count(f.joined),
    "joins": lambda f: _count(f.joins_a_second),
    "join_p99": lambda f: _ms(f.join.p99 if f.join and f.have_all_joined else None),
    "deliveries": lambda f: _count(f.burst.rate if f.burst else None),
    "server_cpu": lambda f: _us(f.burst.cost if f.burst else None),
    "driver_cpu": lambda f: _us(_driver_cpu(f)),
    "driver_most": lambda f: _count(f.burst.ceiling if f.burst else None),
    "p50": lambda f: _ms(f.latency.p50 if f.latency else None),
    "p95": lambda f: _ms(f.latency.p95 if f.latency else None),
    "p99": lambda f: _ms(f.latency.p99 if f.latency else None),
    "most": lambda f: _ms(f.latency.most if f.latency else None),
    "lateness": lambda f: _ms(f.driver_lateness) if f.latency else "",
    "memory": lambda f: _decimal(f.per_client.memory, 1024),
    "threads": lambda f: _decimal(f.per_client.threads),
    "descriptors": lambda f: _decimal(f.per_client.descriptors),
    "right": lambda f: _count(f.right),
    "wrong": lambda f: _count(sum(n for flaw, n in f.flaws.items() if flaw not in OF_CLIENTS)),
    "shut_out": lambda f: _count(sum(f.flaws.get(flaw, 0) for flaw in OF_CLIENTS)),
}


def _decimal(value: float | None, unit: float = 1.0) -> str:
    # Without a sign before a zero.
    return "" if value is None else f"{round(value / unit, 1) + 0.0:,.1f}"


def table_rows(columns: Mapping[str, Figures], lang: Language) -> list[tuple[str, list[str]]]:
    """What each row is called, and its cells; a dash for what is not known."""
    unknown = load_say("unknown", lang)
    return [
        (load_say(key, lang), [numeral(shows(f), lang) or unknown for f in columns.values()])
        for key, shows in ROWS.items()
    ]


def load_table(columns: Mapping[str, Figures], lang: Language) -> list[str]:
    """The table as lines; ``columns`` has the figures by the key of the server's name."""
    heads = "".join(f"{load_say(name, lang):>{COLUMN}}" for name in columns)
    rows = table_rows(columns, lang)
    cells = [f"{name:<{LEFT}}" + "".join(f"{c:>{COLUMN}}" for c in each) for name, each in rows]
    return [" " * LEFT + heads, *cells]


def flaws_told(figures: Figures, lang: Language) -> str:
    """What was wrong, in words: how often each kind."""
    return ", ".join(flaw_words(flaw, n, lang) for flaw, n in figures.flaws.items())


def examples_told(figures: Figures, lang: Language) -> Sequence[str]:
    """The first wrong lines, whole."""
    found = []
    for each in figures.examples:
        flaw = flaw_words(each.flaw, figures.flaws.get(each.flaw, 1), lang)
        key = "example" if each.text or each.flaw is not Flaw.CUT_OFF else "example_cut_off"
        found.append(load_say(key, lang, who=each.who, text=visible(each.text), flaw=flaw))
    return found
