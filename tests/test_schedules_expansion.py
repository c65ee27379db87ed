"""What steps come to: acts, and for each act the messages that are due, to whom."""

import pytest

from harness.contract import protocol
from harness.contract.replies import Answer
from harness.schedules.acts import Act, Verb
from harness.schedules.expansion import Expansion
from harness.schedules.model import KINDS, Step


def expanded(*steps: Step, end: bool = False) -> Expansion:
    expansion = Expansion(1)
    for _ in range(3):
        expansion.take(Step("join"))
    before = len(expansion.acts)
    for step in steps:
        expansion.take(step)
    if end:
        expansion.end()
    del expansion.acts[:before]
    return expansion


def verbs(acts: list[Act]) -> list[str]:
    return [str(act.verb) for act in acts]


def every_form() -> list[Step]:
    return [Step(name, 1, form) for name, kind in KINDS.items() for form in range(kind.variants)]


def test_the_same_seed_and_steps_give_the_same_acts():
    steps = [Step("half"), Step("claim", 1, 2), Step("bad_bytes", 2)]
    assert expanded(*steps).acts == expanded(*steps).acts


def test_a_step_that_makes_no_sense_leaves_no_trace():
    assert expanded(Step("finish"), Step("return")).acts == []
    assert [step.kind for step in expanded(Step("finish")).steps] == ["join"] * 3


@pytest.mark.parametrize("step", every_form(), ids=lambda step: f"{step.kind}-{step.variant}")
def test_every_form_of_every_kind_is_told_to_its_end(step: Step):
    first = {"finish": Step("half"), "return": Step("leave")}
    expansion = expanded(*filter(None, [first.get(step.kind)]), step, end=True)
    assert step in expansion.steps
    # At the end all have left, so that every name was seen to be free.
    assert expansion.model.members == []
    names = [act.name for act in expansion.acts if act.answer is Answer.ACCEPTED]
    assert all(map(protocol.is_valid_nickname, names))


def test_what_is_said_is_due_to_all_others_who_read():
    expansion = expanded(Step("stop_reading", 2), Step("say", 0))
    ani, budi, citra = expansion.model.members
    act = expansion.acts[-1]
    assert act.who == ani.key
    assert not citra.awake
    assert act.due == {budi.key: act.said}
    assert act.said[0].speaker == ani.name


def test_a_message_may_begin_with_the_name_of_another_or_with_ones_own():
    every = [Step("disguised", 0, form) for form in range(KINDS["disguised"].variants)]
    expansion = expanded(*every)
    ani, budi, _ = expansion.model.members
    lines = [said.line for act in expansion.acts for said in act.said]
    for name in (ani.name, budi.name):
        assert sum(line.startswith(f"{ani.name}: {name}: ") for line in lines) == 1


def test_several_messages_go_out_in_one_segment():
    (act,) = expanded(Step("together", 0, 1)).acts
    assert act.data.decode() == "".join(f"{said.text}\n" for said in act.said)
    assert len(act.said) == 3


def test_half_a_line_is_due_once_it_is_finished():
    half, whole = expanded(Step("half"), Step("finish")).acts
    assert half.due == {} and not half.data.endswith(b"\n")
    assert (half.data + whole.data).decode() == f"{whole.said[0].text}\n"
    assert len(whole.due) == 2


def test_a_name_in_use_is_refused_until_its_holder_has_left():
    acts = expanded(Step("heir", 1, 0)).acts
    assert verbs(acts) == ["connect", "answer", "leave", "answer"]
    assert [act.answer for act in acts] == [None, Answer.REFUSED, None, Answer.ACCEPTED]
    assert acts[1].name == acts[3].name


def test_of_one_who_may_be_cut_off_nothing_is_certain():
    first, later = expanded(Step("bad_bytes", 0), Step("say", 0)).acts
    assert first.is_risky and not later.is_risky
    assert first.who in first.doubtful and later.who in later.doubtful


@pytest.mark.parametrize("form", range(KINDS["invalid"].variants))
def test_names_that_must_be_refused_are_invalid(form: int):
    _, refused, accepted = expanded(Step("invalid", 0, form)).acts
    assert not protocol.is_valid_nickname(refused.name)
    assert refused.answer is Answer.REFUSED
    assert accepted.answer is Answer.ACCEPTED


def test_in_the_end_everybody_speaks_is_asked_for_and_leaves_and_every_name_is_free():
    acts = expanded(end=True).acts
    talk, doors, going, back = acts[:3], acts[3:11], acts[11:14], acts[14:]
    assert verbs(talk) == ["say"] * 3
    one, another = doors[:3], doors[3:]
    assert verbs(one) == ["connect", "answer", "leave"]
    assert verbs(another) == ["connect", "answer", "answer", "answer", "reset"]
    assert {act.name for act in another if act.name} == {
        said.speaker for a in talk for said in a.said
    }
    assert {act.answer for act in doors if act.answer} == {Answer.REFUSED}
    assert verbs(going) == ["leave", "reset", "half_close"]
    assert verbs(back) == ["connect", "answer", "leave"] * 3
    assert {act.answer for act in back if act.answer} == {Answer.ACCEPTED}


def test_what_is_not_fair_is_not_asked_in_the_end():
    expansion = expanded()
    expansion.end(("join", "say", "leave"))
    assert set(verbs(expansion.acts)) == {Verb.SAY}
