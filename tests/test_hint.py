"""`python -m harness hint`: the next hint for what failed last, or a sentence why there is none."""

import dataclasses
from pathlib import Path

import pytest

from harness import hint
from harness.command_line import Misuse
from harness.contract import hints
from harness.contract.rubric import LANGUAGES, Language, load
from harness.contract.symptoms import Symptom
from harness.grading import last_run
from harness.grading.last_run import Remembered

RUBRIC = load()
CHECK = "nickname.unique"
LINES = (
    "def open_listener():",
    "    # TODO 1: Buka socket.",
    "    # Ingat: alamatnya.",
    '    raise NotImplementedError("TODO 1")',
)


@pytest.fixture
def submission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A submission whose memory is in a folder of its own."""
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "server.py").write_text("\n".join(LINES) + "\n")
    monkeypatch.setattr(last_run, "memory_of", lambda folder: tmp_path / "memory")
    monkeypatch.setenv("COLUMNS", "80")
    return folder


def remember(submission: Path, **known: Remembered) -> None:
    """What the last run is to have left; `_` in a name stands for the dot."""
    table = {name.replace("_", ".", 1): each for name, each in known.items()}
    last_run.keep_all(last_run.memory_of(submission), table)


def said(
    capsys: pytest.CaptureFixture[str], submission: Path, *words: str, lang: Language = "id"
) -> str:
    assert hint.main([*words, f"--submission={submission}"], lang) == 0
    return " ".join(capsys.readouterr().out.split())


FAILED = Remembered("failed", Symptom.NOT_REFUSED)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_three_hints_come_one_after_the_other_and_then_anew(
    submission: Path, capsys: pytest.CaptureFixture[str], lang: Language
):
    remember(submission, nickname_unique=FAILED)
    steps = hints.steps(RUBRIC.checks[CHECK], Symptom.NOT_REFUSED, lang)
    for count in (1, 2, 3, 1):
        text = said(capsys, submission, CHECK, lang=lang)
        assert [step in text for step in steps] == [at < count for at in range(3)]
    anew = {"id": "mulai lagi dari yang pertama", "en": "they begin anew"}
    assert anew[lang] in text


def test_the_hint_that_the_report_has_shown_is_not_the_next(
    submission: Path, capsys: pytest.CaptureFixture[str]
):
    remember(submission, nickname_unique=Remembered("failed", Symptom.NOT_REFUSED, hints=1))
    assert "Petunjuk 2 dari 3" in said(capsys, submission, CHECK)


def test_without_a_check_it_is_the_one_to_mend_first(
    submission: Path, capsys: pytest.CaptureFixture[str]
):
    opened = Remembered("failed", Symptom.TODO_OPEN, todo=1)
    remember(submission, client_prompt=opened, nickname_unique=FAILED)
    assert said(capsys, submission).startswith(f"{CHECK}. ")


def test_without_a_check_it_is_what_the_last_report_told_to_mend(
    submission: Path, capsys: pytest.CaptureFixture[str]
):
    latest = dataclasses.replace(FAILED, is_latest=True)
    remember(submission, nickname_accept=FAILED, nickname_invalid=latest)
    assert said(capsys, submission).startswith("nickname.invalid. ")
    mended = Remembered("passed", is_latest=True)
    remember(submission, nickname_accept=FAILED, nickname_invalid=mended)
    assert said(capsys, submission).startswith("nickname.accept. ")


def test_what_an_exception_explains_is_hinted_at_by_that(
    submission: Path, capsys: pytest.CaptureFixture[str]
):
    crashed = Remembered("failed", Symptom.NOTHING_CAME, crashed="NameError")
    remember(submission, broadcast_delivers=crashed)
    assert "Exception apa yang disebut" in said(capsys, submission)


def test_an_open_todo_is_told_with_its_place_and_comment(
    submission: Path, capsys: pytest.CaptureFixture[str]
):
    remember(submission, start_listens=Remembered("failed", Symptom.TODO_OPEN, todo=1))
    text = said(capsys, submission)
    assert (
        "TODO 1 (server.py:1-4, open_listener) TODO 1: Buka socket. Ingat: alamatnya. Petunjuk"
        in text
    )


def test_the_todo_that_is_to_blame_is_the_one_of_the_report(
    submission: Path, capsys: pytest.CaptureFixture[str]
):
    remember(submission, start_listens=Remembered("failed", Symptom.NEVER_LISTENS, blamed=(1,)))
    assert "salahnya di TODO 1 (server.py:1-4, open_listener)" in said(capsys, submission)


def test_the_todos_of_the_lines_that_a_failure_names_are_those_of_the_report(
    submission: Path, capsys: pytest.CaptureFixture[str]
):
    found = Remembered("failed", Symptom.THREAD_DIED, suspected=(1,))
    remember(submission, exploration_schedules=found)
    text = said(capsys, submission)
    assert "mungkin TODO 1 (server.py:1-4, open_listener)" in text and "TODO 6" not in text


def test_a_check_that_passed_needs_no_hint(submission: Path, capsys: pytest.CaptureFixture[str]):
    remember(submission, nickname_unique=Remembered("passed"))
    assert said(capsys, submission, CHECK, lang="en") == (
        "nickname.unique passed in the last run: there is nothing to mend."
    )
    assert said(capsys, submission) == "Tidak ada yang gagal pada pemeriksaan terakhir."


def test_a_check_that_waits_leads_to_the_one_it_waits_for(
    submission: Path, capsys: pytest.CaptureFixture[str]
):
    remember(
        submission,
        start_listens=Remembered("failed", Symptom.NEVER_LISTENS),
        nickname_request=Remembered("not_reached", waits_for="start.listens"),
        nickname_unique=Remembered("not_reached", waits_for="nickname.request"),
    )
    text = said(capsys, submission, CHECK)
    assert "python -m harness hint start.listens" in text


@pytest.mark.parametrize("waits_for", ["", CHECK, "no.such"])
def test_a_memory_that_makes_no_sense_ends_in_a_sentence(
    submission: Path, capsys: pytest.CaptureFixture[str], waits_for: str
):
    remember(submission, nickname_unique=Remembered("not_reached", waits_for=waits_for))
    assert f"python -m harness -k {CHECK}" in said(capsys, submission, CHECK)


@pytest.mark.parametrize("outcome", ["inconclusive", "not_run"])
def test_what_could_not_be_judged_is_not_the_students_fault(
    submission: Path, capsys: pytest.CaptureFixture[str], outcome: str
):
    remember(submission, nickname_unique=Remembered(outcome))
    assert "bukan salahmu" in said(capsys, submission, CHECK)


def test_a_check_that_was_not_judged_yet_is_to_be_run(
    submission: Path, capsys: pytest.CaptureFixture[str]
):
    remember(submission, start_banner=Remembered("passed"))
    assert "belum diperiksa; jalankan dulu" in said(capsys, submission, CHECK)


def test_part_of_a_name_is_enough_where_it_is_the_only_one(
    submission: Path, capsys: pytest.CaptureFixture[str]
):
    remember(submission, nickname_unique=FAILED)
    assert said(capsys, submission, "unique").startswith(f"{CHECK}. ")


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("nickname.uniqe", "nickname.unique"),
        ("broadcast", "broadcast.delivers"),
        ("?!", "python -m harness hint --submission="),
    ],
)
def test_an_unknown_check_brings_the_nearest_names(submission: Path, word: str, near: str):
    remember(submission, nickname_unique=FAILED)
    with pytest.raises(Misuse, match=f"Tidak ada pemeriksaan '.*{near}"):
        hint.main([word, f"--submission={submission}"])


def test_before_the_first_run_it_says_how_to_run(submission: Path):
    with pytest.raises(Misuse, match="run this first: python -m harness --submission="):
        hint.main([CHECK, f"--submission={submission}"], "en")


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path: Path):
    with pytest.raises(Misuse, match="tidak ada"):
        hint.main([f"--submission={tmp_path / 'nowhere'}"])


@pytest.mark.parametrize(("has_nc", "says"), [(None, True), ("/usr/bin/nc", False)])
def test_where_there_is_no_nc_its_stand_in_is_named(
    submission: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    has_nc: str | None,
    says: bool,
):
    monkeypatch.setattr(hint.shutil, "which", lambda name: has_nc)
    remember(submission, nickname_unique=Remembered("failed", Symptom.NOT_REFUSED, hints=2))
    assert ("docs/id/windows.md" in said(capsys, submission, CHECK)) is says


def test_no_line_is_wider_than_the_terminal(submission: Path, capsys: pytest.CaptureFixture[str]):
    remember(submission, nickname_unique=Remembered("failed", Symptom.NOT_REFUSED, hints=2))
    hint.main([CHECK, f"--submission={submission}"])
    lines = capsys.readouterr().out.splitlines()
    # A command and the path in it are not broken: they are there to be copied.
    unbroken = ("python -m harness", str(submission))
    assert max(len(line) for line in lines if not any(each in line for each in unbroken)) <= 80
