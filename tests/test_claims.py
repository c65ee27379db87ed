"""What a simulated client claims to have seen, or not to have seen."""

from collections.abc import Callable

import pytest

from harness.actors import claims
from harness.actors.simulated_client import Client
from harness.contract.message import Message
from harness.contract.symptoms import Failure, Symptom
from harness.record.journal import What
from tests.meeting import SHORT, Meets, failure, noted, settled
from tests.watching import LONG


@pytest.mark.parametrize(
    "said", [b"budi: halo 1\n", b"[budi] halo 1!!", b"halo 1\r\n", b"xhalo 1x"]
)
def test_a_message_is_seen_in_any_form(joined: Meets, said: bytes):
    client, _, stage = joined(said)
    client.sees(Message("budi", "halo 1"))
    assert "broadcast.delivers" in stage.setting.known_facts.demonstrated


def test_a_message_that_does_not_come_is_marked_as_missing(joined: Meets):
    client, _, stage = joined(b"budi: hai\nbu", patience=SHORT)
    found = failure(client.sees, Message("budi", "halo"))
    facts = {"line": "budi: halo", "seen": "bu", "seconds": 0.2}
    assert found == Failure("ani", Symptom.NOTHING_CAME, facts, by_clock=True)
    assert "broadcast.delivers" not in stage.setting.known_facts.demonstrated
    assert noted(stage, What.MISSING) == ["budi: halo"]
    assert noted(stage, What.SEE)[-2:] == ["budi: hai", "bu (…)"]


def test_a_message_of_a_server_that_hung_up_is_not_waited_for(joined: Meets):
    client, peer, _ = joined(b"budi: hai\n")
    peer.close()
    found = failure(client.sees, Message("budi", "hai"), Message("budi", "halo"))
    assert (found.symptom, found.by_clock) == (Symptom.HUNG_UP, False)
    assert (found.facts["line"], found.facts["seen"]) == ("budi: halo", "budi: hai")


@pytest.mark.parametrize(
    ("step", "symptom"),
    [
        (Client.got_no_echo_of, Symptom.ECHO),
        (Client.never_saw, Symptom.UNWANTED_LINE),
        (Client.never_saw_half, Symptom.HALF_LINE),
        (Client.never_saw_chat, Symptom.NOT_IN_ROOM),
    ],
)
def test_a_message_that_should_not_have_come_is_found(
    joined: Meets, step: Callable, symptom: Symptom
):
    client, _, stage = joined(b"budi: halo\nbudi: pagar\n")
    settled(client, b"pagar")
    step(client, Message("budi", "hai"))
    found = failure(step, client, Message("budi", "halo"))
    facts = {"line": "budi: halo", "seen": "budi: halo", "name": "ani"}
    assert found == Failure("ani", symptom, facts)
    assert noted(stage, What.UNWANTED) == ["budi: halo"]


def test_what_should_not_have_come_is_told_though_its_line_has_no_end(joined: Meets):
    client, _, stage = joined(b"ani: ha")
    settled(client, b"ani: ha")
    found = failure(client.got_no_echo_of, Message("ani", "ha"))
    assert found.facts["seen"] == "ani: ha"
    assert noted(stage, What.UNWANTED) == ["ani: ha (…)"]


def test_a_notice_may_hold_what_is_no_chat_line(joined: Meets):
    client, _, _ = joined(b"* halo bergabung\n")
    settled(client, b"bergabung\n")
    client.never_saw_chat(Message("budi", "halo"))


def test_a_line_that_names_another_speaker_is_found(joined: Meets):
    client, _, stage = joined(b"budi: halo\ncitra: hai\n")
    stage.said["halo"] = "budi"
    client.sees_from(Message("budi", "halo"))
    facts = {"line": "dewi: hai", "seen": "citra: hai"}
    found = failure(client.sees_from, Message("budi", "halo"), Message("dewi", "hai"))
    assert found == Failure("ani", Symptom.OTHER_LINE, facts)


WHOLE = (Message("budi", "selamat pagi"), Message("budi", "sore tapi lapor"))


