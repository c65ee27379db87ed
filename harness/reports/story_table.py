"""A story as the rows of a table, for who cannot or would not look at its picture."""

from __future__ import annotations

from collections.abc import Sequence

from harness.contract.rubric import Language
from harness.record.journal import WRONG, Event, What
from harness.record.lane_diagram import LANES
from harness.record.transcript import amiss, measured, window
from harness.reports.page_words import HAPPENED, say

MOST_ROWS = 300
# Characters of one text, and of all texts of a table before only the beginning of each is shown.
LONGEST, MOST_TEXT, SHORT = 6100, 60_000, 160


def story_table(story: Sequence[Event], lang: Language) -> list[dict[str, object]]:
    """A row for each event that is shown; one with ``gap`` alone where some are left out."""
    events = [event for event in story if event.what is not What.END]
    chosen = window(events, MOST_ROWS)
    rows: list[dict[str, object]] = []
    spent = left_out = 0
    for at, event in enumerate(events):
        if at not in chosen:
            left_out += 1
            continue
        if left_out:
            rows.append(_gap(left_out, lang))
            left_out = 0
        text = _text(event, LONGEST if spent < MOST_TEXT else SHORT, lang)
        spent += len(text)
        rows.append(_row(event, text, lang))
    return [*rows, _gap(left_out, lang)] if left_out else rows


def _gap(count: int, lang: Language) -> dict[str, object]:
    return {"gap": say("left_out", lang, n=count)}


def _row(event: Event, text: str, lang: Language) -> dict[str, object]:
    is_lane = event.what in LANES
    return {
        "gap": "",
        "time": "" if is_lane else f"{event.t:.3f}",
        "who": event.who,
        "to": say("line", lang, n=event.to) if is_lane else event.to,
        "what": HAPPENED[event.what][lang],
        "text": text,
        "is_wrong": event.what in WRONG or event.what in (What.HELD, What.WAIT),
    }


def _text(event: Event, limit: int, lang: Language) -> str:
    """The text in quotes, so that blanks and what is invisible show; whole up to a limit."""
    if event.what is What.MEASURE:
        return measured(event, lang)
    if event.what is What.AMISS:
        return amiss(event, lang)
    if not event.text or event.what in (What.START, What.WAIT, What.RUN, What.HELD):
        return event.text[:limit]
    cut = len(event.text) - limit
    return repr(event.text[:limit]) + (say("more", lang, n=cut) if cut > 0 else "")
