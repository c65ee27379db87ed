"""`python -m harness grade`: a class in, a folder for each and a table out, also after a break."""

import csv
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from harness import grade
from harness.classroom import box, limits, one
from harness.classroom.class_page import CLASS_PAGE
from harness.classroom.one import CONSOLE, RECEIPT, RESULTS
from harness.classroom.similar import EXPORT
from harness.classroom.spreadsheet import FILE
from harness.command_line import Misuse
from harness.grading.judge import REPO
from harness.reports import page
from tests.watching import LONG, eventually

BROKEN = "def f(:\n"
posix = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
boxed = pytest.mark.skipif(not box.is_possible(box.BUBBLEWRAP), reason="needs bubblewrap")


@pytest.fixture
def classroom(tmp_path: Path) -> Path:
    """A class of three that is graded fast: none of their programs can start."""
    for name in ("ani", "budi", "citra"):
        folder = tmp_path / "class" / name
        folder.mkdir(parents=True)
        (folder / "server.py").write_text(f"# {name}\n{BROKEN}")
    (tmp_path / "class" / "dewi.rar").write_bytes(b"Rar!")
    return tmp_path / "class"


def graded(source: Path, out: Path, *more: str, isolation: str = "process") -> int:
    words = [str(source), "--out", str(out), "--isolation", isolation, "-j", "2", *more]
    return grade.main(words, "en")


def rows(out: Path) -> dict[str, dict[str, str]]:
    text = (out / FILE).read_text(encoding="utf-8-sig")
    return {row["folder"]: row for row in csv.DictReader(io.StringIO(text))}


def when(out: Path) -> dict[str, int]:
    """When each grade was written."""
    return {path.parent.name: path.stat().st_mtime_ns for path in out.glob(f"*/{RESULTS}")}


def test_each_has_a_folder_and_a_row(classroom: Path, tmp_path: Path):
    out = tmp_path / "out"
    assert graded(classroom, out, "--seed", "7") == 0
    assert {name: row["points"] for name, row in rows(out).items()} == {
        "ani": "0", "budi": "0", "citra": "0", "dewi": ""
    }  # fmt: skip
    assert "dewi.rar" in rows(out)["dewi"]["problem"]
    document = json.loads((out / "ani" / RESULTS).read_text())
    assert (document["state"], document["seed"]) == ("complete", 7)
    assert document["submission"]["path"] == "modul4/1.contoh"
    assert "server.py" in (out / "ani" / CONSOLE).read_text()
    receipt = json.loads((out / "ani" / RECEIPT).read_text())
    assert (receipt["seed"], receipt["isolation"]) == (7, "process")
    assert {path.name for path in out.iterdir()} == {
        "ani", "budi", "citra", FILE, grade.CLASS, EXPORT, *[CLASS_PAGE][: page.is_possible()]
    }  # fmt: skip


def test_only_what_changed_is_graded_again(classroom: Path, tmp_path: Path):
    out = tmp_path / "out"
    graded(classroom, out)
    before = when(out)
    seed = json.loads((out / grade.CLASS).read_text())["seed"]
    (classroom / "budi" / "server.py").write_text(f"# new\n{BROKEN}")
    graded(classroom, out)
    assert [name for name, then in when(out).items() if then != before[name]] == ["budi"]
    assert json.loads((out / grade.CLASS).read_text())["seed"] == seed
    graded(classroom, out, "--regrade")
    assert not set(when(out).values()) & set(before.values())


