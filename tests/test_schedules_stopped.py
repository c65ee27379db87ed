"""Where no meeting explains a race, the lines at which threads were stopped do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.contract.rubric import load
from harness.grading.results import Outcome, Verdict
from harness.grading.suspects import with_suspects
from harness.schedules import in_sandbox
from harness.schedules.counterexample import Counterexample, ExecutedLine
from harness.schedules.lanes import steps_of
from harness.schedules.oracle import Violation
from tests.explored import told_to

RUBRIC = load()
SWITCH = [["main", 5, 0, "main/1"]]
CYCLE = {"policy": {"kind": "script", "grain": "line", "choices": SWITCH}, "storm": "x"}
# TODO 2 and 6, and a function that the skeleton brings.
SERVER = """def accept_clients(listener):
    pass  # TODO 2


def join(name, conn):
    pass


def send_line(conn, line):
    pass
"""
ACCEPTS, JOINS, SENDS = 2, 6, 10


def stopped_at(*lines: int, **more: object) -> Counterexample:
    """A client that was cut off, after threads were stopped at these lines."""
    steps = [ExecutedLine("c0", "server.py", each, "", stopped="before") for each in lines]
    example = Counterexample(
        seed=1, storm="x", before=[], found=CYCLE, shrunk=CYCLE,
        violation=Violation("dropped", "c0", seen="end_by_server"), preemptions=1, choices_found=1,
        steps=[*steps, ExecutedLine("c1", "server.py", JOINS, "")], waits=[], errors=[], journal=[],
    )  # fmt: skip
    return replace(example, **more)  # type: ignore[arg-type]


def suspected(example: Counterexample, folder: Path, source: str = SERVER) -> Verdict:
    (folder / "server.py").write_text(source)
    failure = in_sandbox.failure(example)
    return with_suspects(Verdict("exploration.schedules", Outcome.FAILED, failure), folder, RUBRIC)


def test_a_thread_that_was_stopped_tells_the_function_it_was_in(tmp_path: Path):
    assert suspected(stopped_at(ACCEPTS), tmp_path).suspected == (2,)
    assert suspected(stopped_at(JOINS, SENDS, ACCEPTS), tmp_path).suspected == (6, 2)


def test_the_functions_of_the_skeleton_are_nobodys_todo(tmp_path: Path):
    verdict = suspected(stopped_at(SENDS), tmp_path)
    assert verdict.suspected == ()
    assert verdict.failure is not None
    assert "where" not in verdict.failure.facts
    # A program with functions of its own has only those to name.
    own = suspected(stopped_at(SENDS), tmp_path, "def kirim(conn, line):\n" + "    pass\n" * 12)
    assert own.failure is not None
    assert own.failure.facts["where"] == "server.py:10 (kirim)"


def test_who_held_a_lock_was_safe_where_it_was_stopped(tmp_path: Path):
    example = stopped_at(JOINS)
    steps = [replace(step, is_locked=bool(step.stopped)) for step in example.steps]
    assert suspected(replace(example, steps=steps), tmp_path).suspected == ()


def test_what_is_known_of_a_meeting_says_more(tmp_path: Path):
    met = {"kind": "walked_unlocked", "name": "members", "who": "c0", "line": JOINS, "rows": []}
    met |= {"other": "c1", "other_line": SENDS, "again_line": JOINS, "at_fault": [ACCEPTS]}
    assert suspected(stopped_at(JOINS, conflict=met), tmp_path).suspected == (2,)
    # One that an earlier version saved does not tell whose fault it is.
    assert suspected(stopped_at(ACCEPTS, conflict=met | {"at_fault": []}), tmp_path).suspected == (
        6,
    )


LOCKING = """import socket
import threading

lock = threading.Lock()


def serve(conn):
    {hold}
        conn.sendall(b"NICK\\n")
    conn.recv(10)


listener = socket.create_server(("127.0.0.1", 55555))
print("Server menunggu koneksi...", flush=True)
while True:
    conn, _ = listener.accept()
    threading.Thread(target=serve, args=(conn,), daemon=True).start()
"""


@pytest.mark.parametrize(("hold", "is_locked"), [("with lock:", True), ("if lock:", False)])
def test_it_is_known_whether_a_lock_was_held(tmp_path: Path, hold: str, is_locked: bool):
    server = tmp_path / "server.py"
    server.write_text(LOCKING.format(hold=hold))
    line = 9  # where it says NICK
    policy = {"kind": "stop", "line": line, "parks": 1, "reversed": False, "grain": "line"}
    phases = [{"a": [["connect"]], "b": [["connect"]]}]
    cycle = {"storm": "", "seed": 0, "policy": policy, "phases": phases, "record": True}
    done = told_to(server, [cycle]).cycles[0]
    steps = steps_of(done, tmp_path, len(done["journal"]), "line")
    stops = [step for step in steps if step.stopped and step.line == line]
    assert stops
    assert {step.is_locked for step in stops} == {is_locked}
