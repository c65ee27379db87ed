"""The pytest plugin: the only file that knows pytest.

It collects the stories, judges each as one check of the rubric, writes the results after every
check, and prints the report at the end. ``pytest harness/`` keeps pytest's own output;
``--modul4-friendly`` (what ``python -m harness`` uses) replaces it by progress and the report.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import os
import random
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import pytest

from harness.contract.rubric import (
    LANGUAGES,
    Check,
    Language,
    Rubric,
    RubricError,
    load,
)
from harness.grading.crossplay import plays
from harness.grading.judge import (
    REPO,
    Grading,
    TooLarge,
    digests,
    roles,
)
from harness.grading.results import Outcome, Run, Verdict, document, exit_status
from harness.program.sandbox import restore_interrupt
from harness.reports.paint import paint_for
from harness.reports.student import evidence, report
from harness.schedules.fixtures import FIXTURES

STORIES = Path(__file__).with_name("stories")
DEFAULT_SUBMISSION = "modul4/1.contoh"
GRADING = pytest.StashKey[Grading]()
MOST_CLIENTS = 500

_SAID: dict[str, dict[Language, str]] = {
    "no_folder": {
        "id": "Folder '{value}' tidak ada. Berikan folder yang berisi server.py dan client.py.",
        "en": "There is no folder '{value}'. Give one that holds server.py and client.py.",
    },
    "unreadable": {
        "id": "'{value}' tidak bisa dibaca: {why}.",
        "en": "'{value}' cannot be read: {why}.",
    },
    "seed": {
        "id": "Seed '{value}' bukan bilangan bulat; contoh: --seed 1234.",
        "en": "The seed '{value}' is not a whole number; an example: --seed 1234.",
    },
    "clients": {
        "id": "--clients '{value}' harus bilangan dari 2 sampai 500.",
        "en": "--clients '{value}' must be a number from 2 to 500.",
    },
    "lang": {
        "id": "Bahasa '{value}' tidak ada; pilih id atau en.",
        "en": "There is no language '{value}'; choose id or en.",
    },
    "results": {
        "id": "Hasil tidak bisa ditulis ke '{value}': {why}.",
        "en": "The results cannot be written to '{value}': {why}.",
    },
    "report": {
        "id": "--report belum dibuat dalam versi ini.",
        "en": "--report is not built yet.",
    },
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
}


# -- the command line


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """The options of SPEC section 3."""
    _bar_the_door(pluginmanager)
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
    group.addoption("--modul4-only", metavar="NAME", help="only the check or group of this name")


def _bar_the_door(pluginmanager: pytest.PytestPluginManager) -> None:
    """Keep pytest from importing a conftest.py of the submission.

    In ``--submission DIR`` pytest, not knowing the option yet, takes DIR for a path to collect and
    would run the conftest.py in it, above it, or in a folder test* below it. It imports none that
    is registered already: so a placeholder is.
    """
    for word in sys.argv[1:]:
        folder = Path(word.removeprefix("--submission=")).absolute()
        if word and folder.is_dir():
            for place in (folder, *folder.parents, *folder.glob("test*")):
                name = str(place / "conftest.py")
                if not _is_ours(place) and not pluginmanager.has_plugin(name):
                    pluginmanager.register(Placeholder(), name)


def _is_ours(place: Path) -> bool:
    return any(place.is_relative_to(REPO / name) for name in ("harness", "tests"))


class Placeholder:
    """Stands where a conftest.py of the submission would have been."""


def _refuse_foreign_code(config: pytest.Config, lang: Language) -> None:
    """Refuse to judge where a stranger's conftest.py was already run (options before harness/)."""
    for name, plugin in config.pluginmanager.list_name_plugin():
        is_conftest = Path(name).name == "conftest.py" and not isinstance(plugin, Placeholder)
        if is_conftest and plugin is not None and not _is_ours(Path(name)):
            raise _refuse("foreign", lang, name, folder=Path(name).parent)


def _refuse(key: str, lang: Language, value: object, **facts: object) -> pytest.UsageError:
    return pytest.UsageError(_SAID[key][lang].format(value=value, **facts))


def _language(config: pytest.Config) -> Language:
    value = config.getoption("--lang") or os.environ.get("MODUL4_LANG") or LANGUAGES[0]
    for lang in LANGUAGES:
        if value == lang:
            return lang
    raise _refuse("lang", "id", value)


def _number(config: pytest.Config, option: str, key: str, lang: Language) -> int | None:
    value = config.getoption(option)
    if value is None:
        return None
    try:
        return int(value)
    except ValueError:
        raise _refuse(key, lang, value) from None


