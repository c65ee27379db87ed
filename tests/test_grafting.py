"""Grafts: the TODO at fault is found or none is told; the reference's text shows nowhere."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from harness.actors.room import Room
from harness.contract import rubric as rubric_file
from harness.contract.rubric import Check, Rubric
from harness.contract.symptoms import Failure, StoryFailed, Symptom
from harness.contract.todos import TodoFunction, places
from harness.grading import grafting
from harness.grading.budget import OutOfTime
from harness.grading.grafting import Grafter, grafted
from harness.grading.judge import REPO, Grading
from harness.grading.results import Outcome, Run, State, Verdict, blame, document, score
from harness.grading.story_files import STORIES, load_stories
from harness.grading.telling import Story, roles
from harness.reports.last_screen import last_screen
from harness.reports.paint import Paint
from harness.reports.since import Progress
from harness.reports.student import report
from harness.schedules.fixtures import FIXTURES

RUBRIC = rubric_file.load()
OTHER_HAND = REPO / "tests" / "wheat" / "other_hand"
# What the reference has, and whoever filled in `other_hand` has not.
ITS_OWN = "for name, conn in members.items()"
WRONG_CHAT = ('text = "%s: %s" % (name, line)', 'text = "[%s] %s" % (name, line)')
WRONG_BROADCAST = ("send_line(members[other], line)", 'send_line(members[other], line + "!")')

Edits = tuple[tuple[str, str], ...]


def edited(*edits: tuple[str, str]) -> str:
    """The server of another hand with these faults."""
    source = (OTHER_HAND / "server.py").read_text(encoding="utf-8")
    for old, new in edits:
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    return source


@contextlib.contextmanager
def graded(folder: Path, source: str, *checks: str, rubric: Rubric = RUBRIC) -> Iterator[Grading]:
    """These checks judged by their real stories, and the TODOs at fault looked for."""
    folder.mkdir()
    (folder / "server.py").write_text(source, encoding="utf-8")
    with Grading(rubric, Run("x", {}, 1, "en"), folder, fixtures=FIXTURES) as grading:
        stories = {}
        for check in checks:
            group, _, name = check.partition(".")
            story = getattr(load_stories(STORIES / f"{group}.py"), f"test_{name}")
            stories[check] = roles(story)
            grading.judge(rubric.checks[check], stories[check])
        grafter = Grafter(grading, stories)
        grafter.blame()
        if rubric.isolated_credit:
            grafter.give_credit()
        grafter.close()
        yield grading


# -- real programs


def test_the_one_todo_at_fault_is_told_with_its_place(tmp_path: Path):
    with graded(tmp_path / "s", edited(WRONG_CHAT), "broadcast.format") as grading:
        verdict = grading.verdicts["broadcast.format"]
        found = places(grading.pristine, RUBRIC.todos)
    assert RUBRIC.checks["broadcast.format"].blame == (8, 9)
    assert (verdict.outcome, verdict.blamed) == (Outcome.FAILED, (8,))
    made = document(RUBRIC, grading.run, grading.verdicts, 1.0, State.COMPLETE, found)
    (row,) = [row for row in made["checks"] if row["id"] == "broadcast.format"]  # type: ignore
    assert (row["blame"], row["blame_is_shown"]) == (["TODO 8"], True)
    (place,) = row["places"]
    assert (place["todo"], place["file"], place["function"]) == ("TODO 8", "server.py", "chat")
    lines = (tmp_path / "s" / "server.py").read_text().splitlines()
    assert lines[place["first_line"] - 1].startswith("def chat(")
    assert lines[place["last_line"] - 1].strip() == "line = next(lines, None)"
    words = {number: str(at) for number, at in found.items()}
    told = f"the fault is in TODO 8 (server.py:{place['first_line']}-{place['last_line']}, chat)"
    screen = last_screen(
        RUBRIC, grading.run, grading.verdicts, Progress(places=words), Paint(), "x"
    )
    assert f"  {told}" in screen
    assert told in report(RUBRIC, grading.run, grading.verdicts, Paint(), "x", places=words)


def test_two_todos_that_are_both_wrong_are_both_told(tmp_path: Path):
    source = edited(WRONG_CHAT, WRONG_BROADCAST)
    with graded(tmp_path / "s", source, "broadcast.format") as grading:
        assert grading.verdicts["broadcast.format"].blamed == (8, 9)


@pytest.mark.parametrize(
    "edits",
    [
        # A fault outside the TODOs.
        (('conn.sendall(f"{line}\\n".encode())', 'conn.sendall(f"{line}!\\n".encode())'),),
        # The function at fault has another name.
        (WRONG_CHAT, ("def chat(name", "def mengobrol(name"), ("  chat(name", "  mengobrol(name")),
    ],
)
def test_what_no_graft_mends_is_left_to_the_rubric(tmp_path: Path, edits: Edits):
    with graded(tmp_path / "s", edited(*edits), "broadcast.format") as grading:
        verdict = grading.verdicts["broadcast.format"]
    assert (verdict.outcome, verdict.blamed) == (Outcome.FAILED, ())
    assert blame(RUBRIC.checks["broadcast.format"], verdict) == ["TODO 8", "TODO 9"]


def test_a_graft_that_lacks_a_helper_is_not_told(tmp_path: Path):
    source = edited(WRONG_BROADCAST).replace("send_line", "kirim")
    with graded(tmp_path / "s", source, "broadcast.format") as grading:
        assert grading.verdicts["broadcast.format"].blamed == ()


def test_without_a_reference_the_rubric_s_todos_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(grafting, "REFERENCE", tmp_path / "nowhere")
    with graded(tmp_path / "s", edited(WRONG_CHAT), "broadcast.format") as grading:
        assert grading.verdicts["broadcast.format"].outcome is Outcome.FAILED
        assert grading.verdicts["broadcast.format"].blamed == ()


HOSTILE = """
import atexit, sys
me = open(__file__, encoding="utf-8").read()
print(me, flush=True)
print(me, file=sys.stderr, flush=True)
open("server.py.copy", "w", encoding="utf-8").write(me)
atexit.register(print, me)
"""


def test_the_reference_s_text_shows_nowhere(tmp_path: Path):
    """Not even when the program prints its own file, and breaks off in the reference's lines."""
    source = edited(WRONG_CHAT, ("import argparse\n", HOSTILE.lstrip() + "import argparse\n"))
    assert ITS_OWN not in source
    folder, results, page = (tmp_path / name for name in ("s", "r.json", "p.html"))
    folder.mkdir()
    (folder / "server.py").write_text(source, encoding="utf-8")
    (folder / "client.py").write_bytes((OTHER_HAND / "client.py").read_bytes())
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    words = ["--modul4-only=broadcast.format", "--modul4-friendly", "--modul4-all", "--lang=en"]
    words += [f"--submission={folder}", f"--results={results}", f"--report={page}"]
    # Also on a busy machine it must come to the grafts.
    patient = "from harness.grading import grafting; grafting.SHORTEST = 60; import pytest, sys; "
    patient += "sys.exit(pytest.main(sys.argv[1:]))"
    run = subprocess.run(
        [sys.executable, "-c", patient, "harness", "-p", "no:terminal", *words],
        cwd=REPO, env={**os.environ, "TMPDIR": str(temporary)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    row = next(
        row for row in json.loads(results.read_text())["checks"] if row["id"] == "broadcast.format"
    )
    assert (row["outcome"], row["blame"]) == ("failed", ["TODO 8"]), run.stderr
    assert "atexit.register" in results.read_text(), "it did print itself"
    for text in (run.stdout, run.stderr, results.read_text(), page.read_text()):
        assert ITS_OWN not in text
    assert list(temporary.iterdir()) == []
    assert sorted(each.name for each in folder.iterdir()) == ["client.py", "server.py"]


# -- isolated credit

ISOLATED = replace(RUBRIC, isolated_credit=True)
NO_OK = ("    if is_mine:", "    if False:")
CHAIN = ("nickname.accept", "broadcast.format", "broadcast.not_to_sender")


@pytest.mark.parametrize("rubric", [RUBRIC, ISOLATED])
def test_isolated_credit_is_given_only_where_the_rubric_says_so(tmp_path: Path, rubric: Rubric):
    with graded(tmp_path / "s", edited(NO_OK, WRONG_CHAT), *CHAIN, rubric=rubric) as grading:
        accept, *rest = grading.verdicts.values()
    assert (accept.outcome, accept.blamed) == (Outcome.FAILED, (6,))
    assert [verdict.outcome for verdict in rest] == [Outcome.NOT_REACHED] * 2
    # The first of them is wrong by itself.
    assert [verdict.isolated for verdict in rest] == [(), (6,) if rubric.isolated_credit else ()]
    assert [verdict.earns for verdict in rest] == [False, rubric.isolated_credit]


# -- made-up stories: what the search concludes from what passes and what fails

FILE = "server.py"
MADE_UP = ("one", "two", "three")
TODOS = tuple(TodoFunction(n, FILE, name) for n, name in enumerate(MADE_UP, 1))
WORDS = {"id": "a?", "en": "b?"}
CHECK = Check("start.first", 40.0, (), (2,), WORDS, WORDS)
NEXT = Check("start.next", 60.0, ("start.first",), (3,), WORDS, WORDS)
SMALL = Rubric({c.id: c for c in (CHECK, NEXT)}, {"start": WORDS}, TODOS)
REFERENCE = "".join(f"def {name}():\n    return 'right'\n" for name in MADE_UP)
STUDENT = REFERENCE.replace("right", "mine")

# Says from the functions that are the reference's whether a check passes.
Passes = Callable[[frozenset[int], int], bool]


class Search:
    """A run on a made-up submission, whose stories do not start anything."""

    def __init__(
        self, folder: Path, passes: Passes, student: str = STUDENT, rubric: Rubric = SMALL
    ) -> None:
        self.passes, self.times = passes, 0
        # Checks that fail whatever is replaced.
        self.hopeless: set[str] = set()
        submission = folder / "submission"
        submission.mkdir()
        (submission / FILE).write_text(student, encoding="utf-8")
        self.grading = Grading(rubric, Run("x", {}, 1, "en"), submission)

    def story(self, check: str, room: object) -> None:
        assert isinstance(room, Room)
        stage = room._stage
        source = (stage.setting.source / FILE).read_text(encoding="utf-8")
        parts = source.split("def ")[1:]
        replaced = frozenset(
            MADE_UP.index(part.partition("(")[0]) + 1 for part in parts if "right" in part
        )
        self.times += 1
        if check in self.hopeless or not self.passes(replaced, stage.draw.seed):
            raise StoryFailed(Failure("budi", Symptom.SPINS, {}))

    def fails(self, *checks: Check, symptom: Symptom = Symptom.SPINS, **facts: object) -> None:
        for check in checks:
            failure = Failure("budi", symptom, facts)
            self.grading.verdicts[check.id] = Verdict(check.id, Outcome.FAILED, failure)

    @property
    def stories(self) -> Mapping[str, Story]:
        return {check: partial(self.story, check) for check in self.grading.rubric.checks}

    def blamed(self, check: Check = CHECK) -> tuple[int, ...]:
        grafter = Grafter(self.grading, self.stories)
        grafter.blame()
        grafter.close()
        return self.grading.verdicts[check.id].blamed


@pytest.fixture
def search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Search]]:
    """Begins a run in which ``start.first`` has failed."""
    reference = tmp_path / "reference"
    reference.mkdir()
    (reference / FILE).write_text(REFERENCE, encoding="utf-8")
    monkeypatch.setattr(grafting, "REFERENCE", reference)
    begun: list[Search] = []

    def begin(passes: Passes, **of: object) -> Search:
        folder = tmp_path / str(len(begun))
        folder.mkdir()
        begun.append(Search(folder, passes, **of))  # type: ignore[arg-type]
        begun[-1].fails(CHECK)
        return begun[-1]

    yield begin
    for each in begun:
        each.grading.sandbox.close()


