"""Soaking: what is counted as wrong, the bound that follows, and the trouble made beside it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.contract.rubric import load
from tests.proof import adversity, soak
from tests.proof.adversity import Pauses, below, busy, parents
from tests.proof.cases import Case
from tests.proof.grade_case import Seen, Unjudged
from tests.test_matrix import EXACT, chaff_case, seen, wheat_case
from tests.watching import LONG

LINUX = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")


# -- counting


def test_none_wrong_bounds_the_rate():
    tally = soak.Tally()
    assert tally.bound() == "nothing was judged"
    assert tally.add(chaff_case(), EXACT, seed=7) == []
    assert (tally.gradings, tally.verdicts) == (1, len(EXACT.outcomes))
    tally.verdicts = 6000
    assert tally.bound() == "0 of 6000 verdicts wrong: below 0.050% with 95 % confidence"


def test_a_wrong_verdict_is_counted_and_told_with_its_seed():
    tally = soak.Tally()
    told = tally.add(wheat_case(), seen(start__banner="failed"), seed=7)
    assert told == tally.wrong
    assert told[0].startswith("--seed 7  tests/wheat/right: fails start.banner")
    assert tally.bound() == f"1 of {tally.verdicts} verdicts wrong ({1 / tally.verdicts:.2%})"


def test_what_the_machine_spoilt_is_not_wrong_but_counted():
    tally = soak.Tally()
    spoilt = seen(start__banner="inconclusive", start__restart="not_run")
    assert tally.add(wheat_case(), spoilt, seed=7) == []
    assert tally.undecided == 1
    assert tally.verdicts == len(spoilt.outcomes) - 2


# -- the command


@pytest.mark.parametrize(
    ("arguments", "asked"),
    [
        (["--runs=3", "--seed", "5", "a"], (("a",), 3, 0.0, 5, False, False)),
        (["--load", "--minutes", "0.5", "--seed=1"], ((), 0, 0.5, 1, True, False)),
        (["--pause", "--seed=1"], ((), 0, 0.0, 1, False, True)),
    ],
)
def test_the_command_line_is_understood(arguments: list[str], asked: tuple[object, ...]):
    got = soak.options(arguments)
    assert (got.names, got.runs, got.minutes, got.seed, got.load, got.pause) == asked


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--foo"], "The option '--foo' is not known here; see: python -m harness soak --help"),
        (["--runs"], "The option '--runs' needs a value: --runs N"),
        (["--runs=many"], "'many' is no number: --runs N"),
        (["nobody"], "no chaff, wheat or check is called nobody"),
    ],
)
def test_a_wrong_command_line_is_told(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
):
    assert soak.main(arguments) == soak.MISUSED
    assert capsys.readouterr().err.startswith(said)


@pytest.fixture
def soaks(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Runs the command over one chaff and one wheat, made up."""

    def run(outcome: Callable[[Case], Seen], *arguments: str) -> int:
        monkeypatch.setattr(soak, "all_cases", lambda *_: (chaff_case(), wheat_case()))
        monkeypatch.setattr(soak, "once", lambda root, case, seed: outcome(case))
        return soak.main(["--seed=1", "-j=1", *arguments])

    return run


def as_it_must(case: Case) -> Seen:
    return EXACT if case.chaff else seen()


def test_each_program_gets_its_turn(soaks: Callable[..., int], capsys: pytest.CaptureFixture[str]):
    graded: list[str] = []

    def outcome(case: Case) -> Seen:
        graded.append(case.name)
        return as_it_must(case)

    assert soaks(outcome, "--runs=6") == soak.EXACT
    assert sorted(graded) == ["leaver"] * 3 + ["tests/wheat/right"] * 3
    assert f"0 of {6 * len(EXACT.outcomes)} verdicts wrong" in capsys.readouterr().out


def test_a_wrong_verdict_makes_it_fail(
    soaks: Callable[..., int], capsys: pytest.CaptureFixture[str]
):
    assert soaks(lambda case: seen(), "--runs=2") == soak.INEXACT
    assert "WRONG --seed " in capsys.readouterr().out


def test_a_grading_without_results_ends_it_with_a_status_of_its_own(
    soaks: Callable[..., int], capsys: pytest.CaptureFixture[str]
):
    def breaks(case: Case) -> Seen:
        raise Unjudged(f"{case.name}: status 2")

    assert soaks(breaks, "--runs=1") == soak.UNJUDGED
    assert "status 2" in capsys.readouterr().err


@pytest.mark.slow
def test_one_grading_for_real(capsys: pytest.CaptureFixture[str]):
    assert soak.main(["half-line-delivered", "--runs=1", "--seed=3"]) == soak.EXACT
    judged = [check.id for check in load() if check.group not in ("client", "exploration")]
    assert f"0 of {len(judged)} verdicts wrong" in capsys.readouterr().out


# -- trouble


def test_descendants_are_children_and_theirs():
    assert sorted(below(1, {2: 1, 3: 2, 4: 3, 6: 5, 1: 0})) == [2, 3, 4]
    assert below(7, {2: 1}) == []


@LINUX
def test_busy_processes_are_there_and_gone():
    with busy(2):
        assert len(list(below(os.getpid(), parents()))) >= 2
    assert not any(
        Path(f"/proc/{pid}/cmdline").read_bytes().endswith(b"while True: pass\0")
        for pid in below(os.getpid(), parents())
    )


@LINUX
def test_a_process_is_stopped_and_goes_on(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(adversity, "CALM", (0.0, 0.01))
    monkeypatch.setattr(adversity, "STOPPED", (0.01, 0.02))
    # It counts to a million and says so: it only ends if it goes on after each stop.
    counts = "print(sum(1 for _ in range(1_000_000)))"
    with Pauses(seed=1) as pauses:
        done = subprocess.run(
            [sys.executable, "-S", "-c", counts], capture_output=True, text=True, check=True
        )
        while not pauses.count:
            subprocess.run([sys.executable, "-S", "-c", counts], check=True, capture_output=True)
    assert done.stdout == "1000000\n"
    assert pauses.count >= 1


@LINUX
@pytest.mark.slow
def test_asked_to_end_it_leaves_nobody_stopped():
    command = [sys.executable, "-m", "harness", "soak", "--pause", "--minutes=5", "host-ignored"]
    soaking = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    while not any(True for _ in below(soaking.pid, parents())):
        assert soaking.poll() is None
    soaking.terminate()
    said, _ = soaking.communicate()
    assert "gradings in 0 minutes, -j" in said
    assert soaking.returncode == 0


@pytest.mark.skipif(sys.platform != "linux", reason="seen in /proc")
def test_busy_processes_end_with_whoever_started_them():
    start = (
        "import os, subprocess, sys\n"
        "from tests.proof.adversity import _BURN\n"
        "command = [sys.executable, '-S', '-c', _BURN, str(os.getpid())]\n"
        "print(subprocess.Popen(command, stdout=2).pid)\n"
    )
    command = [sys.executable, "-c", start]
    told = subprocess.run(command, stdout=subprocess.PIPE, cwd=soak.ROOT, check=True)
    stat = Path(f"/proc/{int(told.stdout)}/stat")

    def is_gone() -> bool:
        try:
            return stat.read_text(encoding="utf-8").rpartition(")")[2].split()[0] in "ZX"
        except OSError:
            return True

    deadline = time.monotonic() + LONG
    while not is_gone() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert is_gone()
