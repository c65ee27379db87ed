"""Sequence diagrams and lanes: events in, well-formed SVG out, whatever the texts are."""

from xml.etree import ElementTree

import pytest

from harness.contract.rubric import LANGUAGES, Language
from harness.record import diagram, lane_diagram, svg
from harness.record.diagram import sequence
from harness.record.journal import Event, What
from harness.record.lane_diagram import is_race, lanes
from harness.record.shown_steps import MOST_ACTORS, MOST_STEPS, Gap, actors, programs, rows
from tests.hostile import TEXTS

START = Event(0.0, "server.py", "", What.START, "server.py --port 5")


def said(t: float, who: str, text: str) -> Event:
    return Event(t, who, "server.py", What.SAY, text)


def saw(t: float, who: str, text: str, what: What = What.SEE) -> Event:
    return Event(t, "server.py", who, what, text)


ECHO = (
    START,
    Event(0.1, "ani", "server.py", What.CONNECT),
    Event(0.1, "budi", "server.py", What.CONNECT),
    said(0.2, "ani", "halo"),
    saw(0.3, "ani", "ani: halo", What.UNWANTED),
    saw(0.3, "budi", "ani: halo"),
    Event(0.4, "server.py", "", What.END),
)
LOST = (START, said(0.2, "ani", "halo"), saw(0.3, "budi", "ani: halo", What.MISSING))
RACE = (
    Event(0.0, "utama", "56", What.RUN, "thread.start()"),
    Event(0.1, "s2", "60", What.RUN, "if name in names:"),
    Event(0.2, "s2", "61", What.HELD, "names.append(name)"),
    Event(0.3, "s0", "61", What.RUN, "names.append(name)"),
    Event(0.4, "s2", "70", What.WAIT, "s0:61"),
)


def drawn(story: tuple[Event, ...], lang: Language = "en", seen: str = "ani saw it") -> str:
    return sequence(story, lang, "x", "broadcast.delivers", seen)


def parsed(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text)


def kinds(text: str, tag: str) -> list[str]:
    return [each.get("class", "") for each in parsed(text).iter(tag)]


def words(text: str) -> str:
    return "\n".join(each.text or "" for each in parsed(text).iter("text"))


def test_each_actor_has_one_life_line_and_the_program_stands_between_them():
    picture = drawn(ECHO)
    assert kinds(picture, "line").count("life") == 3
    assert actors(ECHO[:-1], programs(ECHO)) == ["ani", "server.py", "budi"]


def test_what_was_seen_is_a_solid_arrow():
    lines = [each for each in parsed(drawn(ECHO)).iter("line") if each.get("class") == "arrow seen"]
    assert lines
    assert all(each.get("stroke-dasharray") is None for each in lines)


@pytest.mark.parametrize(("lang", "verdict"), [("id", "TIDAK DATANG"), ("en", "DID NOT COME")])
def test_what_did_not_come_is_dashed_crossed_and_said(lang: Language, verdict: str):
    picture = drawn(LOST, lang)
    lines = [each for each in parsed(picture).iter("line") if each.get("class") == "arrow missing"]
    assert [bool(each.get("stroke-dasharray")) for each in lines] == [True, False, False]
    assert "badge missing" in kinds(picture, "rect")
    assert f"✗ {verdict}" in words(picture)


@pytest.mark.parametrize("what", [What.UNWANTED, What.CUT_OFF])
def test_what_should_not_have_come_has_a_sign_of_its_own(what: What):
    story = (START, said(0.2, "ani", "halo"), saw(0.3, "ani", "", what))
    picture = drawn(story)
    assert {"tip unwanted", "badge unwanted"} <= set(kinds(picture, "polygon"))
    assert "! SHOULD NOT HAVE COME" in words(picture)


def test_the_marked_step_stays_in_its_place():
    texts = words(drawn(ECHO)).splitlines()
    assert texts.index("'halo'") < texts.index("! SHOULD NOT HAVE COME")
    assert texts.index("! SHOULD NOT HAVE COME") < len(texts) - 2


def test_a_story_without_a_wrong_step_ends_in_what_was_seen():
    assert "band missing" in kinds(drawn(ECHO[:4]), "rect")
    assert "ani saw it" in words(drawn(ECHO[:4]))
    assert "ani saw it" not in words(drawn(ECHO))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_text_alternative_names_the_wrong_step(lang: Language):
    root = parsed(drawn(LOST, lang))
    assert root.get("role") == "img"
    title, description = root[0], root[1]
    assert (title.tag, description.tag) == ("title", "desc")
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert "broadcast.delivers" in str(title.text)
    assert "'ani: halo'" in str(description.text)


