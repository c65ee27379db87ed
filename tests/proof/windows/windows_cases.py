"""Which programs are graded on Windows, and what must come out of each.

They stand for what differs there: programs that wait in accept, that use the options of sockets,
that read the keyboard in other ways; faults about names, bytes, resets and the screen; races.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from harness.contract.rubric import Rubric
from tests.proof.cases import EXPLORATION, REFERENCE, SERVER, Case, all_cases

SKELETON = "modul4/1.contoh"
START = "start"
WHEAT = (
    "tests/wheat/pemula",
    "tests/wheat/lock_dict",
    "tests/wheat/asyncio_streams",
    "tests/wheat/main_receiver_client",
)
CHAFF = (
    "names-not-compared",
    "nickname-in-one-recv",
    "reset-not-cleaned-up",
    "messages-wait-for-enter",
)
RACY = ("name_checked_then_taken_list", "list_walked_while_changed")
# A race must be found by exploring schedules, and may be by random sessions. Nothing else is asked:
# these programs have one race, but not every other part of the chat, on any system.
FOUND_BY = "exploration.schedules"
RACES = frozenset(("exploration.sessions",))


@dataclass(frozen=True, slots=True)
class WindowsProgram:
    """One program to grade: what must come out, how its folder is made, what judges it."""

    case: Case
    write: Callable[[Path], object]
    groups: tuple[str, ...]


def programs(root: Path, rubric: Rubric, is_short: bool) -> list[WindowsProgram]:
    """The reference first; without wheat, races and exploring, and with one chaff, if short."""
    names = [REFERENCE, *CHAFF[:1]] if is_short else [REFERENCE, *WHEAT, *CHAFF]
    known = all_cases(root, rubric)
    found = [each for name in names for each in known if each.name == name]
    groups = _few_groups if is_short else _all_groups
    graded = [WindowsProgram(each, partial(each.write, root), groups(each)) for each in found]
    return graded if is_short else [*graded, *_races(root)]


def _all_groups(case: Case) -> tuple[str, ...]:
    return case.groups


def _few_groups(case: Case) -> tuple[str, ...]:
    """Those that the short form has time for: nothing explored, of chaff what it must fail."""
    if case.chaff is None:
        return tuple(group for group in case.groups if group != EXPLORATION)
    must = {check.partition(".")[0] for check in case.must}
    return tuple(group for group in case.groups if group in (START, *must))


def _races(root: Path) -> list[WindowsProgram]:
    sys.path.insert(0, str(root))
    try:
        write = importlib.import_module("tests.racy.faults").write
    finally:
        sys.path.remove(str(root))
    must = frozenset((FOUND_BY,))
    cases = [Case(name, SERVER, name, must=must, may=RACES, explored=True) for name in RACY]
    return [WindowsProgram(each, partial(write, each.name), (EXPLORATION,)) for each in cases]
