"""What `watch` prints, on a terminal and elsewhere."""

import io
import sys

import pytest

from harness import screen as screen_module
from harness.contract.rubric import load
from harness.contract.symptoms import Failure, Symptom
from harness.grading.results import Outcome, Verdict
from harness.saves import Save, Unreadable
from harness.watch_screen import WatchScreen

CHECK = load().checks["nickname.invalid"]
PASSED = Verdict(CHECK.id, Outcome.PASSED)
OTHERWISE = Verdict(CHECK.id, Outcome.FAILED, Failure("", Symptom.NO_FILE, {"file": "server.py"}))
FAILED = Verdict(CHECK.id, Outcome.FAILED, Failure("", Symptom.TODO_OPEN, {"todo": 5}))
SAVE = Save(("server.py",), ())
CLEAR = "\x1b[2J"


Said = pytest.CaptureFixture[str]


class Terminal(io.StringIO):
    """A stdout that remembers each write."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[str] = []

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.writes.append(text)
        return super().write(text)


def on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """From now on a stdout that takes escape sequences, on every system."""
    made = Terminal()
    monkeypatch.setattr(sys, "stdout", made)
    monkeypatch.setenv("TERM", "xterm")
    if sys.platform == "win32":
        monkeypatch.setattr(screen_module.windows, "understands_escapes", lambda stream: True)
    return made


def shows_two_runs() -> WatchScreen:
    screen = WatchScreen("en")
    screen.begins("header")
    screen.tells("1/48", CHECK, {})
    screen.first(CHECK, FAILED, None)
    screen.waits()
    screen.saved(SAVE)
    screen.begins("header")
    screen.tells("1/48", CHECK, {})
    screen.first(CHECK, PASSED, FAILED)
    screen.waits()
    return screen


def test_on_a_terminal_a_run_begins_at_the_top_in_the_write_that_says_something(
    monkeypatch: pytest.MonkeyPatch,
):
    terminal = on_a_terminal(monkeypatch)
    shows_two_runs().end()
    clears = [text for text in terminal.writes if CLEAR in text]
    assert len(clears) == 2
    assert clears[1].index(CLEAR) < clears[1].index("server.py saved.")
    assert "nickname.invalid: passes now." in clears[1]
    assert terminal.getvalue().endswith("\n")


def test_on_a_terminal_the_old_report_stands_until_something_is_said_of_the_new_run(
    monkeypatch: pytest.MonkeyPatch,
):
    on_a_terminal(monkeypatch)
    screen = shows_two_runs()
    screen.saved(SAVE)
    screen.begins("header")
    screen.tells("1/48", CHECK, {})
    # So `watch` tells the first failure, and does not wait for the report.
    assert not screen.has_spoken
    screen.first(CHECK, FAILED, PASSED)
    assert screen.has_spoken


def test_elsewhere_runs_come_one_below_the_other_without_any_code(capsys: Said):
    shows_two_runs().end()
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert "\r" not in said
    assert "[1/48]" not in said
    assert said.index("still fails.") < said.index("saved.") < said.index("passes now.")
    assert said.count("\n\n") == 1
    assert "  expected: TODO 5 done\n  seen: TODO 5 is still open\n" in said


@pytest.mark.parametrize(
    ("before", "now", "word"),
    [
        (PASSED, PASSED, "still passes."),
        (PASSED, FAILED, "fails now."),
        (FAILED, PASSED, "passes now."),
        (FAILED, FAILED, "still fails."),
        (None, PASSED, "passes now."),
        (FAILED, OTHERWISE, "TODO 5 is begun; still fails."),
        (OTHERWISE, FAILED, "still fails."),
        (FAILED, Verdict(CHECK.id, Outcome.INCONCLUSIVE, reason="too busy"), "too busy"),
    ],
)
def test_the_first_verdict_says_what_changed(
    capsys: Said, before: Verdict | None, now: Verdict, word: str
):
    WatchScreen("en").first(CHECK, now, before)
    assert capsys.readouterr().out.splitlines()[1] == f"nickname.invalid: {word}"


@pytest.mark.parametrize(
    ("save", "said"),
    [
        (SAVE, "server.py saved."),
        (Save(("server.py", "client.py"), ("x.py",)), "server.py, client.py saved."),
        (Save((), ("server.py",)), "server.py has gone; waiting until it is back."),
        (Save((), ("server.py",), False), "The folder has gone; waiting until it is back."),
    ],
)
def test_what_happened_to_the_files_is_one_line(capsys: Said, save: Save, said: str):
    WatchScreen("en").saved(save)
    line = capsys.readouterr().out
    assert line.endswith(f"{said}\n")
    assert line.count("\n") == 2


def test_a_file_that_cannot_be_read_cannot_change_the_terminal(capsys: Said):
    WatchScreen("id").unreadable([Unreadable("server.py", 3, "SyntaxError: '\x1b[2J'")])
    assert "server.py:3: SyntaxError: '\\x1b[2J'" in capsys.readouterr().out
