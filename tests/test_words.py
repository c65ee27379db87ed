"""What a student reads uses the words of the course, and none that were given up."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.grading.judge import REPO

# A word that was given up, as a pattern, and what is said now.
INSTEAD = {
    r"\butas\b": "thread",
    r"tersangka nama": "dikira nama",
    r"\bprosesor\b": "CPU",
    r"tidak terbakar": "tidak sibuk terus",
    r"\bmenyala\b": "mulai",
    r"\bpadam\b": "berhenti",
    r"\bpenjelajahan\b": "Eksplorasi",
    r"\bpenampung\b": "buffer",
    r"\bkata terakhir": "pesan terakhir",
    r"ada yang melarang urutan": "Urutan ini bisa terjadi kapan saja",
    r"semuanya sudah diam": "tidak ada lagi yang berjalan",
    r"\bberkas\b": "file",
}
OLD = re.compile("|".join(INSTEAD), re.IGNORECASE)
FOLDERS = ("harness", "modul4", "solutions", "docs")
KINDS = {".py", ".toml", ".md", ".jinja", ".svg"}
# The students' page of usual mistakes is made of these.
SOURCES = [REPO / "tests" / "misconceptions.toml", *(REPO / "tests" / "chaff").glob("*.toml")]


def texts() -> Iterator[Path]:
    """The files that hold what a student reads."""
    for folder in FOLDERS:
        yield from (p for p in (REPO / folder).rglob("*") if p.suffix in KINDS)
    yield from SOURCES


def old_words(text: str) -> list[str]:
    """Each line of ``text`` that has an old word, with its number."""
    rows = enumerate(text.splitlines(), 1)
    return [f"{number}: {line.strip()}" for number, line in rows if OLD.search(line)]


@pytest.mark.parametrize("word", ["Utas", "berkas", "kata terakhirnya", "Menyala dan padam"])
def test_an_old_word_is_found(word: str):
    assert old_words(f"baris satu\nini {word} lama") == [f"2: ini {word} lama"]
    assert not old_words("pemberkasan, dinyalakan, thread, file, CPU")


def test_no_text_for_students_has_an_old_word():
    found = {
        p.relative_to(REPO): lines for p in texts() if (lines := old_words(p.read_text("utf-8")))
    }
    assert not found


def test_the_sources_of_the_page_of_mistakes_can_be_read():
    for path in SOURCES:
        assert tomllib.loads(path.read_text("utf-8")), path
