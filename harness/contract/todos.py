"""The TODOs in a student's files: where each one's function stands, and which are still open.

Which TODO is which function is written in the rubric, as a student may delete the comments.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import TypeVar

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class TodoFunction:
    """The home of one TODO: its number, the file, and the function by its qualified name."""

    number: int
    file: str
    function: str


@dataclass(frozen=True)
class Span:
    """A function in a file: its first and its last line, both counted from 1."""

    first_line: int
    last_line: int


@dataclass(frozen=True, slots=True)
class TodoPlace:
    """Where a TODO's function stands; as text ``server.py:80-97, broadcast``."""

    file: str
    function: str
    first_line: int
    last_line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.first_line}-{self.last_line}, {self.function}"


def open_todos(source: str) -> tuple[int, ...]:
    """The numbers of the TODOs that still raise NotImplementedError("TODO n")."""
    return tuple(sorted(_raised(ast.parse(source))))


def _raised(tree: ast.AST) -> set[int]:
    """The numbers of the TODOs that NotImplementedError is raised for in ``tree``."""
    numbers = set()
    for node in ast.walk(tree):
        match node:
            case ast.Raise(
                exc=ast.Call(
                    func=ast.Name("NotImplementedError"), args=[ast.Constant(str() as message)]
                )
            ):
                named = re.fullmatch(r"TODO (\d+)", message)
                numbers.update([int(named[1])] if named else [])
    return numbers


def functions(source: str) -> dict[str, Span]:
    """Every function and method by its qualified name, decorators included in its span."""
    found = {}
    for name, node in function_nodes(ast.parse(source), ""):
        first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
        found[name] = Span(first, node.end_lineno or node.lineno)
    return found


def function_nodes(
    node: ast.AST, prefix: str = ""
) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Every function and method below ``node`` with its qualified name."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield prefix + child.name, child
            yield from function_nodes(child, f"{prefix}{child.name}.<locals>.")
        elif isinstance(child, ast.ClassDef):
            yield from function_nodes(child, f"{prefix}{child.name}.")
        else:
            yield from function_nodes(child, prefix)


def places(folder: Path, todos: Iterable[TodoFunction]) -> dict[int, TodoPlace]:
    """Where the function of each TODO stands, of those whose function is in ``folder``'s files.

    A file that is not there, or that Python cannot read, has none; nor has one that names no TODO
    and has fewer than half of the functions: somebody wrote it without the skeleton, and a name
    that is the same says nothing.
    """
    todos = list(todos)
    spans: dict[str, Mapping[str, Span]] = {}
    found: dict[int, TodoPlace] = {}
    for todo in todos:
        if todo.file not in spans:
            spans[todo.file] = _parsed(folder / todo.file, functions) or {}
        if span := spans[todo.file].get(todo.function):
            found[todo.number] = TodoPlace(
                todo.file, todo.function, span.first_line, span.last_line
            )
    wanted = Counter(todo.file for todo in todos)
    there = Counter(place.file for place in found.values())
    return {
        number: place
        for number, place in found.items()
        if 2 * there[place.file] >= wanted[place.file]
        or _parsed(folder / place.file, _names_a_todo)
    }


def todos_at(places: Mapping[int, TodoPlace], lines: Iterable[str]) -> list[int]:
    """The TODOs in whose functions these lines are, given as ``server.py:67``; in that order."""
    found: dict[int, None] = {}
    for line in lines:
        file, _, number = line.partition(":")
        for todo, place in places.items():
            inside = number.isdigit() and place.first_line <= int(number) <= place.last_line
            if place.file == file and inside:
                found[todo] = None
    return list(found)


def that_return_nothing(folder: Path, todos: Iterable[TodoFunction]) -> list[int]:
    """The TODOs whose function promises a value (``-> int``) and nowhere returns one.

    Not those that are open still: they raise.
    """
    by_file: dict[str, ast.Module | None] = {}
    found = []
    for todo in todos:
        if todo.file not in by_file:
            by_file[todo.file] = _parsed(folder / todo.file, ast.parse)
        tree, name = by_file[todo.file], todo.function.rpartition(".")[2]
        for each in ast.walk(tree) if tree is not None else ():
            if isinstance(each, ast.FunctionDef) and each.name == name and _forgets(each):
                found.append(todo.number)
    return found


