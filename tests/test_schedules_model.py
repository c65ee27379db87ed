"""The model of the room: who is in, what each must have seen, what can sensibly happen next."""

import pytest

from harness.schedules.model import MOST_MEMBERS, NEEDS, Model, Step, vocabulary

SPEAKING = {"say", "together", "half"}
GOING = {"leave", "reset"}


def stage(*names: str) -> Model:
    model = Model()
    for name in names:
        model.joined(name)
    return model


def possible(model: Model) -> set[str]:
    return {kind for kind in NEEDS if model.can(kind)}


def test_what_can_happen_depends_on_who_is_there():
    assert possible(stage()) == {"join", "silent"}
    assert possible(stage("ani")) == {"join", "silent", "claim", *GOING}
    two = {"join", "silent", "claim", *GOING, *SPEAKING}
    assert possible(stage("ani", "budi")) == two
    assert possible(stage("ani", "budi", "citra")) == two | {"sleep"}


def test_a_full_room_takes_nobody_in():
    full = stage(*map(str, range(MOST_MEMBERS + 1)))
    full.left(full.members[0])
    assert possible(full) == {"silent", "sleep", *GOING, *SPEAKING}
    full.left(full.members[0])
    assert possible(full) >= {"join", "claim", "return"}


def test_a_name_can_be_taken_again_once_it_was_left():
    model = stage("ani", "budi")
    assert not model.can("return")
    model.left(model.members[0])
    assert model.gone == ["ani"]
    assert model.can("return")
    model.joined("ani")
    assert model.gone == []
    assert [member.name for member in model.members] == ["budi", "ani"]


def test_two_at_the_most_say_nothing():
    model = stage()
    model.silent = 1
    assert model.can("silent")
    model.silent = 2
    assert not model.can("silent")


def test_whoever_sleeps_neither_speaks_nor_leaves():
    model = stage("ani", "budi", "citra")
    ani, budi, citra = model.members
    ani.awake = False
    assert model.awake() == model.speakers() == [budi, citra]
    assert not model.can("sleep")
    for kind in ("say", "together", "half", "leave", "reset"):
        assert [model.chosen(Step(kind, who)) for who in range(3)] == [budi, citra, budi]
    # Its name is claimed all the same.
    assert [model.chosen(Step("claim", who)) for who in range(4)] == [ani, budi, citra, ani]
    budi.awake = False
    # Nobody would see what the last one says.
    assert possible(model) == {"join", "silent", "claim", *GOING}


def test_whoever_is_in_the_middle_of_a_line_can_finish_it_or_go():
    model = stage("ani", "budi", "citra")
    ani, budi, citra = model.members
    assert not model.can("finish")
    budi.half = "hal"
    assert model.halved() == [budi]
    assert model.speakers() == [ani, citra]
    assert model.can("finish")
    assert model.chosen(Step("finish", 2)) is budi
    assert model.chosen(Step("say", 1)) is citra
    for kind in ("leave", "reset", "sleep"):
        assert model.chosen(Step(kind, 1)) is budi
    ani.half = citra.half = "hal"
    assert possible(model) == {"join", "silent", "claim", "sleep", "finish", *GOING}
    ani.awake = False
    assert model.can("finish")
    citra.awake = False
    assert not model.can("finish")


def test_every_other_member_must_see_a_message():
    model = stage("ani", "budi", "citra")
    ani, budi, citra = model.members
    citra.awake = False
    model.said(ani, "halo")
    model.joined("dewi")
    model.said(budi, "hai")
    assert ani.due == [("budi", "hai")]
    assert budi.due == [("ani", "halo")]
    assert citra.due == [("ani", "halo"), ("budi", "hai")]
    assert model.members[3].due == [("budi", "hai")]


def test_a_step_can_be_written_down():
    assert Step("say").as_json() == ["say", 0, 1]
    assert Step("together", 2, 3).as_json() == ["together", 2, 3]


@pytest.mark.parametrize(
    ("failed", "left_out"),
    [
        ((), set()),
        (("start.banner",), set()),
        (("disconnect.reset",), {"reset"}),
        (("disconnect.mid_broadcast",), {"leave", "reset", "return"}),
        (("nickname.unique", "concurrency.slow_reader"), {"claim", "sleep"}),
    ],
)
def test_what_a_program_failed_is_not_asked_of_it_again(failed: tuple[str, ...], left_out: set):
    assert set(vocabulary(failed)) == set(NEEDS) - left_out
