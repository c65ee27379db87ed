"""A server's answers, read leniently; and to the letter where that is what is judged."""

import pytest

from harness.contract import replies
from harness.contract.replies import Answer


@pytest.mark.parametrize(
    "raw",
    [
        b"NICK\n",
        b"NICK\r\n",
        b"NICK",
        b"nick\n",
        b"NICKNAME?\n",
        b"* selamat datang\nNICK\n",
        b"Selamat datang!\nNICK",
        b"\n\nNICK\n",
    ],
)
def test_a_request_in_another_form_is_a_request(raw: bytes):
    assert replies.is_request(raw)


@pytest.mark.parametrize("raw", [b"", b"\n", b"NI", b"* NICK\n", b"Masukkan nama: ", b"OK\n"])
def test_other_text_is_no_request(raw: bytes):
    assert not replies.is_request(raw)


@pytest.mark.parametrize(
    ("raw", "meant"),
    [
        (b"", None),
        (b"\r\n", None),
        (b"* ani bergabung\n", None),
        (b"OK\n", Answer.ACCEPTED),
        (b"OK", Answer.ACCEPTED),
        (b"OK selamat datang\n", Answer.ACCEPTED),
        (b"* ani bergabung\nOK\n", Answer.ACCEPTED),
        (b"halo!\nOK\n", Answer.ACCEPTED),
        (b"ERR dipakai\nNICK\n", Answer.REFUSED),
        (b"ERR", Answer.REFUSED),
        (b"NICK\n", Answer.REFUSED),
        (b"\xff\n", Answer.OTHER),
        (b"selamat datang\n", Answer.OTHER),
    ],
)
def test_what_an_answer_means(raw: bytes, meant: Answer | None):
    assert replies.answer(raw) is meant


@pytest.mark.parametrize(
    ("raw", "asked"),
    [
        (b"ERR x\nNICK\n", True),
        (b"ERR x\nNICK", True),
        (b"ERR x\r\nNICK\r\n", True),
        (b"ERR x\n", False),
        (b"ERR x\nNICK\nani: halo\n", False),
        (b"ERR x\nNICK\n* coba nama lain\n", True),
        (b"NICK\n* selamat datang\n", True),
        (b"ERR x\n* coba nama lain\n", False),
        (b"ERR isi NICK\n", False),
        (b"ERR isi NICK\nNICK\n", True),
        (b"ERR xNICK\n", True),
        # The reason was the name that it refused.
        (b"ERR NICKNICK", True),
    ],
)
def test_asked_again(raw: bytes, asked: bool):
    assert replies.asks_again(raw) is asked


@pytest.mark.parametrize(
    ("raw", "rest"),
    [
        (b"NICK\nOK\nani: halo\n", b"OK\nani: halo\n"),
        (b"NICK\r\nOK\n", b"OK\n"),
        (b"NICK\n", b""),
        (b"NICK", b""),
        # What came so far may still become the request.
        (b"NI", b""),
        (b"NICK\r", b""),
        (b"", b""),
        (b"OK\n", b"OK\n"),
        (b"OK", b"OK"),
        (b"NI\nOK\n", b"NI\nOK\n"),
        (b"\nNICK\n", b"\nNICK\n"),
        (b"NICKNAME?", b"NICKNAME?"),
    ],
)
def test_a_request_is_taken_away_from_the_beginning_only(raw: bytes, rest: bytes):
    assert replies.without_request(raw) == rest


@pytest.mark.parametrize(
    ("raw", "is_exact"),
    [
        (b"NICK\n", True),
        (b"NICK\r\n", True),
        (b"* halo\nNICK\n", True),
        (b"NICK\nmore", True),
        (b"NICK", False),
        (b" NICK\n", False),
        (b"nick\n", False),
        (b"halo\nNICK\n", False),
        (b"\nNICK\n", False),
        (b"NICKOK\n", False),
    ],
)
def test_the_request_to_the_letter(raw: bytes, is_exact: bool):
    assert replies.exact_request(raw) is is_exact


@pytest.mark.parametrize(
    ("raw", "is_exact"),
    [
        (b"OK\n", True),
        (b"* hai\nOK\r\n", True),
        (b"OK\nbudi: halo\n", True),
        (b"OK", False),
        (b"OK \n", False),
        (b"ok\n", False),
        (b"\nOK\n", False),
    ],
)
def test_the_acceptance_to_the_letter(raw: bytes, is_exact: bool):
    assert replies.exact_acceptance(raw) is is_exact


@pytest.mark.parametrize(
    ("raw", "is_exact"),
    [
        (b"ERR dipakai\nNICK\n", True),
        (b"ERR\nNICK\n", True),
        (b"* x\nERR dipakai\r\n* y\nNICK\r\n", True),
        (b"ERR dipakai\nNICK", False),
        (b"ERR dipakai\n", False),
        (b"ERRdipakai\nNICK\n", False),
        (b"NICK\n", False),
        (b"ERR a\nb\nNICK\n", False),
        (b"ERR a\nNICK\nN", False),
    ],
)
def test_the_refusal_to_the_letter(raw: bytes, is_exact: bool):
    assert replies.exact_refusal(raw) is is_exact


@pytest.mark.parametrize(
    ("raw", "is_exact"),
    [
        (b"ERR dipakai\nNICK\n", True),
        (b"ERR dipakai\nNICK", True),
        (b"ERR dipakai\n", False),
        (b"ERR dipakai\nNI", False),
        (b"ERR dipakai\nNICK\nN", False),
        (b"ERR dipakaiNICK", False),
    ],
)
def test_the_refusal_of_a_server_whose_request_is_known_to_lack_its_end(raw: bytes, is_exact: bool):
    assert replies.exact_refusal(raw, frames_request=False) is is_exact


def test_the_lines_that_mean_something():
    raw = b"halo\r\n\r\n* ani keluar\r\nNICK\r\nO"
    assert replies.meant_lines(raw) == ["halo", "NICK", "O"]


def test_the_chat_is_every_line_that_is_no_notice_an_unfinished_one_too():
    raw = b"ani: halo\r\n* budi keluar\n\nani: \xff\nani: ha"
    assert replies.chat(raw) == [
        ("ani: halo", 0, True, "ani: halo\r"),
        ("", 25, True, ""),
        ("ani: \\xff", 26, True, "ani: \\xff"),
        ("ani: ha", 33, False, "ani: ha"),
    ]


def test_the_chat_begins_behind_a_line_end_that_is_still_due():
    halo = ("ani: halo", 4, True, "ani: halo")
    assert replies.chat(b"OK\r\nani: halo\n", 2) == [halo]
    assert replies.chat(b"OK\n\nani: halo\n", 3) == [("", 3, True, ""), halo]


@pytest.mark.parametrize(
    ("line", "is_empty"),
    [
        ("", True),
        ("ani: ", True),
        ("ani:", True),
        ("[ani] ", True),
        ("<budi>  ", True),
        ("ani: halo", False),
        ("joko: ", False),
        ("ani: X", False),
        ("0", False),
        ("ani: ani", False),
    ],
)
def test_an_empty_message(line: str, is_empty: bool):
    assert replies.is_empty_chat(line, ["ani", "budi"]) is is_empty
