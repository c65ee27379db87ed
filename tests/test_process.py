"""One run of a student's file: what it printed, how it ended, what it says of itself."""

import os
import sys
import textwrap
from collections.abc import Callable, Iterator

import pytest

from harness.contract.symptoms import Symptom
from harness.program import process
from harness.program.idle import IdleWatch
from harness.program.observe import Starvation
from harness.program.process import Program
from harness.program.sandbox import Sandbox
from harness.record.journal import Journal, What
from tests.watching import eventually

Runs = Callable[..., Program]


@pytest.fixture
def journal() -> Journal:
    return Journal()


@pytest.fixture
def runs(sandbox: Sandbox, journal: Journal, submission: Callable) -> Iterator[Runs]:
    """Runs a program; it is ended after the test."""
    running: list[Program] = []

    def run(text: str, *arguments: str) -> Program:
        folder = submission(textwrap.dedent(text), f"program {len(running)}")
        started = Program(
            sandbox, sandbox.fresh(folder), "server.py", arguments, journal, lambda: None
        )
        running.append(started)
        return started

    yield run
    for each in running:
        each.end()


def ended(one: Program) -> Program:
    """The process, once it has ended by itself and all its output was taken in."""
    assert eventually(lambda: one.collect() or (one.status is not None and one.has_ended_output))
    return one


def says(one: Program, line: str) -> bool:
    return eventually(lambda: one.collect() or one.has_printed(line))


def told(journal: Journal) -> list[tuple[What, str, str]]:
    return [(event.what, event.to, event.text) for event in journal.events]


def test_start_output_and_end_are_in_the_journal(runs: Runs, journal: Journal):
    one = ended(runs("import sys\nprint('halo\\r')\nprint('aduh', file=sys.stderr)", "--port", "1"))
    assert one.status == 0
    one.end()
    story = told(journal)
    assert story[0] == (What.START, "", "server.py --port 1")
    assert set(story[1:3]) == {(What.PRINT, "stdout", "halo"), (What.PRINT, "stderr", "aduh")}
    assert story[3:] == [(What.END, "", "")]


def test_it_runs_until_it_is_ended_and_ending_twice_is_harmless(runs: Runs, journal: Journal):
    one = runs("import time\nprint('siap')\ntime.sleep(600)")
    assert says(one, "siap")
    assert one.status is None
    assert not one.has_ended_output
    one.end()
    assert one.status == (-9 if os.name == "posix" else 1)
    assert one.has_ended_output
    one.end()
    assert [event.what for event in journal.events].count(What.END) == 1


@pytest.mark.parametrize(
    "waits",
    [
        "input()",
        "sys.stdin.read()",
        pytest.param(
            "select.select([sys.stdin], [], [])",
            marks=pytest.mark.skipif(os.name != "posix", reason="Windows selects sockets only"),
        ),
        "threading.Thread(target=input).start()",
    ],
)
def test_nobody_types_and_nobody_closes_the_keyboard(runs: Runs, waits: str):
    one = runs(f"import select, sys, threading\nprint('siap')\n{waits}\nprint('terus')")
    assert says(one, "siap")
    rests = IdleWatch(one)
    assert eventually(lambda: rests.has_lasted(0.2))
    assert one.status is None


def test_last_words_are_taken_in_at_the_end(runs: Runs, journal: Journal):
    words = "import sys, time\nprint('kata terakhir')\nprint('aduh', file=sys.stderr)\n"
    one = runs(words + "time.sleep(600)")
    assert eventually(lambda: not one.stderr._pending.empty())
    one.end()
    assert (What.PRINT, "stdout", "kata terakhir") in told(journal)
    assert (What.PRINT, "stderr", "aduh") in told(journal)


def test_the_exit_status_is_told(runs: Runs):
    assert ended(runs("raise SystemExit(7)")).status == 7
    aborted = -6 if os.name == "posix" else 3
    assert ended(runs("import os\nos.abort()")).status == aborted


