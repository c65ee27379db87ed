"""What grading costs, as a ratio: `python -m harness bench`.

Grading is compared with its minimum: for every process that a grading starts, one start of the
reference up to its banner, and its end. Exploring schedules is left out. Both are measured in turn
in the same run, so that the ratio holds on a busy machine too. Then `save_to_verdict` measures how
long a student who uses `watch` waits after a save, on this machine as it is. `bench class`, `bench
fanout` and `bench limits` have modules of their own.
"""

from __future__ import annotations

import importlib.util
import statistics
import sys
import time
from collections.abc import Callable, Sequence

from harness import command_line, commands
from harness.actors.room import Room
from harness.actors.stage import Setting, Stage
from harness.command_line import Misuse
from harness.contract import protocol
from harness.contract.rubric import Rubric, load
from harness.grading.judge import REFERENCE, REPO, Grading
from harness.grading.results import Outcome, Run
from harness.grading.submission import digests
from harness.grading.telling import Story, roles
from harness.record.draw import Draw
from harness.record.journal import Journal
from harness.schedules.fixtures import FIXTURES
from tests.proof import class_costs, fan_out, load_rounds, save_to_verdict

STORIES = REPO / "harness" / "stories"
GROUPS = ("start", "nickname", "broadcast", "concurrency", "disconnect")
# `start.restart` starts its server twice; the calibration starts the reference once more.
EXTRA_STARTS = 2
CLASS = "class"
FAN_OUT_ROUNDS = 5


def stories(rubric: Rubric, groups: Sequence[str] = GROUPS) -> dict[str, Story]:
    """The stories of ``groups`` by check id, in the order of the rubric, without pytest."""
    found: dict[str, Story] = {}
    for group in groups:
        spec = importlib.util.spec_from_file_location(group, STORIES / f"{group}.py")
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for name, function in vars(module).items():
            if name.startswith("test_"):
                found[f"{group}.{name.removeprefix('test_')}"] = roles(function)
    return {check.id: found[check.id] for check in rubric if check.id in found}


def _start(room: Room) -> None:
    """The minimum: the program starts and prints its banner."""
    room.server.starts()
    room.server.prints_within(protocol.BANNER)


def _timed(work: Callable[..., object], *arguments: object) -> float:
    began = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - began


def main(arguments: Sequence[str] = (), lang: str = "en") -> int:
    """Measure so many rounds (5) and print; 1 when the reference lost a check, 4 for nonsense."""
    takes = commands.COMMANDS["bench"].arguments or ()
    try:
        asked = command_line.read("bench ", takes, arguments, lang)
        if asked.rounds == CLASS:
            return class_costs.main(max(asked.count, 1), max(asked.j, 1))
        if asked.rounds == fan_out.FAN_OUT:
            return fan_out.main(FAN_OUT_ROUNDS, asked.pythons.split(",") if asked.pythons else ())
        if asked.rounds == load_rounds.LIMITS:
            return load_rounds.main()
        if not asked.rounds.isdecimal() or int(asked.rounds) < 1:
            raise Misuse("python -m harness bench [ROUNDS]: ROUNDS is a number, 1 or more")
        rounds = int(asked.rounds)
    except Misuse as error:
        sys.stderr.write(f"{error}\n")
        return 4
    rubric = load()
    told = stories(rubric)
    ratios, averages, minima = [], [], []
    for seed in range(rounds):
        run = Run(str(REFERENCE), digests(REFERENCE), seed, "en")
        with Grading(rubric, run, REFERENCE, fixtures=FIXTURES) as grading:
            setting = Setting(grading.sandbox, REFERENCE, grading.patience, grading.known_facts, 20)

            def one_start(setting: Setting = setting) -> None:
                stage = Stage(setting, Draw(0, "bench"), Journal())
                try:
                    _start(Room(stage))
                finally:
                    stage.close()

            # Exploring schedules is no matter of process starts: `races` says what it costs.
            grading.known_facts.unexplorable = {"id": "tidak diukur", "en": "not measured"}

            def one_grading(grading: Grading = grading) -> None:
                grading.calibrate()
                for check, story in told.items():
                    grading.judge(rubric.checks[check], story)

            starts = len(told) + EXTRA_STARTS

            def some_starts(count: int) -> None:
                for _ in range(count):
                    one_start()

            # Half of the bare starts before and half after, so that drift changes both alike.
            before = _timed(some_starts, starts // 2)
            took = _timed(one_grading)
            after = _timed(some_starts, starts - starts // 2)
            lost = [v.check for v in grading.verdicts.values() if v.outcome is not Outcome.PASSED]
            if lost:
                print(f"the reference lost {', '.join(lost)}: nothing was measured")
                return 1
        minima.append(before + after)
        averages.append(took / len(told))
        ratios.append(took / minima[-1])
    print(f"{len(told)} checks, {starts} process starts, {rounds} rounds (median)")
    print(f"a check        {statistics.median(averages) * 1000:7.1f} ms")
    print(f"a bare start   {statistics.median(minima) / starts * 1000:7.1f} ms")
    print(f"grading / sum of its process starts  {statistics.median(ratios):.2f}")
    times = save_to_verdict.measure(2 * rounds)
    print("\n".join(times.lines()))
    return 1 if times.lost else 0
