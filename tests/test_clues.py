"""What the evidence of a failure says of the TODO, beside the rubric."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from harness.contract import hints
from harness.contract.hints import of_failure
from harness.contract.rubric import LANGUAGES, load
from harness.contract.sentences import seen
from harness.contract.symptoms import Failure, Symptom
from harness.grading.clues import decodes_otherwise
from harness.grading.judge import REFERENCE
from harness.grading.results import Outcome, Verdict, blamed_numbers
from harness.grading.suspects import with_suspects
from harness.record.journal import Event, What

RUBRIC = load()


def blamed(check: str, symptom: Symptom, folder: Path = REFERENCE, **facts: object) -> list[int]:
    story = (Event(0.1, "ani", "server.py", What.LEAVE),)
    failed = Verdict(check, Outcome.FAILED, Failure("budi", symptom, facts), story=story)
    return blamed_numbers(RUBRIC.checks[check], with_suspects(failed, folder, RUBRIC))


@pytest.mark.parametrize(
    ("seen", "todos"),
    [
        ("OK\n", [3, 6]),
        ("NICK\n", [3, 6]),
        ("ERR dipakai\n", [3, 6]),
        # Of somebody who has just gone.
        ("ani keluar dari chat\n", [7]),
        # Nothing says where that comes from: the rubric's own.
        ("selamat datang\n", [8, 9]),
    ],
)
def test_a_line_that_nobody_should_have_got_says_what_sent_it(seen: str, todos: list[int]):
    assert blamed("broadcast.format", Symptom.STRAY_LINE, seen=seen) == todos


@pytest.mark.parametrize(
    ("check", "symptom"),
    [
        ("disconnect.mid_line", Symptom.HALF_LINE),
        ("broadcast.long_line", Symptom.HUNG_UP),
    ],
)
def test_what_was_read_and_not_finished_is_a_matter_of_where_it_is_read(
    check: str, symptom: Symptom, tmp_path: Path
):
    # In the reference it is read in a function that is given: no TODO is named, but the function.
    assert blamed(check, symptom) == []
    failed = Verdict(check, Outcome.FAILED, Failure("budi", symptom, {}))
    found = with_suspects(failed, REFERENCE, RUBRIC).failure
    assert found is not None and "(read_lines)" in str(found.facts["where"])
    # Another program reads in a TODO's function: that one.
    (tmp_path / "server.py").write_text(
        "# TODO 8\ndef chat(conn):\n    while line := conn.makefile().readline():\n        pass\n"
    )
    assert blamed(check, symptom, tmp_path) == [8]
    # A file that cannot be read says nothing.
    (tmp_path / "server.py").write_text("def")
    assert blamed(check, symptom, tmp_path) == [4]


@pytest.mark.parametrize(
    ("symptom", "todos"), [(Symptom.NO_REQUEST, [2]), (Symptom.NO_REPLY, [7, 6])]
)
def test_a_second_client_that_waits_for_the_first_to_leave_is_told_so(
    symptom: Symptom, todos: list[int]
):
    story = (
        Event(0.1, "ani", "server.py", What.CONNECT),
        Event(0.2, "server.py", "ani", What.SEE, "OK"),
        Event(0.3, "budi", "server.py", What.CONNECT),
    )
    check = RUBRIC.checks["nickname.accept"]

    def found(*more: Event, who: str = "budi") -> Verdict:
        failure = Failure(who, symptom, {})
        verdict = Verdict(check.id, Outcome.FAILED, failure, story=(*story, *more))
        return with_suspects(verdict, REFERENCE, RUBRIC)

    assert blamed_numbers(check, found()) == todos
    failure = found().failure
    assert failure is not None
    assert "pertama" in of_failure(check, failure, "id")[0]
    for lang, still in (("id", "selama ani masih ada"), ("en", "while ani is there")):
        # Also where it is known that the program just waits.
        for facts in (failure.facts, {**failure.facts, "is_idle": True}):
            told = seen(replace(failure, facts=facts), lang)
            assert told.startswith("ani ") and "'OK'" in told and "budi" in told and still in told
    page = {Symptom.NO_REQUEST: "thread.md", Symptom.NO_REPLY: "deadlock.md"}[symptom]
    assert hints.page(check.id, symptom, failure.facts["met"]) == f"docs/id/{page}"
    # A third one, one that has gone, or nobody who was let in: that says nothing of this.
    third = Event(0.4, "citra", "server.py", What.CONNECT)
    for more, who in (([third], "citra"), ([Event(0.4, "ani", "server.py", What.LEAVE)], "budi")):
        assert blamed_numbers(check, found(*more, who=who)) == list(check.blame)
    assert blamed_numbers(check, found(who="ani")) == list(check.blame)


SENDS = 'broadcast(f"{name}: {line}", sender=name)'
LOOKS = "            if name != sender:\n    "


@pytest.mark.parametrize(
    ("old", "new", "todos"),
    [
        # The line is given as the sender.
        (SENDS, SENDS.replace("sender=name", "sender=line"), [8]),
        (SENDS, SENDS.replace("sender=name", "line"), [8]),
        # Nobody looks at the sender.
        (LOOKS, "", [9]),
        # It is given something else, or compared with something else: either can be at fault.
        (SENDS, SENDS.replace("sender=name", "sender=members[name]"), [9, 8]),
        ("if name != sender", "if conn != sender", [9, 8]),
    ],
)
def test_a_message_that_comes_back_is_a_matter_of_who_is_said_to_send_it(
    old: str, new: str, todos: list[int], tmp_path: Path
):
    source = (REFERENCE / "server.py").read_text(encoding="utf-8")
    assert source.count(old) == 1
    (tmp_path / "server.py").write_text(source.replace(old, new), encoding="utf-8")
    assert blamed("broadcast.not_to_sender", Symptom.ECHO, tmp_path) == todos
    # In another check it is left to the rubric.
    usual = list(RUBRIC.checks["broadcast.format"].blame)
    assert blamed("broadcast.format", Symptom.ECHO, tmp_path) == usual


def test_a_name_sent_unasked_is_first_a_matter_of_where_names_are_asked_for():
    assert blamed("client.retry", Symptom.ANSWERED_UNASKED, seen="ani") == [12, 11]


@pytest.mark.parametrize(
    ("check", "seen", "todos"),
    [
        # The client answered with something else: it is what was sent.
        ("client.nickname", "ani: \n", [12]),
        ("client.retry", "budi\n", [12]),
        # It did not answer.
        ("client.nickname", "", [11, 12]),
        ("client.retry", "\n", [11, 12]),
    ],
)
def test_a_name_that_was_sent_in_another_form_is_a_matter_of_who_sends_it(
    check: str, seen: str, todos: list[int]
):
    failed = Failure("server", Symptom.NICKNAME_NOT_SENT, {"line": "ani\n", "seen": seen})
    found = with_suspects(Verdict(check, Outcome.FAILED, failed), REFERENCE, RUBRIC)
    assert blamed_numbers(RUBRIC.checks[check], found) == todos
    assert found.failure is not None
    question = of_failure(RUBRIC.checks[check], found.failure, "id")[0]
    assert ("sudah menjawab NICK" in question) is (todos == [12])


SCREEN = {"line": "…\nani: halo\n>> ", "seen": "…\nani: halo\n"}


@pytest.mark.parametrize(
    ("edit", "facts", "todos", "is_told"),
    [
        (('ask(">> ")', 'input(">> ")'), SCREEN, [13], True),
        # The prompt is given by `ask`; or something else is missing as well.
        (("", ""), SCREEN, [11, 13], False),
        (('ask(">> ")', 'input(">> ")'), {**SCREEN, "seen": "…\n>> ani: halo\n"}, [11, 13], False),
        # Not the chat's question.
        (('ask("Masukkan username: ")', 'input("Masukkan username: ")'), SCREEN, [11, 13], False),
    ],
)
def test_a_prompt_that_input_writes_is_a_matter_of_who_asks(
    edit: tuple[str, str], facts: dict[str, str], todos: list[int], is_told: bool, tmp_path: Path
):
    source = (REFERENCE / "client.py").read_text(encoding="utf-8")
    (tmp_path / "client.py").write_text(source.replace(*edit) if edit[0] else source)
    check = RUBRIC.checks["client.screen"]
    failed = Failure("client.py", Symptom.SCREEN_DIFFERS, facts)
    found = with_suspects(Verdict(check.id, Outcome.FAILED, failed), tmp_path, RUBRIC)
    assert blamed_numbers(check, found) == todos
    assert found.failure is not None
    assert ("apakah ask" in of_failure(check, found.failure, "id")[0]) is is_told


def test_on_no_skeleton_a_prompt_that_input_writes_has_its_question_too(tmp_path: Path):
    (tmp_path / "client.py").write_text('text = input(">> ")\n')
    check = RUBRIC.checks["client.screen"]
    failed = Failure("client.py", Symptom.SCREEN_DIFFERS, SCREEN)
    found = with_suspects(Verdict(check.id, Outcome.FAILED, failed), tmp_path, RUBRIC)
    assert blamed_numbers(check, found) == list(check.blame)
    assert found.failure is not None
    assert "Fungsi mana" in of_failure(check, found.failure, "id")[0]


@pytest.mark.parametrize(
    ("asks", "todos"),
    [
        ("    send(conn)\n", [2]),
        ("    with lock:\n        send(conn)\n", [2, 3, 7]),
        ("    lock.acquire()\n    send(conn)\n", [2, 3, 7]),
    ],
)
def test_who_asks_under_a_lock_may_wait_for_it(asks: str, todos: list[int], tmp_path: Path):
    text = (REFERENCE / "server.py").read_text(encoding="utf-8")
    head, found, tail = text.partition("def ask_nickname(")
    signature, end, rest = tail.partition(":\n")
    assert found and end and "with" not in rest.partition("\ndef ")[0]
    (tmp_path / "server.py").write_text(f"{head}{found}{signature}{end}{asks}{rest}", "utf-8")
    story = (
        Event(0.1, "ani", "server.py", What.CONNECT),
        Event(0.2, "server.py", "ani", What.SEE, "OK"),
        Event(0.3, "budi", "server.py", What.CONNECT),
    )
    failure = Failure("budi", Symptom.NO_REQUEST, {})
    verdict = Verdict("nickname.accept", Outcome.FAILED, failure, story=story)
    found_todos = blamed_numbers(
        RUBRIC.checks[verdict.check], with_suspects(verdict, tmp_path, RUBRIC)
    )
    assert found_todos == todos


@pytest.mark.parametrize(
    ("decodes", "todos"),
    [
        ("decode('utf-8')", [5]),
        ("decode('utf8', 'replace')", [5]),
        ("decode(errors='latin-1')", [5]),
        # There the skeleton brings the function: it is named, and no TODO.
        ("decode('latin-1')", []),
        ("decode(encoding='ascii', errors='ignore')", []),
    ],
)
def test_a_name_with_other_letters_may_have_been_decoded_otherwise(
    decodes: str, todos: list[int], tmp_path: Path
):
    text = (REFERENCE / "server.py").read_text(encoding="utf-8")
    assert text.count(".decode(") == 1
    (tmp_path / "server.py").write_text(
        re.sub(r"\bdecode\([^)]*\)", decodes, text), encoding="utf-8"
    )
    check = RUBRIC.checks["nickname.accept"]

    def found(name: str) -> Verdict:
        failure = Failure(name, Symptom.ODD_REFUSED, {"name": name})
        verdict = Verdict(check.id, Outcome.FAILED, failure)
        return with_suspects(verdict, tmp_path, RUBRIC)

    assert blamed_numbers(check, found("ądwi_1")) == todos
    if not todos and (failure := found("ądwi_1").failure):
        assert "read_lines" in str(failure.facts["where"])
    # Nobody sees that character: the question is about the condition that refuses it.
    unseen = found("dwi\u2060").failure
    assert unseen is not None and ("met" in unseen.facts) is (not todos)
    # A name of ASCII alone is read alike.
    assert blamed_numbers(check, found("dwi-1")) == [5]
    for lang in LANGUAGES:
        told = {name: found(name).failure for name in ("ądwi_1", "dwi-1")}
        asked = {name: of_failure(check, each, lang)[0] for name, each in told.items() if each}
        assert "encoding" in asked["ądwi_1"] and "encoding" not in asked["dwi-1"]


def test_a_todo_that_decodes_otherwise_is_named(tmp_path: Path):
    text = (REFERENCE / "server.py").read_text(encoding="utf-8")
    line = "    if not 1 <= len(name) <= 20"
    assert text.count(line) == 1
    wrong = f"    name = name.encode().decode('latin-1')\n{line}"
    (tmp_path / "server.py").write_text(text.replace(line, wrong), encoding="utf-8")
    failure = Failure("ądwi_1", Symptom.ODD_REFUSED, {"name": "ądwi_1"})
    verdict = with_suspects(Verdict("nickname.accept", Outcome.FAILED, failure), tmp_path, RUBRIC)
    assert verdict.suspected == (5,)


def test_text_can_be_made_of_bytes_by_str_as_well(tmp_path: Path):
    lines = ["str(b, 'latin-1')", "str(b, 'utf-8')", "str(b)", "open(0, encoding='cp1252')"]
    (tmp_path / "server.py").write_text("\n".join(lines), encoding="utf-8")
    assert decodes_otherwise(tmp_path) == ["server.py:1", "server.py:4"]


def test_what_is_about_something_else_is_left_as_it_is():
    assert blamed("disconnect.leave", Symptom.HUNG_UP, seen="OK") == list(
        RUBRIC.checks["disconnect.leave"].blame
    )


def test_who_is_hung_up_on_before_a_line_came_reads_no_empty_quotes():
    failure = Failure("budi", Symptom.HUNG_UP, {"seen": ""})
    for lang in LANGUAGES:
        for symptom in (Symptom.HUNG_UP, Symptom.NOTHING_CAME, Symptom.REST_LOST):
            for more in ({}, {"is_idle": True}):
                facts = {"seen": "", "seconds": 2, **more}
                assert "''" not in seen(Failure("budi", symptom, facts), lang)
    # And the question is about who closes, in whatever check.
    for check in ("nickname.request", "nickname.accept", "broadcast.order"):
        assert "menutup" in of_failure(RUBRIC.checks[check], failure, "id")[0]
