"""The terminal: a real one where the system has ptys, pipes elsewhere; nothing of it stays."""

import errno
import os
import sys
import textwrap
from collections.abc import Callable, Iterator

import pytest

from harness.program.process import Program
from harness.program.sandbox import Sandbox
from harness.program.terminal import RealTerminal, Terminal, terminal_for
from harness.record.journal import Journal, What
from tests.watching import eventually

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a pty")

Runs = Callable[..., tuple[Program, Terminal]]


@pytest.fixture
def journal() -> Journal:
    return Journal()


@pytest.fixture
def runs(sandbox: Sandbox, journal: Journal, tmp_path) -> Iterator[Runs]:
    """Runs a program at a terminal of the given kind."""
    running: list[Program] = []

    def run(text: str, kind: type[Terminal] = RealTerminal) -> tuple[Program, Terminal]:
        folder = tmp_path / f"program {len(running)}"
        folder.mkdir()
        (folder / "client.py").write_text(textwrap.dedent(text), encoding="utf-8")
        terminal = kind("ani")
        program = Program(
            sandbox, sandbox.fresh(folder), "client.py", [], journal, lambda: None, terminal
        )
        running.append(program)
        return program, terminal

    yield run
    for each in running:
        each.end()


def shows(program: Program, terminal: Terminal, text: str) -> bool:
    def is_shown() -> bool:
        program.collect()
        return text in terminal.display.text

    return eventually(is_shown)


KINDS = pytest.mark.parametrize("kind", [RealTerminal, Terminal])

ECHO = """
    while True:
        try:
            print("dapat", repr(input("? ")))
        except EOFError:
            print("habis")
            break
"""


@KINDS
def test_what_is_typed_arrives(runs: Runs, kind: type[Terminal]):
    program, terminal = runs(ECHO, kind)
    assert shows(program, terminal, "? ")
    terminal.presses(("halo é你😀" + terminal.enter).encode())
    assert shows(program, terminal, "dapat 'halo é你😀'")


@KINDS
def test_ctrl_d_ends_the_input(runs: Runs, kind: type[Terminal]):
    program, terminal = runs(ECHO, kind)
    assert shows(program, terminal, "? ")
    terminal.ends_input()
    assert shows(program, terminal, "habis")
    assert eventually(lambda: program.status == 0)


@KINDS
def test_the_best_terminal_of_this_system_is_used(kind: type[Terminal]):
    assert terminal_for("ani").is_real


def test_ctrl_c_is_a_key_of_a_real_terminal(runs: Runs):
    program, terminal = runs(
        """
        try:
            input("? ")
        except KeyboardInterrupt:
            print("dihentikan")
        """
    )
    assert shows(program, terminal, "? ")
    # Just before input() waits, a Ctrl-C is lost in Python itself: so press until it is seen.
    assert terminal.presses_ctrl_c()

    def is_stopped() -> bool:
        program.collect()
        terminal.presses_ctrl_c()
        return program.status is not None

    assert eventually(is_stopped)


def test_the_program_cannot_tell_it_from_a_window(runs: Runs):
    program, terminal = runs(
        """
        import os, shutil, sys
        print([stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)])
        print(os.ttyname(0) == os.ttyname(1), os.tcgetpgrp(0) == os.getpgrp())
        print(shutil.get_terminal_size().columns, open("/dev/tty").isatty())
        """
    )
    assert shows(program, terminal, "[True, True, True]\nTrue True\n120 True")


def test_both_streams_are_on_the_screen(runs: Runs):
    for kind in (RealTerminal, Terminal):
        program, terminal = runs("import sys; print('satu'); print('dua', file=sys.stderr)", kind)
        assert shows(program, terminal, "satu")
        assert shows(program, terminal, "dua")


def test_the_last_words_are_not_lost_when_it_ends(runs: Runs):
    for number in range(10):
        program, terminal = runs(f"print('x' * 3000, 'selesai {number}')")
        assert eventually(lambda p=program: p.status == 0)
        assert shows(program, terminal, f"selesai {number}")
        assert eventually(lambda p=program: p.collect() or p.has_ended_output)


