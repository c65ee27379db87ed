"""A simulated client is asked for a nickname, answers and is accepted."""

import threading

import pytest

from harness.actors import handshake as module
from harness.actors.patience import Patience
from harness.contract.replies import Answer
from harness.contract.symptoms import Failure, StoryFailed, Symptom
from harness.record.journal import What
from tests.meeting import SHORT, Meets, failure, noted, reading, settled
from tests.watching import LONG, read_is_seen


@pytest.mark.parametrize("said", [b"NICK\n", b"NICK\r\n", b"NICK", b"* hai\nNICK\n"])
def test_it_is_asked(meets: Meets, said: bytes):
    client, _, stage = meets(said)
    client.is_asked()
    assert stage.setting.known_facts.demonstrated == {"nickname.request"}
    assert not stage.setting.known_facts.asks_otherwise


def test_it_is_asked_in_other_words_and_knows_it_from_then_on(
    meets: Meets, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "GRACE", 0.05)
    client, _, stage = meets(b"Siapa namamu? ", patience=Patience(step=LONG))
    client.is_asked()
    assert stage.setting.known_facts.asks_otherwise
    assert "nickname.request" in stage.setting.known_facts.demonstrated
    monkeypatch.setattr(module, "GRACE", LONG)
    other, _, _ = meets(b"Siapa namamu? ", stage=stage)
    other.is_asked()


def test_a_welcome_before_the_request_is_waited_out(meets: Meets):
    client, peer, stage = meets(b"Selamat datang\n")
    later = threading.Timer(0.02, peer.sendall, [b"NICK\n"])
    later.start()
    client.is_asked()
    later.join()
    assert not stage.setting.known_facts.asks_otherwise


def test_a_program_that_never_asks_is_told_as_that(meets: Meets):
    client, _, _ = meets(patience=SHORT)
    facts = {"line": "NICK", "seconds": 0.2}
    assert failure(client.is_asked) == Failure("ani", Symptom.NO_REQUEST, facts, by_clock=True)


def test_a_program_that_is_known_not_to_ask_is_not_waited_for(meets: Meets):
    client, peer, stage = meets()
    stage.setting.known_facts.asks = False
    client.is_asked()
    client.answers()
    assert peer.recv(100) == b"ani\n"


def test_a_server_that_hangs_up_before_it_asks_is_told_as_one_that_hung_up(meets: Meets):
    client, peer, _ = meets(b"pergi!\n")
    peer.close()
    assert client._stage.wait_until(lambda: client.is_closed, LONG)
    client.raw.clear()
    assert failure(client.is_asked).symptom is Symptom.HUNG_UP


@pytest.mark.parametrize(
    ("said", "symptom"),
    [
        (b"NICK", Symptom.REQUEST_UNFRAMED),
        (b"NICKOK\n", Symptom.REQUEST_UNFRAMED),
        (b"NICK* hai\n", Symptom.REQUEST_UNFRAMED),
        (b"NICKNAME?\n", Symptom.OTHER_REQUEST),
        (b"nick\n", Symptom.OTHER_REQUEST),
        (b"Halo\nNICK\n", Symptom.OTHER_REQUEST),
    ],
)
def test_a_request_in_another_form_is_not_exact(meets: Meets, said: bytes, symptom: Symptom):
    client, _, stage = meets(said, patience=SHORT)
    facts = {"line": "NICK", "seen": said.decode()}
    assert failure(client.is_asked_exactly) == Failure("ani", symptom, facts)
    is_framed = symptom is not Symptom.REQUEST_UNFRAMED
    assert stage.setting.known_facts.frames_request is is_framed


def test_asked_to_the_letter_though_the_line_feed_is_late(meets: Meets):
    client, peer, _ = meets(b"NICK", patience=Patience(step=LONG))
    # Only what follows proves that there is no line feed: so it answers, and looks again.
    answered = threading.Thread(target=lambda: peer.recv(100) and peer.sendall(b"\n"))
    answered.start()
    client.is_asked_exactly()
    answered.join()
    assert client.handshake.reply == b""