def pytest_configure(config: pytest.Config) -> None:
    """Read the options, refuse nonsense in one sentence, set the stage."""
    lang = _language(config)
    _refuse_foreign_code(config, lang)
    if config.getoption("--report"):
        raise _refuse("report", lang, "")
    seed = _number(config, "--seed", "seed", lang)
    clients = _number(config, "--clients", "clients", lang)
    if clients is not None and not 2 <= clients <= MOST_CLIENTS:
        raise _refuse("clients", lang, clients)
    given = config.getoption("--submission")
    folder = Path(given) if given else REPO / DEFAULT_SUBMISSION
    if not folder.is_dir():
        raise _refuse("no_folder", lang, given or DEFAULT_SUBMISSION)
    try:
        rubric = load()
        run = Run(
            path=given or DEFAULT_SUBMISSION,
            sha256=digests(folder),
            seed=random.SystemRandom().randrange(1_000_000) if seed is None else seed,
            lang=lang,
        )
        grading = Grading(rubric, run, folder.resolve(), fixtures=FIXTURES, clients=clients or 20)
    except RubricError as error:
        raise pytest.UsageError(str(error)) from None
    except (OSError, TooLarge) as error:
        raise _refuse("unreadable", lang, folder, why=error) from None
    grading.memory = memory_of(folder)
    config.stash[GRADING] = grading
    config.add_cleanup(grading.sandbox.close)
    try:
        # From the first moment on, so that a bad path is told before the work.
        write_results(config)
    except OSError as error:
        raise _refuse("results", lang, config.getoption("--results"), why=error.strerror) from None
    restore_interrupt()
    if config.getoption("--modul4-friendly"):
        config.pluginmanager.register(Friendly(grading), "modul4-friendly")


def memory_of(folder: Path) -> Path:
    """Where failures of the submission in ``folder`` are kept, so that they run first next time."""
    mark = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:12]
    return REPO / ".modul4" / mark


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
        rubric = self.config.stash[GRADING].rubric
        for name, function in vars(module).items():
            check = rubric.checks.get(f"{self.path.stem}.{name.removeprefix('test_')}")
            if name.startswith("test_") and check is None:
                raise pytest.UsageError(f"{self.path.name}: '{name}' has no row in rubric.toml")
            if check is not None and isinstance(function, FunctionType):
                yield CheckItem.from_parent(self, name=name, check=check, function=function)


def load_stories(path: Path) -> ModuleType:
    """The module of stories in ``path``."""
    spec = importlib.util.spec_from_file_location(f"modul4_stories_{path.stem}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


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
        """Judge it, keep the results, and tell pytest."""
        grading = self.config.stash[GRADING]
        if not grading.verdicts:
            grading.calibrate()
        verdict = grading.judge(self.check, roles(self.function))
        keep_results(self.config)
        if verdict.outcome is Outcome.FAILED:
            raise CheckFailed(verdict)
        if verdict.outcome is not Outcome.PASSED:
            pytest.skip(f"{verdict.outcome}: {verdict.reason}")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The evidence for a failed check; anything else is a fault of the kit and shown whole."""
        del style
        if not isinstance(excinfo.value, CheckFailed):
            return super().repr_failure(excinfo)
        run = self.config.stash[GRADING].run
        lines = evidence(self.check, excinfo.value.verdict, run.lang, paint_for(sys.stdout))
        return "\n".join(lines)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where it stands, and its id instead of the function's name."""
        line = self.function.__code__.co_firstlineno - 1
        return self.path, line, self.check.id


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> Generator[None]:
    """In the order of the rubric: what others stand on comes first. None left is told."""
    rubric, only = config.stash[GRADING].rubric, config.getoption("--modul4-only")
    chosen = only or config.getoption("-k")
    if only:
        names = set(only.split(","))
        items[:] = [
            item
            for item in items
            if isinstance(item, CheckItem) and {item.check.id, item.check.group} & names
        ]
    yield
    if chosen and not items:
        facts = {"groups": ", ".join(rubric.groups), "example": next(iter(rubric.checks))}
        raise _refuse("nothing", config.stash[GRADING].run.lang, chosen, **facts)
    order = {name: number for number, name in enumerate(rubric.checks)}
    items.sort(key=lambda item: order[item.check.id] if isinstance(item, CheckItem) else -1)
    config.stash[GRADING].asked = len(items)


# -- the end


def write_results(config: pytest.Config) -> None:
    """Write the results so far, whole or not at all. Raises `OSError`."""
    target = config.getoption("--results")
    if not target:
        return
    grading = config.stash[GRADING]
    values = document(grading.rubric, grading.run, grading.verdicts, grading.elapsed)
    values["crossplay"] = [play.as_json(grading.run.lang) for play in grading.plays]
    path = Path(target)
    aside = path.parent / f".{path.name}.{os.getpid()}"
    try:
        text = json.dumps(values, ensure_ascii=False, indent=1) + "\n"
        # A folder may have a name that is no text; backslashes are what JSON would escape it with.
        aside.write_text(text, encoding="utf-8", errors="backslashreplace")
        os.replace(aside, path)
    except OSError:
        with contextlib.suppress(OSError):
            aside.unlink()
        raise


def keep_results(config: pytest.Config) -> None:
    """Write the results so far; a run whose results are lost is not worth going on with."""
    try:
        write_results(config)
    except OSError as error:
        facts = {"value": config.getoption("--results"), "why": error.strerror}
        said = _SAID["results"][config.stash[GRADING].run.lang].format(**facts)
        pytest.exit(said, returncode=pytest.ExitCode.USAGE_ERROR)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """The exit status of SPEC section 3, unless something graver happened."""
    grading = session.config.stash[GRADING]
    if exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED) and grading.verdicts:
        wrong_kit = session.testsfailed and not any(
            verdict.outcome is Outcome.FAILED for verdict in grading.verdicts.values()
        )
        session.exitstatus = 3 if wrong_kit else exit_status(list(grading.verdicts.values()))
        if not is_part(session.config):
            grading.plays = plays(grading, load_stories(STORIES / "conversation.py").conversation)
    _count_unbuilt(grading, session.config)
    keep_results(session.config)


