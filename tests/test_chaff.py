"""The chaff: each is one edit of a correct program, and the check it is there for sees it.

Here every check of the server judges one chaff, by itself. Whether a chaff fails at exactly the
checks listed for it is the kill matrix's work (`test_matrix.py`).
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.actors.patience import Patience
from harness.contract.rubric import load as load_rubric
from harness.grading.judge import REPO, Grading
from harness.grading.results import Outcome, Run
from harness.grading.submission import digests
from harness.schedules.fixtures import FIXTURES
from tests.proof import bench
from tests.proof.cases import GROUPS, all_cases
from tests.proof.chaff import Chaff, ChaffError, load
from tests.proof.expectations import kills, unproven

RUBRIC = load_rubric()
STORIES = bench.stories(RUBRIC)
PLANTS = [case for case in all_cases(REPO, RUBRIC) if case.chaff is not None]
CHAFF: dict[str, Chaff] = {case.name: case.chaff for case in PLANTS if case.chaff is not None}
KILLS = kills(PLANTS)
# Their fault is that Python cannot read them.
UNREADABLE = {"bracket-missing"}
# Shorter than a grading's: whether these programs fail is known. Windows does not tell when a
# program did not get to run, so there a busy machine needs more.
HASTE = Patience(step=1.0, start=2.0) if os.name == "posix" else Patience()

GOOD = """
[[chaff]]
name = "echo"
misconception.id = "Pesan kembali."
misconception.en = "Messages come back."
base = "base"
file = "server.py"
edits = [{ old = "!=", new = "==" }]
fails = ["a.one"]
"""


@pytest.fixture
def planted(tmp_path: Path) -> Callable[[str], Path]:
    """Makes a repository with one base and a chaff file of the given text."""

    def case(text: str) -> Path:
        for folder in ("base", "tests/chaff"):
            (tmp_path / folder).mkdir(parents=True)
        (tmp_path / "base/server.py").write_text("if a != b:\n    send(a)\n", encoding="utf-8")
        (tmp_path / "base/other.txt").write_text("kept", encoding="utf-8")
        (tmp_path / "tests/chaff/some.toml").write_text(text, encoding="utf-8")
        return tmp_path

    return case


# -- reading them


def test_a_chaff_is_its_base_with_one_file_edited(planted: Callable[[str], Path], tmp_path: Path):
    root = planted(GOOD)
    (chaff,) = load(root, ["a.one"])
    assert chaff.source(root) == "if a == b:\n    send(a)\n"
    assert chaff.expected == {"a.one"}
    assert chaff.place == "some.toml:3"
    chaff.write(root, tmp_path / "made")
    assert (tmp_path / "made/server.py").read_text(encoding="utf-8") == chaff.source(root)
    assert (tmp_path / "made/other.txt").read_text(encoding="utf-8") == "kept"


def test_edits_are_made_one_after_the_other(planted: Callable[[str], Path]):
    more = '{ old = "==", new = "is" }, { old = "send(a)", new = "pass" }]'
    root = planted(GOOD.replace('"==" }]', f'"==" }}, {more}'))
    (chaff,) = load(root, ["a.one"])
    assert chaff.source(root) == "if a is b:\n    pass\n"


def test_a_base_may_itself_be_the_misconception(planted: Callable[[str], Path]):
    root = planted("".join(line for line in GOOD.splitlines(True) if "edits" not in line))
    (chaff,) = load(root, ["a.one"])
    assert chaff.edits == ()


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('old = "!="', 'old = "<>"', "edit 1: its old text occurs 0 times in base/server.py"),
        ('old = "!="', 'old = "a"', "occurs 2 times in base/server.py; make it occur exactly once"),
        ('base = "base"', 'base = "gone"', "'gone/server.py': "),
        ('"echo"', '"Echo to"', "its name must be lower-case words"),
        ('en = "Messages come back."', 'en = " "', "add misconception.en"),
        ('misconception.en = "Messages come back."\n', "", "add misconception.en"),
        ('fails = ["a.one"]', "fails = []", "add a check to fails"),
        ('fails = ["a.one"]', "", "add fails"),
        ('"a.one"]', '"a.two"]', "the rubric has no check a.two"),
        ('"a.one"]', '"a.one", "a.one"]', "name each check once"),
        ('"a.one"]', '"a.one"]\nfollows = ["a.one"]', "name each check once"),
        ('new = "=="', 'new = "!="', "an edit changes nothing"),
        ('new = "=="', 'now = "=="', "add edits of {old, new}"),
        ('file = "server.py"', 'file = "server.py"\nfile2 = 1', "take out file2"),
    ],
)
def test_a_slip_is_told_with_its_place(
    planted: Callable[[str], Path], old: str, new: str, complaint: str
):
    assert GOOD.count(old) == 1
    with pytest.raises(ChaffError) as refused:
        load(planted(GOOD.replace(old, new)), ["a.one"])
    said = str(refused.value)
    assert said.startswith(("some.toml:3: chaff 'echo': ", "some.toml:3: chaff 'Echo to': "))
    assert complaint in said


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[[chaff]\n", "some.toml: "),
        ("[[husk]]\n", "some.toml: only [[chaff]] may stand here"),
        (GOOD + GOOD, "some.toml:3 has that name; choose another"),
    ],
)
def test_a_broken_file_is_told(planted: Callable[[str], Path], text: str, complaint: str):
    with pytest.raises(ChaffError, match=r"^some\.toml") as refused:
        load(planted(text), ["a.one"])
    assert complaint in str(refused.value)


# -- those of this repository


def test_there_are_chaff_enough_in_many_styles():
    for file, fewest, styles in (("server.py", 70, 8), ("client.py", 30, 4)):
        mine = [chaff for chaff in CHAFF.values() if chaff.file == file]
        assert len(mine) >= fewest
        assert len({chaff.base for chaff in mine}) >= styles


def test_every_check_is_proven_twice():
    assert unproven(RUBRIC, PLANTS, [group for groups in GROUPS.values() for group in groups]) == []


@pytest.mark.parametrize("chaff", CHAFF.values(), ids=CHAFF)
def test_the_fault_is_not_that_python_cannot_read_it(chaff: Chaff):
    if chaff.name in UNREADABLE:
        with pytest.raises(SyntaxError):
            compile(chaff.source(REPO), chaff.file, "exec")
    else:
        compile(chaff.source(REPO), chaff.file, "exec")


# Fault and check belong together on POSIX alone: on Windows a port is free again at once.
ON_POSIX = {"start.restart"}


@pytest.mark.parametrize("check", STORIES)
def test_every_check_sees_its_chaff(check: str, tmp_path: Path):
    if check in ON_POSIX and os.name != "posix":
        pytest.skip("Windows has no such fault")
    folder = tmp_path / "submission"
    CHAFF[KILLS[check][0]].write(REPO, folder)
    run = Run(str(folder), digests(folder), 1, "en")
    with Grading(RUBRIC, run, folder, patience=HASTE, fixtures=FIXTURES) as grading:
        verdict = grading.judge(RUBRIC.checks[check], STORIES[check])
    if sys.platform == "win32" and verdict.outcome is Outcome.NOT_RUN:
        pytest.skip("this system does not show what the check looks at")
    assert verdict.outcome is Outcome.FAILED
    assert verdict.story