@pytest.mark.parametrize(
    "came",
    [
        b"budi: selamat pagi\n* budi: pa\ncitra: pagi buta\n",
        b"budi: \nselamat pagi\n",
        b"pagi: selamat pagi\n",
        b"budi: Xsore\n",
    ],
)
def test_other_lines_are_no_piece_of_a_message(joined: Meets, came: bytes):
    client, _, _ = joined(came)
    settled(client, came)
    client.has_seen_no_piece_of(*WHOLE)


@pytest.mark.parametrize(
    ("came", "piece", "line"),
    [
        (b"budi: selamat\nbudi:  pagi\n", "budi: selamat", "budi: selamat pagi"),
        (b"budi: selamat pagi\nsore", "sore", "budi: sore tapi lapor"),
        (b"budi: selamat pagi\n\nbudi: por\n", "budi: por", "budi: sore tapi lapor"),
    ],
)
def test_a_line_that_holds_a_piece_of_a_message_is_found(
    joined: Meets, came: bytes, piece: str, line: str
):
    client, _, _ = joined(came)
    settled(client, came)
    found = failure(client.has_seen_no_piece_of, *WHOLE)
    assert found == Failure("ani", Symptom.OTHER_LINE, {"line": line, "seen": piece})


def test_two_messages_on_a_line_are_told_as_mixed(joined: Meets):
    said = {"budi": [Message("budi", "halo semua")], "dewi": [Message("dewi", "apa kabar")]}
    came = b"budi: halo semuadewi: apa kabar\n\n"
    client, _, _ = joined(came)
    settled(client, came)
    found = failure(client.sees_each_in_order, said)
    seen = "budi: halo semuadewi: apa kabar"
    assert found == Failure("ani", Symptom.LINES_MIXED, {"seen": seen})


def test_a_line_that_nobody_said_and_that_is_no_notice_is_found(joined: Meets):
    client, peer, stage = joined()
    stage.said["halo"] = "budi"
    stage.halves["belum selesai"] = "budi"
    stage.refused |= {"", "a b"}
    known = b"* notis\n\nbudi: halo\nhalo\nbudi: belum selesai\nbudi:\nbudi: al\nbudi: \\xff\n"
    known += "budi: \xff\xfe\ntamu: a b\n".encode()
    peer.sendall(known)
    settled(client, known)
    client.has_seen_no_stray_line(["budi"])
    peer.sendall(b"None keluar\n")
    settled(client, b"None keluar\n")
    found = failure(client.has_seen_no_stray_line, ["budi"])
    assert found == Failure("ani", Symptom.STRAY_LINE, {"seen": "None keluar"})
    assert noted(stage, What.UNWANTED) == ["None keluar"]


def test_a_program_that_names_nobody_is_judged_elsewhere(joined: Meets):
    client, _, stage = joined(b"halo\nhai\n")
    stage.said |= {"halo": "budi", "hai": "dewi"}
    client.sees_from(Message("budi", "halo"), Message("dewi", "hai"))


def test_lines_to_the_letter_are_exact(joined: Meets):
    client, _, _ = joined(b"* budi bergabung\nbudi: halo\n* x\ncitra: hai\r\n")
    client.has_seen_exactly(Message("budi", "halo"), Message("citra", "hai"))


@pytest.mark.parametrize(
    ("came", "symptom", "seen"),
    [
        (b"budi:halo\n", Symptom.OTHER_LINE, "budi:halo"),
        (b"budi: halo \n", Symptom.OTHER_LINE, "budi: halo "),
        (b"budi: budi: halo\n", Symptom.OTHER_LINE, "budi: budi: halo"),
        (b"budi: halo\nbudi:halo", Symptom.OTHER_LINE, "budi:halo"),
        (b"budi bergabung\nbudi: halo\n", Symptom.STRAY_LINE, "budi bergabung"),
        (b"budi: halo\nbudi keluar\n", Symptom.STRAY_LINE, "budi keluar"),
        (b"budi: halo\nbudi keluar", Symptom.STRAY_LINE, "budi keluar"),
        (b"\nbudi: halo\n", Symptom.STRAY_LINE, ""),
    ],
)
def test_lines_in_another_form_are_not_exact(
    joined: Meets, came: bytes, symptom: Symptom, seen: str
):
    client, _, stage = joined(came, patience=SHORT)
    settled(client, came)
    facts = (
        {"seen": seen} if symptom is Symptom.STRAY_LINE else {"line": "budi: halo", "seen": seen}
    )
    found = failure(client.has_seen_exactly, Message("budi", "halo"))
    assert found == Failure("ani", symptom, facts)
    is_whole = came.endswith(b"\n")
    assert noted(stage, What.UNWANTED) == [seen if is_whole else seen + " (…)"]


