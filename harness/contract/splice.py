"""Puts the body of a reference's function in the place of a student's, and leaves all else alone.

Text in, text out. The lines of one function's body are replaced; every other byte stays as it was,
line ends and tabs included. What cannot be replaced for certain is not replaced at all.
"""

from __future__ import annotations

import ast
import builtins
import codecs
import copy
import io
import re
import tokenize
from collections.abc import Iterable, Iterator

from harness.contract.todos import function_nodes

Function = ast.FunctionDef | ast.AsyncFunctionDef
_LINE_END = re.compile(r"\r\n|\r|\n")
# What Python gives every module beside the builtins.
_GIVEN = frozenset((*dir(builtins), "__file__", "__name__", "__doc__", "__builtins__"))
# One level of the body; a block may be indented in its own way.
_STEP = "    "


class CannotSplice(Exception):
    """One of the functions is not there, or they do not fit each other; the text says which."""


def spliced(student: bytes, reference: str, names: Iterable[str]) -> bytes:
    """The student's file with the bodies of these functions (qualified names) from ``reference``.

    The signature and the decorators stay the student's; where parameters are called otherwise, the
    body is given the reference's names as well. A module that the body needs and the file does not
    import is imported in the body. Raises `CannotSplice`: a function is not there or has other
    parameters, the body needs a name that the file does not have, or the file cannot be read.
    """
    encoding = _encoding(student)
    try:
        text = student.decode(encoding)
        theirs = ast.parse(reference)
        for name in names:
            text = _one(text, theirs, name)
        return text.encode(encoding)
    except (ValueError, SyntaxError, RecursionError, MemoryError) as error:
        raise CannotSplice(f"cannot be read: {error}") from None


def is_same(student: bytes, reference: str, name: str) -> bool:
    """Whether both files have this function with the same body, whatever its comments."""
    mine, theirs = _named(ast.parse(student), name), _named(ast.parse(reference), name)
    return (
        mine is not None
        and theirs is not None
        and ast.dump(mine.args) == ast.dump(theirs.args)
        and _dump(mine.body) == _dump(theirs.body)
    )


def _encoding(source: bytes) -> str:
    """As the file says; the mark of UTF-8 at its beginning is part of the text. Raises."""
    try:
        found, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
    except SyntaxError as error:
        raise CannotSplice(f"cannot be read: {error}") from None
    return "utf-8" if source.startswith(codecs.BOM_UTF8) else found


def _one(text: str, reference: ast.Module, name: str) -> str:
    """``text`` with the body of one function replaced."""
    # The mark at the beginning is no part of a program; it is as long as a space, which is not one.
    mark, text = ("\ufeff", text[1:]) if text.startswith("\ufeff") else ("", text)
    module = ast.parse(text)
    mine, theirs = _named(module, name), _named(reference, name)
    if mine is None or theirs is None:
        raise CannotSplice(f"{name}: not in both files")
    if type(mine) is not type(theirs):
        raise CannotSplice(f"{name}: one is async")
    body = [
        *_imports(module, reference, theirs, name),
        *_renaming(mine.args, theirs.args, name),
        *_without_docstring(theirs.body),
    ]
    made = _replaced(text, mine, body)
    _check(made, module, name, body)
    return mark + made


def _named(module: ast.Module, name: str) -> Function | None:
    """The function of that qualified name; of several the last one, which is in force."""
    found = [node for each, node in function_nodes(module) if each == name]
    return found[-1] if found else None


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    is_doc = (
        len(body) > 1
        and isinstance(body[0], ast.Expr)
        and isinstance(body[0].value, ast.Constant)
        and isinstance(body[0].value.value, str)
    )
    return body[1:] if is_doc else body


def _renaming(mine: ast.arguments, theirs: ast.arguments, name: str) -> list[ast.stmt]:
    """What gives the reference's parameters the student's values. Raises `CannotSplice`."""
    shapes = [
        (len(each.posonlyargs) + len(each.args), len(each.kwonlyargs), each.vararg, each.kwarg)
        for each in (mine, theirs)
    ]
    if shapes[0][:2] != shapes[1][:2] or any(extra for shape in shapes for extra in shape[2:]):
        raise CannotSplice(f"{name}: other parameters")
    ours, wanted = (
        [arg.arg for arg in (*each.posonlyargs, *each.args, *each.kwonlyargs)]
        for each in (mine, theirs)
    )
    if ours == wanted:
        return []
    return ast.parse(f"{', '.join(wanted)} = {', '.join(ours)}").body


