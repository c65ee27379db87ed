"""What can be wrong is a closed list, and every failure brings the facts that its sentences need.

The second half reads the sources: each place that makes a `Failure` must give every value that
the sentences about that symptom name, or a student would read a gap.
"""

import ast
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.contract import sentences
from harness.contract.rubric import LANGUAGES
from harness.contract.symptoms import (
    Failure,
    Inconclusive,
    NotReached,
    NotRunHere,
    StoryFailed,
    Symptom,
)

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


# -- reading the sources


@dataclass(frozen=True)
class Site:
    """A place that makes a `Failure`: which symptoms it may have, and the facts it gives."""

    place: str
    symptoms: frozenset[str]
    facts: frozenset[str]


def calls(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    """The calls of a function or method of that name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            if getattr(called, "id", None) == name or getattr(called, "attr", None) == name:
                yield node


def argument(call: ast.Call, position: int, name: str) -> ast.expr | None:
    """What a call gives for the parameter at `position`, called `name`."""
    if position < len(call.args):
        return call.args[position]
    return next((each.value for each in call.keywords if each.arg == name), None)


class Reader:
    """Reads the modules of the house."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        self.modules = {name: ast.parse(text) for name, text in sources.items()}

    def sites(self) -> Iterator[Site]:
        """Every place that makes a failure."""
        for name, module in self.modules.items():
            for function in ast.walk(module):
                if isinstance(function, ast.FunctionDef):
                    for call in calls(function, "Failure"):
                        yield Site(
                            f"{name}:{call.lineno}",
                            frozenset(self.symptoms(argument(call, 1, "symptom"), function)),
                            frozenset(self.facts(argument(call, 2, "facts"), function)),
                        )

    def symptoms(self, value: ast.expr | None, function: ast.FunctionDef) -> set[str]:
        """The symptoms that an expression in `function` may stand for."""
        match value:
            case ast.Attribute(value=ast.Name(id="Symptom"), attr=name):
                return {name}
            case ast.IfExp():
                return self.symptoms(value.body, function) | self.symptoms(value.orelse, function)
            case ast.Name(id=name):
                found = [self.symptoms(each, function) for _, each in assigned(function, name)]
                return set().union(*found, self._given(name, function))
        return set()

    def _given(self, name: str, function: ast.FunctionDef) -> set[str]:
        """The symptoms that callers of `function` anywhere give for its parameter `name`."""
        parameters = [each.arg for each in function.args.args]
        if name not in parameters:
            return set()
        position = parameters.index(name) - (parameters[0] == "self")
        found: set[str] = set()
        for module in self.modules.values():
            for caller in ast.walk(module):
                if isinstance(caller, ast.FunctionDef) and caller is not function:
                    for call in calls(caller, function.name):
                        found |= self.symptoms(argument(call, position, name), caller)
        return found

    def facts(self, value: ast.expr | None, function: ast.FunctionDef) -> set[str]:
        """The names of the facts that an expression in `function` surely holds."""
        match value:
            case ast.Dict():
                spread = [v for k, v in zip(value.keys, value.values, strict=True) if k is None]
                return {each.value for each in value.keys if isinstance(each, ast.Constant)} | {
                    "seconds"
                    for each in spread
                    # How long a wait was, or that it was of no use: then no sentence names seconds.
                    if isinstance(each, ast.Attribute) and each.attr == "waited"
                }
            case ast.BinOp(op=ast.BitOr()):
                return self.facts(value.left, function) | self.facts(value.right, function)
            case ast.Name(id=name):
                before = [each for each in assigned(function, name) if each[0] <= value.lineno]
                return self.facts(max(before, key=lambda b: b[0])[1], function) if before else set()
        return set()


def assigned(function: ast.FunctionDef, name: str) -> Iterator[tuple[int, ast.expr]]:
    """What is assigned to a variable of `function`, and on which line."""
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=[ast.Name(id=target)], value=value) if target == name:
                yield node.lineno, value
            case ast.AnnAssign(target=ast.Name(id=target), value=ast.expr() as value) if (
                target == name
            ):
                yield node.lineno, value


def named(sentence: str) -> set[str]:
    """The facts that a sentence names."""
    return {field for _, field, _, _ in string.Formatter().parse(sentence) if field}


def gaps(sites: Iterator[Site]) -> list[str]:
    """Facts that a sentence names and a failure does not give."""
    found = []
    for site in sites:
        for symptom in sorted(site.symptoms):
            for lang in LANGUAGES:
                for sentence in sentences.SYMPTOMS[Symptom[symptom]][lang]:
                    for fact in sorted(named(sentence) - site.facts - {"who"}):
                        found.append(f"{site.place}: {symptom}.{lang} needs '{fact}'")
    return found


@pytest.fixture(scope="module")
def house() -> Reader:
    paths = sorted(HARNESS.rglob("*.py"))
    return Reader({str(p.relative_to(HARNESS)): p.read_text(encoding="utf-8") for p in paths})


def test_the_sources_can_be_read(house: Reader):
    sites = list(house.sites())
    assert len(sites) > 30
    assert [site.place for site in sites if not site.symptoms] == []


def test_every_failure_gives_what_its_sentences_need(house: Reader):
    assert gaps(house.sites()) == []


def test_every_reason_is_known_and_gets_what_it_needs(house: Reader):
    for name, module in house.modules.items():
        for kind in ("Inconclusive", "NotRunHere"):
            for call in calls(module, kind):
                assert isinstance(call.args[0], ast.Constant), f"{name}:{call.lineno}"
                given = {each.arg for each in call.keywords}
                for lang in LANGUAGES:
                    sentence = sentences.REASONS[call.args[0].value][lang]
                    assert named(sentence) <= given, f"{name}:{call.lineno}"


@pytest.mark.parametrize(
    ("source", "gap"),
    [
        ("def f():\n raise E(Failure('x', Symptom.NO_FILE, {'file': 1}))", []),
        ("def f():\n Failure('x', Symptom.NO_FILE, {})", ["'file'"] * 2),
        ("def f():\n Failure('x', Symptom.NO_FILE)", ["'file'"] * 2),
        ("def f():\n facts = {'file': 1}\n Failure('x', Symptom.NO_FILE, facts)", []),
        (
            "def f():\n facts: D = {'f': 1}\n Failure('x', Symptom.NO_FILE, facts)",
            ["'file'"] * 2,
        ),
        ("def f():\n Failure('x', Symptom.NO_FILE, other | {'file': 1})", []),
        (
            "def f():\n s = Symptom.NO_FILE if a else Symptom.SPINS\n Failure('x', s, {})",
            ["'file'"] * 2,
        ),
        (
            "def f(self, s):\n Failure('x', s, {})\ndef g(self):\n self.f(Symptom.NO_FILE)",
            ["'file'"] * 2,
        ),
        ("def f(s):\n Failure('x', s, {})\ndef g():\n f(s=Symptom.NO_FILE)", ["'file'"] * 2),
        ("def f(s):\n Failure('x', s, {})\ndef g():\n f(Symptom.SPINS)", []),
    ],
)
def test_the_reader_sees_gaps(source: str, gap: list[str]):
    found = gaps(Reader({"x.py": source}).sites())
    assert [each.split()[-1] for each in found] == gap
