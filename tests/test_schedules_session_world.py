"""Judging a session by what came in the deterministic world, act by act."""

from typing import Any

import pytest

from harness.contract.message import Message
from harness.contract.replies import Answer
from harness.schedules.acts import Act, Verb
from harness.schedules.session_world import (
    STRICT,
    Leniency,
    cycle_of,
    disagreement,
    is_beyond_control,
)

SAID = (Message("ani", "halo"),)
ANI, BUDI, CITRA = "tamu 1", "tamu 2", "tamu 3"


def joining(key: str, name: str) -> list[Act]:
    answer = Act(key, Verb.ANSWER, f"{name}\n".encode(), name, Answer.ACCEPTED)
    return [Act(key, Verb.CONNECT), answer]


def say(**more: Any) -> Act:
    return Act(ANI, Verb.SAY, b"halo\n", said=SAID, due={BUDI: SAID, CITRA: SAID}, **more)


JOINED = [*joining(ANI, "ani"), *joining(BUDI, "budi"), *joining(CITRA, "citra")]
WELCOME = [
    [phase, key, "raw", text]
    for number, key in enumerate((ANI, BUDI, CITRA))
    for phase, text in ((2 * number, "NICK\n"), (2 * number + 1, "OK\n"))
]


def judged(
    act: Act, *came: tuple[str, str], lenient: Leniency = STRICT, dropped: str = ""
) -> tuple[str, str, str] | None:
    """What is wrong after that act, when this came: (who, bytes as text)."""
    journal: list[list[Any]] = [*WELCOME, [6, "", "rest", "quiet"]]
    journal += [[6, who, "raw", text] for who, text in came]
    if dropped:
        journal.append([6, dropped, "end_by_server", ""])
    found = disagreement([*JOINED, act], {"end": "done", "journal": journal}, lenient)
    if found is None:
        return None
    assert found.act == 6
    return found.who, found.expected, found.seen


RIGHT = ((BUDI, "ani: halo\n"), (CITRA, "ani: halo\n"))


def test_what_was_due_has_come_and_nothing_else():
    assert judged(say(), *RIGHT) is None
    assert judged(say(), *RIGHT, (BUDI, "* ani menyapa\r\n")) is None


@pytest.mark.parametrize(
    ("came", "wrong"),
    [
        ([RIGHT[0]], (CITRA, "ani: halo", "")),
        ([*RIGHT, (ANI, "ani: halo\n")], (ANI, "", "ani: halo")),
        ([*RIGHT, (BUDI, "ani: halo\n")], (BUDI, "", "ani: halo")),
        ([RIGHT[0], (CITRA, "budi: halo\n")], (CITRA, "ani: halo", "budi: halo")),
        ([*RIGHT, (CITRA, "citra bergabung\n")], (CITRA, "", "citra bergabung")),
    ],
    ids=["missing", "echo", "doubled", "by another", "stray"],
)
def test_what_is_missing_or_should_not_be_there_is_found(
    came: list[tuple[str, str]], wrong: tuple[str, str, str]
):
    assert judged(say(), *came) == wrong


def test_whoever_has_not_left_must_be_connected():
    assert judged(say(), *RIGHT, dropped=CITRA) == (CITRA, "koneksi tetap ada", "koneksi diputus")
    assert judged(Act(CITRA, Verb.LEAVE), dropped=CITRA) is None


def test_who_may_be_cut_off_is_heard_as_long_as_it_is_there():
    risky = say(doubtful=frozenset({ANI}))
    assert judged(risky, *RIGHT) is None
    assert judged(risky, dropped=ANI) is None
    assert judged(risky, RIGHT[0]) == (CITRA, "ani: halo", "")


def test_lines_of_one_who_sent_what_is_no_text_are_let_pass_once():
    act = Act(ANI, Verb.SEND, b"\xff\n", "ani", doubtful=frozenset({ANI}), is_risky=True)
    assert judged(act, (BUDI, "ani: ?\n"), (ANI, "ERR bukan teks\n")) is None
    assert judged(act, (BUDI, "citra: ?\n")) == (BUDI, "", "citra: ?")


@pytest.mark.parametrize(
    ("wanted", "came", "is_right"),
    [
        (Answer.ACCEPTED, "OK\n", True),
        (Answer.ACCEPTED, "OK\nani: halo\n", False),
        (Answer.ACCEPTED, "ERR dipakai\nNICK\n", False),
        (Answer.REFUSED, "ERR dipakai\nNICK\n", True),
        (Answer.REFUSED, "ERR\nNICK\n", True),
        (Answer.REFUSED, "ERR dipakai\n", False),
        (Answer.REFUSED, "OK\n", False),
        (Answer.REFUSED, "", False),
    ],
)
def test_each_claim_gets_the_right_answer(wanted: Answer, came: str, is_right: bool):
    act = Act(CITRA, Verb.ANSWER, b"ani\n", "ani", wanted)
    assert (judged(act, (CITRA, came)) is None) is is_right


def test_what_another_check_has_failed_is_let_pass():
    echo = [*RIGHT, (ANI, "ani: halo\n")]
    assert judged(say(), *echo, lenient=Leniency(echo=True)) is None
    form = [(BUDI, "<ani> halo\n"), (CITRA, "<ani> halo\n")]
    assert judged(say(), *form, lenient=Leniency(form=True)) is None
    assert judged(say(), form[0], lenient=Leniency(form=True)) is not None
    refused = Act(CITRA, Verb.ANSWER, b"ani\n", "ani", Answer.REFUSED)
    assert judged(refused, (CITRA, "ERR dipakai\n"), lenient=Leniency(handshake=True)) is None


def test_a_server_that_ended_disagrees_with_the_act_it_did_not_live_to_see():
    found = disagreement([*JOINED, say()], {"end": "ended", "journal": WELCOME})
    assert found is not None
    assert (found.act, found.seen) == (6, "ended")


@pytest.mark.parametrize(
    ("end", "is_beyond"),
    [("done", False), ("ended", False), ("unsupported:os.fork", True), ("stalled:x:1", True)],
)
def test_what_cannot_be_put_under_control_is_not_judged(end: str, is_beyond: bool):
    assert is_beyond_control({"end": end}) is is_beyond


def test_each_act_is_a_phase_of_its_own():
    phases = cycle_of([*joining(ANI, "ani"), Act(ANI, Verb.RESET)])["phases"]
    assert phases == [{ANI: [["connect"]]}, {ANI: [["bytes", "ani\n"]]}, {ANI: [["reset"]]}]
