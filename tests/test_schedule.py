"""The student as the scheduler: the pages lead to the fault, and a terminal is left as it was."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness import cli, schedule
from harness.by_hand import hand_story, view
from harness.by_hand.game import ENTER, Game, keys_in
from harness.by_hand.hand_words import HELP, PROMISES, SAID
from harness.by_hand.table import Table
from harness.by_hand.way import find_way, joined
from harness.contract.rubric import Language
from harness.grading.judge import REPO
from harness.reports.paint import Paint
from harness.schedules.oracle import judge
from tests.watching import ctrl_c_as_it_was

KINDS = {
    "1-nama-ganda": "two_holders",
    "2-daftar-berubah": "lost",
    "3-nomor-kembar": "lost",
    "4-urutan-ok": "not_joined",
    "5-dua-lock": "deadlock",
}
# What each page tells the student to change.
MENDED = {
    "1-nama-ganda": (
        "    if name in members:\n        return False\n    with lock:\n",
        "    with lock:\n        if name in members:\n            return False\n",
    ),
    "2-daftar-berubah": (
        "    for conn in conns:\n        if conn is not sender:\n"
        '            send(conn, f"{name}: {text}")\n',
        "    with lock:\n        for conn in conns:\n            if conn is not sender:\n"
        '                send(conn, f"{name}: {text}")\n',
    ),
    "3-nomor-kembar": (
        "    number = next_number\n    next_number = number + 1\n    with lock:\n",
        "    with lock:\n        number = next_number\n        next_number = number + 1\n",
    ),
    "4-urutan-ok": (
        '    send(conn, "OK")\n    return True\n',
        '        send(conn, "OK")\n    return True\n',
    ),
    "5-dua-lock": (
        "    with names_lock:\n        with room_lock:\n            room.remove(pair)\n"
        "        names.discard(pair[0])\n",
        "    with room_lock:\n        room.remove(pair)\n        with names_lock:\n"
        "            names.discard(pair[0])\n",
    ),
}
posix = pytest.mark.skipif(os.name != "posix", reason="pipes and terminals of POSIX")
COMMAND = [sys.executable, "-m", "harness", "schedule"]


def keys_of(page: Path) -> list[str]:
    """The keys in the first column of a page's table, row by row."""
    rows = re.findall(r"^\| ((?:`[^`]+` ?)+) \|", page.read_text(encoding="utf-8"), re.MULTILINE)
    return [" ".join(re.findall(r"`([^`]+)`", row)) for row in rows]


def mended(name: str, folder: Path) -> Path:
    """A copy of an exercise, mended as its page says."""
    before, after = MENDED[name]
    source = (schedule.EXERCISES / name / "server.py").read_text(encoding="utf-8")
    assert source.count(before) == 1
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "server.py").write_text(source.replace(before, after), encoding="utf-8")
    return folder


NewGame = Callable[..., Game]


@pytest.fixture
def new_game(tmp_path: Path) -> Iterator[NewGame]:
    """Games that have begun; their processes are ended."""
    tables: list[Table] = []

    def begun(folder: Path | str, lang: Language = "id") -> Game:
        place = schedule.EXERCISES / folder if isinstance(folder, str) else folder
        tables.append(Table(place / "server.py"))
        game = Game(tables[-1], lang, tmp_path / "story.json")
        game.begin()
        return game

    yield begun
    for table in tables:
        table.close()


def broken(game: Game) -> str:
    """The kind of the promise that is broken; empty when none is."""
    return game.position.broken.kind if game.position.broken else ""


def play(game: Game, *keys: str) -> Game:
    for each in keys:
        game.press_all("".join(keys_in(each)))
    return game


# The pages.


def test_there_are_five_exercises_with_a_page_each():
    assert list(schedule.exercises()) == list(KINDS)
    for folder in schedule.exercises().values():
        assert schedule.page_of(folder).is_file()


@pytest.mark.parametrize("name", KINDS)
def test_the_keys_of_the_page_lead_to_the_fault_with_the_last_one(name: str, new_game: NewGame):
    keys = keys_of(schedule.page_of(schedule.EXERCISES / name))
    assert len(keys) > 5
    game = new_game(name)
    for row in keys[:-1]:
        play(game, row)
        assert not game.message, "every key of the page does something"
    assert not broken(game)
    play(game, keys[-1])
    assert broken(game) == KINDS[name]