def test_another_seed_gives_other_grades_and_that_is_said(
    classroom: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    graded(classroom, tmp_path / "out", "--seed", "1")
    before = when(tmp_path / "out")
    assert "graded again" not in capsys.readouterr().out
    graded(classroom, tmp_path / "out", "--seed", "2")
    told = "3 are graded again, because this is not as the last time: seed 1 -> 2. If you"
    assert told in capsys.readouterr().out
    assert not set(when(tmp_path / "out").values()) & set(before.values())


def test_a_grade_that_lost_a_file_is_made_again(classroom: Path, tmp_path: Path):
    out = tmp_path / "out"
    graded(classroom, out)
    (out / "ani" / RESULTS).write_text('{"state": "comp')
    graded(classroom, out)
    assert json.loads((out / "ani" / RESULTS).read_text())["state"] == "complete"


def command(classroom: Path, out: Path) -> list[str]:
    words = ["grade", str(classroom), f"--out={out}", "--isolation=process", "-j", "1"]
    return [sys.executable, "-m", "harness", *words, "--lang=en"]


@posix
@pytest.mark.parametrize("name", ["SIGKILL", "SIGINT"])
def test_a_run_that_was_stopped_goes_on_where_it_was(classroom: Path, tmp_path: Path, name: str):
    how = signal.Signals[name]
    out = tmp_path / "out"
    shutil.copytree(REPO / "solutions" / "1.contoh", classroom / "zaki")
    run = subprocess.Popen(command(classroom, out), cwd=REPO, stdout=subprocess.PIPE, text=True)
    assert eventually(lambda: len(when(out)) == 3 and list(out.glob(".work-*/graded/zaki")), LONG)
    run.send_signal(how)
    said, _ = run.communicate(timeout=LONG)
    before = when(out)
    # What was not finished is not there, and what was is whole.
    assert sorted(before) == ["ani", "budi", "citra"]
    assert all(json.loads((out / name / RECEIPT).read_text()) for name in before)
    if how is signal.SIGINT:
        assert run.returncode == grade.INTERRUPTED
        assert said.endswith("Stopped. The same command goes on from here.\n")
        assert set(rows(out)) == {"ani", "budi", "citra", "dewi"}
    shutil.rmtree(classroom / "zaki")
    graded(classroom, out)
    assert when(out) == before
    assert not list(out.glob(".work-*"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere", "--out", "out"], "There is no 'nowhere'"),
        (["."], "Missing: --out"),
        ([".", "--out", "out", "--isolation", "process"], "must not lie in the folder"),
        ([".", "--out", "../out", "-j", "x"], "'x' is no number"),
        ([".", "--out", "../out", "--isolation", "iron"], "There is no 'iron'"),
    ],
)
def test_words_that_make_no_sense_are_told(
    classroom: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], said: str
):
    monkeypatch.chdir(classroom)
    with pytest.raises(Misuse, match=said):
        grade.main(words, "en")


def test_nothing_handed_in_and_a_broken_class_are_told(tmp_path: Path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "class.zip").write_bytes(b"no zip")
    with pytest.raises(Misuse, match="Nothing was handed in"):
        graded(tmp_path / "empty", tmp_path / "out")
    with pytest.raises(Misuse, match="cannot be read: The zip is broken"):
        graded(tmp_path / "class.zip", tmp_path / "out")