def test_a_todo_that_the_rubric_does_not_suspect_is_found(search: Callable[..., Search]):
    assert search(lambda new, _: 3 in new).blamed() == (3,)


def test_a_fault_that_can_be_mended_in_two_places_blames_nobody(search: Callable[..., Search]):
    assert search(lambda new, _: bool(new & {1, 3})).blamed() == ()


def test_two_todos_are_blamed_together_and_three_are_not(search: Callable[..., Search]):
    assert search(lambda new, _: {1, 3} <= new).blamed() == (1, 3)
    assert search(lambda new, _: {1, 2, 3} <= new).blamed() == ()


def test_a_todo_that_is_only_written_for_another_design_is_not_blamed(
    search: Callable[..., Search],
):
    # TODOs 2 and 3 fit each other only when both are of one hand; the fault is in 1.
    def passes(new: frozenset[int], _: int) -> bool:
        return 1 in new and (2 in new) == (3 in new)

    assert search(passes).blamed() == (1,)


def test_a_graft_that_passes_under_one_seed_only_blames_nobody(search: Callable[..., Search]):
    assert search(lambda new, seed: 2 in new and seed == 1).blamed() == ()


def test_a_failure_that_does_not_come_again_blames_nobody(search: Callable[..., Search]):
    assert search(lambda new, _: new != {1, 3}).blamed() == ()


