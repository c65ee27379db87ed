"""An open TODO explains what is not there. It excuses nothing that an earlier TODO did wrong."""

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.contract.rubric import load
from harness.contract.symptoms import Failure, Symptom
from harness.grading.judge import Grading
from harness.grading.results import Outcome, Run
from tests.proof import bench
from tests.tiny import edited

RUBRIC = load()
STORIES = bench.stories(RUBRIC)
JOINED = '                log(f"Client {address[0]} terhubung dengan nickname: {name}")\n'
SAYS = "                say(name, text)\n"
JOINED_AS = '                log(f"Client {address} masuk: {name}")\n'
OPEN = '                raise NotImplementedError("TODO %d")\n'


def failure(folder: Path, check: str) -> Failure:
    with Grading(RUBRIC, Run("x", {}, 3, "en"), folder) as grading:
        verdict = grading.judge(RUBRIC.checks[check], STORIES[check])
    assert verdict.failure is not None
    return verdict.failure


@pytest.mark.parametrize(
    ("check", "edit"),
    [
        ("nickname.log", (JOINED, JOINED_AS + OPEN % 7)),
        (
            "broadcast.log",
            ('log(f"{name}: {text}")\n' + SAYS, 'log(f"{name} {text}")\n' + OPEN % 9),
        ),
    ],
)
def test_a_console_line_that_differs_is_told_though_a_later_todo_is_open(
    submission: Callable[[str], Path], check: str, edit: tuple[str, str]
):
    assert failure(submission(edited(edit)), check).symptom is Symptom.OTHER_LOG


REFUSES = """\
                if not text:
                    return
                if len(text) > 20 or text[0] == "*" or any(map(is_bad, text)):
                    conn.sendall(b"ERR tidak sah\\nNICK\\n")
                    continue
                with lock:
"""
IS_BAD = """\
import unicodedata


def is_bad(letter):
    return letter == ":" or letter.isspace() or unicodedata.category(letter) == "Cc"


def serve(conn, address):
"""


def test_who_is_cut_off_before_it_joined_is_told_though_others_ran_into_a_later_todo(
    submission: Callable[[str], Path],
):
    server = edited(
        (JOINED, JOINED + OPEN % 7),
        (
            "                with lock:\n                    if text",
            REFUSES + "                    if text",
        ),
        ("def serve(conn, address):\n", IS_BAD),
        ("raw.decode().strip()", 'raw.decode().removesuffix("\\n")'),
    )
    folder = submission(server)
    found = failure(folder, "nickname.invalid")
    assert found.symptom is Symptom.ENDED_UNREFUSED and "crash" not in found.facts
    # Without that line nobody is cut off before it has joined.
    right = server.replace("                if not text:\n                    return\n", "")
    right = right.replace("if len(text) > 20", "if not text or len(text) > 20")
    (folder / "server.py").write_text(right, encoding="utf-8")
    with Grading(RUBRIC, Run("x", {}, 3, "en"), folder) as grading:
        verdict = grading.judge(RUBRIC.checks["nickname.invalid"], STORIES["nickname.invalid"])
    assert verdict.outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("check", "edit", "todo"),
    [
        # What is printed on the way there is not the line.
        ("nickname.log", (JOINED, '                log(f"nama {name}")\n' + OPEN % 3), 3),
        ("nickname.log", (JOINED, OPEN % 7), 7),
    ],
)
def test_a_line_that_its_own_open_todo_would_print_is_not_held_against_another(
    submission: Callable[[str], Path], check: str, edit: tuple[str, str], todo: int
):
    expected = Failure("server.py", Symptom.TODO_OPEN, {"todo": todo})
    assert failure(submission(edited(edit)), check) == expected