@pytest.mark.parametrize("came", [b"OK\nbudi: OK\n", b"budi: OK\nOK\n"])
def test_a_reply_that_came_twice_is_no_form_of_a_message_with_the_same_text(
    joined: Meets, came: bytes
):
    client, _, _ = joined(came, patience=SHORT)
    settled(client, came)
    found = failure(client.has_seen_exactly, Message("budi", "OK"))
    assert (found.symptom, found.facts) == (Symptom.STRAY_LINE, {"seen": "OK"})


@pytest.mark.parametrize(
    ("came", "symptom", "rest"),
    [
        (b"budi: halo", Symptom.CHAT_UNFRAMED, "budi: halo"),
        (b"", Symptom.OTHER_LINE, ""),
        (b"budi: hal", Symptom.OTHER_LINE, "budi: hal"),
    ],
)
def test_a_line_without_its_end_is_missing(joined: Meets, came: bytes, symptom: Symptom, rest: str):
    client, _, stage = joined(came, patience=SHORT)
    settled(client, came)
    found = failure(client.has_seen_exactly, Message("budi", "halo"))
    facts = {"line": "budi: halo", "seen": rest}
    assert found == Failure("ani", symptom, facts, by_clock=True)
    assert noted(stage, What.MISSING) == ["budi: halo"]
    assert stage.setting.known_facts.frames_chat is (symptom is Symptom.OTHER_LINE)


@pytest.mark.parametrize("rest", ["", "bu", "budi: halo", "*", "* budi per"])
def test_an_unfinished_line_that_may_become_a_right_one_is_not_judged(joined: Meets, rest: str):
    came = b"budi: halo\n" + rest.encode()
    client, _, _ = joined(came)
    settled(client, came)
    client.has_seen_exactly(Message("budi", "halo"))


def test_a_message_that_has_its_speakers_name_already_must_get_it_once_more(joined: Meets):
    said = Message("budi", "budi: halo")
    client, _, _ = joined(b"budi: budi: halo\n")
    settled(client, b"halo\n")
    client.has_seen_exactly(said)
    client, _, stage = joined(b"budi: halo\n")
    settled(client, b"halo\n")
    facts = {"line": said.line, "seen": "budi: halo", "name": "budi", "said": "budi: halo"}
    found = failure(client.has_seen_exactly, said)
    assert found == Failure("ani", Symptom.NAME_NOT_ADDED, facts)
    assert noted(stage, What.UNWANTED) == ["budi: halo"]


def test_a_message_without_any_name_is_one_of_another_form(joined: Meets):
    client, _, _ = joined(b"citra: halo\n")
    settled(client, b"halo\n")
    found = failure(client.has_seen_exactly, Message("budi", "citra: halo"))
    assert found.symptom is Symptom.OTHER_LINE


def test_another_form_of_a_line_is_of_the_one_that_it_holds_most_of(joined: Meets):
    client, _, _ = joined(b"budi:halo juga\n")
    settled(client, b"juga\n")
    found = failure(client.has_seen_exactly, Message("budi", "halo"), Message("budi", "halo juga"))
    assert found.facts["line"] == "budi: halo juga"


@pytest.mark.parametrize(
    ("said", "is_empty"),
    [
        (b"budi: \n", True),
        (b"halo\nbudi: \nhalo\n", True),
        (b"* budi:\nbudi: 0\n", False),
        # A name torn from its text is another check's matter.
        (b"budi\n: x\n", False),
        (b"budi: \nx\n", False),
        (b"budi\n joined the chat!\n", False),
    ],
)
def test_an_empty_message_is_found(joined: Meets, said: bytes, is_empty: bool):
    client, _, stage = joined(said)
    settled(client, said)
    stage.said["x"] = "budi"
    if is_empty:
        found = failure(client.has_seen_no_empty_line)
        assert found == Failure("ani", Symptom.EMPTY_SENT, {"seen": "budi: "})
        assert noted(stage, What.UNWANTED) == ["budi: "]
    else:
        client.has_seen_no_empty_line()


