"""What grading a class costs: `python -m harness bench class`.

A made class is graded, a small one and a larger one, and then some of its programs with the box and
without, in turn. Processor time is what the whole machine used meanwhile, so let nothing else run
beside it: of what happens in a box of bubblewrap the system counts nothing for those who started
it. Attacks are graded in a box alone.
"""

from __future__ import annotations

import contextlib
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.classroom import box
from harness.classroom.one import RESULTS
from harness.contract.rubric import load
from tests.proof.cases import all_cases
from tests.proof.made_class import Pupil, pupils, write_class
from tests.proof.matrix import ROOT
from tests.proof.whole_class import processors

# Of the class: the small one is this part of it; programs that are graded with and without the box.
SMALL, SAMPLE = 4, 4
# With the box, without, without, with: a drift of the machine changes both alike.
TURNS = (True, False, False, True)
MEASURED, FAILED = 0, 1


@dataclass(frozen=True, slots=True)
class ClassCost:
    """What one run of `grade` took.

    ``graded``: submissions that it graded; ``wall`` and ``cpu`` in seconds, of the whole machine;
    ``memory``: the most of the grader, in MB. ``error``: what it said where it failed.
    """

    graded: int
    wall: float
    cpu: float
    memory: float
    error: str = ""


def main(count: int, jobs: int, seed: int = 1) -> int:
    """Measure a class of ``count``, ``jobs`` at once, and print; 1 where something went wrong."""
    if sys.platform != "linux":
        print("bench class: Linux only")
        return FAILED
    some = pupils(ROOT, all_cases(ROOT, load()), count, seed)
    kind = box.strongest()
    cores = len(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory(prefix="modul4-bench-") as folder:
        work = Path(folder)
        small = measured(work / "small", some[: max(count // SMALL, 1)], jobs, kind)
        whole = measured(work / "whole", some, jobs, kind)
        sample = [each for each in some if each.case is not None][:SAMPLE]
        turns = [
            measured(work / f"turn-{at}", sample, 1, kind if has_box else box.PROCESS)
            for at, has_box in enumerate(TURNS)
        ]
    for cost in (small, whole, *turns):
        if cost.error or not cost.graded:
            print(cost.error or "nothing was graded: nothing was measured")
            return FAILED
    print("\n".join(told(small, whole, turns, cores, jobs, box.Box(kind).described)))
    return MEASURED


def told(
    small: ClassCost,
    whole: ClassCost,
    turns: Sequence[ClassCost],
    cores: int,
    jobs: int,
    described: str,
) -> list[str]:
    """The lines to print."""
    load_now = "?"
    if sys.platform != "win32":
        load_now = " ".join(f"{each:.1f}" for each in os.getloadavg())
    python = platform.python_version()
    used = whole.cpu / (whole.wall * cores)
    lines = [
        f"{whole.graded} graded, -j {jobs}, {cores} cores, Python {python}, box {described}",
        f"submissions a minute            {whole.graded / whole.wall * 60:8.1f}",
        f"processor time for each         {whole.cpu / whole.graded:8.1f} s",
        f"cores used                      {used:8.0%}   (load now {load_now})",
        f"memory of the grader            {small.memory:8.0f} MB for {small.graded} graded",
        f"                                {whole.memory:8.0f} MB for {whole.graded} graded",
    ]
    for name, of in (("processor time", "cpu"), ("time", "wall")):
        ratio = ratio_of([getattr(each, of) for each in turns])
        lines.append(f"{name + ', with the box / without':41}{ratio:5.2f}")
    return lines


def ratio_of(figures: Sequence[float]) -> float:
    """What is measured with the box by what is without it, in the order of `TURNS`."""
    boxed = [each for each, has_box in zip(figures, TURNS, strict=True) if has_box]
    bare = [each for each, has_box in zip(figures, TURNS, strict=True) if not has_box]
    return statistics.mean(boxed) / statistics.mean(bare)


def measured(work: Path, some: Sequence[Pupil], jobs: int, kind: str) -> ClassCost:
    """Grade these in a new folder ``work``. Raises `OSError`."""
    work.mkdir()
    write_class(ROOT, some, work / "made", work / "class.zip")
    words = ["grade", str(work / "class.zip"), "--out", str(work / "marks"), "-j", str(jobs)]
    words += ["--seed", "1", "--isolation", kind]
    began, before = time.monotonic(), processors()
    with open(work / "said", "w+b") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "harness", "--lang=en", *words],
            cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said,
        )  # fmt: skip
        memory, status = _followed(process)
        took, after = time.monotonic() - began, processors()
        said.seek(0)
        error = said.read().decode(errors="replace")[-500:] or f"grade ended with {status}"
    cpu = (after[0] - before[0]) / os.sysconf("SC_CLK_TCK")
    count = len(list((work / "marks").glob(f"*/{RESULTS}")))
    return ClassCost(count, took, cpu, memory, "" if status in (0, 3) else error)


def _followed(process: subprocess.Popen[bytes]) -> tuple[float, int]:
    """Wait for its end: the most memory it had (MB), and its status."""
    memory = 0.0
    assert process.stdout is not None
    # It says a line for each submission.
    with process.stdout:
        for _ in process.stdout:
            with contextlib.suppress(OSError, ValueError, IndexError):
                status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
                memory = max(memory, int(status.partition("VmHWM:")[2].split()[0]) / 1024)
    return memory, process.wait()
