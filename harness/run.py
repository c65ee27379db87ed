"""One grading run from the options to the exit status, whoever drives it.

Longer than 300 lines because it is one thing with one life: all that happens to it is here.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Iterator

from harness.actors.patience import Patience
from harness.command_line import Misuse
from harness.contract import sentences
from harness.contract.rubric import Check, Language, Rubric
from harness.contract.todos import place_words, places, still_open, wanted_words
from harness.grading import last_run
from harness.grading.budget import OutOfTime, bounded, stop_soon
from harness.grading.crossplay import plays
from harness.grading.grafting import grafted
from harness.grading.judge import Grading
from harness.grading.next_step import first_to_mend
from harness.grading.past_run import PastRun
from harness.grading.results import Run, State, Verdict, document, exit_status
from harness.grading.story_files import STORIES, has_story, load_stories
from harness.grading.submission import digests, next_todo
from harness.grading.telling import Story, Unfit, refusal
from harness.options import DEFAULT_SUBMISSION, Options
from harness.program.inheritance import restore_interrupt
from harness.reports import page_facts
from harness.reports.last_screen import COLUMNS, ROWS, last_screen
from harness.reports.paint import paint_for
from harness.reports.since import Progress
from harness.reports.student import report
from harness.run_files import ResultsLost, RunFiles
from harness.schedules.fixtures import FIXTURES

INTERRUPTED, UNJUDGED = 2, 3
# Seconds that the three plays after the checks may take at the most.
LONGEST_PLAYS = 30.0

_SAID: dict[str, dict[Language, str]] = {
    "unreadable": {
        "id": "'{value}' tidak bisa dibaca: {why}.",
        "en": "'{value}' cannot be read: {why}.",
    },
    "unfit": {
        "id": "Tidak ada yang bisa dinilai di sini (bukan salah programmu): {why}.",
        "en": "Nothing can be judged here (no fault of your program): {why}.",
    },
}


class GradingRun:
    """The state of one run, its results file, and what is asked of it in the order of time."""

    def __init__(
        self, rubric: Rubric, lang: Language, target: str | None, page: str | None = None
    ) -> None:
        self.rubric = rubric
        self.state = State.RUNNING
        self.interrupts = 0
        self._lang = lang
        self._files = RunFiles(target, page, lang)
        self._grading: Grading | None = None
        self._is_measured = self._is_working = self._is_over = False
        self.asked: list[str] = []
        self.is_part = False
        # Hears what is done now where nobody else says it; empty when nothing is.
        self.progress: Callable[[str], None] = lambda text: None
        self._past = PastRun()
        self._whose = ""
        self._stories: dict[str, Story] = {}

    @property
    def grading(self) -> Grading:
        """What `begin` has made."""
        assert self._grading is not None
        return self._grading

    # -- the beginning

    def clear_results(self, path: str) -> None:
        """Write results without any verdict, so that no older ones stay. Raises `ResultsLost`."""
        self._write(Run(path, {}, 0, self._lang))

    def begin(self, options: Options) -> None:
        """Take a copy of the submission to grade. Raises `Misuse`, `ResultsLost`, `Unfit`."""
        try:
            run = Run(options.path, digests(options.folder), options.seed, options.lang)
        except OSError as error:
            facts = {"value": options.folder, "why": error.strerror}
            raise Misuse(_SAID["unreadable"][self._lang].format(**facts)) from None
        try:
            self._grading = Grading(
                self.rubric,
                run,
                options.folder.resolve(),
                fixtures=FIXTURES,
                clients=options.clients,
                memory=None if options.is_batch else last_run.memory_of(options.folder),
                confines=options.confines,
                as_user=options.as_user,
            )
            self._past = PastRun(self._grading.memory, run.sha256)
            self._whose = options.whose
        except (OSError, RuntimeError) as error:
            why = sentences.reason(refusal(error), {}, self._lang) if refusal(error) else error
            raise Unfit(str(why)) from None
        self.keep_results()
        self.write_page()

    def close(self) -> None:
        """Leave nothing behind."""
        if self._grading is not None:
            self._grading.sandbox.close()

    # -- checks

    def take_measure(self, patience: Patience) -> None:
        """Do with what an earlier run has measured of this machine."""
        self.grading.take_measure(patience)
        self._is_measured = True

    def judge(self, check: Check, story: Story, give_up: Callable[[], None]) -> Verdict:
        """Judge one check within the time that is left, and keep the results.

        ``give_up`` is called in another thread where the check cannot be ended otherwise. Raises
        `Unfit`, `ResultsLost`, `KeyboardInterrupt`.
        """
        grading = self.grading
        self._stories[check.id] = story
        grading.failed_before = self._past.failed(self.asked)
        with self._interruptible():
            try:
                if not self._is_measured:
                    with bounded(grading.budget.for_measuring, give_up):
                        grading.calibrate()
                    self._is_measured = True
                # How long a check may take is known only now: it grows with what was measured.
                with bounded(grading.budget.for_one_check, give_up):
                    verdict = grading.judge(check, story)
            except OutOfTime:
                verdict = grading.cut_short(check)
            if self.interrupts:
                # Whatever came of a story that Ctrl-C fell into, it says nothing.
                grading.verdicts.pop(check.id, None)
        self.keep_results()
        return verdict

    def give_up(self, check: Check) -> None:
        """A check hangs and nothing can end it: keep the results of all others, and end."""
        self.grading.cut_short(check)
        self.state = State.INTERRUPTED
        with contextlib.suppress(ResultsLost, Unfit):
            self.keep_results()
            self.write_page()
        # The work that hangs sees its programs end, and must not be judged by that.
        self._is_over = True
        sys.stdout.write("\n" + self.report() + "\n")
        sys.stdout.flush()
        self.close()
        os._exit(UNJUDGED)

    def play(self) -> None:
        """Let the halves of the submission play with each other and with the reference."""
        conversation = load_stories(STORIES / "conversation.py").conversation
        with (
            contextlib.suppress(OutOfTime, KeyboardInterrupt),
            self._interruptible(),
            bounded(LONGEST_PLAYS, lambda: None),
        ):
            self.grading.plays = plays(self.grading, conversation, self.progress)
        self.progress("")

    def graft(self) -> None:
        """Find the TODOs to blame for what failed, and judge with them replaced if that is wanted.

        Raises `KeyboardInterrupt`; what was found by then stays.
        """
        with self._interruptible():
            grafted(self.grading, self._stories, self.progress)
        self.progress("")

    # -- the end

    def finish(self) -> int:
        """Say of all checks what can be said, write the results, return the exit status."""
        grading = self.grading
        if not self.is_part and grading.verdicts:
            for check in self.rubric:
                if check.id not in grading.verdicts and not has_story(check):
                    grading.verdicts[check.id] = grading.not_built(check)
        is_whole = not self.interrupts and all(each in grading.verdicts for each in self.asked)
        self.state = State.COMPLETE if is_whole else State.INTERRUPTED
        self.keep_results()
        first = first_to_mend(self.rubric, grading.verdicts)
        shown = first.check if first else ""
        self._past.keep(grading.verdicts, shown, self._still_open())
        self.write_page()
        return INTERRUPTED if self.interrupts else exit_status(grading.verdicts.values())

    def refuse(self, path: str) -> None:
        """The run has ended before it began."""
        self.state = State.INTERRUPTED
        with contextlib.suppress(ResultsLost, Unfit):
            if self._grading is None:
                self.clear_results(path)
            else:
                self.keep_results()
                self.write_page()

    def keep_results(self) -> None:
        """Write the results so far. Raises `ResultsLost`, `Unfit` when the disk is full."""
        self._write(self.grading.run)

    def _write(self, run: Run) -> None:
        if self._files.results and not self._is_over:
            self._files.write_results(self._values(run))

    def write_page(self) -> None:
        """Write the page about the run so far, if one is wanted. Raises as `keep_results` does."""
        if self._files.page and not self._is_over:
            known = page_facts.known(
                self.rubric, self.grading.verdicts, self.grading.pristine, self._lang, self._whose
            )
            self._files.write_page(self._values(self.grading.run), known)

    def _values(self, run: Run) -> dict[str, object]:
        """The results document."""
        grading = self._grading
        verdicts = grading.verdicts if grading else {}
        spent = grading.budget.spent if grading else 0.0
        found = places(grading.pristine, self.rubric.todos) if grading else {}
        values = document(self.rubric, run, verdicts, spent, self.state, found)
        values["crossplay"] = [it.as_json(self._lang) for it in grading.plays] if grading else []
        return values

    # -- words

    def header(self) -> str:
        """One line about the run."""
        return f"Modul 4 · {self.grading.run.path} · --seed {self.grading.run.seed}"

    def report(self) -> str:
        """The report as it is printed."""
        grading = self.grading
        return report(
            self.rubric,
            grading.run,
            grading.verdicts,
            paint_for(sys.stdout),
            DEFAULT_SUBMISSION,
            grading.plays,
            asked=self.asked,
            next_todo=None if self._past.mistakes else next_todo(grading.pristine),
            places=place_words(grading.pristine, self.rubric.todos),
        )

    def last_screen(self) -> str:
        """The report on one screen."""
        grading, todos = self.grading, self.rubric.todos
        progress = Progress(
            before=self._past.outcomes,
            in_part_before=self._past.in_part,
            of_these_files=self._past.of_these_files,
            open_before=self._past.open_todos,
            mistakes_before=self._past.mistakes,
            places=place_words(grading.pristine, todos),
            wanted=wanted_words(grading.pristine, todos),
            open_todos=self._still_open(),
            page=self._files.page or "",
        )
        lines = last_screen(
            self.rubric,
            grading.run,
            grading.verdicts,
            progress,
            paint_for(sys.stdout),
            DEFAULT_SUBMISSION,
            columns=shutil.get_terminal_size((COLUMNS, ROWS)).columns,
            asked=self.asked,
        )
        return "\n".join(lines)

    def _still_open(self) -> frozenset[int]:
        return still_open(self.grading.pristine, [todo.file for todo in self.rubric.todos])

    def unfit(self, error: Unfit) -> str:
        """The one sentence about a machine that can judge nothing."""
        return _SAID["unfit"][self._lang].format(why=error)

    # -- Ctrl-C

    def notice_interrupts(self) -> None:
        """Remember each Ctrl-C, also one that is swallowed on its way up."""
        restore_interrupt()
        if threading.current_thread() is not threading.main_thread():
            return
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, self._interrupted)

    @contextlib.contextmanager
    def _interruptible(self) -> Iterator[None]:
        """What is done inside ends with the first Ctrl-C, even if a story swallowed it."""
        if self.interrupts:
            raise KeyboardInterrupt
        self._is_working = True
        try:
            yield
        finally:
            self._is_working = False
        if self.interrupts:
            raise KeyboardInterrupt

    def _interrupted(self, *_: object) -> None:
        self.interrupts += 1
        # Elsewhere, above all while the report is printed, the work goes on to its end.
        if self._is_working:
            stop_soon()
            raise KeyboardInterrupt
