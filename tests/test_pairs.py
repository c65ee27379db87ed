"""Which pairs of halves are tried after what the checks have shown, and how it is told."""

import pytest

from harness.contract import sentences
from harness.contract.rubric import LANGUAGES, Language
from harness.contract.symptoms import Failure, Symptom
from harness.grading.pairs import (
    FIRST_OF_CLIENT,
    FIRST_OF_SERVER,
    TITLES,
    Pair,
    PairResult,
    missing,
)
from harness.grading.results import Outcome, Verdict

BOTH = (FIRST_OF_SERVER, FIRST_OF_CLIENT)


@pytest.mark.parametrize("symptom", [Symptom.NO_FILE, Symptom.TODO_OPEN, Symptom.CLIENT_ENDED])
def test_a_half_that_is_not_there_is_not_played_with(symptom: Symptom):
    failed = Verdict("client.nickname", Outcome.FAILED, Failure("client.py", symptom))
    verdicts = {"client.nickname": failed}
    shown = {"start.listens"}
    assert missing(Pair.CLIENT, verdicts, shown) == "client.nickname"
    assert missing(Pair.BOTH, verdicts, shown) == "client.nickname"
    assert missing(Pair.SERVER, verdicts, shown) is None


def test_halves_that_may_agree_on_something_else_are_tried_with_each_other_only():
    other = {
        check: Verdict(check, Outcome.FAILED, Failure("", Symptom.OTHER_REQUEST)) for check in BOTH
    }
    assert missing(Pair.BOTH, other, ()) is None
    assert missing(Pair.CLIENT, other, ()) == "client.nickname"
    assert missing(Pair.SERVER, other, ()) == "start.listens"


def test_a_half_that_passed_is_played_with_and_one_that_nobody_judged_is_not():
    passed = {check: Verdict(check, Outcome.PASSED) for check in BOTH}
    for pair in Pair:
        assert missing(pair, passed, ()) is None
    waits = passed | {"start.listens": Verdict("start.listens", Outcome.INCONCLUSIVE)}
    assert missing(Pair.BOTH, waits, ()) == "start.listens"
    assert missing(Pair.CLIENT, {}, ()) == "client.nickname"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_outcome_is_told(lang: Language):
    facts = {"line": "ani: halo", "seen": ">> "}
    failure = Failure("client.py", Symptom.LINE_NOT_SHOWN, facts)
    for pair in Pair:
        assert TITLES[pair][lang]
        assert PairResult(pair, Outcome.PASSED).said(lang)
        said = PairResult(pair, Outcome.FAILED, failure).said(lang)
        assert sentences.expected(failure, lang) in said and sentences.seen(failure, lang) in said
        assert PairResult(pair, Outcome.NOT_RUN, reason="sebab").said(lang) == "sebab"
        assert PairResult(pair, Outcome.FAILED, failure).as_json(lang) == {
            "id": str(pair),
            "title": TITLES[pair][lang],
            "outcome": "failed",
            "expected": sentences.expected(failure, lang),
            "seen": sentences.seen(failure, lang),
        }
        row = PairResult(pair, Outcome.NOT_RUN, reason="sebab").as_json(lang)
        assert (row["outcome"], row["expected"], row["seen"]) == ("not_run", "", "sebab")
