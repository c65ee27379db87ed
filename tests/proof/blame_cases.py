"""Programs with one fault in one TODO function, and such with a fault elsewhere.

They are made of the chaff on the skeleton, twice: as they are, where every other function is the
reference's, and with the faulty function in a program that somebody else has filled in. The second
is how a student's file is: no function in it is written like the reference's.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.contract.rubric import Rubric
from harness.contract.splice import spliced
from harness.contract.todos import function_nodes
from tests.proof.chaff import Chaff, load

# Another correct program on the skeleton, every TODO of it written in another way.
OTHER_HAND = "tests/wheat/other_hand"


@dataclass(frozen=True, slots=True)
class BlameCase:
    """One program: the TODO that is at fault, 0 where it is none; and where the rest is from."""

    chaff: Chaff
    number: int
    function: str
    rest: str

    @property
    def name(self) -> str:
        """The chaff, and whose program it is in."""
        return f"{self.chaff.name} in {self.rest.rpartition('/')[2]}"

    def write(self, root: Path, folder: Path) -> None:
        """Make ``folder`` that program. Raises `ChaffError`, `CannotSplice`, `OSError`."""
        self.chaff.write(root, folder)
        if self.rest != self.chaff.base:
            for path in sorted((root / self.rest).glob("*.py")):
                (folder / path.name).write_bytes(path.read_bytes())
            whole = (folder / self.chaff.file).read_bytes()
            text = spliced(whole, self.chaff.source(root), [self.function])
            (folder / self.chaff.file).write_bytes(text)


def blame_cases(root: Path, rubric: Rubric) -> Iterator[BlameCase]:
    """All of them: those in the reference's program first. Raises `ChaffError`."""
    cases = [case for chaff in load(root, rubric.checks) for case in _of(root, rubric, chaff)]
    yield from cases
    for case in cases:
        if case.number:
            yield BlameCase(case.chaff, case.number, case.function, OTHER_HAND)


def _of(root: Path, rubric: Rubric, chaff: Chaff) -> Iterator[BlameCase]:
    """The case that a chaff is; none where it is on no skeleton, or has faults in several TODOs."""
    todos = {todo.function: todo.number for todo in rubric.todos if todo.file == chaff.file}
    try:
        made = ast.parse(chaff.source(root))
    except SyntaxError:
        return
    base = ast.parse((root / chaff.base / chaff.file).read_text(encoding="utf-8"))
    before, after = ({n: ast.dump(f) for n, f in function_nodes(tree)} for tree in (base, made))
    if not todos.keys() <= before.keys() & after.keys():
        return
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    if not changed & todos.keys():
        yield BlameCase(chaff, 0, "", chaff.base)
    elif len(changed) == 1 and _outside(base) == _outside(made):
        (function,) = changed
        yield BlameCase(chaff, todos[function], function, chaff.base)


def _outside(tree: ast.Module) -> list[str]:
    """What is in none of its functions."""
    return [ast.dump(stmt) for stmt in tree.body if not isinstance(stmt, ast.FunctionDef)]
