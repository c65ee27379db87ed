"""Points as bars: numbers in, SVG out."""

from __future__ import annotations

from harness.contract.rubric import Language
from harness.record import svg
from harness.reports.page_words import say

HEIGHT = 14.0


def bar(
    name: str, title: str, score: float, most: float, width: float, lang: Language, scale: float
) -> str:
    """A bar of ``width`` pixels for ``scale`` points: its frame is ``most``, its filling ``score``.

    ``name`` is unique in the page. The frame shows what could be earned, so that a group of few
    points looks small beside one of many.
    """
    per_point = (width - 2) / scale if scale else 0.0
    percent = round(100 * score / most) if most else 0
    label = say("bar", lang, score=f"{score:g}", most=f"{most:g}")
    said = say("bar_desc", lang, percent=percent, title=title)
    root = svg.picture(width, HEIGHT, name, label, said)
    for kind, points in (("bar-most", most), ("bar-score", score)):
        length = max(0.0, min(points, scale)) * per_point
        svg.element(root, "rect", kind, x=1.0, y=1.0, width=length, height=HEIGHT - 2, rx=3)
    return svg.markup(root)
