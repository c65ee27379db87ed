"""The oracle is pure: small journals in, the first broken promise out."""

from __future__ import annotations

from typing import Any

import pytest

from harness.schedules.oracle import Violation, deadlock, is_over_reading, judge

FROM_LINE_4 = {"file": "server.py", "line": 4}
AT_LINE_9 = {"file": "server.py", "line": 9}
LOCK = {
    "what": "lock",
    "holder": "main/2",
    "holder_label": "budi",
    "holder_alive": True,
    "held_since": FROM_LINE_4,
}
LOCKED = {"task": "main/1", "label": "ani", "at": AT_LINE_9, "waits": LOCK}


def joined(*names: str) -> list[list[Any]]:
    rows: list[list[Any]] = []
    for name in names:
        rows += [[0, name, "connect", ""], [0, name, "got", "NICK"]]
        rows += [[0, name, "claim", name], [0, name, "got", "OK"]]
    return rows


def cycle(journal: list[list[Any]], **more: Any) -> dict[str, Any]:
    whole: dict[str, Any] = {"end": "done", "journal": journal, "stuck": []}
    return whole | {"errors": [], "waiting": []} | more


def kind(report: dict[str, Any]) -> str | None:
    violation = judge(report)
    return violation.kind if violation is not None else None


SAYS = [1, "ani", "say", "halo"]
HEARS = [1, "budi", "got", "ani: halo"]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([SAYS, HEARS], None),
        ([SAYS, HEARS, [1, "budi", "got", "* ani keluar"]], None),
        ([SAYS, HEARS, [1, "budi", "got", "*"]], None),
        ([SAYS, [1, "", "rest", ""], HEARS], None),
        ([SAYS], "lost"),
        ([SAYS, HEARS, HEARS], "doubled"),
        ([SAYS, HEARS, [1, "ani", "got", "ani: halo"]], "echo"),
        ([SAYS, [1, "budi", "got", "budi: halo"]], "wrong_name"),
        ([SAYS, [1, "budi", "got", "ani: ha"]], "garbled"),
        ([SAYS, [1, "budi", "end_by_server", ""]], "dropped"),
        ([SAYS, [1, "budi", "reset", ""]], None),
        ([SAYS, [1, "budi", "leave", ""], [1, "budi", "reset_by_server", ""]], None),
        ([SAYS, [1, "ani", "reset", ""]], None),
        ([SAYS, [1, "ani", "leave", ""]], None),
        ([SAYS, [2, "ani", "reset", ""]], "lost"),
        ([SAYS, [1, "ani", "half_close", ""]], "lost"),
        ([SAYS, [2, "budi", "half_close", ""]], "lost"),
    ],
)
def test_one_message(rows: list[list[Any]], expected: str | None) -> None:
    assert kind(cycle(joined("ani", "budi") + rows)) == expected


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([SAYS], Violation("lost", "budi", "ani: halo", "", 9, 1)),
        ([SAYS, HEARS, HEARS], Violation("doubled", "budi", "ani: halo", "ani: halo", 10, 1)),
        (
            [SAYS, HEARS, [1, "ani", "got", "ani: halo"]],
            Violation("echo", "ani", "", "ani: halo", 10, 1),
        ),
        (
            [SAYS, [1, "budi", "got", "budi: halo"]],
            Violation("wrong_name", "budi", "ani: halo", "budi: halo", 9, 1),
        ),
        (
            [SAYS, [1, "budi", "got", "ani: ha"]],
            Violation("garbled", "budi", "'{nama}: {pesan}'", "ani: ha", 9, 1),
        ),
        (
            [[2, "budi", "reset_by_server", ""]],
            Violation("dropped", "budi", "koneksi tetap ada", "reset_by_server", 8, 2),
        ),
        (
            [SAYS, [1, "citra", "got", "NICK"], [1, "citra", "got", "ani: halo"]],
            Violation("not_joined", "citra", "NICK", "ani: halo", 10, 1),
        ),
        (
            [
                SAYS,
                [1, "citra", "got", "NICK"],
                [1, "citra", "claim", "citra"],
                [1, "citra", "got", "ani: halo"],
                [1, "citra", "got", "OK"],
            ],
            Violation("not_joined", "citra", "OK", "ani: halo", 11, 1),
        ),
        (
            [SAYS, [1, "ani", "say", "lagi"], [1, "budi", "got", "ani: lagi"], HEARS],
            Violation("out_of_order", "budi", "ani: halo", "ani: halo", 11, 1),
        ),
    ],
    ids=lambda each: each.kind if isinstance(each, Violation) else "",
)
def test_a_violation_says_who_suffered_what_and_when(
    rows: list[list[Any]], expected: Violation
) -> None:
    assert judge(cycle(joined("ani", "budi") + rows)) == expected


