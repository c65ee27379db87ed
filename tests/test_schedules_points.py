"""Where within a line a thread can be stopped, how fast each goes, and which lines are shown."""

from __future__ import annotations

import dis
from typing import Any

from harness.schedules.counterexample import ExecutedLine
from harness.schedules.cycles import CYCLES_A_SESSION, FIRST_WEIGHTS, mixed_cycle
from harness.schedules.inside.policy import Haste
from harness.schedules.inside.shared import shared_offsets
from harness.schedules.lanes import around, essential


def joins(self: Any, name: str) -> bool:
    if name in self.names or self.names.add(name):
        return False
    self.count += 1
    return len(name) > 1


def points() -> list[str]:
    code = joins.__code__
    offsets = shared_offsets(code)
    return [found.opname for found in dis.get_instructions(code) if found.offset in offsets]


def test_a_check_and_a_call_on_one_line_can_be_parted() -> None:
    assert {"CONTAINS_OP", "CALL", "STORE_ATTR"} <= set(points())


def test_what_only_touches_a_threads_own_variables_is_no_point() -> None:
    assert not [name for name in points() if name.startswith(("LOAD_FAST", "LOAD_CONST"))]


def test_some_threads_go_faster_than_others() -> None:
    policy = Haste(3, 1.0)
    speeds = {policy.speed(f"main/{number}") for number in range(40)}
    assert len(speeds) > 2
    assert all(policy.speed("main/1") == policy.speed("main/1") for _ in range(3))


def test_the_first_cycle_of_a_process_begins_with_several_at_once() -> None:
    for seed in range(20):
        assert mixed_cycle(seed, CYCLES_A_SESSION * seed, [])["storm"] in FIRST_WEIGHTS


def step(lane: str, line: int, **more: Any) -> ExecutedLine:
    return ExecutedLine(lane, "server.py", line, f"line {line}", **more)


def test_lines_near_a_stop_are_shown_in_the_middle_of_a_long_run() -> None:
    stopped = [step("ani", 30, switched=True), step("ani", 31, stopped="before")]
    long = [step("budi", line) for line in (*range(60, 80), 30, 31, 32, *range(80, 100))]
    long[0] = step("budi", 60, switched=True)
    after = [step("ani", 31, switched=True)]
    shown = around([*stopped, *long, *after])
    assert {30, 31, 32} <= {each.line for each in shown if each.lane == "budi"}
    assert len(shown) < 15


def test_a_loop_is_shown_once() -> None:
    steps = [step("ani", line, switched=not at) for at, line in enumerate([5, 6, 5, 6, 5, 6, 7])]
    assert [each.line for each in around(steps)] == [5, 6, 7]


def test_of_a_deadlock_those_are_shown_who_make_others_wait() -> None:
    waits = [{"task": "a", "holder_task": "b"}, {"task": "b", "holder_task": "a"}]
    assert essential([*waits, {"task": "c", "holder_task": "a"}]) == waits
