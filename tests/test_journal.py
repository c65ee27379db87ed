"""The journal: one clock, in order, within bounds, as the results format wants it."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from harness.record import journal
from harness.record.journal import MOST_EVENTS, MOST_TEXT, Event, Journal, What


@pytest.fixture
def ticks() -> Iterator[float]:
    """A clock that is a quarter of a second further whenever it is looked at."""
    return iter(100 + n / 4 for n in range(1_000_000))


def test_events_are_stamped_from_the_beginning_of_the_story(ticks: Iterator[float]):
    kept = Journal(ticks.__next__)
    first = kept.note("ani", "server.py", What.CONNECT)
    kept.note("ani", "server.py", What.SAY, "halo")
    assert first == Event(0.25, "ani", "server.py", What.CONNECT)
    assert [(event.t, event.text) for event in kept.events] == [(0.25, ""), (0.5, "halo")]


def test_an_event_does_not_change_after_it_was_noted(ticks: Iterator[float]):
    kept = Journal(ticks.__next__)
    kept.note("ani", "", What.LEAVE)
    before = kept.events
    kept.note("budi", "", What.LEAVE)
    assert len(before) == 1
    assert kept.events[:1] == before
    with pytest.raises(AttributeError):
        before[0].text = "changed"  # type: ignore[misc]


def test_the_real_clock_never_goes_back():
    kept = Journal()
    for _ in range(100):
        kept.note("ani", "", What.SAY)
    times = [event.t for event in kept.events]
    assert times == sorted(times)
    assert 0 <= times[0] < 60


def test_an_event_in_the_results():
    event = Event(0.123456, "ani", "server.py", What.SAY, "halo")
    expected = {"t": 0.1235, "who": "ani", "to": "server.py", "what": "say", "text": "halo"}
    assert event.as_json() == expected
    assert type(event.as_json()["what"]) is str


def test_a_flood_is_cut_but_what_is_wrong_is_kept(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(journal, "MOST_EVENTS", 5)
    kept = Journal()
    for number in range(9):
        kept.note("ani", "", What.SAY, str(number))
    missing = kept.note("budi", "", What.MISSING, "m")
    kept.note("budi", "", What.SEE, "forgotten")
    unwanted = kept.note("budi", "", What.UNWANTED, "u")
    assert [event.text for event in kept.events] == [*"01234", "m", "u"]
    assert kept.events[-2:] == (missing, unwanted)


def test_a_muted_journal_keeps_only_what_is_wrong():
    kept = Journal()
    kept.is_muted = True
    kept.note("ani", "", What.SAY, "again and again")
    kept.note("ani", "", What.MISSING, "m")
    kept.is_muted = False
    kept.note("ani", "", What.SAY, "at last")
    assert [event.text for event in kept.events] == ["m", "at last"]


def test_a_watcher_is_told_of_each_event_that_is_kept():
    told: list[Event] = []
    kept = Journal(watch=told.append)
    first = kept.note("ani", "", What.SAY, "halo")
    kept.is_muted = True
    kept.note("ani", "", What.SAY, "again and again")
    missing = kept.note("ani", "", What.MISSING, "m")
    assert told == [first, missing]


def test_the_events_of_another_journal_keep_their_times(ticks: Iterator[float]):
    other = (Event(7.5, "budi", "", What.SAY, "a"), Event(0.0, "budi", "", What.LEAVE))
    kept = Journal(ticks.__next__)
    first = kept.note("ani", "", What.SAY)
    kept.adopt(other)
    assert kept.events == (first, *other)


def test_one_long_text_is_cut():
    kept = Journal()
    kept.note("ani", "", What.SAY, "x" * MOST_TEXT)
    kept.note("ani", "", What.SAY, "y" * (MOST_TEXT + 1))
    whole, cut = [event.text for event in kept.events]
    assert whole == "x" * MOST_TEXT
    assert cut == "y" * MOST_TEXT + " …"


def test_there_is_room_for_a_whole_line_and_a_long_story():
    assert MOST_TEXT > 4096
    assert MOST_EVENTS > 1000


def test_the_events_can_be_replaced_by_those_of_another_story():
    kept, other = Journal(), Journal()
    kept.note("ani", "", What.SAY, "went well")
    told = other.note("thread ani", "33", What.RUN, "x = 1")
    kept.tell_instead([told])
    kept.note("server.py", "", What.PRINT, "what was still to come")
    assert kept.events == (told,)


def test_what_is_wrong_is_marked_in_its_place():
    told: list[Event] = []
    kept = Journal(watch=told.append)
    seen = kept.note("server.py", "ani", What.SEE, "ani: halo")
    closed = kept.note("server.py", "ani", What.CLOSED)
    kept.note("ani", "server.py", What.SAY, "hai")
    marked = kept.mark(seen)
    assert marked == replace(seen, what=What.UNWANTED)
    assert kept.mark(closed).what is What.CUT_OFF
    assert [event.what for event in kept.events] == [What.UNWANTED, What.CUT_OFF, What.SAY]
    assert kept.events[0] is marked
    assert told[3] is marked
    # Once is enough.
    assert kept.mark(marked) is marked
    assert len(kept.events) == 3


def test_what_was_not_kept_is_marked_at_the_end():
    kept = Journal()
    kept.is_muted = True
    seen = kept.note("server.py", "ani", What.SEE, "ani: halo")
    kept.mark(seen)
    assert [(event.what, event.t) for event in kept.events] == [(What.UNWANTED, seen.t)]


def test_what_a_story_does_not_judge_is_not_marked():
    kept = Journal()
    seen = kept.note("server.py", "ani", What.SEE, "Halo!")
    with kept.unjudged():
        kept.note("server.py", "ani", What.MISSING, "OK")
        kept.mark(seen)
        kept.note("ani", "server.py", What.SAY, "ani")
    assert [event.what for event in kept.events] == [What.SEE, What.SAY]
    assert kept.note("server.py", "ani", What.MISSING, "OK") in kept.events


def test_an_event_of_a_fence_is_known_as_one():
    kept = Journal()
    kept.fences.append("bambu 12")
    assert kept.note("server.py", "ani", What.SEE, "budi: bambu 12").is_fence
    assert not kept.note("server.py", "ani", What.SEE, "budi: bambu").is_fence
