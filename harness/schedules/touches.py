"""Which lines of a program touch what its threads share, from its text alone.

Shared are the variables of the module, also those that only a function makes by `global`, and the
attributes of objects that the module or `main` makes once (`self.members` in such a class); an
object for each client is not shared. A call of a method that changes a container (`append`, `pop`,
...) writes it, and so does `del`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeGuard

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
    shared = _module_variables(tree)
    once = _made_once(tree)
    found: dict[int, Touch] = {}
    callers: dict[str, set[str]] = {}

    def visit(node: ast.AST, owner: str, function: str) -> None:
        if isinstance(node, ast.ClassDef):
            owner = node.name
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            function = node.name
        elif isinstance(node, ast.stmt | ast.ExceptHandler):
            names = shared | ({"self"} if owner in once else frozenset())
            for part in _head(node):
                _note(part, names, found, function)
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


def _made_once(tree: ast.Module) -> frozenset[str]:
    """Classes of which the module itself, or `main`, makes an object."""
    found = set()
    for node in tree.body:
        is_definition = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        if is_definition and getattr(node, "name", "") != "main":
            continue
        # What a loop makes, it makes for each client.
        calls = [each for each in ast.walk(node) if isinstance(each, ast.Call)]
        in_loops = {
            id(inner)
            for loop in ast.walk(node)
            if isinstance(loop, ast.For | ast.While)
            for inner in ast.walk(loop)
        }
        found |= {
            call.func.id
            for call in calls
            if isinstance(call.func, ast.Name) and id(call) not in in_loops
        }
    return frozenset(found)


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


def _module_variables(tree: ast.Module) -> frozenset[str]:
    """Variables that the module makes, or a function by `global`, and that could be changed."""
    # The module itself need not mention such a name.
    names = {name for node in ast.walk(tree) if isinstance(node, ast.Global) for name in node.names}
    for node in tree.body:
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AnnAssign | ast.AugAssign):
            targets = [node.target]
        for target in targets:
            names |= {each.id for each in ast.walk(target) if isinstance(each, ast.Name)}
    return frozenset(name for name in names if not name.isupper())


def _name_of(node: ast.AST, shared: frozenset[str]) -> str:
    """The shared name that an expression stands for; empty for none."""
    if isinstance(node, ast.Name) and node.id in shared:
        return node.id
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}" if node.value.id in shared else ""
    if isinstance(node, ast.Subscript):
        return _name_of(node.value, shared)
    return ""


def _is_keyed(node: ast.AST) -> TypeGuard[ast.Subscript]:
    """Whether it is one value of a container, whose key is known only when it runs."""
    return isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Constant | ast.Slice)


def _note(part: ast.AST, shared: frozenset[str], found: dict[int, Touch], function: str) -> None:
    called = {
        id(node.func): node.func.attr
        for node in ast.walk(part)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    under_keys = {id(node.value) for node in ast.walk(part) if _is_keyed(node)}
    for node in ast.walk(part):
        line = getattr(node, "lineno", None)
        if line is None:
            continue
        method = called.get(id(node))
        reads: set[str] = set()
        writes: set[str] = set()
        removes: set[str] = set()
        appends: set[str] = set()
        used: ast.AST = node
        decisive = False
        if method is not None and isinstance(node, ast.Attribute):
            used = node.value
            owner = _name_of(used, shared)
            decisive = method in LOCKING | TALKING
            if owner:
                (writes if method in CHANGING else reads).add(owner)
                removes |= {owner} if method in REMOVING else set()
                appends |= {owner} if method == "append" else set()
        else:
            name = _name_of(node, shared)
            context = getattr(node, "ctx", None)
            if name:
                (reads if context is None or isinstance(context, ast.Load) else writes).add(name)
                removes |= {name} if isinstance(context, ast.Del) else set()
            decisive = isinstance(node, ast.withitem)
        is_whole = not _is_keyed(used) and id(used) not in under_keys
        whole = (reads | writes) if is_whole else set()
        if reads or writes or decisive or isinstance(node, ast.Call):
            before = found.get(line, Touch())
            found[line] = Touch(
                before.reads | reads,
                before.writes | writes,
                # A line may do both: then it adds.
                (before.removes | removes) - (before.adds | (writes - removes)),
                (before.appends | appends) - (before.writes - before.appends | writes - appends),
                before.whole | whole,
                before.is_decisive or decisive,
                function,
            )
