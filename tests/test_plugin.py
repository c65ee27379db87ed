"""`pytest harness/` as a person runs it: options, exit statuses, results, and what it leaves."""

import json
import os
import re
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.contract.rubric import Language, load
from tests.conftest import Grader
from tests.tiny import SERVER, edited
from tests.watching import eventually, processes_of

linux = pytest.mark.skipif(sys.platform != "linux", reason="seen in /proc")

Submission = Callable[..., Path]

ENDS = "raise SystemExit(7)\n"
# Makes a check hang: handed to the grader as a pytest plugin.
HANGS = """\
import threading
from harness.actors.console import Console

Console.logs_joining_of = lambda self, client: threading.Event().wait()
"""
ECHOES = edited(("if name != speaker]", "]"))
# Makes one check the machine's fault: handed to the grader as a pytest plugin.
SPOILT = """\
from harness.contract.symptoms import Inconclusive
from harness.actors.console import Console

def logs_joining_of(self, client):
    raise Inconclusive("reference_slow")

Console.logs_joining_of = logs_joining_of
"""


def is_complete(results: dict) -> bool:
    return [row["id"] for row in results["checks"]] == [check.id for check in load()]


def points(*checks: str) -> float:
    """The points of these checks together, as the rubric has them today."""
    return sum(load().checks[each].points for each in checks)


# -- exit statuses


def test_all_passed(grader: Grader, submission: Submission):
    graded = grader("--submission", submission(), "--seed=7", "-k", "start.listens or start.banner")
    assert graded.status == 0, graded.said
    assert graded.outcomes() == {"start.listens": "passed", "start.banner": "passed"}
    most = points("start.listens", "start.banner")
    assert (graded.results["score"], graded.results["max_score"]) == (most, 100)
    assert graded.results["seed"] == 7
    assert is_complete(graded.results)
    assert "--seed 7" in graded.said
    assert os.listdir(grader.folder) == []


def test_something_failed(grader: Grader, submission: Submission):
    graded = grader("--submission", submission(ENDS), "-k", "start.listens or start.banner")
    assert graded.status == 1
    assert graded.outcomes() == {"start.listens": "failed", "start.banner": "not_reached"}
    assert "program sudah selesai sendiri (status 7)" in graded.said
    # Without a seed one is drawn, and told.
    assert f"-k start.listens --seed {graded.results['seed']}" in graded.said


def test_the_kit_could_not_judge(grader: Grader, submission: Submission, tmp_path: Path):
    (tmp_path / "spoilt.py").write_text(SPOILT)
    chosen = ("--submission", submission(), "-p", "spoilt", "-k", "start.listens or nickname.log")
    graded = grader(*chosen, PYTHONPATH=str(tmp_path))
    assert graded.status == 3, graded.said
    assert graded.outcomes() == {"start.listens": "passed", "nickname.log": "inconclusive"}
    assert "Ini bukan salahmu" in graded.said
    got = points("start.listens")
    assert (graded.results["score"], graded.results["max_score"]) == (got, 100)


