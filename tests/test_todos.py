"""The TODOs of a student's files: found by their functions, whatever became of the comments."""

from dataclasses import replace
from pathlib import Path

import pytest

from harness.contract import hints, todos
from harness.contract.rubric import load
from harness.contract.symptoms import Failure, Symptom
from harness.contract.todos import (
    TodoFunction,
    TodoPlace,
    comment,
    functions_at,
    places,
    still_open,
)
from harness.grading.judge import REFERENCE, REPO
from harness.grading.results import Outcome, Verdict
from harness.grading.suspects import with_suspects
from tests.proof import skeleton

RUBRIC = load()
FILES = ("server.py", "client.py")
SKELETON = REPO / "modul4" / "1.contoh"


def test_the_comment_of_a_todo_is_read_from_the_file():
    source = "def f():\n    # TODO 12: Tanya.\n    # Ingat: x.\n    pass\n    # lain\n"
    assert comment(source, 12) == ["TODO 12: Tanya.", "Ingat: x."]
    assert comment(source, 1) == []


def test_the_rubric_names_the_function_of_each_todo():
    found = [
        TodoFunction(todo.number, name, todo.function)
        for name in FILES
        for todo in skeleton.todos((REFERENCE / name).read_text(encoding="utf-8"))
    ]
    assert list(RUBRIC.todos) == found


def test_every_todo_that_a_check_is_about_is_listed():
    numbers = {todo.number for todo in RUBRIC.todos}
    assert {number for check in RUBRIC for number in check.blame} <= numbers


def test_the_first_line_of_a_comment_says_what_is_wanted(tmp_path: Path):
    home = todos.TodoFunction(3, "server.py", "ask")
    (tmp_path / "server.py").write_text("def ask():\n    # TODO 3: Kirim NICK.\n    # Ingat: x\n")
    assert todos.wanted_words(tmp_path, [home]) == {3: "Kirim NICK."}
    (tmp_path / "server.py").write_text("def ask():\n    pass\n")
    assert todos.wanted_words(tmp_path, [home]) == {}
    assert todos.wanted_words(tmp_path / "nowhere", [home]) == {}


NO_RETURN = """
def connect(host) -> socket:
    s = socket()
    s.connect(host)

def lines(conn) -> list:
    yield conn

def ask(conn) -> str | None:
    if conn:
        return "x"

def talk(conn) -> None:
    pass

def leave(conn) -> int:
    raise NotImplementedError("TODO 14")
"""


def test_what_should_return_something_and_does_not_is_suspected_of_none(tmp_path: Path):
    (tmp_path / "client.py").write_text(NO_RETURN)
    names = ("connect", "lines", "ask", "talk", "leave", "nowhere")
    homes = [TodoFunction(10 + at, "client.py", name) for at, name in enumerate(names)]
    assert todos.that_return_nothing(tmp_path, homes) == [10]
    assert todos.that_return_nothing(tmp_path / "nowhere", homes) == []
    crash = {"error": "AttributeError: 'NoneType' object has no attribute 'makefile'"}
    failure = Failure(
        "client.py", Symptom.CLIENT_ENDED, {"crash": crash | {"place": "client.py:9"}}
    )
    rubric = replace(RUBRIC, todos=tuple(homes))
    verdict = with_suspects(Verdict("client.nickname", Outcome.FAILED, failure), tmp_path, rubric)
    assert verdict.suspected == (10,)


ACCEPTS = """def accept_clients(listener):  # TODO 2
    conn, address = listener.accept()
    conn.settimeout(10)


def join(name, conn):
    listener.settimeout(1)
    conn.settimeout(None)
"""


def slow(tmp_path: Path, source: str, symptom: Symptom = Symptom.NOTHING_CAME) -> Verdict:
    (tmp_path / "server.py").write_text(source)
    failure = Failure("budi", symptom, {"line": "x"})
    return with_suspects(
        Verdict("concurrency.slow_reader", Outcome.FAILED, failure), tmp_path, RUBRIC
    )


