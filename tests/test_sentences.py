"""Every sentence a student can read: in both languages, whole, and never a gap."""

import ast
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.contract import sentences
from harness.contract.rubric import LANGUAGES, Language
from harness.contract.symptoms import Failure, Symptom


def named(sentence: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(sentence) if field}


@pytest.mark.parametrize("symptom", Symptom)
def test_every_symptom_has_both_sentences_in_both_languages(symptom: Symptom):
    pairs = sentences.SYMPTOMS[symptom]
    assert pairs.keys() == set(LANGUAGES)
    for expected, seen in pairs.values():
        assert expected.strip()
        assert seen.strip()
    # Neither language tells more than the other.
    for indonesian, english in zip(pairs["id"], pairs["en"], strict=True):
        assert named(indonesian) - {"who"} == named(english) - {"who"}


def test_the_tables_are_closed():
    assert sentences.SYMPTOMS.keys() == set(Symptom)
    for said in [*sentences.REASONS.values(), sentences.NOT_REACHED]:
        assert said.keys() == set(LANGUAGES)
        assert all(sentence.strip() for sentence in said.values())
        assert len({frozenset(named(sentence)) for sentence in said.values()}) == 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_sentence_can_be_said(lang: Language):
    for symptom in Symptom:
        names = set().union(*map(named, sentences.SYMPTOMS[symptom][lang]))
        failure = Failure("budi", symptom, dict.fromkeys(names - {"who"}, "X"))
        for said in (sentences.expected(failure, lang), sentences.seen(failure, lang)):
            assert "{" not in said
            assert "…" not in said
    for key, both in sentences.REASONS.items():
        said = sentences.reason(key, dict.fromkeys(named(both[lang]), "X"), lang)
        assert "…" not in said
    assert "nickname.accept" in sentences.not_reached("nickname.accept", lang)


@pytest.mark.parametrize("symptom", sentences.IDLE)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_nobody_waited_for_is_not_said_in_seconds(symptom: Symptom, lang: Language):
    assert "seconds" in named(" ".join(sentences.SYMPTOMS[symptom][lang]))
    facts = {"line": "OK", "address": "127.0.0.1:9", "seen": "NICK", "is_idle": True}
    said = sentences.seen(Failure("budi", symptom, facts), lang)
    assert "{" not in said
    assert "…" not in said
    assert {"id": "hanya menunggu", "en": "just waits"}[lang] in said
    assert ("detik" in said or "seconds" in said) is False


def test_a_failure_in_words():
    failure = Failure("budi", Symptom.OTHER_LINE, {"line": "ani: halo", "seen": "ani: halo\n"})
    assert sentences.expected(failure, "id") == "budi melihat 'ani: halo'"
    assert sentences.seen(failure, "id") == "yang datang 'ani: halo\\n'"
    assert sentences.expected(failure, "en") == "budi sees 'ani: halo'"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ani: halo", "'ani: halo'"),
        ("", "''"),
        ("NICK" * 40, "… '" + "NICK" * 15 + "'"),
        ("Maya213: 4527OK" * 9, "… '4527OKMaya213: 4527OKMaya213: 4527OKMaya213: 4527OK'"),
        ("ani: 1-22 " + "." * 300, "'ani: 1-22 ...' …"),
    ],
)
def test_of_the_last_line_the_end_is_told(text: str, said: str):
    assert sentences.ending(text) == said


@given(st.text(max_size=400))
def test_the_end_of_a_line_is_short_and_is_its_end(text: str):
    said = sentences.ending(text)
    assert len(ast.literal_eval(said.strip("… "))) <= sentences.LONGEST_END + 3


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_stream_without_line_ends_is_not_told_as_one_last_line(lang: Language):
    for symptom in (Symptom.NOTHING_CAME, Symptom.HUNG_UP, Symptom.NO_LOG, Symptom.CLIENT_ENDED):
        stream = "Galih827: bambu " * 20
        facts = {"line": "x", "seen": stream, "last": stream, "seconds": 2, "status": 1}
        assert len(sentences.seen(Failure("budi", symptom, facts), lang)) < 170


def test_a_missing_fact_is_a_gap_and_no_crash():
    assert sentences.expected(Failure("budi", Symptom.OTHER_LINE, {}), "en") == "budi sees '…'"


def test_what_a_student_wrote_is_not_read_as_a_sentence():
    failure = Failure("{who}", Symptom.OTHER_LINE, {"line": "{seen!r:>9}", "seen": "{0.__class__}"})
    assert sentences.expected(failure, "en") == "{who} sees '{seen!r:>9}'"
    assert sentences.seen(failure, "en") == "what came was '{0.__class__}'"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("ani: halo\n", "'ani: halo\\n'"),
        ("halo ", "'halo '"),
        ("\x1b[31m", "'\\x1b[31m'"),
        ("it's", '"it\'s"'),
        ("你好 😀", "'你好 😀'"),
        ("", "''"),
        (7, "'7'"),
    ],
)
def test_in_quotes_what_is_invisible_shows(value: object, shown: str):
    assert sentences.quoted(value) == shown


@given(st.text(max_size=sentences.LONGEST))
def test_a_short_value_is_shown_whole(text: str):
    shown = sentences.quoted(text)
    assert ast.literal_eval(shown) == text
    assert shown.isprintable()


def test_nothing_that_is_said_reaches_a_terminal_as_a_command():
    failure = Failure("server.py", Symptom.SYNTAX_ERROR, {"error": "x\x1b[2J\r\udc80\n\ty"})
    assert sentences.seen(failure, "en") == "Python … stopped at x\\x1b[2J\\r\\udc80\n\\ty"


def test_a_very_long_value_is_shown_by_its_ends_and_its_length():
    shown = sentences.quoted("a" * 100 + "é" * 400 + "z" * 100)
    assert len(shown) < sentences.LONGEST + 50
    assert shown.startswith("'aaa")
    assert shown.endswith("zzz'")
    assert "(1000 byte)" in shown
