"""What threads share in the lines of a failing schedule: the variable, who touched it, and where.

The program's text and the executed lines in, facts out. Shared are the variables of the module, and
the attributes of objects that the module or `main` makes once (`self.members` in such a class); an
object for each client is not shared. A call of a method that changes a container (`append`, `pop`,
...) writes it, and so does `del`. Where the lines do not show it, nothing is claimed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness.schedules.counterexample import ExecutedLine

CHANGING = frozenset(
    "append add clear discard extend insert pop popitem popleft appendleft remove setdefault "
    "update sort reverse rotate".split()
)
LOCKING = frozenset(("acquire", "release", "wait", "notify", "notify_all"))
TALKING = frozenset(("send", "sendall", "recv", "recv_into", "write", "flush", "put", "get"))


@dataclass(frozen=True, slots=True)
class Touch:
    """What one line does to what threads share: names that it reads, and that it writes."""

    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    # The function that it is in; empty outside of all.
    function: str = ""
    # The functions that call that one: when the thread is in one of them, it has come back.
    callers: frozenset[str] = frozenset()

    @property
    def names(self) -> frozenset[str]:
        """All shared names of the line."""
        return self.reads | self.writes


@dataclass(frozen=True, slots=True)
class Conflict:
    """A thread used ``name`` twice as if nobody were there, and in between another used it too.

    ``at`` are the positions of the three lines among the executed ones.
    """

    name: str
    who: str
    line: int
    is_written: bool
    other: str
    other_line: int
    other_writes: bool
    again_line: int
    at: list[int]


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
    """Variables that the module makes, and that a function could change."""
    names: set[str] = set()
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


def _note(part: ast.AST, shared: frozenset[str], found: dict[int, Touch], function: str) -> None:
    called = {
        id(node.func): node.func.attr
        for node in ast.walk(part)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    for node in ast.walk(part):
        line = getattr(node, "lineno", None)
        if line is None:
            continue
        method = called.get(id(node))
        reads: set[str] = set()
        writes: set[str] = set()
        decisive = False
        if method is not None and isinstance(node, ast.Attribute):
            owner = _name_of(node.value, shared)
            decisive = method in LOCKING | TALKING
            if owner:
                (writes if method in CHANGING else reads).add(owner)
        else:
            name = _name_of(node, shared)
            context = getattr(node, "ctx", None)
            if name:
                (reads if context is None or isinstance(context, ast.Load) else writes).add(name)
            decisive = isinstance(node, ast.withitem)
        if reads or writes or decisive or isinstance(node, ast.Call):
            before = found.get(line, Touch())
            found[line] = Touch(before.reads | reads, before.writes | writes, function)


Access = tuple[int, bool]
Touched = Mapping[tuple[str, int], Touch]

# What a thread does, another does in between, and the first does again, that no order of whole
# turns explains: of three accesses, which are writes (Lu and others, AVIO, ASPLOS 2006).
UNSERIAL = frozenset(
    ((False, True, False), (False, True, True), (True, True, False), (True, False, True))
)


def conflict_in(
    steps: Sequence[ExecutedLine], touched: Touched, victim: str = ""
) -> Conflict | None:
    """The three accesses that decide, if the lines show them.

    Best are a check before a change, the module's own variables, within one function, those of
    ``victim``'s thread, and the nearest to each other.
    """
    accesses: dict[str, list[tuple[int, bool]]] = {}
    for at, step in enumerate(steps):
        touch = touched.get((step.file, step.line))
        # Where a thread was stopped before a line, that line has not run yet.
        if touch is not None and step.stopped != "before":
            for name in touch.names:
                accesses.setdefault(name, []).append((at, name in touch.writes))
    best: tuple[tuple[bool, bool, bool, bool, int], Conflict] | None = None
    for name, found in accesses.items():
        for first, between, again in _triples(found, steps, touched):
            pattern = (first[1], between[1], again[1])
            is_one_function = _function(first[0], steps, touched) == _function(
                again[0], steps, touched
            )
            rank = (
                pattern == (False, True, True),
                "." not in name,
                is_one_function,
                steps[first[0]].lane == victim,
                first[0] - again[0],
            )
            if pattern[2] is False and not is_one_function:
                continue
            if pattern in UNSERIAL and (best is None or rank > best[0]):
                mine, theirs = steps[first[0]], steps[between[0]]
                places = [first[0], between[0], again[0]]
                best = rank, Conflict(
                    name, mine.lane, mine.line, first[1], theirs.lane, theirs.line, between[1],
                    steps[again[0]].line, places,
                )  # fmt: skip
    return best[1] if best is not None else None


def _triples(
    found: Sequence[Access],
    steps: Sequence[ExecutedLine],
    touched: Touched,
) -> Iterable[tuple[Access, Access, Access]]:
    """Of one name: two accesses of a thread in one call, and another thread's in between."""
    last: dict[str, int] = {}
    for place, access in enumerate(found):
        at = access[0]
        step = steps[at]
        before = last.get(step.lane)
        if before is not None and _in_one_call(found[before][0], at, steps, touched):
            yield from ((found[before], other, access) for other in found[before + 1 : place])
        last[step.lane] = place


def _function(at: int, steps: Sequence[ExecutedLine], touched: Touched) -> str:
    touch = touched.get((steps[at].file, steps[at].line))
    return touch.function if touch is not None else ""


def _in_one_call(first: int, again: int, steps: Sequence[ExecutedLine], touched: Touched) -> bool:
    """Whether the function of the first line has not been left when the second is run."""
    one, other = steps[first], steps[again]
    mine, later = touched[one.file, one.line], touched[other.file, other.line]
    if later.function != mine.function and mine.function not in later.callers:
        return False
    return bool(mine.function) and not any(
        step.lane == one.lane and _function(at, steps, touched) in mine.callers
        for at, step in enumerate(steps[first + 1 : again + 1], start=first + 1)
    )


def decisive(steps: Sequence[ExecutedLine], conflict: Mapping[str, Any]) -> list[ExecutedLine]:
    """The few lines that say it: the three accesses, where the thread was stopped, the end."""
    first, between, again = conflict["at"]
    held = next(
        (at for at in range(first + 1, between) if steps[at].stopped and
         steps[at].lane == conflict["who"]), None,
    )  # fmt: skip
    # What the other thread looked at before it wrote.
    looked = [at for at in range(first + 1, between) if steps[at].lane == conflict["other"]][-1:]
    places = {first, between, again, len(steps) - 1, *looked}
    if held is not None:
        places.add(held)
    return [steps[at] for at in sorted(places)]


def around_locks(
    steps: Sequence[ExecutedLine], waits: Sequence[Mapping[str, Any]]
) -> list[ExecutedLine]:
    """Of a deadlock: where each lock was taken, and the last line of each thread that waits."""
    places = set()
    for wait in waits:
        for lane, line in (
            (wait["holder"], wait["held_since"]["line"]),
            (wait["who"], wait["at"]["line"]),
        ):
            found = [at for at, step in enumerate(steps) if (step.lane, step.line) == (lane, line)]
            places.update(found[-1:])
    return [steps[at] for at in sorted(places)]
