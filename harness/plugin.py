"""The pytest plugin: the only file that knows pytest.

It collects the stories, has each judged as one check of the rubric, and prints the report at the
end. ``pytest harness/`` keeps pytest's own output; ``--modul4-friendly`` (what `python -m harness`
uses) replaces it by progress and the report.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from types import FunctionType
from typing import Any

import _pytest.outcomes
import pytest

from harness import options, screen, strangers
from harness.command_line import Misuse
from harness.contract.rubric import Bilingual, Check, Language, RubricError, load
from harness.friendly import Friendly
from harness.grading.order import usual
from harness.grading.results import Outcome, Verdict
from harness.grading.story_files import STORIES, has_story, load_stories
from harness.grading.telling import Unfit, roles
from harness.reports.evidence import evidence
from harness.reports.paint import paint_for
from harness.run import UNJUDGED, GradingRun
from harness.run_files import ResultsLost

RUN = pytest.StashKey[GradingRun]()

_SAID: dict[str, Bilingual] = {
    "nothing": {
        "id": "Tidak ada pemeriksaan bernama '{value}'. Kelompoknya: {groups}; "
        "contoh: -k {example}.",
        "en": "No check is called '{value}'. The groups are {groups}; an example: -k {example}.",
    },
    "foreign": {
        "id": "'{value}' dimuat sebelum penilai siap; "
        "tulislah: pytest harness/ --submission={folder}",
        "en": "'{value}' was loaded before the grader was ready; "
        "write: pytest harness/ --submission={folder}",
    },
    "parallel": {
        "id": "Pemeriksaan berjalan satu per satu: hilangkan -n {value} (pytest-xdist).",
        "en": "The checks run one after the other: leave out -n {value} (pytest-xdist).",
    },
}


class Modul4(_pytest.outcomes.Exit):
    """Ends pytest with a sentence, before which it prints the name of this class."""


# -- the command line


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """The options of SPEC section 3."""
    strangers.bar(pluginmanager, sys.argv[1:])
    group = parser.getgroup("modul4", "Modul 4")
    group.addoption("--submission", metavar="DIR", help="grade server.py and client.py in DIR")
    group.addoption(
        "--results", metavar="FILE", help="write the results as JSON, after every check"
    )
    group.addoption("--report", metavar="FILE", help="write one HTML page with pictures")
    group.addoption("--lang", metavar="id|en", help="language of feedback (default id)")
    group.addoption("--seed", metavar="N", help="replay the same random choices")
    group.addoption("--clients", metavar="N", help="simulated clients in the crowd checks (20)")
    group.addoption("--modul4-friendly", action="store_true", help="progress and report only")
    group.addoption("--modul4-all", action="store_true", help="the whole report as well")
    group.addoption("--modul4-batch", action="store_true", help="it is one of a class")
    group.addoption("--modul4-whose", metavar="NAME", help="whose it is, for the page")
    group.addoption("--modul4-confine", action="store_true", help="keep programs from files")
    group.addoption("--modul4-as-user", action="store_true", help="run them as another user")
    group.addoption("--modul4-home", metavar="DIR", help="the folder that paths are relative to")
    group.addoption("--modul4-only", metavar="WORD", help="only checks whose id contains WORD")


def _misuse(key: str, lang: Language, value: object, **facts: object) -> pytest.UsageError:
    return pytest.UsageError(_SAID[key][lang].format(value=value, **facts))


def pytest_configure(config: pytest.Config) -> None:
    """Read the options, refuse nonsense in one sentence, set the stage."""
    screen.escape_what_cannot_be_encoded()
    screen.raise_on_ctrl_c()
    if home := config.getoption("--modul4-home"):
        os.chdir(home)
    try:
        lang = options.language(config.getoption("--lang"))
        rubric = load()
    except (Misuse, RubricError) as error:
        raise pytest.UsageError(str(error)) from None
    if config.option.keyword in {check.group for check in rubric}:
        # A whole group, and not what has that word elsewhere in its name.
        config.option.keyword += "."
    workers = config.getoption("numprocesses", None) or config.getoption("tx", None)
    if workers:
        raise _misuse("parallel", lang, workers)
    if (stranger := strangers.already_run(config.pluginmanager)) is not None:
        raise _misuse("foreign", lang, stranger, folder=stranger.parent)
    run = GradingRun(rubric, lang, config.getoption("--results"), config.getoption("--report"))
    given = config.getoption("--submission")
    path = given or options.DEFAULT_SUBMISSION
    try:
        # From the first moment on: a bad path is told before the work, and no old results stay.
        run.clear_results(path)
        names = ("seed", "clients", "report")
        words = {name: config.getoption(f"--{name}") for name in names}
        kind = {"is_batch": config.getoption("--modul4-batch")}
        kind["whose"] = config.getoption("--modul4-whose") or ""
        kind["confines"] = config.getoption("--modul4-confine")
        kind["as_user"] = config.getoption("--modul4-as-user")
        run.begin(options.understood(lang, given, **words, **kind))
    except (Misuse, ResultsLost) as error:
        run.refuse(path)
        raise pytest.UsageError(str(error)) from None
    except Unfit as error:
        run.refuse(path)
        raise Modul4(run.unfit(error), UNJUDGED) from None
    config.stash[RUN] = run
    config.add_cleanup(run.close)
    run.notice_interrupts()
    if config.getoption("--modul4-friendly"):
        config.pluginmanager.register(
            Friendly(run, config.getoption("--modul4-all")), "modul4-friendly"
        )


# -- collecting the stories


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Every file in stories/ is a group of checks."""
    if file_path.parent == STORIES and file_path.suffix == ".py":
        return StoryFile.from_parent(parent, path=file_path)
    return None


