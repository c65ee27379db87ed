"""The oracle is pure: small journals in, the first broken promise out."""

from __future__ import annotations

from typing import Any

import pytest

from harness.exploration.oracle import judge

LOCKED = {
    "task": "main/1",
    "label": "ani",
    "at": {"file": "server.py", "line": 9},
    "waits": {
        "what": "lock",
        "holder": "main/2",
        "holder_label": "budi",
        "holder_alive": True,
        "held_since": {"file": "server.py", "line": 4},
    },
}


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
        ([SAYS], "lost"),
        ([SAYS, HEARS, HEARS], "doubled"),
        ([SAYS, HEARS, [1, "ani", "got", "ani: halo"]], "echo"),
        ([SAYS, [1, "budi", "got", "budi: halo"]], "wrong_name"),
        ([SAYS, [1, "budi", "got", "ani: ha"]], "garbled"),
        ([SAYS, [1, "budi", "end_by_server", ""]], "dropped"),
        ([SAYS, [1, "budi", "rst", ""]], None),
        ([SAYS, [1, "ani", "rst", ""]], None),
        ([SAYS, [1, "ani", "fin", ""]], "lost"),
        ([SAYS, [2, "budi", "fin", ""]], "lost"),
    ],
)
def test_one_message(rows: list[list[Any]], expected: str | None) -> None:
    assert kind(cycle(joined("ani", "budi") + rows)) == expected


def test_lines_of_one_sender_keep_their_order() -> None:
    second = [1, "ani", "say", "lagi"]
    heard = [[1, "budi", "got", "ani: lagi"], HEARS]
    assert kind(cycle([*joined("ani", "budi"), SAYS, second, *heard])) == "out_of_order"


def test_two_cannot_hold_one_name() -> None:
    rows = [*joined("ani"), *joined("budi")]
    rows[6] = [0, "budi", "claim", "ani"]
    assert kind(cycle(rows)) == "two_holders"


def test_a_name_whose_holder_left_earlier_is_free() -> None:
    rows = [*joined("ani"), [1, "ani", "fin", ""]]
    again = [[2, "budi", "claim", "ani"], [2, "budi", "got", "ERR dipakai"]]
    assert kind(cycle(rows + again)) == "refused_free"
    at_once = [[1, "budi", "claim", "ani"], [1, "budi", "got", "ERR dipakai"]]
    assert kind(cycle(rows + at_once)) is None


def test_a_lost_connection_may_end_a_thread_and_a_key_error_may_not() -> None:
    error = {"task": "main/1", "label": "", "thread": "", "frames": [], "text": ""}
    lost = {**error, "type": "ConnectionResetError", "os_error": True}
    wrong = {**error, "type": "KeyError", "os_error": False}
    assert kind(cycle(joined("ani"), errors=[lost])) is None
    assert kind(cycle(joined("ani"), errors=[wrong])) == "exception"


def test_a_lost_line_while_somebody_waits_for_a_lock_is_a_deadlock() -> None:
    report = cycle([*joined("ani", "budi"), SAYS], waiting=[LOCKED])
    violation = judge(report)
    assert violation is not None
    assert violation.kind == "deadlock"
    assert violation.detail["waits"][0]["held_since"]["line"] == 4


def test_a_slow_reader_matters_only_with_a_lock() -> None:
    rows = [*joined("ani", "budi", "citra"), [1, "citra", "deaf", ""], SAYS]
    assert kind(cycle(rows)) is None
    assert kind(cycle(rows, waiting=[LOCKED])) == "deadlock"


def test_what_was_cut_off_is_not_judged() -> None:
    assert kind(cycle([*joined("ani", "budi"), SAYS], end="budget")) is None
    assert kind(cycle([*joined("ani", "budi"), SAYS], end="stalled:server.py:3")) is None
