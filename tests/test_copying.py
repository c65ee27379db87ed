"""What is copied of a submission: what a program needs, whatever else lies beside it."""

import os
from pathlib import Path

import pytest

from harness.program import copying
from harness.program.sandbox import Sandbox

posix = pytest.mark.skipif(os.name != "posix", reason="links, pipes and permissions of POSIX")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    (folder / "paket").mkdir(parents=True)
    (folder / "server.py").write_text("print('halo')")
    (folder / "paket" / "ruang.py").write_text("x = 1")
    (folder / ".env").write_text("setting")
    return folder


def files_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


PROGRAM = {"server.py", "paket/ruang.py", ".env"}


def test_a_copy_holds_the_programs_files(sandbox: Sandbox, source: Path):
    copy = sandbox.fresh(source)
    assert files_in(copy) == {"server.py", "paket/ruang.py", ".env"}
    assert (copy / "server.py").read_text() == "print('halo')"


def test_every_copy_is_fresh(sandbox: Sandbox, source: Path):
    first = sandbox.fresh(source)
    (first / "server.py").write_text("changed")
    (first / "litter").write_text("left behind")
    second = sandbox.fresh(source)
    assert second != first
    assert files_in(second) == files_in(source)
    assert (source / "server.py").read_text() == "print('halo')"


def test_what_is_no_part_of_a_program_is_left_out(sandbox: Sandbox, source: Path):
    for name in (".git", "__pycache__", ".venv", "venv", "node_modules", "paket/.cache"):
        (source / name).mkdir()
        (source / name / "big").write_text("x")
    assert files_in(sandbox.fresh(source)) == {"server.py", "paket/ruang.py", ".env"}


@posix
def test_links_and_pipes_are_left_out(sandbox: Sandbox, source: Path, tmp_path: Path):
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key").write_text("k")
    (source / "link").symlink_to(secret / "key")
    (source / "folder").symlink_to(secret)
    (source / "loop").symlink_to(source)
    os.mkfifo(source / "pipe")
    assert files_in(sandbox.fresh(source)) == {"server.py", "paket/ruang.py", ".env"}


def test_a_folder_that_is_not_there(sandbox: Sandbox, tmp_path: Path):
    assert files_in(sandbox.fresh(tmp_path / "gone")) == set()


def test_a_virtual_environment_of_any_name_is_left_out(sandbox: Sandbox, source: Path):
    home = source / "lingkungan saya"
    (home / "lib").mkdir(parents=True)
    (home / "pyvenv.cfg").write_text("")
    (home / "lib" / "module.py").write_text("")
    assert files_in(sandbox.fresh(source)) == PROGRAM


def test_a_large_file_is_left_out_and_a_small_one_beside_it_is_not(sandbox: Sandbox, source: Path):
    with open(source / "laporan.pdf", "wb") as file:
        file.truncate(100_000_000)  # without a block on the disk
    (source / "data.json").write_text("{}")
    (source / "just enough").write_bytes(b"x" * copying.LARGEST_FILE)
    assert files_in(sandbox.fresh(source)) == PROGRAM | {"data.json", "just enough"}


@pytest.mark.parametrize(("name", "most"), [("MOST_FILES", 3), ("MOST_BYTES", 27)])
def test_of_a_lot_of_files_the_nearest_are_copied(
    sandbox: Sandbox, source: Path, monkeypatch: pytest.MonkeyPatch, name: str, most: int
):
    monkeypatch.setattr(copying, name, most)
    deep = source / "a" / "b"
    deep.mkdir(parents=True)
    (deep / "deep.py").write_text("0123456789")
    assert files_in(sandbox.fresh(source)) == PROGRAM


def test_a_folder_of_any_depth_and_size_takes_no_time(
    sandbox: Sandbox, source: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(copying, "MOST_LOOKED", 100)
    deep = source.joinpath(*["d"] * (copying.DEEPEST + 3))
    deep.mkdir(parents=True)
    (deep / "x.py").write_text("")
    many = source / "z"
    many.mkdir()
    for number in range(120):
        (many / f"{number}").mkdir()
        (many / f"{number}" / "y.py").write_text("")
    assert files_in(sandbox.fresh(source)) == PROGRAM


@posix
@pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="root may read everything")
def test_what_nobody_may_read_is_left_out(sandbox: Sandbox, source: Path):
    (source / "secret.py").write_text("")
    (source / "secret.py").chmod(0)
    assert files_in(sandbox.fresh(source)) == PROGRAM


def test_folders_within_folders_are_removed_whatever_their_depth(sandbox: Sandbox, source: Path):
    with sandbox.copies.clearing():
        made = sandbox.fresh(source)
        here = os.open(made, os.O_RDONLY) if os.name == "posix" else None
        if here is None:
            pytest.skip("made by way of descriptors")
        for _ in range(1500):
            os.mkdir("d", dir_fd=here)
            inner = os.open("d", os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = inner
        os.close(here)
    assert not made.exists()


def test_what_was_copied_for_one_story_is_gone_after_it(sandbox: Sandbox, source: Path):
    kept = sandbox.fresh(source)
    with sandbox.copies.clearing():
        made = [sandbox.fresh(kept) for _ in range(3)]
        assert all(files_in(each) == PROGRAM for each in made)
    assert files_in(kept) == PROGRAM
    assert not any(each.exists() for each in made)
