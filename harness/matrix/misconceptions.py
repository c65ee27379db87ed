"""`python -m harness.matrix.misconceptions`: bring what diagnosis knows up to date.

Derives the page of misconceptions from the chaff and the ideas, and grades the chaff whose
signature is not known or no longer fits its row; with --all every one. `python -m harness matrix`
writes the same files when a whole matrix was exact.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from harness.ground import ideas as ideas_
from harness.ground import misconceptions
from harness.ground.chaff import ChaffError
from harness.ground.ideas import Idea, IdeaError
from harness.ground.misconceptions import PAGE, Known, MisconceptionsError
from harness.ground.rubric import Rubric, RubricError, load
from harness.matrix.field import EXPLORATION, Plant, field
from harness.matrix.grading import Seen, Unjudged, grade
from harness.matrix.paragraphs import page
from harness.matrix.verdict import differences
from harness.pure.diagnosis import is_unfinished

ROOT = Path(__file__).resolve().parents[2]
SEED = 1


def learned(rows: Iterable[tuple[Plant, Seen]]) -> list[Known]:
    """What a grading teaches of each chaff; nothing of those that fail otherwise than they must.

    A program that Python cannot read has no pattern of its own, and what only exploring shows is
    told by its own story.
    """
    return [
        Known(plant.name, plant.chaff.idea, seen.signs, seen.not_reached)
        for plant, seen in rows
        if plant.chaff is not None
        and not differences(plant, seen)
        and not is_unfinished(seen.signs)
        and not all(check.startswith(EXPLORATION) for check in seen.failed)
    ]


def current(plants: Iterable[Plant], known: Iterable[Known]) -> dict[str, Known]:
    """Those of ``known`` that still fit their rows, with today's idea."""
    chaff = {plant.name: plant.chaff for plant in plants if plant.chaff is not None}
    return {
        each.chaff: Known(each.chaff, row.idea, each.signature, each.not_reached)
        for each in known
        if (row := chaff.get(each.chaff)) and row.expected == frozenset(each.signature)
    }


def write(
    rubric: Rubric, plants: Sequence[Plant], known: Iterable[Known], root: Path = ROOT
) -> list[str]:
    """Write both files; returns their names. Raises `IdeaError`."""
    ideas = ideas_.load()
    chaff = [plant.chaff for plant in plants if plant.chaff is not None]
    data = misconceptions.FILE.relative_to(ROOT)
    (root / data).write_text(misconceptions.dump(known, ideas), encoding="utf-8")
    (root / PAGE).write_text(page(rubric, chaff, ideas), encoding="utf-8")
    return [data.as_posix(), PAGE]


def strangers(plants: Iterable[Plant], ideas: Mapping[str, Idea]) -> list[str]:
    """Chaff whose idea has no row."""
    return [
        f"{plant.chaff.place}: chaff '{plant.name}': ideas.toml has no '{plant.chaff.idea}'"
        for plant in plants
        if plant.chaff and plant.chaff.idea not in (*ideas, plant.name)
    ]


def main(arguments: Sequence[str]) -> int:
    """Do it; 1 when some chaff did not fail as it must and so stays unknown."""
    if set(arguments) - {"--all"}:
        sys.stderr.write("python -m harness.matrix.misconceptions [--all]\n")
        return 4
    try:
        rubric = load()
        plants = field(ROOT, rubric)
        if wrong := strangers(plants, ideas_.load()):
            raise IdeaError("\n".join(wrong))
        old = () if arguments else misconceptions.load().programs
        known = current(plants, old)
        left = [plant for plant in plants if plant.chaff and plant.name not in known]
        for each in learned(_graded(left)):
            known[each.chaff] = each
        print("Written:", *write(rubric, plants, known.values()))
    except (ChaffError, IdeaError, RubricError, MisconceptionsError) as error:
        sys.stderr.write(f"{error}\n")
        return 4
    except Unjudged as error:
        sys.stderr.write(f"{error}\n")
        return 3
    unknown = [plant.name for plant in left if plant.name not in known]
    if unknown:
        print("No signature:", *unknown)
    return 1 if unknown else 0


def _graded(plants: Sequence[Plant]) -> Iterable[tuple[Plant, Seen]]:
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for plant, seen in zip(
            plants, pool.map(lambda plant: grade(ROOT, plant, SEED), plants), strict=True
        ):
            print(f"{plant.name}: {', '.join(sorted(seen.failed))}", flush=True)
            yield plant, seen


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
