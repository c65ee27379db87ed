"""What stands on stderr: the exception and its place, what Python could not read, what lacks."""

import subprocess
import sys
from pathlib import Path

import pytest

from harness.contract.symptoms import Symptom
from harness.program import last_words

# A module of the standard library that this system lacks.
ELSEWHERE = "termios" if sys.platform == "win32" else "msvcrt"


@pytest.fixture
def stderr(tmp_path: Path):
    """What a program with this source says at its end."""

    def run(source: str | bytes) -> str:
        file = tmp_path / "server.py"
        file.write_bytes(source if isinstance(source, bytes) else source.encode())
        command = [sys.executable, "-I", str(file)]
        return subprocess.run(command, capture_output=True, text=True, check=False).stderr

    return run


@pytest.mark.parametrize(
    ("source", "error", "place"),
    [
        ("x = 1\nnmae\n", "NameError: name 'nmae' is not defined", "server.py:2"),
        ("import json\njson.loads('{')\n", "json.decoder.JSONDecodeError", "server.py:2"),
        ("def f():\n    raise ValueError\nf()\n", "ValueError", "server.py:2"),
        (
            "import threading\nt = threading.Thread(target=lambda: 1 / 0)\nt.start()",
            "ZeroDivisionError: division by zero",
            "server.py:2",
        ),
        ("try:\n    1 / 0\nexcept Exception:\n    oops()\n", "NameError", "server.py:4"),
        ("raise ValueError('satu\\ndua')", "ValueError: satu", "server.py:1"),
    ],
)
def test_the_exception_and_the_line_of_the_students_own(
    stderr, tmp_path: Path, source: str, error: str, place: str
):
    found = last_words.crash(stderr(source), tmp_path)
    assert found is not None
    assert found.as_facts()["error"].startswith(error)
    assert found.place == place


@pytest.mark.parametrize(
    "source",
    ["print('halo')", "raise SystemExit('Traceback')", "raise KeyboardInterrupt"],
)
def test_what_is_no_crash(stderr, tmp_path: Path, source: str):
    assert last_words.crash(stderr(source), tmp_path) is None


@pytest.mark.parametrize(
    ("source", "symptom", "fact"),
    [
        ("import numpy\n", Symptom.FOREIGN_MODULE, ("module", "numpy")),
        ("from rich.console import Console\n", Symptom.FOREIGN_MODULE, ("module", "rich")),
        (f"import {ELSEWHERE}\n", Symptom.MODULE_OF_ANOTHER_SYSTEM, ("module", ELSEWHERE)),
        ("print('é')\n".encode("cp1252"), Symptom.WRONG_ENCODING, ("encoding", "cp1252 (Windows)")),
        ("print('a')\n".encode("utf-16"), Symptom.WRONG_ENCODING, ("encoding", "UTF-16")),
        ("print('a')\n".encode("utf-16-be"), Symptom.WRONG_ENCODING, ("encoding", "UTF-16")),
        ("x = = 1\n", Symptom.SYNTAX_ERROR, ("error", "server.py:1: invalid syntax")),
    ],
)
def test_why_it_did_not_start(
    stderr, tmp_path: Path, source: str | bytes, symptom: Symptom, fact: tuple[str, str]
):
    found = last_words.why_not_started(stderr(source), tmp_path / "server.py")
    assert found is not None
    assert found.symptom is symptom
    assert found.facts[fact[0]] == fact[1]


@pytest.mark.parametrize("source", ["1 / 0", "import json; json.nothing", "int('x')"])
def test_what_starts_and_then_fails(stderr, tmp_path: Path, source: str):
    assert last_words.why_not_started(stderr(source), tmp_path / "server.py") is None


def test_an_exception_counts_only_once_its_line_is_whole(tmp_path: Path):
    text = (
        "Traceback (most recent call last):\n"
        f'  File "{tmp_path}/server.py", line 3, in f\n    nmae\n'
        "NameError: name 'nmae' is not defined\n"
    )
    assert last_words.crash(text, tmp_path) == last_words.Crash(
        "NameError", "name 'nmae' is not defined", "server.py:3"
    )
    for end in ("NameError", "NameError: name 'nmae'"):
        assert last_words.crash(text[: text.index("NameError")] + end, tmp_path) is None
