"""What the evidence of a failure says of the TODO, beside the rubric."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.contract.rubric import load
from harness.contract.symptoms import Failure, Symptom
from harness.grading.judge import REFERENCE
from harness.grading.results import Outcome, Verdict, blamed_numbers
from harness.grading.suspects import with_suspects
from harness.record.journal import Event, What

RUBRIC = load()


def blamed(check: str, symptom: Symptom, folder: Path = REFERENCE, **facts: object) -> list[int]:
    story = (Event(0.1, "ani", "server.py", What.LEAVE),)
    failed = Verdict(check, Outcome.FAILED, Failure("budi", symptom, facts), story=story)
    return blamed_numbers(RUBRIC.checks[check], with_suspects(failed, folder, RUBRIC))


@pytest.mark.parametrize(
    ("seen", "todos"),
    [
        ("OK\n", [3, 6]),
        ("NICK\n", [3, 6]),
        ("ERR dipakai\n", [3, 6]),
        # Of somebody who has just gone.
        ("ani keluar dari chat\n", [7]),
        # Nothing says where that comes from: the rubric's own.
        ("selamat datang\n", [8, 9]),
    ],
)
def test_a_line_that_nobody_should_have_got_says_what_sent_it(seen: str, todos: list[int]):
    assert blamed("broadcast.format", Symptom.STRAY_LINE, seen=seen) == todos


@pytest.mark.parametrize(
    ("check", "symptom"),
    [
        ("disconnect.mid_line", Symptom.HALF_LINE),
        ("broadcast.long_line", Symptom.HUNG_UP),
    ],
)
def test_what_was_read_and_not_finished_is_a_matter_of_where_it_is_read(
    check: str, symptom: Symptom, tmp_path: Path
):
    # In the reference it is read in a function that is given: no TODO is named, but the function.
    assert blamed(check, symptom) == []
    failed = Verdict(check, Outcome.FAILED, Failure("budi", symptom, {}))
    found = with_suspects(failed, REFERENCE, RUBRIC).failure
    assert found is not None and "(read_lines)" in str(found.facts["where"])
    # Another program reads in a TODO's function: that one.
    (tmp_path / "server.py").write_text(
        "# TODO 8\ndef chat(conn):\n    while line := conn.makefile().readline():\n        pass\n"
    )
    assert blamed(check, symptom, tmp_path) == [8]
    # A file that cannot be read says nothing.
    (tmp_path / "server.py").write_text("def")
    assert blamed(check, symptom, tmp_path) == [4]


def test_what_is_about_something_else_is_left_as_it_is():
    assert blamed("disconnect.leave", Symptom.HUNG_UP, seen="OK") == list(
        RUBRIC.checks["disconnect.leave"].blame
    )