@pytest.mark.parametrize("name", KINDS)
def test_what_the_page_says_to_change_mends_its_story(name: str, new_game: NewGame, tmp_path: Path):
    game = play(new_game(name), *keys_of(schedule.page_of(schedule.EXERCISES / name)), "s")
    moves, grain = hand_story.moves_from(json.loads(game.save_to.read_text(encoding="utf-8")))
    table = new_game(mended(name, tmp_path / name)).table
    position = table.position([*moves, ["rest"]], grain)
    assert position.broken is None
    assert not position.trouble


@pytest.mark.parametrize("name", KINDS)
def test_the_page_says_of_the_replay_what_the_program_says(
    name: str, new_game: NewGame, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    page = schedule.page_of(schedule.EXERCISES / name)
    game = play(new_game(name), *keys_of(page), "s")
    with ctrl_c_as_it_was():
        folder = f"--submission={mended(name, tmp_path / 'mended')}"
        assert cli.main(["replay", str(game.save_to), folder]) == 0
    # In one exercise alone the mended server cannot make every move again.
    is_told = "langkah tidak bisa diulang" in capsys.readouterr().out
    assert is_told == (name == "5-dua-lock")
    text = " ".join(page.read_text(encoding="utf-8").split())
    assert "Kalau ada langkah yang tidak bisa diulang (thread-nya kini menunggu lock)" in text


def test_the_page_of_the_deadlock_names_the_promise_as_the_screen_does():
    page = schedule.page_of(schedule.EXERCISES / "5-dua-lock").read_text(encoding="utf-8")
    assert SAID["broken"]["id"].format(promise=PROMISES["deadlock"]["id"]) in page


# Finding the way.


def test_the_moves_to_the_fault_end_where_the_screen_first_shows_it(
    new_game: NewGame, tmp_path: Path
):
    # OK first, then the list: what is lost shows while all is at rest, and at the end again.
    source = (schedule.EXERCISES / "4-urutan-ok" / "server.py").read_text(encoding="utf-8")
    before = '        members[conn] = name\n    send(conn, "OK")\n'
    after = '    send(conn, "OK")\n    with lock:\n        members[conn] = name\n'
    assert before in source
    (tmp_path / "server.py").write_text(source.replace(before, after), encoding="utf-8")
    game = play(new_game(tmp_path), "f")
    steps = len(game.way)
    assert f"({steps} langkah" in game.message
    for _ in range(steps):
        assert not broken(game)
        game.press(ENTER)
    assert broken(game) == "lost"


@pytest.mark.parametrize("name", ["1-nama-ganda", "5-dua-lock"])
def test_enter_follows_the_way_that_was_found_to_the_fault(name: str, new_game: NewGame):
    game = play(new_game(name), "f")
    assert game.way, game.message
    length = len(game.way)
    for _ in range(length):
        assert not broken(game)
        game.press(ENTER)
    assert broken(game) == KINDS[name]
    # Undo goes back along the way, and Enter forward again.
    play(game, "u")
    assert (broken(game), len(game.way)) == ("", 1)
    game.press(ENTER)
    assert broken(game)


def test_a_correct_server_is_found_to_be_one(new_game: NewGame):
    game = play(new_game(REPO / "solutions" / "1.contoh", "en"), "f")
    assert game.message.startswith("Nothing was found: ")
    assert int(game.message.split()[3]) > 500
    assert not game.moves


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_nothing_is_found_in_a_mended_exercise(name: str, tmp_path: Path, new_game: NewGame):
    way = find_way(new_game(mended(name, tmp_path / name)).table, 1)
    assert (way.moves, way.reason) == ((), None)


def test_stints_of_one_thread_are_one_move():
    stints = [["until", "a", 2], ["until", "a", 5], ["act", "x", "say", ""], ["until", "a", 7]]
    assert joined(stints) == [["until", "a", 5], ["act", "x", "say", ""], ["until", "a", 7]]


# Moves.


def test_undo_is_as_if_the_move_had_never_been_made(new_game: NewGame):
    game = play(new_game("1-nama-ganda"), "c1", "a")
    before = game.position
    play(game, "c11", "u")
    assert game.position == before
    play(game, "u u u")
    assert not game.moves
    assert game.message == SAID["nothing to undo"]["id"]


def test_a_step_ends_before_the_next_line_and_run_where_the_thread_waits(new_game: NewGame):
    game = play(new_game("1-nama-ganda"), "c1 a c11")
    assert game.position.thread(2).next.source == "wanted = reader.readline().strip()"
    play(game, "2")
    assert game.position.thread(2).next.source == "if not wanted:"
    play(game, "r2")
    assert game.position.thread(2).waits == "recv"
    assert game.position.client("ani").state == "joined"


def test_locks_that_are_held_and_waited_for_have_their_names(new_game: NewGame):
    game = play(
        new_game("5-dua-lock"), *keys_of(schedule.page_of(schedule.EXERCISES / "5-dua-lock"))
    )
    ani, budi = game.position.thread(2), game.position.thread(3)
    assert [lock.name for lock in ani.holds] == ["names_lock"]
    assert (ani.waits, ani.lock.name, ani.holder) == ("lock", "room_lock", "budi")
    assert (budi.waits, budi.lock.name, budi.holder) == ("lock", "names_lock", "ani")


def test_a_text_of_ones_own_is_said(new_game: NewGame):
    game = play(new_game("4-urutan-ok"), "c1 a c11 a")
    game.press_all("c10selamat pagi")
    assert game.moves[-1] == ["act", "ani", "say", "selamat pagi"]


@pytest.mark.parametrize(("keys", "what"), [("7", "no thread"), ("1", "waits"), ("z", "unknown")])
def test_a_key_that_cannot_be_is_told_and_changes_nothing(keys: str, what: str, new_game: NewGame):
    game = play(new_game("1-nama-ganda"), keys)
    assert game.message.startswith(SAID[what]["id"].partition("{")[0])
    assert not game.moves


def test_a_thread_that_goes_round_and_round_ends_its_move(new_game: NewGame, tmp_path: Path):
    (tmp_path / "server.py").write_text(
        "import socket, threading\n"
        "def spin(conn):\n    while True:\n        pass\n"
        "listener = socket.create_server(('127.0.0.1', 55555))\n"
        "while True:\n    conn, _ = listener.accept()\n"
        "    threading.Thread(target=spin, args=(conn,), daemon=True).start()\n",
        encoding="utf-8",
    )
    game = play(new_game(tmp_path), "c1", "r1", "r2", "2")
    assert not game.message
    assert game.position.thread(2).can_go


# Saving and replaying.


def test_a_saved_game_shows_the_same_fault_again(
    new_game: NewGame, capsys: pytest.CaptureFixture[str]
):
    name = "1-nama-ganda"
    game = play(new_game(name), *keys_of(schedule.page_of(schedule.EXERCISES / name)), "s")
    folder = f"--submission={schedule.EXERCISES / name}"
    with ctrl_c_as_it_was():
        assert cli.main(["replay", str(game.save_to), folder, "--lang=en"]) == 1
    said = capsys.readouterr().out
    assert PROMISES["two_holders"]["en"] in said
    assert "thread budi runs on" in said


def test_a_saved_game_passes_once_the_fault_is_mended(
    new_game: NewGame, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    name = "1-nama-ganda"
    game = play(new_game(name), *keys_of(schedule.page_of(schedule.EXERCISES / name)), "s")
    folder = f"--submission={mended(name, tmp_path / 'mended')}"
    with ctrl_c_as_it_was():
        assert cli.main(["replay", str(game.save_to), folder]) == 0
    assert "berakhir baik" in capsys.readouterr().out


@pytest.mark.parametrize(
    "wrong",
    [
        {"moves": [["fly", "main"]]},
        {"moves": [["step"]]},
        {"moves": [["step", 3]]},
        {"moves": [["act", "ani", "perform", ""]]},
        {"moves": [["until", "main", "x"]]},
        {"moves": "step"},
        {"moves": [], "grain": "word"},
    ],
)
def test_a_file_that_no_game_saved_is_refused(wrong: dict[str, object]):
    with pytest.raises(ValueError, match="moves"):
        hand_story.moves_from({"grain": "line", **wrong})


# The screen.


@pytest.mark.parametrize("lang", ["id", "en"])
def test_the_command_that_replays_is_one_line_however_long(lang: Language, new_game: NewGame):
    name = "5-dua-lock"
    game = play(new_game(name, lang), *keys_of(schedule.page_of(schedule.EXERCISES / name)))
    game.submission = f" --submission={'long/' * 24}{name}"
    play(game, "s")
    typed = f"python -m harness replay {game.save_to}{game.submission}"
    lines = view.screen(game, name, Paint())
    assert typed in lines
    assert typed in view.plain(game, name)
    assert sum(-(-view.width_of(line) // 80) for line in lines) <= 24
    assert SAID["keys"][lang] in lines


@pytest.mark.parametrize("lang", ["id", "en"])
def test_in_a_deadlock_no_client_is_asked_to_act(lang: Language, new_game: NewGame):
    name = "5-dua-lock"
    game = play(new_game(name, lang), "c1")
    play(game, "a")
    assert SAID["at rest"][lang] in view.footer(game)
    page = schedule.page_of(schedule.EXERCISES / name)
    shown = view.screen(play(new_game(name, lang), *keys_of(page)), name, Paint())
    assert SAID["locked up"][lang] in shown
    assert SAID["at rest"][lang] not in shown


def test_of_a_thread_that_came_to_its_end_no_line_is_said(new_game: NewGame):
    game = play(new_game("1-nama-ganda"), "c1", "a", "c11", "a", "c18", "r2")
    assert view.done_in_words(game.position.log[-1], "id").startswith(
        "thread ani jalan terus dan selesai"
    )
    # Later moves do not change what is said of it, nor is it said of a move before.
    play(game, "c2", "a")
    told = view.log_lines(game.position.log, "id")
    assert sum("dan selesai" in line for line in told) == 1
    assert "dan selesai" in told[5]


@pytest.mark.parametrize("lang", ["id", "en"])
@pytest.mark.parametrize("name", KINDS)
def test_every_screen_fits_24_lines_of_80_columns(lang: Language, name: str, new_game: NewGame):
    game = new_game(name, lang)
    for row in keys_of(schedule.page_of(schedule.EXERCISES / name)):
        for key in keys_in(row):
            game.press(key)
            lines = view.screen(game, name, Paint())
            assert len(lines) <= 24
            assert max(map(view.width_of, lines)) <= 80
    text = "\n".join(lines)
    assert PROMISES[KINDS[name]][lang] in text
    assert SAID["keys"][lang] in text, "the keys are always in sight"


def test_hostile_names_and_texts_stay_text(new_game: NewGame):
    game = play(new_game("4-urutan-ok"), "c1 a")
    game.moves.append(["act", "ani", "claim", "\x1b[2Jani"])
    play(game, "a")
    for lines in (view.screen(game, "x", Paint()), view.plain(game, "x")):
        assert all(line.isprintable() for line in lines)


@pytest.mark.parametrize("said", [SAID, PROMISES])
def test_every_sentence_is_there_in_both_languages(said: dict[str, dict[str, str]]):
    for pair in said.values():
        assert pair["id"].strip() and pair["en"].strip()
        fields = [set(re.findall(r"{(\w+)}", pair[lang])) for lang in ("id", "en")]
        assert fields[0] == fields[1]


@pytest.mark.parametrize("lang", ["id", "en"])
def test_the_help_fits_and_names_every_key(lang: Language):
    lines = HELP[lang].split("\n")
    assert len(lines) <= 22
    assert max(map(len, lines)) <= 80
    for key in "?fsuactq":
        assert re.search(rf"(?:^|\s){re.escape(key)}\d?\s", HELP[lang]), key


# The oracle: what is certain before all is at rest.


def test_nothing_is_called_lost_while_a_thread_can_go_on(new_game: NewGame):
    game = play(new_game("2-daftar-berubah"), "c1 a c11 a c2 a c21 a c11")
    assert not broken(game)
    play(game, "a")
    assert not broken(game)
    assert judge({"end": "done", "journal": [], "errors": [], "stuck": [], "waiting": []}) is None


# The command, on a pipe and on a terminal.


def asked(*words: str, keys: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *words],
        input=keys,
        cwd=REPO,
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | environment,
    )


@posix
@pytest.mark.parametrize(("lang", "promise"), [("id", "JANJI DILANGGAR"), ("en", "PROMISE BROKEN")])
def test_a_pipe_reads_lines_of_keys(lang: str, promise: str):
    keys = "\n".join(keys_of(schedule.page_of(schedule.EXERCISES / "1-nama-ganda"))) + "\n"
    done = asked("--exercise=1", f"--lang={lang}", keys=keys)
    assert (done.returncode, done.stderr) == (0, "")
    assert promise in done.stdout
    assert "\x1b" not in done.stdout
    assert max(map(view.width_of, done.stdout.splitlines())) <= 110


@posix
@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (["--exercise=9", "--lang=en"], 4, "There is no exercise '9'; there are: 1-nama-ganda, "),
        (["--exercise=1", "--submission=."], 4, "Pilih salah satu"),
        (["--submission=docs"], 4, "Tidak ada server.py"),
        (["--submission=modul4/1.contoh"], 3, "Server ini tidak bisa dimainkan: ia berhenti"),
    ],
)
def test_what_cannot_be_played_is_told_in_a_sentence(words: list[str], status: int, sentence: str):
    done = asked(*words, keys="")
    assert done.returncode == status
    assert done.stderr.startswith(sentence)
    assert len(done.stderr.splitlines()) == 1


tmux = pytest.mark.skipif(shutil.which("tmux") is None, reason="needs tmux")
SETTINGS = "TERM COLUMNS LINES".split()


class Tmux:
    """A terminal of 80 by 24 in which a shell runs; ``until`` waits for what it shows."""

    def __init__(self, folder: Path) -> None:
        self._socket = str(folder / "tmux")
        self._ask("-f", "/dev/null", "new-session", "-d", "-x80", "-y24", "sh")
        self.keys("cd " + str(REPO) + "; PS1='ready> '", "Enter")
        self.until("ready> ")

    def _ask(self, *words: str) -> str:
        environment = {k: v for k, v in os.environ.items() if k not in ("TMUX", *SETTINGS)}
        command = ["tmux", "-S", self._socket, *words]
        return subprocess.run(
            command, capture_output=True, text=True, check=True, env=environment, timeout=30
        ).stdout

    def keys(self, *keys: str) -> None:
        self._ask("send-keys", *keys)

    def seen(self) -> str:
        return self._ask("capture-pane", "-p")

    def until(self, text: str, seconds: float = 60) -> str:
        end = time.monotonic() + seconds
        while text not in (seen := self.seen()):
            assert time.monotonic() < end, seen
            time.sleep(0.05)
        return seen

    def close(self) -> None:
        self._ask("kill-server")


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Tmux]:
    one = Tmux(tmp_path)
    yield one
    one.close()


