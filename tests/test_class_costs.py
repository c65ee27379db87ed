"""What grading a class costs: counted, printed, and not believed where something went wrong."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from harness.classroom import box
from tests.proof import bench, class_costs
from tests.proof.class_costs import ClassCost
from tests.proof.made_class import Pupil

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
COST = ClassCost(20, 100.0, 150.0, 70.0)


def test_the_figures_are_of_what_was_measured():
    small = replace(COST, graded=5, memory=60.0)
    turns = [
        replace(COST, cpu=cpu, wall=wall) for cpu, wall in ((12, 3), (10, 2), (10, 2), (10, 3))
    ]
    lines = class_costs.told(small, COST, turns, 2, 4, "bubblewrap+landlock")
    said = " ".join(" ".join(lines).split())
    assert "20 graded, -j 4, 2 cores" in said
    assert "box bubblewrap+landlock" in said
    # 20 in 100 s; 150 s of processor time for 20, and 150 of the 200 s that two cores have.
    assert "submissions a minute 12.0 processor time for each 7.5 s" in said
    assert "cores used 75%" in said
    assert "60 MB for 5 graded 70 MB for 20 graded" in said
    assert "processor time, with the box / without 1.10" in said
    assert said.endswith("time, with the box / without 1.50")


def test_a_machine_that_becomes_slower_changes_no_ratio():
    assert class_costs.ratio_of([1.0, 2.0, 3.0, 4.0]) == 1.0


class Lines:
    """What a process says; once its first line has been dealt with, it may go on."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None and process.stdin is not None
        self._said, self._go_on = process.stdout, process.stdin

    def __enter__(self) -> "Lines":
        return self

    def __exit__(self, *_: object) -> None:
        self._said.close()

    def __iter__(self) -> Iterator[bytes]:
        yield self._said.readline()
        self._go_on.close()
        yield from self._said


@linux
def test_memory_is_that_of_the_process():
    program = "import sys\nx = b'x' * 50_000_000\n"
    program += "print('a', flush=True)\nsys.stdin.read()\nprint('b')\nraise SystemExit(3)"
    process = subprocess.Popen(
        [sys.executable, "-S", "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    process.stdout = Lines(process)  # type: ignore[assignment]
    memory, status = class_costs._followed(process)
    assert status == 3
    assert 50 < memory < 200


@linux
def test_no_attack_is_graded_without_a_box(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    asked: list[tuple[str, int, bool, int]] = []

    def measured(work: Path, some: list[Pupil], jobs: int, kind: str) -> ClassCost:
        asked.append((kind, len(some), any(each.attack for each in some), jobs))
        return COST

    monkeypatch.setattr(class_costs, "measured", measured)
    monkeypatch.setattr(box, "strongest", lambda: box.LANDLOCK)
    assert bench.main(["class", "--count", "12", "-j", "3"]) == 0
    assert asked == [
        (box.LANDLOCK, 3, False, 3),
        (box.LANDLOCK, 12, True, 3),
        (box.LANDLOCK, class_costs.SAMPLE, False, 1),
        (box.PROCESS, class_costs.SAMPLE, False, 1),
        (box.PROCESS, class_costs.SAMPLE, False, 1),
        (box.LANDLOCK, class_costs.SAMPLE, False, 1),
    ]
    assert "20 graded, -j 3" in capsys.readouterr().out


@linux
@pytest.mark.parametrize("cost", [replace(COST, error="no room left"), replace(COST, graded=0)])
def test_a_class_that_was_not_graded_is_no_measure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], cost: ClassCost
):
    monkeypatch.setattr(class_costs, "measured", lambda *given: cost)
    assert bench.main(["class", "--count", "4"]) == 1
    assert (cost.error or "nothing was measured") in capsys.readouterr().out


@linux
@pytest.mark.slow
def test_one_submission_is_graded_and_counted(tmp_path: Path):
    pupil = Pupil("Ani", "1", None, "no_programs")
    cost = class_costs.measured(tmp_path / "work", [pupil], 1, box.PROCESS)
    assert (cost.graded, cost.error) == (0, "")
    assert 0 < cost.cpu < cost.wall * 64