class StoryFile(pytest.File):
    """One file of stories: the checks of the group with the file's name."""

    def collect(self) -> Iterator[pytest.Item]:
        """One item for each `test_` function that the rubric knows."""
        module = load_stories(self.path)
        rubric = self.config.stash[RUN].rubric
        for name, function in vars(module).items():
            check = rubric.checks.get(f"{self.path.stem}.{name.removeprefix('test_')}")
            if name.startswith("test_") and check is None:
                raise pytest.UsageError(f"{self.path.name}: '{name}' has no row in rubric.toml")
            if check is not None and isinstance(function, FunctionType):
                yield CheckItem.from_parent(self, name=name, check=check, function=function)


class CheckFailed(Exception):
    """Carries a verdict from the run of an item to its report."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.check)
        self.verdict = verdict


class CheckItem(pytest.Item):
    """One check: its story, told on a fresh stage."""

    def __init__(self, *, check: Check, function: FunctionType, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.check = check
        self.function = function
        self.extra_keyword_matches.add(check.id)

    def runtest(self) -> None:
        """Judge it, and tell pytest."""
        run = self.config.stash[RUN]
        try:
            verdict = run.judge(self.check, roles(self.function), lambda: run.give_up(self.check))
        except Unfit as error:
            pytest.exit(run.unfit(error), UNJUDGED)
        except ResultsLost as error:
            pytest.exit(str(error), pytest.ExitCode.USAGE_ERROR)
        if verdict.outcome is Outcome.FAILED:
            raise CheckFailed(verdict)
        if verdict.outcome is not Outcome.PASSED:
            pytest.skip(f"{verdict.outcome}: {verdict.reason}")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The evidence for a failed check; anything else is a fault of the kit and shown whole."""
        del style
        if not isinstance(excinfo.value, CheckFailed):
            return super().repr_failure(excinfo)
        lang = self.config.stash[RUN].grading.run.lang
        lines = evidence(self.check, excinfo.value.verdict, lang, paint_for(sys.stdout))
        return "\n".join(lines)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where it stands, and its id instead of the function's name."""
        line = self.function.__code__.co_firstlineno - 1
        return self.path, line, self.check.id


@pytest.hookimpl(optionalhook=True)
def pytest_timeout_set_timer(item: pytest.Item) -> bool | None:
    """The run has a clock of its own for checks: pytest-timeout's would need a terminal."""
    return isinstance(item, CheckItem) or None


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> Generator[None]:
    """In the order of the rubric: what others stand on comes first. None left is told."""
    run, only = config.stash[RUN], config.getoption("--modul4-only")
    chosen = only or config.getoption("-k")
    if only:
        items[:] = [
            item
            for item in items
            if isinstance(item, CheckItem) and options.is_chosen(item.check, only)
        ]
    yield
    if chosen and not items:
        facts = {"groups": ", ".join(run.rubric.groups), "example": next(iter(run.rubric.checks))}
        run.refuse(run.grading.run.path)
        raise _misuse("nothing", run.grading.run.lang, chosen, **facts)
    items.sort(
        key=lambda i: usual(run.rubric, i.check) if isinstance(i, CheckItem) else (False, -1)
    )
    run.asked = [item.check.id for item in items if isinstance(item, CheckItem)]
    run.is_part = len(run.asked) < len([c for c in run.rubric if has_story(c)])


# -- the end


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """The exit status of SPEC section 3, unless something graver happened."""
    run = session.config.stash[RUN]
    is_judged = exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
    if is_judged and run.grading.verdicts:
        with contextlib.suppress(KeyboardInterrupt):
            run.graft()
        if not run.is_part:
            run.play()
    try:
        status = run.finish()
    except ResultsLost as error:
        pytest.exit(str(error), pytest.ExitCode.USAGE_ERROR)
    except Unfit as error:
        pytest.exit(run.unfit(error), UNJUDGED)
    failed = [v for v in run.grading.verdicts.values() if v.outcome is Outcome.FAILED]
    if is_judged and run.grading.verdicts:
        session.exitstatus = UNJUDGED if session.testsfailed and not failed else status


def pytest_report_header(config: pytest.Config) -> str:
    """What is graded, and the seed to replay it with."""
    return config.stash[RUN].header()


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """The report under pytest's own output."""
    run = config.stash[RUN]
    if run.grading.verdicts:
        terminalreporter.write_sep("=", run.header())
        terminalreporter.write_line(run.report())
