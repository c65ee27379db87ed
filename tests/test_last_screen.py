"""The last screen: short, wrapped by words, with the evidence that matters and what changed."""

import re
import shlex
from collections.abc import Sequence
from dataclasses import replace

import pytest

from harness import command_line, commands
from harness.contract import hints, sentences
from harness.contract.rubric import LANGUAGES, Language, load
from harness.contract.symptoms import Failure, Symptom
from harness.grading.results import Outcome, Run, Verdict
from harness.record.journal import Event, What
from harness.reports.beside import beside
from harness.reports.last_screen import COLUMNS, ROWS, _cut, _value, height, last_screen
from harness.reports.paint import Paint
from harness.reports.since import Progress
from harness.schedules.met_words import met_in_words

RUBRIC = load()
DEFAULT = "modul4/1.contoh"
TALK = tuple(Event(n / 10, "ani", "server.py", What.SAY, f"halo {n}") for n in range(30))
STORY = (*TALK, Event(3.0, "server.py", "budi", What.MISSING, "ani: halo"), *TALK)
MISSING = Failure("budi", Symptom.NOTHING_CAME, {"line": "ani: halo", "seen": "", "seconds": 2.5})
TRACEBACK = (
    "Traceback (most recent call last):\n"
    '  File "/x/y/server.py", line 188, in layani\n'
    "    kirim(sokcet)\n"
    "NameError: name 'sokcet' is not defined"
)


def failed(name: str, failure: Failure = MISSING, stderr: str = "") -> dict[str, Verdict]:
    return {name: Verdict(name, Outcome.FAILED, failure, story=STORY, stderr=stderr)}


def open_todo(name: str, todo: int) -> dict[str, Verdict]:
    return failed(name, Failure("server.py", Symptom.TODO_OPEN, {"todo": todo}))


def of(outcome: Outcome, *names: str) -> dict[str, Verdict]:
    return {name: Verdict(name, outcome, reason="") for name in names}


def waiting_for(check: str) -> dict[str, Verdict]:
    """Every check that stands on ``check`` waits for it."""
    standing = {check}
    for each in RUBRIC:
        if standing & set(each.requires):
            standing.add(each.id)
    return of(Outcome.NOT_REACHED, *(standing - {check}))


def screen(verdicts: dict[str, Verdict], progress: Progress | None = None, **more: object):
    lang: Language = more.pop("lang", "id")  # type: ignore[assignment]
    run = Run(DEFAULT, {}, 1234, lang)
    paint = more.pop("paint", Paint())
    return last_screen(RUBRIC, run, verdicts, progress or Progress(), paint, DEFAULT, **more)


EVERYTHING_AT_ONCE = (
    of(Outcome.PASSED, "start.listens", "nickname.request", "nickname.accept")
    | failed("start.banner", Failure("server.py", Symptom.NO_BANNER, {"line": "x", "seen": "y"}))
    | failed("broadcast.delivers", stderr=TRACEBACK)
    | waiting_for("broadcast.delivers")
    | of(Outcome.INCONCLUSIVE, "start.restart")
    | of(Outcome.NOT_RUN, "client.screen")
    | open_todo("client.nickname", 9)
)
PROGRESS = Progress(
    before={"nickname.accept": "failed", "broadcast.delivers": "passed", "start.listens": "passed"},
    places={n: f"server.py:{n}0, some_function_{n}" for n in range(1, 14)},
    open_todos=frozenset((9, 10, 11)),
)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_with_everything_to_say_it_fits_a_terminal(lang: Language):
    lines = screen(EVERYTHING_AT_ONCE, PROGRESS, lang=lang)
    assert height(lines, COLUMNS) <= ROWS
    assert max(map(len, lines)) <= COLUMNS


LONG = "wulan903: " + "sebuah pesan yang panjang sekali " * 12
FACTS = dict.fromkeys(
    re.findall(r"{(\w+)", " ".join(str(row) for row in sentences.SYMPTOMS.values())), LONG
)


