"""What can be wrong is a closed list; a failure and a reason bring the facts of their sentences.

That every failure made in a test brings its facts is looked at in `conftest`, where it is raised.
"""

import ast
import string
from collections.abc import Iterator
from pathlib import Path

from harness.contract import sentences
from harness.contract.rubric import LANGUAGES, load
from harness.contract.symptoms import (
    Failure,
    Inconclusive,
    NotReached,
    NotRunHere,
    StoryFailed,
    Symptom,
    about,
)
from tests.conftest import lacking_facts

HARNESS = Path(sentences.__file__).parents[1]


def test_a_failure_says_what_it_is_where_it_is_not_caught():
    failure = Failure("budi", Symptom.NOTHING_CAME, {"line": "ani: halo"})
    assert not failure.by_clock
    assert str(StoryFailed(failure)) == "budi: nothing_came {'line': 'ani: halo'}"
    assert StoryFailed(failure).failure is failure


def test_what_cannot_be_judged_is_no_failure():
    assert NotReached("nickname.unique").check == "nickname.unique"
    stopped = NotRunHere("port_taken", port=55555)
    assert isinstance(stopped, Inconclusive)
    assert (stopped.reason, stopped.facts) == ("port_taken", {"port": 55555})
    assert "port_taken" in str(stopped)
    assert not issubclass(Inconclusive, StoryFailed)


def calls(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    """The calls of a function or method of that name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            if getattr(called, "id", None) == name or getattr(called, "attr", None) == name:
                yield node


def named(sentence: str) -> set[str]:
    """The facts that a sentence names."""
    return {field for _, field, _, _ in string.Formatter().parse(sentence) if field}


def test_the_facts_that_a_failure_lacks_are_named():
    assert lacking_facts(Failure("x", Symptom.NO_FILE, {})) == {"file"}
    assert lacking_facts(Failure("x", Symptom.NO_FILE, {"file": "server.py"})) == set()
    assert (
        lacking_facts(Failure("x", Symptom.NO_REQUEST, {"line": "NICK", "is_idle": True})) == set()
    )


def test_every_reason_is_known_and_gets_what_it_needs():
    for path in sorted(HARNESS.rglob("*.py")):
        module = ast.parse(path.read_text(encoding="utf-8"))
        for kind in ("Inconclusive", "NotRunHere"):
            for call in calls(module, kind):
                assert isinstance(call.args[0], ast.Constant), f"{path}:{call.lineno}"
                given = {each.arg for each in call.keywords}
                for lang in LANGUAGES:
                    sentence = sentences.REASONS[call.args[0].value][lang]
                    assert named(sentence) <= given, f"{path}:{call.lineno}"


def test_a_symptom_is_a_sign_of_checks_that_there_are():
    checks = load().checks
    assert all(check in checks for symptom in Symptom for check in about(symptom).sign_of)
    assert about(Symptom.NO_REPLY).sign_of == ("nickname.accept",)


def test_what_is_known_of_symptoms_stands_in_one_table():
    """Nowhere else in the kit is there a set of symptoms of its own."""
    own = [
        path.relative_to(HARNESS).as_posix()
        for path in HARNESS.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Set | ast.Tuple | ast.List)
        and len(node.elts) > 2
        and all(ast.unparse(each).startswith("Symptom.") for each in node.elts)
    ]
    assert own == []


def test_what_stops_a_story_is_what_was_seen_in_it():
    failure = Failure("budi", Symptom.NOTHING_CAME, {"line": "ani: halo"})
    try:
        try:
            raise StoryFailed(failure)
        except StoryFailed:
            raise NotReached("disconnect.leave") from None
    except NotReached as stopped:
        assert stopped.failure is failure
    assert NotReached("disconnect.leave", failure).failure is failure
    assert NotReached("disconnect.leave").failure is None
