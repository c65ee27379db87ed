"""When a change of the files is a save, and which files Python cannot read."""

import os
from pathlib import Path

import pytest

from harness.saves import AWAY, QUIET, Files, Save, Settling, look, unreadable

OLD = Files({"server.py": (1, 10, 1), "client.py": (1, 10, 2)})
NEW = Files({"server.py": (2, 11, 1), "client.py": (1, 10, 2)})
EMPTY = Files({"server.py": (2, 0, 1), "client.py": (1, 10, 2)})
LESS = Files({"client.py": (1, 10, 2)})
NOTHING = Files({}, False)


def seen(*looks: tuple[float, Files]) -> list[Save | None]:
    """What each look tells, the files having been OLD at the time 0."""
    settling = Settling(OLD, 0)
    return [settling.see(files, at) for at, files in looks]


def test_a_save_is_told_once_and_when_it_is_complete():
    first, second, third = seen((1, NEW), (1 + QUIET, NEW), (9, NEW))
    assert (first, third) == (None, None)
    assert second == Save(("server.py",), ())


def test_what_still_changes_is_no_save_yet():
    newer = Files({"server.py": (3, 12, 1), "client.py": (1, 10, 2)})
    told = seen((1, NEW), (1 + QUIET / 2, newer), (1 + QUIET, newer), (1 + 2 * QUIET, newer))
    assert told[:3] == [None] * 3
    assert told[3] == Save(("server.py",), ())


@pytest.mark.parametrize("moment", [EMPTY, LESS, NOTHING])
def test_a_program_that_is_away_or_empty_for_a_moment_is_no_news(moment: Files):
    told = seen((1, moment), (1 + AWAY / 2, moment), (2, NEW), (2 + 2 * QUIET, NEW))
    assert told == [None, None, None, Save(("server.py",), ())]


@pytest.mark.parametrize(
    ("files", "save"),
    [
        (EMPTY, Save(("server.py",), ())),
        (LESS, Save((), ("server.py",))),
        (NOTHING, Save((), ("server.py", "client.py"), False)),
    ],
)
def test_what_stays_away_or_empty_is_told(files: Files, save: Save):
    assert seen((1, files), (1 + AWAY, files)) == [None, save]


def test_a_file_that_comes_back_as_it_was_is_no_save():
    assert seen((1, LESS), (1.5, OLD), (9, OLD)) == [None] * 3


def test_only_programs_are_waited_for():
    save = Save((), ("server.py", "notes.py"))
    assert save.lost == ("server.py",)


def test_editors_files_and_what_is_no_python_are_not_looked_at(tmp_path: Path):
    for name in (
        "server.py", "notes.py", ".server.py.swp", ".#server.py", "#server.py#", "server.py~",
        "4913", "server.py___jb_tmp___", "notes.txt",
    ):  # fmt: skip
        (tmp_path / name).write_text("")
    for name in ("__pycache__", ".venv", "rooms"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "inner.py").write_text("")
    assert set(look(tmp_path).stamps) == {"server.py", "notes.py", "rooms/inner.py"}


def test_a_rename_over_a_file_of_the_same_size_and_time_is_a_change(tmp_path: Path):
    (tmp_path / "server.py").write_text("1")
    before = look(tmp_path)
    (tmp_path / "aside").write_text("2")
    changed = (tmp_path / "server.py").stat().st_mtime_ns
    os.utime(tmp_path / "aside", ns=(changed, changed))
    (tmp_path / "aside").replace(tmp_path / "server.py")
    assert look(tmp_path) != before


def test_a_folder_that_is_not_there_is_told_apart_from_an_empty_one(tmp_path: Path):
    assert look(tmp_path) == Files({})
    assert look(tmp_path / "gone") == NOTHING


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (b"x = (1,\n", "server.py:1: SyntaxError: '(' was never closed"),
        (b"def f():\nx = 1\n", "server.py:2: IndentationError: expected an indented block"),
        (b"x = '\xe9'\n", "server.py:1: SyntaxError: (unicode error) 'utf-8' codec can't decode"),
        (b"\0", "server.py: "),
        (b"-" * 100_000 + b"1", "server.py: "),
    ],
)
def test_what_python_cannot_read_is_one_line(tmp_path: Path, text: bytes, line: str):
    (tmp_path / "server.py").write_bytes(text)
    (found,) = unreadable(tmp_path, ["server.py"])
    assert str(found).startswith(line)
    assert "\n" not in str(found)


def test_what_python_can_read_is_no_news(tmp_path: Path, recwarn: pytest.WarningsRecorder):
    (tmp_path / "server.py").write_text("x = '\\d'\nassert (x, 'always')\n")
    assert unreadable(tmp_path, ["server.py", "gone.py"]) == []
    assert list(recwarn) == []