# Those that say most: the longest title, the longest hint, the most TODOs.
TALKATIVE = [
    max(RUBRIC, key=size)
    for size in (
        lambda check: len(check.title["id"]),
        lambda check: len(check.hint["id"]),
        lambda check: len(check.blame),
    )
]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    "path", [DEFAULT, "/home/mahasiswa/Dokumen/kuliah/jaringan/modul-4/tugasku"]
)
def test_whatever_the_symptom_it_fits_a_terminal(lang: Language, path: str):
    for check in TALKATIVE:
        for symptom in Symptom:
            facts = FACTS | {"todo": 9}
            verdicts = EVERYTHING_AT_ONCE | waiting_for(check.id)
            failure = Failure("wulan903", symptom, facts)
            verdicts |= failed(check.id, failure, stderr=TRACEBACK)
            run = Run(path, {}, 4_294_967_295, lang)
            lines = last_screen(RUBRIC, run, verdicts, PROGRESS, Paint(), DEFAULT)
            assert height(lines, COLUMNS) <= ROWS, "\n".join(lines)
            assert all(len(line) <= COLUMNS for line in lines if "python -m harness" not in line)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_first_hint_is_shown_whole_and_how_to_get_the_next(lang: Language):
    for check in TALKATIVE:
        for symptom in Symptom:
            failure = Failure("budi", symptom, {"todo": 9})
            text = " ".join(" ".join(screen(failed(check.id, failure), lang=lang)).split())
            assert hints.steps(check, symptom, lang)[0] in text
            assert f"python -m harness hint {check.id}" in text


@pytest.mark.parametrize("columns", [40, 60, 80, 120])
def test_no_line_is_wider_than_the_terminal(columns: int):
    lines = screen(EVERYTHING_AT_ONCE, PROGRESS, columns=columns)
    assert all(len(line) <= columns for line in lines if "python -m harness" not in line)


@pytest.mark.parametrize("columns", [40, 80])
def test_a_command_is_one_line_to_be_copied(columns: int):
    lines = screen(EVERYTHING_AT_ONCE, PROGRESS, columns=columns)
    assert "  ulangi ini: python -m harness -k broadcast.delivers --seed 1234" in lines
    assert "  petunjuk lain: python -m harness hint broadcast.delivers" in lines


def test_words_are_not_cut_at_the_edge():
    lines = screen(EVERYTHING_AT_ONCE, PROGRESS, columns=60)
    hint, *_ = hints.steps(RUBRIC.checks["broadcast.delivers"], Symptom.NOTHING_CAME, "id")
    said = {word for line in lines for word in line.split()}
    assert set(hint.split()[:8]) <= said


def test_the_failure_that_unlocks_most_comes_first():
    """start.banner stands before broadcast.delivers in the rubric, but nothing waits for it."""
    assert screen(EVERYTHING_AT_ONCE)[0].startswith("PERBAIKI INI DULU: broadcast.delivers.")


def test_what_went_wrong_comes_before_what_is_not_begun():
    verdicts = open_todo("client.nickname", 9) | failed("nickname.invalid")
    assert screen(verdicts)[0].startswith("PERBAIKI INI DULU: nickname.invalid.")


def test_of_open_todos_the_lowest_number_comes_first():
    verdicts = open_todo("client.nickname", 9) | open_todo("broadcast.delivers", 4)
    assert screen(verdicts)[0].startswith("KERJAKAN INI DULU: broadcast.delivers.")


def test_the_marked_event_is_shown_though_it_stands_in_the_middle():
    lines = screen(EVERYTHING_AT_ONCE, PROGRESS)
    assert sum("TIDAK DATANG" in line for line in lines) == 1


def test_the_exception_is_told_with_its_place():
    (line,) = [line for line in screen(EVERYTHING_AT_ONCE) if "NameError" in line]
    assert "(server.py:188, layani)" in line


def test_what_a_program_did_wrong_is_not_put_down_to_an_exception():
    facts = {"address": "127.0.0.1:6000", "seen": "127.0.0.1:55555"}
    elsewhere = Failure("server.py", Symptom.OTHER_PORT, facts)
    told = "\n".join(screen(failed("start.listens", elsewhere, stderr=TRACEBACK)))
    assert "127.0.0.1:55555" in told
    assert "kesalahan:" not in told
    assert "kesalahan:" in "\n".join(screen(failed("broadcast.delivers", stderr=TRACEBACK)))


def test_the_exception_is_the_last_one_and_its_place_is_in_the_students_file():
    library = (
        '  File "/usr/lib/python3.11/socket.py", line 294, in accept\n    fd = self._accept()\n'
    )
    last = (
        "Exception in thread Thread-3 (layani):\n"
        "Traceback (most recent call last):\n"
        '  File "/usr/lib/python3.11/threading.py", line 982, in run\n    self._target()\n'
        '  File "C:\\Users\\ani\\server.py", line 12, in layani\n    a, b = s.accept()\n'
        f"{library}OSError: [Errno 9] Bad file descriptor\n"
        "Client pergi\n"
    )
    text = screen(failed("broadcast.delivers", stderr=f"{TRACEBACK}\n{last}"))
    (line,) = [line for line in text if "kesalahan:" in line]
    assert line.strip() == (
        "kesalahan: OSError: [Errno 9] Bad file descriptor  (server.py:12, layani)"
    )


