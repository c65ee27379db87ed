"""The last screen: the report of a run on 22 lines of 80 columns, at the end of the output.

From top to bottom: the one thing to mend, with its evidence; what else failed and what waits,
folded; what changed since the last run; the points and how many TODOs are done. Nothing depends on
a colour or a sign alone. Pure: results in, lines out.

Longer than 300 lines because each part has to know how much room the others leave it.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence

from harness.contract import hints, sentences
from harness.contract.rubric import Language, Rubric
from harness.contract.symptoms import Symptom, about
from harness.grading.next_step import first_to_mend
from harness.grading.results import Outcome, Run, Verdict, blamed_numbers
from harness.record.journal import What
from harness.record.transcript import MARK, transcript
from harness.reports.beside import FEW, beside
from harness.reports.evidence import command, hint_command, replay_command, saved_as
from harness.reports.paint import Paint
from harness.reports.since import Progress
from harness.reports.space import (
    FEWEST_MEETING,
    FEWEST_STORY,
    MEETINGS,
    MOST_HINT,
    MOST_MARKED,
    NO_STORY,
    SPACES,
    Space,
)
from harness.reports.summary import summary
from harness.reports.todo_words import todo_words

ROWS, COLUMNS = 22, 80
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
# A quoted text that is longer than that where room is short.
MOST_QUOTED = 20
QUOTED = re.compile(rf"(?<!\w)'([^']{{{MOST_QUOTED + 3},}})'(?!\w)")
TRACEBACK = "Traceback (most recent call last)"
FRAME = re.compile(r'\s*File "(?P<path>.*)", line (?P<line>\d+)(, in (?P<function>.*))?')
# Python's own modules and what was installed beside them.
LIBRARY = re.compile(r"[/\\]lib[/\\]python3|[/\\]Python3\d*[/\\]Lib[/\\]|^<frozen", re.IGNORECASE)
# Where it is told how threads met.
INTERLEAVED = (Symptom.SCHEDULE_BREAKS, Symptom.DEADLOCK)
# Rows for what else can be mended: a heading, and two of it.
BESIDE = 3
# More failures than this are many; and so many of the `SPACES`, in order, leave room for others.
MUCH, LITTLE_SHARED, MUCH_SHARED = 5, 2, 4
# Below this width lines wrap so often that the number of rows cannot be kept.
NARROW = 60
_T: dict[str, dict[Language, str]] = {
    "mend": {"id": "PERBAIKI INI DULU", "en": "MEND THIS FIRST"},
    "open": {"id": "KERJAKAN INI DULU", "en": "DO THIS NEXT"},
    "expected": {"id": "seharusnya", "en": "expected"},
    "seen": {"id": "yang terjadi", "en": "seen"},
    "error": {"id": "kesalahan", "en": "error"},
    "hint": {"id": "petunjuk", "en": "hint"},
    "wanted": {"id": "yang diminta", "en": "asked for"},
    "where": {"id": "di filemu", "en": "in your file"},
    "more": {"id": "petunjuk lain", "en": "more hints"},
    "again": {"id": "ulangi ini", "en": "this again"},
    "replay": {"id": "putar ulang", "en": "replay"},
    "more like": {
        "id": "perintah di bawah, dengan hint sebagai ganti -k, tanpa --seed",
        "en": "the command below, with hint in place of -k, without --seed",
    },
    "replay like": {
        "id": "perintah itu, dengan replay sebagai ganti -k, tanpa --seed",
        "en": "that command, with replay in place of -k, without --seed",
    },
}


def last_screen(
    rubric: Rubric,
    run: Run,
    verdicts: Mapping[str, Verdict],
    progress: Progress,
    paint: Paint,
    default_path: str,
    columns: int = COLUMNS,
    asked: Sequence[str] = (),
) -> list[str]:
    """The report as lines of at most ``columns``; ``asked``: the checks asked for, all when empty.

    A command is one line however long it is, so that it can be copied: the terminal wraps it. At
    most `ROWS` rows where there are `NARROW` columns or more.
    """
    first = first_to_mend(rubric, verdicts)
    below = summary(rubric, run, verdicts, progress, paint, columns, first, asked, default_path)
    if first is None:
        return below
    rows = ROWS - height(below, columns) - 1 if columns >= NARROW else ROWS
    assert first.failure is not None
    is_met = first.failure.symptom in INTERLEAVED
    has_others = not is_met and beside(rubric, verdicts, first, run.lang, columns, BESIDE)
    # With what else can be mended, if the story has enough room all the same; where much failed
    # it is worth more than a long story.
    failed = [v for v in verdicts.values() if v.outcome is Outcome.FAILED]
    shared = SPACES[: MUCH_SHARED if len(failed) > MUCH else LITTLE_SHARED]
    tries = [(rows - BESIDE, space) for space in shared if has_others]
    if has_others and len(failed) > MUCH:
        # At the least one of them, with its heading in its own row.
        tries += [(rows - few, space) for few in (FEW, 1) for space in (*shared, NO_STORY)]
    tries += [(rows, space) for space in (MEETINGS if is_met else SPACES)]
    for most, space in tries:
        above = _mend(rubric, run, first, progress, paint, default_path, columns, most, space)
        if height(above, columns) <= most:
            break
    room = rows - height(above, columns) if columns >= NARROW else 0
    return [*above, "", *beside(rubric, verdicts, first, run.lang, columns, room), *below]


def _mend(
    rubric: Rubric,
    run: Run,
    verdict: Verdict,
    progress: Progress,
    paint: Paint,
    default_path: str,
    columns: int,
    rows: int,
    space: Space,
) -> list[str]:
    """The one thing to mend, on ``rows`` lines if ``space`` is small enough for that."""
    assert verdict.failure is not None
    lang, check, failure = run.lang, rubric.checks[verdict.check], verdict.failure
    is_open = verdict.open_todo is not None
    head = f"{_T['open' if is_open else 'mend'][lang]}: {check.id}. {check.title[lang]}"
    lines = [paint("strong", line) for line in textwrap.wrap(head, columns)]
    if failure.symptom not in INTERLEAVED:
        # There it says no more than the title.
        expected = [sentences.expected(failure, lang)]
        most = min(space.value, space.expected)
        lines += _value("expected", expected, lang, columns, most)
    is_met = failure.symptom in INTERLEAVED
    seen = sentences.seen_parts(failure, lang)
    if is_met and _are_more(seen, lang, columns, space.value):
        seen = [_short_quotes(each) for each in seen]
    lines += _value("seen", seen, lang, columns, space.value, keeps_end=not is_met)
    is_told = "crash" in failure.facts  # what was seen begins with it
    # What a program did wrong was not done by what stopped a thread of it.
    is_cause = not about(failure.symptom).is_wrongdoing or failure.symptom is Symptom.TRACEBACK
    if not is_open and not is_told and is_cause and (error := _error(verdict)):
        lines += _value("error", [error], lang, columns, space.value)
    if wanted := progress.wanted.get(verdict.open_todo or 0):
        after = _value("wanted", [sentences.visible(wanted)], lang, columns, MOST_HINT)
    else:
        after = _value(
            "hint", [hints.of_failure(check, failure, lang)[0]], lang, columns, MOST_HINT
        )
    is_folded = space.is_folded and columns >= NARROW
    more = [hint_command(run, each, default_path) for each in (check.id, "")]
    after.append(_command("more", more, lang, columns, is_folded))
    todos = todo_words(check, verdict, progress.places, lang)
    if progress.places.keys() & set(blamed_numbers(check, verdict)):
        after += textwrap.wrap(
            todos, columns, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False
        )
    elif "where" in failure.facts:
        after += _value("where", [todos], lang, columns, 1)
    after.append(_typed("again", command(run, check.id, default_path), lang))
    if replay := replay_command(run, verdict, default_path):
        is_folded = is_folded and saved_as(verdict) == check.id
        after.append(_command("replay", [replay], lang, columns, is_folded))
    if not is_open and verdict.story:
        left = rows - height(lines, columns) - height(after, columns)
        fewest = FEWEST_MEETING if is_met and space.story == FEWEST_STORY else space.story
        lines += _story(verdict, lang, paint, columns, max(left, fewest))
    return [*lines, *after]


def _are_more(clauses: Sequence[str], lang: Language, columns: int, most: int) -> bool:
    """Whether what was seen takes more than ``most`` rows."""
    return len(_value("seen", clauses, lang, columns, most + 1)) > most


def _short_quotes(text: str) -> str:
    """With what somebody said shortened: the story below shows it again."""
    return QUOTED.sub(lambda found: f"'{found[1][:MOST_QUOTED].rstrip()} …'", text)


def _value(
    name: str,
    clauses: Sequence[str],
    lang: Language,
    columns: int,
    most: int,
    *,
    keeps_end: bool = True,
) -> list[str]:
    """A label and its text, wrapped by words, of at most ``most`` rows.

    Of two ``clauses`` the first is whole before the second has more than a row. What is too long
    is cut: in the middle where ``keeps_end``, as two lines may differ at their ends only; else at
    the end, behind a whole sentence where one ends in the last row.
    """
    label = f"  {_T[name][lang] if name in _T else name}: "
    width = max(columns - len(label), 20)
    first, *others = clauses
    whole = textwrap.wrap("; ".join(clauses), width, break_on_hyphens=False)
    if not others or len(whole) <= most:
        rows = _rows("; ".join(clauses), width, most, keeps_end)
    else:
        rows = _rows(f"{first};", width, max(most - 1, 1), keeps_end)
        for other in others if len(rows) < most else ():
            rows += _rows(other, width, most - len(rows), keeps_end)
    return [label + rows[0], *(" " * len(label) + row for row in rows[1:])]


def _rows(text: str, width: int, most: int, keeps_end: bool) -> list[str]:
    rows = textwrap.wrap(text, width, break_on_hyphens=False) or [""]
    if len(rows) > most:
        rows = textwrap.wrap(text, width, break_on_hyphens=False, max_lines=most, placeholder=" …")
        kept, _, begun = " ".join(rows).removesuffix(" …").rpartition(". ")
        if keeps_end and most > 1:
            rows[-1] = "… " + _tail(text, width - 2)
        elif not keeps_end and kept and len(begun) < width:
            rows = textwrap.wrap(f"{kept}.", width, break_on_hyphens=False)
    return rows


def _tail(text: str, width: int) -> str:
    """The last words of ``text`` that fit, or the end of the last one."""
    backwards = textwrap.wrap(text[::-1], width, break_on_hyphens=False)
    return backwards[0][::-1]


def _typed(name: str, text: str, lang: Language) -> str:
    """A label and a command."""
    return f"  {_T[name][lang]}: {text}"


def _command(name: str, forms: Sequence[str], lang: Language, columns: int, is_folded: bool) -> str:
    """A label and a command: the first of its ``forms`` that fits a row, or how to make it.

    Unless it is to be folded it is the first form, however long.
    """
    rows = [_typed(name, each, lang) for each in forms]
    words = _typed(name, _T[f"{name} like"][lang], lang)
    fits = [row for row in [*rows, words] if len(row) <= columns]
    return fits[0] if fits and is_folded else rows[0]


def height(lines: Sequence[str], columns: int) -> int:
    """How many rows of a terminal so wide ``lines`` take."""
    return sum(max(1, -(-len(COLOUR.sub("", line)) // columns)) for line in lines)


def _error(verdict: Verdict) -> str:
    """The exception of the last traceback on stderr, and its last line in the student's own file.

    Of a traceback that is cut off, or where there is none: nothing. An open TODO is no error.
    """
    rows = [row.rstrip() for row in verdict.stderr.splitlines() if row.strip()]
    begins = [at for at, row in enumerate(rows) if row.lstrip().startswith(TRACEBACK)]
    if not begins:
        return ""
    depth = len(rows[begins[-1]]) - len(rows[begins[-1]].lstrip())
    frames: list[tuple[str, str]] = []
    for row in rows[begins[-1] + 1 :]:
        if frame := FRAME.fullmatch(row):
            function = f", {name}" if (name := frame["function"] or "<")[0] != "<" else ""
            frames.append((frame["path"], frame["line"] + function))
        elif row.strip().startswith("NotImplementedError: TODO "):
            return ""
        elif len(row) - len(row.lstrip()) <= depth:
            own = [(path, line) for path, line in frames if not LIBRARY.search(path)]
            path, line = (own or [("", "")])[-1]
            place = re.split(r"[/\\]", path)[-1]
            return sentences.visible(f"{row.strip()}  ({place}:{line})" if place else row.strip())
    return ""


def _story(verdict: Verdict, lang: Language, paint: Paint, columns: int, rows: int) -> list[str]:
    """The part of the story that matters: the events round the marked one, as many as fit.

    Where not even `FEWEST_STORY` fit it is the marked ones alone, or nothing.
    """
    is_race = any(event.what is What.RUN for event in verdict.story)
    if rows < FEWEST_STORY:
        lines = [each for each in transcript(verdict.story, lang, FEWEST_STORY) if MARK in each]
        return _laid_out(lines[: max(rows, 0)], paint, columns, is_race)
    # A marked event may take several rows.
    for most in range(rows, FEWEST_STORY, -1):
        shown = _laid_out(transcript(verdict.story, lang, most), paint, columns, is_race)
        if len(shown) <= rows:
            return shown
    return _laid_out(transcript(verdict.story, lang, FEWEST_STORY), paint, columns, is_race)


def _laid_out(lines: Sequence[str], paint: Paint, columns: int, is_race: bool = False) -> list[str]:
    """Events as rows: what is wrong is wrapped, as it stands at the end; all else is cut.

    In a race it is cut too: the sentence has it whole, and the rows are for the threads.
    """
    shown = []
    for line in lines:
        if MARK in line and len(line) > columns and not is_race:
            rows = textwrap.wrap(line, columns, subsequent_indent=" " * 13, max_lines=MOST_MARKED)
            shown += [paint("bad", row) for row in rows]
        else:
            shown.append(paint("bad" if MARK in line else "dim", _cut(line, columns)))
    return shown


# What says how a line was sent, or that its thread was stopped, stands behind it, and is often the
# point.
BEHIND = re.compile(r"('  \([^()]*\)|'  [A-Z][A-Z ]+|    <- [^<]*)$")


def _cut(line: str, columns: int) -> str:
    """``line`` in one row: what was said is cut, what is remarked behind it is not."""
    if len(line) <= columns:
        return line
    remark = found[0] if (found := BEHIND.search(line)) else ""
    if len(remark) > columns // 2:
        remark = ""  # The line of a file may hold what looks like one.
    room = columns - len(" …") - len(remark)
    # The beginning of a number would be another number.
    while room > 1 and line[room - 1 : room + 1].isdigit():
        room -= 1
    return f"{line[:room]} …{remark}"
