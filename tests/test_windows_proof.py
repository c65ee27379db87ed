"""The proof on Windows: what is graded there, what is explained, and what is said without wine."""

import math
import subprocess
import sys
from pathlib import Path

import pytest

from harness import command_line, commands
from harness.contract.rubric import load
from harness.grading.judge import REPO
from tests.played_windows import PlayedPython
from tests.proof.cases import EXPLORATION
from tests.proof.windows import windows_proof, windows_tests, wine, wine_faults
from tests.proof.windows.windows_cases import CHAFF, RACY, WHEAT, WindowsProgram, programs
from tests.proof.windows.wine import Ran

RUBRIC = load()


def names(is_short: bool) -> set[str]:
    return {each.case.name for each in programs(REPO, RUBRIC, is_short)}


def test_every_program_that_is_named_is_graded():
    assert names(is_short=False) == {"solutions/1.contoh", *WHEAT, *CHAFF, *RACY}
    assert len(WHEAT) == len(CHAFF) == 4
    assert len(RACY) == 2


def test_the_short_form_grades_the_reference_and_one_chaff():
    assert names(is_short=True) == {"solutions/1.contoh", CHAFF[0]}


def test_the_short_form_explores_nothing_and_the_long_one_the_correct_servers_and_the_races():
    short, long = (programs(REPO, RUBRIC, is_short) for is_short in (True, False))
    assert not any(EXPLORATION in each.groups for each in short)
    explored = {each.case.name for each in long if EXPLORATION in each.groups}
    assert explored == {"solutions/1.contoh", *WHEAT[:-1], *RACY}


def test_of_its_chaff_the_short_form_asks_what_it_must_fail():
    chaff = programs(REPO, RUBRIC, is_short=True)[-1]
    assert {check.partition(".")[0] for check in chaff.case.must} <= set(chaff.groups)
    assert len(chaff.groups) < len(chaff.case.groups)


def test_every_program_can_be_written(tmp_path: Path):
    for number, each in enumerate(programs(REPO, RUBRIC, is_short=False)):
        each.write(tmp_path / str(number))
        assert (tmp_path / str(number) / each.case.file).is_file()


def test_only_checks_that_exist_are_explained_and_only_where_they_were_not_run():
    assert set(wine_faults.NOT_RUN) <= set(RUBRIC.checks)
    assert wine_faults.explained("one", "client.screen", "not_run")
    assert not wine_faults.explained("one", "client.screen", "failed")
    assert not wine_faults.explained("one", "nickname.unique", "not_run")


def test_what_is_explained_of_one_program_is_not_of_another():
    for program, check in wine_faults.NOT_RUN_OF:
        assert program in WHEAT
        assert check in RUBRIC.checks
        assert wine_faults.explained(program, check, "not_run")
        assert not wine_faults.explained(program, check, "failed")
        assert not wine_faults.explained("one", check, "not_run")


def test_only_tests_that_exist_are_explained():
    for name in wine_faults.TESTS:
        file, _, test = name.partition("::")
        text = (REPO / file).read_text(encoding="utf-8")
        assert f"def {test.partition('[')[0]}(" in text


@pytest.mark.parametrize(("words", "status"), [(["--short"], 0), ([], 3)])
def test_without_wine_one_line_says_why(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    status: int,
):
    monkeypatch.setattr(wine.shutil, "which", lambda name: None)
    assert windows_proof.main(words) == status
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert "wine is not installed, and there is no apt-get" in said


# --- the kit's own tests ----------------------------------------------------------------

SAID = """5 workers [10 items]
tests/test_a.py::test_b
[gw0] [ 10%] PASSED tests/test_a.py::test_b
[gw1] [ 20%] FAILED tests/test_a.py::test_c[x y]
[gw1] [ 30%] SKIPPED tests/test_d.py::test_e
[gw1] [ 40%] ERROR tests/test_d.py::test_f
SKIPPED [1] tests\\test_d.py:13: needs a pty
FAILED tests/test_a.py::test_c[x y] - assert 1 == 2
"""


def test_what_became_of_the_tests_is_read_from_what_is_printed():
    tests = windows_tests.read_tests(SAID)
    assert (tests.total, len(tests.outcomes), tests.skipped) == (10, 4, 1)
    assert tests.failed == ["tests/test_a.py::test_c[x y]", "tests/test_d.py::test_f"]
    assert tests.reasons == {"needs a pty": 1}
    assert tests.in_a_line == "4 of 10 tests have an outcome: 2 failed, 1 left out (10.0 %)"


def test_why_a_test_failed_is_printed_before_the_end(tmp_path: Path):
    pytest.importorskip("xdist")
    (tmp_path / "test_a.py").write_text(
        "def test_b():\n    print('[gw0] [ 9%] PASSED tests/x')\n    assert 'this' == 'that'\n"
        "def test_c():\n    pass\n"
    )
    command = [sys.executable, "-m", "pytest", "-c", str(REPO / "pyproject.toml")]
    command += [*windows_tests.words([str(tmp_path)], 1), f"--rootdir={tmp_path}"]
    said = subprocess.run(
        command, cwd=REPO, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8",
        errors="replace",
    ).stdout  # fmt: skip
    at_once = said.partition("= FAILURES")[0]
    assert "  | E   AssertionError: assert 'this' == 'that'" in at_once
    assert "  | [gw0] [ 9%] PASSED tests/x" in at_once
    tests = windows_tests.read_tests(said)
    assert sorted(tests.outcomes.values()) == ["FAILED", "PASSED"]