def test_without_a_box_it_has_to_be_asked_for(
    classroom: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(box, "is_possible", lambda name: name == box.PROCESS)
    with pytest.raises(Misuse, match="cannot be confined here"):
        graded(classroom, tmp_path / "out", isolation="auto")
    with pytest.raises(Misuse, match="cannot be made here; what can: process"):
        graded(classroom, tmp_path / "out", isolation="bubblewrap")


# Tries to reach what is not its own, and says what it could do; then it listens for nobody.
CURIOUS = """
import os, pathlib, sys
reached = []
for path in {paths!r}:
    try:
        if os.path.isdir(path):
            assert os.listdir(path)
        else:
            open(path).read(1) or reached.append("empty " + path)
        reached.append("read " + path)
    except (OSError, AssertionError):
        pass
for folder in {folders!r}:
    try:
        pathlib.Path(folder, "planted").write_text("x")
        reached.append("write " + folder)
    except OSError:
        pass
sys.exit("reached: " + "; ".join(reached))
"""


BOXES = [name for name in (box.BUBBLEWRAP, box.USER, box.LANDLOCK) if box.is_possible(name)]


@pytest.mark.parametrize("isolation", BOXES)
def test_in_a_box_a_program_sees_and_changes_nothing_of_others(
    classroom: Path, tmp_path: Path, isolation: str
):
    out = tmp_path / "out"
    graded(classroom, out, isolation=isolation)
    (tmp_path / "secret").write_text("secret")
    paths = [str(classroom / "budi" / "server.py"), str(out / "budi"), str(tmp_path / "secret")]
    if box.Box(isolation).confines_programs:
        paths.append(str(REPO / "solutions" / "1.contoh" / "server.py"))
    folders = [str(REPO), str(REPO / "harness"), str(out), str(classroom), "/usr", "/etc"]
    text = CURIOUS.format(paths=paths, folders=folders)
    (classroom / "ani" / "server.py").write_text(text)
    graded(classroom, out, isolation=isolation)
    told = (out / "ani" / CONSOLE).read_text()
    assert "reached: " in told
    for each in (*paths, *folders):
        assert each not in told.partition("reached: ")[2].partition("\n")[0]
    assert not any((Path(folder) / "planted").exists() for folder in folders)


# What a student who knows the kit may send: its solution, found by what the parent was called with.
BORROWED = """
import os, runpy, sys
words = open(f"/proc/{os.getppid()}/cmdline").read().split("\\0") if os.name == "posix" else []
for word in [*words, %r]:
    folder = os.path.dirname(os.path.dirname(word))
    path = os.path.join(folder, "solutions", "1.contoh", os.path.basename(sys.argv[0]))
    if os.path.isfile(path):
        runpy.run_path(path, run_name="__main__")
"""


@pytest.mark.parametrize("isolation", BOXES)
def test_the_solution_cannot_be_borrowed(classroom: Path, tmp_path: Path, isolation: str):
    if not box.Box(isolation).confines_programs:
        pytest.skip("needs Landlock")
    borrowed = BORROWED % str(REPO / "harness" / "x.py")
    for name in ("server.py", "client.py"):
        (classroom / "ani" / name).write_text(borrowed)
    graded(classroom, tmp_path / "out", isolation=isolation)
    assert rows(tmp_path / "out")["ani"]["points"] == "0"


@boxed
def test_what_is_left_running_in_a_box_ends_with_it(classroom: Path, tmp_path: Path):
    mark = f"modul4-left-{os.getpid()}"
    program = "import time; time.sleep(600)"
    (classroom / "ani" / "server.py").write_text(
        "import subprocess, sys\n"
        f"subprocess.Popen([sys.executable, '-c', {program!r}, {mark!r}], env={{}}, "
        "cwd='/', start_new_session=True)\n"
    )
    graded(classroom, tmp_path / "out", isolation="bubblewrap")
    processes = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout
    assert mark not in processes


def test_the_screen_says_how_it_went(
    classroom: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    graded(classroom, tmp_path / "out", "--seed", "7")
    graded(classroom, tmp_path / "out")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "4 handed in · --seed 7 · box: process"
    assert "ani: 0 of 100" in lines
    assert "ani: 0 of 100 (graded before)" in lines
    assert lines[-1].startswith("3 graded, 1 with a problem. The table: ")


def test_a_class_may_come_in_one_zip(
    classroom: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    shutil.make_archive(str(tmp_path / "handed-in"), "zip", classroom)
    assert graded(tmp_path / "handed-in.zip", tmp_path / "out") == 0
    assert set(rows(tmp_path / "out")) == {"ani", "budi", "citra", "dewi"}


HOG = """
kept = []
while True:
    kept.append(bytearray(b"x") * 10_000_000)
"""
# Not a bomb: as many as are too many, each of which ends by itself.
MANY = """
import subprocess, sys, time
for number in range(60):
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(20)"])
time.sleep(20)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="what processes use is looked at on Linux")
@pytest.mark.parametrize(
    ("program", "limit", "said"),
    [(HOG, ("MOST_BYTES", 400_000_000), "of memory"), (MANY, ("MOST_PROCESSES", 40), "processes")],
    ids=["memory", "processes"],
)
def test_what_takes_too_much_of_the_machine_is_stopped_and_told(
    classroom: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    program: str,
    limit: tuple[str, int],
    said: str,
):
    monkeypatch.setattr(limits, *limit)
    (classroom / "ani" / "server.py").write_text(program)
    assert graded(classroom, tmp_path / "out") == 0
    assert said in rows(tmp_path / "out")["ani"]["problem"]
    assert rows(tmp_path / "out")["ani"]["points"] == ""
    assert rows(tmp_path / "out")["budi"]["points"] == "0"
    assert not (tmp_path / "out" / "ani").exists()


def test_a_grading_that_has_no_end_is_stopped(
    classroom: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(one, "LONGEST", 0.0)
    graded(classroom, tmp_path / "out")
    assert all(
        "five minutes" in rows(tmp_path / "out")[each]["problem"] for each in ("ani", "budi")
    )


def test_a_class_of_moodle_goes_back_into_moodle(tmp_path: Path):
    for name in ("Ani Wijaya_101", "Budi_102"):
        folder = tmp_path / "class" / f"{name}_assignsubmission_file"
        folder.mkdir(parents=True)
        (folder / "server.py").write_text(BROKEN)
    sheet = tmp_path / "Grades-Modul 4.csv"
    sheet.write_text(
        "Identifier,Grade,Maximum grade\nParticipant 101,,100.00\nParticipant 7,,100.00\n"
    )
    out = tmp_path / "out"
    assert graded(tmp_path / "class", out, "--worksheet", str(sheet)) == 0
    assert (out / sheet.name).read_text().splitlines()[1:] == [
        "Participant 101,0.00,100.00", "Participant 7,,100.00"
    ]  # fmt: skip
    with zipfile.ZipFile(out / "feedback.zip") as archive:
        assert len(archive.namelist()) == 2
    sheet.write_text("no,sheet\n")
    with pytest.raises(Misuse, match="no grading worksheet of Moodle"):
        graded(tmp_path / "class", out, "--worksheet", str(sheet))


def test_what_the_teacher_changed_outlives_a_grading(classroom: Path, tmp_path: Path):
    out = tmp_path / "out"
    out.mkdir()
    text = "who,check,points,comment\nani,start.banner,1,seen by hand\ndewi,total,40,by mail\n"
    (out / "overrides.csv").write_text(text)
    for more in ((), ("--regrade",)):
        graded(classroom, out, *more)
        assert (rows(out)["ani"]["points"], rows(out)["dewi"]["points"]) == ("1", "40")
        assert rows(out)["ani"]["changed by hand"] == "start.banner = 1 (seen by hand)"
        assert rows(out)["budi"]["points"] == "0"
    assert (out / "overrides.csv").read_text() == text


def test_a_mistake_in_the_teachers_file_is_told_before_anything_is_graded(
    classroom: Path, tmp_path: Path
):
    out = tmp_path / "out"
    out.mkdir()
    (out / "overrides.csv").write_text("ani,start.baner,1\n")
    with pytest.raises(Misuse, match=r"overrides.csv, line 1: .*'start.baner'"):
        graded(classroom, out)
    assert not list(out.glob(f"*/{RESULTS}"))


def test_who_is_not_decided_is_told_until_the_teacher_decides(
    classroom: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    out = tmp_path / "out"
    graded(classroom, out)
    document = json.loads((out / "ani" / RESULTS).read_text())
    check = document["checks"][0]
    check["outcome"] = "inconclusive"
    (out / "ani" / RESULTS).write_text(json.dumps(document))
    capsys.readouterr()
    assert graded(classroom, out) == grade.UNJUDGED
    said = capsys.readouterr().out
    assert f"ani: 0 of 100; not decided: {check['id']} (graded before)" in said
    assert f"Not all is decided for ani. Delete the folder in {out} and run the same" in said
    assert "changed by hand" not in said
    (out / "overrides.csv").write_text(f"ani,{check['id']},1\n")
    assert graded(classroom, out) == grade.ALL_GRADED
    lines = capsys.readouterr().out.splitlines()
    assert "ani: 1 of 100 (changed by hand) (graded before)" in lines
    assert lines[-2] == "1 changed by hand, as overrides.csv says."
