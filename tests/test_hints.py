"""The hints: three steps for each check and symptom, in both languages, none of them an answer."""

import re
from collections.abc import Iterator
from itertools import product

import pytest

from harness.commands import COMMANDS
from harness.contract import hints
from harness.contract.rubric import LANGUAGES, Check, Language, load
from harness.contract.symptoms import Failure, Symptom
from harness.grading.judge import REFERENCE, REPO

RUBRIC = load()
# Of one hint, in characters; of the question, as it stands on the last screen.
LONGEST, LONGEST_QUESTION = 240, 185
# A line of the reference that is shorter says nothing ("return True").
SHORT = 12


def rows() -> Iterator[tuple[str, str, list[str]]]:
    """Each row of the tables: its name, a language, its steps in that language."""
    # A row of pairs may stand for several symptoms.
    pairs = {str(row): row for row in hints.of_pairs().values()}
    for table in (hints.of_symptoms(), hints.of_checks(), pairs):
        for name, row in table.items():
            yield from ((name, lang, found) for lang, found in row.items())


def all_steps() -> Iterator[tuple[Check, Symptom, Language, tuple[str, ...]]]:
    """The hints of every check for every symptom."""
    for check, symptom, lang in product(RUBRIC, Symptom, LANGUAGES):
        yield check, symptom, lang, hints.steps(check, symptom, lang)


def test_every_symptom_has_hints_and_only_symptoms_have():
    assert set(hints.of_symptoms()) == set(map(str, Symptom))
    assert set(hints.of_checks()) <= set(RUBRIC.checks)


def test_both_languages_have_as_many_steps():
    pairs = {" ".join(pair): row for pair, row in hints.of_pairs().items()}
    tables = ((hints.of_symptoms(), {2, 3}), (hints.of_checks(), {2}), (pairs, {3}))
    for table, sizes in tables:
        for name, row in table.items():
            assert set(row) == set(LANGUAGES), name
            assert len(row["id"]) == len(row["en"]), name
            assert len(row["id"]) in sizes, name


def test_each_check_has_three_steps_for_each_symptom():
    for check, symptom, lang, found in all_steps():
        where = f"{check.id}, {symptom}, {lang}"
        assert len(set(found)) == hints.STEPS, where
        assert found[0].endswith("?"), where
        assert all(text.endswith((".", "?", "`.")) for text in found), where
        assert all(len(text) <= LONGEST for text in found), where
        assert len(found[0]) <= LONGEST_QUESTION, where


def test_no_two_rows_say_the_same():
    said = [text for _, _, found in rows() for text in found]
    assert len(said) == len(set(said))


def reference_lines() -> set[str]:
    """The lines of the reference that would give something away."""
    found = set()
    for program in ("server.py", "client.py"):
        text = (REFERENCE / program).read_text(encoding="utf-8")
        for body in re.findall(r"# BEGIN SOLUTION\n(.*?)# END SOLUTION", text, re.DOTALL):
            found |= {line.strip() for line in body.splitlines()}
    return {line for line in found if len(line) > SHORT and not line.startswith("#")}


def test_a_line_of_the_reference_would_be_found():
    lines = reference_lines()
    assert "conn.connect((host, port))" in lines
    assert len(lines) > 40


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_hint_holds_code_of_the_reference(lang: Language):
    lines = reference_lines()
    for name, _, found in (row for row in rows() if row[1] == lang):
        assert not [line for line in lines for text in found if line in text], name
    for check in RUBRIC:
        assert not [line for line in lines if line in check.hint[lang]], check.id


def test_a_question_and_a_place_hold_no_code():
    for check, symptom, lang, (question, place, _) in all_steps():
        for text in (question, place):
            assert not re.search(r"[={}]|\w\(|\bdef \b|\bself\b", text), (check.id, symptom, lang)


def test_the_rubrics_hint_for_a_symptom_goes_before_all_others():
    check = RUBRIC.checks["disconnect.mid_line"]
    own = check.hints[Symptom.NOTHING_CAME]["id"]
    question, *rest = hints.steps(check, Symptom.NOTHING_CAME, "id")
    assert question == own
    assert rest == hints.of_checks()["disconnect.mid_line"]["id"]


def test_a_symptom_that_has_a_question_goes_before_the_check():
    check = RUBRIC.checks["broadcast.unicode"]
    found = hints.steps(check, Symptom.CHAT_UNFRAMED, "en")
    assert list(found) == hints.of_symptoms()["chat_unframed"]["en"]


def test_a_command_in_a_hint_is_one_that_students_have():
    found = {
        name
        for *_, texts in rows()
        for text in texts
        for name in re.findall(r"python3? -m harness (\w+)", text)
    }
    assert found
    assert all(not COMMANDS[name].needs_tests for name in found)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_who_is_cut_off_for_a_slow_reader_reads_of_that(lang: Language):
    check = RUBRIC.checks["concurrency.slow_reader"]
    cut, blocked = (
        hints.steps(check, symptom, lang) for symptom in (Symptom.HUNG_UP, Symptom.NOTHING_CAME)
    )
    assert not set(cut) & set(blocked)
    assert all(re.search("putus|utup|ended|close", text) for text in cut)


def test_where_no_thread_interrupts_another_no_page_about_races_is_named():
    for symptom in (Symptom.CALM_BREAKS, Symptom.THREAD_DIED):
        assert hints.page("exploration.schedules", symptom).endswith("/membersihkan.md")
    assert hints.page("exploration.schedules", Symptom.SCHEDULE_BREAKS).endswith("/race.md")