def is_part(config: pytest.Config) -> bool:
    """Whether only some of the checks were asked for."""
    return bool(config.getoption("-k") or config.getoption("--modul4-only"))


def _count_unbuilt(grading: Grading, config: pytest.Config) -> None:
    """In a whole run, say of checks without a story that they were not run."""
    if is_part(config) or not grading.verdicts:
        return
    for check in grading.rubric:
        if check.id not in grading.verdicts and not _has_story(check):
            grading.verdicts[check.id] = grading.not_built(check)


def _has_story(check: Check) -> bool:
    path = STORIES / f"{check.group}.py"
    name = f"def test_{check.id.partition('.')[2]}("
    return path.is_file() and name in path.read_text(encoding="utf-8")


def pytest_report_header(config: pytest.Config) -> str:
    """What is graded, and the seed to replay it with."""
    return header(config.stash[GRADING])


def header(grading: Grading) -> str:
    """One line about the run."""
    return f"Modul 4 · {grading.run.path} · --seed {grading.run.seed}"


def full_report(grading: Grading) -> str:
    """The report as it is printed."""
    rubric: Rubric = grading.rubric
    paint = paint_for(sys.stdout)
    return report(
        rubric,
        grading.run,
        grading.verdicts,
        paint,
        DEFAULT_SUBMISSION,
        grading.plays,
        is_whole=len(grading.verdicts) >= grading.asked,
    )


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """The report under pytest's own output."""
    grading = config.stash[GRADING]
    if grading.verdicts:
        terminalreporter.write_sep("=", header(grading))
        terminalreporter.write_line(full_report(grading))


class Friendly:
    """Progress and the report, without pytest's own output (run with ``-p no:terminal``)."""

    def __init__(self, grading: Grading) -> None:
        self._grading = grading
        self._total = self._done = 0
        self._out = sys.stdout
        self._is_live = sys.stdout.isatty()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """How much there is to do."""
        self._total = len(session.items)
        self._print(header(self._grading) + "\n")

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Which check is running."""
        self._done += 1
        self._show(f"[{self._done}/{self._total}] {_short(nodeid)}")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A fault of the kit is shown; verdicts wait for the report."""
        if report.failed and (report.when != "call" or "CheckFailed" not in str(type(report))):
            self._errors(report)

    def _errors(self, report: pytest.TestReport) -> None:
        check = _short(report.nodeid)
        verdict = self._grading.verdicts.get(check)
        if verdict is None or verdict.outcome is not Outcome.FAILED:
            self._show("")
            self._print(f"{check}: {report.longreprtext}\n")

    def pytest_sessionfinish(self) -> None:
        """Nothing of the progress stays."""
        self._show("")

    def pytest_unconfigure(self) -> None:
        """The report."""
        if self._grading.verdicts:
            self._print("\n" + full_report(self._grading) + "\n")

    def _show(self, text: str) -> None:
        if self._is_live:
            self._print(f"\r\x1b[K{text}")

    def _print(self, text: str) -> None:
        """Print; a reader that went away (`| head`) ends the printing, not the grading."""
        try:
            self._out.write(text)
            self._out.flush()
        except BrokenPipeError:
            # Also what the interpreter flushes at its end goes there.
            self._out = sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115


def _short(nodeid: str) -> str:
    """``harness/stories/start.py::test_banner`` as ``start.banner``."""
    path, _, name = nodeid.partition("::")
    return f"{Path(path).stem}.{name.removeprefix('test_')}"
