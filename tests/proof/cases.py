"""What is graded: every chaff and every wheat, and what must come out of each."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.contract.rubric import Rubric
from tests.proof.chaff import Chaff, load

REFERENCE = "solutions/1.contoh"
WHEAT = "tests/wheat"
SERVER = "server.py"
# The groups of checks that are about each of the two programs.
GROUPS: dict[str, tuple[str, ...]] = {
    SERVER: ("start", "nickname", "broadcast", "concurrency", "disconnect"),
    "client.py": ("client",),
}
# What no written story shows: asked of correct servers and of the chaff that are there for it; of
# the others not, as it takes long.
EXPLORATION = "exploration"
# Correct servers whose threads nobody can put in order: they run in another process.
UNEXPLORABLE = frozenset(("tests/wheat/child_process",))
# What a correct server that is not built on threads may lose (SPEC section 6).
FORGIVEN = frozenset(("concurrency.thread_per_client",))


@dataclass(frozen=True, slots=True)
class Case:
    """One program to grade: the checks it must fail, and those it may.

    ``own`` are the checks that it is there for; ``chaff`` is None for wheat; ``explored`` has it
    explored though nothing of it asks for that.
    """

    name: str
    file: str
    base: str
    chaff: Chaff | None = None
    must: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()
    may: frozenset[str] = frozenset()
    explored: bool = False

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups of checks that judge it."""
        is_rare = any(check.partition(".")[0] == EXPLORATION for check in self.own)
        is_wheat = self.chaff is None and self.file == SERVER
        is_explored = self.explored or is_rare or (is_wheat and self.base not in UNEXPLORABLE)
        return (*GROUPS[self.file], *([EXPLORATION] if is_explored else []))

    def write(self, root: Path, folder: Path) -> None:
        """Make ``folder`` the submission to grade. Raises `ChaffError`, `OSError`."""
        if self.chaff is not None:
            self.chaff.write(root, folder)
        else:
            hidden = shutil.ignore_patterns(".*", "__pycache__")
            shutil.copytree(root / self.base, folder, ignore=hidden)


def all_cases(root: Path, rubric: Rubric) -> tuple[Case, ...]:
    """All chaff in the order of the checks they are there for, then wheat. Raises `ChaffError`."""
    order = {check: number for number, check in enumerate(rubric.checks)}
    chaff = sorted(load(root, rubric.checks), key=lambda each: order[each.fails[0]])
    return (*map(_chaff, chaff), *_wheat(root))


def chosen(cases: Sequence[Case], names: Sequence[str]) -> tuple[Case, ...]:
    """Those whose name is among ``names``, or that must fail a check among them; all without."""
    wanted = set(names)
    return tuple(p for p in cases if not wanted or p.name in wanted or p.own & wanted)


def _chaff(chaff: Chaff) -> Case:
    return Case(
        name=chaff.name,
        file=chaff.file,
        base=chaff.base,
        chaff=chaff,
        must=chaff.expected,
        own=frozenset(chaff.fails),
    )


def _wheat(root: Path) -> list[Case]:
    folders = [REFERENCE, *(f"{WHEAT}/{each.name}" for each in sorted((root / WHEAT).iterdir()))]
    return [
        Case(name=folder, file=file, base=folder, may=FORGIVEN)
        for file in GROUPS
        for folder in folders
        if (root / folder / file).is_file()
    ]
