"""Explore the thread schedules of a submission in the run's sandbox; say what was found."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.actors.server_program import FILE
from harness.contract.symptoms import Failure, Symptom
from harness.program.sandbox import Sandbox
from harness.record.journal import Event, What
from harness.schedules.by_nickname import by_name, marked_in_words, names_of
from harness.schedules.calm_story import told_by_clients, what_came
from harness.schedules.conflict import around_locks, decisive
from harness.schedules.controlled_process import Processes
from harness.schedules.counterexample import Counterexample, ExecutedLine, Exploration
from harness.schedules.cycles import EVERYTHING, Aim
from harness.schedules.ended_by import died_in_words, ended_by, place_of
from harness.schedules.explore import explore, replay
from harness.schedules.lanes import around, waits_in_words
from harness.schedules.met_words import met_in_words
from harness.schedules.oracle import Violation

# What was broken, by the oracle's word for it.
_BROKEN: Mapping[str, tuple[str, str]] = {
    "two_holders": (
        "dua client mendapat OK untuk nama {name!r} pada saat yang sama",
        "two clients got OK for the name {name!r} at the same time",
    ),
    "nobody": (
        "beberapa client meminta nama {name!r}, dan tidak satu pun mendapatkannya",
        "several clients claimed the name {name!r} and none got it",
    ),
    "refused_free": (
        "nama {name!r} ditolak padahal bebas: {seen!r}",
        "the name {name!r} was refused though it was free: {seen!r}",
    ),
    # The line may have come later, when another client's action woke a thread.
    "lost": (
        "tidak ada lagi yang berjalan, dan {who} belum melihat {expected!r}",
        "everything was at rest, and {who} had not seen {expected!r}",
    ),
    "doubled": ("{who} melihat {seen!r} dua kali", "{who} saw {seen!r} twice"),
    "out_of_order": (
        "{who} melihat {seen!r} tidak sesuai urutannya",
        "{who} saw {seen!r} out of order",
    ),
    "garbled": (
        "pesan bercampur: {who} melihat {seen!r}",
        "messages mixed: {who} saw {seen!r}",
    ),
    "wrong_name": (
        "{who} melihat {seen!r}, seharusnya {expected!r}",
        "{who} saw {seen!r} instead of {expected!r}",
    ),
    "echo": ("pesan {who} kembali kepadanya: {seen!r}", "{who} got its own message: {seen!r}"),
    "not_joined": (
        "{who} melihat {seen!r} sebelum bergabung",
        "{who} saw {seen!r} before it had joined",
    ),
    "dropped": (
        "koneksi {who} diputus padahal ia tidak pergi",
        "{who}'s connection was ended though it had not left",
    ),
    "unanswered": (
        "{who} tidak pernah mendapat jawaban ({expected})",
        "{who} never got an answer ({expected})",
    ),
    "ended": ("server berhenti di tengah jalan", "the server ended in the middle"),
    "exception": (
        "thread {who} mati karena {seen}",
        "thread {who} died of {seen}",
    ),
    "deadlock": (
        "ada thread yang saling menunggu selamanya, dan {who} tidak pernah melihat {expected!r}",
        "threads wait for each other for ever, and {who} never saw {expected!r}",
    ),
}
_OTHER = (
    "ruang obrolan tidak lagi benar: {who} melihat {seen!r}",
    "the room went wrong: {who} saw {seen!r}",
)

_TRIED = {
    "id": ". Ditemukan setelah {n} urutan dicoba",
    "en": ". Found after {n} orders were tried",
}


def search(
    sandbox: Sandbox,
    source: Path,
    seed: int,
    aim: Aim = EVERYTHING,
    counts: Callable[[int, int], object] | None = None,
) -> Exploration:
    """Explore the server in ``source``; ``counts`` as of `explore`."""
    return explore(
        sandbox.fresh(source) / FILE,
        seed,
        python=sandbox.python,
        processes=processes(sandbox),
        aim=aim,
        counts=counts,
    )


def again(
    sandbox: Sandbox, source: Path, example: Counterexample, aim: Aim = EVERYTHING
) -> Exploration:
    """Run a saved schedule again on the server in ``source``."""
    return replay(
        example,
        sandbox.fresh(source) / FILE,
        python=sandbox.python,
        processes=processes(sandbox),
        aim=aim,
    )


def processes(sandbox: Sandbox) -> Processes:
    """Sessions run in the run's sandbox, like every other program of the submission."""

    def start(argv: list[str], folder: Path) -> subprocess.Popen[bytes]:
        # The same hashes in every run, or the same seed would not give the same schedule.
        settings = {"PYTHONHASHSEED": "0", "PYTHONUTF8": "1"}
        pipe = subprocess.PIPE
        return sandbox.spawn(argv, folder, stdin=pipe, stdout=pipe, settings=settings)

    def end(process: subprocess.Popen[bytes]) -> None:
        sandbox.end(process)
        if process.stderr is not None:
            process.stderr.close()

    return Processes(start, end)


def failure(example: Counterexample) -> Failure:
    """What the counterexample shows, for the report; ``lines`` are those that decide, if known.

    Where they are not, ``stopped`` are those at which threads were stopped.
    """
    found = _failure(example)
    if lines := _lines(example):
        return replace(found, facts={**found.facts, "lines": lines})
    if found.symptom is Symptom.SCHEDULE_BREAKS and (stopped := _stopped(example)):
        return replace(found, facts={**found.facts, "stopped": stopped})
    return found


def _stopped(example: Counterexample) -> list[str]:
    """The lines at which a thread was stopped, and what another one did then broke a promise.

    One that held a lock was safe there: the others came to wait for it, and what broke came of
    where they waited.
    """
    stops = [step for step in example.steps if step.stopped]
    if any(step.is_locked for step in stops):
        return []
    return list(dict.fromkeys(f"{step.file}:{step.line}" for step in stops))