def _imports(
    module: ast.Module, reference: ast.Module, theirs: Function, name: str
) -> list[ast.stmt]:
    """Imports of what the body needs and the module lacks. Raises `CannotSplice`."""
    has = set(_bound(module)) | _GIVEN
    sources = {
        alias.asname or alias.name.partition(".")[0]: (node, alias)
        for node in reference.body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    made: list[ast.stmt] = []
    for needed in sorted(_free(theirs) - has):
        if needed not in sources:
            raise CannotSplice(f"{name}: the file has no {needed}")
        node, alias = sources[needed]
        one = copy.copy(node)
        one.names = [alias]
        made.append(one)
    return made


def _free(function: Function) -> set[str]:
    """The names that the body takes from its module."""
    names = [node for stmt in function.body for node in ast.walk(stmt)]
    args = function.args
    bound = {arg.arg for arg in (*args.posonlyargs, *args.args, *args.kwonlyargs)}
    used = set[str]()
    for node in names:
        if isinstance(node, ast.Name):
            (used if isinstance(node.ctx, ast.Load) else bound).add(node.id)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            bound.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            bound |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, Function | ast.ClassDef):
            bound.add(node.name)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.Global):
            used |= set(node.names)
    shared = {name for node in names if isinstance(node, ast.Global) for name in node.names}
    return used - (bound - shared)


def _bound(node: ast.AST) -> Iterator[str]:
    """The names that a module has of its own, wherever in it they are given a value."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function | ast.ClassDef):
            yield child.name
            # What is inside is its own, except for what it declares to be the module's.
            for inner in ast.walk(child):
                if isinstance(inner, ast.Global):
                    yield from inner.names
            continue
        if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):
            yield child.id
        elif isinstance(child, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in child.names)
        yield from _bound(child)


def _replaced(text: str, function: Function, body: list[ast.stmt]) -> str:
    """``text`` with the lines of the function's body replaced by ``body``."""
    starts = [0, *(found.end() for found in _LINE_END.finditer(text))]
    first, last = function.body[0], function.body[-1]
    first_line = min([first.lineno, *(d.lineno for d in getattr(first, "decorator_list", []))])
    begin = starts[first_line - 1]
    # Columns are counted in bytes.
    column = first.col_offset if first_line == first.lineno else 0
    before = text[begin:].encode()[:column].decode()
    found = _LINE_END.search(text)
    newline = found[0] if found else "\n"
    head = text[:begin]
    if before.strip():  # It stands on the line of its `def`.
        head += before.rstrip() + newline
    margin = _margin(text, starts, function) + _STEP
    lines = [margin + line for stmt in body for line in ast.unparse(stmt).splitlines()]
    end_line = last.end_lineno or last.lineno
    end = starts[end_line] if end_line < len(starts) else len(text)
    return head + newline.join([*lines, ""]) + text[end:]


def _margin(text: str, starts: list[int], function: Function) -> str:
    """The white space before the function's `def`."""
    line = text[starts[function.lineno - 1] :]
    return line[: len(line) - len(line.lstrip(" \t\f"))]


def _check(made: str, before: ast.Module, name: str, body: list[ast.stmt]) -> None:
    """The new text is the old program but for that body. Raises `CannotSplice`."""
    after = ast.parse(made)
    mine, old = _named(after, name), _named(before, name)
    assert old is not None
    if mine is None or _dump(mine.body) != _dump(body):
        raise CannotSplice(f"{name}: it would not be the same")
    mine.body, kept = [ast.Pass()], old.body
    old.body = [ast.Pass()]
    is_all_the_same = ast.dump(after) == ast.dump(before)
    old.body = kept
    if not is_all_the_same:
        raise CannotSplice(f"{name}: something else would change")


def _dump(body: list[ast.stmt]) -> str:
    return "\n".join(ast.dump(stmt) for stmt in body)
