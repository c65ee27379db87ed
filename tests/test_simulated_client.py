"""A simulated client against the other end of its socket, which the test holds in its hand."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from harness.actors import handshake as module
from harness.actors.connection import connect, reset
from harness.actors.patience import Patience
from harness.actors.simulated_client import Client
from harness.actors.stage import Stage
from harness.contract.message import Message
from harness.contract.replies import Answer
from harness.contract.symptoms import Failure, NotReached, StoryFailed, Symptom
from harness.record.journal import What
from tests.watching import LONG

# For stories in which something is waited for in vain.
SHORT = Patience(step=0.24, start=0.24)


class Doorway:
    """Stands for the server: clients come in here, and the test speaks for it."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = self.listener.getsockname()
        # What the clients had done each time when they let the server notice it.
        self.noticed: list[str] = []
        self.stage: Stage | None = None

    def reach(self, bind_to: str | None = None, receive_buffer: int = 0) -> socket.socket:
        sock = connect(self.address, LONG, bind_to, receive_buffer)
        assert sock is not None
        return sock

    def settles(self) -> bool:
        return True

    def notices(self) -> None:
        if self.stage is not None:
            self.noticed.append(str(self.stage.journal.events[-1].what))


@pytest.fixture
def doorway() -> Iterator[Doorway]:
    made = Doorway()
    yield made
    made.listener.close()


Meets = Callable[..., tuple[Client, socket.socket, Stage]]


@pytest.fixture
def meets(doorway: Doorway, opened: Callable[..., Stage]) -> Iterator[Meets]:
    """Brings a client in; `said` is what the server has said already."""
    peers: list[socket.socket] = []

    def meet(said: bytes = b"", name: str = "ani", stage: Stage | None = None, **of: object):
        stage = stage or opened(**of)
        client = Client(stage, doorway, name)  # type: ignore[arg-type]
        client.connects()
        peer, _ = doorway.listener.accept()
        peer.settimeout(LONG)
        peers.append(peer)
        peer.sendall(said)
        return client, peer, stage

    yield meet
    for peer in peers:
        peer.close()


@pytest.fixture
def joined(meets: Meets) -> Callable[..., tuple[Client, socket.socket, Stage]]:
    """The same, with a client that is in the room; `said` came after the acceptance."""

    def join(said: bytes = b"", **of: object):
        client, peer, stage = meets(b"NICK\n", **of)
        client.is_asked()
        client.answers()
        peer.sendall(b"OK\n" + said)
        client.is_accepted()
        assert peer.recv(100) == b"ani\n"
        return client, peer, stage

    return join


def failure(step: Callable[..., object], *arguments: object):
    with pytest.raises(StoryFailed) as failed:
        step(*arguments)
    assert failed.value.failure.who == "ani"
    return failed.value.failure


@contextmanager
def reading(peer: socket.socket, end: bytes) -> Iterator[list[bytes]]:
    """The segments that come, read until they end with `end`: here when the block is over."""
    segments: list[bytes] = []

    def reads() -> None:
        while not b"".join(segments).endswith(end):
            segments.append(peer.recv(1000))

    reader = threading.Thread(target=reads)
    reader.start()
    yield segments
    reader.join()


def noted(stage: Stage, what: What) -> list[str]:
    """The texts of all events of one kind; each is between the client and the server."""
    events = [event for event in stage.journal.events if event.what is what]
    assert all({event.who, event.to} == {"ani", "server.py"} for event in events)
    return [event.text for event in events]


# -- asked


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


def test_nobody_asks(meets: Meets):
    client, _, _ = meets(patience=SHORT)
    facts = {"line": "NICK", "seconds": 0.2}
    assert failure(client.is_asked) == Failure("ani", Symptom.NO_REQUEST, facts, by_clock=True)


def test_a_program_that_is_known_not_to_ask_is_not_waited_for(meets: Meets):
    client, peer, stage = meets()
    stage.setting.known_facts.asks = False
    client.is_asked()
    client.answers()
    assert peer.recv(100) == b"ani\n"


def test_the_door_is_shut(meets: Meets):
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
def test_not_asked_to_the_letter(meets: Meets, said: bytes, symptom: Symptom):
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


