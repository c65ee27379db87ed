"""What a program prints: as lines, within bounds, and without waiting for strangers."""

import os
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from harness.program import output
from harness.program.output import MOST_KEPT, MOST_PENDING, Output
from tests.watching import LONG, eventually


class Pipe:
    """A pipe with a console at its end."""

    def __init__(self, *, tap: bool = False) -> None:
        reading, self.writing = os.pipe()
        self.news = threading.Event()
        self.tapped: list[bytes] = []
        self.console = Output(
            os.fdopen(reading, "rb", buffering=0),
            self.news.set,
            self.tapped.append if tap else None,
        )

    def print(self, data: bytes) -> None:
        os.write(self.writing, data)

    def ends(self) -> None:
        os.close(self.writing)
        self.writing = -1

    def collects(self, count: int) -> list[str]:
        """The next `count` lines."""
        fresh: list[str] = []
        assert eventually(lambda: fresh.extend(self.console.collect()) or len(fresh) >= count)
        return fresh


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    made = Pipe()
    yield made
    if made.writing >= 0:
        made.ends()
    made.console.close()


def test_lines_become_whole_however_they_come(pipe: Pipe):
    pipe.print(b"satu\ndu")
    assert pipe.collects(1) == ["satu"]
    pipe.print(b"a\n\ntiga\r\nem")
    assert pipe.collects(3) == ["dua", "", "tiga\r"]
    pipe.print(b"pat")
    assert eventually(lambda: pipe.console.collect() or pipe.console.text().endswith("empat"))
    assert pipe.console.lines == ["satu", "dua", "", "tiga\r"]


def test_a_character_may_come_in_two_reads(pipe: Pipe):
    pipe.print("é".encode()[:1])
    assert eventually(pipe.news.is_set)
    assert pipe.console.collect() == []
    pipe.print("é".encode()[1:] + b"\xff\n")
    assert pipe.collects(1) == ["é\\xff"]


def test_news_ring_a_bell(pipe: Pipe):
    assert not pipe.news.is_set()
    pipe.print(b"x")
    assert pipe.news.wait(LONG)


def test_the_end_brings_the_unfinished_line(pipe: Pipe):
    pipe.print(b"selesai\ntanpa akhir")
    pipe.ends()
    assert pipe.collects(2) == ["selesai", "tanpa akhir"]
    assert eventually(lambda: pipe.console.collect() or pipe.console.has_ended)
    assert pipe.console.lines == ["selesai", "tanpa akhir"]


def test_a_tap_gets_every_byte():
    pipe = Pipe(tap=True)
    pipe.print(b"a\r\x1b[K")
    pipe.print(b"\xc3")
    pipe.ends()
    assert eventually(lambda: pipe.console.collect() or pipe.console.has_ended)
    assert b"".join(pipe.tapped) == b"a\r\x1b[K\xc3"
    pipe.console.close()


@pytest.mark.skipif(not hasattr(os, "set_blocking"), reason="Windows has it from Python 3.12 on")
def test_a_flood_is_held_up_until_it_is_looked_at(pipe: Pipe):
    """Unread, it costs no more memory than the reads that are pending."""
    os.set_blocking(pipe.writing, False)
    written = 0

    def is_full() -> bool:
        nonlocal written
        try:
            written += os.write(pipe.writing, b"x" * 65536)
        except BlockingIOError:
            return pipe.console._pending.qsize() == MOST_PENDING
        return False

    assert eventually(is_full)
    assert written <= (MOST_PENDING + 4) * 65536


def flood(pipe: Pipe, piece: bytes, count: int) -> None:
    """Print `count` pieces beside the one who collects, then end."""

    def prints() -> None:
        for _ in range(count):
            os.write(pipe.writing, piece)
        pipe.ends()

    printer = threading.Thread(target=prints, daemon=True)
    printer.start()
    assert eventually(lambda: pipe.console.collect() is None or pipe.console.has_ended)
    printer.join()


