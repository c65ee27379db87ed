"""Whom a message reaches: all others, or only those who joined before its speaker."""

from collections.abc import Callable

import pytest

from harness.actors.patience import Patience
from harness.actors.room import Room
from harness.contract.symptoms import Failure, StoryFailed, Symptom
from harness.record.journal import WRONG
from harness.stories import broadcast
from tests.tiny import edited

SHORT = Patience(step=0.4, start=5)
OTHERS = "[(name, conn) for name, conn in members.items() if name != speaker]"
EARLIER = "list(members.items())[: list(members).index(speaker)]"
LATER = "list(members.items())[list(members).index(speaker) + 1 :]"
BUT_THE_LAST = OTHERS.replace("name != speaker", "name not in (speaker, list(members)[-1])")


@pytest.fixture
def room(play: Callable[..., Room], submission: Callable) -> Callable[..., Room]:
    """A room with the tiny server, whose messages go to ``others``."""
    return lambda others: play(submission(edited((OTHERS, others)), "tiny"), patience=SHORT)


def failure(room: Room) -> Failure:
    with pytest.raises(StoryFailed) as failed:
        broadcast.test_delivers(room)
    return failed.value.failure


def test_every_other_member_sees_it(room: Callable[..., Room]):
    scene = room(OTHERS)
    broadcast.test_delivers(scene)
    known = scene._stage.setting.known_facts
    assert "broadcast.delivers" in known.demonstrated


def test_a_message_that_reaches_only_those_who_joined_earlier_is_told_as_such(
    room: Callable[..., Room],
):
    scene = room(EARLIER)
    found = failure(scene)
    budi, citra = scene.draw.name("budi"), scene.draw.name("citra")
    assert (found.who, found.symptom) == (citra, Symptom.ONLY_EARLIER)
    assert found.facts["name"] == budi
    (wrong,) = (event for event in scene._stage.journal.events if event.what in WRONG)
    assert (wrong.to, wrong.text) == (citra, found.facts["line"])


@pytest.mark.parametrize(
    "others",
    [f"{OTHERS}[:1]", f"{OTHERS}[:-1]", BUT_THE_LAST, LATER, "[]"],
    ids=["one receiver", "all but one", "not the newest", "only later", "nobody"],
)
def test_one_that_is_left_out_otherwise_is_a_line_that_did_not_come(
    room: Callable[..., Room], others: str
):
    assert failure(room(others)).symptom is Symptom.NOTHING_CAME