# -- answered


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
def test_it_is_not_accepted(meets: Meets, said: bytes, expected: Failure):
    client, peer, _ = meets(b"NICK\n", patience=SHORT)
    client.is_asked()
    client.answers()
    peer.sendall(said)
    assert failure(client.is_accepted) == expected
    assert not client.is_joined


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


def test_it_is_accepted_in_its_own_name_in_several_segments(meets: Meets):
    client, peer, stage = meets(b"NICK\n")
    client.is_asked()
    with reading(peer, b"\n") as segments:
        client.answers_in_pieces(1, 2)
    assert segments == [b"a", b"n", b"i\n"]
    assert noted(stage, What.SAY) == ["ani"]


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
def test_not_accepted_to_the_letter(meets: Meets, said: bytes, symptom: Symptom):
    client, peer, _ = meets(b"NICK\n", patience=SHORT)
    client.is_asked()
    client.answers()
    peer.sendall(said)
    client.is_accepted()
    facts = {"line": "OK", "seen": said.decode()}
    expected = Failure("ani", symptom, facts, by_clock=True)
    assert failure(client.was_accepted_exactly) == expected


def test_nor_if_the_connection_ends_before_the_line_does(meets: Meets):
    client, peer, stage = meets(b"NICK\n")
    client.is_asked()
    client.answers()
    peer.sendall(b"OK")
    client.is_accepted()
    peer.close()
    assert stage.wait_until(lambda: client.is_closed, LONG)
    assert failure(client.was_accepted_exactly).symptom is Symptom.REPLY_UNFRAMED


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
    [(b"OK\n", Symptom.NOT_REFUSED, False), (b"", Symptom.NOT_ASKED_AGAIN, True)],
)
def test_it_is_not_refused(meets: Meets, said: bytes, symptom: Symptom, by_clock: bool):
    client = refused(meets, said, patience=SHORT)
    facts = {"name": "budi", "seen": said.decode()}
    assert failure(client.is_refused, "budi") == Failure("ani", symptom, facts, by_clock)


def test_it_is_hung_up_on_instead_of_refused(meets: Meets):
    client, peer, _ = meets(b"NICK\n")
    client.is_asked()
    peer.close()
    expected = Failure("ani", Symptom.NOT_ASKED_AGAIN, {"name": "budi", "seen": ""})
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
    facts = {"name": "ani", "seen": "OK\n"}
    assert failed.value.failure == Failure("budi", Symptom.NOT_REFUSED, facts)


@pytest.mark.parametrize(
    ("said", "symptom"),
    [
        (b"ERR\nmaaf\nNICK\n", Symptom.REFUSED_OTHERWISE),
        (b"ERR dipakai\nNICK", Symptom.REFUSED_OTHERWISE),
        (b"ERR dipakai\n", Symptom.NOT_ASKED_AGAIN),
    ],
)
def test_it_is_not_refused_to_the_letter(meets: Meets, said: bytes, symptom: Symptom):
    client = refused(meets, said, patience=SHORT)
    facts = {"name": "budi", "seen": said.decode()}
    expected = Failure("ani", symptom, facts, by_clock=True)
    assert failure(is_refused_exactly, client) == expected


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


def test_and_goes_on_where_it_is(meets: Meets):
    refused(meets, b"ERR dipakai\nNICK\n").must_be_refused("budi", about="nickname.unique")


# -- talking


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
    assert noted(stage, What.SAY) == ["ani", said.text]
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


def test_a_line_in_two_halves(joined: Meets):
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
    assert noted(stage, What.SAY)[-2:] == [half.text + " (…)", whole.text]


def test_what_is_no_message(joined: Meets):
    client, peer, stage = joined()
    with reading(peer, b"\n"):
        client.sends_bytes(b"\xff\n")
    assert noted(stage, What.SAY)[-1] == r"'\xff\n'"
    assert client.said == []


def test_a_line_comes_on_its_own(joined: Meets):
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


