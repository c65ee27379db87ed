"""Becoming another user, and reading what another user may have made."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.program.unprivileged import content_of, for_good, somebody

posix = pytest.mark.skipif(os.name != "posix", reason="links and pipes of POSIX")


def test_a_file_is_read_whole_or_not_at_all(tmp_path: Path):
    (tmp_path / "a").write_bytes(b"12345")
    assert content_of(tmp_path / "a", 5) == b"12345"
    assert content_of(tmp_path / "a", 4) is None
    assert content_of(tmp_path / "none", 5) is None


@posix
def test_no_link_and_no_pipe_is_followed(tmp_path: Path):
    (tmp_path / "a").write_bytes(b"12345")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "pipe", "."):
        assert content_of(tmp_path / name, 5) is None


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="only root can")
def test_root_becomes_somebody_for_good():
    user = somebody()
    assert user is not None
    command = [*for_good(), "/bin/sh", "-c", "id -u; id -G; grep NoNewPrivs /proc/self/status"]
    done = subprocess.run(command, capture_output=True, text=True, **user.settings)
    uid, groups, *kept = done.stdout.splitlines()
    assert (int(uid), groups.split()) == (user.uid, [str(user.gid)])
    if for_good():
        assert [each.split() for each in kept] == [["NoNewPrivs:", "1"]]


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="for all but root")
def test_all_others_stay_who_they_are():
    assert somebody() is None
