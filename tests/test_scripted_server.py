"""The server's side of a story, against a client that the test holds in its hand."""

import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from harness.actors.known_facts import KnownFacts
from harness.actors.patience import Patience
from harness.actors.scripted_server import ScriptedServer
from harness.actors.stage import Stage
from harness.contract.message import Message
from harness.contract.symptoms import Failure, StoryFailed, Symptom
from harness.record.journal import What
from tests.watching import LONG, read_is_seen, resets_are_seen

# For stories in which something is waited for in vain.
SHORT = Patience(step=0.2, start=0.2)


class Hand:
    """Stands for the client program: it is what the test does."""

    has_ended = False

    def must_run(self) -> None:
        pass

    def fails(self, failure: Failure, amiss: str) -> StoryFailed:
        return StoryFailed(failure)

    def rest(self) -> "Hand":
        return self

    def has_lasted(self, seconds: float) -> bool:
        return True


Meets = Callable[..., tuple[ScriptedServer, socket.socket, Stage]]


@pytest.fixture
def meets(opened: Callable[..., Stage]) -> Iterator[Meets]:
    """A server in a room, and a connection to it."""
    socks: list[socket.socket] = []

    def meet(asks: bool = True, **of: object) -> tuple[ScriptedServer, socket.socket, Stage]:
        stage = opened(**of)
        server = ScriptedServer(stage, Hand())  # type: ignore[arg-type]
        if not asks:
            server.holds_back_its_request()
        sock = socket.create_connection(server.address, timeout=LONG)
        socks.append(sock)
        assert stage.wait_until(lambda: server.has_client)
        return server, sock, stage

    yield meet
    for sock in socks:
        sock.close()