def test_no_place_is_told_where_the_students_file_has_no_part():
    text = (
        "Exception in thread Thread-1 (layani):\n"
        "Traceback (most recent call last):\n"
        '  File "/usr/lib/python3.11/threading.py", line 982, in run\n    self._target()\n'
        "TypeError: layani() missing 1 required positional argument: 'alamat'\n"
    )
    told = " ".join(" ".join(screen(failed("broadcast.delivers", stderr=text))).split())
    assert "argument: 'alamat' " in told
    assert "threading.py" not in told


def test_what_is_too_long_is_cut_where_two_lines_do_not_differ():
    line, other = f"awal {'kata ' * 60}akhir: satu", f"awal {'kata ' * 60}akhir:satu"
    failure = Failure("server.py", Symptom.OTHER_LOG, {"line": line, "seen": other})
    text = " ".join(" ".join(screen(failed("nickname.log", failure))).split())
    assert text.count("akhir: satu") >= 1
    assert "akhir:satu" in text
    assert "'awal kata" in text


def test_a_bar_is_full_only_where_nothing_is_missing():
    passed = of(Outcome.PASSED, *(check.id for check in RUBRIC if check.id != "client.quit"))
    assert "[###################.]" in "".join(screen(passed | failed("client.quit")))


def test_what_waits_for_an_open_todo_is_not_told_as_wrong():
    text = "\n".join(screen(failed("start.listens") | open_todo("client.nickname", 12)))
    assert "Juga gagal" not in text
    assert "1 menunggu TODO yang belum diisi." in text


def test_an_open_todo_is_no_error():
    text = TRACEBACK.replace(
        "NameError: name 'sokcet' is not defined", "NotImplementedError: TODO 3"
    )
    assert "kesalahan" not in " ".join(screen(failed("start.banner", stderr=text)))


def test_a_sentence_about_a_race_that_does_not_fit_is_left_out_whole():
    text = f"satu {'kata ' * 20}akhir. Ditemukan setelah 4 urutan dicoba"
    rows = _value("seen", [text], "id", 60, 3, keeps_end=False)
    assert "".join(rows).endswith("akhir.")
    # Where it would take more than the last row with it, the sentence is cut.
    rows = _value("seen", [f"a. {'kata ' * 99}"], "id", 60, 3, keeps_end=False)
    assert rows[-1].endswith(" …")
    assert len(rows) == 3


def test_a_traceback_that_is_cut_off_is_not_told():
    cut = "\n".join(TRACEBACK.splitlines()[:-1])
    assert "kesalahan" not in " ".join(screen(failed("broadcast.delivers", stderr=cut)))


def test_a_saved_story_can_be_played_again():
    saved = Failure(
        "server.py", Symptom.SCHEDULE_BREAKS, {"seen": "x", "saved": "nickname.race.json"}
    )
    text = screen(failed("nickname.race", saved))
    assert "  putar ulang: python -m harness replay nickname.race" in text


def test_what_waits_is_counted_and_not_listed():
    text = " ".join(screen(EVERYTHING_AT_ONCE))
    count = sum(v.outcome is Outcome.NOT_REACHED for v in EVERYTHING_AT_ONCE.values())
    assert f"{count} pemeriksaan menunggu broadcast.delivers" in " ".join(text.split())


def test_what_waits_for_a_check_that_it_does_not_require_is_told_with_it():
    waiting = Verdict("nickname.log", Outcome.NOT_REACHED, waits_for="nickname.invalid")
    verdicts = failed("nickname.invalid") | {"nickname.log": waiting}
    assert "1 pemeriksaan menunggu nickname.invalid." in screen(verdicts)


@pytest.mark.parametrize(
    ("waits", "said"),
    [
        (("nickname.accept", "nickname.accept"), "2 pemeriksaan menunggu nickname.accept."),
        (("nickname.accept", "start.listens"), "2 pemeriksaan menunggu pemeriksaan lain."),
        (("", ""), "2 pemeriksaan menunggu pemeriksaan lain."),
    ],
)
def test_what_waits_for_something_that_did_not_fail_says_for_what(waits: Sequence[str], said: str):
    verdicts = failed("start.banner")
    for name, each in zip(("broadcast.log", "client.send"), waits, strict=True):
        verdicts[name] = Verdict(name, Outcome.NOT_REACHED, waits_for=each)
    assert said in screen(verdicts)


def test_a_todo_that_was_done_since_the_last_run_is_named():
    progress = replace(
        PROGRESS,
        before={"client.nickname": "failed", "start.restart": "failed", "start.banner": "failed"},
        open_before=frozenset({8, 10, 99}),
    )
    # 10 is still open, and a file without TODO 99 is no file in which it was done.
    verdicts = open_todo("client.nickname", 9) | open_todo("start.restart", 10)
    assert "Sejak pemeriksaan lalu: TODO 8 sudah diisi" in screen(verdicts, progress)


