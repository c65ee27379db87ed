"""The model of the room: who is in, what can sensibly happen next."""

import pytest

from harness.schedules.model import KINDS, MOST_MEMBERS, Model, Step, twin, vocabulary

COMING = {"join", "edge_name", "join_in_pieces", "join_with_cr", "join_and_say", "invalid"}
ALWAYS = {"silent", "visit"}
ABOUT_A_HOLDER = {"claim", "claim_and_leave", "case_twin", "heir"}
TALKING = {
    *("say", "disguised", "separator", "wide", "long", "say_with_cr", "together"),
    *("half", "half_and_leave", "empty"),
}
ONE_LISTENER_LESS = {"bad_bytes", "too_long", "stop_reading"}
GOING = {"leave", "reset", "half_close"}


def room(*names: str) -> Model:
    model = Model()
    for name in names:
        model.joined(f"tamu {name}", name)
    return model


def possible(model: Model) -> set[str]:
    return {kind for kind in KINDS if model.can(kind)}


def test_what_can_happen_depends_on_who_is_there():
    assert possible(room()) == COMING | ALWAYS
    one = COMING | ALWAYS | ABOUT_A_HOLDER | GOING
    assert possible(room("ani")) == one
    assert possible(room("ani", "budi")) == one | TALKING
    assert possible(room("ani", "budi", "citra")) == one | TALKING | ONE_LISTENER_LESS


def test_a_full_room_takes_nobody_in():
    full = room(*(f"anggota{number}" for number in range(MOST_MEMBERS + 1)))
    full.left(full.members[0])
    refused = {"claim_and_leave", "heir"}
    assert possible(full) == ALWAYS | refused | TALKING | GOING | ONE_LISTENER_LESS
    full.left(full.members[0])
    assert possible(full) >= {"join", "claim", "return"}


def test_a_name_can_be_taken_again_once_it_was_left():
    model = room("ani", "budi")
    assert not model.can("return")
    model.left(model.members[0])
    assert model.gone == ["ani"]
    assert model.can("return")
    model.joined("tamu 3", "ani")
    assert model.gone == []
    assert [member.name for member in model.members] == ["budi", "ani"]


def test_two_at_the_most_say_nothing():
    model = room()
    model.silent.append("tamu 1")
    assert model.can("silent")
    model.silent.append("tamu 2")
    assert not model.can("silent")


def test_whoever_sleeps_neither_speaks_nor_leaves_but_keeps_its_name():
    model = room("ani", "budi", "citra")
    ani, budi, citra = model.members
    ani.awake = False
    assert model.listeners() == [budi, citra]
    assert not model.can("stop_reading")
    for kind in ("say", "together", "half", "leave", "reset"):
        assert [model.chosen(Step(kind, who)) for who in range(3)] == [budi, citra, budi]
    assert [model.chosen(Step("claim", who)) for who in range(4)] == [ani, budi, citra, ani]
    budi.awake = False
    # Nobody would see what the last one says.
    assert not possible(model) & TALKING


def test_whoever_is_in_the_middle_of_a_line_can_finish_it_or_go():
    model = room("ani", "budi", "citra")
    ani, budi, citra = model.members
    assert not model.can("finish")
    budi.half = "hal"
    assert model.chosen(Step("finish", 2)) is budi
    assert model.chosen(Step("say", 1)) is citra
    for kind in ("leave", "reset", "stop_reading"):
        assert model.chosen(Step(kind, 1)) is budi
    ani.half = citra.half = "hal"
    assert not possible(model) & TALKING
    assert model.can("finish")


def test_nobody_asks_for_the_name_of_one_that_may_have_been_cut_off():
    model = room("ani", "budi", "citra")
    ani, budi, citra = model.members
    ani.doubtful = True
    assert [model.chosen(Step("claim", who)) for who in range(3)] == [budi, citra, budi]
    assert model.listeners() == [budi, citra]
    # It may speak, and it may leave.
    assert model.chosen(Step("say", 0)) is ani
    assert model.chosen(Step("leave", 0)) is ani


def test_a_name_in_the_other_case_is_another_name():
    assert twin("Ani7") == "aNI7"
    assert twin("12") == twin("你好") == ""
    model = room("ani", "ANI")
    assert not model.can("case_twin")
    model.joined("tamu 3", "Budi")
    assert model.chosen(Step("case_twin", 4)).name == "Budi"


def test_a_step_can_be_written_down():
    assert Step("say").as_json() == ["say", 0, 0]
    assert Step("together", 2, 3).as_json() == ["together", 2, 3]


@pytest.mark.parametrize(
    ("failed", "left_out"),
    [
        ((), set()),
        (("start.banner",), set()),
        (
            ("disconnect.reset",),
            {"reset", "return", "heir", "half_and_leave", "bad_bytes", "too_long"},
        ),
        (("broadcast.unicode",), {"separator", "wide"}),
        (("nickname.invalid",), {"invalid", "join_with_cr"}),
        (
            ("nickname.unique", "concurrency.slow_reader"),
            {"claim", "claim_and_leave", "case_twin", "heir", "stop_reading"},
        ),
    ],
)
def test_what_a_program_failed_is_not_asked_of_it_again(failed: tuple[str, ...], left_out: set):
    assert set(vocabulary(failed)) == set(KINDS) - left_out
