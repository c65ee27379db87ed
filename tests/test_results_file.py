"""Writing the results: whole, and never in place of a device or a link."""

import contextlib
import json
import os
import stat
import sys
import threading
from pathlib import Path

import pytest

from harness.grading import results_file
from harness.grading.results_file import write
from tests.watching import LONG, eventually

posix = pytest.mark.skipif(os.name != "posix", reason="links and devices of POSIX")
VALUES: dict[str, object] = {"score": 1.0, "path": "a\udcffb"}


def test_a_file_is_replaced_as_a_whole(tmp_path: Path):
    target = tmp_path / "results.json"
    target.write_text("old")
    before = os.stat(target).st_ino
    write(str(target), VALUES)
    assert json.loads(target.read_text(encoding="utf-8"))["score"] == 1
    assert os.listdir(tmp_path) == ["results.json"]
    if sys.platform != "win32":
        assert os.stat(target).st_ino != before


def test_a_file_that_somebody_reads_is_replaced_once_it_is_closed(tmp_path: Path):
    """On Windows alone the reader is in the way; elsewhere nothing is waited for."""
    target = tmp_path / "results.json"
    target.write_text("old")
    writer = threading.Thread(target=write, args=(str(target), VALUES))
    with target.open() as reading:
        writer.start()
        assert eventually(lambda: not writer.is_alive() or [*tmp_path.glob(".*")])
        assert reading.read() == "old"
    writer.join()
    assert json.loads(target.read_text(encoding="utf-8"))["score"] == 1
    assert os.listdir(tmp_path) == ["results.json"]


@pytest.mark.parametrize(("within", "is_replaced"), [(LONG, True), (0.0, False)])
def test_a_refusal_is_waited_for_within_a_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, within: float, is_replaced: bool
):
    target, refusals, plain = tmp_path / "results.json", [PermissionError()] * 3, os.replace

    def refuses(new: Path, old: Path) -> None:
        if refusals:
            raise refusals.pop()
        plain(new, old)

    monkeypatch.setattr(os, "replace", refuses)
    monkeypatch.setattr(results_file, "READ_WITHIN", within)
    with contextlib.nullcontext() if is_replaced else pytest.raises(PermissionError):
        write(str(target), VALUES)
    assert target.exists() is is_replaced
    assert not list(tmp_path.glob(".*"))


@posix
def test_what_a_link_leads_to_is_replaced_and_not_the_link(tmp_path: Path):
    (tmp_path / "real").mkdir()
    link = tmp_path / "link.json"
    for target in (tmp_path / "real" / "results.json", tmp_path / "real" / "new.json"):
        link.symlink_to(target)
        write(str(link), VALUES)
        assert link.is_symlink()
        assert json.loads(target.read_text(encoding="utf-8"))["score"] == 1
        link.unlink()


@posix
def test_a_device_stays_one(tmp_path: Path):
    before = os.stat("/dev/null")
    write("/dev/null", VALUES)
    after = os.stat("/dev/null")
    assert stat.S_ISCHR(after.st_mode)
    assert (after.st_ino, after.st_rdev) == (before.st_ino, before.st_rdev)
    assert not list(Path("/dev").glob(".null*"))


@posix
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")
def test_a_full_device_is_an_error():
    with pytest.raises(OSError, match="No space left"):
        write("/dev/full", VALUES)


@posix
def test_a_pipe_and_a_folder_are_refused_at_once(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="it is no file"):
        write(str(tmp_path / "pipe"), VALUES)
    with pytest.raises(IsADirectoryError):
        write(str(tmp_path), VALUES)
    assert os.listdir(tmp_path) == ["pipe"]


def test_where_it_cannot_be_written_nothing_is_left(tmp_path: Path):
    with pytest.raises(OSError):
        write(str(tmp_path / "no" / "such" / "folder.json"), VALUES)
    assert os.listdir(tmp_path) == []