def test_what_was_passed_in_part_and_fails_when_tried_in_full_is_no_step_back():
    before = dict.fromkeys(("start.banner", "nickname.log"), "passed")
    progress = replace(PROGRESS, before=before, in_part_before=frozenset({"nickname.log"}))
    told = " ".join(screen(failed("start.banner") | failed("nickname.log"), progress))
    assert "Sejak pemeriksaan lalu: -1 (start.banner), 1 kini diperiksa seluruhnya dan" in told


def test_what_comes_out_otherwise_with_the_same_files_is_no_step():
    before = {"start.banner": "passed", "nickname.race": "passed", "nickname.log": "failed"}
    before |= {"broadcast.order": "failed", "broadcast.log": "not_reached"}
    same = frozenset({"nickname.race", "nickname.log", "broadcast.log"})
    progress = replace(PROGRESS, before=before, of_these_files=same)
    verdicts = failed("start.banner") | failed("nickname.race")
    verdicts |= of(Outcome.PASSED, "nickname.log", "broadcast.order", "broadcast.log")
    told = " ".join(" ".join(screen(verdicts, progress)).split())
    assert "Sejak pemeriksaan lalu: +2 (broadcast.order, broadcast.log), -1 (start.banner)" in told
    assert (
        "1 lulus kali ini, padahal filenya sama: kesalahannya mungkin masih ada (nickname.log)"
        in told
    )
    assert "1 gagal kali ini, padahal filenya sama" in told and "kali (nickname.race)" in told


def test_what_only_waits_or_is_not_decided_is_no_step_back():
    before = dict.fromkeys(("start.banner", "nickname.log", "nickname.unique"), "passed")
    waiting = Verdict("nickname.log", Outcome.NOT_REACHED, waits_for="start.banner")
    verdicts = failed("start.banner") | {"nickname.log": waiting}
    verdicts |= of(Outcome.INCONCLUSIVE, "nickname.unique")
    told = " ".join(screen(verdicts, replace(PROGRESS, before=before)))
    assert "Sejak pemeriksaan lalu: -1 (start.banner), 1 lain kini menunggu" in told
    # What could not be decided before is no step forward either.
    unsure = replace(PROGRESS, before={"start.banner": "inconclusive"})
    told = " ".join(screen(of(Outcome.PASSED, "start.banner"), unsure))
    assert "hasilnya sama" in told


def test_a_number_is_not_cut_in_two():
    line = "   0.003  thread ani: baris 127  if name in members:"
    assert _cut(line, len("   0.003  thread ani: baris 12 …")) == "   0.003  thread ani: baris  …"
    assert _cut(line, len("   0.003  thread ani: baris 127 …")) == (
        "   0.003  thread ani: baris 127 …"
    )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_how_threads_met_is_told_to_its_end(lang: Language):
    facts = {
        "name": "self.speaker", "who": "kartika38", "line": 123, "is_written": True,
        "other": "utami54 (2)", "other_line": 123, "other_writes": True, "again_line": 129,
    }  # fmt: skip
    said = "kartika38: jaringan kopi tugas komputer 45322"
    broken = {"id": "pesan kartika38 kembali kepadanya", "en": "kartika38's own message came back"}
    marked = ". utami54 (2): client lain yang meminta nama yang sama"
    met = met_in_words(facts)
    seen = {each: f"{broken[each]}: '{said}'{met[each]}{marked}" for each in LANGUAGES}
    failure = Failure("server.py", Symptom.SCHEDULE_BREAKS, {"seen": seen, "where": "server.py:9"})
    lines = [Event(n / 9, f"ani{n}", f"{n}", What.RUN, "x = " + "y" * 60) for n in range(5)]
    story = (*lines, Event(1.0, "server.py", "kartika38", What.UNWANTED, said))
    verdict = Verdict("exploration.schedules", Outcome.FAILED, failure, story=story)
    others = failed("broadcast.crowd") | failed("disconnect.mid_broadcast")
    progress = Progress(before={"broadcast.crowd": "passed", "exploration.schedules": "passed"})
    text = screen({verdict.check: verdict} | others, progress, lang=lang)
    assert height(text, COLUMNS) <= ROWS
    whole = " ".join(" ".join(text).split())
    assert met[lang].removeprefix(". ") in whole
    assert whole.count(said) < 2


def test_where_a_thread_was_stopped_is_not_cut_off():
    line = "   0.001  thread ani: baris 47  self.clients[client] = nickname    <- berhenti di sini"
    cut = _cut(line, 70)
    assert len(cut) <= 70 and cut.endswith(" …    <- berhenti di sini")
    # In a line of the student's own it is a text like any other.
    assert _cut(f"   0.001  thread ani: baris 47  x    <- {'y' * 60}", 60).endswith(" …")


