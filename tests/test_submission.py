"""Where the two programs are, and what is said of a folder in which they are not."""

import os
from pathlib import Path

import pytest

from harness.grading.submission import NoSubmission, folder_of, next_todo


def made(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    return folder


@pytest.mark.parametrize(
    "names",
    [
        ("server.py", "client.py"),
        ("server.py",),
        ("client.py", "catatan.txt"),
        ("server.py", "client.py", "server (1).py"),
        # Nothing to go by: it is graded as it is, and told that there is no server.py.
        ("catatan.txt",),
        ("main.py", "chat.py"),
    ],
)
def test_a_folder_with_a_program_or_without_any_is_a_submission(
    tmp_path: Path, names: tuple[str, ...]
):
    assert folder_of(str(made(tmp_path, *names)), "id") == tmp_path


def said(path: Path | str) -> str:
    with pytest.raises(NoSubmission) as refused:
        folder_of(str(path), "en")
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize(
    "name",
    [
        "Server.py",
        "SERVER.PY",
        "server (1).py",
        "server(2).py",
        "server - Copy.py",
        "server_final.py",
        "server.py.txt",
        "Dwi Ayu_server.py",
    ],
)
def test_a_program_under_another_name_is_told_to_be_renamed(tmp_path: Path, name: str):
    made(tmp_path, name, "client.py")
    if (tmp_path / "server.py").exists():
        pytest.skip("to this file system the two names are one")
    assert f"no server.py, but there is '{name}': rename it to server.py" in said(tmp_path)


def test_of_several_candidates_none_is_guessed(tmp_path: Path):
    made(tmp_path, "server (1).py", "server (2).py", "client.py")
    assert folder_of(str(tmp_path), "id") == tmp_path


@pytest.mark.parametrize("inside", ["modul4", "a/b", "Dwi Ayu_12345_assignsubmission_file"])
def test_a_nested_folder_is_offered(tmp_path: Path, inside: str):
    made(tmp_path, f"{inside}/server.py", f"{inside}/client.py", "__MACOSX/x")
    assert said(tmp_path).endswith(f"--submission={tmp_path / inside}")


def test_a_whole_class_is_told_as_one(tmp_path: Path):
    made(
        tmp_path, "ani_1_assignsubmission_file/server.py", "budi_2_assignsubmission_file/server.py"
    )
    assert "in 2 folders inside; choose one" in said(tmp_path)


def test_zips_are_to_be_unpacked(tmp_path: Path):
    made(tmp_path, "tugas.zip")
    assert "but there is 'tugas.zip': unpack it first" in said(tmp_path)
    assert "if this is a zip, unpack it first" in said(tmp_path / "tugas.zip")


def test_a_program_is_no_folder(tmp_path: Path):
    made(tmp_path, "server.py")
    assert said(tmp_path / "server.py").endswith(f"--submission={tmp_path}")


def test_a_link_is_told_as_one(tmp_path: Path):
    made(tmp_path, "x/other.py", "y/client.py")
    try:
        (tmp_path / "y" / "server.py").symlink_to(tmp_path / "x" / "other.py")
        if not (tmp_path / "y" / "server.py").is_symlink():
            raise OSError("wine makes a copy")
    except OSError:
        pytest.skip("links are not for everybody here")
    assert "server.py in the folder" in said(tmp_path / "y")


def test_a_path_that_the_system_refuses_is_told():
    assert "cannot be read" in said("x" * 5000) or os.name == "nt"


def test_a_tilde_is_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    made(tmp_path, "x/server.py")
    assert folder_of("~/x", "id") == tmp_path / "x"
    assert "no folder '~/y'" in said("~/y")


def test_the_next_todo_is_the_first_that_nobody_has_begun(tmp_path: Path):
    assert next_todo(tmp_path) is None
    (tmp_path / "client.py").write_text('def f():\n    raise NotImplementedError("TODO 9")\n')
    (tmp_path / "server.py").write_text(
        "# BEGIN STUB\n#     raise NotImplementedError('TODO 2')\n"
        "def g():\n    raise NotImplementedError('TODO 4')\n"
    )
    assert next_todo(tmp_path) == 4
