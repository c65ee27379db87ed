"""What several checks share: proofs of absence, the room after somebody left, crowds.

Each step is shown to let a right server pass and to catch the fault that it is there for.
"""

import sys
from collections.abc import Callable

import pytest

from harness.actors.patience import Patience
from harness.actors.room import Room
from harness.contract import sentences
from harness.contract.rubric import LANGUAGES
from harness.contract.symptoms import Failure, NotReached, StoryFailed, Symptom
from harness.grading.judge import REPO
from harness.record.journal import What
from harness.record.transcript import told
from tests.tiny import edited

# For stories in which something is waited for in vain.
SHORT = Patience(step=0.5, start=5)

linux = pytest.mark.skipif(sys.platform != "linux", reason="seen in /proc")

Play = Callable[..., Room]
Tiny = Callable[..., Room]


@pytest.fixture
def tiny(play: Play, submission: Callable) -> Tiny:
    """Sets a scene with the tiny server, edited."""

    def set_up(*edits: tuple[str, str], name: str = "tiny", **of: object) -> Room:
        return play(submission(edited(*edits), name), **of)

    return set_up


def failure(step: Callable[..., object], *arguments: object) -> Failure:
    with pytest.raises(StoryFailed) as failed:
        step(*arguments)
    return failed.value.failure


# -- faults

OTHERS = "for name, conn in members.items() if name != speaker]"
ECHO = (OTHERS, "for name, conn in members.items()]")
SEND = '            conn.sendall(f"{speaker}: {text}\\n".encode())\n'
UNGUARDED = (
    "        try:\n" + SEND + "        except OSError:\n            pass\n",
    SEND.replace("            conn", "        conn"),
)
NEVER_LEAVES = ("        members.pop(name, None)\n", "        pass\n")
# A writer thread with a queue for each member, as the textbook has it, and the echo in it.
ECHO_BY_WRITER = (
    ECHO,
    (
        "def leave(name):",
        "queues = {}\n\n\ndef write(conn, lines):\n    while True:\n"
        "        conn.sendall(lines.get())\n\n\ndef leave(name):",
    ),
    (
        SEND,
        "            if conn not in queues:\n"
        "                queues[conn] = queue.Queue()\n"
        "                writer = threading.Thread(target=write, args=(conn, queues[conn]))\n"
        "                writer.daemon = True\n"
        "                writer.start()\n"
        '            queues[conn].put(f"{speaker}: {text}\\n".encode())\n',
    ),
)


# -- roles


def test_roles_are_drawn_names(tiny: Tiny):
    room = tiny()
    ani, budi = room.join("ani", "budi")
    assert ani.name == room.draw.name("ani") != "ani"
    assert room.clients == [ani, budi]
    assert room.newcomer_called("Ani Wijaya").name == "Ani Wijaya"


def test_what_a_story_may_ask_for(tiny: Tiny):
    room = tiny()
    assert room.role("room") is room
    assert room.role("server") is room.server
    assert room.role("draw") is room.draw
    with pytest.raises(KeyError):
        room.role("request")


def test_visitors_go_as_far_as_they_are_let(tiny: Tiny):
    room = tiny(('b"OK\\n"', 'b"ERR penuh\\nNICK\\n"'))
    ani, _ = room.visits("ani", "budi")
    assert ani.raw == b"NICK\nERR penuh\nNICK\n"
    assert not ani.is_joined
    room.server.stage.close()  # or the other would wait for the default port, which this one holds
    assert tiny(name="other").visits("ani")[0].is_joined


# -- absence without a clock


@pytest.mark.parametrize("edits", [(ECHO,), ECHO_BY_WRITER], ids=["at once", "by a writer"])
def test_a_double_fence_catches_an_echo(tiny: Tiny, edits: tuple):
    room = tiny(*edits)
    ani, budi = room.join("ani", "budi")
    for number in range(10):
        said = ani.says(f"halo {number}")
        budi.sees(said)
        room.double_fence(ani, budi)
        assert failure(ani.got_no_echo_of, said).symptom is Symptom.ECHO
    assert failure(room.nobody_heard_themselves).symptom is Symptom.ECHO