def _lines(example: Counterexample) -> list[str]:
    """Where locks were taken and waited for, where threads met, or what an exception came from.

    Where threads met says nothing of a fault that needs no switch.
    """
    numbers = [each[key]["line"] for each in example.waits for key in ("held_since", "at")]
    if not numbers and example.conflict is not None and not example.is_calm:
        usual = [example.conflict[key] for key in ("line", "again_line", "other_line")]
        numbers = example.conflict.get("at_fault") or usual
    if not numbers and "frames" in example.violation.detail:
        place = place_of(example.violation.detail)
        return [place] if place else []
    return [f"{FILE}:{number}" for number in dict.fromkeys(numbers)]


def _failure(example: Counterexample) -> Failure:
    crash = None if example.is_calm else ended_by(example)
    nicknames = names_of(example)
    names = nicknames.values()
    died = died_in_words(example, nicknames)
    example = by_name(example)
    broken = example.violation
    if broken.kind != "deadlock":
        seen = in_words(broken)
        is_race = not example.is_calm and crash is None
        met_words = met_in_words(example.conflict) if is_race else {}
        told = [seen["id"], met_words.get("id", ""), died.get("id", "")]
        told += [step.lane for step in shown(example)] if is_race else []
        tried = _tried(example) if is_race else {}
        # Where there is no room for all of it, the end is left out.
        for pair in (died if is_race else {}, met_words, marked_in_words(names, told), tried):
            seen = {lang: f"{seen[lang]}{text}" for lang, text in pair.items()} or seen
        if example.is_calm:
            return Failure(FILE, Symptom.CALM_BREAKS, {"seen": seen})
        if crash is not None:
            return Failure(FILE, Symptom.THREAD_DIED, {"seen": seen, "crash": crash})
        met = example.conflict.get("kind", "") if example.conflict else ""
        if broken.kind == "not_joined" and met != "walked_unlocked":
            # Whatever is shown of it: it is about the order of the list and OK.
            met = "told_late"
        return Failure(FILE, Symptom.SCHEDULE_BREAKS, {"seen": seen, "met": met})
    # For a deadlock, the threads and the locks they hold say everything.
    sentences = [waits_in_words(wait) for wait in example.waits]
    first = in_words(broken)
    marked = marked_in_words(names, [first["id"], *(each[0] for each in sentences)])
    seen = {
        lang: " ".join([f"{first[lang]}{marked[lang]}.", *(each[at] for each in sentences)])
        for at, lang in enumerate(("id", "en"))
    }
    met = "left_locked" if any(_is_left_locked(wait, example) for wait in example.waits) else ""
    return Failure(FILE, Symptom.DEADLOCK, {"seen": seen, "met": met})


def _is_left_locked(wait: Mapping[str, Any], example: Counterexample) -> bool:
    """Whether the holder did not let the lock go where it should have: it went on, or has ended.

    One that waits in vain to take the lock at the same line once more has been through there
    before. What `with` has taken is let go in any case: then the holder is still inside.
    """
    is_own = wait["task"] == wait["holder_task"]
    if not is_own and not wait["holder_alive"]:
        return True
    since = wait["held_since"]["line"]
    if not any(step.line == since and ".acquire" in step.source for step in example.steps):
        return False
    if is_own:
        return bool(since == wait["at"]["line"])
    return (wait["holder_waits"] or {}).get("what") not in ("lock", "send")


def _tried(example: Counterexample) -> dict[str, str]:
    if not example.tried:
        return {}
    return {lang: text.format(n=example.tried) for lang, text in _TRIED.items()}


def in_words(broken: Violation) -> dict[str, str]:
    """A violation as a sentence in each language."""
    facts = {"who": broken.who, "expected": broken.expected, "seen": broken.seen, "name": "?"}
    facts |= {name: value for name, value in broken.detail.items() if isinstance(value, str)}
    pair = _BROKEN.get(broken.kind, _OTHER)
    return {lang: text.format_map(facts) for lang, text in zip(("id", "en"), pair, strict=True)}


def shown(example: Counterexample) -> list[ExecutedLine]:
    """The lines that are worth showing: the few that decide, where these are known."""
    if example.waits:
        return around_locks(example.steps, example.waits) or around(example.steps)
    if example.conflict is not None and "rows" in example.conflict:
        return [ExecutedLine(**row) for row in example.conflict["rows"]]
    if example.conflict is not None:
        return decisive(example.steps, example.conflict)
    return around(example.steps)


def story(example: Counterexample) -> list[Event]:
    """The schedule as events: the student's own lines, thread by thread, in the order they ran.

    What came of it is marked where it came. Who waits for a lock at the end comes last, with its
    holder and the line that took it.
    """
    if (example.is_calm or ended_by(example) is not None) and not example.waits:
        return told_by_clients(example)
    example = by_name(example)
    events: list[Event] = []
    came = what_came(example)
    for step in shown(example):
        if came is not None and example.violation.at and step.mark > example.violation.at:
            # It ran when the promise was broken already.
            events.append(replace(came, t=len(events) / 1000))
            came = None
        what = What.HELD if step.stopped else What.RUN
        events.append(Event(len(events) / 1000, step.lane, str(step.line), what, step.source))
    if came is not None and not example.waits:
        events.append(replace(came, t=len(events) / 1000))
    for wait in example.waits:
        holder = f"{wait['holder']}:{wait['held_since']['line']}"
        line = str(wait["at"]["line"])
        events.append(Event(len(events) / 1000, wait["who"], line, What.WAIT, holder))
    return events
