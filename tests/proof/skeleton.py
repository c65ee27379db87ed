"""Derive the students' skeletons from the reference solution, and find TODOs in a file.

The reference is the one source. A TODO in it reads

    # TODO 4: <goal, imperative>
    # Ingat: <one thing easily forgotten>
    # Periksa: <the one command that proves it>
    # BEGIN SOLUTION
    <the solution>
    # END SOLUTION

as the whole body of a function (a docstring may stand before it). Deriving keeps the three comments
and puts `raise NotImplementedError("TODO 4")` where the region was: nothing else of the function is
left that could run beside what a student writes. Whatever does not have this shape is refused with
file and line, so that no solution leaks by a slip.
"""

import ast
import io
import itertools
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.contract.todos import Span, function_nodes, functions

FOLDER = "1.contoh"
SOURCE_ROOT = Path("solutions")
SKELETON_ROOT = Path("modul4")
FILES = ("server.py", "client.py")  # The order of work: the numbers go on from one to the next.

_KINDS = {
    "TODO": re.compile(r"# TODO (?P<number>[1-9]\d*): (?P<goal>\S.*)"),
    "BEGIN": re.compile(r"# BEGIN SOLUTION"),
    "END": re.compile(r"# END SOLUTION"),
}
_ALMOST = re.compile(r"#+\s*(TODO\b|(BEGIN|END)\W*SOLUTION)", re.IGNORECASE)

# What may follow what: where we are, what comes, and where we are then.
_STEPS = {
    ("outside", "TODO"): "after a TODO",
    ("after a TODO", "BEGIN"): "in a region",
    ("in a region", "END"): "outside",
    ("outside", "end of file"): "outside",
}
_UNEXPECTED = {
    ("outside", "BEGIN"): ("a region without a TODO", "put '# TODO n: ...' above it"),
    ("after a TODO", "TODO"): ("a TODO without a region before this one", "give it a region"),
    ("after a TODO", "end of file"): ("a TODO without a region", "give it a region"),
    ("in a region", "TODO"): ("a TODO inside a region", "move it above '# BEGIN SOLUTION'"),
    ("in a region", "BEGIN"): ("a nested region", "end the one around it first"),
    ("in a region", "end of file"): ("a region that never ends", "add '# END SOLUTION'"),
}
_STRAY_END = ("an end without a beginning", "add '# BEGIN SOLUTION'")


class SkeletonError(Exception):
    """The source of a skeleton breaks the rules; reads 'file:line: what; how to mend it'."""

    def __init__(self, filename: str, line: int, what: str, mend: str) -> None:
        super().__init__(f"{filename}:{line}: {what}; {mend}")


@dataclass(frozen=True)
class Todo:
    """One TODO and the function that is its home; `function` is a qualified name."""

    number: int
    function: str
    first_line: int
    last_line: int
    goal: str


@dataclass(frozen=True)
class _Mark:
    kind: str
    line: int
    match: re.Match[str]


@dataclass(frozen=True)
class _Region:
    """One TODO with its solution: the line of its comment, of BEGIN and of END."""

    number: int
    todo_line: int
    begin: int
    end: int


def derive(source: str, filename: str) -> str:
    """The skeleton of one reference file. Raises SkeletonError when a rule is broken."""
    try:
        compile(source, filename, "exec")
    except SyntaxError as error:
        what, line = f"does not compile: {error.msg}", error.lineno or 1
        raise SkeletonError(filename, line, what, "mend the solution first") from error
    regions = _regions(source, filename)
    lines = source.split("\n")
    for region in regions:
        _refuse_bad_shape(region, lines, filename)
    _refuse_bad_numbers(regions, filename)
    _refuse_shared_functions(regions, source, filename)
    for region in reversed(regions):
        begin = lines[region.begin - 1]
        indent = begin[: len(begin) - len(begin.lstrip())]
        stub = f'{indent}raise NotImplementedError("TODO {region.number}")'
        lines[region.begin - 1 : region.end] = [stub]
        try:
            compile("\n".join(lines), filename, "exec")
        except SyntaxError as error:
            what = f"without the solution of TODO {region.number} the file does not compile"
            mend = f"mend what surrounds it ({error.msg})"
            raise SkeletonError(filename, region.begin, what, mend) from error
    skeleton = "\n".join(lines)
    _refuse_code_beside_regions(skeleton, functions(source), filename)
    return skeleton


def derive_all(root: Path, check: bool) -> list[str]:
    """Derive every skeleton under `root`; return the paths, from `root`, that were out of date.

    They are rewritten, unless `check` asks only for a look.
    """
    stale = []
    next_number = 1
    for name in FILES:
        source_path = SOURCE_ROOT / FOLDER / name
        skeleton_path = SKELETON_ROOT / FOLDER / name
        source = (root / source_path).read_text(encoding="utf-8")
        skeleton = derive(source, source_path.as_posix())
        found = todos(source)
        if found and found[0].number != next_number:
            what = f"the first TODO of this file has the number {found[0].number}"
            mend = f"go on from the file before: TODO {next_number}"
            raise SkeletonError(source_path.as_posix(), found[0].first_line, what, mend)
        next_number += len(found)
        target = root / skeleton_path
        if not target.exists() or target.read_text(encoding="utf-8") != skeleton:
            stale.append(skeleton_path.as_posix())
            if not check:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(skeleton, encoding="utf-8", newline="\n")
    return stale


