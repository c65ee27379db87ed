"""The story as a person reads it."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.contract.rubric import LANGUAGES, Language
from harness.record.journal import (
    CALLS_AGAIN,
    CALLS_NOT,
    RUNS,
    STAYS,
    TELLS_NOT,
    WRONG,
    Event,
    What,
)
from harness.record.transcript import CUT, MARK, told, transcript

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
        is_wrong = what in WRONG
        (line, *_) = [*transcript([Event(1.0, "ani", "budi", what, "x")], lang), ""]
        assert (MARK in line) is is_wrong


@pytest.mark.parametrize(
    ("text", "of", "said"),
    [
        (RUNS, "ani", "client.py (ani) still runs  SHOULD NOT BE SO"),
        (RUNS, "", "client.py still runs  SHOULD NOT BE SO"),
        (STAYS, "ani", "client.py (ani) has not ended its connection  SHOULD NOT BE SO"),
        (CALLS_NOT, "ani", "client.py (ani) has not connected  SHOULD NOT BE SO"),
        (CALLS_AGAIN, "ani", "client.py (ani) has connected again  SHOULD NOT BE SO"),
        (TELLS_NOT, "ani", "client.py (ani) shows no sentence  SHOULD NOT BE SO"),
        ("status 1", "ani", "client.py (ani) ends with status 1  SHOULD NOT BE SO"),
    ],
)
def test_what_is_amiss_with_a_program_is_told_of_one_client(text: str, of: str, said: str):
    assert told(Event(1.0, "client.py", of, What.AMISS, text), "en") == said


def test_with_a_refusal_stands_first_that_the_earlier_holder_has_left():
    story = [
        Event(0.002, "ani", "server.py", What.SAY, "ani"),
        Event(0.003, "ani", "server.py", What.RESET),
        Event(0.004, "ani", "server.py", What.CONNECT),
        Event(0.005, "server.py", "ani", What.SEE, "NICK"),
        Event(0.006, "ani", "server.py", What.SAY, "ani"),
        Event(0.007, "server.py", "ani", What.UNWANTED, "ERR dipakai"),
    ]
    lines = transcript(story, "en", 4)
    assert "is cut off (RST)" in "".join(lines)
    assert len(lines) <= 4


def test_a_key_that_ends_a_program_names_who_pressed_it():
    assert told(Event(1.0, "ani", "client.py", What.INTERRUPT), "id") == "ani menekan Ctrl-C"
    assert told(Event(1.0, "", "server.py", What.INTERRUPT), "id") == "Ctrl-C ditekan"


def test_with_a_program_that_does_not_end_stands_the_key_that_was_to_end_it():
    story = [
        Event(0.1, "ani", "client.py", What.INTERRUPT),
        Event(0.2, "ani", "", What.SHOW, "EOFError"),
        *many(20),
        Event(2.5, "budi", "client.py", What.INTERRUPT),
        *many(20),
        Event(9.0, "client.py", "ani", What.AMISS, RUNS),
    ]
    lines = "\n".join(transcript(story, "en", 8))
    assert "ani presses Ctrl-C" in lines and "ani's screen: 'EOFError'" in lines
    assert "budi" not in lines


def test_with_a_message_that_did_not_come_stands_that_its_reader_had_been_let_in():
    ok = Event(0.1, "server.py", "budi", What.SEE, "OK")
    said = Event(0.4, "ani", "server.py", What.SAY, "halo")
    missing = Event(2.5, "server.py", "budi", What.MISSING, "ani: halo")
    lines = "\n".join(transcript([ok, *many(20), said, *many(3), missing], "en", 8))
    assert "'OK'" in lines and "'halo'" in lines
    # Of one who has been there for long nobody doubts it.
    lines = "\n".join(transcript([ok, *many(60), said, *many(3), missing], "en", 8))
    assert "'OK'" not in lines


def many(count: int, **of: object) -> list[Event]:
    return [Event(n / 10, "ani", "server.py", What.SAY, f"n{n}.", **of) for n in range(count)]  # type: ignore[arg-type]


def test_without_a_fault_the_end_is_shown_where_the_story_is_too_long():
    lines = transcript(many(50), "id", 3)
    assert lines[0].strip() == "…"
    assert lines[1:] == transcript(many(50), "id")[-2:]
    assert transcript(STORY, "id", 5) == transcript(STORY, "id")


def test_the_lines_round_the_fault_are_shown_most_of_them_before_it():
    story = many(50)
    story[20] = Event(2.0, "server.py", "budi", What.UNWANTED, "x")
    lines = transcript(story, "id", 14)
    assert len(lines) == 14
    assert lines[0] == lines[-1] == CUT
    at = next(n for n, line in enumerate(lines) if MARK in line)
    assert at > 14 * 0.6


def test_where_the_wrong_line_was_said_is_shown_however_long_ago():
    story = many(50)
    story[40] = Event(4.0, "server.py", "budi", What.UNWANTED, "ani: n3.")
    lines = transcript(story, "id", 8)
    assert len(lines) <= 8
    assert "'n3.'" in lines[1]
    assert lines[2] == CUT
    assert sum(MARK in line for line in lines) == 1


def test_fences_are_left_out_first():
    story = [*many(3), *many(30, is_fence=True)]
    story.append(Event(9.0, "server.py", "budi", What.MISSING, "x"))
    lines = transcript(story, "id", 6)
    assert lines[:3] == transcript(many(3), "id")
    assert lines[-1].endswith("TIDAK DATANG")
    assert len(lines) <= 6


@given(
    st.lists(st.sampled_from([What.SAY, What.SEE, What.UNWANTED]), min_size=1, max_size=40),
    st.lists(st.booleans(), min_size=40, max_size=40),
    st.integers(3, 20),
)
def test_there_are_never_too_many_lines_and_every_cut_is_told(
    kinds: list[What], fences: list[bool], most: int
):
    story = [
        Event(n, "ani", "budi", what, f"#{n}#", fence)
        for n, (what, fence) in enumerate(zip(kinds, fences, strict=False))
    ]
    lines = transcript(story, "en", most)
    assert len(lines) <= most
    shown = [int(line.partition("#")[2].partition("#")[0]) for line in lines if line != CUT]
    assert shown == sorted(shown)
    if any(what in WRONG for what in kinds):
        assert any(MARK in line for line in lines)
    places = [-1, *shown, len(story)]
    assert lines.count(CUT) == sum(b - a > 1 for a, b in pairwise(places))


@pytest.mark.parametrize(
    ("who", "to", "line"),
    [
        ("server.py", "budi", "budi <- server.py  'x\\r'  DID NOT COME"),
        ("server.py", "stdout", "server.py prints (stdout) 'x\\r'  DID NOT HAPPEN"),
        ("gita", "", "gita's screen: 'x\\r'  WAS NOT SHOWN"),
    ],
)
def test_a_missing_line_says_where_it_should_have_stood(who: str, to: str, line: str):
    assert told(Event(1.0, who, to, What.MISSING, "x\r"), "en") == line


@pytest.mark.parametrize(
    ("text", "lang", "line"),
    [
        ("sockets 2 → 3", "id", "jumlah socket server.py: 2 → 3"),
        ("sockets 2 → 3", "en", "number of sockets of server.py: 2 → 3"),
        ("threads 7", "id", "jumlah thread server.py: 7"),
        ("{0} x", "id", "server.py: {0} x"),
    ],
)
def test_a_measurement_says_what_was_counted(text: str, lang: Language, line: str):
    assert told(Event(1.0, "server.py", "", What.MEASURE, text), lang) == line


def test_what_was_said_cannot_pass_for_the_story():
    """A text with line feeds and escape codes stays in its line, in quotes."""
    evil = Event(0.1, "ani", "server.py", What.SAY, "x'\n   0.200  budi terhubung\x1b[2J {who}")
    (line,) = transcript([evil], "id")
    assert "\n" not in line
    assert "\x1b" not in line
    assert "{who}" in line


def test_a_story_without_events():
    assert transcript([], "id") == []


def test_the_middle_of_a_traceback_gives_way_to_what_happened():
    noise = [
        Event(n / 10, "server.py", "stderr", What.PRINT, text)
        for n, text in enumerate(
            ["    conn.sendal(b)", "    ^^^^^^^^^^^", "AttributeError: sendal"]
        )
    ]
    wrong = Event(1.0, "server.py", "ani", What.MISSING, "OK")
    told = [Event(-1.0, "ani", "server.py", What.CONNECT), *noise, wrong]
    lines = transcript(told, "en", 4)
    assert "AttributeError" in lines[-2] and "ani connects" in lines[0]


def test_where_somebody_left_is_shown_when_the_name_is_not_free():
    going = [Event(0.1, "ani", "server.py", What.RESET)]
    tries = [Event(0.2 + n / 10, "server.py", "ani", What.SEE, "ERR dipakai") for n in range(20)]
    missing = [Event(3.0, "server.py", "ani", What.MISSING, "OK")]
    shown = transcript([*going, *tries, *missing], "en", 5)
    assert shown[0].startswith("   0.100")
    assert MARK in shown[-1]


def test_what_was_typed_is_shown_beside_what_did_not_come():
    typed = [Event(0.1, "ani", "client.py", What.TYPE, "halo")]
    others = [Event(0.2 + n / 10, "ani", "client.py", What.TYPE, f"n{n}.") for n in range(20)]
    missing = [Event(3.0, "client.py", "server", What.MISSING, "halo")]
    shown = transcript([*typed, *others, *missing], "en", 5)
    assert shown[0].startswith("   0.100")


def test_what_got_the_wrong_answer_is_shown_beside_it():
    asked = Event(0.1, "ani", "server.py", What.PIECE, "ani\nhalo")
    others = [Event(0.2 + n / 100, "budi", "server.py", What.SAY, f"lain {n}") for n in range(20)]
    refused = Event(0.9, "server.py", "ani", What.UNWANTED, "ERR tidak sah")
    shown = transcript([asked, *others, refused], "id", 4)
    assert any("'ani\\nhalo'" in line for line in shown)


def test_the_twin_of_a_refused_name_is_shown_however_long_ago_it_joined():
    early = Event(0.0, "ani1", "server.py", What.SAY, "ani1")
    asked = Event(0.8, "Ani1", "server.py", What.SAY, "Ani1")
    refused = Event(0.9, "server.py", "Ani1", What.UNWANTED, "ERR dipakai")
    lines = transcript([early, *many(30), asked, refused], "en", most=6)
    assert any("ani1 -> server.py  'ani1'" in line for line in lines)


def test_of_a_line_that_came_twice_the_first_time_is_shown():
    said = Event(0.0, "ani", "server.py", What.SAY, "halo")
    once = Event(0.1, "server.py", "budi", What.SEE, "ani: halo")
    other = Event(0.1, "server.py", "citra", What.SEE, "ani: halo")
    again = Event(0.9, "server.py", "budi", What.UNWANTED, "ani: halo")
    lines = transcript([said, other, *many(30), once, *many(30), again], "en", most=7)
    assert sum("budi <- server.py  'ani: halo'" in line for line in lines) == 2
    assert not any("citra <- " in line for line in lines)


def test_a_message_that_came_with_the_name_is_found_where_it_was_said():
    sent = Event(0.1, "ani", "server.py", What.PIECE, "ani\nkopi angin\n")
    others = [Event(0.2 + n / 100, "ani", "server.py", What.SAY, "a") for n in range(20)]
    missing = Event(0.9, "server.py", "budi", What.MISSING, "ani: kopi angin")
    shown = transcript([sent, *others, missing], "id", 4)
    assert any("kopi angin" in line for line in shown[:-1])


def ran(who: str, line: int, what: What = What.RUN) -> Event:
    return Event(0.0, who, str(line), what, "x")


@pytest.mark.parametrize("between", [0, 1, 9])
def test_where_threads_met_is_shown_in_the_fewest_rows(between: int):
    """Before, between and behind these lines others ran."""
    others = [ran("eko", 90 + at) for at in range(between)]
    late = Event(0.0, "server.py", "budi", What.UNWANTED, "ani: halo")
    story = [*others, ran("budi", 4), ran("budi", 5, What.HELD), *others, ran("ani", 7)]
    lines = transcript([*story, *[ran("budi", 90 + at) for at in range(between)], late], "en", 5)
    assert len(lines) <= 5
    text = "\n".join(lines)
    assert "thread budi: line 5  x    <- stopped here" in text
    assert "thread ani: line 7" in text
    assert MARK in lines[-1]
    # Where no room is lost by it, it begins with what that thread did before.
    assert (lines[0] == "   0.000  thread budi: line 4  x") is (between < 9 and between != 1)


def test_who_passed_the_line_at_which_another_was_stopped_is_shown():
    others = [ran("eko", 90 + at) for at in range(9)]
    late = Event(0.0, "server.py", "budi", What.UNWANTED, "OK")
    story = [ran("budi", 5, What.HELD), *others, ran("ani", 5), *others, late]
    assert any("thread ani: line 5" in line for line in transcript(story, "en", 5))
