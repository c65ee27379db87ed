"""Schedules explored for real: racy chaff is found, replayed and explained; twins pass."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from harness import cli
from harness.record.journal import What
from harness.schedules import in_sandbox
from harness.schedules.counterexample import Counterexample, ExecutedLine
from harness.schedules.cycles import (
    CYCLES_A_SESSION,
    EVERYTHING,
    MOST_SWEPT,
    mixed_cycle,
    swept_cycles,
)
from harness.schedules.explore import explore, replay
from tests.explored import told_to
from tests.racy.faults import FAULTS, TWINS, write

REFERENCE = Path(__file__).parents[1] / "solutions" / "1.contoh" / "server.py"
QUICK = ("name_checked_then_taken_list", "two_sends_for_one_message", "removed_twice")


def found(name: str, folder: Path, seed: int = 1) -> Counterexample:
    verdict = explore(write(name, folder), seed)
    assert verdict.outcome == "failed", verdict
    assert verdict.counterexample is not None
    return verdict.counterexample


@pytest.mark.parametrize("name", QUICK)
def test_chaff_is_found_and_fails_again(name: str, tmp_path: Path) -> None:
    example = found(name, tmp_path)
    assert example.violation.kind in FAULTS[name].kinds
    assert replay(example, tmp_path / "server.py").outcome == "failed"


@pytest.mark.slow
@pytest.mark.parametrize("name", FAULTS)
def test_every_chaff_is_found(name: str, tmp_path: Path) -> None:
    example = found(name, tmp_path)
    assert example.violation.kind in FAULTS[name].kinds
    assert replay(example, tmp_path / "server.py").outcome == "failed"


@pytest.mark.parametrize("name", TWINS)
def test_the_correct_twin_passes(name: str, tmp_path: Path) -> None:
    assert explore(write(name, tmp_path), 1, cycles=48).outcome == "passed"


def test_the_saved_schedule_passes_once_the_fault_is_mended(tmp_path: Path) -> None:
    name = "name_checked_then_taken_list"
    example = found(name, tmp_path)
    example.save(tmp_path / "schedule.json")
    again = Counterexample.load(tmp_path / "schedule.json")
    assert again == example
    mended = write(FAULTS[name].twin, tmp_path / "mended")
    assert replay(again, mended).outcome == "passed"


def test_a_saved_schedule_tells_what_breaks_in_todays_program(tmp_path: Path) -> None:
    name = "name_checked_then_taken_list"
    example = found(name, tmp_path)
    server = tmp_path / "server.py"
    assert replay(example, server).counterexample == example
    source = server.read_text(encoding="utf-8")
    server.write_text(f"# A line more.\n{source}", encoding="utf-8")
    moved = replay(example, server).counterexample
    assert moved is not None
    now = server.read_text(encoding="utf-8").splitlines()
    assert [step.line - 1 for step in example.steps] != [step.line for step in moved.steps]
    assert all(now[step.line - 1].strip() == step.source.strip() for step in moved.steps)
    assert moved.violation.kind == example.violation.kind


def test_another_fault_under_a_saved_schedule_is_told_as_what_it_is(tmp_path: Path) -> None:
    example = found("name_checked_then_taken_list", tmp_path)
    source = REFERENCE.read_text(encoding="utf-8")
    assert "conn.recv(" in source
    faulty = tmp_path / "faulty.py"
    faulty.write_text(source.replace("conn.recv(", "conn.no_such_thing("), encoding="utf-8")
    verdict = replay(example, faulty)
    assert verdict.outcome == "failed"
    assert verdict.counterexample is not None
    assert verdict.counterexample.is_calm
    assert verdict.counterexample.violation.kind != example.violation.kind
    assert verdict.counterexample.tried == 0


def test_a_program_that_python_cannot_read_is_told_as_that(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found("name_checked_then_taken_list", tmp_path).save(tmp_path / "schedule.json")
    server = tmp_path / "server.py"
    lines = server.read_text(encoding="utf-8").count("\n")
    server.write_text(server.read_text(encoding="utf-8") + "def (\n", encoding="utf-8")
    arguments = ["replay", str(tmp_path / "schedule.json"), f"--submission={tmp_path}"]
    assert cli.main(arguments) == 1
    said = capsys.readouterr().out
    assert said.startswith(f"Python tidak bisa membaca programnya: server.py:{lines + 1}: Syntax")
    assert said.endswith(". Perbaiki itu dulu.\n")


def test_of_a_message_sent_in_two_steps_the_three_sends_are_shown(tmp_path: Path) -> None:
    example = found("newline_sent_separately", tmp_path)
    rows = in_sandbox.story(example)
    # Nobody was stopped before the first of them: that one was sent.
    assert [row.what for row in rows] == [What.RUN, What.RUN, What.RUN, What.UNWANTED]
    assert rows[0].who == rows[2].who != rows[1].who
    assert all("sendall" in row.text for row in rows[:3])
    seen = in_sandbox.failure(example).facts["seen"]
    assert isinstance(seen, dict)
    assert "koneksi ke " in seen["id"]
    actors = {row[1] for row in example.journal}
    assert not any(f"koneksi ke {actor}." in seen["id"] for actor in actors)
    again = Counterexample.from_json(json.loads(json.dumps(example.as_json())))
    assert in_sandbox.story(again) == rows


def test_a_variable_that_is_called_like_an_actor_keeps_its_name(tmp_path: Path) -> None:
    example = found("name_checked_then_taken_list", tmp_path)
    assert example.conflict is not None
    actor = next(row[1] for row in example.journal if row[2] == "claim")
    called = replace(example, conflict={**example.conflict, "name": actor})
    told = in_sandbox.by_name(called)
    assert told.conflict is not None
    assert told.conflict["name"] == actor
    assert told.conflict["who"] not in {row[1] for row in example.journal}


def test_a_number_behind_a_name_is_explained_once(tmp_path: Path) -> None:
    example = found("name_checked_then_taken_list", tmp_path)
    seen = in_sandbox.failure(example).facts["seen"]
    assert isinstance(seen, dict)
    marked = {event.who for event in in_sandbox.story(example) if event.who.endswith(")")}
    assert marked
    for lang, said in (("id", "client lain yang meminta"), ("en", "that asked for the same name")):
        (clause,) = (each for each in seen[lang].split(". ") if said in each)
        assert {each.strip() for each in clause.partition(": ")[0].split(",")} == marked
    # Where nobody's name has a number nothing is said of one.
    names = [["", who, "claim", who] for who in {row[1] for row in example.journal}]
    seen = in_sandbox.failure(replace(example, journal=names)).facts["seen"]
    assert isinstance(seen, dict)
    assert "client lain" not in seen["id"]


def test_a_deadlock_is_named_with_holder_and_lines(tmp_path: Path) -> None:
    example = found("lock_taken_again_by_its_holder", tmp_path)
    assert example.violation.kind == "deadlock"
    source = (tmp_path / "server.py").read_text(encoding="utf-8").splitlines()
    wait = next(wait for wait in example.waits if wait["task"] == wait["holder_task"])
    assert "with lock:" in source[wait["at"]["line"] - 1]
    assert "with lock:" in source[wait["held_since"]["line"] - 1]
    line, since = wait["at"]["line"], wait["held_since"]["line"]
    seen = in_sandbox.failure(example).facts["seen"]
    assert isinstance(seen, dict)
    assert f"menunggu lock di baris {line}; lock itu dipegang thread itu sendiri" in seen["id"]
    assert f"at line {line}; the thread itself has held it since line {since}." in seen["en"]
    assert in_sandbox.failure(example).facts["met"] == ""

    # The same with a lock that is asked for by hand, by who ended, went on, or is still inside.
    def met(source: str, **other: object) -> object:
        steps = [ExecutedLine("ani", "server.py", since, source)]
        changed = {**wait, "holder_task": "main/9", **other}
        told = replace(example, steps=steps, waits=[changed])
        return in_sandbox.failure(told).facts["met"]

    by_hand, inside = "lock.acquire()", {"what": "lock"}
    again = {"holder_task": wait["task"], "at": wait["held_since"]}
    assert met("with lock:", holder_alive=False) == "left_locked"
    assert met(by_hand, holder_alive=True, holder_waits=None) == "left_locked"
    assert met(by_hand, holder_alive=True, **again) == "left_locked"
    assert met("with lock:", holder_alive=True, **again) == ""
    assert met("with lock:", holder_alive=True, holder_waits=None) == ""
    assert met(by_hand, holder_alive=True, holder_waits=inside) == ""


def test_one_seed_one_run() -> None:
    plan = [mixed_cycle(3, index, [10, 20, 30]) for index in range(8)]
    first, second = told_to(REFERENCE, plan), told_to(REFERENCE, plan)
    assert first.cycles == second.cycles
    alone = told_to(REFERENCE, plan[5:6])
    assert alone.cycles[0]["journal"] == first.cycles[5]["journal"]


@pytest.mark.parametrize(
    "waits",
    [
        "signal.set_wakeup_fd(socket.socketpair()[1].fileno()), signal.pause()",
        "signal.sigwait({signal.SIGINT})",
        "signal.sigtimedwait({signal.SIGINT}, 1e9)",
    ],
)
def test_waiting_for_ctrl_c_is_no_hindrance(waits: str, tmp_path: Path) -> None:
    source = REFERENCE.read_text(encoding="utf-8")
    main = source.rpartition("if __name__")[0]
    start = f"import signal, socket, threading\nthreading.Thread(target=main).start()\n{waits}\n"
    server = tmp_path / "server.py"
    server.write_text(main + start, encoding="utf-8")
    assert explore(server, 1, cycles=12).outcome == "passed"


def test_a_socket_may_be_handed_to_a_class_of_the_students_own(tmp_path: Path) -> None:
    source = REFERENCE.read_text(encoding="utf-8")
    accepted = "conn, address = listener.accept()\n"
    own = f"{accepted}        conn = socket.socket(fileno=conn.detach())\n"
    assert accepted in source
    server = tmp_path / "server.py"
    server.write_text(source.replace(accepted, own), encoding="utf-8")
    assert explore(server, 1, cycles=12).outcome == "passed"


FOREIGN = {
    "fails before anyone came": "raise KeyError(1)\n",
    "forks": "import os\nos.fork()\n",
    "stops": "import sys\nsys.exit(3)\n",
    "spins": "while True:\n    pass\n",
}


@pytest.mark.parametrize("name", FOREIGN)
def test_what_cannot_be_controlled_is_never_failed(name: str, tmp_path: Path) -> None:
    server = tmp_path / "server.py"
    server.write_text(FOREIGN[name], encoding="utf-8")
    verdict = explore(server, 1, cycles=12)
    assert verdict.outcome in ("not_explorable", "inconclusive")
    assert verdict.reason["id"] and verdict.reason["en"]


def test_it_is_said_what_cannot_be_controlled(tmp_path: Path) -> None:
    source = REFERENCE.read_text(encoding="utf-8")
    assert "conn.recv(" in source
    server = tmp_path / "server.py"
    server.write_text(source.replace("conn.recv(", "os.read(conn.fileno(), "), encoding="utf-8")
    verdict = explore(server, 1, cycles=12)
    assert verdict.outcome == "not_explorable"
    assert "os.read" in verdict.reason["en"]


def test_how_far_it_is_can_be_heard() -> None:
    heard: list[tuple[int, int]] = []
    explore(REFERENCE, 1, cycles=12, counts=lambda done, most: heard.append((done, most)))
    (most,) = {most for _, most in heard}
    # What is drawn, and one or two more for each line that the program has run.
    assert 12 + 2 * 40 < most <= 12 + 2 * MOST_SWEPT
    assert heard == sorted(heard)
    assert heard[-1] == (most, most)


def test_a_sweep_stops_once_at_each_line_both_ways_round() -> None:
    swept = swept_cycles(3, [7, 11, 12], EVERYTHING)
    assert [(each["policy"]["line"], each["policy"]["reversed"]) for each in swept] == [
        (7, False), (7, True), (11, False), (11, True), (12, False), (12, True),
    ]  # fmt: skip
    assert {each["storm"] for each in swept} == {"handover"}
    assert [each["seed"] % CYCLES_A_SESSION for each in swept] == list(range(6))
    assert not swept_cycles(3, [7], EVERYTHING.without("handover"))
    many = swept_cycles(3, range(1000), EVERYTHING, most=10)
    assert len({each["policy"]["line"] for each in many}) == 10 and len(many) == 20
