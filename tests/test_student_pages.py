"""The pages for students: each ends in an experiment that works, and each picture can be read."""

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.grading.judge import REFERENCE, REPO
from harness.program.ports import reserved_port
from harness.reports.last_screen import ROWS
from tests.test_hints import reference_lines

FOLDER = REPO / "docs" / "id"
IDEAS = (
    "byte-dan-baris", "thread", "membersihkan", "race", "deadlock", "membaca-laporan", "glosarium",
    "windows", "batas",
)  # fmt: skip
PICTURES = sorted((FOLDER / "gambar").glob("*.svg"))
# Each script with a way to call it, and what it must say.
ALONE = {
    ("aliran.py",): r"tidak bisa, unexpected end.*3 baris",
    ("bersama.py",): r"ada 3 thread.*1 thread, board = \['a1', 'b1'",
    ("rebutan.py", "--putaran", "3"): r"3 putaran, jeda 0 detik",
    ("rebutan.py", "--jeda", "0.5", "--putaran", "3"): r"lebih dari satu yang duduk: 3",
    ("saling_tunggu.py",): r"Masih menunggu: ani, budi.*in write",
}
WITH_SERVER = {
    ("potong.py", r"budi\n", "sa", r"tu\ndua\n", r"caf\xc3", r"\xa9\n", r"你\r\n"): (
        r"<- b'OK\\n'",
        ["budi: satu", "budi: dua", "budi: café", "budi: 你\n"],
    ),
    ("putus.py", "baik"): (r"sudah pergi \(baik\)", ["nickname: tamu"]),
    ("putus.py", "paksa"): (r"sudah pergi \(paksa\)", ["nickname: tamu"]),
    ("putus.py", "setengah"): (r"sudah pergi \(setengah\)", ["nickname: tamu"]),
}
LONGEST = 60.0


def text_of(name: str) -> str:
    return (FOLDER / f"{name}.md").read_text(encoding="utf-8")


def run(*words: str, typed: str = "") -> str:
    """What a command says; it must end well."""
    done = subprocess.run(
        [sys.executable, *words],
        cwd=REPO,
        input=typed,
        capture_output=True,
        encoding="utf-8",
        timeout=LONGEST,
        env=os.environ | {"PYTHONUTF8": "1"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def server() -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """The reference at a port of its own, listening."""
    with reserved_port() as port:
        process = subprocess.Popen(
            [sys.executable, str(REFERENCE / "server.py"), "--port", str(port)],
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "Server menunggu koneksi...\n"
        yield port, process
        process.kill()
        process.communicate()


def prints(process: subprocess.Popen[str], wanted: str) -> bool:
    """Whether a line with ``wanted`` comes; the test's own time limit is the bound."""
    assert process.stdout is not None
    return any(wanted in line for line in process.stdout)


@pytest.mark.parametrize("name", IDEAS)
def test_a_page_is_short_and_ends_in_an_experiment(name: str):
    text = text_of(name)
    *_, last = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert last == "Percobaan"
    assert len(text.splitlines()) <= 110


@pytest.mark.parametrize("name", IDEAS)
def test_no_page_holds_a_line_of_the_reference(name: str):
    text = text_of(name)
    assert not [line for line in reference_lines() if line in text]


def test_no_script_holds_a_body_of_the_reference():
    for script in (FOLDER / "percobaan").glob("*.py"):
        lines = {line.strip() for line in script.read_text(encoding="utf-8").splitlines()}
        assert len(lines & reference_lines()) == 0, script.name


@pytest.mark.parametrize("words", ALONE, ids=" ".join)
def test_an_experiment_works(words: tuple[str, ...]):
    script, *rest = words
    assert re.search(ALONE[words], run(f"docs/id/percobaan/{script}", *rest), re.DOTALL)


@pytest.mark.parametrize("words", WITH_SERVER, ids=lambda words: " ".join(words[:2]))
def test_an_experiment_with_the_server_works(
    server: tuple[int, subprocess.Popen[str]], words: tuple[str, ...]
):
    says, printed = WITH_SERVER[words]
    script, *rest = words
    said = run(f"docs/id/percobaan/{script}", *rest, "--port", str(server[0]))
    assert re.search(says, said)
    for line in printed:
        assert prints(server[1], line)


def test_every_script_is_named_by_a_page_and_tried_here():
    scripts = {path.name for path in (FOLDER / "percobaan").glob("*.py")}
    assert {words[0] for words in (*ALONE, *WITH_SERVER)} == scripts
    named = "".join(map(text_of, IDEAS))
    assert all(f"percobaan/{script}" in named for script in scripts)


def test_the_line_of_python_for_windows_talks_to_a_server(
    server: tuple[int, subprocess.Popen[str]],
):
    client, host = re.findall(r'^py -c "(.*)"$', text_of("windows"), re.MULTILINE)
    assert "55555" in client
    assert '"' not in client + host  # cmd ends a word there
    compile(host, "windows.md", "exec")
    run("-c", client.replace("55555", str(server[0])), typed="ani\nhalo\n")
    assert prints(server[1], "ani: halo")


@pytest.mark.parametrize("picture", PICTURES, ids=lambda path: path.stem)
def test_a_picture_is_readable_without_seeing_it_and_in_the_dark(picture: Path):
    text = picture.read_text(encoding="utf-8")
    root = ET.fromstring(text)
    space = "{http://www.w3.org/2000/svg}"
    assert root.get("role") == "img"
    for part in ("title", "desc"):
        element = root.find(f"{space}{part}")
        assert element is not None
        assert element.text
        assert element.get("id") in str(root.get("aria-labelledby")).split()
    assert "prefers-color-scheme: dark" in text
    assert 'class="paper"' in text  # its own ground: readable on any page
    assert not re.search(r"<script|href=|url\((?!#)", text)


def test_every_picture_is_shown_with_words_in_its_place():
    shown = {
        name: words
        for page in IDEAS
        for words, name in re.findall(r"!\[([^\]]*)\]\(gambar/([^)]+)\)", text_of(page))
    }
    assert set(shown) == {path.name for path in PICTURES}
    assert all(len(words) > 40 for words in shown.values())


def test_the_glossary_is_in_order_and_has_both_languages():
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| [^|]+ \|$", text_of("glosarium"), re.MULTILINE)
    terms = [own for own, english in rows[1:] if not own.startswith("-")]
    assert len(terms) > 30
    assert terms == sorted(terms, key=str.lower)


def test_the_lab_sheet_and_the_questions_lead_to_every_page():
    for page in (REPO / "modul4" / "1.contoh" / "README.md", FOLDER / "tanya-jawab.md"):
        text = page.read_text(encoding="utf-8")
        assert [name for name in IDEAS if f"{name}.md" not in text] == []


def test_the_annotated_picture_has_the_words_of_the_page():
    (block,) = re.findall(r"```text\n(.*?)```", text_of("membaca-laporan"), re.DOTALL)
    root = ET.parse(FOLDER / "gambar" / "membaca-laporan.svg").getroot()
    drawn = [each.text for each in root.iter("{http://www.w3.org/2000/svg}text")]
    lines = [line for line in block.splitlines() if line]
    assert [line for line in drawn if line in lines] == lines
    assert len(block.splitlines()) <= ROWS
    numbers = re.findall(r"^\| (\d+) \|", text_of("membaca-laporan"), re.MULTILINE)
    assert [number for number in drawn if number and number.isdigit()] == numbers
