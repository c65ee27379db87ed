"""The checks on the client: correct programs of every style pass, each fault fails at its check."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.actors import client_program
from harness.actors.client_program import FILE
from harness.actors.scripted_server import ScriptedServer
from harness.contract.symptoms import Symptom
from harness.grading.judge import REFERENCE, REPO
from harness.grading.results import Outcome, Verdict
from harness.grading.suspects import with_suspects
from harness.program import display
from harness.program.terminal import Terminal
from harness.record.journal import RUNS, WRONG, What
from tests.client_judge import ALL_PASSED, CHECKS, RUBRIC, judge
from tests.conftest import Grader
from tests.proof import chaff
from tests.slow import slow_but
from tests.tiny_client import edited
from tests.watching import processes_of, shows_time_limits

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a pty")

WHEAT = sorted(
    path for path in (REPO / "tests" / "wheat").iterdir() if (path / "client.py").is_file()
)
CHAFF = [each for each in chaff.load(REPO, RUBRIC.checks) if each.file == "client.py"]

Judges = Callable[..., dict[str, Verdict]]


@pytest.fixture
def judges() -> Judges:
    """Tells the stories of the client checks about one folder; only those in `only`, if given."""
    return judge


def outcomes(verdicts: dict[str, Verdict]) -> dict[str, str]:
    return {check: str(verdict.outcome) for check, verdict in verdicts.items()}


@pytest.fixture
def client(tmp_path: Path) -> Callable[[str], Path]:
    """Makes a folder with the given client.py."""

    def make(text: str) -> Path:
        folder = tmp_path / "client"
        folder.mkdir()
        (folder / "client.py").write_text(text, encoding="utf-8")
        return folder

    return make


@pytest.mark.skipif(not display.CAN_DRAW, reason="needs pyte")
@pytest.mark.parametrize("folder", slow_but(3, [REFERENCE, *WHEAT]), ids=lambda folder: folder.name)
def test_correct_clients_pass(judges: Judges, folder: Path):
    assert outcomes(judges(folder)) == ALL_PASSED


def test_without_a_pty_there_are_pipes(judges: Judges, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(client_program, "terminal_for", Terminal)
    verdicts = judges(REFERENCE)
    assert outcomes(verdicts) == ALL_PASSED | {"client.screen": "not_run"}
    assert "pty" in verdicts["client.screen"].reason


def test_without_pyte_only_the_screen_is_not_judged(
    judges: Judges, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(display, "CAN_DRAW", False)
    verdicts = judges(REFERENCE)
    assert outcomes(verdicts) == ALL_PASSED | {"client.screen": "not_run"}
    assert "pyte" in verdicts["client.screen"].reason


@pytest.mark.slow
@pytest.mark.parametrize("fault", CHAFF, ids=lambda fault: fault.name)
def test_each_fault_fails_at_its_check(judges: Judges, tmp_path: Path, fault: chaff.Chaff):
    if fault.idea == "silence-taken-for-the-end" and not shows_time_limits():
        pytest.skip("this system does not show the time limit")
    fault.write(REPO, tmp_path / "chaff")
    verdicts = judges(tmp_path / "chaff", fault.expected)
    assert outcomes(verdicts) == dict.fromkeys(fault.expected, "failed")
    for verdict in verdicts.values():
        assert any(event.what in WRONG for event in verdict.story), verdict.check


def test_every_check_has_a_fault():
    assert {check for fault in CHAFF for check in fault.fails} == set(ALL_PASSED)


def test_the_skeleton_earns_nothing_and_names_its_todo(judges: Judges):
    verdicts = judges(REPO / "modul4" / "1.contoh")
    assert {v.outcome for v in verdicts.values()} == {Outcome.FAILED, Outcome.NOT_REACHED}
    assert {v.open_todo for v in verdicts.values() if v.outcome is Outcome.FAILED} == {10}


@pytest.mark.parametrize(
    ("text", "symptom"),
    [
        ("x = = 1", Symptom.SYNTAX_ERROR),
        ("", Symptom.CLIENT_ENDED),
        ("import time\nwhile True: time.sleep(1)", Symptom.NO_PROMPT),
        pytest.param("while True: print('banjir')", Symptom.NO_PROMPT, marks=pytest.mark.slow),
    ],
)
def test_programs_that_are_none(judges: Judges, client: Callable, text: str, symptom: Symptom):
    verdicts = judges(client(text), frozenset(("client.prompt",)))
    failure = verdicts["client.prompt"].failure
    assert failure is not None and failure.symptom is symptom


def test_a_failure_tells_its_story(judges: Judges, client: Callable):
    text = (REFERENCE / "client.py").read_text(encoding="utf-8")
    folder = client(text.replace("send_line(conn, text)", "send_line(conn, 'x' + text)"))
    verdict = judges(folder, frozenset(("client.send",)))["client.send"]
    kinds = {event.what for event in verdict.story}
    assert {
        What.START,
        What.CONNECT,
        What.SAY,
        What.SEE,
        What.TYPE,
        What.SHOW,
        What.MISSING,
    } <= kinds


def test_a_message_shown_as_two_lines_is_told_as_such(judges: Judges, client: Callable):
    text = (REFERENCE / "client.py").read_text(encoding="utf-8")
    cut = text.replace("yield line.removesuffix", "yield from line.removesuffix").replace(
        '.decode(errors="replace")', '.decode(errors="replace").splitlines()'
    )
    assert cut.count("splitlines") == 1
    verdict = judges(client(cut), frozenset(("client.framing",)))["client.framing"]
    failure = verdict.failure
    assert failure is not None and failure.symptom is Symptom.LINE_CUT
    # Seen, not waited for: both parts stand there, the second without its speaker.
    assert not failure.by_clock
    wanted, seen = (str(failure.facts[each]) for each in ("line", "seen"))
    assert seen.split("\n") == wanted.partition(": ")[2].splitlines()
    assert {seen.split("\n")[1]} < {event.text for event in verdict.story}


def test_of_several_clients_one_is_told_of_and_its_end_is_marked(judges: Judges, client: Callable):
    """Ctrl-C does not end it; Ctrl-D before a name is given shows an exception."""
    text = edited(
        (
            "    except (EOFError, KeyboardInterrupt):\n",
            "    except (EOFError, KeyboardInterrupt) as end:\n"
            "        if isinstance(end, KeyboardInterrupt):\n"
            "            threading.Event().wait()\n"
            "        if not state['joined']:\n"
            "            raise\n",
        )
    )
    verdict = judges(client(text), frozenset(("client.quit",)))["client.quit"]
    failure = verdict.failure
    assert failure is not None and failure.symptom is Symptom.NOT_ENDED
    assert "crash" not in failure.facts and not verdict.stderr
    (wrong,) = (event for event in verdict.story if event.what in WRONG)
    assert (wrong.what, wrong.text) == (What.AMISS, RUNS)
    keys = [event.what for event in verdict.story if event.who == wrong.to]
    assert What.INTERRUPT in keys
    story = verdict.story
    pressed = max(n for n, event in enumerate(story) if event.what is What.INTERRUPT)
    assert {event.who for event in story[pressed : story.index(wrong)]} <= {wrong.to, FILE}


@pytest.mark.parametrize(
    ("prompt", "other", "todo"), [(">> ", ">>", 13), ("Masukkan username: ", "Username: ", 12)]
)
def test_a_prompt_in_other_words_is_told_from_none_and_names_the_todo_that_asks(
    judges: Judges, client: Callable, prompt: str, other: str, todo: int
):
    text = (REFERENCE / "client.py").read_text(encoding="utf-8")
    folder = client(text.replace(f'ask("{prompt}")', f'ask("{other}")'))
    verdict = judges(folder, frozenset(("client.prompt",)))["client.prompt"]
    assert verdict.failure is not None and verdict.failure.symptom is Symptom.PROMPT_DIFFERS
    assert verdict.failure.facts == {"line": prompt, "seen": other}
    assert with_suspects(verdict, folder, RUBRIC).suspected == (todo,)


@pytest.mark.skipif(not shows_time_limits(), reason="this system does not show the time limit")
def test_a_client_that_a_quiet_second_ends_names_where_it_connects(
    judges: Judges, client: Callable
):
    text = (REFERENCE / "client.py").read_text(encoding="utf-8")
    connects = "    conn.connect((host, port))\n"
    folder = client(text.replace(connects, f"    conn.settimeout(1)\n{connects}"))
    verdict = judges(folder, frozenset(("client.receive",)))["client.receive"]
    assert verdict.failure is not None and verdict.failure.symptom is Symptom.SILENCE_ENDS_IT
    assert verdict.failure.facts["seconds"] == "1"
    assert with_suspects(verdict, folder, RUBRIC).suspected == (10, 11)


@pytest.mark.skipif(not display.CAN_DRAW, reason="needs pyte")
def test_a_prompt_that_comes_later_than_the_message_is_waited_for(judges: Judges, client: Callable):
    """Whoever types behind the prompt before it is seen on the wrong row."""
    text = (REFERENCE / "client.py").read_text(encoding="utf-8")
    at_once = """print(f"{erase()}{line.translate(HARMLESS)}\\n{prompt}", end="", flush=True)"""
    later = """print(f"{erase()}{line.translate(HARMLESS)}", flush=True)
        import time
        time.sleep(0.2)
        print(prompt, end="", flush=True)"""
    assert text.count(at_once) == 1
    folder = client(text.replace(at_once, later))
    assert outcomes(judges(folder, frozenset(("client.screen",)))) == {"client.screen": "passed"}


def test_a_missing_client_costs_the_clients_points_only(grader: Grader, submission: Callable):
    graded = grader(f"--submission={submission()}", "-k", "client. or start.banner")
    assert graded.status == 1
    said = graded.outcomes()
    assert said.pop("start.banner") == "passed"
    alone = {"client.prompt", "client.nickname", "client.no_server"}
    assert said == {c.id: "failed" if c.id in alone else "not_reached" for c in CHECKS}
    assert "client.py" in graded.check("client.prompt")["expected"]


@pytest.mark.skipif(not display.CAN_DRAW, reason="needs pyte")
def test_a_missing_server_costs_the_servers_points_only(grader: Grader, client: Callable):
    folder = client((REFERENCE / "client.py").read_text(encoding="utf-8"))
    graded = grader(f"--submission={folder}", "-k", "client. or start.banner")
    said = graded.outcomes()
    assert said.pop("start.banner") == "failed"
    assert said == ALL_PASSED


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_nothing_is_left_of_a_client_that_will_not_go(grader: Grader, client: Callable):
    folder = client(
        "import os, signal, subprocess, sys\n"
        "for name in ('SIGINT', 'SIGTERM', 'SIGHUP'):\n"
        "    signal.signal(getattr(signal, name), signal.SIG_IGN)\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'],"
        " start_new_session=True)\n"
        "while True:\n    signal.pause()\n"
    )
    graded = grader(f"--submission={folder}", "-k", "client.no_server")
    assert graded.status == 1
    assert processes_of(grader.folder) == []


def test_who_has_answered_nick_is_not_asked_again_behind_the_back_of_the_story(
    client: Callable, monkeypatch: pytest.MonkeyPatch
):
    """A bare NICK is for a program that did not answer; another one would show it as a message."""
    asked: list[str] = []
    monkeypatch.setattr(ScriptedServer, "asks_barely", lambda self: asked.append("NICK"))
    folder = client(edited(('read_line(">> ")', '(write(">> OK\\n"), read_line(""))[1]')))
    verdict = judge(folder, frozenset({"client.prompt"}))["client.prompt"]
    assert verdict.outcome is Outcome.FAILED
    assert asked == []


@pytest.mark.slow
def test_two_small_faults_leave_the_rest_to_be_judged(grader: Grader, client: Callable):
    """A question in other words, and a client that knows NICK only without its line feed."""
    known = {each.name: each for each in CHAFF}
    bare, worded = known["whole-recv-compared-with-nick"], known["username-prompt-misspelled"]
    text = bare.source(REPO)
    for edit in worded.edits:
        assert text.count(edit.old) == 1
        text = text.replace(edit.old, edit.new)
    said = grader(f"--submission={client(text)}", "-k", "client.").outcomes()
    wrong = {*bare.expected, *worded.expected}
    assert {check for check, outcome in said.items() if outcome == "failed"} == wrong
    assert "not_reached" not in said.values()
