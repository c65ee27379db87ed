"""The house stands: imports in harness/ run one way, over the floors and without circles.

The rules are functions over made-up or real sources, so that the checker is itself checked.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

HARNESS = Path(__file__).resolve().parent.parent / "harness"

# Lowest first; whatever is in none of these folders is a door, above them all.
FLOORS = ("contract", "record", "program", "actors", "grading", "schedules", "reports", "by_hand")
ONLY_PYTEST_IMPORTER = "harness.plugin"
# What the floors that know no machine must not reach for.
MACHINERY = {"asyncio", "multiprocessing", "select", "selectors", "socket", "ssl", "subprocess"}
# Started by any Python, before there is anything else: its modules know only one another.
FIRST = "setup"

Sources = Mapping[str, str]  # by module name: "harness.record.journal"


def sources_in(folder: Path) -> dict[str, str]:
    """Every module below `folder` by its full name."""
    found = {}
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder.parent).with_suffix("").parts
        found[".".join(parts)] = path.read_text(encoding="utf-8")
    return found


def imports(module: str, sources: Sources) -> set[str]:
    """The modules that `module` imports, anywhere in it: those of the house by their full name."""
    found = set()
    for node in ast.walk(ast.parse(sources[module])):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            around = module.split(".")[: -node.level] if node.level else []
            base = ".".join([*around, *filter(None, [node.module])])
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                is_module = inner in sources or f"{inner}.__init__" in sources
                found.add(inner if is_module else base)
    return {f"{name}.__init__" if f"{name}.__init__" in sources else name for name in found}


def floor(module: str) -> int:
    """How high in the house `module` is."""
    room = (module + ".").split(".")[1]
    return FLOORS.index(room) if room in FLOORS else len(FLOORS)


def is_ours(module: str) -> bool:
    return module.split(".")[0] == "harness"


def upward(sources: Sources) -> Iterator[str]:
    """Imports of a module on a higher floor."""
    for module in sources:
        for imported in filter(is_ours, imports(module, sources)):
            if floor(imported) > floor(module):
                yield f"{module} imports {imported}, which is above it"


def circles(sources: Sources) -> Iterator[str]:
    """Modules that import one another, directly or by way of others."""
    graph = {module: imports(module, sources) & sources.keys() for module in sources}
    done: set[str] = set()

    def walk(module: str, path: list[str]) -> Iterator[str]:
        if module in path:
            yield " -> ".join([*path[path.index(module) :], module])
        elif module not in done:
            for imported in sorted(graph[module]):
                yield from walk(imported, [*path, module])
            done.add(module)

    for module in sorted(graph):
        yield from walk(module, [])


def strangers(sources: Sources) -> Iterator[str]:
    """Imports that belong elsewhere: pytest, machinery below the machine, anything in a story."""
    for module in sources:
        imported = imports(module, sources)
        roots = {name.split(".")[0] for name in imported}
        if roots & {"pytest", "_pytest"} and module != ONLY_PYTEST_IMPORTER:
            yield f"{module} imports pytest; only {ONLY_PYTEST_IMPORTER} may"
        if floor(module) < FLOORS.index("program"):
            yield from (f"{module} imports {each}" for each in sorted(roots & MACHINERY))
        if module.startswith("harness.stories.") and imported:
            yield f"{module} imports {', '.join(sorted(imported))}; a story imports nothing"
        if module.split(".")[1] == FIRST:
            others = {each for each in filter(is_ours, imported) if each.split(".")[1] != FIRST}
            yield from (f"{module} imports {each}" for each in sorted(others))


RULES = (upward, circles, strangers)


def complaints(sources: Sources) -> list[str]:
    return [each for rule in RULES for each in rule(sources)]


def house(**modules: str) -> dict[str, str]:
    """A made-up house: `contract__a="import socket"` is harness/contract/a.py."""
    return {f"harness.{name.replace('__', '.')}": text for name, text in modules.items()}


def test_every_import_keeps_the_rules():
    sources = sources_in(HARNESS)
    assert "harness.record.journal" in sources
    assert complaints(sources) == []


@pytest.mark.parametrize(
    "sources",
    [
        house(contract__a="import json", record__b="from harness.contract import a"),
        house(contract__a="", contract__b="from harness.contract.a import thing"),
        house(record__a="", program__b="from ..record import a\nimport socket"),
        house(program__a="", plugin="import pytest\nfrom harness.program import a"),
        house(
            stories__a="def test_echo(room): ...", conftest='pytest_plugins = ("harness.plugin",)'
        ),
        house(setup__a="from harness.setup import b", setup__b="import subprocess"),
    ],
)
def test_allowed_imports_pass(sources: Sources):
    assert complaints(sources) == []


@pytest.mark.parametrize(
    ("sources", "complaint"),
    [
        (house(contract__a="from harness.record import b", record__b=""), "which is above it"),
        (house(record__a="import harness.program.b", program__b=""), "which is above it"),
        (house(program__a="from harness import cli", cli=""), "which is above it"),
        (house(record__a="from ..program.b import c", program__b=""), "which is above it"),
        (house(contract__a="def f():\n    from harness import cli", cli=""), "which is above it"),
        (house(record__a="from harness.gone import x"), "which is above it"),
        (house(record__a="from . import b", record__b="from . import a"), "a -> harness.record.b"),
        (house(record__a="import harness.record.a"), "harness.record.a -> harness.record.a"),
        (
            house(cli="import harness.b", b="from harness import c", c="from . import cli"),
            "harness.b -> harness.c -> harness.cli -> harness.b",
        ),
        (house(program__a="import pytest"), "only harness.plugin may"),
        (house(conftest="from _pytest import nodes"), "only harness.plugin may"),
        (house(stories__a="import time"), "a story imports nothing"),
        (
            house(stories__a="from harness.contract import b", contract__b=""),
            "a story imports nothing",
        ),
        (house(contract__a="import socket"), "harness.contract.a imports socket"),
        (house(record__a="from subprocess import run"), "harness.record.a imports subprocess"),
        (house(setup__a="from harness.contract import b", contract__b=""), "setup.a imports"),
    ],
)
def test_a_forbidden_import_is_found(sources: Sources, complaint: str):
    assert any(complaint in each for each in complaints(sources)), complaints(sources)


def test_a_circle_is_told_once():
    found: Iterable[str] = circles(house(record__a="from . import b", record__b="from . import a"))
    assert list(found) == ["harness.record.a -> harness.record.b -> harness.record.a"]