@pytest.mark.parametrize("line", ["NICK", "OK", "ERR", "ERR dipakai", "halo", ""])
def test_a_member_hears_of_nothing_but_messages(line: str) -> None:
    assert kind(cycle([*joined("ani"), [1, "ani", "got", line]])) == "garbled"


def test_a_blank_line_behind_a_refusal_is_no_matter_of_threads() -> None:
    rows = [[1, "budi", "claim", "ani"], [1, "budi", "got", "ERR dipakai"], [1, "budi", "got", ""]]
    asked = [*joined("ani"), [1, "budi", "got", "NICK"]]
    assert kind(cycle([*asked, *rows])) is None
    assert kind(cycle([*asked, *rows[:2], [1, "budi", "got", "maaf"]])) == "garbled"


@pytest.mark.parametrize("line", ["OK", "ERR dipakai"])
def test_nobody_is_answered_who_claimed_nothing(line: str) -> None:
    assert kind(cycle([[0, "ani", "got", "NICK"], [0, "ani", "got", line]])) == "garbled"


def test_no_message_may_come_before_ok() -> None:
    claims = [[1, "citra", "claim", "citra"], SAYS, HEARS, [1, "citra", "got", "ani: halo"]]
    rows = [*joined("ani", "budi"), *claims, [1, "citra", "got", "OK"]]
    assert kind(cycle(rows)) == "not_joined"


def test_who_joined_after_a_message_need_not_see_it() -> None:
    late = [[row[0] + 1, *row[1:]] for row in joined("citra")]
    assert kind(cycle([*joined("ani", "budi"), SAYS, HEARS, *late])) is None
    assert kind(cycle([*joined("ani", "budi"), *late, SAYS, HEARS])) == "lost"
    # Neither does one that was asked and never answered.
    assert kind(cycle([*joined("ani"), [0, "citra", "got", "NICK"], SAYS])) is None


def test_a_message_may_look_like_one() -> None:
    rows = [[1, "ani", "say", "budi: halo"], [1, "budi", "got", "ani: budi: halo"]]
    assert kind(cycle(joined("ani", "budi") + rows)) is None


def test_several_lines_of_one_sender() -> None:
    texts = ("halo", "lagi", "terus")
    said = [[1, "ani", "say", text] for text in texts]
    heard = [[1, "budi", "got", f"ani: {text}"] for text in texts]
    assert kind(cycle([*joined("ani", "budi"), *said, *heard])) is None
    swapped = [heard[0], heard[2], heard[1]]
    assert kind(cycle([*joined("ani", "budi"), *said, *swapped])) == "out_of_order"
    assert kind(cycle([*joined("ani", "budi"), *said, *heard[:2]])) == "lost"


def claims(phase: int, who: str, name: str, answer: str) -> list[list[Any]]:
    return [[phase, who, "claim", name], [phase, who, "got", answer]]


def test_two_cannot_hold_one_name() -> None:
    rows = [*joined("citra", "ani"), *claims(1, "budi", "ani", "OK")]
    two = Violation("two_holders", "budi", "ERR", "OK", 9, 1, {"name": "ani"})
    assert judge(cycle(rows)) == two


def test_a_name_whose_holder_left_earlier_is_free() -> None:
    rows = [*joined("citra", "ani"), [1, "ani", "half_close", ""]]
    again = claims(2, "budi", "ani", "ERR dipakai")
    refused = Violation("refused_free", "budi", "OK", "ERR dipakai", 10, 2, {"name": "ani"})
    assert judge(cycle(rows + again)) == refused
    assert kind(cycle(rows + claims(2, "budi", "ani", "ERR"))) == "refused_free"
    assert kind(cycle(rows + claims(1, "budi", "ani", "ERR dipakai"))) is None
    assert kind(cycle(rows + claims(1, "budi", "ani", "OK"))) is None


def test_a_name_of_another_is_refused() -> None:
    rows = [*joined("citra", "ani"), *claims(1, "budi", "ani", "ERR")]
    assert kind(cycle([*rows, *claims(1, "budi", "budi", "OK")])) is None
    # One that left with it is no reason, if another has it now.
    rows = [*joined("ani"), [1, "ani", "half_close", ""], *claims(2, "dewi", "ani", "OK")]
    assert kind(cycle([*rows, *claims(3, "budi", "ani", "ERR dipakai")])) is None


