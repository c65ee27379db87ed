"""`python -m harness watch`, from outside: what it tells after a save, what it leaves behind."""

import os
import shutil
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.grading.judge import REFERENCE
from tests.proof.save_to_verdict import WAITS, WatchProcess
from tests.watching import eventually, processes_of

linux = pytest.mark.skipif(sys.platform != "linux", reason="seen in /proc")
# What refuses names that begin with *, and something that does not.
RULE, NO_RULE = 'name.startswith("*")', 'name == "*"'


class Watched(WatchProcess):
    """`watch` on a copy of the reference that a test edits."""

    def edits(self, old: str, new: str, name: str = "server.py") -> None:
        """Save the file with `old` replaced by `new`, as an editor that writes in place."""
        path = self.folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    made = Watched(tmp_path / "mine", tmp_path / "temporary")
    made.temporary.mkdir()
    shutil.copytree(REFERENCE, made.folder)
    try:
        yield made
    finally:
        made.close()


def test_what_failed_last_is_told_first_and_again_at_each_save(watched: Watched):
    watched.remembers({"nickname.invalid": "failed"})
    watched.edits(RULE, NO_RULE)
    watched.starts()
    assert "nickname.invalid: still fails." in watched.tells("expected: ")
    watched.edits(NO_RULE, RULE)
    new = watched.tells("nickname.invalid: passes now.")
    assert "server.py saved." in new
    assert "MEND THIS FIRST" not in new
    assert watched.ends() == 0


def test_a_save_in_the_middle_starts_anew_and_leaves_nothing(watched: Watched):
    watched.remembers({"nickname.invalid": "failed"})
    watched.edits(RULE, NO_RULE)
    watched.starts()
    for _ in range(3):
        assert "MEND" not in watched.tells("nickname.invalid: still fails.")
        watched.edits("import socket", "import socket  #")
    watched.tells("nickname.invalid: still fails.")
    # Of each run that was stopped nothing is there: one folder is the present run's.
    assert eventually(lambda: len(os.listdir(watched.temporary)) == 1)
    assert watched.ends() == 0
    assert os.listdir(watched.temporary) == []
    assert "Traceback" not in watched.said


@linux
def test_ctrl_c_ends_it_and_leaves_no_process(watched: Watched):
    watched.starts()
    watched.tells("Modul 4")
    assert eventually(lambda: len(processes_of(watched.temporary)) > 2)
    assert watched.ends() == 0
    assert eventually(lambda: processes_of(watched.temporary) == [])
    assert os.listdir(watched.temporary) == []
    assert "Traceback" not in watched.said


def test_a_syntax_error_is_one_line(watched: Watched):
    watched.edits("import socket", "import socket (")
    watched.starts()
    new = watched.tells(WAITS)
    line = next(row for row in new.splitlines() if "SyntaxError" in row)
    assert line.startswith("server.py:")
    assert "checks wait" not in new
    watched.edits("import socket (", "import socket")
    assert "SyntaxError" not in watched.tells("server.py saved.")
    assert watched.ends() == 0


def test_a_file_that_is_gone_for_a_moment_is_no_news(watched: Watched):
    """As an editor does that renames the old file, writes a new one, and is slow about it."""
    watched.starts()
    watched.tells("Modul 4")
    old = watched.folder / "server.py"
    text = old.read_bytes()
    old.rename(watched.folder / "server.py~")
    threading.Event().wait(0.3)
    (watched.folder / ".server.py.tmp").write_bytes(text)
    (watched.folder / ".server.py.tmp").replace(old)
    assert "gone" not in watched.tells("server.py saved.")
    assert watched.ends() == 0


def test_a_file_that_stays_away_is_told_and_waited_for(watched: Watched):
    watched.starts()
    watched.tells("Modul 4")
    text = (watched.folder / "server.py").read_bytes()
    (watched.folder / "server.py").unlink()
    watched.tells("server.py has gone; waiting until it is back.")
    (watched.folder / "server.py").write_bytes(text)
    watched.tells("server.py saved.")
    assert watched.ends() == 0


@pytest.mark.skipif(os.name != "posix", reason="a folder that is in use cannot be deleted there")
def test_a_folder_that_is_deleted_is_told_and_waited_for(watched: Watched):
    watched.starts()
    watched.tells("Modul 4")
    shutil.rmtree(watched.folder)
    watched.tells("The folder has gone; waiting until it is back.")
    shutil.copytree(REFERENCE, watched.folder)
    watched.tells("saved.")
    assert watched.ends() == 0