@pytest.mark.parametrize("said", [b"\r\n", b"\n"])
def test_a_line_with_nothing_but_its_end_is_an_empty_message(joined: Meets, said: bytes):
    client, _, stage = joined(said + b"x\n")
    settled(client, said)
    stage.said["x"] = "citra"
    assert failure(lambda: client.has_seen_no_empty_line(["budi"])).symptom is Symptom.EMPTY_SENT


@pytest.mark.parametrize(
    ("said", "count"), [(b"", 0), (b"a: b\n", 1), (b"* x\na: b\n* y\nc: d\ne", 2)]
)
def test_chat_lines_are_counted_as_they_come(joined: Meets, said: bytes, count: int):
    client, _, _ = joined(said)
    settled(client, said)
    assert client.chat_count() == len(client.chat_since_joining()[0]) == count


@pytest.mark.parametrize("late", [b"\n", b"\r\n"])
@pytest.mark.parametrize(("said", "count"), [(b"", 0), (b"a: b\n", 1), (b"* x\na: b\n", 1)])
def test_the_end_of_the_acceptance_is_no_chat_line(
    meets: Meets, late: bytes, said: bytes, count: int
):
    client, peer, _ = meets(b"NICK\n")
    client.is_asked()
    client.answers()
    peer.sendall(b"OK")
    client.is_accepted()
    peer.sendall(late + said)
    settled(client, b"OK" + late + said)
    assert client.chat_count() == len(client.chat_since_joining()[0]) == count


@pytest.mark.parametrize("said", [b"", b"* x\n"])
def test_notices_leave_it_alone(joined: Meets, said: bytes):
    client, _, _ = joined(said)
    settled(client, said)
    client.was_left_alone()


def test_what_came_before_it_took_note_does_not_matter(joined: Meets):
    client, peer, _ = joined(b"budi: halo\n")
    settled(client, b"halo\n")
    since = client.takes_note()
    client.was_left_alone(since)
    peer.sendall(b"bu")
    settled(client, b"halo\nbu")
    facts = {"seen": "bu", "line": "", "name": "ani"}
    assert failure(client.was_left_alone, since) == Failure("ani", Symptom.UNWANTED_LINE, facts)
    assert failure(client.was_left_alone).facts["seen"] == "budi: halo"


def test_any_other_line_or_the_end_does_not_leave_it_alone(joined: Meets):
    client, peer, stage = joined(b"NICK\n")
    settled(client, b"OK\nNICK\n")
    assert failure(client.was_left_alone).symptom is Symptom.UNWANTED_LINE
    peer.close()
    assert stage.wait_until(lambda: client.is_closed, LONG)
    assert failure(client.was_left_alone).symptom is Symptom.HUNG_UP


SAID = {b"ani: a": ("ani", 0), b"ani: b": ("ani", 1), b"budi: c": ("budi", 0)}


@pytest.mark.parametrize(
    ("chat", "is_so"),
    [
        (b"ani: a\nbudi: c\nani: b\n", True),
        (b"ani: a\n* citra has come\nani: b\nbudi: c\n", True),
        (b"ani: b\nani: a\nbudi: c\n", False),  # in another order
        (b"ani: a\nani: b\n", False),  # one is missing
        (b"ani: a\nani: b\nbudi: c\nbudi: c\n", False),  # one came twice
        (b"ani: a\nani: b\nbudi: c\nx\n", False),  # and another line
        (b"ani: a\nani: b\nbudi: c\nx", False),  # and the beginning of one
        (b"ani: a\r\nani: b\nbudi: c\n", False),  # not to the letter
        (b"ani: a\nani: b\nbudi: c", False),  # the last is not whole
    ],
)
def test_a_reader_in_a_crowd_has_all_lines_in_turn(chat: bytes, is_so: bool):
    assert claims.all_in_turn(SAID, chat, "citra") is is_so


def test_a_speaker_must_not_have_its_own():
    assert claims.all_in_turn(SAID, b"budi: c\n", "ani")
    assert not claims.all_in_turn(SAID, b"ani: a\nani: b\nbudi: c\n", "ani")
