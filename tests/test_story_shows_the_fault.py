"""A failing story, told back: the line that is wrong is marked where it came, or was waited for."""

from collections.abc import Callable

import pytest

from harness.actors.patience import Patience
from harness.actors.room import Room
from harness.contract.symptoms import StoryFailed, Symptom
from harness.record.journal import WRONG, Event
from harness.record.transcript import MARK, transcript
from harness.stories import broadcast, nickname
from tests.tiny import edited

SHORT = Patience(step=0.4, start=5)
# As many lines as the report has.
LINES = 14

OTHERS = "for name, conn in members.items() if name != speaker]"
ECHO = (OTHERS, "for name, conn in members.items()]")
SAYS = "                say(name, text)\n"
LOGS = '                log(f"{name}: {text}")\n'


@pytest.fixture
def room(play: Callable[..., Room], submission: Callable) -> Callable[..., Room]:
    """A room with the tiny server, edited."""
    return lambda *edits: play(submission(edited(*edits), f"s{abs(hash(edits))}"), patience=SHORT)


def told(room: Room, story: Callable[..., object], *more: object) -> tuple[Symptom, list[str]]:
    """What the story failed with, and how the report tells it."""
    with pytest.raises(StoryFailed) as failed:
        story(room, *more)
    lines = transcript(room._stage.journal.events, "id", LINES)
    assert len(lines) <= LINES
    return failed.value.failure.symptom, lines


# After a refusal another loop asks for the name, and what it lets in is forgotten.
FORGETS = (
    'conn.sendall(b"ERR dipakai\\nNICK\\n")\n                        continue\n',
    'conn.sendall(b"ERR dipakai\\nNICK\\n")\n'
    "                        was_refused = True\n                        continue\n",
)
UNHEARD = (
    ("    name = None\n    try:", "    name, was_refused = None, False\n    try:"),
    FORGETS,
    (SAYS, "                if not was_refused:\n                    say(name, text)\n"),
)
ASKED_ON = (
    *UNHEARD[:2],
    (SAYS, SAYS.replace("say(", "(say if not was_refused else still_asks)(")),
    (
        "def leave(name):",
        'def still_asks(name, text):\n    members[name].sendall(b"ERR spasi\\nNICK\\n")\n\n\n'
        "def leave(name):",
    ),
)
# The third and all after it are asked for a name, and then left alone.
FULL = (
    '                    conn.sendall(b"OK\\n")\n',
    "                    if len(members) > 2:\n                        return\n"
    '                    conn.sendall(b"OK\\n")\n',
)
NOBODY = ((SAYS, "                pass\n"),)


def test_who_joined_after_a_refusal_must_be_heard(room: Callable):
    scene = room(*UNHEARD)
    symptom, lines = told(scene, nickname.test_retry)
    assert symptom is Symptom.NOTHING_CAME
    ani, budi = scene.draw.name("ani"), scene.draw.name("budi")
    (mark,) = marked(lines)
    assert mark.startswith(f"{ani} <- server.py  '{budi}: ")


def test_an_answer_to_a_message_as_to_a_nickname_is_marked(room: Callable):
    scene = room(*ASKED_ON)
    symptom, lines = told(scene, nickname.test_retry)
    assert symptom is Symptom.MESSAGE_TAKEN_FOR_NAME
    budi = scene.draw.name("budi")
    assert marked(lines) == [f"{budi} <- server.py  'ERR spasi'  TIDAK SEHARUSNYA"]


@pytest.mark.parametrize("more", [(), (FULL,)], ids=["nobody is heard", "nobody else comes in"])
def test_where_no_other_is_heard_either_it_is_not_about_a_refusal(room: Callable, more: tuple):
    scene = room(*NOBODY, *more)
    nickname.test_retry(scene)
    assert wrong(scene) == []


def wrong(room: Room) -> list[Event]:
    return [event for event in room._stage.journal.events if event.what in WRONG]


def marked(lines: list[str]) -> list[str]:
    return [line.partition(MARK)[2] for line in lines if MARK in line]


def test_an_echo_is_marked_where_it_came_and_stands_behind_what_was_said(room: Callable):
    scene = room(ECHO)
    symptom, lines = told(scene, broadcast.test_not_to_sender)
    assert symptom is Symptom.ECHO
    ani, text = scene.draw.name("ani"), scene.draw.text("halo")
    assert marked(lines) == [f"{ani} <- server.py  '{ani}: {text}'  TIDAK SEHARUSNYA"]
    (said,) = (at for at, line in enumerate(lines) if f"{ani} -> server.py  '{text}'" in line)
    (echo,) = (at for at, line in enumerate(lines) if MARK in line)
    assert said < echo
    # It is no copy: nobody sees the line twice, and the events are still in the order of time.
    (event,) = wrong(scene)
    events = scene._stage.journal.events
    assert [e.t for e in events] == sorted(e.t for e in events)
    assert sum((e.to, e.text) == (ani, event.text) for e in events) == 1
    assert events.index(event) < len(events) - LINES
    assert not any("pagar" in line for line in lines)