def test_in_a_race_what_came_of_it_takes_one_row():
    late = Event(0.0, "server.py", "ani (2)", What.UNWANTED, f"budi: {'kata ' * 20}")
    lines = (Event(0.0, "ani (2)", "5", What.HELD, "x"), Event(0.0, "budi", "7", What.RUN, "y"))
    met = Failure("server.py", Symptom.SCHEDULE_BREAKS, {"seen": {"id": "x", "en": "x"}})
    verdict = Verdict("nickname.race", Outcome.FAILED, met, story=(*lines, late))
    text = screen({"nickname.race": verdict})
    (row,) = [line for line in text if ">>>" in line]
    assert row.endswith(" …'  TIDAK SEHARUSNYA")
    assert len(row) <= COLUMNS
    assert not any(line.startswith(" " * 13 + "kata") for line in text)


@pytest.mark.parametrize(("lang", "label"), [("id", "di filemu"), ("en", "in your file")])
def test_where_no_todo_is_known_the_lines_are_named_with_their_function(lang: Language, label: str):
    where = "server.py:43, 47 (ChatServer.handle)"
    verdicts = failed("nickname.race", replace(MISSING, facts={**MISSING.facts, "where": where}))
    assert f"  {label}: {where}" in screen(verdicts, lang=lang)
    # Where TODOs are known they are named.
    assert not any(where in line for line in screen(verdicts, PROGRESS, lang=lang))


def test_what_changed_since_the_last_run_is_named():
    text = " ".join(screen(EVERYTHING_AT_ONCE, PROGRESS))
    told = "Sejak pemeriksaan lalu: +1 (nickname.accept), 1 kini gagal; waktu itu lulus sebelum"
    assert told in " ".join(text.split())


def test_nothing_is_said_of_changes_in_a_first_run():
    assert not any("Sejak" in line for line in screen(EVERYTHING_AT_ONCE))


def test_the_last_line_has_the_points_in_numbers_a_bar_and_the_todos():
    last = screen(EVERYTHING_AT_ONCE, PROGRESS)[-1]
    assert re.search(r"Nilai \d+ dari \d+  \[#+\.+\]  TODO terisi: 10 dari 13", last)


def test_the_page_about_the_run_is_named_where_one_was_written():
    written = Progress(page="hasil.html")
    for verdicts in (EVERYTHING_AT_ONCE, of(Outcome.PASSED, *RUBRIC.checks)):
        assert "Selengkapnya: hasil.html" in screen(verdicts, written)
    assert not [line for line in screen(EVERYTHING_AT_ONCE) if "hasil.html" in line]


def test_no_todo_is_named_where_the_files_have_none():
    assert "TODO" not in " ".join(screen(failed("nickname.invalid")))


def test_the_todo_is_named_with_its_place_in_the_file():
    (todo,) = RUBRIC.checks["broadcast.log"].blame
    lines = screen(failed("broadcast.log"), PROGRESS)
    assert f"  mungkin TODO {todo} (server.py:{todo}0, some_function_{todo})" in lines


def test_of_an_open_todo_its_own_comment_says_what_to_do():
    wanted = "Kirim line kepada setiap anggota, kecuali sender."
    progress = replace(PROGRESS, wanted={9: wanted})
    text = " ".join(screen(open_todo("broadcast.delivers", 9), progress))
    assert f"yang diminta: {wanted}" in text and "petunjuk: " not in text
    # Of another one, or where the comment is gone, it says nothing.
    assert "yang diminta" not in " ".join(screen(open_todo("nickname.log", 8), progress))
    assert "yang diminta" not in " ".join(screen(failed("nickname.log"), progress))


@pytest.mark.parametrize(("lang", "said"), [("id", "Selamat!"), ("en", "Well done!")])
def test_all_passed_is_said(lang: Language, said: str):
    lines = screen(of(Outcome.PASSED, *RUBRIC.checks), lang=lang)
    assert any(said in line for line in lines)
    assert len(lines) <= 4


def test_what_was_chosen_passed_is_no_congratulation():
    text = " ".join(screen(of(Outcome.PASSED, "start.banner"), PROGRESS, asked=["start.banner"]))
    assert "Selamat" not in text
    assert "Yang kamu pilih lulus semua (1). Selanjutnya: TODO 9 (server.py:90" in text
    assert "Nilai bagian ini 2 dari 2" in text
    # A mistake that is known comes before the next TODO; what passed now is none any more.
    past = replace(PROGRESS, mistakes_before=frozenset({"start.banner", "nickname.log"}))
    text = " ".join(screen(of(Outcome.PASSED, "start.banner"), past, asked=["start.banner"]))
    assert "Selanjutnya: nickname.log, yang gagal di pemeriksaan lalu" in " ".join(text.split())


