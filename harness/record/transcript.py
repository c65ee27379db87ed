"""The journal as a story that a person can read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.contract.rubric import Language
from harness.contract.sentences import quoted, visible
from harness.record.journal import Event, What

_VERBS: dict[What, dict[Language, str]] = {
    What.START: {"id": "$ python {text}", "en": "$ python {text}"},
    What.PRINT: {"id": "{who} mencetak ({to}) {quoted}", "en": "{who} prints ({to}) {quoted}"},
    What.CONNECT: {"id": "{who} terhubung", "en": "{who} connects"},
    What.SAY: {"id": "{who} -> {to}  {quoted}", "en": "{who} -> {to}  {quoted}"},
    What.SEE: {"id": "{to} <- {who}  {quoted}", "en": "{to} <- {who}  {quoted}"},
    What.LEAVE: {"id": "{who} pergi (FIN)", "en": "{who} leaves (FIN)"},
    What.RESET: {"id": "{who} putus mendadak (RST)", "en": "{who} is cut off (RST)"},
    What.HALF_CLOSE: {
        "id": "{who} selesai berbicara, masih membaca",
        "en": "{who} has done talking, still reads",
    },
    What.STOP_READING: {"id": "{who} berhenti membaca", "en": "{who} stops reading"},
    What.CLOSED: {"id": "{who} menutup koneksi {to}", "en": "{who} closes {to}'s connection"},
    What.INTERRUPT: {"id": "Ctrl-C ditekan", "en": "Ctrl-C is pressed"},
    What.TYPE: {"id": "{who} mengetik {quoted}", "en": "{who} types {quoted}"},
    What.SHOW: {"id": "layar {who}: {quoted}", "en": "{who}'s screen: {quoted}"},
    What.RUN: {"id": "utas {who}: baris {to}  {text}", "en": "thread {who}: line {to}  {text}"},
    What.HELD: {
        "id": "utas {who}: baris {to}  {text}    <- berhenti di sini",
        "en": "thread {who}: line {to}  {text}    <- stopped here",
    },
    What.WAIT: {
        "id": "utas {who} menunggu lock di baris {to}; dipegang {text}",
        "en": "thread {who} waits for a lock at line {to}; held by {text}",
    },
    What.MEASURE: {"id": "{who}: {text}", "en": "{who}: {text}"},
    What.END: {"id": "{who} diakhiri oleh penilai", "en": "{who} is ended by the grader"},
    What.MISSING: {
        "id": "{to} <- {who}  {quoted}  TIDAK DATANG",
        "en": "{to} <- {who}  {quoted}  DID NOT COME",
    },
    What.UNWANTED: {
        "id": "{to} <- {who}  {quoted}  TIDAK SEHARUSNYA",
        "en": "{to} <- {who}  {quoted}  SHOULD NOT HAVE COME",
    },
}

MARK = ">>> "


def told(event: Event, lang: Language) -> str:
    """One event as a line without its time."""
    text = visible(event.text.expandtabs(4).replace("\n", " "))
    return _VERBS[event.what][lang].format(
        who=event.who, to=event.to, text=text, quoted=quoted(event.text)
    )


def transcript(events: Iterable[Event], lang: Language, last: int | None = None) -> list[str]:
    """The story, a line an event, time first; the failing lines marked. ``last``: only so many."""
    told_events = [event for event in events if event.what is not What.END]
    shown: Sequence[Event] = told_events if last is None else told_events[-last:]
    lines = [] if len(shown) == len(told_events) else [f"{'…':>10}"]
    for event in shown:
        wrong = event.what in (What.MISSING, What.UNWANTED)
        lines.append(f"{event.t:8.3f}  {MARK if wrong else ''}{told(event, lang)}")
    return lines
