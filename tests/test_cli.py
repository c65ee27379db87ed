"""The command line: what becomes of it, and what is said when it makes no sense."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness import cli, commands
from harness.setup import environment, installed
from tests.proof import skeleton
from tests.watching import ctrl_c_as_it_was


class BecameError(Exception):
    """Stands in for the command that this process would have become."""


@pytest.fixture
def became(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[list[str]]]:
    """The commands that were run instead; the set-up finds everything in place."""
    commands: list[list[str]] = []

    def run_instead(command: list[str]) -> None:
        commands.append(command)
        raise BecameError

    monkeypatch.setattr(environment, "run_instead", run_instead)
    monkeypatch.setattr(environment, "prepare", lambda arguments: None)
    monkeypatch.delenv("MODUL4_LANG", raising=False)
    with ctrl_c_as_it_was():
        yield commands


SELF_CHECK = [sys.executable, "-P", cli.SELF_CHECK_FILE]
PYTEST = [sys.executable, "-P", "-m", "pytest"]


@pytest.mark.parametrize(
    ("arguments", "passed_on"),
    [
        ([], ["--lang=id"]),
        (["--lang", "en"], ["--lang=en"]),
        (["--lang=en", "--seed", "3"], ["--lang=en", "--seed=3"]),
        (["--seed=3", "--lang", "en"], ["--lang=en", "--seed=3"]),
        (["--submission", "a b"], ["--lang=id", "--submission=a b"]),
        (["--submission=a=b"], ["--lang=id", "--submission=a=b"]),
        (["-k", "nickname.unique"], ["--lang=id", "--modul4-only=nickname.unique"]),
        (["-k=nick"], ["--lang=id", "--modul4-only=nick"]),
        (["--seed", "1", "--seed", "2"], ["--lang=id", "--seed=2"]),
        (["--seed", "-1"], ["--lang=id", "--seed=-1"]),
        (
            ["--results", "r", "--report", "p", "--clients", "5"],
            ["--lang=id", "--results=r", "--report=p", "--clients=5"],
        ),
    ],
)
def test_a_self_check_becomes_a_process_of_its_own(
    became: list[list[str]], arguments: list[str], passed_on: list[str]
):
    with pytest.raises(BecameError):
        cli.main(arguments)
    assert became == [[*SELF_CHECK, *passed_on]]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-x", "-k", "layers", "--seed=1"], ["tests", "-x", "-k", "layers", "--seed=1"]),
        ([], ["tests"]),
        (["tests/test_draw.py"], ["tests/test_draw.py"]),
        (["-q", "tests/test_draw.py::test_x"], ["-q", "tests/test_draw.py::test_x"]),
        # No test file, but the word of an option.
        (["-k", "harness"], ["tests", "-k", "harness"]),
    ],
)
def test_the_kits_own_tests_become_pytest(
    became: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    words: list[str],
):
    monkeypatch.chdir(environment.ROOT)
    monkeypatch.setattr(cli, "workers", lambda words: [])
    with pytest.raises(BecameError):
        cli.main(["selftest", *arguments])
    assert became == [[*PYTEST, *words]]


@pytest.mark.parametrize(
    ("words", "is_said"),
    [
        ([], False),
        (["-q", "-m", "slow"], False),
        (["-n2"], True),
        (["--numprocesses=1"], True),
        (["--pdb"], True),
        (["-p", "no:xdist"], True),
        (["--collect-only", "-q"], True),
    ],
)
def test_several_tests_run_at_once_unless_the_words_say_otherwise(
    monkeypatch: pytest.MonkeyPatch, words: list[str], is_said: bool
):
    has = {"pytest-xdist": "3.8.0"}
    monkeypatch.setattr(installed, "distributions", lambda path: has.items())
    monkeypatch.setattr("os.cpu_count", lambda: 4)
    assert cli.workers(words) == ([] if is_said else ["-n", "9"])
    has.clear()
    assert cli.workers(words) == []


def test_one_file_runs_by_itself(became: list[list[str]], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(environment.ROOT)
    monkeypatch.setattr(cli, "workers", lambda words: ["-n", "5"])
    with pytest.raises(BecameError):
        cli.main(["selftest", "tests/test_draw.py"])
    assert became == [[*PYTEST, "tests/test_draw.py"]]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--foo"], "Opsi '--foo' tidak dikenal di sini; lihat: python -m harness --help"),
        (["--sub=x"], "Opsi '--sub' tidak dikenal di sini; lihat: python -m harness --help"),
        (["--seed", "1", "extra"], "Opsi 'extra' tidak dikenal"),
        (["--seed"], "Opsi '--seed' membutuhkan nilai: --seed N"),
        (["--submission", "--seed=1"], "Opsi '--submission' membutuhkan nilai: --submission DIR"),
        (["--lang"], "Bahasa '' tidak ada; pilih id atau en."),
        (["--lang", "fr"], "Bahasa 'fr' tidak ada; pilih id atau en."),
        (["gradee"], "Perintah 'gradee' tidak dikenal; yang ada: watch, replay, "),
        (["skeleton", "--fix"], "Opsi '--fix' tidak dikenal di sini; lihat: python -m harness sk"),
        (["replay"], "Yang kurang: FILE; lihat: python -m harness replay --help"),
        (["replay", "a", "b"], "Opsi 'b' tidak dikenal"),
        (["matrix", "-j", "x"], "'x' bukan bilangan: -j N"),
        (["soak", "--load=3"], "Opsi '--load' tidak memakai nilai"),
        (["races", "--check=x"], "'x' tidak ada untuk --check; pilih exploration.schedules, "),
        (["--lang", "en", "--foo"], "The option '--foo' is not known here"),
    ],
)
def test_nonsense_is_told_in_one_sentence(
    became: list[list[str]],
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    sentence: str,
):
    """Before any set-up: `became` would hold what was started."""
    assert cli.main(arguments) == cli.MISUSED == 4
    said = capsys.readouterr().err
    assert said.startswith(sentence)
    assert said.count("\n") == 1
    assert became == []


@pytest.mark.parametrize("lang", ["id", "en"])
def test_what_is_not_built_says_so_and_is_not_offered(
    became: list[list[str]],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    lang: str,
):
    name = "later"
    monkeypatch.setattr(commands, "TO_COME", (name,))
    assert cli.main([name, "x", "--out", "y", "--lang", lang]) == 2
    said = capsys.readouterr().err
    assert name in said
    assert said.count("\n") == 1
    assert cli.main(["--help", "--lang", lang]) == 0
    assert f"\n  {name} " not in capsys.readouterr().out


@pytest.mark.parametrize("lang", ["id", "en"])
def test_help_names_everything_that_there_is(capsys: pytest.CaptureFixture[str], lang: str):
    assert cli.main(["--help", "--lang", lang]) == 0
    shown = capsys.readouterr().out
    built = [each.name for each in commands.GRADING if each.is_built]
    assert all(name in shown for name in [*built, *commands.COMMANDS])
    assert "--report" not in shown or "--report" in built


@pytest.mark.parametrize("lang", ["id", "en"])
@pytest.mark.parametrize("name", commands.COMMANDS)
def test_each_command_has_help_of_its_own(
    became: list[list[str]], capsys: pytest.CaptureFixture[str], lang: str, name: str
):
    assert cli.main([name, "--help", "--lang", lang]) == 0
    shown = capsys.readouterr().out
    command = commands.COMMANDS[name]
    assert command.purpose[lang] in shown
    assert all(each.purpose[lang] in " ".join(shown.split()) for each in command.arguments or ())
    assert "positional" not in shown
    assert became == []


def test_every_command_leads_to_a_function():
    for name, command in commands.COMMANDS.items():
        if name != "selftest":
            assert callable(importlib.import_module(command.module).main)


@pytest.mark.parametrize("name", [n for n, each in commands.COMMANDS.items() if each.needs_tests])
def test_without_the_tests_the_maintainers_commands_say_so(
    became: list[list[str]],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    name: str,
):
    monkeypatch.setattr(cli, "TESTS", str(tmp_path / "gone"))
    assert cli.main([name]) == 2
    assert "membutuhkan folder tests/" in capsys.readouterr().err
    assert cli.main(["--help"]) == 0
    assert f"\n  {name} " not in capsys.readouterr().out
    assert became == []


def test_nothing_is_said_in_one_language_only():
    rows = [*commands.COMMANDS.values(), commands.SELF_CHECK]
    tables = [
        *cli.SENTENCES.values(),
        *(command.purpose for command in rows),
        *(argument.purpose for command in rows for argument in command.arguments or ()),
    ]
    assert all(words.keys() == {"id", "en"} and all(words.values()) for words in tables)


def test_ctrl_c_in_a_command_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch, became: list[list[str]], tmp_path: Path
):
    def interrupted(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("harness.replay.main", interrupted)
    assert cli.main(["replay", str(tmp_path / "x")]) == 2


@pytest.mark.parametrize(
    ("arguments", "stale", "status", "said"),
    [
        (["--check"], [], 0, "sesuai"),
        (["--check"], ["modul4/x.py"], 1, "Tidak sesuai dengan solutions/: modul4/x.py"),
        ([], ["modul4/x.py"], 0, "Diturunkan dari solutions/: modul4/x.py"),
    ],
)
def test_skeletons(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    stale: list[str],
    status: int,
    said: str,
):
    monkeypatch.setattr(skeleton, "derive_all", lambda root, check: stale)
    monkeypatch.delenv("MODUL4_LANG", raising=False)
    assert cli.main(["skeleton", *arguments]) == status
    assert said in capsys.readouterr().out


def test_a_broken_source_of_skeletons_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def refuse(root: Path, check: bool) -> list[str]:
        raise skeleton.SkeletonError("server.py", 3, "nested", "mend it")

    monkeypatch.setattr(skeleton, "derive_all", refuse)
    assert cli.main(["skeleton"]) == 1
    assert capsys.readouterr().err == "server.py:3: nested; mend it\n"
