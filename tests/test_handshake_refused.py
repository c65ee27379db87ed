"""A simulated client is refused, in whatever form or to the letter, and answers again."""

import pytest

from harness.actors import handshake as module
from harness.actors.patience import Patience
from harness.actors.simulated_client import Client
from harness.contract.nickname_rules import IN_USE
from harness.contract.symptoms import Failure, NotReached, StoryFailed, Symptom
from harness.record.journal import WRONG, What
from tests.meeting import SHORT, Meets, failure, settled
from tests.watching import LONG


def refused(meets: Meets, said: bytes, **of: object) -> Client:
    """A client whose next answer will be met with `said`."""
    client, peer, _ = meets(b"NICK\n", **of)
    client.is_asked()
    # It is here before the answer goes out, but read only after it: as if it were the reply.
    peer.sendall(said)
    return client


def is_refused_exactly(client: Client) -> None:
    client.is_refused("budi")
    client.was_refused_exactly("budi")


def test_it_is_refused_and_asked_again(meets: Meets):
    client, peer, _ = meets(b"NICK\n")
    client.is_asked()
    peer.sendall(b"ERR dipakai\nNICK\n")
    client.is_refused("budi")
    client.was_refused_exactly("budi")
    assert peer.recv(100) == b"budi\n"


def test_a_request_known_to_lack_its_end_may_lack_it_here(meets: Meets):
    client = refused(meets, b"ERR dipakai\nNICK")
    client._stage.setting.known_facts.frames_request = False
    client.is_refused("budi")
    client.was_refused_exactly("budi")


def test_the_request_that_ends_a_refusal_may_come_late(
    meets: Meets, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "GRACE", 0.01)
    client, peer, _ = meets(b"NICK\n", patience=Patience(step=LONG))
    client.is_asked()
    peer.sendall(b"ERR dipakai\n")
    client.is_refused("budi")
    client.answers()
    peer.sendall(b"NICK\nOK\n")
    client.is_accepted()
    assert client.handshake.reply == b"OK\n"


@pytest.mark.parametrize("said", [b"ERR dipakai\nNICK\n", b"ERR dipakai\n", b"ERR", b"NICK\n"])
def test_it_is_refused_in_whatever_form(meets: Meets, said: bytes):
    refused(meets, said).is_refused("budi")


@pytest.mark.parametrize(
    ("said", "symptom", "by_clock"),
    [(b"OK\n", Symptom.NOT_REFUSED, False), (b"", Symptom.NO_REFUSAL, True)],
)
def test_a_name_that_is_not_refused_is_told(
    meets: Meets, said: bytes, symptom: Symptom, by_clock: bool
):
    client = refused(meets, said, patience=SHORT)
    facts: dict[str, object] = {"name": "budi", "seen": said.decode()}
    facts |= {"seconds": round(SHORT.step, 1)} if by_clock else {"why": IN_USE}
    assert failure(client.is_refused, "budi") == Failure("ani", symptom, facts, by_clock)


def test_it_is_hung_up_on_instead_of_refused(meets: Meets):
    client, peer, _ = meets(b"NICK\n")
    client.is_asked()
    peer.close()
    expected = Failure("ani", Symptom.ENDED_UNREFUSED, {"name": "budi", "seen": ""})
    assert failure(client.is_refused, "budi") == expected


def test_it_is_let_in_because_the_holder_was_thrown_out(meets: Meets, joined: Meets):
    holder, peer, stage = joined(b"dah\n")
    settled(holder, b"dah\n")
    peer.close()
    assert stage.wait_until(lambda: holder.is_closed, LONG)
    client, peer, _ = meets(b"NICK\n", name="budi", stage=stage)
    client.is_asked()
    peer.sendall(b"OK\n")
    expected = Failure("ani", Symptom.HUNG_UP, {"seen": "dah"})
    assert failure(client.is_refused, "ani", holder) == expected


def test_it_is_let_in_though_the_holder_is_there(meets: Meets, joined: Meets):
    holder, _, stage = joined()
    client, peer, _ = meets(b"NICK\n", name="budi", stage=stage)
    client.is_asked()
    peer.sendall(b"OK\n")
    with pytest.raises(StoryFailed) as failed:
        client.is_refused("ani", holder)
    facts = {"name": "ani", "seen": "OK\n", "why": IN_USE}
    assert failed.value.failure == Failure("budi", Symptom.NOT_REFUSED, facts)


@pytest.mark.parametrize(
    ("said", "symptom"),
    [
        (b"ERR\nmaaf\nNICK\n", Symptom.REFUSED_OTHERWISE),
        (b"ERR dipakai\nNICK", Symptom.REFUSED_OTHERWISE),
        (b"ERR dipakai\n", Symptom.NOT_ASKED_AGAIN),
    ],
)
def test_a_refusal_in_another_form_is_not_exact(meets: Meets, said: bytes, symptom: Symptom):
    client = refused(meets, said, patience=SHORT)
    facts = {"name": "budi", "seen": said.decode()}
    expected = Failure("ani", symptom, facts, by_clock=True)
    assert failure(is_refused_exactly, client) == expected


@pytest.mark.parametrize(
    ("said", "marked", "what"),
    [
        (b"ERR dipakai\nNICK\n\n", "", What.UNWANTED),
        (b"ERR dipakai\n\nNICK\n", "", What.UNWANTED),
        (b"ERR dipakai\nmaaf\nNICK\n", "maaf", What.UNWANTED),
        (b"* halo\nmaaf\nERR dipakai\nNICK\n", "maaf", What.UNWANTED),
        (b"ERR dipakai\nNICK", "NICK", What.UNENDED),
        (b"ERR dipakaiNICK\n", "ERR dipakaiNICK", What.UNWANTED),
    ],
)
def test_of_an_inexact_refusal_the_line_is_marked_that_is_wrong(
    meets: Meets, said: bytes, marked: str, what: What
):
    client = refused(meets, said, patience=SHORT)
    client.is_refused("budi")
    found = failure(client.was_refused_exactly, "budi")
    events = client._stage.journal.events
    assert found.symptom is Symptom.REFUSED_OTHERWISE
    assert [(e.what, e.text) for e in events if e.what in WRONG] == [(what, marked)]


def test_it_is_hung_up_on_in_the_middle_of_a_refusal(meets: Meets):
    client, peer, _ = meets(b"NICK\n")
    client.is_asked()
    peer.sendall(b"ERR dipakai\n")
    peer.close()
    found = failure(is_refused_exactly, client)
    assert (found.symptom, found.by_clock) == (Symptom.NOT_ASKED_AGAIN, False)


def test_a_story_about_something_else_ends_where_it_is_not_refused(meets: Meets):
    client, peer, _ = meets(b"NICK\n")
    client.is_asked()
    peer.sendall(b"OK\n")
    with pytest.raises(NotReached) as stopped:
        client.must_be_refused("budi", about="nickname.unique")
    assert stopped.value.check == "nickname.unique"
    assert peer.recv(100) == b"budi\n"


def test_a_story_about_something_else_goes_on_where_it_is_refused(meets: Meets):
    refused(meets, b"ERR dipakai\nNICK\n").must_be_refused("budi", about="nickname.unique")
