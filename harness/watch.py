"""`python -m harness watch`: grade again whenever a file of the submission is saved.

One process stays and has all that grading needs. A thread of it looks at the files. Each save is
graded from a fresh copy: first the check that the last report told to mend, whose verdict is said
at once, then what stands on it, then the rest. A save in the middle stops that and begins anew.
The seed stays the same for as long as it runs. Ctrl-C ends it with status 0: that is how it ends.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FunctionType

from harness import command_line, commands
from harness.actors.patience import Patience
from harness.command_line import Misuse
from harness.contract.rubric import LANGUAGES, Check, Language, Rubric, load
from harness.grading import last_run
from harness.grading.budget import disarm
from harness.grading.next_step import first_to_mend
from harness.grading.order import first_of_all, stands_on
from harness.grading.results import Outcome, Verdict
from harness.grading.story_files import STORIES, load_stories
from harness.grading.submission import PROGRAMS
from harness.grading.telling import Story, Unfit, roles
from harness.interruptions import Interruptions, Saved
from harness.options import Options, understood
from harness.run import GradingRun
from harness.saves import PAUSE, Save, Settling, look, unreadable
from harness.watch_screen import WatchScreen

ENDED = 0


def main(words: Sequence[str], lang: str = "id") -> int:
    """Watch until Ctrl-C; returns the exit status. Raises `Misuse`."""
    language: Language = "en" if lang == "en" else LANGUAGES[0]
    takes = commands.COMMANDS["watch"].arguments or ()
    asked = command_line.read("watch ", takes, words, lang)
    options = understood(language, asked.submission, seed=asked.seed)
    Watch(options, load(), WatchScreen(language)).until_ctrl_c()
    return ENDED


def stories_of(rubric: Rubric) -> dict[str, Story]:
    """Every story by the id of its check."""
    found: dict[str, Story] = {}
    for path in sorted(STORIES.glob("*.py")):
        for name, function in vars(load_stories(path)).items():
            check = f"{path.stem}.{name.removeprefix('test_')}"
            if isinstance(function, FunctionType) and check in rubric.checks:
                found[check] = roles(function)
    return found


class Watch:
    """Grades one submission again and again."""

    def __init__(self, options: Options, rubric: Rubric, screen: WatchScreen) -> None:
        self._options = options
        self._rubric = rubric
        self._screen = screen
        self._stories = stories_of(rubric)
        self._interruptions = Interruptions()
        self._save: Save | None = None
        # What is known of each check from the last time it was told, in this session or before.
        self._verdicts = {
            name: Verdict(name, Outcome(outcome))
            for name, outcome in last_run.recall(last_run.memory_of(options.folder)).items()
            if name in rubric.checks and outcome in list(Outcome)
        }
        self._first: str | None = None
        self._patience: Patience | None = None

    def until_ctrl_c(self) -> None:
        """Grade what is there, then after each save; returns at Ctrl-C, or when nobody reads."""
        with self._interruptions.heard(), self._files_watched():
            try:
                self._grade(None)
                while self._screen.has_a_reader:
                    self._interruptions.wait()
                    self._grade(self._taken())
            except KeyboardInterrupt:
                self._screen.end()

    # -- the files

    @contextmanager
    def _files_watched(self) -> Iterator[None]:
        """In another thread the files are looked at for as long as this lasts."""
        is_over = threading.Event()
        settling = Settling(look(self._options.folder), time.monotonic())

        def watch() -> None:
            while not is_over.wait(PAUSE):
                save = settling.see(look(self._options.folder), time.monotonic())
                if save is None:
                    self._interruptions.remind()
                else:
                    self._save = save
                    self._interruptions.notice_save()

        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        try:
            yield
        finally:
            is_over.set()
            thread.join()

    def _taken(self) -> Save | None:
        """The newest save. A later one counts from here on."""
        self._interruptions.take_save()
        return self._save

    # -- one grading

    def _grade(self, save: Save | None) -> None:
        """Grade what is there now, unless it cannot be. Raises `KeyboardInterrupt`."""
        if save is not None:
            self._screen.saved(save)
            if not save.is_folder_there or save.lost:
                return
        names = sorted(look(self._options.folder).stamps)
        broken = unreadable(self._options.folder, names)
        self._screen.unreadable(broken)
        if any(each.file in PROGRAMS for each in broken):
            self._screen.waits()
            return
        run = GradingRun(self._rubric, self._options.lang, None)
        try:
            run.begin(self._options)
            run.grading.counts = self._screen.counts
            self._screen.begins(run.header())
            self._tell(run)
        except Saved:
            return  # without a word: what comes next says it
        except (Misuse, Unfit) as error:
            self._screen.cannot(run.unfit(error) if isinstance(error, Unfit) else str(error))
        finally:
            self._interruptions.clean_up()
            disarm()
            run.close()
        self._screen.waits()

    def _tell(self, run: GradingRun) -> None:
        """Tell all stories and report. Raises `Saved`, `Unfit`, `KeyboardInterrupt`."""
        rubric = self._rubric
        if mended := first_to_mend(rubric, self._verdicts):
            self._first = mended.check  # else the one before: what was mended last
        first = self._first
        run.asked = first_of_all(rubric, self._stories, first)
        if self._patience is not None:
            run.take_measure(self._patience)  # else the first check measures it
        unsure = stands_on(rubric, first) if first else set()
        for number, name in enumerate(run.asked, 1):
            check, before = rubric.checks[name], self._verdicts.get(name)
            self._screen.tells(f"{number}/{len(run.asked)}", check, run.grading.verdicts)
            verdict = self._judged(run, check)
            is_news = verdict.outcome is Outcome.FAILED and not self._screen.has_spoken
            if (number == 1 and name == first) or is_news:
                # Also what failed first where all had passed: the old report stands there still.
                self._screen.first(check, verdict, before)
            if number == 1:
                self._measure(run)
            unsure.discard(name)
            if first and not unsure:
                self._again_in_doubt(run, rubric.checks[first])
                first = None
        run.progress = self._screen.does
        with self._interruptions.stoppable():
            run.graft()
        run.finish()
        self._screen.report(run)

    def _judged(self, run: GradingRun, check: Check) -> Verdict:
        with self._interruptions.stoppable():
            verdict = run.judge(check, self._stories[check.id], lambda: run.give_up(check))
        self._verdicts[check.id] = verdict
        return verdict

    def _measure(self, run: GradingRun) -> None:
        """Measure the machine for this run and the next, once the first verdict is said."""
        if self._patience is not None:
            with self._interruptions.stoppable():
                run.grading.calibrate()
        self._patience = run.grading.patience

    def _again_in_doubt(self, run: GradingRun, check: Check) -> None:
        """Tell the first check again, now in its place, where something it stands on failed.

        Told first, it did not know of that, and the verdict must be that of a whole run.
        """
        verdicts = run.grading.verdicts
        needed = stands_on(self._rubric, check.id)
        if any(verdicts[each].outcome is not Outcome.PASSED for each in needed):
            self._judged(run, check)