def test_a_program_that_lets_in_who_speaks_first(meets: Meets):
    client, peer, stage = meets(patience=SHORT)
    answered = threading.Thread(target=lambda: peer.recv(100) and peer.sendall(b"OK\n"))
    answered.start()
    assert failure(client.is_asked_exactly).symptom is Symptom.NO_REQUEST
    answered.join()
    assert stage.setting.known_facts.asks is False
    # It is seen to work, if in its own way.
    assert stage.setting.known_facts.demonstrated == {"nickname.request", "nickname.accept"}


def test_what_does_not_ask_and_does_not_answer_is_not_known_to_do_without(meets: Meets):
    client, peer, stage = meets(patience=SHORT)
    assert failure(client.is_asked_exactly).symptom is Symptom.NO_REQUEST
    assert peer.recv(100) == b"ani\n"
    assert stage.setting.known_facts.asks
    assert stage.setting.known_facts.demonstrated == set()


def test_it_is_accepted(meets: Meets):
    client, peer, stage = meets(b"NICK\n")
    client.is_asked()
    assert not client.is_joined
    client.answers()
    said = stage.journal.events[-1]
    assert (said.who, said.to, said.what, said.text) == ("ani", "server.py", What.SAY, "ani")
    peer.sendall(b"OK\n")
    client.is_accepted()
    assert client.is_joined
    assert "nickname.accept" in stage.setting.known_facts.demonstrated


@pytest.mark.parametrize("late", [b"", b"\n", b"\r\n"])
def test_the_reply_is_what_came_after_the_answer(meets: Meets, late: bytes):
    """A request without its line feed may be ended by what follows; that is no reply."""
    client, peer, _ = meets(b"NICK")
    client.is_asked()
    client.answers()
    peer.sendall(late + b"OK\n")
    assert client.gets_answer() is Answer.ACCEPTED
    assert client.handshake.reply == b"OK\n"
    client.was_accepted_exactly()


def test_the_chat_begins_behind_the_acceptance(meets: Meets):
    client, peer, _ = meets(b"NICK\n")
    client.is_asked()
    client.answers()
    peer.sendall(b"\n* ani bergabung\n* hai\nOK\n* budi pergi\nbudi: halo\nbu")
    client.is_accepted()
    settled(client, b"\nbu")
    assert client.chat_since_joining() == (["budi: halo"], "bu")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (
            b"ERR dipakai\nNICK\n",
            Failure("ani", Symptom.VALID_REFUSED, {"name": "ani", "seen": "ERR dipakai\nNICK\n"}),
        ),
        (b"", Failure("ani", Symptom.NO_REPLY, {"line": "OK", "seconds": 0.2}, by_clock=True)),
    ],
)
def test_a_name_that_is_not_accepted_is_told(meets: Meets, said: bytes, expected: Failure):
    client, peer, _ = meets(b"NICK\n", patience=SHORT)
    client.is_asked()
    client.answers()
    peer.sendall(said)
    assert failure(client.is_accepted) == expected
    assert not client.is_joined


def test_a_name_refused_for_another_in_other_case_is_told_as_that(meets: Meets):
    client, peer, stage = meets(b"NICK\n")
    stage.joined |= {"Ani", "budi"}
    client.is_asked()
    client.answers()
    peer.sendall(b"ERR dipakai\nNICK\n")
    facts = {"name": "ani", "twin": "Ani", "seen": "ERR dipakai\nNICK\n"}
    assert failure(client.is_accepted) == Failure("ani", Symptom.TWIN_REFUSED, facts)


@pytest.mark.parametrize("joined", [set(), {"budi"}])
def test_an_unusual_name_is_told_as_that_once_an_ordinary_one_is_in(meets: Meets, joined: set[str]):
    client, peer, stage = meets(b"NICK\n", name="a-b")
    stage.joined |= joined
    client.is_asked()
    client.answers()
    peer.sendall(b"ERR tidak sah\nNICK\n")
    with pytest.raises(StoryFailed) as failed:
        client.is_accepted()
    found = failed.value.failure
    assert found.symptom is (Symptom.ODD_REFUSED if joined else Symptom.VALID_REFUSED)
    assert ("odd" in found.facts) is bool(joined)


