"""Programs that cannot be graded as they are: one clear sentence each, all else still judged.

Each is graded as a person would do it, in a process of its own. The results must be complete, the
first thing to mend must be named with whose fault it is, and no process and no folder may be left.
"""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from harness.actors import calling
from harness.actors.patience import Patience
from harness.actors.stage import Stage
from harness.contract import protocol
from harness.contract.rubric import load
from harness.grading.judge import Grading
from harness.grading.results import Outcome, Run
from harness.program import ports
from harness.schedules.fixtures import FIXTURES
from tests.conftest import Grader
from tests.proof import bench
from tests.tiny import edited
from tests.watching import eventually, processes_of

# Waits in vain are not what is tested here: a grader with this plugin waits less long. Under wine a
# program starts in some seconds, and nothing proves that it does nothing yet.
START = 1.5 if os.name == "posix" else 10.0
HURRIED = f"""\
from harness.actors import patience
patience.calibrated = lambda took: patience.Patience(step=1.0, start={START})
"""

CHOSEN = (
    "start.listens or start.banner or start.interrupt or nickname.request or nickname.accept "
    "or broadcast.delivers"
)


@dataclass(frozen=True)
class Bad:
    """A program, what must be said of it, and how some checks must end."""

    text: str | None
    said: str
    outcomes: dict[str, str] = field(default_factory=dict)


NOTHING_WORKS = {
    "start.listens": "failed",
    "start.banner": "not_reached",
    "start.interrupt": "not_reached",
    "nickname.request": "not_reached",
    "nickname.accept": "not_reached",
    "broadcast.delivers": "not_reached",
}
BAD = {
    "no server.py": Bad(None, "file itu tidak ada", NOTHING_WORKS),
    "a syntax error": Bad(
        "import socket\ndef f(:\n    pass\n",
        "berhenti di server.py:2: invalid syntax",
        NOTHING_WORKS,
    ),
    "exits at once": Bad(
        "print('selesai'); raise SystemExit(7)",
        "program sudah selesai sendiri (status 7); pesan terakhirnya 'selesai'",
        NOTHING_WORKS,
    ),
    "never listens": Bad(
        "print('Server menunggu koneksi...')\nimport time\ntime.sleep(600)",
        "tidak ada yang menerima koneksi di sana",
        NOTHING_WORKS,
    ),
    "floods its stdout": Bad(
        "while True: print('x' * 1000)",
        "tidak ada yang menerima koneksi di sana",
        NOTHING_WORKS,
    ),
    "floods its stdout and serves": Bad(
        edited(
            (
                "def main():",
                "def flood():\n    while True:\n        log('y' * 200)\n\n\ndef main():",
            ),
            (
                "    try:\n        accept(",
                "    threading.Thread(target=flood, daemon=True).start()\n"
                "    try:\n        accept(",
            ),
        ),
        "Yang kamu pilih lulus semua",
        dict.fromkeys(NOTHING_WORKS, "passed"),
    ),
    "ignores SIGTERM and SIGHUP": Bad(
        edited(
            (
                "members = {}\n",
                "import signal\n\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
                "if hasattr(signal, 'SIGHUP'):\n"
                "    signal.signal(signal.SIGHUP, signal.SIG_IGN)\nmembers = {}\n",
            ),
        ),
        "Yang kamu pilih lulus semua",
        dict.fromkeys(NOTHING_WORKS, "passed"),
    ),
    "prints bytes that are no text": Bad(
        "import sys\nsys.stdout.buffer.write(b'\\xff\\xfe\\x00\\n')\nsys.stdout.flush()\n"
        + "sys.stderr.buffer.write(b'\\xff\\n')\nraise SystemExit(1)",
        "pesan terakhirnya",
        NOTHING_WORKS,
    ),
    "is a folder": Bad("", "file itu tidak ada", NOTHING_WORKS),
}


def submit(folder: Path, why: str) -> Path:
    """A folder with the bad program."""
    folder.mkdir()
    text = BAD[why].text
    if why == "is a folder":
        (folder / "server.py").mkdir()
    elif text is not None:
        (folder / "server.py").write_text(text, encoding="utf-8")
    return folder