def test_a_double_fence_proves_silence(tiny: Tiny):
    room = tiny()
    ani, budi = room.join("ani", "budi")
    budi.sees(ani.says("halo"))
    room.double_fence(ani, budi)
    room.nobody_heard_themselves()
    assert len(room.fences) == 2


def test_reading_to_the_end_catches_an_echo_that_takes_its_time(tiny: Tiny):
    """The echo comes long after every fence, from a thread that the handler waits for."""
    room = tiny(
        (
            "                say(name, text)\n",
            "                say(name, text)\n" + "    " * 4 + "late(conn, name, text)\n",
        ),
        (
            "        leave(name)\n",
            "        [timer.join() for timer in timers]\n        leave(name)\n",
        ),
        (
            "def leave(name):",
            "timers = []\n\n\ndef late(conn, name, text):\n"
            '    line = f"{name}: {text}\\n".encode()\n'
            "    timers.append(threading.Timer(0.2, conn.sendall, [line]))\n"
            "    timers[-1].start()\n\n\ndef leave(name):",
        ),
    )
    ani, budi = room.join("ani", "budi")
    said = ani.says("halo")
    room.double_fence(ani, budi)
    ani.got_no_echo_of(said)
    room.reads_to_the_end(ani)
    assert failure(ani.got_no_echo_of, said).symptom is Symptom.ECHO


# -- the room after somebody left


@pytest.mark.parametrize("way", ["leaves", "resets"])
def test_the_room_goes_on(tiny: Tiny, way: str):
    room = tiny()
    ani, budi, citra = room.join("ani", "budi", "citra")
    getattr(budi, way)()
    room.goes_on(ani, citra)


@pytest.mark.parametrize("way", ["leaves", "resets"])
def test_one_dead_peer_cuts_off_the_others(tiny: Tiny, way: str):
    room = tiny(UNGUARDED, NEVER_LEAVES, patience=SHORT)
    ani, budi, citra = room.join("ani", "budi", "citra")
    getattr(budi, way)()
    found = failure(room.goes_on, ani, citra)
    assert found.symptom in (Symptom.NOTHING_CAME, Symptom.HUNG_UP)


# It sends to one after the other, at work in between, and does not survive one who is gone.
SLOWLY = (
    UNGUARDED[0],
    "        until = time.monotonic() + 0.2\n"
    "        while time.monotonic() < until:\n"
    "            pass\n"
    "        conn.getpeername()\n" + UNGUARDED[1],
)


@pytest.mark.parametrize(("way", "goes_on"), [("resets", True), ("resets_at_once", False)])
def test_what_is_still_being_sent_to_one_who_goes_is_let_come(tiny: Tiny, way: str, goes_on: bool):
    """Ani's line has come to budi and is on its way to citra, who is no longer there for it."""
    room = tiny(SLOWLY, patience=SHORT)
    ani, budi, citra = room.join("ani", "budi", "citra")
    budi.sees(ani.says("halo"))
    getattr(citra, way)()
    if goes_on:
        room.goes_on(ani, budi)
    else:
        # The send to citra broke off, and ended ani's thread before the next line.
        stopped = failure(room.goes_on, ani, budi)
        assert (stopped.who, stopped.symptom) == (ani.name, Symptom.HUNG_UP)


def test_beside_a_silent_client_the_story_says_who_is_silent(tiny: Tiny):
    """The server takes two clients and a silent one, and nobody else."""
    accepted = "        conn, address = listener.accept()\n"
    full = f"        if threading.active_count() > 3:\n            time.sleep(60)\n{accepted}"
    room = tiny((accepted, full), patience=SHORT)
    ani, citra = room.join("ani", "citra")
    diam = room.newcomer("diam")
    diam.is_asked()
    with pytest.raises(StoryFailed):
        room.goes_on_beside(diam, ani, citra)
    last = room.server.stage.journal.events[-1]
    assert told(last, "en") == f"{diam.name} has not answered NICK yet"