def test_a_time_limit_of_a_connection_is_suspected_where_a_slow_reader_holds_up_others(
    tmp_path: Path,
):
    check = RUBRIC.checks["concurrency.slow_reader"]
    for source in (ACCEPTS, ACCEPTS.replace("conn.settimeout(10)", "socket.setdefaulttimeout(9)")):
        verdict = slow(tmp_path, source)
        assert verdict.suspected == (2, *check.blame)
        assert verdict.failure is not None
        assert "settimeout" in hints.of_failure(check, verdict.failure, "en")[0]
    # Who is cut off has other hints; the limit is the first to look at all the same.
    verdict = slow(tmp_path, ACCEPTS, Symptom.HUNG_UP)
    assert verdict.suspected == (2, *check.blame)
    assert verdict.failure is not None
    assert "met" not in verdict.failure.facts


@pytest.mark.parametrize(
    "source", [ACCEPTS.replace("conn.settimeout(10)", "pass"), "def accept(:", ""]
)
def test_without_a_limit_for_a_client_nothing_else_is_suspected(tmp_path: Path, source: str):
    """The listener's limit is for accept, and `settimeout(None)` takes a limit away."""
    verdict = slow(tmp_path, source)
    assert verdict.suspected == ()
    assert verdict.failure is not None
    assert "met" not in verdict.failure.facts


def test_a_todo_is_found_in_the_file_without_its_comment(tmp_path: Path):
    (tmp_path / "server.py").write_text("x = 1\n\n\ndef is_valid():\n    return True\n")
    todos = [TodoFunction(5, "server.py", "is_valid"), TodoFunction(6, "server.py", "join")]
    assert places(tmp_path, todos) == {5: TodoPlace("server.py", "is_valid", 4, 5)}
    assert str(places(tmp_path, todos)[5]) == "server.py:4-5, is_valid"


def test_lines_are_named_with_the_functions_that_they_are_in(tmp_path: Path):
    text = "x = 1\n\n\nclass Room:\n    def join(self):\n        def ask():\n            pass\n"
    (tmp_path / "server.py").write_text(f"{text}        ask()\n        return 2\n")
    lines = ["server.py:8", "server.py:9", "server.py:8", "server.py:7", "server.py:1", "x.py:3"]
    assert functions_at(tmp_path, lines) == (
        "server.py:8, 9 (Room.join); server.py:7 (Room.join.ask); server.py:1; x.py:3"
    )
    assert functions_at(tmp_path, ["", "server.py", "server.py:x"]) == ""


def test_all_todos_of_the_skeleton_are_open_and_none_of_the_reference():
    numbers = {todo.number for todo in RUBRIC.todos}
    assert still_open(SKELETON, FILES) == numbers
    assert still_open(REFERENCE, FILES) == frozenset()
    assert places(SKELETON, RUBRIC.todos).keys() == numbers


@pytest.mark.parametrize("source", [None, b"def f(:", b"\xff\xfe", b"x = " + b"(" * 5000])
def test_a_file_that_cannot_be_read_has_no_todos(tmp_path: Path, source: bytes | None):
    if source is not None:
        (tmp_path / "server.py").write_bytes(source)
    assert places(tmp_path, RUBRIC.todos) == {}
    assert still_open(tmp_path, FILES) == frozenset()


def test_a_program_without_the_skeleton_has_no_todos(tmp_path: Path):
    own = "def terima():\n    pass\n\n\ndef broadcast():\n    pass\n"
    (tmp_path / "server.py").write_text(own, encoding="utf-8")
    assert places(tmp_path, RUBRIC.todos) == {}
    (tmp_path / "server.py").write_text(f"# TODO 9: kirim\n{own}", encoding="utf-8")
    assert set(places(tmp_path, RUBRIC.todos)) == {9}


USED = """
def split(conn):
    raise NotImplementedError("TODO 4")


def chat(lines):
    raise NotImplementedError("TODO 8")


def serve(conn):
    chat(split(conn))


def spare():
    raise NotImplementedError("TODO 9")
"""


def test_an_open_todo_that_nothing_uses_is_told_from_one_that_is_needed():
    assert todos.open_todos(USED) == (4, 8, 9)
    assert todos.open_and_used(USED) == (4, 8)


def test_lines_are_found_in_the_functions_of_the_todos():
    places = {
        3: todos.TodoPlace("server.py", "ask", 60, 70),
        6: todos.TodoPlace("server.py", "join", 120, 130),
        12: todos.TodoPlace("client.py", "choose", 60, 70),
    }
    assert todos.todos_at(places, ["server.py:125", "server.py:60"]) == [6, 3]
    assert todos.todos_at(places, ["server.py:99", "", "client.py:70"]) == [12]
