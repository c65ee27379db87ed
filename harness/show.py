"""`python -m harness show CHECK`: one story, played now with the student's program, to be read.

Each step stands on a line of its own and comes at the pace of a reader; what went wrong is marked
in its place. Exit status: 0 the check passed, 1 it failed, 2 Ctrl-C, 3 it could not be judged here,
4 there is no such check or folder.
"""

from __future__ import annotations

import difflib
import math
import sys
from collections.abc import Sequence

from harness import command_line, commands, options
from harness.command_line import Misuse
from harness.contract import sentences
from harness.contract.rubric import LANGUAGES, Check, Language, Rubric, load
from harness.grading import last_run
from harness.grading.judge import Grading
from harness.grading.past_run import PastRun
from harness.grading.results import Outcome, Run, Verdict
from harness.grading.story_files import STORIES, load_stories
from harness.grading.submission import digests
from harness.grading.telling import Unfit, roles
from harness.paced import Paced
from harness.program.inheritance import restore_interrupt
from harness.record.journal import WRONG, Event, What
from harness.record.transcript import MARK, told
from harness.reports.paint import paint_for
from harness.schedules.fixtures import FIXTURES
from harness.screen import Screen

PASSED, FAILED, INTERRUPTED, UNJUDGED = 0, 1, 2, 3
STATUS = {Outcome.PASSED: PASSED, Outcome.FAILED: FAILED}
# Seconds for a line on a terminal, and the longest that somebody may ask for.
PACE, LONGEST_PACE = 0.6, 60.0
# The threads of the student's server: they ran before they can be told.
LANES = frozenset({What.RUN, What.HELD, What.WAIT})

_SAID: dict[str, dict[Language, str]] = {
    "which": {
        "id": "Tidak ada pemeriksaan bernama '{check}'; yang mirip: {near}.",
        "en": "No check is called '{check}'; near it are: {near}.",
    },
    "pace": {
        "id": "--pace '{value}' bukan jumlah detik antara 0 dan 60; contoh: --pace 1.5.",
        "en": "--pace '{value}' is no number of seconds from 0 to 60; an example: --pace 1.5.",
    },
    "actors": {
        "id": "Programmu bermain dengan client atau server tiruan; nama diundi dari seed {seed}.",
        "en": "Your program plays with simulated actors; their names come from the seed {seed}.",
    },
    "more": {"id": "… dan {count} langkah lagi", "en": "… and {count} more steps"},
    "passed": {"id": "LULUS: {title}", "en": "PASSED: {title}"},
    "failed": {"id": "GAGAL: {title}", "en": "FAILED: {title}"},
    "expected": {"id": "  seharusnya: {text}", "en": "  expected: {text}"},
    "seen": {"id": "  yang terjadi: {text}", "en": "  seen: {text}"},
    "unjudged": {"id": "Belum bisa diputuskan: {why}", "en": "It cannot be decided: {why}"},
    "threads": {
        "id": "Beginilah thread-thread di servermu berjalan:",
        "en": "This is how the threads of your server went:",
    },
}


def main(arguments: Sequence[str], lang: str = "id") -> int:
    """Play the story; returns the exit status."""
    language: Language = "en" if lang == "en" else LANGUAGES[0]
    restore_interrupt()
    try:
        takes = commands.COMMANDS["show"].arguments or ()
        found = command_line.read("show ", takes, arguments, language)
        rubric = load()
        check = check_called(rubric, found.check, language)
        pace = _pace(found.pace, language)
        asked = options.understood(language, found.submission, found.seed)
    except Misuse as error:
        sys.stderr.write(f"{error}\n")
        return 4
    try:
        return _show(rubric, check, asked, pace)
    except Unfit as error:
        sys.stderr.write(f"{error}\n")
        return UNJUDGED


def check_called(rubric: Rubric, name: str, lang: Language) -> Check:
    """The check called ``name``. Raises `Misuse` with the names that are nearest to it."""
    if name in rubric.checks:
        return rubric.checks[name]
    inside = [each for each in rubric.checks if name.lower() in each]
    if len(inside) == 1:
        return rubric.checks[inside[0]]
    near = inside or difflib.get_close_matches(name, rubric.checks, 3, 0.3) or list(rubric.checks)
    raise Misuse(_SAID["which"][lang].format(check=name, near=", ".join(near[:6])))


def _pace(value: str | None, lang: Language) -> float:
    """Seconds for each line; nobody waits for lines that go into a pipe."""
    if value is None:
        return PACE if sys.stdout.isatty() else 0.0
    try:
        pace = float(value)
    except ValueError:
        pace = math.nan
    if not 0 <= pace <= LONGEST_PACE:
        raise Misuse(_SAID["pace"][lang].format(value=value))
    return pace


def _show(rubric: Rubric, check: Check, asked: options.Options, pace: float) -> int:
    lang, screen, paint = asked.lang, Screen(), paint_for(sys.stdout)
    run = Run(asked.path, digests(asked.folder), asked.seed, lang)
    story = vars(load_stories(STORIES / f"{check.group}.py"))["test_" + check.id.partition(".")[2]]
    screen.say(paint("strong", f"{check.id}. {check.title[lang]}") + "\n")
    screen.say(_SAID["actors"][lang].format(seed=asked.seed) + "\n\n")
    with Paced(pace, screen.say, lambda count: _SAID["more"][lang].format(count=count)) as lines:

        def show(event: Event) -> None:
            if event.what is not What.END:
                lines.line(_row(event, lang), event.what in WRONG)

        with Grading(
            rubric, run, asked.folder.resolve(), fixtures=FIXTURES, clients=asked.clients,
            watch=show,
        ) as grading:  # fmt: skip
            past = PastRun(last_run.memory_of(asked.folder), run.sha256)
            grading.failed_before = past.failed({check.id})
            grading.calibrate()
            verdict = grading.judge(check, roles(story))
        lanes = [event for event in verdict.story if event.what in LANES]
        if lanes:
            lines.line("\n" + _SAID["threads"][lang], is_needed=True)
        for event in lanes:
            lines.line(_row(event, lang), is_needed=True)
    screen.say("\n" + "\n".join(_verdict(check, verdict, lang)) + "\n")
    return STATUS.get(verdict.outcome, UNJUDGED)


def _row(event: Event, lang: Language) -> str:
    paint = paint_for(sys.stdout)
    mark = MARK if event.what in WRONG else ""
    kind = "bad" if mark else "dim" if event.is_fence else ""
    row = f"{event.t:8.3f}  {mark}{told(event, lang)}"
    return paint(kind, row) if kind else row


def _verdict(check: Check, verdict: Verdict, lang: Language) -> list[str]:
    """How the story ended, in words."""
    if verdict.failure is not None:
        failure, title = verdict.failure, check.title[lang]
        return [
            _SAID["failed"][lang].format(title=title),
            _SAID["expected"][lang].format(text=sentences.expected(failure, lang)),
            _SAID["seen"][lang].format(text=sentences.seen(failure, lang)),
        ]
    if verdict.outcome is Outcome.PASSED:
        why = [verdict.reason] if verdict.reason else []
        return [_SAID["passed"][lang].format(title=check.title[lang]), *why]
    return [_SAID["unjudged"][lang].format(why=verdict.reason)]
