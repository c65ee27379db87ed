"""`python -m harness.matrix.leave_one_out [--pairs N] [--sound]`: how often diagnosis is right.

Each chaff in turn is taken for the program of a student nobody knows: it is diagnosed from all the
others. Nothing is graded for that. With --pairs so many programs with two faults at once (two chaff
of one base) are graded and diagnosed, with --sound all wheat and all racy programs: nothing may be
named there, but that some wheat is not built on threads.
"""

from __future__ import annotations

import importlib
import os
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from harness.ground.chaff import Chaff, ChaffError
from harness.ground.misconceptions import Known, MisconceptionsError, load
from harness.ground.rubric import Rubric
from harness.ground.rubric import load as load_rubric
from harness.matrix.field import GROUPS, Plant, field
from harness.matrix.grading import Seen, grade
from harness.pure.diagnosis import explanation

ROOT = Path(__file__).resolve().parents[2]
SEED = 1
RIGHT, WRONG, SILENT = "right", "wrong", "silent"
# What may be named of programs that are no chaff: a correct server may be built otherwise (SPEC
# section 6), and one racy fault is a known one.
TRUE_ELSEWHERE = frozenset(("not-built-on-threads",))
TRUE_OF_RACY = {"racy: lock_held_over_a_slow_send": frozenset(("slow-reader-awaited",))}


@dataclass(frozen=True, slots=True)
class Guess:
    """What was said of one program: the idea named, if any, and those that are really in it."""

    program: str
    named: str | None
    ideas: frozenset[str]

    @property
    def worth(self) -> str:
        """Right, wrong or silent."""
        return SILENT if self.named is None else RIGHT if self.named in self.ideas else WRONG


def left_out(rubric: Rubric, programs: Sequence[Known]) -> list[Guess]:
    """Each program diagnosed from all the others."""
    return [
        Guess(
            each.chaff,
            named(rubric, each, [other for other in programs if other is not each]),
            frozenset((each.idea,)),
        )
        for each in programs
    ]


def kept_in(rubric: Rubric, programs: Sequence[Known]) -> list[Guess]:
    """Each program diagnosed from all, itself included: what can be named at all."""
    return [
        Guess(each.chaff, named(rubric, each, programs), frozenset((each.idea,)))
        for each in programs
    ]


def named(rubric: Rubric, program: Known, known: Iterable[Known]) -> str | None:
    """The idea named for the first failure of ``program``."""
    first = next(check for check in rubric.checks if check in program.signature)
    about = next(groups for groups in GROUPS.values() if rubric.checks[first].group in groups)
    decided = {check.id for check in rubric if check.group in about} - {*program.not_reached}
    return explanation(first, program.signature, frozenset(decided), known)


def shown(title: str, guesses: Sequence[Guess]) -> list[str]:
    """The figures, and every wrong name."""
    worth = Counter(guess.worth for guess in guesses)
    figures = ", ".join(f"{worth[each]} {each}" for each in (RIGHT, WRONG, SILENT))
    return [
        f"{title}: {len(guesses)} programs, {figures}",
        *(
            f"  {guess.program} ({' + '.join(sorted(guess.ideas)) or 'nothing'}): {guess.named}"
            for guess in guesses
            if guess.worth == WRONG
        ),
    ]


# -- programs that must be graded first


def guessed(rubric: Rubric, plant: Plant, seen: Seen, known: Iterable[Known]) -> Guess:
    """What would be said of a program that was graded."""
    ideas = TRUE_OF_RACY.get(plant.name, TRUE_ELSEWHERE)
    if plant.chaff is not None:
        ideas = frozenset(plant.chaff.idea.split("+"))
    if not seen.failed:
        return Guess(plant.name, None, ideas)
    program = Known(plant.name, "", seen.signs, seen.not_reached)
    return Guess(plant.name, named(rubric, program, known), ideas)


def two_faults(root: Path, chaff: Iterable[Chaff]) -> Iterator[Plant]:
    """Programs with the edits of two chaff of one base, in a fixed random order, without end."""
    pairs = [
        (one, other)
        for one, other in combinations(chaff, 2)
        if one.edits and other.edits and one.idea != other.idea
        if (one.base, one.file) == (other.base, other.file)
    ]
    random.Random(SEED).shuffle(pairs)
    for one, other in pairs:
        name, edits = f"{one.name}+{other.name}", (*one.edits, *other.edits)
        both = Chaff(
            name, one.misconception, one.base, one.file, edits, one.fails, (), one.place,
            idea=f"{one.idea}+{other.idea}",
        )  # fmt: skip
        try:
            compile(both.source(root), one.file, "exec")
        except (ChaffError, SyntaxError):
            continue  # the two touch the same lines
        yield Plant(name, one.file, one.base, both)


def sound(plants: Iterable[Plant], folder: Path) -> Iterator[Plant]:
    """Wheat, and the programs in which only the order of threads is at fault."""
    yield from (plant for plant in plants if plant.chaff is None)
    racy = importlib.import_module("tests.racy.faults")
    for name in racy.FAULTS:
        racy.write(name, folder / name)
        yield Plant(f"racy: {name}", "server.py", str(folder / name))


def _graded(
    rubric: Rubric, plants: Sequence[Plant], known: Sequence[Known]
) -> tuple[list[Guess], int]:
    """The guesses, and how many programs failed anything at all."""
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        rows = list(pool.map(lambda plant: grade(ROOT, plant, SEED), plants))
    guesses = [guessed(rubric, *row, known) for row in zip(plants, rows, strict=True)]
    return guesses, sum(bool(seen.failed) for seen in rows)


def main(arguments: Sequence[str]) -> int:
    """Print the figures."""
    words = list(arguments)
    count = int(words[words.index("--pairs") + 1]) if "--pairs" in words else 0
    rubric = load_rubric()
    try:
        known = load().programs
    except MisconceptionsError as error:
        sys.stderr.write(f"{error}\n")
        return 4
    ideas = Counter(each.idea for each in known)
    shared = [each for each in known if ideas[each.idea] > 1]
    print(f"{len(known)} chaff, {len(ideas)} ideas; {len(shared)} chaff share theirs with another")
    print(*shown("left out", left_out(rubric, known)), sep="\n")
    print(*shown("known", kept_in(rubric, known)), sep="\n")
    plants = field(ROOT, rubric) if count or "--sound" in words else ()
    if count:
        pairs = two_faults(ROOT, [plant.chaff for plant in plants if plant.chaff])
        taken = [plant for plant, _ in zip(pairs, range(count), strict=False)]
        print(*shown("two faults", _graded(rubric, taken, known)[0]), sep="\n")
    if "--sound" in words:
        with tempfile.TemporaryDirectory(prefix="modul4-racy-") as folder:
            taken = list(sound(plants, Path(folder)))
            guesses, failed = _graded(rubric, taken, known)
        print(*shown(f"wheat and racy, {failed} of them failed a check", guesses), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