def test_what_nothing_mends_is_given_up_soon(search: Callable[..., Search]):
    run = search(lambda new, _: False)
    assert run.blamed() == ()
    # One without the suspect, with it alone, with all.
    assert run.times == 3


def test_one_written_like_the_reference_is_not_suspected(search: Callable[..., Search]):
    student = STUDENT.replace("def one():\n    return 'mine'", "def one():\n    return 'right'")
    run = search(lambda new, _: 3 in new, student=student)
    assert run.blamed() == (3,)
    # With 3 alone, with 2 alone, as it is, and with 3 under another seed.
    assert run.times == 4


def test_an_open_todo_needs_no_graft_and_hinders_none(search: Callable[..., Search]):
    student = STUDENT.replace(
        "def one():\n    return 'mine'", "def one():\n    raise NotImplementedError('TODO 1')"
    )
    run = search(lambda new, _: {1, 3} <= new, student=student)
    assert run.blamed() == (3,)
    run = search(lambda new, _: 1 in new, student=student)
    run.fails(CHECK, symptom=Symptom.TODO_OPEN, todo=1)
    assert (run.blamed(), run.times) == ((), 0)


def test_a_file_that_cannot_run_is_not_looked_at(search: Callable[..., Search]):
    run = search(lambda new, _: 3 in new)
    run.fails(CHECK, symptom=Symptom.SYNTAX_ERROR, place="x", message="y")
    assert (run.blamed(), run.times) == ((), 0)