def test_commands_name_the_submission():
    run = Run("/kerja/tugas", {}, 1, "id")
    paint, passed = Paint(), of(Outcome.PASSED, "start.banner")
    lines = last_screen(RUBRIC, run, failed("start.banner"), Progress(), paint, DEFAULT)
    assert "Selengkapnya: python -m harness --all --submission=/kerja/tugas" in lines
    asked = ["start.banner"]
    lines = last_screen(RUBRIC, run, passed, Progress(), paint, DEFAULT, asked=asked)
    assert "semua pemeriksaan, python -m harness --submission=/kerja/tugas" in " ".join(
        map(str.strip, lines)
    )


FIRST = "broadcast.delivers"
FAR = "/home/mahasiswa/kuliah/tugas-4"
WORN = Failure(
    "budi",
    Symptom.CALM_BREAKS,
    {"seen": "nama 'agus40' ditolak padahal bebas: 'ERR nickname tidak bisa dipakai'",
     "saved": f"{FIRST}.json"},
)  # fmt: skip


def crowded(path: str, lang: Language) -> list[str]:
    """A screen on which much else is to be said."""
    run, verdicts = Run(path, {}, 366_488, lang), of(Outcome.PASSED, *RUBRIC.checks)
    verdicts |= EVERYTHING_AT_ONCE | failed(FIRST, WORN) | of(Outcome.PASSED, "client.screen")
    return last_screen(RUBRIC, run, verdicts, PROGRESS, Paint(), DEFAULT)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_was_expected_and_seen_is_whole_though_the_commands_are_long(lang: Language):
    lines = crowded(FAR, lang)
    text = " ".join(" ".join(lines).split())
    assert sentences.expected(WORN, lang) in text
    assert sentences.seen(WORN, lang) in text
    assert any(">>>" in line for line in lines)


def test_an_exception_is_whole_before_what_came_of_it_has_room():
    error = "UnicodeEncodeError: 'ascii' codec can't encode character '\\u597d' in position 9: "
    error += "ordinal not in range(128)"
    crash = {"error": error, "place": "client.py:35"}
    noise = "Maya213: 4527OK" * 12
    failure = Failure("server", Symptom.LINE_NOT_SENT, {"line": "x", "seen": noise, "crash": crash})
    text = " ".join(" ".join(screen(failed("client.send", failure))).split())
    assert error in text
    assert "yang datang" in text


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("path", [FAR, FAR * 3, DEFAULT])
def test_whatever_stands_as_a_command_can_be_pasted(lang: Language, path: str):
    lines = crowded(path, lang)
    assert height(lines, COLUMNS) <= ROWS
    found = [line.partition("python -m harness")[2] for line in lines]
    for words in map(shlex.split, filter(None, found)):
        name = words[0] if words[0] in commands.COMMANDS else ""
        takes = commands.COMMANDS[name] if name else commands.SELF_CHECK
        read = command_line.read(name, takes.arguments or (), words[bool(name) :], lang)
        assert read.submission == (None if path == DEFAULT else path)
    assert sum(path in line for line in lines) <= 3
    # One is whole wherever it is.
    assert any(f"-k {FIRST} --seed 366488" in line for line in lines)


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("id", "petunjuk lain: perintah di bawah, dengan hint sebagai ganti -k, tanpa --seed"),
        ("en", "more hints: the command below, with hint in place of -k, without --seed"),
    ],
)
def test_where_room_is_short_a_long_path_stands_in_one_command(lang: Language, said: str):
    lines = crowded(FAR * 2, lang)
    assert f"  {said}" in lines
    assert sum(FAR in line for line in lines) == 1


def test_the_names_of_what_else_failed_take_one_row():
    names = [check.id for check in RUBRIC if check.id.startswith(("concurrency", "disconnect"))]
    verdicts = failed("start.banner")
    for name in names:
        verdicts |= failed(name)
    rows = [line for line in screen(verdicts) if "lagi" in line or "Juga gagal" in line]
    assert len(rows) == 1 and rows[0].endswith("lagi")


@pytest.mark.parametrize(
    ("lang", "weak"),
    [("id", "waktu itu lulus sebelum syaratnya lulus"), ("en", "before what they need had passed")],
)
def test_what_passed_while_what_it_requires_failed_is_not_called_worse(lang: Language, weak: str):
    now = failed("broadcast.long_line") | of(Outcome.PASSED, "client.quit")
    before = {"client.quit": "failed", "broadcast.long_line": "passed"}

    def told(accepted: str) -> str:
        progress = Progress(before={**before, "nickname.accept": accepted})
        return " ".join(" ".join(screen(now, progress, lang=lang)).split())

    # Not what it requires itself, but what that requires.
    assert weak in told("failed") and "-1 (broadcast.long_line)" not in told("failed")
    assert weak not in told("passed") and "-1 (broadcast.long_line)" in told("passed")