def test_a_long_story_is_cut_round_its_wrong_step_and_says_how_much_is_left_out():
    before = [said(n / 1000, "ani", f"nomor {n}") for n in range(300)]
    after = [saw(1 + n / 1000, "budi", f"ani: nomor {n}") for n in range(300)]
    wrong = saw(0.9, "budi", "eh", What.UNWANTED)
    story = [START, *before, wrong, *after]
    shown = rows(story)
    assert wrong in shown
    assert sum(isinstance(row, Event) for row in shown) <= MOST_STEPS
    left_out = sum(row.count for row in shown if isinstance(row, Gap))
    assert left_out + sum(isinstance(row, Event) for row in shown) == len(story)
    assert "more steps" in words(drawn(tuple(story)))


def test_what_is_printed_over_and_over_is_drawn_once():
    lines = [Event(n / 10, "server.py", "stdout", What.PRINT, "hai") for n in range(9)]
    assert rows([START, *lines]) == [START, lines[0], Gap(8)]


def test_of_a_crowd_those_next_to_the_wrong_step_are_shown():
    crowd = [said(n / 1000, f"orang{n}", "hai") for n in range(50)]
    story = [START, *crowd, saw(1, "orang17", "x: hai", What.MISSING)]
    shown = rows(story)
    names = actors(shown, programs(story))
    assert "orang17" in names
    assert len(names) <= MOST_ACTORS + 1


def test_a_screen_is_drawn_from_the_program_to_its_person():
    story = (
        Event(0, "client.py", "", What.START, "client.py"),
        Event(0.1, "ani", "client.py", What.TYPE, "halo"),
        Event(0.2, "ani", "", What.MISSING, ">> "),
    )
    assert "screen: '>> '" in words(drawn(story))
    assert kinds(drawn(story), "line").count("arrow missing") == 3


@pytest.mark.parametrize("story", [(), (START,), ECHO, LOST, RACE])
@pytest.mark.parametrize("draw", [sequence, lanes])
def test_any_story_can_be_drawn(story, draw):
    assert parsed(draw(story, "id", "x", "a.b", "")).tag == "svg"


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("what", list(What))
def test_a_hostile_text_stays_text(text: str, what: What):
    story = (
        START,
        Event(0.1, text, "server.py", What.SAY, text),
        Event(0.2, text, text, what, text),
    )
    for draw in (sequence, lanes):
        root = parsed(draw(story, "id", "x", text, text))
        tags = {each.tag for each in root.iter()}
        assert tags <= {"svg", "g", "title", "desc", "rect", "line", "text", "polygon"}
        for each in root.iter():
            assert not set(each.attrib) & {"href", "style", "onload", "onclick"}
            assert str(each.text or "").isprintable()


def test_a_long_line_is_cut_with_an_ellipsis():
    lines = words(drawn((START, said(0.1, "ani", "panjang " * 800)))).splitlines()
    (longest,) = [line for line in lines if "panjang" in line]
    assert longest.endswith("…")
    assert len(longest) < 60


def test_signs_of_east_asia_take_two_columns():
    assert svg.columns("aé") == 2
    assert svg.columns("你好") == 4
    assert svg.cut("你好世界你好世界", 8 * svg.CHARACTER) == "你好世…"
    assert svg.cut("halo", 8 * svg.CHARACTER) == "halo"


def test_the_same_story_gives_the_same_picture():
    assert drawn(ECHO) == drawn(ECHO)


def test_a_race_has_a_lane_for_each_thread_and_marks_what_decides():
    assert is_race(RACE) and not is_race(ECHO)
    picture = lanes(RACE, "en", "x", "nickname.race", "two got it")
    assert kinds(picture, "rect").count("lane") == 3
    assert kinds(picture, "rect").count("band unwanted") == 2
    assert "stopped here" in words(picture)
    assert "held by s0:61" in words(picture)
    assert "two got it" in words(picture)
    assert kinds(picture, "line").count("switch") == 3


@pytest.mark.parametrize("table", [diagram._T, lane_diagram._T])
def test_every_sentence_is_there_in_both_languages(table):
    assert all(each.keys() == set(LANGUAGES) and all(each.values()) for each in table.values())
