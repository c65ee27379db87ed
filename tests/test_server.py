"""The student's server as an actor: reached without a probe, and seen from outside."""

import contextlib
import socket
import sys
from collections.abc import Callable, Iterator

import pytest

from harness.actors import server
from harness.actors.known_facts import MOST_RESTLESS
from harness.actors.patience import Patience
from harness.actors.room import Room
from harness.contract import protocol
from harness.contract.symptoms import Failure, Inconclusive, NotRunHere, StoryFailed, Symptom
from harness.program import ports
from harness.record.journal import What
from harness.record.transcript import told
from tests.tiny import edited
from tests.watching import sockets_are_shown

# For stories in which something is waited for in vain; the program itself must have started.
SHORT = Patience(step=0.3, start=0.6)
# For one that listens, however slow the machine is.
SHORT_ONCE_IT_LISTENS = Patience(step=0.3, start=10)

linux = pytest.mark.skipif(sys.platform != "linux", reason="seen in /proc")

Play = Callable[..., Room]
Submission = Callable[..., object]


def failure(step: Callable[..., object], *arguments: object, **named: object) -> Failure:
    with pytest.raises(StoryFailed) as failed:
        step(*arguments, **named)
    return failed.value.failure


def printed(room: Room) -> list[str]:
    """All that the program printed."""
    program = room.server.running
    program.end()
    return [line.rstrip("\r") for line in program.stdout.lines]


@pytest.fixture
def default_port(monkeypatch: pytest.MonkeyPatch) -> int:
    """Stands for the port of SPEC section 1, which other graders may have at this moment."""
    with ports.reserved_port() as port:
        pass
    for module in (ports, protocol):
        monkeypatch.setattr(module, "DEFAULT_PORT", port)
    return port


# -- reached


def test_the_reference_is_reached_where_it_was_told(play: Play):
    room = play()
    room.server.listens()
    assert room.server.running.status is None
    assert "start.listens" in room.server.stage.setting.known_facts.demonstrated


@pytest.mark.parametrize("start", ["starts", "starts_without_arguments"])
def test_a_port_is_held_until_the_program_is_gone(play: Play, default_port: int, start: str):
    room = play()
    getattr(room.server, start)()
    program, held = room.server.running, []
    ends = program.end

    def end() -> None:
        ends()
        with contextlib.suppress(OSError):
            ports._reserve(default_port).close()
            held.append("let go")

    program.end = end  # type: ignore[method-assign]
    room.server.stage.close()
    assert program.status is not None
    assert held == []
    ports._reserve(default_port).close()


def without_reuse(port: int) -> str:
    """The tiny server on ``port`` unless told otherwise, and without SO_REUSEADDR."""
    option = "    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)\n"
    return edited(("default=55555", f"default={port}"), (option, ""))


@pytest.fixture
def fading(default_port: int) -> Iterator[socket.socket]:
    """Stands in the way of a program without SO_REUSEADDR, as a connection in TIME_WAIT does."""
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", default_port))
        yield other