@pytest.mark.parametrize(
    "said", [b"budi: halo 1\n", b"[budi] halo 1!!", b"halo 1\r\n", b"xhalo 1x"]
)
def test_a_message_is_seen_in_any_form(joined: Meets, said: bytes):
    client, _, stage = joined(said)
    client.sees(Message("budi", "halo 1"))
    assert "broadcast.delivers" in stage.setting.known_facts.demonstrated


def test_a_message_does_not_come(joined: Meets):
    client, _, stage = joined(b"budi: hai\nbu", patience=SHORT)
    found = failure(client.sees, Message("budi", "halo"))
    facts = {"line": "budi: halo", "seen": "bu", "seconds": 0.2}
    assert found == Failure("ani", Symptom.NOTHING_CAME, facts, by_clock=True)
    assert "broadcast.delivers" not in stage.setting.known_facts.demonstrated
    assert noted(stage, What.MISSING) == ["budi: halo"]
    assert noted(stage, What.SEE)[-2:] == ["budi: hai", "bu (…)"]


def test_a_message_cannot_come_any_more(joined: Meets):
    client, peer, _ = joined(b"budi: hai\n")
    peer.close()
    found = failure(client.sees, Message("budi", "hai"), Message("budi", "halo"))
    assert (found.symptom, found.by_clock) == (Symptom.HUNG_UP, False)
    assert (found.facts["line"], found.facts["seen"]) == ("budi: halo", "budi: hai")


def settled(client: Client, text: bytes) -> None:
    """Everything up to `text` is here."""
    assert client._stage.wait_until(lambda: text in client.raw, LONG)


@pytest.mark.parametrize(
    ("step", "symptom"),
    [
        (Client.got_no_echo_of, Symptom.ECHO),
        (Client.never_saw, Symptom.UNWANTED_LINE),
        (Client.never_saw_half, Symptom.HALF_LINE),
        (Client.never_saw_chat, Symptom.NOT_IN_ROOM),
    ],
)
def test_what_should_not_have_come(joined: Meets, step: Callable, symptom: Symptom):
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
    assert noted(stage, What.SEE)[-1] == "ani: ha (…)"


def test_a_notice_may_hold_what_is_no_chat_line(joined: Meets):
    client, _, _ = joined(b"* halo bergabung\n")
    settled(client, b"bergabung\n")
    client.never_saw_chat(Message("budi", "halo"))


def test_a_line_names_who_said_it(joined: Meets):
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
def test_no_piece_of_a_message(joined: Meets, came: bytes):
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
def test_a_piece_of_a_message(joined: Meets, came: bytes, piece: str, line: str):
    client, _, _ = joined(came)
    settled(client, came)
    found = failure(client.has_seen_no_piece_of, *WHOLE)
    assert found == Failure("ani", Symptom.OTHER_LINE, {"line": line, "seen": piece})


def test_a_line_that_is_about_nobody(joined: Meets):
    client, peer, stage = joined(b"Menu:\n")
    settled(client, b"Menu:\n")
    since = client.takes_note()
    stage.said["halo"] = "budi"
    known = b"* notis\n\nMenu:\ncitra keluar\nbudi: halo\nhalo\n"
    peer.sendall(known)
    settled(client, known)
    client.has_seen_no_nameless_line(["citra"], since)
    peer.sendall(b"None: keluar\n")
    settled(client, b"None: keluar\n")
    found = failure(client.has_seen_no_nameless_line, ["citra"], since)
    assert found == Failure("ani", Symptom.STRAY_LINE, {"seen": "None: keluar"})
    assert noted(stage, What.UNWANTED) == ["None: keluar"]


def test_a_program_that_names_nobody_is_judged_elsewhere(joined: Meets):
    client, _, stage = joined(b"halo\nhai\n")
    stage.said |= {"halo": "budi", "hai": "dewi"}
    client.sees_from(Message("budi", "halo"), Message("dewi", "hai"))


def test_lines_to_the_letter(joined: Meets):
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
def test_lines_not_to_the_letter(joined: Meets, came: bytes, symptom: Symptom, seen: str):
    client, _, stage = joined(came, patience=SHORT)
    settled(client, came)
    facts = (
        {"seen": seen} if symptom is Symptom.STRAY_LINE else {"line": "budi: halo", "seen": seen}
    )
    found = failure(client.has_seen_exactly, Message("budi", "halo"))
    assert found == Failure("ani", symptom, facts)
    assert noted(stage, What.UNWANTED) == [seen]


