"""`python -m harness load`: how many clients, how fast, and what it costs the server.

The submission's server, the reference and a bare loop are loaded one after the other by the same
simulated clients, and stand side by side in one table. Exit status: 0 done and every line of the
submission's right, 1 lines wrong or lost, or its server did not come to the end, 2 Ctrl-C (the
figures so far are printed), 3 the machine got in the way, 4 the words make no sense.
"""

from __future__ import annotations

import contextlib
import shutil
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness import command_line, commands
from harness.command_line import Misuse
from harness.contract import sentences
from harness.contract.rubric import LANGUAGES, Language
from harness.grading.judge import REFERENCE, REPO
from harness.grading.results_file import write, write_text
from harness.grading.telling import refusal
from harness.interruptions import Interruptions
from harness.loads.ceiling import bare_loop
from harness.loads.driver import Ending
from harness.loads.figures import Figures
from harness.loads.load_options import LoadOptions, load_options
from harness.loads.load_page import load_page
from harness.loads.load_results import Measured, document, measured_here
from harness.loads.load_table import examples_told, flaws_told, load_table
from harness.loads.load_words import load_say
from harness.loads.one_load import LoadPlan, Surroundings, load_on
from harness.loads.stops import crowd_told, stops
from harness.options import DEFAULT_SUBMISSION
from harness.program.sandbox import Sandbox
from harness.screen import Screen

DONE, WRONG, INTERRUPTED, HINDERED, MISUSED = 0, 1, 2, 3, 4
YOURS, CONTROL = "yours", "reference"


def main(arguments: Sequence[str], lang: str = "id") -> int:
    """Load it and print the figures; returns the exit status."""
    language: Language = "en" if lang == "en" else LANGUAGES[0]
    # Before the options, which may raise the limit of open files.
    measured = measured_here()
    try:
        takes = commands.COMMANDS["load"].arguments or ()
        found = command_line.read("load ", takes, arguments, language)
        folder = found.submission or str(REPO / DEFAULT_SUBMISSION)
        options = load_options(
            language,
            folder,
            found.clients,
            found.messages,
            found.rate,
            found.json,
            found.report,
        )
    except Misuse as error:
        sys.stderr.write(f"{error}\n")
        return MISUSED
    interruptions, screen = Interruptions(), Screen()
    with interruptions.heard():
        try:
            return Loading(options, folder, interruptions, screen, measured).run()
        except (OSError, RuntimeError) as error:
            key = refusal(error)
            why = sentences.reason(key, {}, language) if key else str(error)
            screen.say(load_say("unjudged", language, why=why) + "\n")
            return HINDERED