def test_a_pair_goes_before_the_symptom():
    check = RUBRIC.checks["concurrency.silent_newcomer"]
    found = hints.steps(check, Symptom.NO_REQUEST, "en")
    assert list(found) == hints.of_pairs()[check.id, "no_request"]["en"]
    assert found != hints.steps(RUBRIC.checks["nickname.request"], Symptom.NO_REQUEST, "en")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("error", "word"),
    [
        ("NameError: name 'x' is not defined", "xception"),
        ("BrokenPipeError: [Errno 32] Broken pipe", "recv"),
        ("ConnectionError", "recv"),
        ("ConnectionAbortedError: [WinError 10053] x", "recv"),
        ("OSError: [Errno 9] Bad file descriptor", "recv"),
        ("EOFError", "EOFError"),
        ("OSError: [Errno 98] Address already in use", "bind"),
    ],
)
def test_where_an_exception_explains_it_the_hints_are_about_that(
    lang: Language, error: str, word: str
):
    check = RUBRIC.checks["broadcast.delivers"]
    plain = Failure("ani", Symptom.NOTHING_CAME, {})
    crashed = Failure("ani", Symptom.NOTHING_CAME, {"crash": {"error": error}})
    assert hints.of_failure(check, plain, lang) == hints.steps(check, Symptom.NOTHING_CAME, lang)
    found = hints.of_failure(check, crashed, lang)
    assert len(set(found)) == hints.STEPS and word in found[0]
    assert all(len(text) <= LONGEST for text in found)
    assert found[0].endswith("?") and len(found[0]) <= LONGEST_QUESTION


def test_a_port_that_is_not_freed_has_hints_of_its_own_for_that():
    check = RUBRIC.checks["start.restart"]
    facts = {"crash": {"error": "OSError: [Errno 98] Address already in use"}}
    found = hints.of_failure(check, Failure("", Symptom.PORT_NOT_FREED, facts), "en")
    assert found == hints.steps(check, Symptom.PORT_NOT_FREED, "en")


def test_pairs_are_of_checks_and_symptoms_that_there_are():
    for check, symptom in hints.of_pairs():
        assert check in RUBRIC.checks
        assert symptom in set(Symptom)


def test_where_a_symptom_says_nothing_of_the_cause_the_check_goes_first():
    check = RUBRIC.checks["broadcast.unicode"]
    found = hints.steps(check, Symptom.NOTHING_CAME, "en")
    assert list(found) == [check.hint["en"], *hints.of_checks()["broadcast.unicode"]["en"]]


def test_the_pages_that_go_deeper_are_there():
    found = {hints.page(check.id, symptom) for check in RUBRIC for symptom in Symptom} - {""}
    assert len(found) >= 6
    for page in found:
        assert (REPO / page).is_file(), page


def test_a_page_is_found_by_the_symptom_before_the_check():
    assert hints.page("broadcast.crowd", Symptom.DEADLOCK) == "docs/id/deadlock.md"
    assert hints.page("broadcast.crowd", Symptom.NOTHING_CAME) == "docs/id/race.md"
    assert hints.page("start.banner", Symptom.NO_BANNER) == ""


def test_a_page_of_a_check_and_a_symptom_goes_before_that_of_the_symptom():
    def of(check: str, symptom: Symptom) -> str:
        return hints.page(check, symptom)

    assert of("nickname.request", Symptom.NO_REQUEST) == "docs/id/byte-dan-baris.md"
    assert of("concurrency.silent_newcomer", Symptom.NO_REQUEST) == "docs/id/thread.md"
    assert of("broadcast.delivers", Symptom.NOTHING_CAME) == "docs/id/latihan-4-urutan-ok.md"


def test_a_question_asks_for_each_cause_of_what_was_seen():
    def asked(check: str, symptom: Symptom) -> str:
        return hints.steps(RUBRIC.checks[check], symptom, "en")[0]

    early = asked("broadcast.delivers", Symptom.ONLY_EARLIER)
    assert "list of receivers made" in early and "end at the sender" in early
    echo = asked("broadcast.not_to_sender", Symptom.ECHO)
    assert "include who sent it" in echo and "sender hold when broadcast is called" in echo
    held = asked("start.interrupt", Symptom.NOT_ENDED)
    assert "thread that it waits for" in held and "except" in held
    assert "every letter" in asked("nickname.invalid", Symptom.NOT_REFUSED)


def test_one_word_stands_for_the_lab_sheet():
    assert not [name for name, _, found in rows() if "lembar lab" in " ".join(found)]


def test_a_lock_that_was_left_locked_has_hints_about_the_ways_out():
    check = RUBRIC.checks["exploration.schedules"]
    usual = hints.of_failure(check, Failure("server.py", Symptom.DEADLOCK, {"seen": {}}), "en")
    left = Failure("server.py", Symptom.DEADLOCK, {"seen": {}, "met": "left_locked"})
    found = hints.of_failure(check, left, "en")
    assert not set(found) & set(usual)
    assert "is the lock let go on each" in found[0]


def test_who_heard_others_without_ok_has_hints_about_the_order_of_two_steps():
    check = RUBRIC.checks["exploration.schedules"]
    early = Failure("server.py", Symptom.SCHEDULE_BREAKS, {"seen": {}, "met": "told_late"})
    found = hints.of_failure(check, early, "en")
    assert len(found) == hints.STEPS
    assert any("latihan-4-urutan-ok.md" in each for each in found)
