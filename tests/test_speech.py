"""What a simulated client says, and the segments in which it goes out."""

import threading

from harness.contract.message import Message
from harness.record.journal import What
from tests.meeting import Meets, noted, reading
from tests.watching import LONG, read_is_seen


def test_it_says_a_line(joined: Meets):
    client, peer, stage = joined()
    said = client.says("halo")
    assert said == Message("ani", stage.draw.text("halo"))
    assert said.line == f"ani: {said.text}"
    assert peer.recv(1000) == said.text.encode() + b"\n"
    assert client.said == [said]
    assert noted(stage, What.SAY)[-1] == said.text


def test_several_lines_in_one_segment(joined: Meets):
    client, peer, _ = joined()
    client.says_together("satu", "dua", "tiga")
    assert peer.recv(1000) == b"satu\ndua\ntiga\n"


@read_is_seen
def test_pieces_go_out_once_the_one_before_was_read(joined: Meets):
    client, peer, _ = joined()
    with reading(peer, b"\n") as segments:
        said = client.says_in_pieces("satu dua", 2, 3, 7)
    assert segments == [b"sa", b"t", b"u du", b"a\n"]
    assert said.line == "ani: satu dua"
    with reading(peer, b"tiga\n") as segments:
        both = client.says_together_in_pieces("dua", "tiga", cuts=[2, 5])
    assert segments == [b"du", b"a\nt", b"iga\n"]
    assert client.said == [said, *both] == [Message("ani", t) for t in ("satu dua", "dua", "tiga")]


def test_a_name_and_a_message_in_one_segment(meets: Meets):
    client, peer, stage = meets(b"NICK\n")
    client.is_asked()
    said = client.answers_and_says("halo")
    assert said == Message("ani", stage.draw.text("halo"))
    assert peer.recv(1000) == f"ani\n{said.text}\n".encode()
    assert client.said == [said]
    assert noted(stage, What.PIECE) == [f"ani\n{said.text}\n"]
    peer.sendall(b"OK\n")
    client.is_accepted()


def test_a_message_instead_of_a_name(meets: Meets):
    client, peer, stage = meets(b"NICK\n")
    client.is_asked()
    peer.sendall(b"ERR\nNICK\n")
    said = client.answers_with_a_message("halo")
    assert said == Message("ani", stage.draw.text("halo"))
    assert peer.recv(1000) == said.text.encode() + b"\n"
    assert client.handshake.reply == b"ERR\nNICK\n"
    # It is none that anybody should see.
    assert client.said == []


def test_a_half_line_is_read_before_the_story_goes_on(joined: Meets):
    client, peer, stage = joined()
    text = stage.draw.text("selamat").encode()
    with reading(peer, text) as segments:
        half = client.says_half("selamat")
    # When it returns the program has read it.
    assert segments == [text]
    assert half == Message("ani", text.decode())
    assert client.said == []
    whole = client.finishes(half.text, " pagi")
    assert peer.recv(1000) == b" pagi\n"
    assert whole == Message("ani", half.text + " pagi")
    assert client.said == [whole]
    assert noted(stage, What.PIECE) == [half.text, " pagi\n"]


def test_bytes_that_are_no_message_are_noted_as_bytes(joined: Meets):
    client, peer, stage = joined()
    with reading(peer, b"\n"):
        client.sends_bytes(b"\xff\n")
    assert noted(stage, What.PIECE) == ["\\xff\n"]
    assert client.said == []


@read_is_seen
def test_a_line_said_alone_goes_out_once_the_one_before_was_read(joined: Meets):
    client, peer, _ = joined()
    with reading(peer, b"dua\n") as segments:
        client.says_exactly("satu")
        said = client.says_alone("dua")
    assert segments == [b"satu\n", b"dua\n"]
    assert client.said == [Message("ani", "satu"), said]


def test_more_than_the_system_takes_at_once_goes_out_in_the_end(joined: Meets):
    client, peer, stage = joined()
    client.sends(b"x" * 10_000_000)
    client.sends(b"end\n")
    assert client.end.connection.has_unsent
    received = bytearray()

    def reads() -> None:
        while not received.endswith(b"end\n"):
            received.extend(peer.recv(1_000_000))

    reader = threading.Thread(target=reads)
    reader.start()
    assert stage.wait_until(lambda: not reader.is_alive(), LONG)
    assert len(received) == 10_000_004