def test_a_console_line_must_stand_on_a_line_of_its_own(runs: Runs):
    one = ended(runs("print('[12:00] ani: halo')\nprint('bukan budi: hai')"))
    assert one.has_printed("ani: halo")
    assert not one.has_printed("budi: hai")


def test_stderr_is_no_place_for_console_lines(runs: Runs):
    assert not ended(runs("import sys\nsys.stderr.write('ani: halo\\n')")).has_printed("ani: halo")


def test_a_traceback_is_recognised(runs: Runs):
    assert ended(runs("1 / 0")).has_traceback
    assert not ended(runs("print('Traceback')")).has_traceback


def test_a_traceback_of_an_open_todo_is_none(runs: Runs):
    todo = "def f(): raise NotImplementedError('TODO 3')\n"
    assert not ended(runs(todo + "f()")).has_traceback
    assert not ended(runs(todo + "try: f()\nfinally: f()")).has_traceback
    assert ended(runs(todo + "try: f()\nfinally: 1 / 0")).has_traceback
    assert ended(runs("raise NotImplementedError('nanti')")).has_traceback


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = 1\ndef f(:\n    pass\n", "server.py:2: invalid syntax"),
        ("def f():\nx = 1\n", "server.py:2: expected an indented block"),
        ("if 1:\n\tx = 1\n        y = 2\n", "server.py:3: "),
        ("x = 'a\n", "server.py:1: unterminated string literal"),
    ],
)
def test_a_syntax_error_is_told_by_file_line_and_version(runs: Runs, text: str, said: str):
    found = ended(runs(text)).why_not_started()
    assert found is not None
    assert found.symptom is Symptom.SYNTAX_ERROR
    assert str(found.facts["error"]).startswith(said)
    assert found.facts["python"] == f"{sys.version_info[0]}.{sys.version_info[1]}"


def test_an_error_in_another_file_is_told_by_its_name(runs: Runs):
    made = "open('ruang.py', 'w').write('x =')\nimport ruang"
    found = ended(runs(made)).why_not_started()
    assert found is not None
    assert str(found.facts["error"]).startswith("ruang.py:1: ")


@pytest.mark.parametrize(
    ("text", "todo"),
    [
        ("raise NotImplementedError('TODO 3')", 3),
        ("print('TODO 12 belum dikerjakan'); raise NotImplementedError('TODO 4')", 4),
        ("print('halo')", None),
        ("print('TODO 1 selesai')", None),
        ("import sys; sys.stderr.write('[debug] TODO 1 selesai\\n')", None),
        ("import sys; sys.stderr.write('TODO ' + '9' * 5000 + ' belum dikerjakan\\n')", None),
        ("import sys; sys.exit('TODO 9 belum dikerjakan. Carilah ...')", 9),
        ("raise ValueError('TODO 3')", None),
        ("raise NotImplementedError('TODO 3 dan TODO 2')", 3),
    ],
)
def test_an_open_todo_is_recognised(runs: Runs, text: str, todo: int | None):
    assert ended(runs(text)).open_todo == todo


def test_ctrl_c_reaches_the_program(runs: Runs, journal: Journal):
    one = runs(
        """
        import time
        try:
            print("siap")
            time.sleep(600)
        except KeyboardInterrupt:
            print("sampai jumpa")
            raise SystemExit(3)
        """
    )
    assert says(one, "siap")
    assert one.interrupt()
    assert ended(one).status == 3
    assert one.has_printed("sampai jumpa")
    assert (What.INTERRUPT, "server.py", "") in told(journal)


def test_ctrl_c_after_the_end_does_nothing(runs: Runs):
    one = ended(runs("pass"))
    assert one.interrupt()


def test_of_a_flood_the_beginning_is_noted(
    runs: Runs, journal: Journal, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(process, "MOST_NOTED", 5)
    ended(runs("for n in range(5000): print(n)"))
    noted = [event.text for event in journal.events if event.what is What.PRINT]
    assert noted == ["0", "1", "2", "3", "4"]


def test_a_program_can_be_asked_whether_it_was_starved(runs: Runs):
    assert isinstance(runs("pass").starved, Starvation)
