"""A server that is called, or listens, in a way of its own is found, told, and judged there."""

import contextlib
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.actors import calling
from harness.actors.known_facts import KnownFacts
from harness.actors.patience import Patience
from harness.actors.room import Room
from harness.contract import protocol
from harness.contract.symptoms import Failure, Inconclusive, StoryFailed, Symptom
from harness.program import ports
from tests.tiny import edited

Play = Callable[..., Room]
Submission = Callable[..., Path]

linux = pytest.mark.skipif(sys.platform != "linux", reason="seen in /proc")
PARSER = """    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=55555)
    options = parser.parse_args()
"""
BIND = "(options.host, options.port)"
WAYS = {
    "only --port": (
        ("--port", "{port}"),
        'parser = argparse.ArgumentParser(); parser.add_argument("--port", type=int)\n'
        '    port = parser.parse_args().port; host = "127.0.0.1"\n',
    ),
    "-p": (
        ("-p", "{port}"),
        'parser = argparse.ArgumentParser(); parser.add_argument("-p", type=int)\n'
        '    port = parser.parse_args().p; host = "127.0.0.1"\n',
    ),
    "host and port": (
        ("{host}", "{port}"),
        "host, port = sys.argv[1], int(sys.argv[2])\n",
    ),
    "port and host": (
        ("{port}", "{host}"),
        "port, host = int(sys.argv[1]), sys.argv[2]\n",
    ),
    "usage and status 0": (
        ("{port}",),
        'if len(sys.argv) != 2:\n        print("Usage: server.py PORT"); sys.exit()\n'
        '    host, port = "127.0.0.1", int(sys.argv[1])\n',
    ),
    "the wrong number of words": (
        ("{port}",),
        'script, port = sys.argv; host, port = "", int(port)\n',
    ),
}


def failure(step: Callable[..., object]) -> Failure:
    with pytest.raises(StoryFailed) as failed:
        step()
    return failed.value.failure


@pytest.fixture
def default_port(monkeypatch: pytest.MonkeyPatch) -> int:
    """Stands for the port of SPEC section 1, which other graders may have at this moment."""
    with ports.reserved_port() as port:
        pass
    for module in (ports, protocol):
        monkeypatch.setattr(module, "DEFAULT_PORT", port)
    return port


@pytest.fixture
def own_port() -> int:
    """A port that a program may have written into it."""
    with ports.reserved_port() as port:
        return port


@linux
@pytest.mark.parametrize(("way", "reads"), WAYS.values(), ids=WAYS)
def test_another_way_of_calling_is_tried_once_told_and_remembered(
    play: Play, submission: Submission, way: tuple[str, ...], reads: str
):
    folder = submission(edited((PARSER, f"    {reads}"), (BIND, "(host, port)")))
    room = play(folder)
    found = failure(room.server.listens)
    assert found.symptom is Symptom.ARGUMENTS_REFUSED
    known = room.server.stage.setting.known_facts
    assert known.called == way
    assert str(found.facts["way"]).startswith("server.py ")
    assert "start.listens" in known.demonstrated
    room.server.stage.close()
    other = play(folder, known_facts=known)
    other.join("ani")
    starts = [e.text for e in other.server.stage.journal.events if e.what.name == "START"]
    assert len(starts) == 1


@pytest.mark.parametrize(
    "text",
    ["def f(:", "import colorama", "raise NotImplementedError('TODO 1')", "print('halo')"],
)
def test_what_no_argument_mends_is_started_once(play: Play, submission: Submission, text: str):
    room = play(submission(text))
    failure(room.server.listens)
    events = room.server.stage.journal.events
    assert [event.what.name for event in events].count("START") == 1


@linux
def test_a_crash_that_no_way_mends_is_told_as_it_was_first(play: Play, submission: Submission):
    room = play(submission("import sys\nprint(sys.argv[1:])\n1 / 0"))
    found = failure(room.server.listens)
    assert (found.symptom, found.facts["status"]) == (Symptom.ENDED_EARLY, 1)
    assert "--host" in room.server.running.stdout.text()


