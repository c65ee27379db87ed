"""Which variables and attributes the threads of a program share, from its text alone.

Shared are the variables of the module, also those that only a function makes by `global`; the
attributes of objects of which there is one (`self.members` in a class that the module, `main` or
another such object makes once); and what a class has itself (`members = []` in its body). An object
for each client is not shared. Neither is a lock, nor an object as such: its attributes are.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

LOCKS = frozenset("Lock RLock Condition Semaphore BoundedSemaphore Event Barrier".split())
CONTAINERS = frozenset("list dict set deque defaultdict OrderedDict Counter bytearray".split())
DISPLAYS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
# Of a class and its attribute; of a variable the class is empty.
Key = tuple[str, str]


@dataclass
class Class:
    """A class of the program: its bases, its methods, its attributes and what is put into them."""

    bases: list[str]
    methods: frozenset[str]
    is_plain: bool
    own: dict[str, list[ast.expr]] = field(default_factory=dict)
    of_objects: dict[str, list[ast.expr]] = field(default_factory=dict)


class Sharing:
    """What of a program is shared, and how it is called."""

    def __init__(self, tree: ast.Module) -> None:
        self.classes = {
            node.name: _class(node) for node in ast.walk(tree) if isinstance(node, ast.ClassDef)
        }
        self.methods = frozenset[str]().union(*(each.methods for each in self.classes.values()))
        self.locks = frozenset(
            terminal(target)
            for target, value in _assignments(tree)
            if isinstance(value, ast.Call) and terminal(value.func) in LOCKS
        )
        self.variables = _module_variables(tree) - self.locks
        self.once = _made_once(tree, self.classes)
        given: dict[Key, list[ast.expr]] = {}
        for target, value in _assignments(tree):
            if isinstance(target, ast.Name) and target.id in self.variables:
                given.setdefault(("", target.id), []).append(value)
        for name, each in self.classes.items():
            for attribute, values in _shared_attributes(each, name in self.once):
                if attribute not in self.locks and not attribute.isupper():
                    given.setdefault((name, attribute), []).extend(values)
        objects = {
            key for key, values in given.items() if values and all(map(self._is_own, values))
        }
        self.objects = frozenset(objects)
        self.containers = frozenset(
            key for key, values in given.items() if any(map(_is_container, values))
        )
        self.attributes = frozenset(key for key in given if key[0]) - self.objects
        # Of which class an attribute is, whatever it stands behind: only one has such a one.
        having: dict[str, set[str]] = {}
        for name, each in self.classes.items():
            for attribute in {*each.own, *each.of_objects}:
                having.setdefault(attribute, set()).add(name)
        self._only = {
            attribute: next(iter(names)) for attribute, names in having.items() if len(names) == 1
        }
        self._shown = self._names(tree)

    def key_of(self, node: ast.AST, owner: str) -> Key | None:
        """What an expression within the class ``owner`` stands for; None for nothing shared.

        A value of a container stands for the container.
        """
        if isinstance(node, ast.Subscript):
            return self.key_of(node.value, owner)
        if isinstance(node, ast.Name):
            is_value = node.id in self.variables and ("", node.id) not in self.objects
            return ("", node.id) if is_value else None
        if not isinstance(node, ast.Attribute):
            return None
        base = node.value
        if isinstance(base, ast.Name) and base.id in ("self", "cls"):
            key = (self._definer(owner, node.attr), node.attr)
        elif isinstance(base, ast.Name) and base.id in self.classes:
            key = (self._definer(base.id, node.attr), node.attr)
        elif isinstance(base, ast.Name | ast.Attribute):
            key = (self._only.get(node.attr, ""), node.attr)
            is_one = isinstance(base, ast.Name) and base.id in self.variables
            if not key[0] and (is_one or self._is_the_server(base, owner)):
                is_value = node.attr not in self.locks | self.methods
                return ("", ast.unparse(node)) if is_value else None
        else:
            return None
        return key if key in self.attributes else None

    def name_of(self, key: Key) -> str:
        """What the program calls it, most often."""
        return self._shown.get(key, key[1])

    def is_called_on(self, key: Key, method: str) -> bool:
        """Whether this is a method of what is stored there, and not one of the program's own."""
        return key in self.containers or method not in self.methods

    def is_lock(self, node: ast.AST) -> bool:
        """Whether a lock is stored there."""
        return terminal(node) in self.locks

    def _definer(self, name: str, attribute: str) -> str:
        """The class, among ``name`` and its bases, that has the attribute; empty for none."""
        left, seen = [name], set[str]()
        while left:
            each = left.pop(0)
            known = self.classes.get(each)
            if known is None or each in seen:
                continue
            seen.add(each)
            if attribute in known.own or attribute in known.of_objects:
                base = [self._definer(base, attribute) for base in known.bases]
                return next(filter(None, base), each)
            left += known.bases
        return ""

    def _is_the_server(self, base: ast.expr, owner: str) -> bool:
        """Whether it is the server that all handlers of `socketserver` are given."""
        bases = self.classes[owner].bases if owner in self.classes else []
        is_handler = any(base.endswith("RequestHandler") for base in bases)
        return is_handler and ast.unparse(base) == "self.server"

    def _is_own(self, value: ast.expr) -> bool:
        """Whether it makes an object of a class of the program."""
        return isinstance(value, ast.Call) and terminal(value.func) in self.classes

    def _names(self, tree: ast.Module) -> dict[Key, str]:
        texts: dict[Key, Counter[str]] = {}
        for node, owner in _owned(tree, ""):
            if isinstance(node, ast.Attribute):
                key = self.key_of(node, owner)
                if key is not None and key[0]:
                    texts.setdefault(key, Counter())[ast.unparse(node)] += 1
        shown = {key: count.most_common(1)[0][0] for key, count in texts.items()}
        often = Counter(shown.values())
        return {
            key: text if often[text] == 1 else ".".join(key) for key, text in shown.items()
        }  # fmt: skip