REFUSED = {
    "no such folder": (["--submission=nowhere/at/all"], "Folder 'nowhere/at/all' tidak ada"),
    "a file for a folder": (["--submission", __file__], "bukan folder. Berikan folder yang"),
    "a seed that is no number": (["--seed=tiga"], "Seed 'tiga' bukan bilangan bulat"),
    "half a number": (["--seed=1.5"], "Seed '1.5' bukan bilangan bulat"),
    "clients that are no number": (["--clients=banyak"], "--clients 'banyak' harus bilangan"),
    "too few clients": (["--clients=1"], "--clients '1' harus bilangan dari 2 sampai 1000"),
    "too many clients": (["--clients=1001"], "--clients '1001' harus bilangan dari 2 sampai 1000"),
    "another language": (["--lang=fr"], "Bahasa 'fr' tidak ada; pilih id atau en"),
    "in English": (["--lang=en", "--seed=x"], "The seed 'x' is not a whole number"),
    "nowhere to write": (["--results=no/such/place.json"], "Hasil tidak bisa ditulis ke"),
    "a folder to write to": (["--results=."], "Hasil tidak bisa ditulis ke '.'"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_wrong_usage_is_told_in_a_sentence(
    why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    arguments, said = REFUSED[why]
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MODUL4_LANG", raising=False)
    # No other plugin: what one of them begins here it would never end.
    others = [
        word for name in ("cacheprovider", "hypothesispytest") for word in ("-p", f"no:{name}")
    ]
    alone = ["-c", os.devnull, "-p", "harness.plugin", *others]
    assert pytest.main([*alone, *arguments]) == 4
    heard = "".join(capfd.readouterr())
    assert heard.count(said) == 1
    assert len(heard.split("\n\n")[0].splitlines()) == 1, heard
    assert "Traceback" not in heard
    assert os.listdir(temporary) == []
    assert sorted(os.listdir(tmp_path)) == ["temporary"]


def test_no_such_check(grader: Grader):
    graded = grader("-k", "nickname.uniq_", "--lang=en")
    assert graded.status == 4, graded.said
    assert "No check is called 'nickname.uniq_'. The groups are start, nickname," in graded.said


@pytest.mark.parametrize("group", ["client", "disconnect"])
def test_the_name_of_a_group_is_that_group_alone(grader: Grader, group: str):
    graded = grader("-k", group, "--collect-only")
    assert re.findall(r"<StoryFile (\w+)\.py>", graded.said) == [group]


# -- options


def title_of(lang: Language) -> str:
    return load().checks["start.listens"].title[lang]


def test_the_language_by_variable(grader: Grader, submission: Submission):
    chosen = ("--submission", submission(ENDS), "-k", "start.listens")
    graded = grader(*chosen, MODUL4_LANG="en")
    assert graded.results["lang"] == "en"
    assert graded.check("start.listens")["title"] == title_of("en")
    assert title_of("en") in graded.said


def test_the_language_by_option_goes_before_the_variable(grader: Grader, submission: Submission):
    chosen = ("--submission", submission(ENDS), "-k", "start.listens", "--lang=id")
    graded = grader(*chosen, MODUL4_LANG="en")
    assert graded.results["lang"] == "id"
    assert title_of("id") in graded.said


def test_the_same_seed_tells_the_same_story(grader: Grader, submission: Submission):
    folder = submission(ECHOES)
    chosen = ("--submission", folder, "-k", "broadcast.not_to_sender", "--lang=en")
    first = grader(*chosen)
    again = grader(*chosen, f"--seed={first.results['seed']}")
    row, same = (graded.check("broadcast.not_to_sender") for graded in (first, again))
    said, once_more = (
        [(event["who"], event["text"]) for event in each["story"] if event["what"] == "say"]
        for each in (row, same)
    )
    assert len(said) > 3
    assert said == once_more
    # And the rest of what SPEC section 4 says of a failed check.
    assert first.results["submission"]["path"] == str(folder)
    assert first.results["submission"]["sha256"].keys() == {"server.py"}
    assert (row["outcome"], row["points"], row["max_points"]) == ("failed", 0, 3)
    assert row["blame"] == ["TODO 9", "TODO 8"]
    assert all(row[key] for key in ("expected", "seen", "hint"))
    assert any(event["what"] == "unwanted" for event in row["story"])


def test_as_many_clients_as_asked_for(grader: Grader, submission: Submission):
    send = '            conn.sendall(f"{speaker}: {text}\\n".encode())\n'
    twice = edited((send, send * 2))
    graded = grader("--submission", submission(twice), "-k", "broadcast.crowd", "--clients=5")
    story = graded.check("broadcast.crowd")["story"]
    assert len([event for event in story if event["what"] == "connect"]) == 5


def test_the_friendly_face(grader: Grader, submission: Submission):
    friendly = ("--modul4-friendly", "-p", "no:terminal", "-s")
    graded = grader("--submission", submission(ENDS), "-k", "start", *friendly)
    assert graded.status == 1
    assert graded.said.startswith("Modul 4 · ")
    assert "PERBAIKI INI DULU" in graded.said
    assert "test session starts" not in graded.said
    assert "\x1b" not in graded.said  # no terminal, no colour


def test_what_would_be_run(grader: Grader):
    graded = grader("--collect-only", "-q")
    assert graded.status == 0
    assert "nickname.py::test_unique" in graded.said


# -- results


def test_the_results_are_whole_from_the_first_moment_on(grader: Grader, submission: Submission):
    """Looked at as often as can be while a run goes on."""
    process = grader.starts("--submission", submission(SERVER), "-k", "start.listens or nickname")
    assert eventually(grader.results.exists)
    judged = []
    while process.poll() is None:
        try:
            results = json.loads(grader.results.read_text(encoding="utf-8"))
        except PermissionError:  # while it is replaced
            assert os.name == "nt"
            continue
        assert is_complete(results)
        judged.append(sum(row["outcome"] is not None for row in results["checks"]))
    said, _ = process.communicate()
    assert judged[0] == 0, said
    assert judged == sorted(judged)
    assert len(set(judged)) > 3  # written after every check
    assert [path.name for path in grader.results.parent.glob("*results*")] == ["results.json"]


def hanging(grader: Grader, folder: Path):
    """A run that has judged one check and now waits in the next."""
    (folder.parent / "hangs.py").write_text(HANGS)
    words = ("--submission", folder, "-p", "hangs", "-k", "nickname.accept or nickname.log")
    process = grader.starts(*words, PYTHONPATH=str(folder.parent))
    assert eventually(lambda: grader.results.exists() and '"passed"' in grader.results.read_text())
    assert eventually(lambda: len(processes_of(grader.folder)) >= 3)
    return process


@linux
def test_ctrl_c_keeps_the_results_and_leaves_nothing(grader: Grader, submission: Submission):
    process = hanging(grader, submission(SERVER))
    process.send_signal(signal.SIGINT)
    graded = grader.graded(0, process.communicate()[0])
    assert process.returncode == 2, graded.said
    assert is_complete(graded.results)
    assert eventually(lambda: not processes_of(grader.folder)), graded.said
    assert os.listdir(grader.folder) == [], graded.said


@linux
def test_a_killed_grader_keeps_the_results_and_leaves_nothing(
    grader: Grader, submission: Submission
):
    process = hanging(grader, submission(SERVER))
    process.kill()
    graded = grader.graded(0, process.communicate()[0])
    assert is_complete(graded.results)
    assert eventually(lambda: not processes_of(grader.folder))
    assert eventually(lambda: os.listdir(grader.folder) == [])


# -- the submission is never run by the grader


@pytest.mark.parametrize("words", ["--submission {}", "--submission={}"])
def test_nothing_of_the_submission_is_run_or_imported(
    grader: Grader, submission: Submission, tmp_path: Path, words: str
):
    folder = submission("import socket\nprint(socket.A)\n")
    proof = tmp_path / "proof"
    proof.mkdir()
    evil = f"import os\nopen({str(proof)!r} + '/' + str(hash(__file__)), 'w').close()\n"
    for name in ("tests", "test_x"):
        (folder / name).mkdir()
    for place in (".", "..", "tests", "test_x"):
        (folder / place / "conftest.py").write_text(evil + "os._exit(0)\n")
    for name in ("test_mine", "pytest", "json", "harness", "conftest"):
        (folder / f"{name}.py").write_text(evil)
    (folder / "socket.py").write_text("A = 'mine'\n")
    (folder / "pytest.ini").write_text("[pytest]\naddopts = -p test_mine\n")
    graded = grader(*words.format(folder).split(), "-k", "start.listens")
    assert os.listdir(proof) == []
    assert graded.status == 1, graded.said
    # To itself the submission may have any names it likes.
    assert "'mine'" in graded.check("start.listens")["seen"]


def test_with_the_options_first_a_conftest_is_refused_or_not_run(
    grader: Grader, submission: Submission
):
    """There the submission's conftest.py comes before ours, which could only refuse to judge."""
    folder = submission(ENDS)
    (folder / "conftest.py").write_text("")
    command = grader.command("-k", "start.listens")
    at = command.index("harness/")
    grader.command = lambda *_: [*command[:at], "--submission", str(folder), *command[at:]]  # type: ignore[method-assign]
    graded = grader()
    if graded.status != 1:
        assert graded.status == 4, graded.said
        assert "tulislah: pytest harness/ --submission=" in graded.said
        assert graded.results == {}