def start(terminal: Tmux, *words: str) -> None:
    terminal.keys(" ".join([*COMMAND, *words]), "Enter")
    terminal.until("utama")


@posix
@tmux
@pytest.mark.parametrize("setting", ["", "NO_COLOR=1 "])
def test_on_a_terminal_the_page_leads_to_the_fault(terminal: Tmux, setting: str):
    terminal.keys(setting + " ".join([*COMMAND, "--exercise=5"]), "Enter")
    terminal.until("utama")
    moves = 0
    for row in keys_of(schedule.page_of(schedule.EXERCISES / "5-dua-lock")):
        for word in row.split():
            terminal.keys(*word)
            moves += 1
            terminal.until(f"langkah {moves}")
    seen = terminal.until("JANJI DILANGGAR")
    assert "thread budi menunggu lock" in seen
    assert SAID["keys"]["id"] in seen
    terminal.keys("q")
    assert "JANJI" not in terminal.until("ready> ")


@posix
@tmux
@pytest.mark.parametrize("way", ["C-c", "C-d", "q"])
def test_however_it_ends_the_terminal_is_as_it_was(terminal: Tmux, way: str):
    terminal.keys("before=$(stty -g)", "Enter")
    start(terminal, "--exercise=1")
    terminal.keys("c")
    terminal.until("1 ani")
    terminal.keys("Escape")
    terminal.until(SAID["keys"]["id"])
    terminal.keys(way)
    terminal.until("--exercise=1")
    # What is typed is not what is said.
    terminal.keys('test "$before" = "$(stty -g)" && echo sa""me', "Enter")
    assert "RUANG" not in terminal.until("same\n")


@posix
def test_a_dumb_terminal_gets_lines(tmp_path: Path):
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, "--exercise=1"],
        cwd=REPO,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=os.environ | {"TERM": "dumb"},
    )
    os.close(theirs)
    os.write(ours, b"c1\nq\n")
    seen = b""
    try:
        while data := os.read(ours, 4096):
            seen += data
    except OSError:
        pass  # the other end is closed
    assert process.wait(60) == 0
    os.close(ours)
    assert "ani menyambung" in seen.decode()
    assert b"\x1b" not in seen
