"""The command line: what becomes of it, and what is said when it makes no sense."""

import sys
from pathlib import Path

import pytest

from harness import cli
from harness.setup import environment
from tests.proof import skeleton


class BecameError(Exception):
    """Stands in for the command that this process would have become."""


@pytest.fixture
def became(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that were run instead; the set-up finds everything in place."""
    commands: list[list[str]] = []

    def run_instead(command: list[str]) -> None:
        commands.append(command)
        raise BecameError

    monkeypatch.setattr(environment, "run_instead", run_instead)
    monkeypatch.setattr(environment, "prepare", lambda arguments: None)
    monkeypatch.delenv("MODUL4_LANG", raising=False)
    return commands


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
        (["--seed", "1", "--seed", "2"], ["--lang=id", "--seed=2"]),
        (["--seed", "-1"], ["--lang=id", "--seed=-1"]),
        (
            ["--results", "r", "--report", "p", "--clients", "5"],
            ["--lang=id", "--results=r", "--report=p", "--clients=5"],
        ),
    ],
)
def test_a_self_check_becomes_pytest(
    became: list[list[str]], arguments: list[str], passed_on: list[str]
):
    with pytest.raises(BecameError):
        cli.main(arguments)
    assert became == [[*PYTEST, environment.HARNESS, *cli.FRIENDLY, *passed_on]]


def test_the_kits_own_tests_become_pytest(became: list[list[str]]):
    with pytest.raises(BecameError):
        cli.main(["selftest", "-x", "-k", "layers", "--seed=1"])
    tests = str(Path(environment.ROOT, "tests"))
    assert became == [[*PYTEST, tests, "-x", "-k", "layers", "--seed=1"]]


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
        (["gradee"], "Perintah 'gradee' tidak dikenal; yang ada: watch, replay, grade, load,"),
        (["skeleton", "--fix"], "Opsi '--fix' tidak dikenal"),
        (["--lang", "en", "--foo"], "The option '--foo' is not known here"),
    ],
)
def test_nonsense_is_told_in_one_sentence(
    became: list[list[str]],
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    sentence: str,
):
    assert cli.main(arguments) == cli.MISUSED == 4
    said = capsys.readouterr().err
    assert said.startswith(sentence)
    assert said.count("\n") == 1
    assert became == []


@pytest.mark.parametrize("lang", ["id", "en"])
def test_what_is_not_built_says_so(
    became: list[list[str]], capsys: pytest.CaptureFixture[str], lang: str
):
    for name in ("watch", "replay", "grade", "load"):
        if cli.COMMANDS[name].run.__qualname__.startswith("not_built"):
            assert cli.main([name, "x", "--out", "y", "--lang", lang]) == 2
            assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("lang", ["id", "en"])
def test_help_names_everything(capsys: pytest.CaptureFixture[str], lang: str):
    assert cli.main(["--help", "--lang", lang]) == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in [*cli.OPTIONS, *cli.COMMANDS])


def test_nothing_is_said_in_one_language_only():
    tables = [
        *cli.SENTENCES.values(),
        *(words for _, words in cli.OPTIONS.values()),
        *(command.purpose for command in cli.COMMANDS.values()),
    ]
    assert all(words.keys() == {"id", "en"} and all(words.values()) for words in tables)


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
