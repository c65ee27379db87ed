"""The two programs in what a student sent, under the names that browsers and people give them."""

import os
from pathlib import Path

import pytest

from harness.classroom import problems
from harness.classroom.programs import lay_out
from harness.contract.rubric import LANGUAGES


def sent(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    folder.mkdir(exist_ok=True)
    return folder


def laid_out(tmp_path: Path, files: dict[str, str]) -> dict[str, str]:
    target = tmp_path / "laid out"
    assert lay_out(sent(tmp_path / "sent", files), target) is None
    return {
        path.relative_to(target).as_posix(): path.read_text()
        for path in target.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize(
    "files",
    [
        {"server.py": "S", "client.py": "C"},
        {"Tugas 4/modul4/server.py": "S", "Tugas 4/modul4/client.py": "C"},
        {"server/server.py": "S", "client/client.py": "C"},
        {"Server.py": "S", "CLIENT.PY": "C"},
        {"server (1).py": "S", "client-2.py": "C"},
        {"server.py.txt": "S", "client - Copy.py": "C"},
        {"123_server_final.py": "S", "my-client.py": "C"},
        {"server.py": "S", "old/server.py": "S", "client.py": "C"},
        {"server.py": "S", "client.py": "C", ".git/server.py": "x", "__pycache__/client.py": "x"},
        {"server.py": "S", "server (1).py": "other", "client.py": "C"},
    ],
)
def test_both_are_found(tmp_path: Path, files: dict[str, str]):
    # On Windows `Server.py` is `server.py` already.
    found = {os.path.normcase(name): text for name, text in laid_out(tmp_path, files).items()}
    assert (found["server.py"], found["client.py"]) == ("S", "C")


def test_their_own_modules_come_along(tmp_path: Path):
    files = {"a/server.py": "S", "a/room.py": "R", "a/lib/x.py": "X", "b/client.py": "C"}
    files |= {"b/room.py": "other", "b/screen.py": "T", "tests/test_server_chat.py": "no"}
    assert laid_out(tmp_path, files) == {
        "server.py": "S", "client.py": "C", "room.py": "R", "lib/x.py": "X", "screen.py": "T"
    }  # fmt: skip


def test_one_alone_is_a_submission(tmp_path: Path):
    assert laid_out(tmp_path, {"x/server.py": "S"}) == {"server.py": "S"}


@pytest.mark.parametrize(
    ("files", "key", "said"),
    [
        ({}, "nothing", "No file was sent."),
        ({"laporan.pdf": "x"}, "no_programs", "no server.py and no client.py"),
        ({"tugas.rar": "x", "a.txt": "y"}, "other_archive", "tugas.rar"),
        ({"tugas.zip": "rusak"}, "broken_zip", "broken"),
        ({"a/server.py": "1", "b/server.py": "2"}, "two_programs", "a/server.py, b/server.py"),
        ({"server (1).py": "1", "server (2).py": "2"}, "two_programs", "2 files that may be"),
    ],
)
def test_what_cannot_be_taken_is_told_and_never_guessed(
    tmp_path: Path, files: dict[str, str], key: str, said: str
):
    problem = lay_out(sent(tmp_path / "sent", files), tmp_path / "laid out")
    assert problem is not None
    assert problem.key == key
    assert said in problems.sentence(problem.key, problem.facts, "en")
    assert not (tmp_path / "laid out").exists()


def test_what_was_handed_out_is_not_taken_for_the_work(tmp_path: Path):
    import hashlib

    files = {"modul4/1.contoh/server.py": "mine", "modul4/2.latihan-race/1/server.py": "given"}
    given = hashlib.sha256(b"given").hexdigest()
    source = sent(tmp_path / "sent", files)
    assert lay_out(source, tmp_path / "a", known={given}) is None
    assert (tmp_path / "a" / "server.py").read_text() == "mine"
    # Where there is nothing else it is what was sent.
    only = sent(tmp_path / "only", {"server.py": "given"})
    assert lay_out(only, tmp_path / "b", known={given}) is None
    assert (tmp_path / "b" / "server.py").read_text() == "given"


def test_a_link_is_followed_nowhere(tmp_path: Path):
    source = sent(tmp_path / "sent", {"client.py": "C"})
    (tmp_path / "secret.py").write_text("secret")
    (source / "server.py").symlink_to(tmp_path / "secret.py")
    assert lay_out(source, tmp_path / "laid out") is None
    assert not (tmp_path / "laid out" / "server.py").exists()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_problem_has_its_sentence(lang: str):
    facts = {"found": "x", "program": "server.py", "count": "2"}
    for key, sentences in problems.PROBLEMS.items():
        assert sentences[lang].format(**facts).endswith("."), key
