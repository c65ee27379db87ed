"""Attacks: programs that were written to harm the grader, each with what it tries.

Each `tests/attacks/*.toml` holds a list ``[[attack]]``, and in ``[all]`` what its rows do not say:

    name       kebab-case, after what it does
    row        the row of the table of hostile programs that it is a test of; empty for others
    tries      what it tries, in a sentence
    base       the program around it: `server` (right), `racy`, or `ends` (tells what it reached)
    code       what runs before the base, with the names of `PRELUDE`
    files      more files of the submission: name -> text
    entries    what is no plain file, by the words of `attack_folder`
    boxes      where it may run: everywhere without; only where it can do no harm to the machine
    checks     which checks are told, as pytest's ``-k`` names them
    honest     the points that its base earns; those of a right server without
    silent     whether it ends without telling what it reached
    same       whether the attack must not cost its own program a point
    stopped    the problem with which it must be stopped
    limits     limits of `harness.classroom.limits` that are lower for it, so that little is enough
    open       by box: why it succeeds there. It must, or the row is to be taken out

In: those files. Out: `Attack` values, and their submissions. Raises `AttackError`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.classroom import box

FOLDER = "tests/attacks"
BOXES = (box.BUBBLEWRAP, box.USER, box.LANDLOCK, box.PROCESS)
# Three checks that a start of the program and two clients are enough for: 12 points.
CHECKS, MOST = "start.listens or nickname.unique or broadcast.delivers", 12.0
# What a program says at its end, with all that it reached behind it; no report can break it apart.
TOLD = "what_was_reached:"
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

PRELUDE = """\
import os, signal, socket, subprocess, sys, time
MARK, KIT, CLASS, OUT, SECRET = {mark!r}, {kit!r}, {classroom!r}, {out!r}, {secret!r}
VENV, TERMINAL, PORT, SOCKET = {venv!r}, {terminal!r}, {port!r}, {socket!r}
reached = []


def attempt(what, do):
    try:
        if do() is not False:
            reached.append(what)
    except Exception:
        pass


def words_of(pid):
    with open("/proc/%s/cmdline" % pid) as told:
        return told.read().split("\\0")


def given(option):
    # What the grader was called with, as far as it can be seen.
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            for word in words_of(pid):
                if word.startswith(option):
                    return word[len(option):]
        except OSError:
            pass
    return ""


def apart(*words, **how):
    # A process that wants to be forgotten: no parent, no session, no variable in common with us.
    if os.fork() == 0:
        os.setsid()
        # The path of the interpreter made for the run would tell whose it is.
        program = [os.path.realpath(sys.executable), "-c", *words, MARK]
        nothing = subprocess.DEVNULL
        subprocess.Popen(program, stdin=nothing, stdout=nothing, stderr=nothing, **how)
        os._exit(0)


"""
ENDS = f'\nsys.exit("{TOLD}" + "".join(each.replace(" ", "_") + ";" for each in reached) + "end")\n'


class AttackError(Exception):
    """An attack cannot be used; says where, and what to change."""


@dataclass(frozen=True, slots=True)
class Attack:
    """One attack; the fields are those of the file."""

    name: str
    tries: str
    base: str = "ends"
    row: str = ""
    code: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    entries: tuple[str, ...] = ()
    boxes: tuple[str, ...] = BOXES
    checks: str = CHECKS
    honest: float | None = None
    silent: bool = False
    same: bool = False
    stopped: str = ""
    limits: Mapping[str, int] = field(default_factory=dict)
    open: Mapping[str, str] = field(default_factory=dict)

    @property
    def most(self) -> float:
        """The points that it may have."""
        if self.honest is not None:
            return self.honest
        return MOST if self.base == "server" else 0.0

    def program(self, bases: Mapping[str, str], names: Mapping[str, object]) -> str:
        """The text of its server; ``names``: those of `PRELUDE`."""
        return PRELUDE.format(**names) + self.code + bases[self.base]


def read_attacks(root: Path) -> list[Attack]:
    """All that are written down below ``root``. Raises `AttackError`."""
    found = []
    for path in sorted((root / FOLDER).glob("*.toml")):
        try:
            whole = tomllib.loads(path.read_text(encoding="utf-8"))
            rows, usual = whole["attack"], whole.get("all", {})
        except (ValueError, KeyError) as error:
            raise AttackError(f"{path.name}: {error}") from None
        found += [_understood(path.name, {**usual, **row}) for row in rows]
    names = [each.name for each in found]
    if twice := {name for name in names if names.count(name) > 1}:
        raise AttackError(f"twice: {', '.join(sorted(twice))}")
    return found


def _understood(place: str, row: dict[str, Any]) -> Attack:
    try:
        values: dict[str, Any] = {
            key: tuple(each) if isinstance(each, list) else each for key, each in row.items()
        }
        made = Attack(**values)
    except TypeError as error:
        raise AttackError(f"{place}, {row.get('name')}: {error}") from None
    unknown = {*made.boxes, *made.open} - {*BOXES}
    if unknown or made.base not in ("server", "racy", "ends") or not _NAME.fullmatch(made.name):
        raise AttackError(f"{place}, {made.name}: no such box, base or name")
    return made


def chosen_attacks(attacks: Iterable[Attack], words: Iterable[str]) -> list[Attack]:
    """Those with one of these words in their name; all without words."""
    wanted = list(words)
    return [each for each in attacks if not wanted or any(word in each.name for word in wanted)]