@pytest.mark.parametrize(
    ("came", "symptom", "rest"),
    [
        (b"budi: halo", Symptom.CHAT_UNFRAMED, "budi: halo"),
        (b"", Symptom.OTHER_LINE, ""),
        (b"budi: hal", Symptom.OTHER_LINE, "budi: hal"),
    ],
)
def test_a_line_that_does_not_come_to_its_end(
    joined: Meets, came: bytes, symptom: Symptom, rest: str
):
    client, _, stage = joined(came, patience=SHORT)
    settled(client, came)
    found = failure(client.has_seen_exactly, Message("budi", "halo"))
    facts = {"line": "budi: halo", "seen": rest}
    assert found == Failure("ani", symptom, facts, by_clock=True)
    assert noted(stage, What.MISSING) == ["budi: halo"]
    assert stage.setting.known_facts.frames_chat is (symptom is Symptom.OTHER_LINE)


@pytest.mark.parametrize("rest", ["", "bu", "budi: halo", "*", "* budi per"])
def test_more_may_be_on_its_way(joined: Meets, rest: str):
    came = b"budi: halo\n" + rest.encode()
    client, _, _ = joined(came)
    settled(client, came)
    client.has_seen_exactly(Message("budi", "halo"))


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
    ],
)
def test_a_line_with_nothing_in_it(joined: Meets, said: bytes, is_empty: bool):
    client, _, stage = joined(said)
    settled(client, said)
    stage.said["x"] = "budi"
    if is_empty:
        found = failure(client.has_seen_no_empty_line)
        assert found == Failure("ani", Symptom.EMPTY_SENT, {"seen": "budi: "})
        assert noted(stage, What.UNWANTED) == ["budi: "]
    else:
        client.has_seen_no_empty_line()


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
def test_it_was_left_alone(joined: Meets, said: bytes):
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


def test_it_was_not_left_alone(joined: Meets):
    client, peer, stage = joined(b"NICK\n")
    settled(client, b"OK\nNICK\n")
    assert failure(client.was_left_alone).symptom is Symptom.UNWANTED_LINE
    peer.close()
    assert stage.wait_until(lambda: client.is_closed, LONG)
    assert failure(client.was_left_alone).symptom is Symptom.HUNG_UP


# -- leaving


def test_it_leaves_in_order(joined: Meets):
    client, peer, stage = joined()
    client.leaves()
    assert peer.recv(1) == b""
    assert (client.is_closed, client.is_joined) == (True, False)
    assert noted(stage, What.LEAVE) == [""]


@pytest.mark.parametrize(
    ("way", "noticed"),
    [
        (Client.leaves, ["say"]),
        (Client.resets, ["say"]),
        (Client.reads_to_the_end, ["say"]),
        (Client.leaves_at_once, []),
        (Client.resets_at_once, []),
    ],
)
def test_it_leaves_a_server_that_rests(
    joined: Meets, doorway: Doorway, way: Callable, noticed: list[str]
):
    """A line that is still being sent to one who goes is another check's matter."""
    client, peer, doorway.stage = joined()
    client.says_exactly("halo")
    peer.close()
    way(client)
    assert doorway.noticed == noticed


@pytest.mark.parametrize("way", [Client.leaves, Client.resets])
def test_its_place_can_be_taken(joined: Meets, way: Callable):
    """The system gives the next connection the number that has become free."""
    client, _, stage = joined()
    number = client.end.connection.sock.fileno()
    way(client)
    other, peer, _ = joined(stage=stage)
    assert other.end.connection.sock.fileno() == number
    peer.sendall(b"budi: halo\n")
    other.sees(Message("budi", "halo"))