def test_a_traceback_and_an_open_todo_are_seen_on_the_screen(runs: Runs):
    program, _ = runs("try: raise NotImplementedError('TODO 10')\nfinally: 1 / 0")
    assert eventually(lambda: program.collect() or program.has_ended_output)
    assert program.has_traceback
    assert program.open_todo == 10


def test_a_syntax_error_is_told_without_line_ends_of_the_terminal(runs: Runs):
    program, _ = runs("x = = 1")
    assert eventually(lambda: program.collect() or program.has_ended_output)
    wrong = program.why_not_started()
    assert wrong is not None
    assert wrong.facts["error"] == "client.py:1: invalid syntax"


def test_a_program_that_is_gone_takes_no_notice(runs: Runs):
    for kind in (RealTerminal, Terminal):
        program, terminal = runs("", kind)
        assert eventually(lambda p=program: p.status == 0)
        program.end()
        terminal.presses(b"halo\n")
        terminal.ends_input()


def test_the_journal_has_what_was_shown(runs: Runs, journal: Journal):
    program, _ = runs("print('>> \\r\\x1b[K\\x1b[1mbudi\\x1b[0m: halo')")
    # The line is noted once it is whole.
    assert eventually(lambda: program.collect() or program.has_ended_output)
    shown = [event for event in journal.events if event.what is What.SHOW]
    assert [(event.who, event.text) for event in shown] == [("ani", "budi: halo")]


def test_no_file_stays_open(runs: Runs):
    def is_open() -> int:
        return len(os.listdir("/dev/fd"))

    runs("input()")[0].end()  # starts the guardian
    before = is_open()
    for kind in (RealTerminal, Terminal) * 3:
        runs("input()", kind)[0].end()
    assert eventually(lambda: is_open() <= before)


def test_a_system_without_ptys_has_pipes(monkeypatch: pytest.MonkeyPatch):
    def refuses() -> tuple[int, int]:
        raise OSError(errno.ENOENT, "No such file or directory: '/dev/ptmx'")

    monkeypatch.setattr("pty.openpty", refuses)
    assert not terminal_for("ani").is_real


def test_want_of_descriptors_is_not_taken_for_want_of_ptys(monkeypatch: pytest.MonkeyPatch):
    def refuses() -> tuple[int, int]:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr("pty.openpty", refuses)
    assert terminal_for("ani").is_real


linux = pytest.mark.skipif(sys.platform != "linux", reason="seen in /proc")


def proven(program: Program) -> bool:
    """Whether it is proven in time that it only waits for its user."""

    def is_proven() -> bool:
        program.collect()
        return program.waiting() is not None and program.is_drained

    return eventually(is_proven)


@linux
def test_one_that_waits_for_its_user_is_proven_to_wait(runs: Runs):
    program, terminal = runs("""
        import threading, socket
        one, other = socket.socketpair()
        threading.Thread(target=lambda: one.recv(1), daemon=True).start()
        print(input("nama: ").upper())
        input()
    """)
    assert shows(program, terminal, "nama: ")
    assert proven(program)
    terminal.presses(b"ani\n")
    # What was typed is not forgotten: it waits again only once it has answered.
    assert proven(program)
    program.collect()
    assert "ANI" in terminal.display.text


@linux
@pytest.mark.parametrize(
    "text",
    [
        "import time\nwhile True: time.sleep(0.1)",
        "while True: pass",
        "import select, sys\nselect.select([sys.stdin], [], [], 30)",
    ],
)
def test_one_that_may_go_on_by_itself_is_not(runs: Runs, text: str):
    program, terminal = runs(f"print('siap', flush=True)\n{text}")
    assert shows(program, terminal, "siap")
    looks = []

    def has_looked_long() -> bool:
        looks.append(program.waiting())
        return len(looks) > 100

    assert eventually(has_looked_long)
    assert set(looks) == {None}


@linux
def test_of_pipes_nothing_is_proven(runs: Runs):
    program, terminal = runs("input('nama: ')", Terminal)
    assert shows(program, terminal, "nama: ")
    assert program.waiting() is None


@linux
def test_one_that_has_ended_is_over_once_all_it_said_is_here(runs: Runs):
    program, terminal = runs("print('selesai')")
    assert shows(program, terminal, "selesai")

    def is_over() -> bool:
        program.collect()
        return program.is_over

    assert eventually(is_over)