def test_pieces_are_shown_as_they_went_out_and_who_spoke_between_them(room: Callable):
    scene = room(
        ('for raw in conn.makefile("rb"):\n', "while raw := conn.recv(100):\n"),
    )
    _, lines = told(scene, broadcast.test_framing, scene.draw)
    ani = scene.draw.name("ani")
    pieces = [line for line in lines if f"{ani} -> server.py" in line and "(satu segmen)" in line]
    assert len(pieces) >= 3
    events = scene._stage.journal.events
    sent = [event.text for event in events if event.what == "piece" and event.who == ani][-4:]
    assert [len(piece) for piece in sent[:2]] == [3, 1]
    assert sent[3] == "\n"
    assert marked(lines) == [
        f"{scene.draw.name('budi')} <- server.py  '{ani}: {''.join(sent).strip()}'  TIDAK DATANG"
    ]


def test_somebody_who_speaks_between_two_halves_stands_between_them(room: Callable):
    scene = room()
    ani, budi, eko = scene.join("ani", "budi", "eko")
    half = ani.says_half("setengah")
    budi.sees(eko.says("sela"))
    budi.sees(ani.finishes(half.text, " selesai"))
    events = scene._stage.journal.events
    spoken = [(e.who, e.text) for e in events if e.what in ("say", "piece")][-3:]
    assert spoken == [
        (ani.name, half.text),
        (eko.name, scene.draw.text("sela")),
        (ani.name, " selesai\n"),
    ]


def test_a_carriage_return_that_came_is_shown(room: Callable):
    """Blank lines are handed on, carriage return and all."""
    scene = room(
        ("text = raw.decode().strip()", 'text = raw.decode().removesuffix("\\n")'),
        ("            elif text:\n", "            else:\n"),
    )
    symptom, lines = told(scene, broadcast.test_empty, scene.server)
    assert symptom is Symptom.EMPTY_SENT
    ani, budi = scene.draw.name("ani"), scene.draw.name("budi")
    assert marked(lines) == [f"{budi} <- server.py  '{ani}: '  TIDAK SEHARUSNYA"]
    # Whether the window has room for these depends on what the server printed in between.
    whole = transcript(scene._stage.journal.events, "id")
    assert any(f"{budi} <- server.py  '{ani}: \\r'" in line for line in whole)
    assert any(f"{ani} -> server.py  '\\r\\n'" in line for line in whole)


@pytest.mark.parametrize("separator", ["\x0b", "\x85", "\u2028"])
def test_a_separator_that_ends_no_line_cuts_no_event_in_two(room: Callable, separator: str):
    scene = room()
    ani, budi = scene.join("ani", "budi")
    said = ani.says_exactly(f"satu{separator}dua")
    budi.sees(said)
    assert budi.chat_since_joining() == ([said.line], "")
    seen = [e.text for e in scene._stage.journal.events if (e.to, e.what) == (budi.name, "see")]
    assert seen[-1] == said.line


def test_a_console_line_that_is_missing_is_not_told_as_if_it_had_come(room: Callable):
    scene = room((LOGS, ""))
    symptom, lines = told(scene, broadcast.test_log, scene.server)
    assert symptom is Symptom.NO_CHAT_LOG
    ani, text = scene.draw.name("ani"), scene.draw.text("halo")
    assert marked(lines) == [f"server.py mencetak (stdout) '{ani}: {text}'  TIDAK TERJADI"]
    assert sum(text in line for line in lines if "mencetak" in line) == 1


def test_a_console_line_that_came_is_told_once(room: Callable):
    scene = room()
    (ani,) = scene.join("ani")
    said = ani.says("halo")
    scene.server.logs(said)
    events = scene._stage.journal.events
    assert [str(e.what) for e in events if e.text == said.line] == ["print"]


def test_a_message_that_does_not_come_stands_where_it_was_waited_for(room: Callable):
    scene = room((SAYS, SAYS.replace("say(name, text)", "pass")))
    symptom, lines = told(scene, broadcast.test_delivers)
    assert symptom is Symptom.NOTHING_CAME
    ani, budi = scene.draw.name("ani"), scene.draw.name("budi")
    text = scene.draw.text("halo")
    assert marked(lines) == [f"{ani} <- server.py  '{budi}: {text}'  TIDAK DATANG"]
    assert MARK in lines[-1]


def test_a_connection_that_was_ended_is_marked_where_it_ended(room: Callable):
    scene = room(("            elif text:\n", "            else:\n                return\n"))
    symptom, lines = told(scene, broadcast.test_delivers)
    budi = scene.draw.name("budi")
    assert symptom is Symptom.HUNG_UP
    assert marked(lines) == [f"server.py menutup koneksi {budi}  TIDAK SEHARUSNYA"]


def test_a_taken_name_that_is_given_again_is_marked_at_its_ok(room: Callable):
    scene = room(("if text in members:", "if False:"))
    symptom, lines = told(scene, nickname.test_unique)
    assert symptom is Symptom.NOT_REFUSED
    penyamar = scene.draw.name("penyamar")
    assert marked(lines) == [f"{penyamar} <- server.py  'OK'  TIDAK SEHARUSNYA"]


def test_a_request_in_other_words_is_marked(room: Callable):
    scene = room(('conn.sendall(b"NICK\\n")', 'conn.sendall(b"Nama?\\n")'))
    symptom, lines = told(scene, nickname.test_request)
    assert symptom is Symptom.OTHER_REQUEST
    ani = scene.draw.name("ani")
    assert marked(lines) == [f"{ani} <- server.py  'Nama?'  TIDAK SEHARUSNYA"]


def test_what_a_story_does_not_judge_is_not_marked(room: Callable):
    """Visitors go as far as they are let; that they were not let in is no fault of this story."""
    scene = room(('conn.sendall(b"OK\\n")', "pass"))
    scene.visits("ani")
    assert wrong(scene) == []
