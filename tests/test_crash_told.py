"""An exception that explains why something is not there is told first, with its file and line."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.contract import sentences
from harness.contract.rubric import LANGUAGES, load
from harness.contract.symptoms import Failure, Symptom
from harness.grading.judge import Grading
from harness.grading.results import Outcome, Run
from tests.proof import bench
from tests.tiny import SERVER, edited

RUBRIC = load()
STORIES = bench.stories(RUBRIC)
# A misspelt name each: where it is used, the check that shows it, and what is missing there.
MISSPELT = {
    "while it passes a message on": (
        ("    for name, conn in others:\n", "    for name, conn in otehrs:\n"),
        "broadcast.delivers",
        Symptom.HUNG_UP,
    ),
    "before the request": (
        ('conn.sendall(b"NICK\\n")\n        for', 'con.sendall(b"NICK\\n")\n        for'),
        "nickname.request",
        Symptom.HUNG_UP,
    ),
    "in the accept loop": (
        ("conn, address = listener.accept()", "conn, address = listner.accept()"),
        "start.listens",
        Symptom.ENDED_EARLY,
    ),
    "after listen": (
        ('    log("Server menunggu koneksi...")\n', '    lgo("Server menunggu koneksi...")\n'),
        "start.listens",
        Symptom.ENDED_EARLY,
    ),
}


@pytest.mark.parametrize(("edit", "check", "symptom"), MISSPELT.values(), ids=MISSPELT)
def test_a_misspelt_name_comes_first_in_what_is_seen(
    submission: Callable[[str], Path], edit: tuple[str, str], check: str, symptom: Symptom
):
    text = edited(edit)
    line = next(
        number
        for number, (old, new) in enumerate(
            zip(SERVER.splitlines(), text.splitlines(), strict=True), 1
        )
        if old != new
    )
    with Grading(RUBRIC, Run("x", {}, 3, "en"), submission(text)) as grading:
        verdict = grading.judge(RUBRIC.checks[check], STORIES[check])
    assert verdict.outcome is Outcome.FAILED
    assert verdict.failure is not None
    assert verdict.failure.symptom is symptom
    seen = sentences.seen(verdict.failure, "en")
    assert re.match(r"an exception ended a thread at server\.py:\d+: NameError: name '", seen)
    assert f" at server.py:{line}: " in seen
    # The program has no TODO, so the function is named.
    where = str(verdict.failure.facts["where"])
    assert re.fullmatch(rf"server\.py:{line} \(\w+\)", where)


def test_what_is_there_and_wrong_is_not_explained_by_an_exception_elsewhere(
    submission: Callable[[str], Path],
):
    text = edited(
        ("def main():\n", "threading.Thread(target=lambda: 1 / 0).start()\n\n\ndef main():\n"),
        ('conn.sendall(f"{speaker}: {text}\\n".encode())', 'conn.sendall(f"{text}\\n".encode())'),
    )
    with Grading(RUBRIC, Run("x", {}, 3, "en"), submission(text)) as grading:
        verdict = grading.judge(RUBRIC.checks["broadcast.format"], STORIES["broadcast.format"])
    assert verdict.failure is not None
    assert "crash" not in verdict.failure.facts


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_message_of_an_exception_is_not_read_as_a_sentence(lang: str):
    crash = {"error": "KeyError: '{who}\x1b[2J'", "place": "server.py:3"}
    failure = Failure("ani", Symptom.NOTHING_CAME, {"line": "x", "seen": "y", "crash": crash})
    said = sentences.seen(failure, lang)  # type: ignore[arg-type]
    assert "KeyError: '{who}\\x1b[2J'" in said
    assert " server.py:3: " in said