def read(sock: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = sock.recv(size - len(data))
        assert piece, data
        data += piece
    return data


def fails(symptom: Symptom, act: Callable[[], object]) -> StoryFailed:
    with pytest.raises(StoryFailed) as failed:
        act()
    assert failed.value.failure.symptom is symptom
    return failed.value


def test_it_asks_whoever_calls(meets: Meets):
    _, sock, _ = meets()
    assert read(sock, 5) == b"NICK\n"


def test_it_holds_back_its_request(meets: Meets):
    server, sock, stage = meets(asks=False)
    sock.setblocking(False)
    with pytest.raises(BlockingIOError):
        sock.recv(1)
    sock.settimeout(LONG)
    server.asks_exactly()
    assert read(sock, 5) == b"NICK\n"
    assert [event.text for event in stage.journal.events if event.what is What.SAY] == ["NICK"]


def test_it_accepts(meets: Meets):
    server, sock, stage = meets()
    sock.sendall(b"ani\n")
    server.accepts("ani")
    server.was_given("ani")
    assert read(sock, 8) == b"NICK\nOK\n"
    assert "client.nickname" in stage.setting.known_facts.demonstrated


@read_is_seen
def test_it_refuses_and_asks_again(meets: Meets):
    server, sock, _ = meets()
    sock.sendall(b"ani\n")
    assert read(sock, 5) == b"NICK\n"
    told: list[bytes] = []
    # It says NICK once ERR was read.
    reader = threading.Thread(target=lambda: told.extend((sock.recv(4096), sock.recv(4096))))
    reader.start()
    reason = server.refuses("ani", "alasan")
    reader.join(LONG)
    assert told == [f"ERR {reason}\n".encode(), b"NICK\n"]


@pytest.mark.parametrize("answer", [b"ani", b" ani\n", b"NICK ani\n", b"ani budi\n"])
def test_an_answer_in_another_form_is_taken_but_is_not_exact(meets: Meets, answer: bytes):
    server, sock, _ = meets(patience=SHORT)
    sock.sendall(answer)
    server.accepts("ani")
    server.has_heard_of("ani")
    symptom = Symptom.SENT_UNFRAMED if answer == b"ani" else Symptom.NICKNAME_NOT_SENT
    fails(symptom, lambda: server.was_given("ani"))


@pytest.mark.parametrize("answer", [b"Ani\n", b"an\n", b"lain\n"])
def test_names_are_compared_exactly(meets: Meets, answer: bytes):
    server, sock, stage = meets(patience=SHORT)
    sock.sendall(answer)
    server.accepts("ani")
    fails(Symptom.NICKNAME_NOT_SENT, lambda: server.has_heard_of("ani"))
    fails(Symptom.NICKNAME_NOT_SENT, lambda: server.was_given("ani"))
    # From here on it is known for that, and loses nothing more by it.
    assert stage.setting.known_facts.changes_names
    server.has_heard_of("ani")


@read_is_seen
def test_a_name_that_was_refused_is_not_another_one(meets: Meets):
    server, sock, _ = meets(known_facts=KnownFacts(changes_names=True))
    sock.sendall(b"ANI\n")
    read(sock, 5)
    reader = threading.Thread(target=lambda: (sock.recv(4096), sock.recv(4096)))
    reader.start()
    server.refuses("ani", "alasan")
    reader.join(LONG)
    sock.sendall(b"ANI\n")
    server.accepts("budi")
    fails(Symptom.NICKNAME_NOT_SENT, lambda: server.has_heard_of("budi"))


def test_a_second_connection_is_noticed(meets: Meets):
    server, _, stage = meets()
    server.was_called_once()
    with socket.create_connection(server.address, timeout=LONG):
        assert stage.wait_until(lambda: server.calls == 2)
        fails(Symptom.CALLED_AGAIN, server.was_called_once)


@pytest.mark.parametrize(
    ("sent", "extra"),
    [
        (b"halo\n\nkabar\r\n", None),
        (b"halo\nhalo\nkabar\n", "halo"),
        (b"ani\nhalo\nkabar\n", "ani"),
        (b"halo\nkabar\nani\n", "ani"),
        (b"halo\nkabar\nha", "ha"),
    ],
)
def test_more_than_was_typed_is_noticed(meets: Meets, sent: bytes, extra: str | None):
    server, sock, _ = joined(meets)
    sock.sendall(sent)
    typed = [Message("ani", "halo"), Message("ani", "kabar")]
    if extra is None:
        server.hears_exactly(*typed)
    else:
        failed = fails(Symptom.SENT_UNTYPED, lambda: server.hears_exactly(*typed))
        assert failed.failure.facts["seen"] == extra


def test_a_name_sent_twice_is_noticed_whenever_it_came(meets: Meets):
    server, sock, _ = meets()
    sock.sendall(b"ani\nani\n")
    server.accepts("ani")
    fails(Symptom.SENT_UNTYPED, server.hears_exactly)


def test_another_name_is_not_the_one(meets: Meets):
    server, sock, _ = meets(patience=SHORT)
    sock.sendall(b"budi\nani\n")
    server.accepts("budi")
    sock.sendall(b"ani\n")
    fails(Symptom.NICKNAME_NOT_SENT, lambda: server.was_given("ani"))


def test_no_answer(meets: Meets):
    server, _, stage = meets(patience=SHORT)
    failed = fails(Symptom.NICKNAME_NOT_SENT, lambda: server.accepts("ani"))
    assert failed.failure.by_clock
    assert any(event.what is What.MISSING for event in stage.journal.events)


def test_a_program_that_needs_bare_words_is_found_out(meets: Meets):
    known = KnownFacts()
    server, sock, _ = meets(patience=Patience(step=0.3, start=0.3), known_facts=known)
    assert read(sock, 5) == b"NICK\n"

    def answers_the_bare_word() -> None:
        assert read(sock, 4) == b"NICK"
        sock.sendall(b"ani\n")

    student = threading.Thread(target=answers_the_bare_word)
    student.start()
    server.accepts("ani")
    student.join(LONG)
    assert known.wants_bare_words
    assert read(sock, 2) == b"OK"


def test_nobody_calls(opened: Callable[..., Stage]):
    server = ScriptedServer(opened(patience=SHORT), Hand())  # type: ignore[arg-type]
    assert server.address[1]
    failed = fails(Symptom.NOT_CALLED, server.asks)
    assert failed.failure.by_clock


def test_nobody_is_there(opened: Callable[..., Stage]):
    server = ScriptedServer(opened(), Hand())  # type: ignore[arg-type]
    server.is_not_there()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(server.address, timeout=LONG)


def test_a_name_before_the_request_is_too_early(meets: Meets):
    server, sock, stage = meets(asks=False)
    server.has_heard_nothing()
    sock.sendall(b"ani\n")
    assert stage.wait_until(lambda: bool(server.connection.raw))
    fails(Symptom.NAME_TOO_EARLY, server.has_heard_nothing)


def test_after_a_refusal_nothing_comes_until_somebody_has_typed(meets: Meets):
    server, sock, stage = meets()
    sock.sendall(b"ani")
    server.refuses("ani", "alasan")
    sock.sendall(b"\r\n")
    assert stage.wait_until(lambda: server.connection.raw.endswith(b"\n"))
    server.is_not_answered_yet()
    sock.sendall(b"ani\n")
    assert stage.wait_until(lambda: server.connection.raw.endswith(b"\nani\n"))
    failed = fails(Symptom.ANSWERED_UNASKED, server.is_not_answered_yet)
    assert failed.failure.facts["seen"] == "ani"
    assert not failed.failure.by_clock
    assert [e.text for e in stage.journal.events if e.what is What.UNWANTED] == ["ani"]


def joined(meets: Meets, **of: object) -> tuple[ScriptedServer, socket.socket, Stage]:
    server, sock, stage = meets(**of)
    sock.sendall(b"ani\n")
    server.accepts("ani")
    assert read(sock, 8) == b"NICK\nOK\n"
    return server, sock, stage


@pytest.mark.parametrize("line", [b"halo\n", b"halo\r\n", b"\n\nhalo\n"])
def test_a_message_to_the_letter(meets: Meets, line: bytes):
    server, sock, _ = joined(meets)
    sock.sendall(line)
    server.hears_exactly(Message("ani", "halo"))


@pytest.mark.parametrize("line", [b"ani: halo\n", b"halo \n", b"halohalo\n", b"halo"])
def test_a_message_in_another_form_is_heard_but_is_not_exact(meets: Meets, line: bytes):
    server, sock, _ = joined(meets, patience=SHORT)
    sock.sendall(line)
    server.hears_message(Message("ani", "halo"))
    symptom = Symptom.SENT_UNFRAMED if line == b"halo" else Symptom.LINE_NOT_SENT
    failed = fails(symptom, lambda: server.hears_exactly(Message("ani", "halo")))
    assert failed.failure.by_clock is not line.endswith(b"\n")


def test_a_name_without_its_line_end_does_not_spoil_the_message(meets: Meets):
    server, sock, _ = meets()
    sock.sendall(b"ani")
    server.accepts("ani")
    sock.sendall(b"halo\n")
    server.hears_exactly(Message("ani", "halo"))


def test_a_message_that_never_comes(meets: Meets):
    server, _, _ = joined(meets, patience=SHORT)
    fails(Symptom.LINE_NOT_SENT, lambda: server.hears_message(Message("ani", "halo")))


def test_it_passes_messages_on(meets: Meets):
    server, sock, _ = joined(meets)
    first, second = server.says_together("satu", "dua")
    assert first.speaker == server.somebody
    wanted = f"{first.line}\n{second.line}\n".encode()
    assert read(sock, len(wanted)) == wanted
    notice = server.gives_notice("kabar")
    assert read(sock, len(notice) + 3) == f"* {notice}\n".encode()


@read_is_seen
def test_pieces_stay_pieces(meets: Meets):
    server, sock, _ = joined(meets)
    pieces: list[bytes] = []

    def collect() -> None:
        while not b"".join(pieces).endswith(b"\n"):
            pieces.append(sock.recv(4096))

    reader = threading.Thread(target=collect)
    reader.start()
    said = server.says_in_pieces("é你😀", 1, 4)
    reader.join(LONG)
    text = said.text.encode()
    head = said.line.encode().removesuffix(text)
    assert pieces == [head + text[:1], text[1:4], text[4:] + b"\n"]


def test_it_hangs_up(meets: Meets):
    server, sock, stage = joined(meets)
    server.hangs_up()
    assert sock.recv(1) == b""
    with pytest.raises(OSError):
        socket.create_connection(server.address, timeout=1)
    assert stage.journal.events[-1].what is What.LEAVE


@resets_are_seen
def test_it_is_cut_off(meets: Meets):
    server, sock, _ = joined(meets)
    server.resets()
    with pytest.raises(ConnectionResetError):
        sock.recv(1)


def test_it_sees_the_end(meets: Meets):
    server, sock, _ = joined(meets, patience=SHORT)
    fails(Symptom.NOT_POLITE, server.sees_the_end)
    sock.close()
    server.sees_the_end()
