"""Lines counted as they come are as many as lines counted all at once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some

from harness.actors.chat_count import ChatCount
from harness.contract import protocol

PIECES = some.lists(some.sampled_from([b"a", b"\n", b"* ", b"*", b" ", b"\r\n", b"\n* x\n"]))


def counted(raw: bytes, start: int) -> int:
    chat = raw[protocol.next_line(raw, start) :]
    return sum(not line.startswith(b"* ") for line in chat.split(b"\n")[:-1])


@given(PIECES, some.sampled_from([b"", b"OK\n", b"OK", b"OK\r\n"]))
def test_whatever_comes_in_whatever_pieces(pieces: list[bytes], before: bytes):
    raw, count = bytearray(before), ChatCount()
    for piece in pieces:
        raw += piece
        # What a line end belongs to is known once it is there, with the byte before it.
        if not raw.endswith(b"\r"):
            assert count.of(raw, len(before)) == counted(bytes(raw), len(before))


def test_another_start_or_fewer_bytes_begin_anew():
    count, raw = ChatCount(), bytearray(b"OK\na\nb\n")
    assert count.of(raw, 3) == 2
    assert count.of(raw, 5) == 1
    del raw[5:]
    assert count.of(raw, 3) == 1