def test_a_name_is_free_again_though_it_takes_a_moment(tiny: Tiny):
    room = tiny(("        leave(name)\n", "        threading.Timer(0.1, leave, [name]).start()\n"))
    ani, _ = room.join("ani", "budi")
    ani.leaves()
    heir = room.is_free_again(ani.name)
    assert heir.name == ani.name
    assert heir.is_joined


def test_a_name_is_never_free_again(tiny: Tiny):
    room = tiny(NEVER_LEAVES, patience=SHORT)
    ani, _ = room.join("ani", "budi")
    ani.leaves()
    found = failure(room.is_free_again, ani.name)
    assert (found.symptom, found.by_clock) == (Symptom.NAME_NOT_FREED, True)


def test_of_a_server_that_ends_meanwhile_nothing_is_said_about_the_name(tiny: Tiny):
    ends = ('conn.sendall(b"ERR dipakai\\nNICK\\n")', "__import__('os')._exit(0)")
    room = tiny(NEVER_LEAVES, ends)
    ani, _ = room.join("ani", "budi")
    ani.leaves()
    with pytest.raises(NotReached, match=r"disconnect\.leave"):
        room.is_free_again(ani.name)


def test_a_name_is_held(tiny: Tiny):
    room = tiny()
    (ani,) = room.join("ani")
    room.is_held(ani)


TAKES_ANY = ("if text in members:", "if False:")


def test_a_name_is_not_held(tiny: Tiny):
    room = tiny(TAKES_ANY)
    (ani,) = room.join("ani")
    assert failure(room.is_held, ani).symptom is Symptom.NOT_REFUSED


# -- many at once


def test_of_many_rivals_one_gets_the_name(tiny: Tiny):
    tiny().exactly_one_gets("pertama", rivals=8)


@pytest.mark.parametrize(
    ("edit", "symptom"),
    [(TAKES_ANY, Symptom.MANY_WON), (("if text in members:", "if True:"), Symptom.NOBODY_WON)],
)
def test_of_many_rivals_not_one_gets_the_name(tiny: Tiny, edit: tuple[str, str], symptom: Symptom):
    room = tiny(edit)
    found = failure(room.exactly_one_gets, "pertama", 4)
    assert found.symptom is symptom
    assert found.facts["rivals"] == 4
    marked = [e.text for e in room.server.stage.journal.events if e.what is What.UNWANTED]
    assert marked == ["OK"] * int(str(found.facts["winners"]))


def test_where_few_are_served_these_are_the_rivals(tiny: Tiny):
    """Room for six: the third time nobody is asked any more, and that is another check's."""
    accepted = "        conn, address = listener.accept()\n"
    full = f"        if threading.active_count() > 6:\n            time.sleep(60)\n{accepted}"
    room = tiny((accepted, full), patience=SHORT)
    for attempt in ("pertama", "kedua", "ketiga"):
        room.exactly_one_gets(attempt, rivals=4)
    taken = tiny((accepted, full), TAKES_ANY, name="other", patience=SHORT)
    assert failure(taken.exactly_one_gets, "pertama", 4).symptom is Symptom.MANY_WON


def test_who_asks_one_at_a_time_cannot_be_raced(tiny: Tiny):
    one_by_one = (
        "threading.Thread(target=serve, args=(conn, address), daemon=True).start()",
        "serve(conn, address)",
    )
    with pytest.raises(NotReached) as stopped:
        tiny(one_by_one, patience=SHORT).exactly_one_gets("pertama", 3)
    assert stopped.value.check == "concurrency.silent_newcomer"


def crowd_talks(room: Room) -> None:
    crowd = room.crowd()
    room.each_sees_exactly(crowd, room.all_talk_at_once(crowd))


@pytest.mark.parametrize(("count", "lines"), [(2, 3), (12, 3), (70, 1)])
def test_a_crowd_talks_and_everybody_hears_everybody(tiny: Tiny, count: int, lines: int):
    room = tiny(clients=count)
    crowd = room.crowd()
    assert len(crowd) == count
    said = room.all_talk_at_once(crowd)
    assert {len(lines_of) for lines_of in said.values()} == {lines}
    room.each_sees_exactly(crowd, said)