def test_what_was_found_for_one_check_is_suspected_first_for_the_next(
    search: Callable[..., Search],
):
    run = search(lambda new, _: 1 in new)
    run.fails(CHECK, NEXT)
    assert (run.blamed(), run.blamed(NEXT)) == ((1,), (1,))


def test_the_rubric_can_switch_it_off(search: Callable[..., Search]):
    run = search(lambda new, _: 3 in new, rubric=replace(SMALL, graft=False))
    grafted(run.grading, run.stories, lambda check: None)
    assert (run.grading.verdicts[CHECK.id].blamed, run.times) == ((), 0)


def test_no_story_is_begun_after_the_time_is_up(search: Callable[..., Search]):
    run = search(lambda new, _: 3 in new)
    with pytest.raises(OutOfTime):
        Grafter(run.grading, run.stories, until=0.0).blame()
    assert run.times == 0


def test_nothing_of_a_graft_stays(search: Callable[..., Search]):
    run = search(lambda new, _: 3 in new)
    before = sorted(run.grading.sandbox.folder.iterdir())
    assert run.blamed() == (3,)
    assert sorted(run.grading.sandbox.folder.iterdir()) == before


@pytest.mark.parametrize(
    ("fault", "student", "hopeless", "credit"),
    [
        (1, STUDENT, False, (1,)),
        # It fails also with TODO 1 replaced.
        (1, STUDENT, True, ()),
        # What it is about itself would be the reference's, or is not begun.
        (3, STUDENT, False, ()),
        (1, STUDENT[:-14] + "raise NotImplementedError('TODO 3')\n", False, ()),
    ],
)
def test_a_check_earns_its_points_with_what_it_waits_for_replaced(
    search: Callable[..., Search],
    fault: int,
    student: str,
    hopeless: bool,
    credit: tuple[int, ...],
):
    run = search(
        lambda new, _: fault in new, student=student, rubric=replace(SMALL, isolated_credit=True)
    )
    run.hopeless |= {NEXT.id} if hopeless else set()
    verdicts = run.grading.verdicts
    verdicts[NEXT.id] = Verdict(NEXT.id, Outcome.NOT_REACHED, reason="?", waits_for=CHECK.id)
    grafted(run.grading, run.stories, lambda check: None)
    assert verdicts[CHECK.id].blamed == (fault,)
    verdict = verdicts[NEXT.id]
    assert (verdict.outcome, verdict.isolated) == (Outcome.NOT_REACHED, credit)
    assert score(run.grading.rubric, verdicts) == (60.0 if credit else 0.0, 100.0)
    if credit:
        said = "waits for start.first, but passes with TODO 1 replaced by the reference's"
        made = json.dumps(document(SMALL, run.grading.run, verdicts, 1.0, State.COMPLETE))
        whole = report(SMALL, run.grading.run, verdicts, Paint(), "x")
        assert said in made and said in whole
        assert '"isolated": ["TODO 1"]' in made
        screen = last_screen(SMALL, run.grading.run, verdicts, Progress(), Paint(), "x")
        assert any("start.next" in line and "Points given" in line for line in screen), screen


@pytest.mark.parametrize(
    "grading", ["graft = 1", "credit = true", "graft = false\nisolated_credit = true"]
)
def test_a_switch_that_cannot_be_is_refused(tmp_path: Path, grading: str):
    text = rubric_file.FILE.read_text(encoding="utf-8")
    head, _, rest = text.partition("[grading]\n")
    rest = rest.partition("\n\n")[2]
    (tmp_path / "rubric.toml").write_text(f"{head}[grading]\n{grading}\n\n{rest}")
    with pytest.raises(rubric_file.RubricError, match=r"\[grading\]"):
        rubric_file.load(tmp_path / "rubric.toml")
