"""One name, one thing; and files that can be read in one sitting."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator

import pytest

from harness.grading.judge import REPO
from tests.test_layers import Sources, house, sources_in

# Names that Python or pytest asks for in every folder.
EVERYWHERE = {"__init__", "__main__", "conftest"}
MOST_LINES = 300
# How a docstring says why its file is longer.
REASON = re.compile(r"^Longer than \d+ lines because ", re.MULTILINE)


def names(sources: Sources) -> Iterator[tuple[str, str]]:
    """Each module's last name and each class in it, with the module in which it stands."""
    for module, text in sources.items():
        last = module.rpartition(".")[2]
        if last not in EVERYWHERE:
            yield f"module {last}", module
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ClassDef):
                yield f"class {node.name}", module


def shared(sources: Sources) -> list[str]:
    """Names that two things have."""
    found = defaultdict(list)
    for name, module in names(sources):
        found[name].append(module)
    return [f"{name}: {', '.join(each)}" for name, each in found.items() if len(each) > 1]


def too_long(sources: Sources) -> list[str]:
    """Modules that are long and do not say why."""
    return [
        module
        for module, text in sources.items()
        if len(text.splitlines()) > MOST_LINES
        and not REASON.search(ast.get_docstring(ast.parse(text)) or "")
    ]


@pytest.fixture(scope="module")
def sources() -> Sources:
    """The grader, and what proves it."""
    return sources_in(REPO / "harness") | sources_in(REPO / "tests" / "proof")


def test_no_two_classes_and_no_two_modules_have_one_name(sources: Sources):
    assert "harness.record.journal" in sources
    assert "proof.matrix" in sources
    assert shared(sources) == []


def test_a_file_is_short_or_its_docstring_says_why_it_is_not():
    assert too_long(sources_in(REPO / "harness")) == []


@pytest.mark.parametrize(
    ("sources", "found"),
    [
        (house(actors__draw="", record__draw=""), ["module draw"]),
        (house(actors__a="class Wire: ...", record__b="class Wire: ..."), ["class Wire"]),
        (house(actors__a="def f():\n    class A: ...\nclass A: ..."), ["class A"]),
        ({"harness.a.__init__": "", "harness.b.__init__": "", "harness.conftest": ""}, []),
        (house(actors__a="class A: ...", record__b="class B: ..."), []),
    ],
)
def test_a_name_that_two_things_have_is_found(sources: Sources, found: list[str]):
    assert [each.partition(":")[0] for each in shared(sources)] == found


LONG = "x = 1\n" * MOST_LINES


@pytest.mark.parametrize(
    ("text", "is_named"),
    [
        (LONG, False),
        (LONG + "x = 1\n", True),
        (f'"""What it does."""\n{LONG}', True),
        (f'"""What it does.\n\nLonger than 300 lines because it is one table.\n"""\n{LONG}', False),
    ],
)
def test_a_long_file_is_named_unless_it_says_why(text: str, is_named: bool):
    assert too_long({"harness.some.module": text}) == ["harness.some.module"] * is_named