@pytest.mark.parametrize(
    ("send", "symptom"),
    [
        (SEND * 2, Symptom.CAME_TWICE),
        (SEND + SEND.replace("{text}", "{text[::-1]}"), None),  # another line is another check's
        (SEND.replace("{speaker}: ", "{'masuk!' * (len(text) % 2)}"), None),
        (SEND.replace("{text}", "{text[:-1]}"), Symptom.NOTHING_CAME),
        ("            if len(members) % 2:\n    " + SEND, Symptom.NOTHING_CAME),
    ],
    ids=["twice", "and another", "behind a notice", "cut", "none"],
)
def test_what_a_crowd_hears_wrong_is_found(tiny: Tiny, send: str, symptom: Symptom | None):
    room = tiny((SEND, send), clients=4, patience=SHORT)
    if symptom is None:
        crowd_talks(room)
    else:
        assert failure(crowd_talks, room).symptom is symptom


@pytest.mark.parametrize("count", [2, 1], ids=["in the middle", "where nothing more is due"])
def test_a_line_that_comes_once_more_is_told_as_such(tiny: Tiny, count: int):
    room = tiny((SEND, SEND * 2))
    ani, budi = room.join("ani", "budi")
    said = [ani.says(f"pesan {number}") for number in range(count)]
    found = failure(room.each_sees_exactly, [budi], {ani.name: said})
    assert found.symptom is Symptom.CAME_TWICE
    assert found.facts["seen"] == said[0].line
    for lang in LANGUAGES:
        assert said[0].line in sentences.seen(found, lang)
        assert "''" not in sentences.expected(found, lang)


def test_lines_in_another_order(tiny: Tiny):
    """Every other line of each speaker is kept back until the next one has gone out."""
    room = tiny(
        (
            "                say(name, text)\n",
            "                kept.append(text)\n"
            "                if len(kept) == 2:\n"
            "                    say(name, kept.pop())\n"
            "                    say(name, kept.pop())\n",
        ),
        ("    name = None\n    try", "    name, kept = None, []\n    try"),
    )
    ani, budi = room.join("ani", "budi")
    said = [ani.says("satu"), ani.says("dua")]
    found = failure(room.each_sees_exactly, [budi], {ani.name: said})
    assert found.symptom is Symptom.WRONG_ORDER
    assert found.facts["line"] == said[0].line
    assert found.facts["seen"] == said[1].line


def test_some_leave_while_all_talk(tiny: Tiny):
    room = tiny()
    everybody = list(room.join(*(f"anggota {number}" for number in range(6))))
    stay, go = everybody[::2], everybody[1::2]
    said = room.some_leave_while_all_talk(stay, go)
    assert said.keys() == {client.name for client in stay}
    room.each_sees_exactly(stay, said)
    assert all(client.is_closed for client in go)


# -- one that stops reading


def sleeper_and_two(room: Room) -> tuple:
    ani, budi = room.join("ani", "budi")
    return room.joins_and_stops_reading("lambat"), ani, budi


def test_a_slow_reader_holds_up_nobody(play: Play):
    room = play()
    sleeper, ani, budi = sleeper_and_two(room)
    room.fills_up(sleeper, ani, budi)
    room.goes_on(ani, budi)


def test_a_slow_reader_holds_up_all(tiny: Tiny):
    room = tiny(patience=SHORT)
    found = failure(room.fills_up, *sleeper_and_two(room))
    assert (found.symptom, found.by_clock) == (Symptom.NOTHING_CAME, True)


@pytest.mark.parametrize("size", [50, 200])
def test_a_queue_that_has_an_end_is_filled_too(play: Play, submission: Callable, size: int):
    """The sender waits for room in it, which there never will be."""
    text = (REPO / "tests" / "wheat" / "writer_threads" / "server.py").read_text(encoding="utf-8")
    for old, new in (("maxsize=10_000", f"maxsize={size}"), (", timeout=0.5)", ")")):
        assert text.count(old) == 1
        text = text.replace(old, new)
    room = play(submission(text, "bounded"), patience=SHORT)
    sleeper, ani, budi = sleeper_and_two(room)
    assert failure(room.fills_up, sleeper, ani, budi).symptom is Symptom.NOTHING_CAME