@pytest.mark.skipif(sys.platform == "win32", reason="nothing fades away there")
def test_a_connection_that_fades_away_is_waited_for(
    play: Play,
    submission: Submission,
    default_port: int,
    fading: socket.socket,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(ports.time, "sleep", lambda _: fading.close())
    server = play(submission(without_reuse(default_port))).server
    server.starts_without_arguments()
    server.is_reached()


@sockets_are_shown
@pytest.mark.skipif(sys.platform == "win32", reason="nothing fades away there")
def test_a_connection_that_fades_away_at_a_written_port_is_waited_for(
    play: Play,
    submission: Submission,
    default_port: int,
    fading: socket.socket,
    monkeypatch: pytest.MonkeyPatch,
):
    """A tutorial's server, run again within a minute: its fault is the port, not the address."""
    monkeypatch.setattr(ports.time, "sleep", lambda _: fading.close())
    option = "    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)\n"
    stubborn = edited(("(options.host, options.port)", f"('', {default_port})"), (option, ""))
    found = failure(play(submission(stubborn)).server.listens)
    assert found.symptom is Symptom.OTHER_PORT


@pytest.mark.skipif(sys.platform == "win32", reason="nothing fades away there")
def test_a_connection_that_does_not_fade_away_is_not_the_programs_fault(
    play: Play,
    submission: Submission,
    default_port: int,
    fading: socket.socket,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(ports, "MOST_FADING", 0.1)
    server = play(submission(without_reuse(default_port))).server
    server.starts_without_arguments()
    with pytest.raises(Inconclusive) as unsure:
        server.is_reached()
    assert unsure.value.reason == "port_taken"


def test_a_port_that_a_program_of_nobodys_grading_has_is_told(
    play: Play, submission: Submission, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(ports, "MOST_ENDING", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        fixed = edited(
            ("listener.bind((options.host, options.port))", f"listener.bind(('', {port}))")
        )
        with pytest.raises(Inconclusive) as unsure:
            play(submission(fixed)).join("ani")
    assert (unsure.value.reason, unsure.value.facts) == ("port_taken", {"port": port})


def test_the_first_client_is_the_probe(play: Play, submission: Submission):
    """Connected and closed again, a probe alone breaks half of all beginners' servers."""
    slow = edited(
        ("listener = socket.socket()", "time.sleep(0.3)\n    listener = socket.socket()"),
        ("conn, address = listener.accept()", "conn, address = listener.accept(); log('tok')"),
    )
    room = play(submission(slow))
    room.join("ani", "budi")
    assert printed(room).count("tok") == 2


def test_a_server_is_reached_without_its_banner(play: Play, submission: Submission):
    late = edited(('    log("Server menunggu koneksi...")\n', ""))
    play(submission(late)).join("ani")


@pytest.mark.parametrize(
    ("text", "symptom", "fact"),
    [
        ("print('halo'); raise SystemExit(7)", Symptom.ENDED_EARLY, ("status", 7)),
        ("print('halo'); raise SystemExit(7)", Symptom.ENDED_EARLY, ("last", "halo")),
        ("1 / 0", Symptom.ENDED_EARLY, ("last", "ZeroDivisionError: division by zero")),
        ("def f(:", Symptom.SYNTAX_ERROR, ("error", "server.py:1: invalid syntax")),
        (edited(("accept(listener)\n    e", "pass\n    e")), Symptom.ENDED_EARLY, ("status", 0)),
    ],
)
def test_a_server_that_has_ended_is_told_with_its_last_words(
    play: Play, submission: Submission, text: str, symptom: Symptom, fact: tuple[str, object]
):
    found = failure(play(submission(text)).server.listens)
    assert found.symptom is symptom
    assert found.facts[fact[0]] == fact[1]
    assert not found.by_clock


def test_a_server_that_never_listens_is_told(play: Play, submission: Submission):
    room = play(submission("import time\ntime.sleep(600)"), SHORT)
    found = failure(room.server.listens)
    assert (found.symptom, found.by_clock) == (Symptom.NEVER_LISTENS, True)
    assert found.facts["address"] == room.server.place


def test_a_missing_server_file_is_told(play: Play, submission: Submission):
    folder = submission("", "empty")
    (folder / "server.py").unlink()  # type: ignore[operator]
    assert failure(play(folder).server.listens).symptom is Symptom.NO_FILE


@linux
def test_a_server_that_accepts_nobody_is_told(play: Play, submission: Submission):
    idle = edited(("conn, address = listener.accept()", "time.sleep(600)"))
    found = failure(play(submission(idle), SHORT).server.listens)
    assert (found.symptom, found.by_clock) == (Symptom.NOT_ACCEPTED, True)


@sockets_are_shown
def test_it_listens_at_the_default_whatever_it_was_told(
    play: Play, submission: Submission, default_port: int
):
    stubborn = edited(
        ("(options.host, options.port)", f"('127.0.0.1', {default_port})"),
    )
    room = play(submission(stubborn))
    found = failure(room.server.listens)
    assert found.symptom is Symptom.OTHER_PORT
    assert found.facts["seen"] == f"127.0.0.1:{default_port}"
    known_facts = room.server.stage.setting.known_facts
    assert "start.listens" in known_facts.demonstrated
    room.server.stage.close()
    # From then on every story finds it there, with the port held against other graders.
    other = play(room.server.stage.setting.source, known_facts=known_facts)
    other.join("ani")
    assert other.server.address == ("127.0.0.1", default_port)
    with pytest.raises(OSError):
        ports._reserve(default_port)


@sockets_are_shown
def test_it_listens_on_the_port_but_not_on_the_host(play: Play, submission: Submission):
    found_at = edited(("(options.host, options.port)", '("127.0.0.1", options.port)'))
    room = play(submission(found_at))
    if ports.loopback(room.server.stage.draw.random) == protocol.DEFAULT_HOST:
        pytest.skip("this system has one loopback address only")
    assert failure(room.server.listens).symptom is Symptom.OTHER_HOST
    known_facts = room.server.stage.setting.known_facts
    play(room.server.stage.setting.source, known_facts=known_facts).join("ani")


@linux
def test_at_somebody_elses_program_nobody_knocks(
    play: Play, submission: Submission, default_port: int
):
    room = play(submission("import time\ntime.sleep(600)"), SHORT)
    with socket.create_server(("127.0.0.1", default_port)) as stranger:
        assert failure(room.server.listens).symptom is Symptom.NEVER_LISTENS
        stranger.setblocking(False)
        with pytest.raises(BlockingIOError):
            stranger.accept()


def test_without_arguments_it_listens_at_the_default(
    play: Play, submission: Submission, default_port: int
):
    room = play(submission(edited(("default=55555", f"default={default_port}"))))
    room.server.starts_without_arguments()
    room.server.is_reached()
    assert room.server.address == ("127.0.0.1", default_port)
    starts = [e.text for e in room.server.stage.journal.events if e.what is What.START]
    assert starts == ["server.py"]


def test_a_default_port_that_is_taken_is_not_the_students_fault(play: Play, default_port: int):
    with socket.create_server(("127.0.0.1", default_port)), pytest.raises(Inconclusive):
        play().server.starts_without_arguments()


# -- what it prints


def test_console_lines_are_waited_for(play: Play, submission: Submission):
    late = edited(('log("Server menunggu', 'time.sleep(0.2); log("[12:00] Server menunggu'))
    room = play(submission(late))
    room.server.starts()
    room.server.prints_banner()
    (ani, budi) = room.join("ani", "budi")
    room.server.logs_joining_of(ani)
    room.server.logs(budi.says("halo"))


@pytest.mark.parametrize(
    ("step", "symptom"),
    [
        (lambda room, ani: room.server.prints_banner(), Symptom.NO_BANNER),
        (lambda room, ani: room.server.logs_joining_of(ani), Symptom.OTHER_LOG),
        (lambda room, ani: room.server.logs(ani.says("halo")), Symptom.OTHER_LOG),
    ],
)
def test_console_lines_that_do_not_come_are_told(
    play: Play, submission: Submission, step: Callable, symptom: Symptom
):
    silent = edited(
        ('sys.stdout.write(text + "\\n")', 'sys.stdout.write("bukan: " + text + "\\n")')
    )
    room = play(submission(silent), SHORT_ONCE_IT_LISTENS)
    (ani,) = room.join("ani")
    found = failure(step, room, ani)
    assert (found.symptom, found.by_clock) == (symptom, True)
    assert str(found.facts["seen"]).startswith("bukan: ")


JOINED = '                log(f"Client {address[0]} terhubung dengan nickname: {name}")\n'
# It says so of whoever answers, and only then looks whether the name is taken.
EARLY = JOINED.replace("{name}", "{text}")
LOGS_TOO_EARLY = (
    (JOINED, ""),
    ("            if name is None:\n", f"            if name is None:\n{EARLY}"),
)


def second_joins(room: Room) -> None:
    ani = room.newcomer("ani")
    ani.connects(bind_to=room.another_address())
    ani.joins()
    room.server.logs_joining_of(ani)
    (budi,) = room.had_to_choose_again(ani)
    room.server.logs_joining_of(budi)
    room.server.logs_no_joining_of(budi, ani)


def test_who_joined_under_another_name_is_logged_under_that(play: Play):
    second_joins(play())


@pytest.mark.parametrize("ending", [(), (('write(text + "\\n")', 'write(text + "\\r\\n")'),)])
def test_who_was_refused_and_is_logged_as_joined_is_told(
    play: Play, submission: Submission, ending: tuple[tuple[str, str], ...]
):
    room = play(submission(edited(*LOGS_TOO_EARLY, *ending)))
    found = failure(second_joins, room)
    assert found.symptom is Symptom.REFUSED_LOGGED
    (wrong,) = [e for e in room.server.stage.journal.events if e.what is What.UNWANTED]
    assert (wrong.to, wrong.text) == ("stdout", found.facts["line"])
    assert told(wrong, "en").startswith("server.py prints (stdout) 'Client 127.0.0.1 ")


def test_nobody_has_to_choose_again_where_a_taken_name_is_given(play: Play, submission: Submission):
    room = play(submission(edited(("if text in members:", "if False:"))))
    (ani,) = room.join("ani")
    assert room.had_to_choose_again(ani) == []


def test_once_it_has_ended_nothing_more_is_waited_for(play: Play, submission: Submission):
    room = play(submission("print('halo')"), Patience(step=600, start=600))
    room.server.starts()
    assert failure(room.server.prints_banner).symptom is Symptom.NO_BANNER


# -- its end


def test_ctrl_c_ends_it_politely(play: Play):
    room = play()
    room.join("ani", "budi")
    room.server.is_interrupted()
    room.server.ends_politely(within=2)


# As on Windows: Ctrl-C is noticed once accept returns (PEP 475 has it wait on for the next client).
HEARS_LATE = """
is_over = False
def note(*_):
    global is_over
    is_over = True
signal.signal(signal.SIGINT, note)
"""
# And a client that has gone again is an error of accept.
ENDS_ONCE_ACCEPT_RETURNS = (
    "listener.accept()",
    """listener.accept()
        if is_over:
            conn.settimeout(0.2)
            try:
                raise OSError(f"gone: {conn.recv(1)}")
            except TimeoutError:
                sys.exit(0)""",
)


@linux
@pytest.mark.parametrize("is_windows", [True, False])
def test_where_ctrl_c_waits_for_accept_somebody_connects_once_more(
    play: Play, submission: Submission, monkeypatch: pytest.MonkeyPatch, is_windows: bool
):
    monkeypatch.setattr(server, "CTRL_C_WAITS_FOR_A_CALL", is_windows)
    late = edited(ENDS_ONCE_ACCEPT_RETURNS, ("def main", f"import signal\n{HEARS_LATE}\ndef main"))
    room = play(submission(late))
    room.join("ani")
    room.server.is_interrupted()
    if is_windows:
        room.server.ends_politely(within=2)
    else:
        assert failure(room.server.ends_politely, within=0.3).symptom is Symptom.NOT_ENDED


@pytest.mark.parametrize(
    ("except_", "symptom"),
    [
        ("KeyboardInterrupt:\n        raise", Symptom.TRACEBACK),
        ("KeyboardInterrupt:\n        time.sleep(600)", Symptom.NOT_ENDED),
    ],
)
def test_a_server_that_ctrl_c_does_not_end_politely_is_told(
    play: Play, submission: Submission, except_: str, symptom: Symptom
):
    rude = edited(("KeyboardInterrupt:\n        sys.exit(0)", except_))
    room = play(submission(rude))
    room.join("ani")
    room.server.is_interrupted()
    found = failure(room.server.ends_politely, within=0.3 if symptom is Symptom.NOT_ENDED else 10)
    assert found.symptom is symptom


def test_the_bound_of_the_spec_follows_the_machine(play: Play, submission: Submission):
    """On a machine four times as slow Ctrl-C may take four times as long."""
    slow = edited(("sys.exit(0)", "time.sleep(0.5)\n        sys.exit(0)"))
    room = play(submission(slow), Patience(step=10, start=20, scale=100.0))
    room.join("ani")
    room.server.is_interrupted()
    room.server.ends_politely(within=0.1)


def test_a_server_starts_again_at_once_on_its_port(play: Play):
    room = play()
    room.visits("ani", "budi")
    room.server.restarts_at_once()


@pytest.mark.skipif(sys.platform == "win32", reason="nothing fades away there")
def test_a_server_that_cannot_start_again_is_told(play: Play, submission: Submission):
    forgot = edited(("    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)\n", ""))
    room = play(submission(forgot))
    room.visits("ani", "budi")
    found = failure(room.server.restarts_at_once)
    assert found.symptom is Symptom.PORT_NOT_FREED
    assert "Address already in use" in str(found.facts["last"])
    assert found.facts["address"] == room.server.place


def test_after_the_story_it_is_gone(play: Play):
    room = play()
    room.join("ani")
    program = room.server.running
    room.server.stage.close()
    assert program.status is not None


# -- from outside


@pytest.fixture
def counted(play: Play) -> Iterator[Room]:
    room = play()
    room.join("ani")
    yield room


@linux
def test_threads_and_sockets_are_counted(counted: Room):
    server = counted.server
    threads, sockets = server.count_threads(), server.count_sockets()
    counted.join("budi", "citra")
    server.has_threads(threads, more=2)
    assert server.count_sockets() == sockets + 2
    measured = [e.text for e in server.stage.journal.events if e.what is What.MEASURE]
    assert measured[0] == f"threads {threads}"


@linux
def test_of_a_program_that_never_rests_a_short_thread_does_not_count(
    play: Play, submission: Submission
):
    target = "threading.Thread(target=serve, args=(conn, address), daemon=True).start()"
    brief = "threading.Thread(target=time.sleep, args=(0.2,)).start()"
    room = play(submission(edited((target, f"{target}; {brief}"))))
    room.server.stage.setting.known_facts.restless = MOST_RESTLESS
    room.join("ani")
    assert room.server.count_threads() == 2


@linux
def test_too_few_threads_are_told(play: Play, submission: Submission):
    one_thread = edited(
        ("    while True:\n        conn", "    kept = []\n    while True:\n        conn"),
        (
            "threading.Thread(target=serve, args=(conn, address), daemon=True).start()",
            "kept.append(conn)",
        ),
    )
    room = play(submission(one_thread), SHORT_ONCE_IT_LISTENS)
    before = room.server.count_threads()
    room.newcomer("ani").connects()
    found = failure(room.server.has_threads, before, more=1)
    assert (found.symptom, found.by_clock) == (Symptom.FEW_THREADS, True)


@linux
def test_one_restless_moment_is_forgotten_by_the_next_rest(
    counted: Room, monkeypatch: pytest.MonkeyPatch
):
    known, rested = counted.server.stage.setting.known_facts, [False, False, True]
    monkeypatch.setattr(counted.server.measure, "settles", lambda *_: rested.pop(0))
    told = []
    while rested:
        counted.server.notices()
        told.append(known.restless)
    assert told == [1, 2, 0]


def test_an_idle_server_does_not_spin(counted: Room):
    try:
        counted.server.rests()
    except NotRunHere as unseen:
        pytest.skip(f"wine shows nobody's processor time ({unseen.reason})")
    assert counted.server.settles()


@linux
def test_a_server_that_spins_is_told(play: Play, submission: Submission):
    spinning = edited(("        leave(name)\n", "        leave(name)\n        while True: pass\n"))
    room = play(submission(spinning), SHORT)
    (ani,) = room.join("ani")
    ani.leaves()
    with contextlib.suppress(Inconclusive):  # on a machine that has not even time to spin
        assert failure(room.server.rests).symptom is Symptom.SPINS
