"""A race as lanes: the student's own lines, each in the column of the thread that ran it.

In: the events `What.RUN`, `HELD` and `WAIT` of a story. Out: SVG. Time goes down; a step to another
column is a switch from one thread to another. The lines that decide are marked by a sign and by
words: a thread was stopped there, or waits there for a lock.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.contract.rubric import Language
from harness.record import svg
from harness.record.journal import Event, What
from harness.record.transcript import told

LANES = frozenset((What.RUN, What.HELD, What.WAIT))

MARGIN, HEAD, LINE, DECIDING, SWITCH, END = 12.0, 54.0, 24.0, 42.0, 10.0, 36.0
WIDE, NARROW, GAP = 330.0, 250.0, 14.0

_T: dict[str, dict[Language, str]] = {
    "title": {"id": "Urutan thread: {check}", "en": "Order of the threads: {check}"},
    "desc": {
        "id": "{n} baris yang dijalankan oleh {threads} thread ({names}), dari atas ke bawah; "
        "{held} kali sebuah thread dihentikan. Di akhir: {seen}.",
        "en": "{n} lines run by {threads} threads ({names}), from top to bottom; a thread was "
        "stopped {held} times. At the end: {seen}.",
    },
    "thread": {"id": "thread {name}", "en": "thread {name}"},
    "held": {"id": "‖ berhenti di sini", "en": "‖ stopped here"},
    "wait": {"id": "‖ menunggu lock", "en": "‖ waits for a lock"},
    "holder": {"id": "dipegang {holder}", "en": "held by {holder}"},
}


def is_race(events: Iterable[Event]) -> bool:
    """Whether a story is told thread by thread."""
    return any(event.what in LANES for event in events)


def lanes(events: Iterable[Event], lang: Language, name: str, check: str, seen: str) -> str:
    """The picture of one race as SVG; the parameters are those of `diagram.sequence`."""
    steps = [event for event in events if event.what in LANES]
    names = list(dict.fromkeys(event.who for event in steps))
    column = WIDE if len(names) <= 2 else NARROW
    width = 2 * MARGIN + max(1, len(names)) * (column + GAP) - GAP
    height = HEAD + sum(_heights(steps)) + END + MARGIN
    facts = {
        "n": len(steps),
        "threads": len(names),
        "names": ", ".join(names),
        "held": sum(event.what is What.HELD for event in steps),
        "seen": seen,
    }
    title, said = _T["title"][lang].format(check=check), _T["desc"][lang].format(**facts)
    root = svg.picture(width, height, name, title, said)
    left = {who: MARGIN + at * (column + GAP) for at, who in enumerate(names)}
    for who in names:
        _lane(root, left[who], column, height, _T["thread"][lang].format(name=who))
    y = HEAD
    for at, (event, taken) in enumerate(zip(steps, _heights(steps), strict=True)):
        if at and steps[at - 1].who != event.who:
            _switch(root, left[steps[at - 1].who], left[event.who], y, column)
            y += SWITCH
            taken -= SWITCH
        _step(root, left[event.who], y, column, event, lang)
        y += taken
    _ending(root, y, width, seen)
    return svg.markup(root)


def _heights(steps: Sequence[Event]) -> list[float]:
    """What each step takes, the way from another thread's lane included."""
    before = [None, *(event.who for event in steps)]
    return [
        (LINE if event.what is What.RUN else DECIDING)
        + (SWITCH if was not in (None, event.who) else 0)
        for was, event in zip(before, steps, strict=False)
    ]


def _lane(root: svg.Element, x: float, column: float, height: float, said: str) -> None:
    svg.element(
        root, "rect", "lane", x=x, y=HEAD - 6, width=column, height=height - HEAD - END - 4, rx=6
    )
    group = svg.element(root, "g")
    svg.tooltip(group, said)
    svg.element(group, "rect", "head ours", x=x, y=8.0, width=column, height=32.0, rx=4)
    label = svg.cut(svg.one_line(said), column - 20)
    svg.text(group, x + column / 2, 29.0, label, "name", text_anchor="middle")


def _switch(root: svg.Element, start: float, end: float, y: float, column: float) -> None:
    """The way from one lane to the next that goes on."""
    forward = 1 if end > start else -1
    first = start + (column if forward > 0 else 0)
    last = end + (0 if forward > 0 else column)
    level = y + SWITCH / 2 - 3
    svg.element(
        root, "line", "switch", x1=first - forward * 30, y1=level, x2=last + forward * 22, y2=level,
        stroke_dasharray="3 3",
    )  # fmt: skip
    tip = last + forward * 30
    points = f"{svg.number(tip)},{svg.number(level)} "
    back = tip - forward * 8
    points += " ".join(f"{svg.number(back)},{svg.number(level + d)}" for d in (-4, 4))
    svg.element(root, "polygon", "switch-tip", points=points)


def _step(
    root: svg.Element, x: float, y: float, column: float, event: Event, lang: Language
) -> None:
    group = svg.element(root, "g")
    svg.tooltip(group, told(event, lang)[:300])
    is_deciding = event.what is not What.RUN
    if is_deciding:
        svg.element(
            group, "rect", "band unwanted", x=x + 4, y=y + 1, width=column - 8,
            height=DECIDING - 4, rx=5,
        )  # fmt: skip
    svg.text(group, x + 40, y + 16, event.to, "time", text_anchor="end")
    is_waiting = event.what is What.WAIT
    first = _T["wait"][lang] if is_waiting else svg.one_line(event.text)
    kind = "verdict unwanted" if is_waiting else "label code"
    svg.text(group, x + 48, y + 16, svg.cut(first, column - 60), kind)
    if is_deciding:
        key = "holder" if is_waiting else "held"
        said = svg.one_line(_T[key][lang].format(holder=event.text))
        svg.text(group, x + 48, y + 33, svg.cut(said, column - 60), "verdict unwanted")


def _ending(root: svg.Element, y: float, width: float, seen: str) -> None:
    group = svg.element(root, "g")
    svg.tooltip(group, seen)
    svg.element(
        group, "rect", "band missing", x=2.0, y=y + 4, width=width - 4, height=END - 6, rx=6,
        stroke_dasharray="7 5",
    )  # fmt: skip
    said = svg.cut(f"✗ {svg.one_line(seen)}", width - 30)
    svg.text(group, 14.0, y + 23, said, "verdict missing")
