"""The report for the student: what works, the first thing to mend, the rest, the points."""

import re
import sys

import pytest

from harness.contract.rubric import LANGUAGES, Language, load
from harness.contract.symptoms import Failure, Symptom
from harness.grading.results import Outcome, Run, Verdict
from harness.record.journal import Event, What
from harness.reports.evidence import MOST_STORY, WIDEST, command, evidence
from harness.reports.paint import Paint
from harness.reports.student import report

RUBRIC = load()
DEFAULT = "modul4/1.contoh"
STORY = (
    Event(0.0, "server.py", "", What.START, "server.py"),
    Event(0.1, "ani", "server.py", What.SAY, "halo"),
    Event(2.6, "server.py", "budi", What.MISSING, "ani: halo"),
)
MISSING = Failure("budi", Symptom.NOTHING_CAME, {"line": "ani: halo", "seen": "", "seconds": 2.5})


def run(lang: Language = "id", path: str = DEFAULT) -> Run:
    return Run(path, {}, 1234, lang)


def passed(*names: str) -> dict[str, Verdict]:
    return {name: Verdict(name, Outcome.PASSED) for name in names}


def failed(name: str, failure: Failure = MISSING, stderr: str = "") -> dict[str, Verdict]:
    return {name: Verdict(name, Outcome.FAILED, failure, story=STORY, stderr=stderr)}


def open_todo(name: str, todo: int) -> dict[str, Verdict]:
    return failed(name, Failure("server.py", Symptom.TODO_OPEN, {"todo": todo}), "Traceback ...")


def shown(verdicts: dict[str, Verdict], paint: Paint = Paint(), **of: str) -> str:  # noqa: B008
    return report(RUBRIC, run(**of), verdicts, paint, DEFAULT)  # type: ignore[arg-type]


def points(*checks: str) -> str:
    """The points of these checks together, as a report shows them."""
    return f"{sum(RUBRIC.checks[each].points for each in checks):g}"


def part(text: str, head: str) -> str:
    """The part of a report under a heading."""
    return next(each for each in text.split("\n\n") if each.startswith(head))


FAULTY = (
    passed("start.listens", "start.banner")
    | failed("broadcast.delivers")
    | failed("broadcast.format", Failure("budi", Symptom.OTHER_LINE, {"line": "a", "seen": "b"}))
    | {"broadcast.order": Verdict("broadcast.order", Outcome.NOT_REACHED, reason="tunggu dulu")}
)


def test_the_parts_come_in_the_order_of_need():
    text = shown(FAULTY)
    heads = ["SUDAH BENAR (2)", "PERBAIKI INI DULU", "SESUDAH ITU (2)", "NILAI"]
    places = [text.index(head) for head in heads]
    assert places == sorted(places)


def test_what_works_is_listed_with_its_title():
    works = part(shown(FAULTY), "SUDAH BENAR")
    assert works.count("✓") == 2
    assert "start.banner" in works
    assert RUBRIC.checks["start.banner"].title["id"] in works


def test_the_first_thing_to_mend_has_all_its_evidence():
    text = shown(FAULTY)
    first = text[text.index("PERBAIKI INI DULU") : text.index("SESUDAH ITU")]
    assert "✗ broadcast.delivers" in first
    assert "budi melihat 'ani: halo'" in first
    assert "tidak datang selama 2.5 detik" in first
    assert ">>> budi <- server.py  'ani: halo'  TIDAK DATANG" in first
    assert RUBRIC.checks["broadcast.delivers"].hint["id"].split()[0] in first
    assert "TODO" not in first
    assert "python -m harness -k broadcast.delivers --seed 1234" in first


def test_the_todos_are_named_that_the_file_has():
    blame = RUBRIC.checks["broadcast.delivers"].blame
    places = {number: f"server.py:{number}0, f{number}" for number in blame}
    text = report(RUBRIC, run(), FAULTY, Paint(), DEFAULT, places=places)
    todos = ", ".join(f"TODO {number} ({place})" for number, place in places.items())
    assert re.search(rf"di filemu: +mungkin {re.escape(todos)[:40]}", text)


def test_the_rest_has_a_line_each():
    rest = part(shown(FAULTY), "SESUDAH ITU").splitlines()
    assert len(rest) == 3
    assert rest[1].split()[:2] == ["✗", "broadcast.format"]
    assert rest[2].split() == ["·", "broadcast.order", "tunggu", "dulu"]


def test_points_by_group():
    told = part(shown(FAULTY), "NILAI")
    got = points("start.listens", "start.banner")
    start = points(*(c.id for c in RUBRIC if c.group == "start"))
    lost = points(*(c.id for c in RUBRIC if c.group == "broadcast"))
    assert re.search(rf"Mulai dan berhenti +{got} / {start}\n", told)
    assert re.search(rf"Pesan untuk semua +0 / {lost}\n", told)
    assert re.search(rf"Jumlah +{got} / 100$", told)