def todos(source: str) -> tuple[Todo, ...]:
    """The TODOs of a reference file or of a skeleton, in the order of their numbers.

    A student may delete the comments. To find the function in a student's file, look up
    `Todo.function` in what `functions` says of that file. Raises SyntaxError as `ast.parse` does.
    """
    spans = functions(source)
    found = []
    for line, comment in _comments(source):
        match = _KINDS["TODO"].fullmatch(comment)
        home = _home(spans, line)
        if match and home:
            span = spans[home]
            number = int(match["number"])
            found.append(Todo(number, home, span.first_line, span.last_line, match["goal"]))
    return tuple(sorted(found, key=lambda todo: todo.number))


def _home(spans: dict[str, Span], line: int) -> str | None:
    """The innermost function that contains `line`."""
    around = [name for name, span in spans.items() if span.first_line <= line <= span.last_line]
    return max(around, key=lambda name: spans[name].first_line, default=None)


def _comments(source: str) -> Iterator[tuple[int, str]]:
    """Comments with a line to themselves; text inside strings is not mistaken for one."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and token.line.lstrip().startswith("#"):
            yield token.start[0], token.string.rstrip()


def _marks(source: str, filename: str) -> Iterator[_Mark]:
    for line, comment in _comments(source):
        matches = {kind: match for kind in _KINDS if (match := _KINDS[kind].fullmatch(comment))}
        if not matches and _ALMOST.match(comment):
            mend = "write '# TODO n: goal', '# BEGIN SOLUTION' or '# END SOLUTION'"
            raise SkeletonError(filename, line, f"'{comment}' is almost a marker", mend)
        yield from (_Mark(kind, line, match) for kind, match in matches.items())


def _regions(source: str, filename: str) -> list[_Region]:
    """The solution regions, in order of their place; each belongs to the TODO before it."""
    regions = []
    place = "outside"
    marks: list[_Mark] = []  # Of the TODO at hand.
    for mark in _marks(source, filename):
        place = _step(place, mark.kind, filename, mark.line)
        marks.append(mark)
        if mark.kind == "END":
            todo, begin, end = marks
            number = int(todo.match["number"])
            regions.append(_Region(number, todo.line, begin.line, end.line))
            marks = []
    _step(place, "end of file", filename, marks[-1].line if marks else 1)
    return regions


def _step(place: str, kind: str, filename: str, line: int) -> str:
    if (place, kind) not in _STEPS:
        raise SkeletonError(filename, line, *_UNEXPECTED.get((place, kind), _STRAY_END))
    return _STEPS[place, kind]


def _refuse_bad_shape(region: _Region, lines: list[str], filename: str) -> None:
    number, line = region.number, region.todo_line
    beside = [text.strip() for text in lines[line : line + 3]]
    for word, text in zip(("# Ingat: ", "# Periksa: ", "# BEGIN SOLUTION"), beside, strict=False):
        if not text.startswith(word):
            what = f"the comment of TODO {number} is not complete"
            mend = f"let '{word.strip()}' take the place of '{text}'"
            raise SkeletonError(filename, line, what, mend)
    inside = [text.strip() for text in lines[region.begin : region.end - 1]]
    if all(not text or text.startswith("#") for text in inside):
        what = f"the region of TODO {number} is empty"
        raise SkeletonError(filename, region.begin, what, "write the solution into it")


def _refuse_bad_numbers(regions: list[_Region], filename: str) -> None:
    for before, region in itertools.pairwise(regions):
        if region.number != before.number + 1:
            what = f"TODO {region.number} follows TODO {before.number}"
            mend = f"number it {before.number + 1}"
            raise SkeletonError(filename, region.todo_line, what, mend)


def _refuse_shared_functions(regions: list[_Region], source: str, filename: str) -> None:
    spans = functions(source)
    homes: set[str | None] = {None}  # None: a TODO outside all functions is refused as well.
    for region in regions:
        home = _home(spans, region.begin)
        if home in homes:
            what = f"TODO {region.number} has no function to itself"
            raise SkeletonError(filename, region.todo_line, what, "give it a function of its own")
        homes.add(home)


def _refuse_code_beside_regions(skeleton: str, in_source: dict[str, Span], filename: str) -> None:
    """Of a function with a TODO nothing but its docstring may be left beside the `raise`."""
    homes = {todo.function: todo for todo in todos(skeleton)}
    for name, node in function_nodes(ast.parse(skeleton), ""):
        if name in homes and len(node.body) > 1 + (ast.get_docstring(node) is not None):
            what = f"the function of TODO {homes[name].number} has code beside its region"
            mend = "put all of its body into the region"
            raise SkeletonError(filename, in_source[name].first_line, what, mend)