def test_the_journal_says_who_did_what_to_whom(joined: Meets):
    ani, peer, stage = joined(b"budi: halo\n")
    settled(ani, b"halo\n")
    with reading(peer, b"x\n"):
        ani.sends_bytes(b"x\n")
    ani.half_closes()
    ani.stops_reading()
    ani.leaves()
    other, _, _ = joined(b"budi: \nterakhir", stage=stage)
    stage.said["y"] = "budi"
    settled(other, b"terakhir")
    failure(other.has_seen_no_empty_line)
    failure(other.never_saw, Message("budi", "terakhir"))
    other.resets()
    entered = [
        ("ani", "server.py", "connect", ""),
        ("server.py", "ani", "see", "NICK"),
        ("ani", "server.py", "say", "ani"),
        ("server.py", "ani", "see", "OK"),
    ]
    assert [(e.who, e.to, str(e.what), e.text) for e in stage.journal.events] == [
        *entered,
        ("server.py", "ani", "see", "budi: halo"),
        ("ani", "server.py", "say", r"'x\n'"),
        ("ani", "server.py", "half_close", ""),
        ("ani", "server.py", "stop_reading", ""),
        ("ani", "server.py", "leave", ""),
        *entered,
        ("server.py", "ani", "see", "budi: "),
        ("server.py", "ani", "see", "terakhir (…)"),
        ("server.py", "ani", "unwanted", "budi: "),
        ("server.py", "ani", "unwanted", "terakhir"),
        ("ani", "server.py", "reset", ""),
    ]


def test_it_is_cut_off(joined: Meets):
    client, peer, _ = joined()
    client.resets()
    with pytest.raises(ConnectionResetError):
        peer.recv(1)


def test_at_the_end_of_a_story_no_address_stays_taken(joined: Meets):
    """A reset leaves nothing in TIME_WAIT."""
    _, peer, stage = joined()
    stage.close()
    with pytest.raises(ConnectionResetError):
        peer.recv(1)


def test_it_reads_to_the_end(joined: Meets):
    client, peer, _ = joined()

    def says_goodbye() -> None:
        assert peer.recv(1) == b""
        peer.sendall(b"budi: terlambat\n")
        peer.close()

    server = threading.Thread(target=says_goodbye)
    server.start()
    assert client.reads_to_the_end()
    server.join()
    assert client._stage.setting.known_facts.closes is True
    assert client.has_seen(Message("budi", "terlambat"))


def test_a_server_that_never_closes_is_waited_for_once(joined: Meets):
    client, _, stage = joined(patience=SHORT)
    assert not client.reads_to_the_end()
    assert stage.setting.known_facts.closes is False
    stage.patience = Patience(step=LONG)
    other, _, _ = joined(stage=stage)
    assert not other.reads_to_the_end()


def test_one_that_was_cut_off_may_half_close_all_the_same(joined: Meets):
    client, peer, stage = joined()
    reset(peer)
    assert stage.wait_until(lambda: client.is_closed, LONG)
    assert client.reads_to_the_end()
    assert noted(stage, What.HALF_CLOSE) == [""]


def test_one_that_stops_reading_hears_nothing(joined: Meets):
    client, peer, stage = joined()
    client.stops_reading()
    peer.sendall(b"budi: halo\n")
    before = bytes(client.raw)
    stage.look(0.05)
    assert bytes(client.raw) == before


@pytest.mark.parametrize("how", [socket.socket.close, reset])
def test_it_notices_that_it_was_hung_up_on(joined: Meets, how: Callable):
    client, peer, stage = joined(b"kata terakhir")
    how(peer)
    assert stage.wait_until(lambda: client.is_closed, LONG)
    assert client.end.was_reset is (how is reset)
    assert noted(stage, What.CLOSED) == [""]
    client.sends(b"to nobody\n")
    client.end.connection.on_writable()


def test_it_starts_over(joined: Meets, doorway: Doorway):
    client, peer, stage = joined()
    peer.shutdown(socket.SHUT_WR)
    assert stage.wait_until(lambda: client.is_closed, LONG)
    client.starts_over()
    assert (client.is_closed, client.end.was_reset, client.is_joined) == (False, False, False)
    assert bytes(client.raw) == b""
    # Nothing is left of the connection that ended.
    with pytest.raises(ConnectionResetError):
        peer.recv(1)
    again, _ = doorway.listener.accept()
    again.sendall(b"NICK\n")
    client.is_asked()
    assert noted(stage, What.SEE)[-1] == "NICK"
    again.close()
