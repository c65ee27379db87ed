"""A story as a sequence diagram: events in, SVG out.

One life line for each actor, the program under test in their middle; time goes down. Three kinds
of arrow, told apart by colour, by stroke and by words:

    solid                  was seen
    dashed, with a cross   should have come and did not (`What.MISSING`)
    thick, with a sign     came and should not have (`What.UNWANTED`)

A picture holds the steps around the first wrong one, of a bounded number of actors; rows with an
ellipsis say how many steps were left out. The whole story stands in a table beside the picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.contract.rubric import Language
from harness.contract.sentences import quoted
from harness.record import svg
from harness.record.journal import WRONG, Event, What
from harness.record.shown_steps import STREAMS, Gap, actors, ends, programs, rows
from harness.record.transcript import amiss, measured, told

GUTTER, MARGIN, HEAD, STEP, MARKED_STEP, END = 88.0, 24.0, 62.0, 30.0, 46.0, 34.0
WIDE, NARROW = 228.0, 146.0

_T: dict[str, dict[Language, str]] = {
    "title": {"id": "Diagram urutan: {check}", "en": "Sequence diagram: {check}"},
    "steps": {
        "id": "{n} langkah antara {names}.",
        "en": "{n} steps between {names}.",
    },
    "wrong": {"id": "Langkah yang salah: {what}.", "en": "The wrong step: {what}."},
    "unmarked": {"id": "Di akhir cerita: {what}.", "en": "At the end of the story: {what}."},
    "left_out": {"id": "… {n} langkah lain, lihat tabel", "en": "… {n} more steps, see the table"},
    "missing": {"id": "✗ TIDAK DATANG", "en": "✗ DID NOT COME"},
    "unwanted": {"id": "! TIDAK SEHARUSNYA", "en": "! SHOULD NOT HAVE COME"},
    "unended": {"id": "! TANPA \\n DI AKHIRNYA", "en": "! WITHOUT \\n AT ITS END"},
    "amiss": {"id": "! TIDAK SEHARUSNYA", "en": "! SHOULD NOT BE SO"},
    "connect": {"id": "terhubung", "en": "connects"},
    "leave": {"id": "pergi (FIN)", "en": "leaves (FIN)"},
    "reset": {"id": "putus mendadak (RST)", "en": "is cut off (RST)"},
    "half_close": {"id": "selesai mengirim", "en": "has done talking"},
    "stop_reading": {"id": "berhenti membaca", "en": "stops reading"},
    "closed": {"id": "menutup koneksi", "en": "closes the connection"},
    "interrupt": {"id": "Ctrl-C ditekan", "en": "Ctrl-C is pressed"},
    "screen": {"id": "layar: {text}", "en": "screen: {text}"},
    "piece": {"id": "satu segmen: {text}", "en": "one segment: {text}"},
    "program": {"id": "programmu", "en": "your program"},
    "actor": {"id": "dari penilai", "en": "by the grader"},
}

# How a wrong step is drawn.
_KIND: dict[What, str] = {
    What.MISSING: "missing",
    What.UNWANTED: "unwanted",
    What.CUT_OFF: "unwanted",
    What.UNENDED: "unwanted",
    What.AMISS: "unwanted",
}
# What is written beside it, where that is not the same.
_SAID: dict[What, str] = {What.UNENDED: "unended", What.AMISS: "amiss"}

# Steps that are told in words, not by what was sent.
_WORDED: dict[What, str] = {
    What.CONNECT: "connect",
    What.LEAVE: "leave",
    What.RESET: "reset",
    What.HALF_CLOSE: "half_close",
    What.STOP_READING: "stop_reading",
    What.CLOSED: "closed",
    What.CUT_OFF: "closed",
    What.INTERRUPT: "interrupt",
}


def sequence(events: Iterable[Event], lang: Language, name: str, check: str, seen: str) -> str:
    """The diagram of one failed check as SVG.

    ``name`` is unique in the page; ``check`` and ``seen`` say what failed and how, in words.
    """
    story = list(events)
    ours = programs(story)
    shown = rows(story)
    return _Drawing(shown, actors(shown, ours), ours, lang).draw(name, check, seen, len(story))


class _Drawing:
    """One diagram while it is drawn, row by row."""

    def __init__(
        self,
        rows: Sequence[Event | Gap],
        names: Sequence[str],
        ours: Sequence[str],
        lang: Language,
    ) -> None:
        self._rows, self._names, self._ours, self._lang = rows, names, ours, lang
        self._is_marked = any(isinstance(row, Event) and row.what in WRONG for row in rows)
        self._column = WIDE if len(names) <= 5 else NARROW
        self._x = {
            name: GUTTER + self._column / 2 + n * self._column for n, name in enumerate(names)
        }
        self._width = GUTTER + max(2, len(names)) * self._column + MARGIN

    def draw(self, name: str, check: str, seen: str, steps: int) -> str:
        height = HEAD + sum(map(_height, self._rows)) + (0 if self._is_marked else END) + MARGIN
        wrong = [
            told(r, self._lang) for r in self._rows if isinstance(r, Event) and r.what in WRONG
        ]
        said = self._say("steps", n=steps, names=", ".join(self._names) or "-")
        said += " " + self._say("wrong" if wrong else "unmarked", what=wrong[0] if wrong else seen)
        root = svg.picture(self._width, height, name, self._say("title", check=check), said)
        for each in self._names:
            self._life_line(root, each, height)
        y = HEAD
        for row in self._rows:
            group = svg.element(root, "g")
            if isinstance(row, Gap):
                self._gap(group, y, row)
            else:
                self._step(group, y, row)
            y += _height(row)
        if not self._is_marked:
            self._ending(root, y, seen)
        return svg.markup(root)

    def _say(self, key: str, **facts: object) -> str:
        return _T[key][self._lang].format(**facts)

    def _life_line(self, root: svg.Element, name: str, height: float) -> None:
        x, width = self._x[name], self._column - 20
        is_ours = name in self._ours
        svg.element(root, "line", "life", x1=x, x2=x, y1=44.0, y2=height - 10)
        group = svg.element(root, "g")
        svg.tooltip(group, name)
        svg.element(
            group, "rect", "head ours" if is_ours else "head",
            x=x - width / 2, y=6.0, width=width, height=38.0, rx=4 if is_ours else 19,
        )  # fmt: skip
        label = svg.cut(svg.one_line(name), width - 20)
        svg.text(group, x, 23.0, label, "name", text_anchor="middle")
        role = self._say("program" if is_ours else "actor")
        svg.text(group, x, 37.0, role, "role", text_anchor="middle")

    def _gap(self, group: svg.Element, y: float, gap: Gap) -> None:
        said = self._say("left_out", n=gap.count)
        svg.element(
            group, "rect", "gap", x=GUTTER, y=y + 3, width=self._width - GUTTER - MARGIN / 2,
            height=STEP - 8, rx=4,
        )  # fmt: skip
        svg.text(group, self._width / 2, y + 18, said, "note-text", text_anchor="middle")

    def _step(self, group: svg.Element, y: float, event: Event) -> None:
        kind = _KIND.get(event.what, "seen")
        svg.tooltip(group, told(event, self._lang)[:300])
        if kind in _T:
            svg.element(
                group, "rect", f"band {kind}", x=2.0, y=y + 1, width=self._width - 4,
                height=MARKED_STEP - 2, rx=6,
            )  # fmt: skip
            _badge(group, 22.0, y + MARKED_STEP / 2, kind)
        svg.text(group, GUTTER - 6, y + 21, f"{event.t:.3f}", "time", text_anchor="end")
        start, end = (self._x[each] for each in ends(event, self._ours))
        if start == end:
            self._note(group, y, event, start, kind)
        else:
            self._arrow(group, y, event, start, end, kind)

    def _arrow(
        self, group: svg.Element, y: float, event: Event, start: float, end: float, kind: str
    ) -> None:
        forward = 1 if end > start else -1
        level, tip = y + 24, end - forward * 2
        line = svg.element(group, "line", f"arrow {kind}", x1=start, y1=level, y2=level)
        line.set("x2", svg.number(tip - forward * 6))
        if kind == "missing" or event.what is What.RESET:
            line.set("stroke-dasharray", "7 5" if kind == "missing" else "2 3")
        if kind == "missing":
            # It never arrives: a cross in place of the head.
            middle = tip - forward * 8
            for lift in (-5, 5):
                svg.element(
                    group, "line", "arrow missing", x1=middle - 5, y1=level - lift,
                    x2=middle + 5, y2=level + lift,
                )  # fmt: skip
        else:
            back = tip - forward * 9
            points = f"{svg.number(tip)},{svg.number(level)} "
            points += " ".join(f"{svg.number(back)},{svg.number(level + d)}" for d in (-4.5, 4.5))
            svg.element(group, "polygon", f"tip {kind}", points=points)
        room = abs(end - start) - 22
        label = svg.cut(svg.one_line(self._label(event)), room)
        worded = " worded" if event.what in _WORDED else ""
        middle = (start + end) / 2
        svg.text(group, middle, y + 18, label, f"label {kind}{worded}", text_anchor="middle")
        if kind in _T:
            svg.text(
                group,
                middle,
                y + 39,
                self._say(_SAID.get(event.what, kind)),
                f"verdict {kind}",
                text_anchor="middle",
            )

    def _note(self, group: svg.Element, y: float, event: Event, x: float, kind: str) -> None:
        """What has no other end: a print, a measurement, the start."""
        label = svg.one_line(self._label(event))
        most = self._width - GUTTER - MARGIN
        width = min(svg.columns(label) * svg.CHARACTER + 20, 2 * self._column, most)
        left = max(GUTTER, min(x - width / 2, self._width - width - MARGIN / 2))
        box = svg.element(
            group, "rect", f"note {kind}", x=left, y=y + 4, width=width, height=22.0, rx=3
        )
        if kind == "missing":
            box.set("stroke-dasharray", "5 4")
        said = svg.cut(label, width - 12)
        svg.text(group, left + width / 2, y + 19, said, f"note-text {kind}", text_anchor="middle")
        if kind in _T:
            svg.text(
                group, left + width / 2, y + 39, self._say(_SAID.get(event.what, kind)),
                f"verdict {kind}", text_anchor="middle",
            )  # fmt: skip

    def _label(self, event: Event) -> str:
        """What stands at a step: what was sent, or what was done in words."""
        if event.what in _WORDED:
            return self._say(_WORDED[event.what])
        if event.what is What.START:
            return f"$ python {event.text}"
        if event.what is What.MEASURE:
            return measured(event, self._lang)
        if event.what is What.AMISS:
            return amiss(event, self._lang)
        said = quoted(event.text)
        if event.what is What.PIECE:
            return self._say("piece", text=said)
        if event.to in STREAMS:
            return f"{event.to}: {said}"
        return said if event.to else self._say("screen", text=said)

    def _ending(self, root: svg.Element, y: float, seen: str) -> None:
        """Where no single step is wrong, the story as a whole is: that is told below it."""
        group = svg.element(root, "g")
        svg.tooltip(group, seen)
        svg.element(
            group, "rect", "band missing", x=2.0, y=y + 3, width=self._width - 4, height=END - 4,
            rx=6, stroke_dasharray="7 5",
        )  # fmt: skip
        _badge(group, 22.0, y + 3 + END / 2 - 2, "missing")
        said = svg.cut(svg.one_line(seen), self._width - 70)
        svg.text(group, 42.0, y + 23, said, "verdict missing")


def _height(row: Event | Gap) -> float:
    return MARKED_STEP if isinstance(row, Event) and row.what in WRONG else STEP


def _badge(group: svg.Element, x: float, y: float, kind: str) -> None:
    """The mark of a wrong step: a square with a cross, or a triangle with an exclamation mark."""
    if kind == "unwanted":
        points = f"{svg.number(x)},{svg.number(y - 10)} "
        points += (
            f"{svg.number(x + 11)},{svg.number(y + 9)} {svg.number(x - 11)},{svg.number(y + 9)}"
        )
        svg.element(group, "polygon", "badge unwanted", points=points)
        svg.text(group, x, y + 7, "!", "badge-text", text_anchor="middle")
    else:
        svg.element(group, "rect", "badge missing", x=x - 9, y=y - 9, width=18.0, height=18.0, rx=4)
        svg.text(group, x, y + 5, "✗", "badge-text", text_anchor="middle")