def test_todos_are_counted_where_both_files_have_the_skeletons_functions():
    places = {todo.number: f"{todo.file}:9, f" for todo in RUBRIC.todos}
    client = {t.number: places[t.number] for t in RUBRIC.todos if t.file == "client.py"}
    verdicts = of(Outcome.PASSED, "start.listens")
    assert "TODO terisi: 13 dari 13" in screen(verdicts, Progress(places=places))[-1]
    assert "TODO terisi" not in " ".join(screen(verdicts, Progress(places=client)))


SEVERAL = (
    failed("nickname.accept", Failure("ani", Symptom.OTHER_REPLY, {"line": "OK", "seen": "ok"}))
    | failed("nickname.invalid", Failure("a", Symptom.NOT_REFUSED, {"name": "", "why": "kosong"}))
    | failed("start.banner", Failure("server.py", Symptom.NO_BANNER, {"line": "x", "seen": "y"}))
    | failed("exploration.schedules")
    | open_todo("client.nickname", 9)
)


def test_failures_of_other_causes_are_told_beside_the_first_where_there_is_room():
    told = screen(SEVERAL, lang="en")
    at = told.index("These can be mended as well:")
    assert told[at + 1].startswith("  start.banner: ")
    # Those of the same TODOs would be mended with the first; an order of threads, or what is not
    # begun, is for later.
    beside = "\n".join(told[at + 1 : told.index(next(x for x in told if "Also failed" in x))])
    assert "nickname.invalid:" not in beside
    assert "exploration" not in beside and "client.nickname" not in beside
    assert height(told, COLUMNS) <= ROWS


BANNER = failed("start.banner", Failure("server.py", Symptom.NO_BANNER, {"line": "x", "seen": "y"}))
ASKED = (
    Event(0.1, "server.py", "diam1", What.SEE, "NICK"),
    Event(0.2, "server.py", "budi2", What.SEE, "NICK"),
    Event(0.3, "budi2", "server.py", What.SAY, "budi2"),
)
STOPPED = (Event(0.1, "lambat7", "server.py", What.STOP_READING, ""),)
CRASH = {"place": "server.py:59", "error": "UnicodeDecodeError: 'ascii' codec can't decode"}


@pytest.mark.parametrize(
    ("check", "symptom", "facts", "story", "lang", "said"),
    [
        ("disconnect.leave", Symptom.NOTHING_CAME, {"line": "x" * 60, "crash": CRASH}, (), "id",
         "disconnect.leave: exception di server.py:59: UnicodeDecodeError"),
        ("disconnect.leave", Symptom.NOTHING_CAME, {"line": "x" * 60, "crash": CRASH}, (), "en",
         "disconnect.leave: exception at server.py:59: UnicodeDecodeError"),
        ("client.framing", Symptom.NICKNAME_NOT_SENT, {}, (), "id",
         r"client.framing: NICK datang berpotong-potong dan diakhiri '\r\n'; "),
        ("concurrency.silent_newcomer", Symptom.NO_REQUEST, {}, ASKED, "id",
         "concurrency.silent_newcomer: selagi diam1 belum menjawab NICK; "),
        ("concurrency.slow_reader", Symptom.NOTHING_CAME, {}, STOPPED, "id",
         "concurrency.slow_reader: selagi lambat7 berhenti membaca; "),
        ("nickname.race", Symptom.SCHEDULE_BREAKS, {"seen": "dua client mendapat nama"}, (), "id",
         "nickname.race: dua client mendapat nama"),
    ],
)  # fmt: skip
def test_a_row_beside_the_first_begins_with_what_tells_most(
    check: str, symptom: Symptom, facts: dict, story: tuple, lang: Language, said: str
):
    verdict = Verdict(check, Outcome.FAILED, Failure("budi2", symptom, facts), story=story)
    rows = beside(RUBRIC, BANNER | {check: verdict}, BANNER["start.banner"], lang, COLUMNS, 3)
    assert " ".join(" ".join(rows[1:]).split()).startswith(said.strip())
    assert len(rows) > 1


