"""What diagnosis knows: the data and the page agree with the chaff, and are rightly judged."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.ground import ideas as ideas_
from harness.ground import misconceptions
from harness.ground.ideas import IdeaError
from harness.ground.misconceptions import Known, MisconceptionsError, dump, load
from harness.ground.rubric import Language
from harness.ground.rubric import load as load_rubric
from harness.ground.symptom import Failure, Symptom
from harness.matrix.field import Plant, field
from harness.matrix.grading import Seen
from harness.matrix.leave_one_out import Guess, guessed, kept_in, left_out, shown, two_faults
from harness.matrix.misconceptions import current, learned, strangers
from harness.matrix.paragraphs import page
from harness.pure.result import Outcome, Run, Verdict
from harness.reports.paint import Paint
from harness.reports.student import report
from tests.conftest import Grader
from tests.tiny import edited

ROOT = Path(__file__).resolve().parents[1]
RUBRIC = load_rubric()
IDEAS = ideas_.load()
PLANTS = field(ROOT, RUBRIC)
CHAFF = {plant.name: plant.chaff for plant in PLANTS if plant.chaff is not None}
UPDATE = "run: python -m harness.matrix.misconceptions"


# -- the files


def test_every_shared_idea_has_its_words():
    assert strangers(PLANTS, IDEAS) == []


def test_no_idea_is_without_a_chaff():
    assert set(IDEAS) <= {chaff.idea for chaff in CHAFF.values()}


def test_the_page_is_what_the_chaff_say():
    text = (ROOT / misconceptions.PAGE).read_text(encoding="utf-8")
    assert text == page(RUBRIC, CHAFF.values(), IDEAS), UPDATE


def test_the_page_has_a_paragraph_for_every_idea():
    text = (ROOT / misconceptions.PAGE).read_text(encoding="utf-8")
    assert sorted(IDEAS) == sorted(
        line.removeprefix("### ") for line in text.splitlines() if line.startswith("### ")
    )
    assert "```" not in text


def test_the_data_agree_with_the_chaff():
    known = load()
    assert known.programs
    fits = current(PLANTS, known.programs)
    assert [each for each in known.programs if fits.get(each.chaff) != each] == [], UPDATE
    assert known.sentences == {name: idea.says for name, idea in IDEAS.items()}, UPDATE


def test_the_data_are_written_as_they_are_read():
    text = misconceptions.FILE.read_text(encoding="utf-8")
    assert dump(load().programs, IDEAS) == text


def test_none_of_the_known_programs_is_named_wrongly():
    guesses = kept_in(RUBRIC, load().programs)
    assert [guess for guess in guesses if guess.worth == "wrong"] == []


def test_a_program_nobody_knows_is_seldom_named_wrongly():
    worth = [guess.worth for guess in left_out(RUBRIC, load().programs)]
    assert worth.count("wrong") * 5 <= worth.count("right")


# -- ideas


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[echo]\nid = 'x'\nen = 'x'\nsees = 'x'\n", "idea 'echo': add asks"),
        ("[echo]\nid = ''\n", "add id"),
        ("[echo]\nidd = 'x'\n", "take out idd"),
        ("echo = 1\n", "must be a table"),
        ("[echo\n", "ideas.toml: "),
    ],
)
def test_a_slip_in_the_ideas_is_told(tmp_path: Path, text: str, complaint: str):
    path = tmp_path / "ideas.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(IdeaError, match=complaint):
        ideas_.load(path)


def test_a_chaff_with_an_idea_without_words_is_told():
    (told,) = strangers(
        PLANTS, {name: idea for name, idea in IDEAS.items() if name != "default-port"}
    )[:1]
    assert "ideas.toml has no 'default-port'" in told


# -- the data


def test_no_file_is_no_knowledge(tmp_path: Path):
    assert load(tmp_path / "none.json").programs == ()


@pytest.mark.parametrize(
    "text", ["", "[]", '{"schema": "x"}', '{"schema": "modul4-misconceptions/1"}']
)
def test_a_spoilt_file_says_how_to_mend_it(tmp_path: Path, text: str):
    path = tmp_path / "misconceptions.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(MisconceptionsError, match="--all"):
        load(path)


def test_what_is_dumped_is_loaded(tmp_path: Path):
    path = tmp_path / "misconceptions.json"
    programs = (Known("a", "echo", {"x": "1", "y": "2"}), Known("b", "b", {"x": "1"}, ("y",)))
    path.write_text(dump(programs[::-1], IDEAS), encoding="utf-8")
    assert load(path).programs == programs


def seen(plant: Plant, **signs: str) -> Seen:
    outcomes = dict.fromkeys(signs, "failed") | {"start.listens": "passed"}
    return Seen(outcomes, dict.fromkeys(outcomes, ""), 1.0, signs)


ECHO = next(plant for plant in PLANTS if plant.name == "echo-to-sender")
SIGN = {"broadcast.not_to_sender": "echo"}


def test_an_exact_grading_teaches_and_another_does_not():
    (known,) = learned([(ECHO, seen(ECHO, **SIGN))])
    assert (known.idea, known.signature) == ("echo", SIGN)
    assert learned([(ECHO, seen(ECHO, **SIGN, **{"broadcast.log": "no_chat_log"}))]) == []
    wheat = next(plant for plant in PLANTS if plant.chaff is None)
    assert learned([(wheat, seen(wheat))]) == []


def test_what_only_exploring_shows_is_told_by_its_own_story():
    rare = next(plant for plant in PLANTS if plant.name == "returner-stays-gone")
    assert learned([(rare, seen(rare, **{"exploration.sessions": "nothing_came"}))]) == []


def test_what_no_longer_fits_its_row_is_forgotten():
    rows = [
        Known("echo-to-sender", "old", SIGN),
        Known("gone", "gone", SIGN),
        Known("empty-line-sent", "empty-line-sent", SIGN),
    ]
    assert current(PLANTS, rows) == {"echo-to-sender": Known("echo-to-sender", "echo", SIGN)}


# -- how good it is


PAIR = [Known("a", "echo", SIGN), Known("b", "echo", SIGN)]


def test_each_is_diagnosed_from_the_others():
    three = [*PAIR, Known("c", "echo", SIGN), Known("d", "d", {"broadcast.log": "x"})]
    assert [guess.worth for guess in left_out(RUBRIC, three)] == ["right"] * 3 + ["silent"]
    stranger = [*PAIR, Known("c", "other", SIGN)]
    assert [guess.worth for guess in left_out(RUBRIC, stranger)] == ["silent"] * 2 + ["wrong"]


def test_the_figures_name_what_was_wrong():
    lines = shown("left out", left_out(RUBRIC, [*PAIR, Known("c", "other", SIGN)]))
    assert lines == ["left out: 3 programs, 0 right, 1 wrong, 2 silent", "  c (other): echo"]


def test_of_a_program_without_a_failure_nothing_is_said():
    wheat = next(plant for plant in PLANTS if plant.chaff is None)
    assert guessed(RUBRIC, wheat, seen(wheat), PAIR) == Guess(
        wheat.name, None, frozenset(("not-built-on-threads",))
    )
    assert guessed(RUBRIC, wheat, seen(wheat, **SIGN), PAIR).worth == "wrong"


def test_two_faults_make_one_program():
    plant = next(two_faults(ROOT, CHAFF.values()))
    assert plant.chaff is not None
    one, other = (CHAFF[name] for name in plant.name.split("+"))
    assert plant.chaff.edits == (*one.edits, *other.edits)
    assert one.idea != other.idea
    compile(plant.chaff.source(ROOT), plant.file, "exec")


# -- from a real grading


def test_a_grading_writes_its_signs_and_says_what_it_looks_like(
    grader: Grader, submission: Callable[..., Path], tmp_path: Path
):
    echoes, signs = submission(edited(("if name != speaker]", "]"))), tmp_path / "signs.json"
    chosen = ("-k", "broadcast.not_to_sender", f"--modul4-signs={signs}")
    graded = grader("--submission", echoes, *chosen)
    assert graded.status == 1, graded.said
    assert json.loads(signs.read_text(encoding="utf-8")) == SIGN
    assert f"{misconceptions.PAGE}#echo" in graded.said


# -- what the student reads


def told(known: misconceptions.Misconceptions, lang: Language = "id") -> str:
    check, failure = "broadcast.not_to_sender", Failure("ani", Symptom.ECHO, {"name": "ani"})
    verdicts = {check: Verdict(check, Outcome.FAILED, failure)}
    return report(RUBRIC, Run("x", {}, 1, lang), verdicts, Paint(), "x", known=known)


@pytest.mark.parametrize(("lang", "label"), [("id", "mirip dengan: "), ("en", "looks like: ")])
def test_the_report_says_what_it_looks_like_and_where_to_read(lang: Language, label: str):
    text = told(misconceptions.Misconceptions(tuple(PAIR), {"echo": IDEAS["echo"].says}), lang)
    lines = [line.split() for line in text.splitlines()]
    words = " ".join(word for line in lines for word in line)
    assert f"{label}{IDEAS['echo'].says[lang]} {misconceptions.PAGE}#echo" in words


def test_the_report_says_nothing_when_nothing_fits():
    assert "mirip" not in told(misconceptions.Misconceptions())
    assert "mirip" not in told(misconceptions.Misconceptions(tuple(PAIR), {}))