def told_of(said: str, status: int | None) -> list[str]:
    return [*windows_tests.told_of_tests(windows_tests.read_tests(said), Ran(status, said))]


def test_failed_tests_and_an_end_too_early_are_differences(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(windows_tests, "blamed", lambda name: "wine" * ("test_f" in name))
    found = told_of(SAID, None)
    assert found[0] == "fails: tests/test_a.py::test_c[x y]"
    assert found[1].startswith("selftest did not come to its end: 4 of 10")
    assert len(found) == 2


def left_out_of(total: int) -> list[str]:
    said = f"2 workers [{total} items]\n[gw0] [ 1%] SKIPPED tests/test_a.py::test_b\n"
    said += "".join(f"[gw0] [ 1%] PASSED tests/test_a.py::test_{n}\n" for n in range(total - 1))
    assert told_of(said, 0) == []
    return [*windows_tests.too_many_left_out(windows_tests.read_tests(said))]


def test_more_than_a_tenth_left_out_is_a_difference():
    assert left_out_of(10) == []
    assert left_out_of(9)[0].startswith("selftest leaves out more than 10 of 100 tests")


def test_every_test_file_is_in_one_part():
    parts = windows_tests.slices(REPO, ())
    files = [each.name for each in (REPO / "tests").glob("test_*.py")]
    found = sorted(name.removeprefix("tests/") for part in parts.values() for name in part)
    assert found == sorted(files)
    assert windows_tests.slices(REPO, ("tests/test_a.py",)) == {"alone": ["tests/test_a.py"]}


def test_every_part_can_be_asked_for():
    arguments = commands.COMMANDS["windows"].arguments or ()
    choices = next(each.choices for each in arguments if each.name == "--part")
    assert choices == (windows_proof.PROGRAMS, *windows_tests.slices(REPO, ()))


def test_of_several_parts_everything_is_counted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    python = PlayedPython(tmp_path, [])
    monkeypatch.setattr(
        python, "runs", lambda *words, within: Ran(0, SAID.replace("10 it", "4 it"))
    )
    found = list(windows_proof._tested(python, {"1": ["a"], "2": ["b"], "3": ["c"]}, 25))
    assert found.count("fails: tests/test_a.py::test_c[x y]") == 3
    assert "4 of 12 tests have an outcome" in capsys.readouterr().out
    assert (tmp_path / "selftest-2.txt").is_file()


def test_a_part_that_hangs_leaves_time_for_those_after_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    now, given = [0.0], list[float]()

    def hangs(*words: str, within: float) -> Ran:
        given.append(within)
        now[0] += within
        return Ran(None, "1 worker [9 items]\n")

    python = PlayedPython(tmp_path, [])
    monkeypatch.setattr(python, "runs", hangs)
    monkeypatch.setattr(windows_proof.time, "monotonic", lambda: now[0])
    parts = {name: [name] for name in "abc"}
    found = list(windows_proof._tested(python, parts, 20))
    assert given == [600, 450, 150]
    assert found[0].startswith("selftest did not come to its end")
    now[0] = 0.0
    assert list(windows_proof._tested(python, parts, 0))[-1] == "no time was left for part c: c"


class Everything:
    """Instead of the grading and of the tests: notes which of them is asked for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[str] = []
        self.unjudged: list[str] = []
        monkeypatch.setattr(windows_proof, "_skeleton", lambda *words: self.note("skeleton"))
        monkeypatch.setattr(
            windows_proof, "_tested", lambda python, parts, minutes: self.note(*parts)
        )
        monkeypatch.setattr(windows_proof, "WindowsGrading", lambda *words: self)

    def differences(self, programs: list[WindowsProgram]) -> list[str]:
        return self.note("programs")

    def note(self, *words: str) -> list[str]:
        self.asked += words
        return []


@pytest.mark.parametrize(
    ("words", "is_done"),
    [
        ([], ["skeleton", "programs", *"123456"]),
        (["--short"], ["skeleton", "programs"]),
        (["--part", "0"], ["skeleton", "programs"]),
        (["--part", "3"], ["3"]),
        (["tests/test_a.py"], ["alone"]),
    ],
)
def test_one_part_can_be_done_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: list[str], is_done: list[str]
):
    everything = Everything(monkeypatch)
    takes = commands.COMMANDS["windows"].arguments or ()
    asked = command_line.read("windows ", takes, words, "en")
    windows_proof._proven(PlayedPython(tmp_path, []), asked, math.inf)
    assert everything.asked == is_done


def test_a_selftest_that_ends_otherwise_is_told_with_its_last_lines():
    assert told_of("1 worker [0 items]\nusage: bad", 4) == [
        "selftest: status 4\n" + "1 worker [0 items]\nusage: bad"
    ]
