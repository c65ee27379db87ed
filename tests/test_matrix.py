"""The kill matrix: what is graded, what is said of the difference, how it looks.

Nothing is graded here but one chaff at the end; the whole matrix takes a quarter of an hour and
runs where MODUL4_MATRIX is set.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.contract.rubric import load
from harness.grading.judge import REPO
from tests.proof import matrix, picture
from tests.proof.cases import (
    EXPLORATION,
    FORGIVEN,
    GROUPS,
    Case,
    all_cases,
    chosen,
)
from tests.proof.chaff import Chaff
from tests.proof.expectations import differences, kills, unproven
from tests.proof.grade_case import Seen, Unjudged, read

RUBRIC = load()
SERVER = [check.id for check in RUBRIC if check.group in GROUPS["server.py"]]
OWN, FOLLOWS, OTHER = "disconnect.leave", "disconnect.mid_line", "start.banner"


def chaff_case(name: str = "leaver", own: str = OWN, follows: str = FOLLOWS) -> Case:
    words = {"id": "Ia pergi.", "en": "It leaves."}
    chaff = Chaff(name, words, "base", "server.py", (), (own,), (follows,), "some.toml:1")
    return Case(name, "server.py", "base", chaff, frozenset((own, follows)), frozenset((own,)))


def wheat_case() -> Case:
    return Case("tests/wheat/right", "server.py", "tests/wheat/right", may=FORGIVEN)


def seen(seconds: float = 1.0, **otherwise: str) -> Seen:
    """All passed, but for what is given as `group__name="outcome"`."""
    outcomes = dict.fromkeys(SERVER, "passed")
    outcomes |= {name.replace("__", "."): outcome for name, outcome in otherwise.items()}
    return Seen(outcomes, dict.fromkeys(outcomes, "this | that"), seconds)


EXACT = seen(disconnect__leave="failed", disconnect__mid_line="failed")


# -- the cases


def test_correct_servers_are_explored_and_of_chaff_those_that_only_exploring_shows():
    cases = all_cases(REPO, RUBRIC)
    explored = {(case.name, case.file) for case in cases if EXPLORATION in case.groups}
    servers = {("solutions/1.contoh", "server.py"), ("tests/wheat/pemula", "server.py")}
    assert servers | {("returner-stays-gone", "server.py")} <= explored
    assert ("names-not-compared", "server.py") not in explored
    assert {file for _, file in explored} == {"server.py"}


def test_the_cases_are_all_chaff_and_all_wheat():
    cases = all_cases(REPO, RUBRIC)
    own = [list(RUBRIC.checks).index(case.chaff.fails[0]) for case in cases if case.chaff]
    assert own == sorted(own)
    wheat = [(case.name, case.file) for case in cases if not case.chaff]
    assert ("solutions/1.contoh", "server.py") in wheat
    assert ("solutions/1.contoh", "client.py") in wheat
    assert len([file for _, file in wheat if file == "server.py"]) >= 15
    assert len([file for _, file in wheat if file == "client.py"]) >= 7


def test_a_wheat_is_graded_as_it_is(tmp_path: Path):
    cases = {case.name: case for case in all_cases(REPO, RUBRIC)}
    cases["tests/wheat/two_files"].write(REPO, tmp_path / "made")
    names = sorted(path.name for path in (tmp_path / "made").iterdir())
    assert names == ["chatroom.py", "server.py"]


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ((), ["leaver", "taker", "tests/wheat/right"]),
        (("taker",), ["taker"]),
        ((OWN,), ["leaver"]),
        ((FOLLOWS,), []),
        (("tests/wheat/right", "nickname.race"), ["taker", "tests/wheat/right"]),
    ],
)
def test_cases_are_chosen_by_name_or_by_check(names: tuple[str, ...], found: list[str]):
    cases = [chaff_case(), chaff_case("taker", own="nickname.race"), wheat_case()]
    assert [case.name for case in chosen(cases, names)] == found


# -- the verdict


def test_the_expected_outcome_is_no_difference():
    assert differences(chaff_case(), EXACT) == []
    assert differences(wheat_case(), seen()) == []
    assert differences(wheat_case(), seen(concurrency__thread_per_client="failed")) == []


def test_a_check_that_requires_a_failed_one_may_be_not_reached():
    waits = {"disconnect.no_spin": "not_reached"}
    assert differences(chaff_case(), Seen(EXACT.outcomes | waits, {}, 1.0)) == []


@pytest.mark.parametrize(
    ("case", "found", "said"),
    [
        (chaff_case(), seen(disconnect__leave="failed"), f"does not fail {FOLLOWS}: passed"),
        (
            chaff_case(),
            seen(disconnect__leave="failed", disconnect__mid_line="not_reached"),
            f"does not fail {FOLLOWS}: not_reached",
        ),
        (
            chaff_case(follows="client.quit"),
            seen(disconnect__leave="failed"),
            "does not fail client.quit: not judged",
        ),
        (wheat_case(), seen(start__banner="failed"), f"fails {OTHER}, which it should not: this"),
        (wheat_case(), seen(start__banner="not_reached"), "was not reached though nothing failed"),
        (wheat_case(), seen(start__banner="inconclusive"), "not judged here (inconclusive): this"),
        (wheat_case(), seen(start__banner="not_run"), "not judged here (not_run): this"),
        (wheat_case(), Seen({}, {}, 0.0), "was not judged at all"),
        (chaff_case(), Seen({}, {}, 0.0), "was not judged at all"),
    ],
)
def test_each_difference_is_told(case: Case, found: Seen, said: str):
    (told,) = differences(case, found)
    assert told.startswith(f"{case.name}: ")
    assert said in told


def test_a_check_with_fewer_than_two_chaff_is_named():
    cases = [chaff_case(), chaff_case("taker", own="start.listens"), chaff_case("again")]
    assert kills(cases) == {OWN: ["leaver", "again"], "start.listens": ["taker"]}
    lacking = unproven(RUBRIC, cases, ["start", "disconnect"])
    assert "start.listens: 1 chaff, fewer than 2" in lacking
    assert f"{FOLLOWS}: 0 chaff, fewer than 2" in lacking
    assert not any(each.startswith((OWN, "broadcast.")) for each in lacking)


def test_results_are_read_for_one_side_only():
    rows = [
        {"id": check, "group": check.partition(".")[0], "outcome": "failed"}
        | {"expected": "this", "seen": "that"}
        for check in ("start.listens", "client.quit")
    ]
    found = read({"checks": rows, "duration_s": 2.5}, ("start",))
    assert found.failed == {"start.listens"}
    assert found.evidence == {"start.listens": "this | that"}
    assert found.seconds == 2.5


# -- the picture


@pytest.mark.parametrize(
    ("case", "check", "outcome", "sign"),
    [
        (chaff_case(), OWN, "failed", "X"),
        (chaff_case(), FOLLOWS, "failed", "x"),
        (chaff_case(), OWN, "passed", "!"),
        (chaff_case(), OTHER, "failed", "!"),
        (chaff_case(), OTHER, "not_reached", "-"),
        (chaff_case(), OTHER, "passed", "."),
        (wheat_case(), OTHER, "inconclusive", "?"),
        (wheat_case(), "concurrency.thread_per_client", "failed", "o"),
        (wheat_case(), OTHER, "failed", "!"),
    ],
)
def test_each_cell_has_a_sign(case: Case, check: str, outcome: str, sign: str):
    assert picture.mark(case, check, outcome) == sign


def test_a_program_is_a_line_and_a_check_a_column():
    lines = picture.matrix(RUBRIC, [(chaff_case(), EXACT)], "server.py")
    assert lines[-1] == "leaver  ..... ....... ........... ... X..x....."
    header = [line.ljust(len(lines[-1])) for line in lines[:-1]]
    place = lines[-1].index("X")
    assert "".join(line[place] for line in header).strip() == "leave"
    assert picture.matrix(RUBRIC, [(chaff_case(), EXACT)], "client.py") == []


def test_the_page_has_the_picture_and_the_chaff_of_each_check():
    text = picture.page(RUBRIC, [(chaff_case(), EXACT), (wheat_case(), seen())], "seed 4")
    assert "1 chaff, 1 wheat; each came out exactly as it must." in text
    assert "X..x....." in next(line for line in text.splitlines() if line.startswith("leaver "))
    assert f"| `{OWN}` | leaver |" in text
    assert "(seed 4)" in text


# -- the command


@pytest.mark.parametrize(
    ("arguments", "asked"),
    [
        ([], matrix.MatrixOptions((), os.cpu_count() or 1, 1)),
        (["-j", "3", "--seed=9", "a", "b"], matrix.MatrixOptions(("a", "b"), 3, 9)),
        (["-j=0"], matrix.MatrixOptions((), 1, 1)),
    ],
)
def test_the_command_line_is_understood(arguments: list[str], asked: matrix.MatrixOptions):
    assert matrix.options(arguments) == asked


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--foo"], "The option '--foo' is not known here"),
        (["-j"], "The option '-j' needs a value: -j N"),
        (["--seed", "x"], "'x' is no number: --seed N"),
        (["nobody"], "no chaff, wheat or check is called nobody"),
    ],
)
def test_a_wrong_command_line_is_told(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
):
    assert matrix.main(arguments) == matrix.MISUSED
    assert capsys.readouterr().err.startswith(said)


Outcome = Callable[[Case], Seen]


@pytest.fixture
def opens(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., int]:
    """Runs the command over made-up cases, in a repository of its own."""
    (tmp_path / "docs").mkdir()
    monkeypatch.setattr(matrix, "ROOT", tmp_path)
    monkeypatch.setattr(matrix, "unproven", lambda *_: [])

    def run(outcome: Outcome, *arguments: str) -> int:
        monkeypatch.setattr(matrix, "all_cases", lambda *_: (chaff_case(), wheat_case()))
        monkeypatch.setattr(matrix, "grade", lambda root, case, seed: outcome(case))
        return matrix.main(arguments)

    return run


def as_it_must(case: Case) -> Seen:
    return EXACT if case.chaff else seen(seconds=16.0)


def test_an_exact_matrix_is_published(
    opens: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert opens(as_it_must) == matrix.EXACT
    said = capsys.readouterr().out
    assert "1 chaff and 1 wheat: no differences." in said
    assert "Longer than 15 s: tests/wheat/right 16 s." in said
    assert (tmp_path / matrix.PAGE).read_text(encoding="utf-8").startswith("# The kill matrix")


def test_a_part_of_the_matrix_is_not_published(opens: Callable[..., int], tmp_path: Path):
    assert opens(as_it_must, "leaver") == matrix.EXACT
    assert not (tmp_path / matrix.PAGE).exists()


def test_an_inexact_matrix_is_not_published(
    opens: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert opens(lambda case: EXACT) == matrix.INEXACT
    said = capsys.readouterr().out
    assert f"tests/wheat/right: fails {OWN}, which it should not: this | that" in said
    assert "docs/matrix.md is left as it was" in said
    assert not (tmp_path / matrix.PAGE).exists()


def test_one_grading_without_results_does_not_stop_the_others(
    opens: Callable[..., int], capsys: pytest.CaptureFixture[str]
):
    def breaks(case: Case) -> Seen:
        if case.chaff:
            raise Unjudged("leaver: status 2\nINTERNALERROR")
        return seen()

    assert opens(breaks) == matrix.INEXACT
    said = capsys.readouterr().out
    assert "INTERNALERROR" in said
    assert "leaver: was not judged at all" in said
    assert "1 chaff and 1 wheat: 1 differences." in said


def test_one_chaff_from_end_to_end(capsys: pytest.CaptureFixture[str]):
    assert matrix.main(["half-line-delivered", "-j", "1"]) == matrix.EXACT
    assert (
        "\nhalf-line-delivered  ..... ....... ........... ... ...X....." in capsys.readouterr().out
    )


@pytest.mark.slow
@pytest.mark.skipif("MODUL4_MATRIX" not in os.environ, reason="MODUL4_MATRIX is not set")
@pytest.mark.timeout(7200)
def test_the_whole_matrix_is_exact():
    assert matrix.main([]) == matrix.EXACT
