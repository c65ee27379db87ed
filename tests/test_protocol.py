"""The wire format, as SPEC section 1 has it."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.contract import protocol


def test_the_words_of_the_protocol():
    assert (protocol.REQUEST, protocol.ACCEPTED, protocol.REFUSED) == ("NICK", "OK", "ERR")
    assert (protocol.DEFAULT_HOST, protocol.DEFAULT_PORT) == ("127.0.0.1", 55555)
    assert (protocol.MAX_LINE, protocol.MAX_NICKNAME) == (4096, 20)
    assert protocol.BANNER == "Server menunggu koneksi..."
    assert protocol.chat_line("user1", "Hello everyone!") == "user1: Hello everyone!"
    joined = protocol.joined_line("192.168.1.100", "user1")
    assert joined == "Client 192.168.1.100 terhubung dengan nickname: user1"


def test_a_line_on_the_wire():
    assert protocol.encode("héllo 😀") == b"h\xc3\xa9llo \xf0\x9f\x98\x80\n"
    assert protocol.decode(b"ani: \xff\xc3") == "ani: \\xff\\xc3"


@pytest.mark.parametrize(
    ("raw", "lines", "rest"),
    [
        (b"", [], b""),
        (b"NI", [], b"NI"),
        (b"NICK\n", [b"NICK"], b""),
        (b"NICK\r\nOK", [b"NICK"], b"OK"),
        (b"a\r\r\n\n\nb\r", [b"a\r", b"", b""], b"b\r"),
    ],
)
def test_lines_are_split_at_line_feeds(raw: bytes, lines: list[bytes], rest: bytes):
    assert protocol.split_lines(raw) == (lines, rest)


# A busy machine may take long over the first input, which says nothing of the test.
@given(st.lists(st.binary(max_size=8)))
def test_a_stream_has_the_same_lines_however_it_was_cut(pieces: list[bytes]):
    found, rest = [], b""
    for piece in pieces:
        lines, rest = protocol.split_lines(rest + piece)
        found += lines
    assert (found, rest) == protocol.split_lines(b"".join(pieces))


@given(st.text(alphabet=st.characters(exclude_characters="\n", exclude_categories=["Cs"])))
def test_what_was_encoded_is_one_line(text: str):
    lines, rest = protocol.split_lines(protocol.encode(text))
    assert rest == b""
    assert [protocol.decode(line) for line in lines] == [text.removesuffix("\r")]


@pytest.mark.parametrize(
    ("line", "is_notice"),
    [("* user1 keluar", True), ("* ", True), ("*user1", False), ("*", False), (" * x", False)],
)
def test_notices_begin_with_a_star_and_a_blank(line: str, is_notice: bool):
    assert protocol.is_notice(line) is is_notice


@pytest.mark.parametrize("name", ["a", "x" * 20, "user1", "Éva", "你好", "a*b", "-", "NICK", "ü_1"])
def test_valid_nicknames(name: str):
    assert protocol.is_valid_nickname(name)


@pytest.mark.parametrize(
    "name",
    [
        *("", "x" * 21, "a b", " a", "a ", "\t", "a\u00a0b", "a\u2003b", "a:b", "*a", "*", "a\x07"),
        *("a\x1b[0m", "a\x7f", "a\x85", "a\x9f", "a\nb", "a\r", "a\x00", "a\x1f"),
    ],
)
def test_invalid_nicknames(name: str):
    assert not protocol.is_valid_nickname(name)


@given(st.text(min_size=1, max_size=25))
def test_a_nickname_is_judged_by_its_characters(name: str):
    strange = any(c.isspace() or c == ":" or unicodedata.category(c) == "Cc" for c in name)
    allowed = not strange and len(name) <= 20 and name[0] != "*"
    assert protocol.is_valid_nickname(name) is allowed


@pytest.mark.parametrize(
    "line",
    [
        "ani: halo",
        "  ani: halo\r",
        "\x1b[1;32mani: halo\x1b[0m",
        "\x1b[32mani\x1b[0m: halo",
        "\x1b]0;judul\x07ani: halo",
        "[12:00:01] ani: halo",
        "[12:00] [INFO] ani: halo",
        "2026-11-23 02:00:01,123 INFO ani: halo",
        "2026-11-23T02:00:01.5Z - ani: halo",
        "INFO:root:ani: halo",
        "info | ani: halo",
        "(log) ani: halo",
        "> ani: halo",
        ">> ani: halo",
        "➜ ani: halo",
        "💬 ani: halo",
        # A name or text of which the program keeps the carriage return.
        "ani\r: halo\r",
        "." * 200 + "ani: halo",
        "2026-11-28 10:00:00,123 - chat - INFO - ani: halo",
        "2026-11-28 10:00:00,123 - server.room - WARNING - ani: halo",
        "10:00:00 Thread-3 (serve) ani: halo",
        "10:00:00 MainThread ani: halo",
        "10:00:00 ThreadPoolExecutor-0_3 INFO ani: halo",
        "[Thread-3] ani: halo",
        "10:00:00 | server | ani: halo",
        "INFO | ruang obrolan | ani: halo",
        "28 Nov 2026 10:00:00 ani: halo",
        "28/Nov/2026 10:00:00 ani: halo",
        "Sabtu, 28 November 2026 10:00 WIB ani: halo",
        "Sat Nov 28 10:00:00 2026 ani: halo",
        "Nov 28 10:00:00 lab7 server[312]: ani: halo",
        "10:00 AM - ani: halo",
        "10:00:00 chat: ani: halo",
        "2026-11-28 10:00:00 INFO server ani: halo",
        "root: ani: halo",
        "server: ani: halo",
        "WARN ani: halo",
        "Pesan masuk => ani: halo",
        "<chat> ani: halo",
        "chat :: ani: halo",
    ],
)
def test_a_console_line_may_be_decorated(line: str):
    assert protocol.is_console_line(line, "ani: halo")


@pytest.mark.parametrize(
    "line",
    [
        "",
        "ani: hal",
        "ani: halo!",
        "ani: halo ani: halo",
        "Ani: halo",
        "ani:halo",
        "pesan dari ani: halo",
        "budi ani: halo",
        "xani: halo",
        "* ani: halo",
        "INFORMASI ani: halo",
        "['ani: halo']",
        "[12:00] pesan dari ani: halo",
        "." * 201 + "ani: halo",
        "budi: ani: halo",
        "ani: ani: halo",
        "[12:00] ani: ani: halo",
        "Pesan dari client: ani: halo",
        "[12:00] Pesan dari client: ani: halo",
        "bukan: ani: halo",
        "senang ani: halo",
        "mari ani: halo",
        "x-ani: halo",
        "12:00 * ani: halo",
        "INFO pesan dari ani: halo",
    ],
)
def test_a_console_line_says_nothing_else(line: str):
    assert not protocol.is_console_line(line, "ani: halo")


def test_a_wanted_line_may_itself_look_like_a_decoration():
    for wanted in ("[x] y", "12 3", "INFO: x", "- a"):
        assert protocol.is_console_line(wanted, wanted)
        assert protocol.is_console_line(f"[12:00] {wanted}", wanted)


def test_an_endless_decoration_is_no_work():
    """A line of a megabyte costs as much as its length, not the square of it."""
    began = time.process_time()
    assert not protocol.is_console_line("." * 1_000_000 + "ani: halo", "ani: halo")
    assert time.process_time() - began < 5