def test_of_several_who_want_one_name_one_gets_it() -> None:
    both = [[1, "ani", "claim", "x"], [1, "budi", "claim", "x"]]
    refused = [[1, who, "got", "ERR dipakai"] for who in ("ani", "budi")]
    nobody = Violation("nobody", "ani", "OK", "ERR", 0, 1, {"name": "x"})
    assert judge(cycle(both + refused)) == nobody
    assert kind(cycle([*both, [1, "ani", "got", "OK"], refused[1]])) is None
    # Whom it was given to may have left before it heard of it.
    assert kind(cycle([*both, [1, "ani", "reset", ""], refused[1]])) is None
    assert kind(cycle([*both, *refused, *claims(1, "ani", "x", "OK")])) is None
    # At the second attempt, too.
    rows = [*joined("ani", "budi", "citra"), *claims(1, "dewi", "ani", "ERR")]
    rows += [*claims(1, "edo", "budi", "ERR"), [2, "dewi", "claim", "x"], [2, "edo", "claim", "x"]]
    rows += [[2, "dewi", "got", "ERR"], [2, "edo", "got", "ERR"]]
    again = Violation("nobody", "dewi", "OK", "ERR", 16, 2, {"name": "x"})
    assert judge(cycle(rows)) == again


@pytest.mark.parametrize(
    ("verb", "wanted"), [("connect", "diterima"), ("asked", "NICK"), ("answered", "OK / ERR")]
)
def test_who_waits_for_an_answer_at_the_end_never_got_it(verb: str, wanted: str) -> None:
    rows = [*joined("ani"), [3, "ani", "say", "halo"]]
    stuck = [["ani", "after", "x"], ["budi", verb]]
    unanswered = Violation("unanswered", "budi", wanted, "", 5, 3)
    assert judge(cycle(rows, end="stuck", stuck=stuck)) == unanswered
    assert judge(cycle([], end="stuck", stuck=stuck)) == Violation(
        "unanswered", "budi", wanted, "", 0, 0
    )


def test_a_server_that_ends_is_missed() -> None:
    rows = [*joined("ani"), [2, "ani", "half_close", ""]]
    ended = Violation("ended", "", "server tetap berjalan", "server berhenti", 5, 2)
    assert judge(cycle(rows, end="ended", stuck=[["budi", "connect"]])) == ended


ERROR = {
    "task": "main/1",
    "label": "ani",
    "thread": "Thread-1",
    "frames": [AT_LINE_9],
    "text": "'x'",
    "type": "KeyError",
    "os_error": False,
}


def test_a_lost_connection_may_end_a_thread_and_a_key_error_may_not() -> None:
    lost = ERROR | {"type": "ConnectionResetError", "os_error": True}
    assert kind(cycle(joined("ani"), errors=[lost])) is None
    told = {"frames": [AT_LINE_9], "task": "main/1", "had_left": False}
    died = Violation("exception", "ani", "", "KeyError: 'x'", detail=told)
    assert judge(cycle(joined("ani"), errors=[lost, ERROR])) == died
    # Of a thread that serves nobody in particular, its own name is told.
    nameless = judge(cycle(joined("ani"), errors=[ERROR | {"label": ""}]))
    assert nameless is not None and nameless.who == "Thread-1"


def test_whether_it_served_one_that_had_left_is_told() -> None:
    left = [*joined("ani", "budi"), [1, "ani", "half_close", ""]]
    for who, had_left in (("ani", True), ("budi", False), ("nobody", False)):
        died = judge(cycle(left, errors=[ERROR | {"label": who}]))
        assert died is not None and died.detail["had_left"] is had_left


def test_an_open_todo_is_no_race() -> None:
    todo = ERROR | {"type": "NotImplementedError"}
    assert kind(cycle(joined("ani"), errors=[todo])) is None


def test_an_exception_is_told_before_what_came_of_it() -> None:
    rows = [*joined("ani", "budi"), SAYS, HEARS, HEARS]
    assert kind(cycle(rows, errors=[ERROR])) == "exception"


def test_a_lost_line_while_somebody_waits_for_a_lock_is_a_deadlock() -> None:
    report = cycle([*joined("ani", "budi"), SAYS], waiting=[LOCKED])
    told = {"waits": deadlock([LOCKED]), "instead_of": "lost"}
    assert judge(report) == Violation("deadlock", "budi", "ani: halo", "", 9, 1, told)


def test_who_waits_for_a_lock_is_told_with_its_holder() -> None:
    send = {"what": "send", "peer": "citra"}
    sends = {"task": "main/2", "label": "budi", "at": FROM_LINE_4, "waits": send}
    runs = {"task": "main/3", "label": "", "at": AT_LINE_9, "waits": None}
    (told,) = deadlock([runs, sends, LOCKED])
    assert told == {
        "who": "ani",
        "task": "main/1",
        "at": AT_LINE_9,
        "holder": "budi",
        "holder_task": "main/2",
        "held_since": FROM_LINE_4,
        "holder_alive": True,
        "holder_at": FROM_LINE_4,
        "holder_waits": send,
    }
    unnamed = LOCKED | {"label": "", "waits": LOCK | {"holder_label": "", "holder": "main/3"}}
    (told,) = deadlock([unnamed, runs])
    assert (told["who"], told["holder"]) == ("main/1", "main/3")
    # The holder waits for nothing.
    assert told["holder_at"] is told["holder_waits"] is None


