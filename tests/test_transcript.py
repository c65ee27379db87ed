"""The story as a person reads it."""

import pytest

from harness.contract.rubric import LANGUAGES, Language
from harness.record.journal import Event, What
from harness.record.transcript import MARK, told, transcript

STORY = (
    Event(0.0, "server.py", "", What.START, "server.py --port 1234"),
    Event(0.0314, "server.py", "stdout", What.PRINT, "Server menunggu koneksi..."),
    Event(0.05, "ani", "server.py", What.CONNECT),
    Event(0.06, "ani", "server.py", What.SAY, "halo"),
    Event(2.5, "server.py", "budi", What.MISSING, "ani: halo"),
    Event(2.6, "server.py", "", What.END),
)


def test_a_story_is_told_in_indonesian():
    assert transcript(STORY, "id") == [
        "   0.000  $ python server.py --port 1234",
        "   0.031  server.py mencetak (stdout) 'Server menunggu koneksi...'",
        "   0.050  ani terhubung",
        "   0.060  ani -> server.py  'halo'",
        "   2.500  >>> budi <- server.py  'ani: halo'  TIDAK DATANG",
    ]


def test_a_story_is_told_in_english():
    lines = transcript(STORY, "en")
    assert lines[2:] == [
        "   0.050  ani connects",
        "   0.060  ani -> server.py  'halo'",
        "   2.500  >>> budi <- server.py  'ani: halo'  DID NOT COME",
    ]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("what", What)
def test_every_kind_of_event_can_be_told(what: What, lang: Language):
    line = told(Event(1.0, "ani", "budi", what, "a\tb\x1b[2J\n"), lang)
    assert line.strip()
    assert line.isprintable()
    assert "{" not in line


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_failing_lines_are_marked_and_no_others(lang: Language):
    for what in What:
        is_wrong = what in (What.MISSING, What.UNWANTED)
        (line, *_) = [*transcript([Event(1.0, "ani", "budi", what, "x")], lang), ""]
        assert (MARK in line) is is_wrong


def test_only_the_last_lines_where_they_are_too_many():
    lines = transcript(STORY, "id", last=2)
    assert lines[0].strip() == "…"
    assert lines[1:] == transcript(STORY, "id")[-2:]
    assert transcript(STORY, "id", last=5) == transcript(STORY, "id")


def test_what_was_said_cannot_pass_for_the_story():
    """A text with line feeds and escape codes stays in its line, in quotes."""
    evil = Event(0.1, "ani", "server.py", What.SAY, "x'\n   0.200  budi terhubung\x1b[2J {who}")
    (line,) = transcript([evil], "id")
    assert "\n" not in line
    assert "\x1b" not in line
    assert "{who}" in line


def test_a_story_without_events():
    assert transcript([], "id") == []