def terminal(node: ast.AST) -> str:
    """The last name of `a.b.c`; empty for anything else."""
    return getattr(node, "attr", "") or getattr(node, "id", "")


def _owned(node: ast.AST, owner: str) -> Iterator[tuple[ast.AST, str]]:
    """Every node below, with the class that it is in."""
    for inner in ast.iter_child_nodes(node):
        within = inner.name if isinstance(inner, ast.ClassDef) else owner
        yield inner, within
        yield from _owned(inner, within)


def _assignments(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Each target of an assignment below, and its value; `a, b = c, d` are two."""
    for each in ast.walk(node):
        targets = each.targets if isinstance(each, ast.Assign) else [getattr(each, "target", None)]
        value = getattr(each, "value", None)
        if not isinstance(each, ast.Assign | ast.AnnAssign | ast.NamedExpr) or value is None:
            continue
        for target in targets:
            if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                yield from zip(target.elts, value.elts, strict=False)
            elif isinstance(target, ast.expr):
                yield target, value


def _class(node: ast.ClassDef) -> Class:
    methods = frozenset(each.name for each in node.body if isinstance(each, FUNCTIONS))
    found = Class(list(map(terminal, node.bases)), methods, not node.decorator_list)
    for each in node.body:
        if isinstance(each, FUNCTIONS):
            for target, value in _assignments(each):
                if _is_of_self(target):
                    found.of_objects.setdefault(target.attr, []).append(value)  # type: ignore[attr-defined]
        elif isinstance(each, ast.Assign | ast.AnnAssign):
            for target, value in _assignments(each):
                if isinstance(target, ast.Name):
                    found.own.setdefault(target.id, []).append(value)
    return found


def _is_of_self(target: ast.expr) -> bool:
    base = getattr(target, "value", None)
    return isinstance(target, ast.Attribute) and isinstance(base, ast.Name) and base.id == "self"


def _shared_attributes(each: Class, is_once: bool) -> Iterator[tuple[str, list[ast.expr]]]:
    """The attributes that all threads find the same, and what is put into them."""
    for name, values in each.own.items():
        # An object of each client may have one of its own in its place.
        if is_once or (each.is_plain and name not in each.of_objects):
            yield name, [*values, *each.of_objects.get(name, [])]
    if is_once:
        yield from ((name, v) for name, v in each.of_objects.items() if name not in each.own)


def _is_container(value: ast.expr) -> bool:
    is_made = isinstance(value, ast.Call) and terminal(value.func) in CONTAINERS
    return is_made or isinstance(value, DISPLAYS)


def _made_once(tree: ast.Module, classes: dict[str, Class]) -> frozenset[str]:
    """Classes of which the module, `main` or an object made once makes one, and nobody another."""
    bodies = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    made = Counter(
        terminal(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)
    )  # fmt: skip
    here: list[ast.AST] = [
        node
        for node in tree.body
        if not isinstance(node, (*FUNCTIONS, ast.ClassDef)) or node.name == "main"
    ]
    # The body of a class is run once.
    here += [
        each for body in bodies.values() for each in body.body if not isinstance(each, FUNCTIONS)
    ]
    found: set[str] = set()
    count: Counter[str] = Counter()
    while here:
        part = here.pop()
        for name in _calls_once(part):
            count[name] += 1
            if name in classes and name not in found and made[name] == count[name] == 1:
                left = [name]
                while left:
                    each = left.pop()
                    if each in classes and each not in found:
                        found.add(each)
                        left += classes[each].bases
                        here += [
                            method
                            for method in bodies[each].body
                            if isinstance(method, FUNCTIONS) and method.name == "__init__"
                        ]
    return frozenset(found)


def _calls_once(part: ast.AST) -> Iterable[str]:
    """What is called there; what a loop makes, it makes for each client."""
    in_loops = {
        id(inner)
        for loop in ast.walk(part)
        if isinstance(loop, ast.For | ast.While)
        for inner in ast.walk(loop)
    }
    for call in ast.walk(part):
        if isinstance(call, ast.Call) and id(call) not in in_loops:
            yield terminal(call.func)


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