def test_a_slow_reader_matters_only_with_a_lock() -> None:
    rows = [*joined("ani", "budi", "citra"), [1, "citra", "stop_reading", ""], SAYS]
    assert kind(cycle(rows)) is None
    assert kind(cycle(rows, waiting=[LOCKED])) == "deadlock"


def test_a_slow_reader_may_be_dropped() -> None:
    """And then nothing more is claimed of it: neither of its name nor of what it said."""
    deaf = [[1, "citra", "stop_reading", ""], [2, "citra", "say", "aku"]]
    dropped = [*deaf, [2, "citra", "end_by_server", ""], *claims(3, "dewi", "citra", "OK")]
    rows = [*joined("ani", "budi", "citra"), *dropped]
    assert kind(cycle(rows)) is None
    assert kind(cycle(rows, waiting=[LOCKED])) is None
    # While it is there, it is there.
    rows = [*joined("ani", "citra"), *deaf, *claims(3, "dewi", "citra", "OK")]
    assert kind(cycle(rows)) == "two_holders"


def test_one_that_left_hears_the_end_of_its_connection() -> None:
    rows = [
        *joined("ani", "budi"),
        SAYS,
        [1, "ani", "half_close", ""],
        [1, "ani", "end_by_server", ""],
    ]
    assert kind(cycle([*rows, HEARS])) is None
    assert kind(cycle(rows)) == "lost"


def test_what_was_cut_off_is_not_judged() -> None:
    assert kind(cycle([*joined("ani", "budi"), SAYS], end="budget")) is None
    assert kind(cycle([*joined("ani", "budi"), SAYS], end="stalled:server.py:3")) is None
    for end in ("done", "stuck", "ended"):
        assert kind(cycle([*joined("ani", "budi"), SAYS, HEARS, HEARS], end=end)) == "doubled"


def test_what_comes_only_after_everything_was_at_rest_was_lost() -> None:
    late = [*joined("ani", "budi"), SAYS, [1, "", "rest", "quiet"], [2, "budi", "got", "ani: halo"]]
    assert kind(cycle(late)) == "lost"


def test_what_comes_after_a_rest_that_a_clock_could_end_was_not_lost() -> None:
    late = [*joined("ani", "budi"), SAYS, [1, "", "rest", ""], [2, "budi", "got", "ani: halo"]]
    assert kind(cycle(late)) is None


def test_a_name_kept_by_a_thread_that_waits_for_ever_is_a_deadlock() -> None:
    kept = [
        *joined("ani"),
        [1, "ani", "half_close", ""],
        [2, "budi", "connect", ""],
        [2, "budi", "got", "NICK"],
        [2, "budi", "claim", "ani"],
        [2, "budi", "got", "ERR"],
    ]
    assert kind(cycle(kept)) == "refused_free"
    holder = {**LOCKED, "task": "main/2", "waits": {**LOCK, "holder": "main/1"}}
    assert kind(cycle(kept, waiting=[LOCKED, holder])) == "deadlock"


def held(what: str | None, alive: bool = True) -> dict[str, Any]:
    """A lock whose holder waits for `what`, runs, or has ended."""
    return {"holder_alive": alive, "holder_waits": None if what is None else {"what": what}}


@pytest.mark.parametrize(
    ("waits", "is_over"),
    [
        pytest.param([held("recv")], True, id="the holder reads"),
        pytest.param([held("select")], True, id="the holder waits for anybody"),
        pytest.param([held("recv"), held("sleep")], True, id="one of two reads"),
        pytest.param([held("send")], False, id="the holder writes"),
        pytest.param([held("lock")], False, id="the holder waits for a lock"),
        pytest.param([held(None)], False, id="the holder waits for nothing"),
        pytest.param([held(None, alive=False)], False, id="the holder has ended"),
        pytest.param([held("recv"), held("lock")], False, id="one reads, one is locked"),
        pytest.param([held("recv"), held(None, alive=False)], False, id="one reads, one ended"),
        pytest.param([], False, id="nobody"),
    ],
)
def test_a_lock_held_while_reading_is_told_from_one_held_for_ever(
    waits: list[dict[str, Any]], is_over: bool
):
    found = Violation("deadlock", "ani", "OK / ERR", "", 3, 1, {"waits": waits})
    assert is_over_reading(found) is is_over


def test_what_is_no_deadlock_is_over_no_reading():
    assert not is_over_reading(Violation("lost", "ani", "halo", "", 3, 1))