@dataclass
class Loading:
    """One run of the command: servers, figures, and what is said of them."""

    options: LoadOptions
    path: str
    interruptions: Interruptions
    screen: Screen
    measured: Measured
    runs: list[tuple[LoadPlan, dict[str, Figures]]] = field(default_factory=list)

    def run(self) -> int:
        """Load each server with each number of clients; returns the exit status."""
        with contextlib.closing(Sandbox()) as sandbox:
            subjects = self._subjects(sandbox)
            for plan in self.options.plans:
                columns: dict[str, Figures] = {}
                self.runs.append((plan, columns))
                for name, source in subjects.items():
                    columns[name] = self._loaded(sandbox, plan, name, source)
                    self._keep("running")
                    if self._is_over(name, columns[name]):
                        break
                self._show(plan, columns)
                if self.interruptions.is_over or columns[YOURS].ending is not Ending.DONE:
                    break
        self._keep("interrupted" if self.interruptions.is_over else "complete")
        return self._ends()

    def _subjects(self, sandbox: Sandbox) -> dict[str, Path]:
        """The servers by the key of their name: the student's first."""
        subjects = {YOURS: self.options.folder}
        if (REFERENCE / "server.py").is_file() and self.options.folder != REFERENCE.resolve():
            subjects[CONTROL] = REFERENCE
        bare = sandbox.folder / "bare"
        subjects[bare_loop(bare)] = bare
        return subjects

    def _loaded(self, sandbox: Sandbox, plan: LoadPlan, name: str, source: Path) -> Figures:
        lang = self.options.lang
        facts = {
            "who": load_say(name, lang),
            "clients": plan.clients,
            "at_once": plan.at_once,
            "messages": plan.messages,
            "rate": f"{plan.rate:g}",
        }

        def tells(key: str) -> None:
            self.screen.progress(load_say(key, lang, **facts))

        try:
            return load_on(source, plan, Surroundings(sandbox, self.interruptions, lang, tells))
        finally:
            self.screen.progress("")

    def _is_over(self, name: str, figures: Figures) -> bool:
        """Whether the rest is not loaded: Ctrl-C, or nobody could join the submission."""
        return self.interruptions.is_over or (name == YOURS and not figures.joined)

    # -- what is said

    def _show(self, plan: LoadPlan, columns: Mapping[str, Figures]) -> None:
        lang = self.options.lang
        heading = load_say(
            "heading", lang, clients=f"{plan.clients:,}", at_once=plan.at_once,
            messages=plan.messages, rate=f"{plan.rate:g}",
        )  # fmt: skip
        rows = [heading, *load_table(columns, lang)] if self._is_known(columns) else []
        for name, figures in columns.items():
            rows += self._remarks(name, plan, figures)
        self.screen.say("\n".join([*rows, "", ""]))

    def _is_known(self, columns: Mapping[str, Figures]) -> bool:
        return any(each.joined for each in columns.values())

    def _remarks(self, name: str, plan: LoadPlan, figures: Figures) -> Iterator[str]:
        """What is to be said of one server's figures beside the table."""
        lang = self.options.lang
        facts = {"who": load_say(name, lang), "clients": f"{plan.clients:,}"}
        if figures.ending in (Ending.STALLED, Ending.SERVER_GONE, Ending.NONSENSE):
            yield load_say("broken_off", lang, why=figures.reason, **facts)
        if figures.flaws and name == YOURS:
            if figures.ending is Ending.DONE:
                yield load_say("some_wrong", lang, flaws=flaws_told(figures, lang), **facts)
            yield from examples_told(figures, lang)

    def _ends(self) -> int:
        """The last lines; returns the exit status."""
        lang = self.options.lang
        notes = [load_say("ceiling_note", lang)] * any(len(each) > 1 for _, each in self.runs)
        if not (REFERENCE / "server.py").is_file():
            notes.append(load_say("no reference", lang))
        notes.append(self.measured.told(self.options.plans[0].seed, lang))
        if crowd := crowd_told(self.measured, lang):
            notes.append(crowd)
        found = stops(self.runs, YOURS, self.measured, lang)
        # Of a server that ended the reason stands below its figures.
        if found is not None and found.limits:
            notes += ["", *found.lines(lang), ""]
        width = shutil.get_terminal_size().columns
        lines = [row for note in notes for row in textwrap.wrap(note, max(width - 1, 20)) or [""]]
        status = self._status()
        if status == HINDERED:
            reasons = [each.reason for _, run in self.runs for each in run.values() if each.reason]
            lines.append(load_say("unjudged", lang, why=reasons[0] if reasons else "–"))
        else:
            key = {DONE: "all_right", INTERRUPTED: "interrupted", WRONG: "mend"}[status]
            lines.append(load_say(key, lang))
        self.screen.say("\n".join([*lines, ""]))
        return status

    def _status(self) -> int:
        """What the figures mean for the exit status.

        A standstill that the reference shows too, and whatever the system did not allow, is no
        fault of the submission.
        """
        if self.interruptions.is_over:
            return INTERRUPTED
        everybody = [each for _, run in self.runs for each in run.values()]
        yours = [run[YOURS] for _, run in self.runs]
        controls = [run[CONTROL] for _, run in self.runs if CONTROL in run]
        if any(each.is_machines_fault for each in everybody):
            return HINDERED
        if all(each.is_right for each in yours):
            return DONE if all(each.is_right for each in everybody) else HINDERED
        return WRONG if all(each.is_right for each in controls) else HINDERED

    def _keep(self, state: str) -> None:
        """Write the figures so far where they were asked for. Raises `OSError`."""
        if self.options.json is not None:
            write(self.options.json, document(self.path, self.measured, state, self.runs))
        if self.options.report is not None and state != "running":
            is_interrupted = state == "interrupted"
            text = load_page(self.runs, self.path, self.measured, is_interrupted, self.options.lang)
            write_text(self.options.report, text)