def nothing_is_left(grader: Grader) -> bool:
    if sys.platform == "linux" and not eventually(lambda: not processes_of(grader.folder)):
        return False
    return os.listdir(grader.folder) == []


@pytest.mark.parametrize("why", BAD)
def test_bad_input(grader: Grader, tmp_path: Path, why: str):
    bad = BAD[why]
    (tmp_path / "hurried.py").write_text(HURRIED)
    folder = submit(tmp_path / "submission", why)
    words = ("--submission", folder, "-p", "hurried", "-k", CHOSEN)
    graded = grader(*words, PYTHONPATH=str(tmp_path))
    found = graded.outcomes()
    assert {name: found.get(name) for name in bad.outcomes} == bad.outcomes, graded.said
    assert graded.status == (1 if "failed" in found.values() else 0), graded.said
    first = " ".join(graded.said[graded.said.index("Modul 4 · ") :].split())
    assert bad.said in first, first
    assert "Traceback" not in graded.said
    assert [row["id"] for row in graded.results["checks"]] == [check.id for check in load()]
    assert nothing_is_left(grader)


def test_one_that_ignores_its_port(
    tmp_path: Path, submission: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
):
    """It loses the one check that is about it, and is found where it listens for all others."""
    # In this process, so that a port of our own can stand for the one that other graders may use.
    with ports.reserved_port() as port:
        pass
    for module in (ports, protocol):
        monkeypatch.setattr(module, "DEFAULT_PORT", port)
    monkeypatch.setattr(calling, "DEFAULT", (protocol.DEFAULT_HOST, port))
    folder = submission(edited(("(options.host, options.port)", f'("127.0.0.1", {port})')))
    rubric = load()
    with Grading(rubric, Run("x", {}, 3, "id"), folder, fixtures=FIXTURES) as grading:
        for name, story in bench.stories(rubric, ("start", "nickname")).items():
            grading.judge(rubric.checks[name], story)
        failed = [v for v in grading.verdicts.values() if v.outcome is not Outcome.PASSED]
    assert {"start.listens"} <= {verdict.check for verdict in failed}
    assert {verdict.check for verdict in failed} <= {"start.listens", "nickname.invalid"}
    assert failed[0].failure is not None
    assert failed[0].failure.facts["seen"] == f"127.0.0.1:{port}"


# Accepts everybody and answers nothing at all.
SILENT = edited(
    ("conn, address = listener.accept()", "kept.append(listener.accept())"),
    ("        threading.Thread(target=serve, args=(conn, address), daemon=True).start()\n", ""),
    ("members = {}\n", "members = {}\nkept = []\n"),
)


def test_what_answers_nothing_is_graded_within_fifteen_seconds(
    submission: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
):
    """What it costs are the waits that end in vain: they are added up, not timed.

    So the figure does not depend on how busy this machine is. The bounds are a tenth of the real
    ones, and the sum is counted tenfold.
    """
    tenth = Patience(step=0.25, start=0.4)
    wait, spent = Stage.wait_until, []

    def counted(
        stage: Stage, condition: Callable[[], bool], bound=None, progress=None, is_passive=True
    ) -> bool:
        # As where nothing can be proven: that a wait ends early must not be needed.
        came = wait(stage, condition, bound, progress, is_passive=False)
        if not came:
            bound = tenth.step if bound is None else bound
            spent.append(bound * 10 if bound in (tenth.step, tenth.start) else bound)
        return came

    monkeypatch.setattr(Stage, "wait_until", counted)
    # The control group costs what it costs; here a hurried reference might be too slow.
    monkeypatch.setattr(Grading, "_spoilt", lambda *_: None)
    rubric = load()
    with Grading(rubric, Run("x", {}, 3, "id"), submission(SILENT), patience=tenth) as grading:
        for name, story in bench.stories(rubric).items():
            grading.judge(rubric.checks[name], story)
        outcomes = {name: verdict.outcome for name, verdict in grading.verdicts.items()}
    assert outcomes["start.listens"] is Outcome.PASSED
    assert outcomes["nickname.request"] is Outcome.FAILED
    assert outcomes["broadcast.delivers"] is Outcome.NOT_REACHED
    assert Outcome.INCONCLUSIVE not in outcomes.values()
    # The process starts, 40 of them at the most, take a second or two on top.
    assert sum(spent) < 12, spent