@linux
@pytest.mark.parametrize("host", ["0.0.0.0", "", "127.0.0.1"])
def test_a_port_in_the_program_is_found_told_and_held(
    play: Play, submission: Submission, own_port: int, host: str
):
    folder = submission(edited((BIND, f"({host!r}, {own_port})")))
    room = play(folder)
    found = failure(room.server.listens)
    assert found.symptom is Symptom.OTHER_PORT
    assert found.facts["seen"] == f"{host or '0.0.0.0'}:{own_port}"
    room.server.stage.close()
    other = play(folder, known_facts=room.server.stage.setting.known_facts)
    other.join("ani")
    with pytest.raises(OSError, match="in use"):
        ports._reserve(own_port)


@linux
@pytest.mark.parametrize("host", ["::", "::1"])
def test_a_listener_of_the_new_kind_is_found(
    play: Play, submission: Submission, own_port: int, host: str
):
    six = edited(
        ("listener = socket.socket()", "listener = socket.socket(socket.AF_INET6)"),
        (BIND, f"({host!r}, {own_port})"),
    )
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("no IPv6 here")
    room = play(submission(six))
    found = failure(room.server.listens)
    assert (found.symptom, found.facts["seen"]) == (Symptom.OTHER_PORT, f"[{host}]:{own_port}")
    room.server.stage.close()
    other = play(
        room.server.stage.setting.source, known_facts=room.server.stage.setting.known_facts
    )
    ani, budi = other.join("ani", "budi")
    budi.sees(ani.says("halo"))


@linux
def test_another_default_is_told_at_once(
    play: Play, submission: Submission, default_port: int, own_port: int
):
    room = play(submission(edited(("default=55555", f"default={own_port}"))), Patience(start=600))
    room.server.starts_without_arguments()
    found = failure(room.server.is_reached)
    assert found.symptom is Symptom.OTHER_DEFAULT
    assert found.facts == {
        "address": f"127.0.0.1:{default_port}",
        "seen": f"127.0.0.1:{own_port}",
    }


@linux
@pytest.mark.parametrize(
    ("bind", "more", "seen"),
    [
        ("('', options.port)", "", "0.0.0.0:"),
        (BIND, "second = socket.create_server(('127.0.0.1', 0))", "127."),
    ],
)
def test_another_address_beside_the_one_it_was_told(
    play: Play, submission: Submission, bind: str, more: str, seen: str
):
    listen = "    listener.listen(128)\n"
    also = edited((BIND, bind), (listen, f"{listen}    {more}\n"))
    found = failure(play(submission(also)).server.listens)
    assert found.symptom is Symptom.OTHER_ADDRESS_TOO
    assert str(found.facts["seen"]).startswith(seen)


@linux
def test_two_with_one_port_in_them_take_turns(play: Play, submission: Submission, own_port: int):
    """The second dies of the taken port; it is started again once the first is gone."""
    folder = submission(edited((BIND, f"('127.0.0.1', {own_port})")))
    first, second = play(folder), play(folder, known_facts=KnownFacts())
    first.join("ani")
    aside = threading.Timer(0.5, first.server.stage.close)
    aside.start()
    second.join("budi")
    aside.join()
    assert first.server.program is not None
    assert first.server.program.status is not None
    assert second.server.address == ("127.0.0.1", own_port)