def test_it_is_hung_up_on_instead_of_accepted(meets: Meets):
    client, peer, _ = meets(b"NICK\n")
    client.is_asked()
    client.answers()
    peer.recv(100)
    peer.close()
    assert failure(client.is_accepted).symptom is Symptom.HUNG_UP


def test_it_is_accepted_in_other_words(meets: Meets, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "GRACE", 0.05)
    client, peer, stage = meets(b"NICK\n", patience=Patience(step=LONG))
    client.is_asked()
    client.answers()
    peer.sendall(b"Halo ani!\n")
    client.is_accepted()
    assert stage.setting.known_facts.accepts_otherwise
    assert "nickname.accept" in stage.setting.known_facts.demonstrated
    # From then on nobody waits for better ones.
    monkeypatch.setattr(module, "GRACE", LONG)
    other, peer, _ = meets(b"NICK\n", name="budi", stage=stage)
    other.is_asked()
    other.answers()
    peer.sendall(b"Halo budi!\n")
    other.is_accepted()


def test_a_welcome_before_the_acceptance_is_waited_out(meets: Meets):
    client, peer, stage = meets(b"NICK\n")
    client.is_asked()
    client.answers()
    peer.sendall(b"Halo ani!\n")
    later = threading.Timer(0.02, peer.sendall, [b"OK\n"])
    later.start()
    client.is_accepted()
    later.join()
    assert not stage.setting.known_facts.accepts_otherwise


@read_is_seen
def test_it_is_accepted_in_its_own_name_in_several_segments(meets: Meets):
    client, peer, stage = meets(b"NICK\n")
    client.is_asked()
    with reading(peer, b"\n") as segments:
        client.answers_in_pieces(1, 2)
    assert segments == [b"a", b"n", b"i\n"]
    assert noted(stage, What.PIECE) == ["a", "n", "i\n"]
    assert noted(stage, What.SAY) == []


def test_one_that_is_in_already_does_not_answer_again(meets: Meets):
    client, peer, _ = meets(b"NICK\n")
    client.is_asked()
    client.answers("budi")
    peer.sendall(b"OK\n")
    assert client.gets_answer() is Answer.ACCEPTED
    client.joins_after_all()
    client.leaves()
    assert peer.recv(100) == b"budi\n"
    assert peer.recv(100) == b""


def test_one_that_is_not_in_yet_answers_properly(meets: Meets):
    client, peer, _ = meets(b"NICK\n")
    client.is_asked()
    client.answers("budi")
    assert peer.recv(100) == b"budi\n"
    peer.sendall(b"ERR dipakai\nNICK\n")
    assert client.gets_answer() is Answer.REFUSED
    # It is here before the answer goes out, but read only after it: as if it were the reply.
    peer.sendall(b"OK\n")
    client.joins_after_all()
    assert peer.recv(100) == b"ani\n"
    assert client.is_joined


@pytest.mark.parametrize(
    ("said", "symptom"),
    [
        (b"OK", Symptom.REPLY_UNFRAMED),
        (b"OK ani\n", Symptom.OTHER_REPLY),
        (b"Halo\nOK\n", Symptom.OTHER_REPLY),
    ],
)
def test_an_acceptance_in_another_form_is_not_exact(meets: Meets, said: bytes, symptom: Symptom):
    client, peer, _ = meets(b"NICK\n", patience=SHORT)
    client.is_asked()
    client.answers()
    peer.sendall(said)
    client.is_accepted()
    facts = {"line": "OK", "seen": said.decode()}
    expected = Failure("ani", symptom, facts, by_clock=True)
    assert failure(client.was_accepted_exactly) == expected


def test_an_acceptance_that_is_cut_off_before_its_line_end_is_not_exact(meets: Meets):
    client, peer, stage = meets(b"NICK\n")
    client.is_asked()
    client.answers()
    peer.sendall(b"OK")
    client.is_accepted()
    peer.close()
    assert stage.wait_until(lambda: client.is_closed, LONG)
    assert failure(client.was_accepted_exactly).symptom is Symptom.REPLY_UNFRAMED