def test_what_did_not_happen_is_no_condition_of_a_row():
    for check, story in (("concurrency.slow_reader", ASKED), ("client.quit", STOPPED)):
        verdict = Verdict(check, Outcome.FAILED, MISSING, story=story)
        rows = beside(RUBRIC, BANNER | {check: verdict}, BANNER["start.banner"], "id", COLUMNS, 5)
        assert "selagi" not in "".join(rows)
    # The first who is asked for a name is not kept waiting by itself.
    one = Verdict(
        "concurrency.silent_newcomer", Outcome.FAILED,
        Failure("diam1", Symptom.NO_REPLY, {"line": "OK", "seconds": 2}), story=ASKED,
    )  # fmt: skip
    verdicts = BANNER | {one.check: one}
    assert "selagi" not in "".join(
        beside(RUBRIC, verdicts, BANNER["start.banner"], "id", COLUMNS, 5)
    )


def test_a_row_that_is_left_over_goes_to_what_would_be_cut():
    long = failed("broadcast.delivers", Failure("budi", MISSING.symptom, {"line": "x " * 60}))
    rows = {
        room: beside(RUBRIC, BANNER | long, BANNER["start.banner"], "id", COLUMNS, room)
        for room in (0, 1, 2, 3, 4)
    }
    assert [len(each) for each in rows.values()] == [0, 1, 2, 3, 3]
    assert rows[1][0].startswith("Bisa sekalian: broadcast.delivers: ")
    assert rows[3][0] == "Yang ini bisa sekalian diperbaiki:"
    assert max(len(line) for each in rows.values() for line in each) <= COLUMNS


def test_where_much_failed_one_thing_at_least_is_told_beside_a_first_that_fills_the_screen():
    crash = {"place": "server.py:59", "error": "UnicodeDecodeError: 'ascii' codec can't decode "
             "byte 0xce in position 0: ordinal not in range(128)"}  # fmt: skip
    facts = {"line": "OK", "seen": "", "seconds": 2, "crash": crash}
    first = failed("nickname.accept", Failure("λmega_1", Symptom.NO_REPLY, facts))
    others = [name for name in RUBRIC.checks if name.startswith("client.")]
    verdicts = first | {k: v for name in others for k, v in failed(name).items()}
    before = dict.fromkeys([*others[:8]], "passed") | {"nickname.accept": "passed"}
    shown = screen(verdicts, Progress(before=before))
    told = "\n".join(shown)
    assert "sekalian" in told
    assert height(shown, COLUMNS) <= ROWS
    assert "ordinal not in range(128)" in " ".join(told.split())


def test_where_there_is_no_room_nothing_is_told_beside_the_first():
    assert not [line for line in screen(SEVERAL, columns=40) if "sekalian" in line]
    one = failed(
        "start.banner", Failure("server.py", Symptom.NO_BANNER, {"line": "x", "seen": "y"})
    )
    assert not [line for line in screen(one) if "sekalian" in line]


def test_a_run_that_was_stopped_says_how_much_is_still_to_come():
    verdicts = of(Outcome.PASSED, "start.banner")
    text = " ".join(screen(verdicts, asked=["start.banner", "start.restart", "start.interrupt"]))
    assert "2 pemeriksaan belum dilakukan" in text
    assert "lulus" not in text


def test_an_undecided_check_is_no_full_success():
    verdicts = of(Outcome.PASSED, "start.banner") | of(Outcome.INCONCLUSIVE, "start.restart")
    assert "Selamat" not in " ".join(screen(verdicts))


def test_without_colour_there_is_no_escape_and_with_it_the_same_words():
    plain = screen(EVERYTHING_AT_ONCE, PROGRESS)
    coloured = screen(EVERYTHING_AT_ONCE, PROGRESS, paint=Paint(colour=True))
    assert not any("\x1b" in line for line in plain)
    assert [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in coloured] == plain


def test_a_hostile_value_reaches_no_terminal():
    failure = Failure("budi", Symptom.OTHER_LINE, {"line": "a\x1b[2J", "seen": "b\u202e\x9b"})
    text = "\n".join(screen(failed("broadcast.format", failure)))
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text)


def test_where_only_the_machine_is_in_the_way_it_says_why_and_what_to_do():
    verdicts = of(Outcome.PASSED, "start.banner")
    verdicts["start.restart"] = Verdict(
        "start.restart", Outcome.INCONCLUSIVE, reason="waktunya habis"
    )
    text = " ".join(screen(verdicts))
    assert "Sebabnya: waktunya habis. Tutuplah program lain, lalu jalankan lagi." in text
    # Where the program itself may be why, nobody is told to close others.
    slow = {name: replace(each, is_slow=True) for name, each in verdicts.items()}
    text = " ".join(" ".join(screen(slow)).split())
    assert "Belum bisa diputuskan (1): start.restart" in text
    assert "Sebabnya: waktunya habis" in text and "Tutuplah" not in text and "salahmu" not in text
    assert "Sebabnya" not in " ".join(screen(verdicts | failed("start.listens")))