def test_of_a_part_only_its_points_are_counted():
    asked = ("start.listens", "nickname.accept")
    verdicts = passed("start.listens") | failed("nickname.accept")
    told = part(report(RUBRIC, run("en"), verdicts, Paint(), DEFAULT, asked=asked), "POINTS")
    got, lost = points("start.listens"), points("nickname.accept")
    assert re.search(rf"Starting and stopping +{got} / {got}\n", told)
    assert re.search(rf"Nickname +0 / {lost}\n", told)
    assert re.search(rf"Total of this part +{got} / {points(*asked)}$", told)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_one_language_at_a_time(lang: Language):
    text = shown(FAULTY, lang=lang)
    other = {"id": ["WORKS", "MEND", "expected", "POINTS"], "en": ["SUDAH", "NILAI", "seharusnya"]}
    assert not any(word in text for word in other[lang])


def test_an_untouched_todo_is_no_fault():
    text = shown(open_todo("start.listens", 2) | open_todo("start.banner", 1), Paint(colour=True))
    assert "KERJAKAN INI DULU" in text
    assert "PERBAIKI" not in text
    assert "Traceback" not in text
    assert "\x1b[31" not in text  # grey rather than red
    assert "TODO 1 belum dikerjakan" in text
    assert re.search(r"start.listens +\x1b\[0m TODO 2 belum dikerjakan", text)


def test_what_the_machine_spoilt_is_not_the_students_fault():
    unsure = {"start.banner": Verdict("start.banner", Outcome.INCONCLUSIVE, reason="sibuk")}
    text = shown(passed("start.listens") | unsure)
    assert "? start.banner" in part(text, "TIDAK BISA DIPUTUSKAN")
    assert "Ini bukan salahmu" in text
    assert "Selamat" not in text
    assert "SESUDAH ITU" not in text


def test_what_was_not_run_is_told_with_its_reason():
    lacking = {
        name: Verdict(name, Outcome.NOT_RUN, reason="tidak ada terminal")
        for name in ("client.screen", "client.burst")
    }
    text = shown(passed("start.listens") | lacking)
    assert "2 pemeriksaan tidak dijalankan di sini" in text
    assert "client.screen, client.burst: tidak ada terminal" in text
    rest = points(*(set(RUBRIC.checks) - lacking.keys()))
    assert re.search(rf"Jumlah +{points('start.listens')} / {rest}\n", text)
    assert "Program client" not in text  # nothing to be had there


def test_all_passed_is_said_with_100_points():
    text = shown(passed(*RUBRIC.checks), lang="en")
    assert text.endswith("All checks passed. Well done!")
    assert re.search(r"Total +100 / 100", text)


def test_a_run_without_a_verdict_is_not_praised():
    assert "Selamat" not in shown({})


def test_the_command_to_run_just_this_again():
    assert command(run(), "start.banner", DEFAULT).endswith("-k start.banner --seed 1234")
    elsewhere = command(run(path="my work/ani's"), "start.banner", DEFAULT)
    posix, windows = """'--submission=my work/ani'"'"'s'""", """"--submission=my work/ani's\""""
    assert elsewhere.endswith(windows if sys.platform == "win32" else posix)


def lines(failure: Failure, **of: object) -> list[str]:
    verdict = Verdict("start.banner", Outcome.FAILED, failure, **of)  # type: ignore[arg-type]
    return evidence(RUBRIC.checks["start.banner"], verdict, "en", Paint())


def test_the_end_of_stderr_is_shown():
    assert "      ValueError: x" in lines(MISSING, stderr="Traceback\nValueError: x")


def test_a_long_story_is_shown_by_its_end():
    story = tuple(Event(n / 10, "ani", "server.py", What.SAY, f"n{n}.") for n in range(50))
    text = "\n".join(lines(MISSING, story=story))
    assert "'n49.'" in text
    assert text.count("ani -> server.py") == MOST_STORY - 1  # and the line that says: there is more


def test_nothing_that_a_student_prints_breaks_the_page():
    evil = "x\n\x1b[2J" + "y" * 5000
    failure = Failure("budi", Symptom.OTHER_LINE, {"line": evil, "seen": evil})
    story = (Event(0.1, "server.py", "stdout", What.PRINT, evil),)
    found = lines(failure, story=story, stderr=evil)
    assert not any("\x1b" in line or "\n" in line for line in found)
    assert all(len(line) < 3 * WIDEST for line in found)


@pytest.mark.parametrize(("columns", "widest"), [("", WIDEST), ("200", WIDEST), ("60", 60)])
def test_sentences_are_wrapped(monkeypatch: pytest.MonkeyPatch, columns: str, widest: int):
    monkeypatch.setenv("COLUMNS", columns)
    failure = Failure("budi", Symptom.NO_BANNER, {"line": "a " * 90, "seen": ""})
    found = lines(failure)
    assert found[0].startswith("    expected:         the server prints")
    assert widest - 10 < max(map(len, found)) <= widest
    assert found[1].startswith(" " * 22)


def test_what_passed_in_part_says_what_could_not_be_asked():
    verdicts = {
        "client.no_server": Verdict("client.no_server", Outcome.PASSED, reason="port taken")
    }
    said = shown(verdicts, lang="en")
    assert (
        "Passed, though a part could not be asked here:\n    client.no_server: port taken" in said
    )
    assert "a part could not be asked" not in shown(passed("client.no_server"), lang="en")
