"""What a person has seen: the stream read as text, and the screen drawn."""

import pytest

from harness.program import display
from harness.program.display import Display, plain, squeezed


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"halo\n", "halo\n"),
        (b"halo\r\n", "halo\n"),
        (b"halo\r\r\n", "halo\n"),
        (b"\x1b[32mani\x1b[0m: halo", "ani: halo"),
        (b"\x1b[38:5:1mani\x1b[m", "ani"),
        (b">> \r\x1b[Kani: halo", ">> \n\nani: halo"),
        (b"ani\x1b[2Chalo", "ani\nhalo"),
        (b"abc\b\b\bxyz", "abc\n\n\nxyz"),
        (b"\x1b]0;judul\x07>> ", "\n>> "),
        (b"\x1b(B>> ", "\n>> "),
        ("é你😀".encode(), "é你😀"),
        ("é".encode()[:1], "\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_the_stream_as_text(raw: bytes, text: str):
    assert plain(raw) == text


def test_two_pieces_with_a_move_between_are_never_one():
    assert "ani: halo" not in plain(b"ani: ha\r\x1b[K>> \r\x1b[Klo\n")


def test_squeezed_has_no_blanks_and_no_prompts():
    assert squeezed(">> ani: halo\n >> ", ">>") == "ani:halo"


def test_the_text_grows_with_the_stream_however_it_is_cut():
    raw = "Masukkan username: ani\r\n>> \r\x1b[K\x1b[1mbudi\x1b[0m: 你好\r\n>> ".encode()
    whole = Display()
    whole.feed(raw)
    cut = Display()
    for byte in raw:
        cut.feed(bytes([byte]))
        assert isinstance(cut.text, str)
    assert cut.text == whole.text == plain(raw)


def test_only_what_came_after_a_mark_is_shown_since_it():
    screen = Display()
    screen.feed(b"lama\n")
    mark = len(screen.raw)
    screen.feed(b"baru\n")
    assert screen.since(mark) == "baru\n"


def test_a_flood_is_not_kept_without_end():
    screen = Display()
    for _ in range(5):
        screen.feed(b"x" * (display.MOST_KEPT // 2))
    assert len(screen.raw) <= display.MOST_KEPT


@pytest.mark.skipif(not display.CAN_DRAW, reason="needs pyte")
class TestPicture:
    def test_the_sample_of_the_course_text(self):
        screen = Display()
        screen.feed(b"Masukkan username: user1\r\n>> Hello everyone!\r\n>> ")
        screen.feed(b"\r\x1b[Kuser2: Hi there!\r\n>> ")
        picture = screen.picture()
        assert picture.rows == (
            "Masukkan username: user1",
            ">> Hello everyone!",
            "user2: Hi there!",
            ">>",
        )
        assert picture.column == 3
        assert picture.before_cursor == ">> "
        assert picture.text.endswith("Hi there!\n>> ")

    def test_a_missing_blank_shows(self):
        screen = Display()
        screen.feed(b">>")
        assert screen.picture().text == ">>"

    def test_spaces_over_a_row_erase_it(self):
        screen = Display()
        screen.feed(b">> panjang\r" + b" " * 20 + b"\rani: a\r\n")
        assert screen.picture().rows == ("ani: a", "")

    def test_each_byte_is_drawn_once_however_often_one_looks(self):
        screen = Display()
        screen.feed(b">> ha")
        assert screen.picture() == screen.picture()
        screen.feed(b"lo")
        assert screen.picture().rows == (">> halo",)

    def test_no_cursor_no_rest(self):
        screen = Display()
        screen.feed(b">> panjang\rani: a")
        assert screen.picture().rows == ("ani: ajang",)
        assert screen.picture().before_cursor == "ani: a"


def test_two_screens_are_shown_from_the_row_in_which_they_differ():
    assert display.from_the_difference("a\nb\nc", "a\nb\nd") == ("…\nb\nc", "…\nb\nd")
    assert display.from_the_difference("a\nb\nc\nd", "a\nb\nc") == ("…\nb\nc\nd", "…\nb\nc")
    assert display.from_the_difference("a\nb", "a\nc") == ("a\nb", "a\nc")
    assert display.from_the_difference("a", "") == ("a", "")