def test_of_a_flood_the_end_is_remembered(pipe: Pipe):
    line = b"y" * 999 + b"\n"
    flood(pipe, line * 10, 1000)
    kept = sum(map(len, pipe.console.lines))
    one_look = MOST_PENDING * 65536
    assert MOST_KEPT / 4 < kept <= MOST_KEPT + one_look
    assert pipe.console.forgotten + len(pipe.console.lines) == 10_000


def test_of_a_flood_what_it_says_once_is_remembered(pipe: Pipe):
    pipe.print(b"Server menunggu koneksi...\n")
    flood(pipe, (b"y" * 199 + b"\n") * 50, 2000)
    assert pipe.console.forgotten > 0
    assert pipe.console.lines[0] == "Server menunggu koneksi..."


def test_what_one_look_brings_is_not_forgotten_before_it_was_looked_at():
    assert MOST_PENDING * output.PIECE < MOST_KEPT


def test_what_is_remembered_for_being_said_once_has_a_bound(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(output, "MOST_DISTINCT", 10)
    assert output._distinct(["aaaa", "bbbb", "aaaa", "cccc"]) == ["aaaa", "bbbb"]


@pytest.mark.parametrize("piece", [b"\n" * 10_000, b"a\n" * 5000], ids=["empty", "short"])
def test_lines_without_end_cost_no_memory_however_short(pipe: Pipe, piece: bytes):
    one_look = MOST_PENDING * 65536
    pipe.print(b"Server menunggu koneksi...\n")
    flood(pipe, piece, 300)
    assert len(pipe.console.lines) <= output.MOST_LINES + one_look
    assert pipe.console.forgotten > 1_000_000
    assert pipe.console.lines[0] == "Server menunggu koneksi..."


def test_of_an_endless_line_the_end_is_remembered(pipe: Pipe):
    flood(pipe, b"z" * 10_000, 1000)
    assert len(pipe.console.text()) <= output.LONGEST_LINE + 65536
    assert pipe.console.text().rstrip("\n").endswith("zzz")


def test_closing_takes_in_what_is_left(pipe: Pipe):
    pipe.print(b"kata terakhir\n")
    pipe.ends()
    assert pipe.console.close() == ["kata terakhir"]
    assert pipe.console.close() == []
    assert pipe.console.lines == ["kata terakhir"]
    assert pipe.console.has_ended


def test_closing_does_not_wait_for_a_stranger_who_holds_the_pipe(
    pipe: Pipe, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(output, "MOST_CLOSING", 0.05)
    pipe.print(b"halo\n")
    began = time.monotonic()
    pipe.console.close()
    assert time.monotonic() - began < LONG / 2
    assert pipe.console.lines == ["halo"]
    assert not pipe.console.has_ended


class Stopped(BaseException):
    """As Ctrl-C, at a moment of its own."""


def test_a_stop_at_any_step_leaves_it_usable(pipe: Pipe):
    """Ctrl-C or a save may come while the grader looks for news; nothing may stay locked."""
    steps = 0

    def stop_at(number: int) -> bool:
        nonlocal steps
        steps = 0

        def trace(*_: object) -> object:
            nonlocal steps
            steps += 1
            if steps == number:
                raise Stopped
            return trace

        before = sys.gettrace()
        sys.settrace(trace)  # type: ignore[arg-type]
        try:
            pipe.console.collect()
        except Stopped:
            return True
        finally:
            sys.settrace(before)
        return False

    def at_every_step() -> None:
        number = 1
        while stop_at(number):
            number += 1
        pipe.print(b"still here\n")
        pipe.collects(1)

    # In a thread, so that what is locked cannot hold up the test.
    thread = threading.Thread(target=at_every_step, daemon=True)
    thread.start()
    thread.join(LONG / 4)
    assert not thread.is_alive()
    assert pipe.console.lines == ["still here"]
