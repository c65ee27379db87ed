"""The pictures of the class page: numbers in, SVG out."""

from __future__ import annotations

from collections.abc import Sequence

from harness.classroom.class_words import class_say
from harness.contract.rubric import Language
from harness.record import svg

# Points of one column of the histogram; the last one holds the full points alone.
STEP = 10
COLUMN, TALLEST, FOOT, HEAD = 52.0, 150.0, 24.0, 20.0
BAR, BAR_HEIGHT = 220.0, 14.0


def spread(scores: Sequence[float], lang: Language) -> str:
    """How many had how many per cent of the points, in columns of `STEP`; 100 is a column alone."""
    counts = [0] * (100 // STEP + 1)
    for score in scores:
        counts[min(max(int(score // STEP), 0), 100 // STEP)] += 1
    rows = [
        class_say("spread_row", lang, low=at * STEP, high=min(at * STEP + STEP - 1, 100), count=n)
        for at, n in enumerate(counts)
        if n
    ]
    width, height = COLUMN * len(counts), HEAD + TALLEST + FOOT
    said = class_say("spread_desc", lang, rows="; ".join(rows))
    root = svg.picture(width, height, "spread", class_say("spread", lang), said)
    most = max([*counts, 1])
    for at, count in enumerate(counts):
        tall = TALLEST * count / most
        x, y = at * COLUMN + 4, HEAD + TALLEST - tall
        svg.element(root, "rect", "bar-score", x=x, y=y, width=COLUMN - 8, height=tall, rx=3)
        middle = at * COLUMN + COLUMN / 2
        if count:
            svg.text(root, middle, y - 5, str(count), "name", text_anchor="middle")
        label = "100" if at * STEP == 100 else f"{at * STEP}–{at * STEP + STEP - 1}"
        svg.text(root, middle, height - 7, label, "time", text_anchor="middle")
    svg.element(
        root, "line", "life", x1=0.0, y1=HEAD + TALLEST, x2=width, y2=HEAD + TALLEST
    )  # fmt: skip
    return svg.markup(root)


def share_bar(name: str, title: str, count: int, most: int, lang: Language) -> str:
    """``count`` of ``most`` as a bar; ``name`` is unique in the page."""
    label = class_say("bar", lang, count=count, most=most)
    said = class_say("bar_desc", lang, title=title, count=count, most=most)
    root = svg.picture(BAR, BAR_HEIGHT, name, label, said)
    filled = (BAR - 2) * count / most if most else 0.0
    for kind, length in (("bar-most", BAR - 2), ("bar-score", filled)):
        svg.element(root, "rect", kind, x=1.0, y=1.0, width=length, height=BAR_HEIGHT - 2, rx=3)
    return svg.markup(root)
