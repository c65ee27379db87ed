"""A client that can do nothing more is not waited for, and what is still under way is."""

import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.actors.client_room import ClientRoom
from harness.actors.patience import Patience
from harness.actors.stage import Stage
from harness.contract.message import Message
from harness.contract.symptoms import StoryFailed, Symptom
from harness.program import idle_proof

# Far beyond what pytest allows: only the proof ends a wait.
ENDLESS = Patience(step=1e6, start=1e6)

linux = pytest.mark.skipif(sys.platform != "linux", reason="seen in /proc")


def failure(stage: Stage, act: Callable[[], object]) -> Symptom:
    with pytest.raises(StoryFailed) as failed:
        act()
    assert stage.waited == {"is_idle": True}
    return failed.value.failure.symptom


@linux
def test_what_is_never_shown_never_sent_and_never_ended_is_given_up_at_once(
    opened: Callable[..., Stage],
):
    stage = opened(patience=ENDLESS)
    room = ClientRoom(stage)
    user, server = room.user, room.server
    user.joins()
    said = Message(user.name, "tidak diketik")
    assert failure(stage, lambda: server.hears_message(said)) is Symptom.LINE_NOT_SENT
    assert failure(stage, lambda: user.sees(said)) is Symptom.LINE_NOT_SHOWN
    assert failure(stage, lambda: user.ends(1e6, 0)) is Symptom.NOT_ENDED
    # It was no end of the story: what is typed and said afterwards is heard and seen.
    server.hears_message(user.types("halo"))
    user.sees(server.says("kabar"))


@linux
def test_a_client_that_never_connects_is_given_up_at_once(
    opened: Callable[..., Stage], tmp_path: Path
):
    (tmp_path / "client.py").write_text("input('Masukkan username: ')\n", encoding="utf-8")
    stage = opened(tmp_path, patience=ENDLESS)
    room = ClientRoom(stage)
    room.server.address  # noqa: B018  (it listens)
    room.user.client.starts_as(("--host", "--port"), room.server.address)
    assert failure(stage, lambda: room.server.connection) is Symptom.NOT_CALLED


def test_a_look_that_brought_something_ends_no_wait(
    opened: Callable[..., Stage], monkeypatch: pytest.MonkeyPatch
):
    stage = opened()
    ours, theirs = socket.socketpair()
    seen: list[bytes] = []

    class Answers:
        """Answers what comes; its second answer is what the test waits for."""

        def on_readable(self) -> None:
            seen.append(ours.recv(10))
            theirs.send(b"?")

        def on_writable(self) -> None: ...

    with ours, theirs:
        stage.watch(ours, Answers(), reads=True, writes=False)
        theirs.send(b"?")
        # As if the proof had been made just before each of them came.
        monkeypatch.setattr(stage, "_is_idle", lambda: True)
        looked = stage.look
        monkeypatch.setattr(stage, "look", lambda longest: looked(0) if longest == 0 else False)
        assert stage.wait_until(lambda: len(seen) > 2)


def test_what_came_about_just_before_the_proof_counts(
    opened: Callable[..., Stage], monkeypatch: pytest.MonkeyPatch
):
    stage, there = opened(), []

    def proves() -> bool:
        there.append(True)
        return True

    monkeypatch.setattr(stage, "_is_idle", proves)
    assert stage.wait_until(lambda: bool(there))


@linux
def test_where_the_kernel_tells_of_no_socket_a_client_is_not_given_up(
    opened: Callable[..., Stage], monkeypatch: pytest.MonkeyPatch
):
    assert idle_proof.shows_sockets()
    stage = opened()
    ClientRoom(stage).user.joins()
    monkeypatch.setattr(idle_proof, "shows_sockets", lambda: False)
    assert not stage.wait_until(lambda: False, 0.6)
    assert "is_idle" not in stage.waited
