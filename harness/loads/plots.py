"""Curves: points in, SVG out. Dashes and marks tell them apart, and not colour alone.

Both axes may be logarithmic: a cost that is twice as high is then as far apart everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from harness.contract.rubric import Language
from harness.loads.load_words import numeral
from harness.record import svg

WIDTH, HEIGHT = 720.0, 300.0
LEFT, RIGHT, TOP, BOTTOM = 78.0, 34.0, 34.0, 46.0
DASHES = ("none", "7 4", "2 3")
MARK = 3.5
MOST_MARKS = 40


@dataclass(frozen=True, slots=True)
class Curve:
    """One curve: what it is called, its number among the curves of the page, its points."""

    label: str
    kind: int
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Axis:
    """What is along an axis: in which unit, whether in powers of ten, how numbers are written."""

    label: str
    is_log: bool = False
    lang: Language = "en"

    def ticks(self, values: Sequence[float]) -> list[float]:
        """Round numbers that the values lie between, the smallest first."""
        low, high = min(values), max(values)
        if self.is_log:
            first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
            return [10.0**power for power in range(first, max(last, first + 1) + 1)]
        step = 10.0 ** math.floor(math.log10(max(high - min(low, 0.0), 1e-9)))
        step *= next(f for f in (0.2, 0.5, 1.0, 2.0) if (high - min(low, 0.0)) / (step * f) <= 6)
        return [step * at for at in range(max(math.ceil(high / step), 1) + 1)]

    def place(self, value: float, ticks: Sequence[float]) -> float:
        """Where it lies between the first tick (0) and the last (1)."""
        if self.is_log:
            low, high, value = (math.log10(each) for each in (ticks[0], ticks[-1], value))
            return (value - low) / (high - low)
        return (value - ticks[0]) / (ticks[-1] - ticks[0])


def plot(name: str, title: str, said: str, curves: Sequence[Curve], across: Axis, up: Axis) -> str:
    """The curves as a picture; ``said`` stands for it where it cannot be seen.

    What a logarithmic axis cannot show (nothing, or less) is left out; empty without any point.
    """
    kept = [Curve(each.label, each.kind, _shown(each.points, across, up)) for each in curves]
    kept = [each for each in kept if each.points]
    points = [point for each in kept for point in each.points]
    if not points:
        return ""
    root = svg.picture(WIDTH, HEIGHT, name, title, said)
    x_ticks = across.ticks([x for x, _ in points])
    y_ticks = up.ticks([y for _, y in points])
    wide, tall = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    for tick in y_ticks:
        y = TOP + tall * (1 - up.place(tick, y_ticks))
        svg.element(root, "line", "life", x1=LEFT, y1=y, x2=WIDTH - RIGHT, y2=y)
        svg.text(root, LEFT - 8, y + 4, _number(tick, up.lang), "time", text_anchor="end")
    for tick in x_ticks:
        x = LEFT + wide * across.place(tick, x_ticks)
        told = _number(tick, across.lang)
        svg.text(root, x, HEIGHT - BOTTOM + 18, told, "time", text_anchor="middle")
    svg.text(root, LEFT, 14.0, up.label, "role")
    svg.text(root, WIDTH - RIGHT, HEIGHT - 8, across.label, "role", text_anchor="end")
    for curve in kept:
        places = [
            (LEFT + wide * across.place(x, x_ticks), TOP + tall * (1 - up.place(y, y_ticks)))
            for x, y in curve.points
        ]
        _draw(root, curve, places)
    _legend(root, kept)
    return svg.markup(root)


def _shown(
    points: Sequence[tuple[float, float]], across: Axis, up: Axis
) -> list[tuple[float, float]]:
    return [(x, y) for x, y in points if (x > 0 or not across.is_log) and (y > 0 or not up.is_log)]


def _draw(root: svg.Element, curve: Curve, places: Sequence[tuple[float, float]]) -> None:
    group = svg.element(root, "g")
    svg.tooltip(group, curve.label)
    line = " ".join(f"{svg.number(x)},{svg.number(y)}" for x, y in places)
    svg.element(
        group, "polyline", f"curve curve-{curve.kind}", points=line, fill="none",
        stroke_dasharray=DASHES[curve.kind % len(DASHES)],
    )  # fmt: skip
    if len(places) <= MOST_MARKS:
        for x, y in places:
            _mark(group, curve.kind, x, y)


def _mark(root: svg.Element, kind: int, x: float, y: float) -> None:
    """A dot, a square or a triangle."""
    style = f"mark-{kind}"
    if kind % 3 == 0:
        svg.element(root, "circle", style, cx=x, cy=y, r=MARK)
    elif kind % 3 == 1:
        side = 2 * MARK
        svg.element(root, "rect", style, x=x - MARK, y=y - MARK, width=side, height=side)
    else:
        corners = ((x, y - 4.5), (x - 4.5, y + 3.5), (x + 4.5, y + 3.5))
        points = " ".join(f"{svg.number(a)},{svg.number(b)}" for a, b in corners)
        svg.element(root, "polygon", style, points=points)


def _legend(root: svg.Element, curves: Sequence[Curve]) -> None:
    x = WIDTH - RIGHT
    for curve in reversed(curves):
        x -= svg.columns(curve.label) * svg.CHARACTER
        svg.text(root, x, 14.0, curve.label, "name")
        dashes = DASHES[curve.kind % len(DASHES)]
        svg.element(
            root, "line", f"curve curve-{curve.kind}", x1=x - 34, y1=10.0, x2=x - 6, y2=10.0,
            stroke_dasharray=dashes,
        )  # fmt: skip
        _mark(root, curve.kind, x - 20, 10.0)
        x -= 52


def _number(value: float, lang: Language) -> str:
    return numeral(f"{value:,.0f}" if value >= 10 else f"{value:g}", lang)
