"""Cross-play: a conversation of three people for each pair of halves."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.contract.rubric import load
from harness.contract.symptoms import Failure, Symptom
from harness.grading.crossplay import plays
from harness.grading.judge import REFERENCE, REPO, Grading
from harness.grading.pairs import Pair, PairResult
from harness.grading.results import Outcome, Run, Verdict
from harness.grading.story_files import STORIES, load_stories
from tests.conftest import Grader

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a pty")

# How the two halves are reached at all; the checks on them have run before.
BOTH_THERE = frozenset(("start.listens", "client.nickname"))


@contextmanager
def graded(folder: Path, shown: frozenset[str] = BOTH_THERE) -> Iterator[Grading]:
    """A run whose checks have shown `shown`; the others failed."""
    with Grading(load(), Run(str(folder), {}, 7, "en"), folder) as grading:
        grading.calibrate()
        grading.known_facts.demonstrated |= shown
        for check in BOTH_THERE - shown:
            failure = Failure("", Symptom.OTHER_REQUEST)
            grading.verdicts[check] = Verdict(check, Outcome.FAILED, failure)
        yield grading


def played(grading: Grading) -> dict[Pair, PairResult]:
    story = load_stories(STORIES / "conversation.py").conversation
    return {play.pair: play for play in plays(grading, story)}


def together(folder: Path, shown: frozenset[str] = BOTH_THERE) -> dict[Pair, PairResult]:
    """How each pair got on, after checks that have shown `shown`."""
    with graded(folder, shown) as grading:
        return played(grading)


@pytest.fixture
def halves(tmp_path: Path) -> Callable[..., Path]:
    """A folder with these edits of the reference."""

    def make(server: tuple[str, str] = ("", ""), client: tuple[str, str] = ("", "")) -> Path:
        folder = tmp_path / "halves"
        folder.mkdir()
        for name, (old, new) in (("server.py", server), ("client.py", client)):
            text = (REFERENCE / name).read_text(encoding="utf-8")
            assert not old or old in text
            (folder / name).write_text(text.replace(old, new) if old else text, encoding="utf-8")
        return folder

    return make


def test_the_reference_plays_with_itself():
    assert {play.outcome for play in together(REFERENCE).values()} == {Outcome.PASSED}


def test_halves_of_different_styles_play_together(tmp_path: Path):
    for name, folder in (("server.py", "asyncio_streams"), ("client.py", "stdin_loop_client")):
        source = REPO / "tests" / "wheat" / folder / name
        (tmp_path / name).write_bytes(source.read_bytes())
    assert {play.outcome for play in together(tmp_path).values()} == {Outcome.PASSED}


def test_a_server_that_listens_late_is_waited_for(tmp_path: Path, halves: Callable):
    folder = halves(("import argparse", "import time\ntime.sleep(0.7)\nimport argparse"))
    assert {play.outcome for play in together(folder).values()} == {Outcome.PASSED}


def test_a_client_that_shows_nothing_fails_the_play(halves: Callable):
    folder = halves(
        client=("            show(line)\n        elif", "            pass\n        elif")
    )
    said = together(folder)
    assert said[Pair.SERVER].outcome is Outcome.PASSED
    for pair in (Pair.CLIENT, Pair.BOTH):
        failure = said[pair].failure
        assert failure is not None and failure.symptom is Symptom.LINE_NOT_SHOWN


def test_an_open_todo_is_no_fault_of_the_play(halves: Callable):
    open_todo = '    raise NotImplementedError("TODO 13")\n'
    folder = halves(
        client=("    while True:\n        text =", f"{open_todo}    if ():\n        text =")
    )
    said = together(folder)
    assert said[Pair.SERVER].outcome is Outcome.PASSED
    for pair in (Pair.CLIENT, Pair.BOTH):
        assert said[pair].outcome is Outcome.NOT_RUN
        assert said[pair].reason == "TODO 13 is still open"


def test_a_client_with_arguments_of_its_own_is_called_in_its_way(halves: Callable):
    folder = halves(client=('"--host"', '"--alamat", dest="host"'))
    with graded(folder) as grading:
        grading.known_facts.client_way = ("--port", "{port}")
        assert {play.outcome for play in played(grading).values()} == {Outcome.PASSED}


def test_a_client_that_connects_to_one_port_is_not_sought_by_the_reference_server(halves: Callable):
    with graded(halves()) as grading:
        grading.known_facts.client_port = 9999
        said = played(grading)
    assert said[Pair.CLIENT].outcome is Outcome.NOT_RUN
    assert "client.no_server" in said[Pair.CLIENT].reason
    assert said[Pair.SERVER].outcome is Outcome.PASSED


def test_halves_that_agree_on_words_of_their_own(halves: Callable):
    folder = halves(('"NICK"', '"NAMA"'), ('"NICK"', '"NAMA"'))
    said = together(folder, frozenset())
    assert said[Pair.BOTH].outcome is Outcome.PASSED
    assert said[Pair.CLIENT].outcome is said[Pair.SERVER].outcome is Outcome.NOT_RUN
    assert "client.nickname" in said[Pair.CLIENT].reason


def test_a_run_of_some_checks_has_no_cross_play(grader: Grader):
    graded = grader("--submission=solutions/1.contoh", "-k", "client.no_server")
    assert graded.results["crossplay"] == []
    assert "BERMAIN BERSAMA" not in graded.said


def test_the_skeleton_is_told_that_it_cannot_play_yet(grader: Grader):
    graded = grader("--lang=en")
    assert [row["outcome"] for row in graded.results["crossplay"]] == ["not_run"] * 3
    assert "PLAYED TOGETHER" in graded.said
