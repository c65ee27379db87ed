"""The journal as a story that a person can read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from harness.contract.rubric import Language
from harness.contract.sentences import quoted, visible
from harness.record.journal import (
    CALLS_AGAIN,
    CALLS_NOT,
    QUIET,
    RUNS,
    STAYS,
    TELLS_NOT,
    WRONG,
    Event,
    What,
)
from harness.record.occasions import explaining

_VERBS: dict[What, dict[Language, str]] = {
    What.START: {"id": "$ python {text}", "en": "$ python {text}"},
    What.PRINT: {"id": "{who} mencetak ({to}) {quoted}", "en": "{who} prints ({to}) {quoted}"},
    What.CONNECT: {"id": "{who} terhubung", "en": "{who} connects"},
    What.SAY: {"id": "{who} -> {to}  {quoted}", "en": "{who} -> {to}  {quoted}"},
    What.PIECE: {
        "id": "{who} -> {to}  {quoted}  (satu segmen)",
        "en": "{who} -> {to}  {quoted}  (one segment)",
    },
    What.SEE: {"id": "{to} <- {who}  {quoted}", "en": "{to} <- {who}  {quoted}"},
    What.LEAVE: {"id": "{who} pergi (FIN)", "en": "{who} leaves (FIN)"},
    What.RESET: {"id": "{who} putus mendadak (RST)", "en": "{who} is cut off (RST)"},
    What.HALF_CLOSE: {
        "id": "{who} selesai mengirim, masih membaca",
        "en": "{who} has done talking, still reads",
    },
    What.STOP_READING: {"id": "{who} berhenti membaca", "en": "{who} stops reading"},
    What.CLOSED: {"id": "{who} menutup koneksi {to}", "en": "{who} closes {to}'s connection"},
    What.CUT_OFF: {
        "id": "{who} menutup koneksi {to}  TIDAK SEHARUSNYA",
        "en": "{who} closes {to}'s connection  SHOULD NOT HAVE",
    },
    What.INTERRUPT: {"id": "{who} menekan Ctrl-C", "en": "{who} presses Ctrl-C"},
    What.TYPE: {"id": "{who} mengetik {quoted}", "en": "{who} types {quoted}"},
    What.SHOW: {"id": "layar {who}: {quoted}", "en": "{who}'s screen: {quoted}"},
    What.RUN: {"id": "thread {who}: baris {to}  {text}", "en": "thread {who}: line {to}  {text}"},
    What.HELD: {
        "id": "thread {who}: baris {to}  {text}    <- berhenti di sini",
        "en": "thread {who}: line {to}  {text}    <- stopped here",
    },
    What.WAIT: {
        "id": "thread {who} menunggu lock di baris {to}; dipegang {text}",
        "en": "thread {who} waits for a lock at line {to}; held by {text}",
    },
    What.END: {"id": "{who} diakhiri oleh penilai", "en": "{who} is ended by the grader"},
    What.MISSING: {
        "id": "{to} <- {who}  {quoted}  TIDAK DATANG",
        "en": "{to} <- {who}  {quoted}  DID NOT COME",
    },
    What.UNWANTED: {
        "id": "{to} <- {who}  {quoted}  TIDAK SEHARUSNYA",
        "en": "{to} <- {who}  {quoted}  SHOULD NOT HAVE COME",
    },
    What.UNENDED: {
        "id": "{to} <- {who}  {quoted}  TANPA \\n DI AKHIRNYA",
        "en": "{to} <- {who}  {quoted}  WITHOUT \\n AT ITS END",
    },
}

# A line that is missing, by where it should have stood; anywhere else it is one that did not come.
_MISSING: dict[str, dict[Language, str]] = {
    "": {
        "id": "layar {who}: {quoted}  TIDAK MUNCUL",
        "en": "{who}'s screen: {quoted}  WAS NOT SHOWN",
    },
    "stdout": {
        "id": "{who} mencetak ({to}) {quoted}  TIDAK TERJADI",
        "en": "{who} prints ({to}) {quoted}  DID NOT HAPPEN",
    },
}

# The same of a line that should not be there.
_UNWANTED: dict[str, dict[Language, str]] = {
    "": {
        "id": "layar {who}: {quoted}  TIDAK SEHARUSNYA",
        "en": "{who}'s screen: {quoted}  SHOULD NOT BE THERE",
    },
    "stdout": {
        "id": "{who} mencetak ({to}) {quoted}  TIDAK SEHARUSNYA",
        "en": "{who} prints ({to}) {quoted}  SHOULD NOT HAVE",
    },
}

# A key that no actor of the story pressed.
_INTERRUPTED: dict[Language, str] = {"id": "Ctrl-C ditekan", "en": "Ctrl-C is pressed"}

# What is amiss with a program, by the text of the event; any other text is what it ended with.
_AMISS: dict[str, dict[Language, str]] = {
    RUNS: {"id": "masih berjalan", "en": "still runs"},
    STAYS: {"id": "belum menutup koneksinya", "en": "has not ended its connection"},
    CALLS_NOT: {"id": "tidak terhubung", "en": "has not connected"},
    CALLS_AGAIN: {"id": "terhubung sekali lagi", "en": "has connected again"},
    TELLS_NOT: {"id": "tidak menampilkan kalimat apa pun", "en": "shows no sentence"},
    "": {"id": "selesai dengan {text}", "en": "ends with {text}"},
}
_SHOULD_NOT: dict[Language, str] = {"id": "TIDAK SEHARUSNYA", "en": "SHOULD NOT BE SO"}

# What a measurement counted, by the first word of its text; the rest is the number.
_MEASURED: dict[str, dict[Language, str]] = {
    "threads": {"id": "jumlah thread {who}: {count}", "en": "number of threads of {who}: {count}"},
    "sockets": {"id": "jumlah socket {who}: {count}", "en": "number of sockets of {who}: {count}"},
    "silent": {"id": "{who} belum menjawab NICK", "en": "{who} has not answered NICK yet"},
    QUIET: {
        "id": "{count} detik tanpa kiriman dan tanpa ketikan",
        "en": "{count} s in which nothing is sent or typed",
    },
    "refused": {"id": "{who} mendapat ERR {count} kali", "en": "{who} got ERR {count} times"},
}

MARK = ">>> "
CUT = f"{'…':>10}"
# What stands beside the place where a line was said counts as so many times as far away.
FAR = 3


def told(event: Event, lang: Language) -> str:
    """One event as a line without its time."""
    if event.what is What.MEASURE:
        return measured(event, lang)
    if event.what is What.AMISS:
        whose = f"{event.who} ({event.to})" if event.to else event.who
        return f"{whose} {amiss(event, lang)}  {_SHOULD_NOT[lang]}"
    text = visible(event.text.expandtabs(4).replace("\n", " "))
    words = _VERBS[event.what]
    if event.what is What.MISSING:
        words = _MISSING.get(event.to, words)
    if event.what is What.UNWANTED:
        words = _UNWANTED.get(event.to, words)
    if event.what is What.INTERRUPT and not event.who:
        words = _INTERRUPTED
    who, to = visible(event.who), visible(event.to)
    return words[lang].format(who=who, to=to, text=text, quoted=quoted(event.text))


def amiss(event: Event, lang: Language) -> str:
    """What a program does that it should not, or how it ended; the program is not named."""
    text = visible(event.text.expandtabs(4).replace("\n", " "))
    return _AMISS.get(event.text, _AMISS[""])[lang].format(text=text)


def measured(event: Event, lang: Language) -> str:
    """What was counted, of whom, and the number."""
    text = visible(event.text.expandtabs(4).replace("\n", " "))
    what, _, count = text.partition(" ")
    if what not in _MEASURED:
        return f"{event.who}: {text}"
    return _MEASURED[what][lang].format(who=event.who, count=count)


def transcript(events: Iterable[Event], lang: Language, most: int | None = None) -> list[str]:
    """The story, a line an event, time first; the failing lines marked.

    With ``most`` at most so many lines, round the failing ones; "…" stands where some are left out.
    """
    story = [event for event in events if event.what is not What.END]
    chosen = set(range(len(story))) if most is None else window(story, most)
    lines = []
    is_race = any(event.what is What.HELD for event in story)
    for at, event in enumerate(story):
        if at in chosen:
            mark = MARK if event.what in WRONG else ""
            lines.append(f"{event.t:8.3f}  {mark}{told(event, lang)}")
        elif at - 1 in chosen or (at == 0 and not is_race):
            # What threads did before they met is no part of the story of a race.
            lines.append(CUT)
    return lines


def window(story: Sequence[Event], most: int) -> set[int]:
    """Which events to show where there is room for ``most`` lines, "…" included.

    First what is wrong, then who said that line, then what stands next to these: two before for
    one behind. Fences and the middle of a traceback come last. Without anything wrong it is the end
    that matters.
    """
    if len(story) <= most:
        return set(range(len(story)))
    wrong = [at for at, event in enumerate(story) if event.what in WRONG]
    centres = wrong or [len(story) - 1]
    said = [at for each in wrong for at in explaining(story, each)]
    distances = {
        n: min([*(_far(n, at) for at in centres), *(FAR * _far(n, at) for at in said)])
        for n in range(len(story))
    }
    others = sorted(distances, key=lambda n: (_is_beside(story[n]), distances[n]))
    chosen: set[int] = set()
    met = _met_at(story, centres[0])
    begins = [-1] if not met else []
    for at in dict.fromkeys([*centres, *met, *said, *others]):
        if len(chosen) + 1 + _cuts(chosen | {at}, len(story), begins) <= most:
            chosen.add(at)
    return chosen or {centres[0]}


def _is_beside(event: Event) -> bool:
    """Whether it says little: a fence, or the indented middle of a traceback."""
    is_middle = event.what is What.PRINT and event.to == "stderr" and event.text[:1] == " "
    return event.is_fence or is_middle


def _far(at: int, centre: int) -> int:
    return 2 * (at - centre) if at > centre else centre - at


def _met_at(story: Sequence[Event], end: int) -> list[int]:
    """Where a thread was stopped last before ``end``, and what others and it itself did then.

    Of what others did, rather that they passed the line at which it was stopped.
    """
    held = [at for at in range(end) if story[at].what is What.HELD]
    if not held:
        return []
    after = [at for at in range(held[-1] + 1, end) if story[at].what is What.RUN]
    others = [at for at in after if story[at].who != story[held[-1]].who]
    own = [at for at in after if at not in others and at > max(others, default=end)]
    before = [at for at in range(held[-1]) if story[at].who == story[held[-1]].who]
    same = [at for at in others if story[at].to == story[held[-1]].to]
    return [held[-1], *(same[:1] or others[-1:]), *own[:1], *before[-1:]]


def _cuts(chosen: set[int], length: int, begins: Sequence[int] = (-1,)) -> int:
    """How many times "…" stands between and after the chosen ones, and before them.

    ``begins`` is empty where nothing stands before them, whatever is left out.
    """
    places = [*begins, *sorted(chosen), length]
    return sum(after - before > 1 for before, after in pairwise(places))
