"""In what a student reads, their files are called as in their folder, not as in our copy of it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.contract.rubric import load
from harness.contract.sentences import seen
from harness.grading.judge import Grading
from harness.grading.results import Run
from harness.program.copy_names import names_of_copies
from tests.proof import bench

RUBRIC = load()
CHECK = "start.listens"
SERVER = """
import os, sys
from room import broken
print(os.getcwd(), __file__, flush=True)
broken.go()
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('File "{folder}/12/server.py", line 3', 'File "server.py", line 3'),
        ('File "{folder}/12/room/names.py"', 'File "room/names.py"'),
        ("{folder}\\7\\client.py: no", "client.py: no"),
        ("in '{folder}/12'", "in '.'"),
        ("{folder}/1/a {folder}/2/b", "a b"),
        ("server.py, line 3", "server.py, line 3"),
    ],
)
def test_a_file_of_a_copy_has_the_name_that_it_has_at_home(tmp_path: Path, text: str, said: str):
    assert names_of_copies(tmp_path)(text.format(folder=tmp_path)) == said


def test_a_folder_may_go_by_two_names(tmp_path: Path):
    (tmp_path / "real").mkdir()
    linked = tmp_path / "linked"
    try:
        linked.symlink_to(tmp_path / "real")
    except OSError:
        pytest.skip("no links here")
    if linked.resolve() != (tmp_path / "real").resolve():
        pytest.skip("wine follows a link and does not tell where it leads")
    name = names_of_copies(linked)
    assert name(f"{linked}/1/server.py {tmp_path / 'real'}/1/server.py") == "server.py server.py"


def test_no_folder_of_ours_stands_in_a_report(submission: Callable[..., Path]):
    folder = submission(SERVER)
    (folder / "room").mkdir()
    (folder / "room" / "__init__.py").touch()
    (folder / "room" / "broken.py").write_text("def go():\n    raise ValueError(__file__)\n")
    with Grading(RUBRIC, Run("x", {}, 3, "en"), folder) as grading:
        ours = str(grading.sandbox.folder)
        verdict = grading.judge(RUBRIC.checks[CHECK], bench.stories(RUBRIC)[CHECK])
    assert verdict.failure is not None
    told = [seen(verdict.failure, "en"), verdict.stderr, *(each.text for each in verdict.story)]
    assert not [text for text in told if ours in text]
    assert "ValueError: room" in told[0] and "broken.py:2" in told[0]
    assert any(text.startswith(". ") and "server.py" in text for text in told)