@linux
def test_a_written_port_that_a_stranger_has_is_told_as_what_it_is(
    play: Play, submission: Submission, own_port: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(ports, "MOST_ENDING", 0.1)
    folder = submission(edited((BIND, f"('127.0.0.1', {own_port})")))
    with socket.create_server(("127.0.0.1", own_port)):
        room = play(folder)
        found = failure(room.server.listens)
        known = room.server.stage.setting.known_facts
        assert (found.symptom, found.facts["port"]) == (Symptom.ASKS_OTHER_PORT, own_port)
        # Nothing else can be judged, and nobody waits for the stranger again.
        monkeypatch.setattr(ports, "wait_until_free", None)
        with pytest.raises(Inconclusive, match=str(own_port)):
            play(folder, known_facts=known).join("ani")
    play(folder, known_facts=known).join("budi")


@linux
def test_who_asks_its_user_for_the_address_is_told_that_nobody_types(
    play: Play, submission: Submission
):
    asks = edited((PARSER, PARSER + "    options.port = int(input('Port: '))\n"))
    found = failure(play(submission(asks)).server.listens)
    assert found.symptom is Symptom.WAITS_FOR_TYPING


def test_one_that_needs_its_time_is_waited_for_and_its_banner_too(
    play: Play, submission: Submission
):
    listen = "    listener.listen(128)\n"
    slow = submission(edited((listen, f"    time.sleep(3.2)\n{listen}    time.sleep(3)\n")))
    room = play(slow)
    room.server.starts()
    room.server.prints_banner()
    room.join("ani")


def test_a_banner_before_it_listens_is_too_early(play: Play, submission: Submission):
    listen, banner = "    listener.listen(128)\n", '    log("Server menunggu koneksi...")\n'
    early = edited((listen + banner, f"{banner}    time.sleep(2)\n{listen}"))
    room = play(submission(early))
    room.server.starts()
    found = failure(room.server.prints_banner)
    assert found.symptom is Symptom.BANNER_TOO_EARLY


@linux
def test_one_that_never_listens_holds_up_no_other_grader(
    play: Play, submission: Submission, default_port: int
):
    folder = submission("import time\ntime.sleep(600)")
    hasty = Patience(step=0.3, start=0.6)
    known = failure_of_first(play(folder, hasty))
    room = play(folder, hasty, known)
    room.server.starts()
    with contextlib.closing(ports._reserve(default_port)):
        assert failure(room.server.reach).symptom is Symptom.NEVER_LISTENS


def failure_of_first(room: Room) -> KnownFacts:
    failure(room.server.listens)
    room.server.stage.close()
    known = room.server.stage.setting.known_facts
    assert known.never_listened
    return known


TAKEN = {
    "a traceback": ("sys.exit(f", "raise RuntimeError(f"),
    "another status": ("sys.exit(f", "sys.exit(3 if error else f"),
    "no word": ("sys.exit(f", "sys.exit(1 if error else f"),
    "it goes on": ("sys.exit(f", "threading.Event().wait(f and None) if (f := error) else (f"),
}


@pytest.mark.parametrize("edit", TAKEN.values(), ids=TAKEN)
def test_a_taken_port_is_told_in_a_sentence(
    play: Play, submission: Submission, edit: tuple[str, str]
):
    # Time enough to listen on any machine; only the one that goes on is waited for so long.
    room = play(submission(edited(edit)), Patience(step=1, start=10))
    room.visits("ani")
    assert failure(room.server.gives_way_to_itself).symptom is Symptom.TAKEN_PORT_BADLY_TOLD


@linux
def test_two_programs_that_share_a_port_are_told_as_that(play: Play, submission: Submission):
    room = play(submission(edited(("SO_REUSEADDR", "SO_REUSEPORT"))), Patience(step=1, start=2))
    room.visits("ani")
    assert failure(room.server.gives_way_to_itself).symptom is Symptom.PORT_SHARED


def test_the_numbers_of_a_source_that_may_be_ports(tmp_path: Path):
    file = tmp_path / "server.py"
    file.write_text("PORT = 12_345\nx = [80, 70_000, True, 5555.5, '6666']\n'''7777'''\n8000")
    assert calling.ports_in(file) == [8000, 12345]
    file.write_bytes(b"\xff\0")
    assert calling.ports_in(file) == []


@pytest.mark.parametrize(
    ("said", "is_taken"),
    [
        ("OSError: [Errno 98] Address already in use", True),
        ("[Errno 48] sudah dipakai", True),
        ("Gagal: [WinError 10048] Normalerweise ...", True),
        # What another program has for itself alone, or Windows keeps back.
        ("Gagal: [WinError 10013] Access denied", True),
        ("OSError: [Errno 99] Cannot assign requested address", False),
        ("[WinError 10054] reset", False),
    ],
)
def test_what_each_system_says_of_a_taken_address_is_known(said: str, is_taken: bool):
    assert bool(calling._TAKEN.search(said)) is is_taken
