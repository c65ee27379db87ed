"""Which lines of a program touch what its threads share, from its text alone.

What is shared says `sharing`. A call of a method that changes a container (`append`, `pop`, ...)
writes it, and so does `del`; a call of one of the program's own methods does not, what that method
does stands in its own lines.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeGuard

from harness.schedules.sharing import Key, Sharing

CHANGING = frozenset(
    "append add clear discard extend insert pop popitem popleft appendleft remove setdefault "
    "update sort reverse rotate".split()
)
REMOVING = frozenset("clear discard pop popitem popleft remove".split())
LOCKING = frozenset(("acquire", "release", "wait", "notify", "notify_all"))
TALKING = frozenset(("send", "sendall", "recv", "recv_into", "write", "flush", "put", "get"))


@dataclass(frozen=True, slots=True)
class Touch:
    """What one line does to what threads share: names that it reads, and that it writes."""

    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    # Those that it only takes something out of.
    removes: frozenset[str] = frozenset()
    # Those that it only appends to: what was there before stays where it is.
    appends: frozenset[str] = frozenset()
    # Those that it gives another value, without a look at the one before.
    sets: frozenset[str] = frozenset()
    # Those that it uses otherwise than under a key (`members`, not `members[name]`).
    whole: frozenset[str] = frozenset()
    # It takes or releases a lock, sends or receives.
    is_decisive: bool = False
    # The function that it is in; empty outside of all.
    function: str = ""
    # The functions that call that one: when the thread is in one of them, it has come back.
    callers: frozenset[str] = frozenset()

    @property
    def matters(self) -> bool:
        """Whether another thread could notice it."""
        return bool(self.reads or self.writes or self.is_decisive)

    @property
    def adds(self) -> frozenset[str]:
        """The names that it puts something into, or changes as a whole."""
        return self.writes - self.removes

    @property
    def names(self) -> frozenset[str]:
        """All shared names of the line."""
        return self.reads | self.writes


def touches(source: str) -> dict[int, Touch]:
    """What each line touches, takes a lock, sends or receives; other lines are left out."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return {}
    sharing = Sharing(tree)
    found: dict[int, Touch] = {}
    callers: dict[str, set[str]] = {}

    def visit(node: ast.AST, owner: str, function: str) -> None:
        if isinstance(node, ast.ClassDef):
            owner = node.name
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            function = node.name
        elif isinstance(node, ast.stmt | ast.ExceptHandler):
            for part in _head(node):
                _note(part, sharing, found, (owner, function))
                for called in _calls(part):
                    callers.setdefault(called, set()).add(function)
        for inner in ast.iter_child_nodes(node):
            if isinstance(inner, ast.stmt | ast.ExceptHandler | ast.match_case):
                visit(inner, owner, function)

    visit(tree, "", "")
    return {
        line: replace(
            touch, callers=frozenset(callers.get(touch.function, set()) - {touch.function})
        )
        for line, touch in found.items()
    }


def _calls(part: ast.AST) -> Iterable[str]:
    """The names of the functions and methods that are called."""
    for node in ast.walk(part):
        if isinstance(node, ast.Call):
            yield getattr(node.func, "id", "") or getattr(node.func, "attr", "")


def touched_in(folder: Path, files: Iterable[str]) -> dict[tuple[str, int], Touch]:
    """The same for some files of a program, by file and line."""
    found: dict[tuple[str, int], Touch] = {}
    for file in files:
        try:
            source = (folder / file).read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        found |= {(file, line): touch for line, touch in touches(source).items()}
    return found


def _head(node: ast.AST) -> Iterable[ast.AST]:
    """What a statement does itself, without the statements in it."""
    for name, value in ast.iter_fields(node):
        if name in ("body", "orelse", "finalbody", "handlers", "cases"):
            continue
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, ast.AST):
                yield part


def _is_keyed(node: ast.AST) -> TypeGuard[ast.Subscript]:
    """Whether it is one value of a container, whose key is known only when it runs."""
    return isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Constant | ast.Slice)


def _note(part: ast.AST, sharing: Sharing, found: dict[int, Touch], place: tuple[str, str]) -> None:
    """Add to ``found`` what a part of a statement touches, in the class and function ``place``."""
    owner, function = place
    called = {
        id(node.func): node.func.attr
        for node in ast.walk(part)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    under_keys = {id(node.value) for node in ast.walk(part) if _is_keyed(node)}
    locks = {id(part.context_expr)} if isinstance(part, ast.withitem) else set()
    for node in ast.walk(part):
        line = getattr(node, "lineno", None)
        if line is None:
            continue
        method = called.get(id(node))
        context = getattr(node, "ctx", None)
        used = node.value if method is not None and isinstance(node, ast.Attribute) else node
        key: Key | None = sharing.key_of(used, owner)
        if key is not None and method is not None and not sharing.is_called_on(key, method):
            key = None
        names = {sharing.name_of(key)} if key is not None else set()
        is_change = method in CHANGING if method is not None else _is_stored(context)
        is_removal = method in REMOVING if method is not None else isinstance(context, ast.Del)
        writes = names if is_change else set[str]()
        removes = names if is_removal else set[str]()
        appends = names if method == "append" else set[str]()
        sets = writes if method is None and not isinstance(used, ast.Subscript) else set[str]()
        decisive = method is not None and method in LOCKING | TALKING
        decisive |= id(node) in locks and sharing.is_lock(node)
        whole = names if not _is_keyed(used) and id(used) not in under_keys else set[str]()
        if names or decisive or isinstance(node, ast.Call):
            before = found.get(line, Touch())
            reads = before.reads | (names - writes)
            found[line] = Touch(
                reads,
                before.writes | writes,
                # A line may do both: then it adds.
                (before.removes | removes) - (before.adds | (writes - removes)),
                (before.appends | appends) - (before.writes - before.appends | writes - appends),
                (before.sets | sets) - reads,
                before.whole | whole,
                before.is_decisive or decisive,
                function,
            )


def _is_stored(context: ast.AST | None) -> bool:
    return isinstance(context, ast.Store | ast.Del)