def _forgets(function: ast.FunctionDef) -> bool:
    """Whether it says that it returns something, and has neither ``return x`` nor ``yield``."""
    promised, last = function.returns, function.body[-1]
    if promised is None or isinstance(last, ast.Raise):
        return False
    if isinstance(promised, ast.Constant) and promised.value is None:
        return False
    return not any(
        isinstance(each, (ast.Yield, ast.YieldFrom))
        or (isinstance(each, ast.Return) and each.value is not None)
        for each in ast.walk(function)
    )


def functions_at(folder: Path, lines: Iterable[str]) -> str:
    """The same lines with the functions they are in: ``server.py:43, 47 (Server.handle)``.

    Of a line outside every function the file and the line alone.
    """
    spans: dict[str, Mapping[str, Span]] = {}
    found: dict[tuple[str, str], list[int]] = {}
    for line in lines:
        file, _, number = line.rpartition(":")
        if not file or not number.isdigit():
            continue
        if file not in spans:
            spans[file] = _parsed(folder / file, functions) or {}
        around = [
            (span.last_line - span.first_line, name)
            for name, span in spans[file].items()
            if span.first_line <= int(number) <= span.last_line
        ]
        name = min(around)[1].replace(".<locals>", "") if around else ""
        found.setdefault((file, name), []).append(int(number))
    return "; ".join(
        f"{file}:{', '.join(map(str, sorted(set(numbers))))}" + (f" ({name})" if name else "")
        for (file, name), numbers in found.items()
    )


@lru_cache(maxsize=16)  # each program that failed a check is asked, and they are mostly the same
def open_and_used(source: str) -> tuple[int, ...]:
    """Those of `open_todos` whose function the program names outside of that function.

    Raises `SyntaxError`, `ValueError`, `RecursionError` as `ast.parse` does.
    """
    tree = ast.parse(source)
    found: set[int] = set()
    for _, node in function_nodes(tree):
        own = set(map(id, ast.walk(node)))
        is_used = any(
            node.name == (each.attr if isinstance(each, ast.Attribute) else each.id)
            for each in ast.walk(tree)
            if isinstance(each, ast.Attribute | ast.Name) and id(each) not in own
        )
        found.update(_raised(node) if is_used else ())
    return tuple(sorted(found))


def _names_a_todo(source: str) -> bool:
    return re.search(r"\bTODO \d", source) is not None


def place_words(folder: Path, todos: Iterable[TodoFunction]) -> dict[int, str]:
    """The same as text: ``server.py:80-97, broadcast``."""
    return {number: str(place) for number, place in places(folder, todos).items()}


def comment(source: str, number: int) -> list[str]:
    """What the comment of TODO ``number`` says, line by line; empty where it was deleted."""
    begins = re.compile(rf"\s*# (TODO {number}:.*)")
    rows = source.splitlines()
    first = next((at for at, row in enumerate(rows) if begins.match(row)), len(rows))
    block = itertools.takewhile(lambda row: row.lstrip().startswith("#"), rows[first:])
    return [row.strip().removeprefix("#").strip() for row in block]


def wanted_words(folder: Path, todos: Iterable[TodoFunction]) -> dict[int, str]:
    """What the first line of each TODO's comment in the files of ``folder`` asks for."""
    found: dict[int, str] = {}
    for todo in todos:
        lines = _parsed(folder / todo.file, partial(comment, number=todo.number)) or [""]
        found[todo.number] = lines[0].removeprefix(f"TODO {todo.number}:").strip()
    return {number: words for number, words in found.items() if words}


def still_open(folder: Path, files: Iterable[str]) -> frozenset[int]:
    """The numbers of the TODOs that nobody has begun in these files of ``folder``."""
    found = (_parsed(folder / name, open_todos) or () for name in dict.fromkeys(files))
    return frozenset(number for numbers in found for number in numbers)


def _parsed(path: Path, look: Callable[[str], Found]) -> Found | None:
    try:
        return look(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, SyntaxError, RecursionError):
        return None
