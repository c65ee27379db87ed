"""What is pure of `load`: when messages are due, the check of every line, percentiles, options."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterator

import pytest

from harness.command_line import Misuse
from harness.grading.judge import REFERENCE
from harness.loads import load_words
from harness.loads.driver import NotHere, must_be_here
from harness.loads.figures import Figures, spread_of
from harness.loads.ledger import Flaw, Ledger
from harness.loads.load_client import LoadClient
from harness.loads.load_options import load_options, plan_of
from harness.loads.load_table import ROWS, load_table
from harness.loads.load_words import load_say, numeral
from harness.loads.timetable import Due, at_once, at_rate, nicknames


def test_messages_are_due_at_fixed_times_and_all_differ():
    table = at_rate(random.Random(1), 20, 40, 4.0)
    assert [each.due for each in table] == [n / 4 for n in range(40)]
    assert len({each.text for each in table}) == 40
    assert len({each.speaker for each in table}) == 10
    assert {each.due for each in at_once(random.Random(1), 3, 7)} == {0.0}


def test_nicknames_differ_and_are_valid():
    names = nicknames(random.Random(2), 20_000)
    assert len(set(names)) == 20_000
    assert max(map(len, names)) <= 20


# -- the ledger: ani (0) and budi (1) speak, citra (2) listens


@pytest.fixture
def room() -> Iterator[tuple[Ledger, list[LoadClient]]]:
    clients = [LoadClient(n, name, socket.socket(), 0.0) for n, name in enumerate("abc")]
    ledger = Ledger()
    table = [Due("satu", 0, 0.0), Due("dua", 1, 0.5), Due("tiga", 0, 1.0)]
    ledger.learns(table, clients, 100.0)
    for message in table:
        ledger.is_said(clients[message.speaker], 2)
    yield ledger, clients
    for each in clients:
        each.sock.close()


def test_right_lines_are_counted_from_when_they_were_due(room: tuple[Ledger, list[LoadClient]]):
    ledger, (ani, budi, citra) = room
    ledger.hears(citra, [b"a: satu", b"b: dua", b"* d masuk", b"a: tiga\r"], 101.5)
    ledger.hears(budi, [b"a: satu", b"a: tiga"], 101.0)
    ledger.hears(ani, [b"b: dua"], 101.0)
    assert ledger.delivered == ledger.target == 6
    assert not ledger.wrongs
    assert ledger.notices == 1
    assert [list(each) for each in ledger.latencies] == [[1.5, 1.0], [1.0, 0.5], [0.5, 0.0]]


@pytest.mark.parametrize(
    ("who", "lines", "flaws", "delivered"),
    [
        (2, [b"satu"], {Flaw.GARBLED: 1}, 0),
        (2, [b"a:  satu"], {Flaw.GARBLED: 1}, 0),
        (0, [b"a: satu"], {Flaw.ECHO: 1}, 0),
        (2, [b"a: satu", b"a: satu"], {Flaw.TWICE: 1}, 1),
        (2, [b"a: tiga", b"a: satu"], {Flaw.DISORDERED: 1}, 2),
        (2, [b"a: tiga", b"a: satu", b"a: satu"], {Flaw.DISORDERED: 1, Flaw.TWICE: 1}, 2),
        # In different order to different listeners: no promise is broken.
        (2, [b"b: dua", b"a: satu"], {}, 2),
    ],
)
def test_a_wrong_line_is_counted_as_what_it_is(
    room: tuple[Ledger, list[LoadClient]],
    who: int,
    lines: list[bytes],
    flaws: dict[Flaw, int],
    delivered: int,
):
    ledger, clients = room
    ledger.hears(clients[who], lines, 102.0)
    assert ledger.flaws == flaws
    assert ledger.delivered == delivered
    assert [each.flaw for each in ledger.examples] == list(flaws)


def test_what_was_passed_over_and_what_never_came_is_lost(room: tuple[Ledger, list[LoadClient]]):
    ledger, (_ani, budi, citra) = room
    ledger.hears(citra, [b"a: tiga", b"b: dua"], 102.0)
    ledger.hears(budi, [b"a: satu", b"a: tiga"], 102.0)
    ledger.counts_lost()
    # citra misses the first of ani, ani the one of budi.
    assert ledger.flaws == {Flaw.LOST: 2}


def test_nothing_is_lost_by_somebody_who_has_gone(room: tuple[Ledger, list[LoadClient]]):
    ledger, (ani, budi, citra) = room
    ledger.hears(citra, [b"a: satu"], 102.0)
    ledger.leaves(citra, 3)
    ledger.hears(budi, [b"a: satu", b"a: tiga"], 102.0)
    ledger.hears(ani, [b"b: dua"], 102.0)
    ledger.counts_lost()
    assert not ledger.flaws


# -- figures


def test_a_percentile_is_a_time_that_was_measured():
    spread = spread_of([float(n) for n in range(100, 0, -1)])
    assert spread is not None
    assert (spread.p50, spread.p95, spread.p99, spread.most) == (50, 95, 99, 100)
    only = spread_of([3.0])
    assert only is not None
    assert (only.p50, only.p99, only.count) == (3, 3, 1)
    assert spread_of([]) is None


def test_what_is_not_known_is_a_dash_in_the_table():
    head, *rows = load_table({"yours": Figures(10)}, "en")
    assert head.split() == ["your", "program"]
    assert len(rows) == len(ROWS)
    assert sum(row.endswith("–") for row in rows) == len(ROWS) - 4


# -- options


def test_each_number_of_clients_has_a_plan():
    options = load_options("en", str(REFERENCE), "10,200", "7", "2.5")
    assert [(p.clients, p.messages, p.rate) for p in options.plans] == [(10, 7, 2.5), (200, 7, 2.5)]


@pytest.mark.parametrize("clients", [2, 10, 100, 1_000, 5_000])
def test_without_options_the_rate_is_easy_and_the_whole_short(clients: int):
    plan = plan_of(clients, None, None, 1)
    assert plan.messages / plan.rate <= 20.1
    assert plan.rate * (clients - 1) <= 5_100
    assert plan.at_once * clients <= 50_100


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("1",), "--clients '1'"),
        (("ten",), "--clients 'ten'"),
        (("10,",), "--clients ''"),
        (("10000000",), "--clients '10000000'"),
        (("10", "0"), "--messages '0'"),
        (("10", "1.5"), "--messages '1.5'"),
        (("10", "1", "nan"), "--rate 'nan'"),
        (("10", "1", "0"), "--rate '0'"),
        (("400", "100000"), "5,000,000 deliveries"),
    ],
)
def test_what_makes_no_sense_is_told_in_one_sentence(words: tuple[str, ...], said: str):
    with pytest.raises(Misuse, match=said):
        load_options("en", str(REFERENCE), *words)


def test_a_page_without_jinja_is_told_with_the_remedy(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("harness.reports.page.is_possible", lambda: False)
    assert load_options("en", str(REFERENCE)).report is None
    with pytest.raises(Misuse, match="-m pip install jinja2"):
        load_options("en", str(REFERENCE), report="x.html")


def test_too_few_descriptors_are_told_with_the_remedy(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("harness.grading.machine.make_room", lambda count: 256)
    with pytest.raises(Misuse, match=r"at most 256 .* --clients 192, .* ulimit -n 464"):
        load_options("en", str(REFERENCE), "400")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.4.5.6", "::1"])
def test_load_goes_to_this_machine(host: str):
    assert must_be_here((host, 5000)) == (host, 5000)


@pytest.mark.parametrize(
    "host", ["10.0.0.1", "0.0.0.0", "192.168.1.2", "localhost", "::", "fe80::1"]
)
def test_load_goes_nowhere_else(host: str):
    with pytest.raises(NotHere):
        must_be_here((host, 5000))


def test_nothing_is_said_in_one_language_only():
    tables = [*load_words.WORDS.values(), *load_words.FLAWS.values()]
    assert all(words.keys() == {"id", "en"} and all(words.values()) for words in tables)
    assert set(load_words.FLAWS) == set(Flaw)


@pytest.mark.parametrize(
    ("text", "said"),
    [("2,643.5", "2.643,5"), ("162,044", "162.044"), ("0.5", "0,5"), ("12", "12")],
)
def test_numbers_are_written_as_the_language_has_them(text: str, said: str):
    assert numeral(text, "id") == said
    assert numeral(text, "en") == text
    assert said in load_say("join", "id", who="programmu", clients=text)


@pytest.mark.parametrize("text", ["3.11.7", "1,5,0", "", "–", "a 1,000", "1,0000"])
def test_what_is_no_number_stays_as_it_is(text: str):
    assert numeral(text, "id") == text
